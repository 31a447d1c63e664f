"""Perturbing a Single Feature: five features in the plane, one denser or sparser than others."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from superposition.claims.bounds import at_least, at_most, between, exactly
from superposition.claims.claim import Basis, Cells, Check, Explanation, Task, claim, overall
from superposition.claims.controls import SCATTERED, UNTRAINED
from superposition.claims.statistics import Measure, are_represented
from superposition.measure.geometry import branches, planar
from superposition.measure.geometry.branches import PENTAGON, WITHOUT
from superposition.measure.metrics import feature_dimensionality, norms
from superposition.measure.network import Network
from superposition.measure.theory.minima import best_polygon


def _gaps(networks: Sequence[Network]) -> list[float]:
    """The mean gap beside the last feature of each pentagon, in degrees, by its density."""
    pentagons = [n for n in networks if branches.kind(n.W) == PENTAGON]
    return [float(planar.neighbour_gaps(n.W)[-1].mean()) for n in pentagons]


def of_crossing(number: Callable[[branches.Crossing], float]) -> Measure:
    """A measure: a number of the crossing of both losses; not a number if there is not just one."""

    def measure(networks: Sequence[Network]) -> float:
        there = branches.crossing_of(branches.by_relative_density(networks))
        return number(there) if there else np.nan

    return measure


def fewest_of_a_kind(networks: Sequence[Network]) -> float:
    """The number of runs, at least, on each branch next to the crossing, on either side."""
    densities = branches.by_relative_density(networks)
    there = branches.crossing_of(densities)
    sides = (there.below, there.above) if there else ()
    beside = [runs.kinds for runs in densities if runs.relative in sides]
    counts = [kinds.count(one) for kinds in beside for one in (PENTAGON, WITHOUT)]
    return float(min(counts, default=np.nan))


def out_of_order(networks: Sequence[Network]) -> float:
    """The number of lowest-loss runs that are not digons below a density and pentagons above it."""
    kinds = np.array([one for one, _ in _lowest(networks)])
    places = range(1, len(kinds))
    wrong = [(kinds[:k] != WITHOUT).sum() + (kinds[k:] != PENTAGON).sum() for k in places]
    return float(min(wrong, default=np.nan))


def _lowest(networks: Sequence[Network]) -> list[tuple[str, np.ndarray]]:
    """Kind and W of the run with the lowest loss at each relative density."""
    there = [(runs, int(runs.loss.argmin())) for runs in branches.by_relative_density(networks)]
    return [(runs.kinds[run], runs.W[run]) for runs, run in there]


_PENTAGON = best_polygon(5)
"""The best one when features are sparse."""
_LATER_CROSSING = Explanation(
    ("relu", 0.05),
    "On a million samples, with the published notebook's recipe or ours, and with the best "
    "bias for the dropped feature or the one it was left with, the losses are equal at 0.26 "
    "to 0.27, when the feature is 3.8 times sparser. Where they are depends on how dense the "
    "other four are: 0.18 at 1 − S = 0.02, 0.26 at 0.05, 0.32 at 0.07 and 0.42 at 0.1. With "
    "the feature as dense as the others but less important, it is at a relative importance of "
    "0.37. The paper's 2.5 times is what a density of 0.1 gives, or nearly what importance "
    "does at 0.05; its text speaks of varying either.",
)
_SQUARED_NORM = Explanation(
    ("relu", 0.05),
    "The formula holds for ‖W_i‖², not for ‖W_i‖, and then only nearly. In the limit of "
    "sparse features, where the best pentagon can be calculated, "
    f"‖W_i‖² = {_PENTAGON.norm_squared:.3f} and b_i = −{-_PENTAGON.bias:.3f}, so that "
    f"1/(1 − |b_i|) = {1 / (1 + _PENTAGON.bias):.3f}, but "
    f"‖W_i‖ = {_PENTAGON.norm_squared**0.5:.3f}.",
)

_ALL = Basis(
    "all runs", "The claim is about all local solutions and which of them has the lowest loss."
)
_EVEN = (Cells("relu", (0.05,)),)
_MUST_REACH = "the interval must reach the paper's value"

_claim = partial(
    claim,
    section="Perturbing a Single Feature",
    anchor="#geometry-perturb",
    basis=Basis(
        "lowest loss",
        "The paper fits several times in this section and keeps the lowest loss, because gradient "
        "descent often misses it in two dimensions.",
    ),
    task=Task("perturbed", n_features=5, n_hidden=2, importance_decay=1.0),
    cells=(Cells("relu", (0.05,), swept="relative_density"),),
    control=SCATTERED,
)

CLAIMS = (
    _claim(
        "C36",
        "Five features that are all alike form a regular pentagon at 1 − S = 0.05.",
        are_represented(5),
        Check(
            "sd of the angles from 72° apart",
            lambda network: planar.unevenness(network.W),
            at_most(1.0, "a degree cannot be seen"),
        ),
        Check(
            "largest |D_i − 2/5|",
            lambda network: np.abs(feature_dimensionality(network.W) - 2 / 5).max(),
            at_most(
                0.01,
                "a fortieth of a pentagon's D_i; the next fractions, 3/8 and 1/2, are farther away",
            ),
        ),
        cells=_EVEN,
    ),
    _claim(
        "C37",
        "In the pentagon, a denser feature keeps its neighbours at a distance, and a "
        "sparser one lets them come close.",
        overall(
            "smallest gap beside the feature where it is denser, degrees",
            lambda networks: min(_gaps([n for n in networks if n.relative > 1]), default=np.nan),
            at_least(72.0, source="paper"),
        ),
        overall(
            "largest gap where it is sparser",
            lambda networks: max(_gaps([n for n in networks if n.relative < 1]), default=np.nan),
            at_most(72.0, source="paper"),
        ),
        overall(
            "smallest step of the gap from a density to the next higher one",
            lambda networks: min(np.diff(_gaps(networks)), default=np.nan),
            at_least(0.0, source="paper"),
        ),
    ),
    _claim(
        "C38",
        "If one feature is more than about 2.5 times sparser than the others, the best "
        "solution changes from a pentagon to two digons without it.",
        overall(
            "lowest-loss runs out of the order digons, pentagons",
            out_of_order,
            exactly(0, source="paper"),
        ),
        overall(
            "largest norm of the feature in the digons",
            lambda networks: max(
                (norms(W)[-1] for one, W in _lowest(networks) if one == WITHOUT), default=np.nan
            ),
            at_most(0.1, "a tenth of a learned feature's length"),
        ),
        overall(
            "relative density at which the lowest losses of both are equal",
            of_crossing(lambda there: there.relative),
            between(0.3, 0.5, "1/2.5 and what rounds to it, generously: 1/2 to 1/3.3", "paper"),
            explanations=(_LATER_CROSSING,),
        ),
        overall(
            "its 95 % interval from",
            of_crossing(lambda there: there.low),
            at_most(0.5, _MUST_REACH, "paper"),
        ),
        overall("to", of_crossing(lambda there: there.high), at_least(0.3, _MUST_REACH, "paper")),
        basis=_ALL,
    ),
    _claim(
        "C39",
        "Pentagon and digons are both local minima on either side of that density; their "
        "losses cross at an angle, as in a phase change of first order.",
        overall(
            "runs of either kind next to the crossing, on either side",
            fewest_of_a_kind,
            at_least(1, source="paper"),
        ),
        overall(
            "slope of the pentagon's loss / slope of the digons'",
            of_crossing(lambda there: there.slopes[0] / there.slopes[1]),
            between(
                0.0, 0.8, "both losses grow with the density; a fifth is a kink that can be seen"
            ),
        ),
        basis=_ALL,
    ),
    _claim(
        "C40",
        "The pentagon's vertices lie a little outside of the unit circle, with slightly "
        "negative biases: ‖W_i‖ = 1/(1 − b_i), where b_i is the size of the bias.",
        Check("shortest feature", lambda n: norms(n.W).min(), at_least(1.0, source="paper")),
        Check("largest bias", lambda n: n.b.max(), at_most(0.0, source="paper")),
        Check(
            "mean ‖W_i‖ (1 − |b_i|)",
            lambda n: (norms(n.W) * (1 - np.abs(n.b))).mean(),
            between(0.95, 1.05, "the paper's formula, within a twentieth", "paper"),
            explanations=(_SQUARED_NORM,),
        ),
        Check(
            "mean ‖W_i‖² (1 − |b_i|)",
            lambda n: (norms(n.W) ** 2 * (1 - np.abs(n.b))).mean(),
            between(
                0.95,
                1.05,
                "what the same formula would be of W_i · W_i, which is what the output sees, "
                "within a twentieth",
                "derived",
            ),
        ),
        cells=_EVEN,
        control=UNTRAINED,
    ),
)
