"""Correlated and anticorrelated features: where the members of a set end up.

Paper: The Geometry of Superposition, "Correlated and anticorrelated features"
(#geometry-organization) and "Collapsing of correlated features" (#geometry-collapsing).
"""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from jaxtyping import Bool, Float

from superposition.geometry import planar
from superposition.geometry.singular import RELATIVE_RANK, decompose, product
from superposition.metrics import cosines, gram, norms
from superposition.settings import FeatureSettings

Sets = Sequence[Sequence[int]]
"""Members of each set, as in `FeatureSettings.correlated`."""

COLLAPSED = 0.95
"""Two partners have collapsed into one direction if their cosine is above this (within 18°)."""
SHORTEST = 0.3
"""Partners below this norm have not collapsed but are not represented at all."""
TIE = 0.01
"""Principal components whose variances differ by less than this part are as good as each other."""


def within(W: Float[np.ndarray, "m n"], sets: Sets) -> Float[np.ndarray, " pairs"]:
    """Return the cosines of every two members of the same set, set by set."""
    found = cosines(W)
    return np.array([found[pair] for pair in _pairs(sets)])


def across(W: Float[np.ndarray, "m n"], sets: Sets) -> Float[np.ndarray, " pairs"]:
    """Return the cosines of every two features of different sets."""
    found = cosines(W)
    return np.array(
        [found[i, j] for one, other in combinations(sets, 2) for i in one for j in other]
    )


def largest_overlap_within(W: Float[np.ndarray, "m n"], sets: Sets) -> float:
    """Return the largest |W_i · W_j| of two members of one set: 0 for orthogonal bases."""
    found = gram(W)
    return max((abs(float(found[pair])) for pair in _pairs(sets)), default=0.0)


def is_collapsed(W: Float[np.ndarray, "m n"], sets: Sets) -> Bool[np.ndarray, " sets"]:
    """Return which sets share one direction: all cosines above `COLLAPSED`, none at zero.

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
    """Return ‖W (e_a − e_b)‖ / ‖W (e_a + e_b)‖ of every two members of one set.

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


def merged(W: Float[np.ndarray, "m n"], sets: Sets) -> Float[np.ndarray, "m k"]:
    """Return the solution with one column for each collapsed set, Σ W_i / √k, in its first place.

    What is left is a polytope that can be named: two collapsed pairs opposite each other are a
    digon, one collapsed pair among four other features is a vertex of a pentagon.
    """
    merged: np.ndarray = np.array(W, dtype=np.float64)
    gone: list[int] = []
    for members, collapsed in zip(sets, is_collapsed(W, sets), strict=True):
        if collapsed:
            first, *rest = sorted(members)
            merged[:, first] = merged[:, list(members)].sum(axis=1) / np.sqrt(len(members))
            gone += rest
    return np.delete(merged, gone, axis=1)


def are_adjacent(W: Float[np.ndarray, "2 n"], sets: Sets) -> Bool[np.ndarray, " sets"]:
    """Return which sets stand together in the plane, no other represented feature in between.

    A set with a member at zero does not.
    """
    order = [int(i) for i in planar.around(W)]
    found = []
    for members in sets:
        inside = [i in members for i in order]
        # Going around once, a set that stands together is entered once, if it is not everything.
        entered = sum(
            now and not before
            for before, now in zip([*inside[-1:], *inside[:-1]], inside, strict=True)
        )
        found.append(sum(inside) == len(members) and entered <= 1)
    return np.array(found, dtype=bool)


def covariance(features: FeatureSettings) -> Float[np.ndarray, "n n"]:
    """Return the covariance matrix of x in closed form.

    With v the value of an active feature, E[v²] = 1/3, and E[v] = 1/2 on [0, 1] or 0 on [−1, 1].
    Features of one correlated set of probability p are active together, E[x_i x_j] = p E[v]²; of an
    anticorrelated set of k never, and each with probability p / k.
    """
    p = np.array(features.feature_probability, dtype=np.float64)
    for members in features.anticorrelated:
        p[list(members)] /= len(members)
    value = 0.0 if features.value_range == "signed" else 0.5
    together = p[:, None] * p[None, :]
    for i, j in _pairs(features.correlated):
        together[i, j] = together[j, i] = p[i]
    for i, j in _pairs(features.anticorrelated):
        together[i, j] = together[j, i] = 0.0
    second = value**2 * together
    np.fill_diagonal(second, p / 3.0)
    mean = value * p
    second -= mean[:, None] * mean[None, :]
    return second


def represented_subspace(
    W: Float[np.ndarray, "m n"], relative: float = RELATIVE_RANK
) -> Float[np.ndarray, "n d"]:
    """Return an orthonormal basis of the directions of x that reach h: the row space of W."""
    parts = decompose(W)
    return parts.right[:, parts.values > relative * parts.values.max(initial=0.0)]


def principal_subspace(
    covariance: Float[np.ndarray, "n n"], dimensions: int, tie: float = TIE
) -> Float[np.ndarray, "n d"]:
    """Return the leading principal components, ties included.

    Where variances are equal, as with several equal sets, there is no saying which components lead:
    then all of them are returned, which can be more than the number of dimensions.

    Args:
        covariance: Covariance matrix of x.
        dimensions: Components wanted.
        tie: Part by which a variance may be below the last wanted one and still be returned.
    """
    parts = decompose(covariance)
    last = parts.values[dimensions - 1]
    return parts.right[:, parts.values >= (1.0 - tie) * last]


def principal_angles(
    A: Float[np.ndarray, "n a"], B: Float[np.ndarray, "n b"]
) -> Float[np.ndarray, " a"]:
    """Return the angles of a subspace to another, in degrees, ascending: all 0 if it lies within.

    Args:
        A: Orthonormal basis of the subspace.
        B: Orthonormal basis of the other, of at least as many dimensions.
    """
    inside = product(B.T, A)
    cosine = decompose(inside).values
    sine = decompose(A - product(B, inside)).values[::-1]
    degrees: np.ndarray = np.degrees(np.arctan2(sine, cosine))
    return degrees


def pca_angles(
    W: Float[np.ndarray, "m n"], covariance: Float[np.ndarray, "n n"]
) -> Float[np.ndarray, " d"]:
    """Return the angles of the represented subspace to the leading principal components.

    All 0 if the network does what PCA would. At 1 − S = 1 all equal features tie, so that every
    subspace is PCA's.
    """
    represented = represented_subspace(W)
    return principal_angles(represented, principal_subspace(covariance, represented.shape[1]))


def _pairs(sets: Sets) -> list[tuple[int, int]]:
    """Return every two members of the same set, set by set."""
    return [pair for members in sets for pair in combinations(members, 2)]
