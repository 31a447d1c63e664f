"""Uniform Superposition: equally important features, and D* as they become sparser.

A curve is the networks of one experiment, from dense to sparse; measures of curves return a number
for each experiment, in the order of the claim.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from math import sqrt
from typing import Any

import numpy as np
from jaxtyping import Float

from superposition.claims.bounds import at_least, at_most, between
from superposition.claims.claim import Basis, Cells, Explanation, Task, claim, overall
from superposition.claims.controls import AS_MANY, FALLING, UNTRAINED
from superposition.claims.networks import Library
from superposition.claims.statistics import Measure, dimensions_per_feature, grouped
from superposition.measure.elementary import exp, log, power
from superposition.measure.geometry import dimensions
from superposition.measure.metrics import dimensions_per_feature as dimensions_of
from superposition.measure.network import Network, TrainedCell

PAPERS = Task("geometry", n_features=400, n_hidden=30, importance_decay=1.0)
ALL_LEVELS = Cells("relu")
MANY_LEVELS = Cells("relu", fewest=8)
"""As many as it takes to tell plateaus and lines; presets have fewer."""
WIDES_LEVELS = Cells("relu", task=Task("geometry_wide", 400, 60, importance_decay=1.0))
_NARROWS_LEVELS = Cells("relu", task=Task("geometry_narrow", 200, 15, importance_decay=1.0))
NOTEBOOKS_LEVELS = Cells("relu", task=Task("geometry_notebook", 200, 20, importance_decay=1.0))

ONE_RUN = Basis(
    "lowest loss",
    "The paper shows one model at each density and does not say how it was chosen; where it fits "
    "several, it keeps the one with the lowest loss.",
)
RESTARTED = (
    "The initial weights of these networks were made smaller after verdicts on them were known, "
    "and somewhat larger after the next verdicts; both scales were chosen by loss."
)
"""What is said of claims about experiments with many equally important features."""
NOTEBOOKS_START = (
    "When verdicts were known, the networks of the notebook's experiment had larger initial "
    "weights than in the notebook; now they have the same."
)
"""What is said of claims about the notebook's experiments."""
_NOTEBOOKS_STEP = float(power(20, 1 / 19))
"""Factor of 1/(1 − S) from one level of the notebook's run to the next."""

_Levels = Float[np.ndarray, " levels"]


def of_curves(number: Callable[[_Levels, _Levels], float]) -> Measure:
    """A measure: a number of each curve, given 1/(1 − S) and D* of its levels."""
    return lambda networks: [float(number(*curve)) for curve in _curves(networks)]


def stays_at_one(places: _Levels, stars: _Levels) -> float:
    """The 1/(1 − S) up to which D* is at 1 from the densest level on; 0 if it never is."""
    held = int(np.append(dimensions.on_plateau(stars, 1.0), False).argmin())
    return float(places[held - 1]) if held else 0.0


def plateau_stretch(places: _Levels, stars: _Levels) -> float:
    """The largest factor by which 1/(1 − S) grows between levels that are all at D* = 1/2.

    1 for a single level, 0 for none.
    """
    held = np.flatnonzero(dimensions.on_plateau(stars))
    stretches = np.split(places[held], np.flatnonzero(np.diff(held) > 1) + 1)
    return max((float(some[-1] / some[0]) for some in stretches if some.size), default=0.0)


def difference_on_plateaus(networks: Sequence[Network]) -> list[float]:
    """The largest difference of D* of each other experiment from the first's, on its plateaus."""
    compared = [
        np.abs(stars - first)[_on_plateaus(first)].max(initial=0.0)
        for _, stars, first, _ in _beside_the_first(networks)
    ]
    return [float(one) for one in compared]


def ratio_at_equal_D_star(networks: Sequence[Network]) -> list[float]:
    """The density at which each other experiment has a D*, over that at which the first has it.

    At the level between the first's plateaus, or beyond them, where the two differ most.
    """
    found = []
    for places, _, first, same in _beside_the_first(networks):
        ratios = log(same / places)[~_on_plateaus(first)]
        found.append(float(exp(ratios[np.abs(ratios).argmax()])) if ratios.size else np.nan)
    return found


def _on_plateaus(stars: _Levels) -> np.ndarray:
    return np.asarray(dimensions.on_plateau(stars, 1.0) | dimensions.on_plateau(stars))


def _beside_the_first(
    networks: Sequence[Network],
) -> Iterator[tuple[_Levels, _Levels, _Levels, _Levels]]:
    """Each other experiment's levels: 1/(1 − S), D*, the first's D* there, and where it is equal.

    The first curve is interpolated in log 1/(1 − S), and taken to fall.
    """
    (places, stars), *others = _curves(networks)
    stars = np.minimum.accumulate(stars)
    for other, its in others:
        shared = (other >= places[0] * 0.999) & (other <= places[-1] * 1.001)
        other, its = other[shared], its[shared]
        first = np.interp(log(other), log(places), stars)
        yield other, its, first, exp(np.interp(-its, -stars, log(places)))


def _curves(networks: Sequence[Network]) -> list[tuple[_Levels, _Levels]]:
    """1/(1 − S) and D* of each experiment."""
    return [
        (1 / np.array([network.density for network in curve]), dimensions_per_feature(curve))
        for curve in grouped(networks, lambda network: network.experiment)
    ]


_DENSE = (0.83, 0.67)
"""Values of 1 − S, at and below the plateau at 1, at which there are networks of all sizes."""


def _sizes(library: Library) -> Mapping[str, Any]:
    """D* of every size at these densities, in all runs."""
    sizes = {"paper": "", "half": "_narrow", "wide": "_wide", "fewer": "_fewer"}
    cells = {
        key: [library.cell(f"geometry{name}", p) for p in _DENSE] for key, name in sizes.items()
    }
    return {
        "first": _DENSE[0],
        "second": _DENSE[1],
        "many": _for_each(cells["half"][0]),
        "few": _for_each(cells["wide"][0]),
        **{key: " and ".join(map(_stars, those)) for key, those in cells.items()},
    }


def _for_each(cell: TrainedCell) -> float:
    """Features for each dimension."""
    return float(cell.W.shape[-1] / cell.W.shape[-2])


def _stars(cell: TrainedCell) -> str:
    stars = dimensions_of(cell.W)
    return f"{stars.min():.3f} to {stars.max():.3f}"


_SIZES = Explanation(
    None,
    "Where features are dense, D* depends on the number of features per dimension. At 1 − S = "
    "{first:g} and {second:g} it is {paper} in the paper's size and {half} in half of it, with as "
    "many per dimension; it is {wide} in twice the dimensions and {fewer} with a hundred features "
    "in fifteen dimensions, both with half as many per dimension. The paper says that n does not "
    "matter as long as it is much larger than m; n/m is {many:.1f} in the paper's size and in "
    "half of it, and {few:.1f} in the two others, which differ most.",
    _sizes,
)

_claim = partial(
    claim,
    section="Uniform Superposition",
    anchor="#geometry-uniform",
    basis=ONE_RUN,
    task=PAPERS,
    cells=(ALL_LEVELS, NOTEBOOKS_LEVELS),
    control=FALLING,
    changed=f"{RESTARTED} {NOTEBOOKS_START}",
)

CLAIMS = (
    _claim(
        "C23",
        "Where features are dense, D* sticks at 1: as many features are learned as there are "
        "dimensions, and no more when they become somewhat sparser.",
        overall(
            "D* at 1 − S = 1, of n = 400 and n = 200",
            of_curves(lambda _, stars: stars[0]),
            between(0.98, 1.02, "1.003 in the notebook's run", "nb"),
        ),
        overall(
            "1/(1 − S) up to which D* stays within 0.03 of 1",
            of_curves(stays_at_one),
            at_least(
                _NOTEBOOKS_STEP - 0.001, "1.17 in the notebook's run, one of its levels", "nb"
            ),
        ),
        cells=(MANY_LEVELS, NOTEBOOKS_LEVELS),
    ),
    _claim(
        "C24",
        "D* sticks at 1/2 as well, where features are in antipodal pairs.",
        overall(
            "factor by which 1/(1 − S) grows while D* is within 0.03 of 1/2",
            of_curves(plateau_stretch),
            at_least(
                _NOTEBOOKS_STEP**2 - 0.001,
                "three levels of the notebook's grid; its own run has four",
                "nb",
            ),
        ),
        cells=(MANY_LEVELS, NOTEBOOKS_LEVELS),
    ),
    _claim(
        "C25",
        "The sparser the features, the more of them share the hidden space: D* falls.",
        overall(
            "largest rise of D* to a sparser level, of n = 400 and n = 200",
            of_curves(lambda _, stars: dimensions.largest_rise(stars)),
            at_most(0.01, "a hundredth of the range, for what training leaves unfinished"),
        ),
        overall(
            "D* at 1/(1 − S) = 20",
            of_curves(lambda _, stars: stars[-1]),
            between(0.126, 0.146, "0.136 in the notebook's run, plus or minus 0.01", "nb"),
        ),
        control=UNTRAINED,
    ),
    _claim(
        "C32",
        "Twice the dimensions hold twice the features, and how many features there are "
        "to choose from does not matter as long as they are many more than dimensions: D* depends "
        "on sparsity alone.",
        overall(
            "largest difference of D* from that of n = 400, m = 30 where the latter is at 1 or "
            "1/2: of m = 60, and of n = 200, m = 15",
            difference_on_plateaus,
            at_most(0.03, "the width by which D* counts as on a plateau"),
            explanations=(_SIZES,),
        ),
        overall(
            "elsewhere, 1 − S at which they have a D*, over the 1 − S at which n = 400, m = 30 "
            "has the same",
            ratio_at_equal_D_star,
            between(
                1 / sqrt(_NOTEBOOKS_STEP),
                sqrt(_NOTEBOOKS_STEP),
                "half a step between the levels of the notebook's grid: D* falls so steeply there "
                "that it tells little",
            ),
            explanations=(_SIZES,),
        ),
        cells=(ALL_LEVELS, WIDES_LEVELS, _NARROWS_LEVELS),
        control=AS_MANY,
        changed=f"{RESTARTED} D* had to agree within 0.03 at every density, also where it falls "
        "from 1 to 1/2 within a few steps; there, densities of equal D* are now compared. Half "
        "the size keeps n/m as it is, and all networks are trained until more steps change "
        "little. The other sizes had four densities, at which they agree; three more were added. "
        "That n must be much larger than m, as in the paper, was left out of the statement.",
    ),
)
