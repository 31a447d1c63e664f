"""Correlated and anticorrelated features: where the members of a set end up.

Paper: The Geometry of Superposition, "Correlated and anticorrelated features"
(#geometry-organization) and "Collapsing of correlated features" (#geometry-collapsing).
"""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from jaxtyping import Bool, Float

from superposition.measure.elementary import degrees
from superposition.measure.geometry import planar
from superposition.measure.geometry.singular import counted, decompose
from superposition.measure.metrics import cosines, gram, norms, product

Sets = Sequence[Sequence[int]]
"""Members of each set, as in `FeatureSettings.correlated`."""

COLLAPSED = 0.95
"""Two partners have collapsed into one direction if their cosine is above this (within 18°)."""
SHORTEST = 0.3
"""Partners below this norm have not collapsed but are not represented at all."""
TIE = 0.01
"""Principal components whose variances differ by less than this part are as good as each other."""


def within(W: Float[np.ndarray, "m n"], sets: Sets) -> Float[np.ndarray, " pairs"]:
    """The cosines of every two members of the same set, set by set."""
    found = cosines(W)
    return np.array([found[pair] for pair in _pairs(sets)])


def largest_overlap_within(W: Float[np.ndarray, "m n"], sets: Sets) -> float:
    """The largest |W_i · W_j| of two members of one set: 0 for orthogonal bases."""
    found = gram(W)
    return max((abs(float(found[pair])) for pair in _pairs(sets)), default=0.0)


def is_collapsed(W: Float[np.ndarray, "m n"], sets: Sets) -> Bool[np.ndarray, " sets"]:
    """Whether each set shares one direction: all cosines above `COLLAPSED`, none at zero.

    Their number is what falls from 3 to 0 as features get sparser.
    """
    found, length = cosines(W), norms(W)
    return np.array(
        [
            min(length[list(members)]) >= SHORTEST
            and min(found[p] for p in _pairs([members])) > COLLAPSED
            for members in sets
        ],
        dtype=bool,
    )


def difference_ratio(W: Float[np.ndarray, "m n"], sets: Sets) -> Float[np.ndarray, " pairs"]:
    """‖W (e_a − e_b)‖ / ‖W (e_a + e_b)‖ of every two members of one set.

    0 for a pair that is represented as (a + b) / √2 only, 1 for two of equal length at right
    angles, infinite for an antipodal pair; not a number if neither is represented.
    """
    W = np.asarray(W, dtype=np.float64)
    ratios = []
    for a, b in _pairs(sets):
        ends = W[:, a, None] * [1, 1] + W[:, b, None] * [-1, 1]
        difference, total = norms(ends)
        ratios.append(difference / total if total > 0 else (np.inf if difference > 0 else np.nan))
    return np.array(ratios)


def are_adjacent(W: Float[np.ndarray, "2 n"], sets: Sets) -> Bool[np.ndarray, " sets"]:
    """Whether each set stands together in the plane, no other represented feature in between.

    A set with a member at zero does not.
    """
    found = []
    for members in sets:
        inside = np.isin(planar.around(W), members)
        # Going around once, a set that stands together is entered once, if it is not everything.
        entered = (inside & ~np.roll(inside, 1)).sum()
        found.append(inside.sum() == len(members) and entered <= 1)
    return np.array(found, dtype=bool)


def pca_angles(
    W: Float[np.ndarray, "m n"], covariance: Float[np.ndarray, "n n"]
) -> Float[np.ndarray, " d"]:
    """The angles of the represented subspace to the leading principal components, ascending.

    Of the row space of W, the directions of x that reach h; in degrees, all 0 if the network does
    what PCA would. Where variances are equal, as with several equal sets, there is no saying which
    components lead: then all of them count, which can be more than the number of dimensions. At
    1 − S = 1 all equal features tie, so that every subspace is PCA's.
    """
    of_W, of_x = decompose(W), decompose(covariance)
    represented = of_W.right[:, counted(of_W.values)]
    last = of_x.values[represented.shape[1] - 1]
    leading = of_x.right[:, of_x.values >= (1.0 - TIE) * last]
    inside = product(leading.T, represented)
    cosine = decompose(inside).values
    sine = decompose(represented - product(leading, inside)).values[::-1]
    return degrees(sine, cosine)


def _pairs(sets: Sets) -> list[tuple[int, int]]:
    """Every two members of the same set, set by set."""
    return [pair for members in sets for pair in combinations(members, 2)]
