"""Superposition as a Phase Change: three features in two dimensions, and more in more."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from jaxtyping import Float

from superposition.claims.bounds import at_least, exactly
from superposition.claims.claim import Basis, Explanation, Repetition, Task, overall
from superposition.claims.controls import SHUFFLED
from superposition.claims.sections import phase_two
from superposition.claims.statistics import grouped
from superposition.measure.metrics import ANTIPODAL, ORTHOGONAL, cosines, interference, norms
from superposition.measure.network import Network
from superposition.measure.theory import phase

_RIGHT = 0.1
"""Directions count as orthogonal if their cosine is below this (within 6°)."""


def extra_of(W: Float[np.ndarray, "*grid m n"]) -> np.ndarray:
    """What becomes of the extra feature: ignored, alone, in pair, or something between."""
    length, shared = norms(W)[..., -1], interference(W)[..., -1]
    rules = [length < phase_two.HALF, shared < ORTHOGONAL, shared > phase_two.HALF]
    return np.select(rules, ["ignored", "alone", "in pair"], "between")


def others_of(W: Float[np.ndarray, "*grid m n"]) -> np.ndarray:
    """What becomes of the other features among themselves."""
    W = W[..., :-1]
    absent = (norms(W) < phase_two.HALF).sum(axis=-1)
    angles = np.triu(cosines(W), 1)
    right = (np.abs(angles) < _RIGHT).all(axis=(-2, -1))
    opposite = (angles < ANTIPODAL).sum(axis=(-2, -1))
    rules = [absent == 1, absent > 1, right, opposite == 1]
    return np.select(rules, ["one ignored", "between", "alone", "in pair"], "between")


def as_in_theory(
    fate_of: Callable[[np.ndarray], np.ndarray], networks: Sequence[Network]
) -> np.ndarray:
    """The share of networks that do as theory says, by region, in the order of `phase.solutions`.

    Away from the boundaries; `fate_of` says what becomes of some of the features.
    """
    n_hidden = networks[0].W.shape[0]
    r = np.array([network.relative for network in networks])
    s = np.array([network.density for network in networks])
    best = phase.best(n_hidden, r, s)
    apart = np.abs(np.log(s / phase.boundary(n_hidden, r))) > np.log(phase_two.MARGIN)
    apart &= np.abs(np.log(r)) > np.log(phase_two.MARGIN)
    fate = fate_of(np.stack([network.W for network in networks]))
    shares = []
    for place, solution in enumerate(phase.solutions(n_hidden)):
        region = apart & (best == place)
        shares.append(np.mean(fate[region] == fate_of(solution.W)) if region.any() else np.nan)
    return np.array(shares)


def _as_in_two_dimensions(networks: Sequence[Network]) -> np.ndarray:
    sizes = grouped(networks, lambda network: network.W.shape[0])
    W = [np.stack([network.W for network in of_size]) for of_size in sizes]
    of_two, *of_more = [np.array([extra_of(one), others_of(one)]) for one in W]
    return np.array([(fates == of_two).all(axis=0).mean() for fates in of_more])


def _theory_of_many() -> Repetition:
    """Theory's diagrams for two and more dimensions."""
    r, s = np.geomspace(0.1, 10, 20), np.geomspace(1.0, 0.01, 20)
    return tuple(network for m in (2, 3, 5, 10) for network in phase_two.best_in_theory(m, r, s))


_SHORT_PAIRS = Explanation(
    None,
    "Where two equally important features share a dimension at 1 − S between 4/7 and 1, "
    "theory leaves one of them out. With all weights and biases free, the exact loss has a "
    "lower minimum: both stay, shorter than 1, on opposite sides and with positive biases. At "
    "1 − S = 0.7 that is W = (0.76, −0.76) and b = (0.33, 0.33), with a loss 2.5 % below that "
    "of leaving one out; at 0.65, 5 %; at 1 all ways of sharing are nearly as good, to 0.1 %. "
    "Training finds these. The extra feature, which is what the paper's figure shows, has a "
    "dimension of its own all the same.",
)
_NEARLY_ALL = at_least(
    0.95,
    "points within 20 % of a boundary are left out; the rest is for a point here and there where "
    "two solutions are nearly as good",
    "derived",
)

CLAIMS = (
    phase_two.of_phases(
        "C20",
        "Of three features in two dimensions, a less important one is left out or, when "
        "sparser, one of an antipodal pair; a more important one has a dimension of its own, while "
        "of the others one is left out or, when sparser, both form the pair.",
        overall(
            "share of points where the extra feature is as in theory, in the regions: extra "
            "left out, another left out, extra in pair, others in pair",
            partial(as_in_theory, extra_of),
            _NEARLY_ALL,
        ),
        overall(
            "share of points where the others are, in the same regions",
            partial(as_in_theory, others_of),
            _NEARLY_ALL,
            explanations=(_SHORT_PAIRS,),
        ),
        basis=Basis(
            "lowest loss",
            "The paper compares with theory, which is about the best solution. It averages nine of "
            "ten models; those that miss the solution change a colour, but not where it changes.",
        ),
        task=Task("phase_three", n_features=3, n_hidden=2, importance_decay=1.0),
        cells=phase_two.ALL_POINTS,
        control=SHUFFLED,
    ),
    phase_two.of_phases(
        "C21",
        "In theory, the number of dimensions has no effect on the diagram from two on.",
        overall(
            "share of points with the same solution as m = 2, for m = 3, 5, 10",
            _as_in_two_dimensions,
            exactly(1, source="derived"),
        ),
        basis=phase_two.MATHEMATICS,
        constructed=_theory_of_many,
        origin="derivation",
    ),
)
