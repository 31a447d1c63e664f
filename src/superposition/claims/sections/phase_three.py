"""Superposition as a Phase Change: three features in two dimensions, and more in more."""

from collections.abc import Callable, Sequence
from functools import cache, partial

import numpy as np
from jaxtyping import Bool, Float

from superposition.claims.bounds import at_least, at_most, between, exactly
from superposition.claims.claim import Basis, Explanation, Repetition, Task, overall
from superposition.claims.controls import SHUFFLED
from superposition.claims.diagrams import MARGIN, Diagram, apart, best_in_theory, in_mean
from superposition.claims.networks import Library
from superposition.claims.sections import phase_two
from superposition.claims.statistics import grouped
from superposition.measure.elementary import equal_ratios
from superposition.measure.metrics import ANTIPODAL, ORTHOGONAL, cosines, norms
from superposition.measure.network import Network
from superposition.measure.theory import phase, two_features
from superposition.measure.theory.linear import ignored

_RIGHT = 0.1
"""Directions count as orthogonal if their cosine is below this (within 6°)."""
_SHORT = (0.6, 0.65, 0.7)
"""Densities of which the last is the highest where both of a short pair are equally long."""
_MORE = 1.5
"""Importance from which on the extra feature is clearly the most important. Closer to equal, just
above the boundary, all three sharing both dimensions is better than any of theory's solutions."""
_TASK = Task("phase_three", n_features=3, n_hidden=2, importance_decay=1.0)


def extra_of(W: Float[np.ndarray, "*grid m n"]) -> np.ndarray:
    """What becomes of the extra feature: ignored, alone, in pair, or something between."""
    length, shared = phase.of_extra(W)
    fate = phase.fate(length, shared)
    return np.where((fate == phase.ALONE) & (shared >= ORTHOGONAL), "between", fate)


def others_of(W: Float[np.ndarray, "*grid m n"]) -> np.ndarray:
    """What becomes of the other features among themselves."""
    W = W[..., :-1]
    absent = (norms(W) < phase.HALF).sum(axis=-1)
    angles = np.triu(cosines(W), 1)
    right = (np.abs(angles) < _RIGHT).all(axis=(-2, -1))
    opposite = (angles < ANTIPODAL).sum(axis=(-2, -1))
    rules = [absent == 1, absent > 1, right, opposite == 1]
    return np.select(rules, ["one ignored", "between", phase.ALONE, phase.IN_PAIR], "between")


def _away(diagram: Diagram) -> Bool[np.ndarray, "rows columns"]:
    """Which points are away from the boundaries."""
    from_both = np.array([diagram.s / phase.boundary(2, diagram.r), diagram.r])
    return np.asarray((apart(from_both) > MARGIN).all(axis=0))


def _in_lowest(diagram: Diagram) -> np.ndarray:
    """What becomes of the extra feature in the run with the lowest loss."""
    return extra_of(diagram.lowest())


def as_in_theory(
    fate_of: Callable[[Diagram], np.ndarray], networks: Sequence[Network]
) -> np.ndarray:
    """The share of points where the extra feature is as theory has it, away from boundaries.

    By region, in the order of `phase.solutions`; `fate_of` says what becomes of it.
    """
    diagram = Diagram(networks)
    away, fate, best = _away(diagram), fate_of(diagram), phase.best(2, diagram.r, diagram.s)
    shares = []
    for place, solution in enumerate(phase.solutions(2)):
        region = away & (best == place)
        shares.append(np.mean(fate[region] == extra_of(solution.W)) if region.any() else np.nan)
    return np.array(shares)


@cache
def _equal_pair(densities: tuple[float, ...]) -> two_features.Optimum:
    """The lowest minimum of the exact loss of two equally important features."""
    s = np.array(densities)
    return two_features.optimum(np.ones(s.size), s)


def short_pairs(networks: Sequence[Network]) -> np.ndarray:
    """Of the two other features where theory leaves one of them out, up to the last of `_SHORT`.

    The share of points where they are opposite each other; the length of the longer relative to
    that in the lowest minimum of the exact loss, its median; and that length itself.
    """
    diagram = Diagram(networks)
    there = (diagram.r > _MORE) & (diagram.s > phase.boundary(2, diagram.r))
    there &= diagram.s <= _SHORT[-1]
    W = diagram.lowest()[there]
    longest = norms(W)[..., :-1].max(axis=-1)
    s, row = np.unique(diagram.s[there], return_inverse=True)
    exact = np.abs(_equal_pair(tuple(s.tolist())).w).max(axis=-1)
    return np.array(
        [
            (others_of(W) == phase.IN_PAIR).mean(),
            np.median(longest / exact[row]),
            np.median(longest),
        ]
    )


def _as_in_two_dimensions(networks: Sequence[Network]) -> np.ndarray:
    sizes = grouped(networks, lambda network: network.W.shape[0])
    W = [np.stack([network.W for network in of_size]) for of_size in sizes]
    of_two, *of_more = [np.array([extra_of(one), others_of(one)]) for one in W]
    return np.array([(fates == of_two).all(axis=0).mean() for fates in of_more])


def _local_minima(library: Library) -> dict[str, float]:
    """How many runs miss theory's solution where the others are the pair, and what they lose."""
    cells = library.runs_of(CLAIMS[0]).cells
    diagram = Diagram([network for cell in cells for network in cell.networks])
    names = [solution.name for solution in phase.solutions(2)]
    best = phase.best(2, diagram.r, diagram.s)
    there = _away(diagram) & (best == names.index("others_in_pair"))
    alone = extra_of(diagram.W[there]) == phase.ALONE
    loss = diagram.loss[there] / diagram.loss[there].min(axis=1, keepdims=True)
    return {"alone": alone.mean(), "loss": np.median(loss[~alone])}


_LOCAL_MINIMA = Explanation(
    None,
    "Where in theory the two other features are an antipodal pair, the extra feature has a "
    "dimension of its own in {alone:.0%} of all runs. In the other runs it shares one: a local "
    "minimum, with a median loss {loss:.3g} times that of the lowest-loss run at the same point.",
    _local_minima,
)


def _theory_of_many() -> Repetition:
    """Theory's diagrams for two and more dimensions."""
    r, s = equal_ratios(0.1, 10.0, 20), equal_ratios(1.0, 0.01, 20)
    return tuple(network for m in (2, 3, 5, 10) for network in best_in_theory(m, r, s))


_NEARLY_ALL = at_least(
    0.95,
    "points within 20 % of a boundary are left out; the tolerance is for single points where two "
    "solutions are nearly equally good",
    "derived",
)

CLAIMS = (
    phase_two.of_phases(
        "C20",
        "Of three features in two dimensions, a less important one is left out or, when sparser, "
        "in an antipodal pair; a more important one has a dimension of its own, while one of the "
        "others is left out or, when sparser, both form the pair.",
        *(
            overall(
                f"share of points where the extra feature is as in theory {where}, in the regions: "
                "extra left out, another left out, extra in pair, others in pair",
                partial(as_in_theory, fate_of),
                _NEARLY_ALL,
                explanations=explanations,
            )
            for where, fate_of, explanations in (
                ("in the mean of all runs but the worst", in_mean, (_LOCAL_MINIMA,)),
                ("in the lowest-loss run", _in_lowest, ()),
            )
        ),
        basis=phase_two.OF_TEN,
        task=_TASK,
        cells=phase_two.ALL_POINTS,
        control=SHUFFLED,
        changed="What becomes of the other two features, which the paper does not show, was part "
        "of this claim; now it is E6. It was judged on the lowest-loss run alone, while the paper "
        "averages.",
    ),
    phase_two.of_phases(
        "E6",
        "With three features in two dimensions, the extra one being the most important, both "
        "others stay where the density is just above the boundary, opposite each other and "
        "shorter than 1; theory leaves one of them out there.",
        overall(
            "share of points with 1 − S from 4/7 to 0.7 where they are opposite each other",
            lambda networks: short_pairs(networks)[0],
            at_least(0.95, "as in C20; where the extra feature is 1.5 times as important or more"),
        ),
        overall(
            "length of the longer / that in the lowest minimum of the exact loss, median",
            lambda networks: short_pairs(networks)[1],
            between(0.95, 1.05, "the effect of the sample and of the other importances", "derived"),
        ),
        overall(
            "length of the longer, median",
            lambda networks: short_pairs(networks)[2],
            at_most(0.9, "a tenth shorter than 1, the length above which C1 counts a feature"),
        ),
        overall(
            "loss of leaving one out / of the exact minimum at 1 − S of 0.6, 0.65, 0.7",
            lambda _: ignored(np.array(_SHORT)) / _equal_pair(_SHORT).loss,
            at_least(1.01, "a hundredth, far more than training leaves unfinished", "derived"),
        ),
        basis=Basis("lowest loss", "The claim is about the best solution."),
        task=_TASK,
        cells=phase_two.ALL_POINTS,
        control=SHUFFLED,
        origin="ours",
        changed="It was part of C20, which deviated because of it. Points where the extra feature "
        "is not much more important were left out after all three features had been seen to share "
        "dimensions there.",
    ),
    phase_two.of_phases(
        "C21",
        "In theory, the number of dimensions has no effect on the diagram, from two dimensions on.",
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
