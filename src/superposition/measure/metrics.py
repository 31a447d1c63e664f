"""Measures of trained weights: how long the features are, and how they share the hidden space.

Every function takes W as the paper lays it out, `[..., n_hidden, n_features]` (column i is the
direction of feature i), with any leading axes, and computes in float64. Sums are taken over whole
arrays one hidden dimension at a time, never through BLAS, and only with + − × ÷ and sqrt, so that
the same weights give the same numbers on every machine.

For models that are not tied (absolute value) the measured W is that of the input weights: where a
feature is written is a property of W_1; how it is read back is not.
"""

import numpy as np
from jaxtyping import Bool, Float, Int, Shaped

from superposition.base.arguments import expect, numbers
from superposition.measure.elementary import degrees

REPRESENTED = 0.9
"""A feature is represented if ‖W_i‖ exceeds this: one that is learned has a norm of about 1."""
LEARNED = 0.5
"""Where something makes features shorter (a penalty, attacks in training), one is learned if ‖W_i‖
exceeds this. Alone in its dimension it loses I (1 − ‖W_i‖²)² / 3 when active, which falls fastest
at ‖W_i‖ = 1/√3 = 0.58: what a penalty has pushed below that, it pushes on to nothing."""
ORTHOGONAL = 0.1
"""A represented feature has a dimension of its own if its interference is below this."""
ANTIPODAL = -0.95
"""Two represented features are an antipodal pair if their cosine is below this (within 18°)."""


def product(
    A: Float[np.ndarray, "*batch rows inner"], B: Float[np.ndarray, "*batch inner columns"]
) -> Float[np.ndarray, "*batch rows columns"]:
    """The matrix product A B, summed over the inner index in order."""
    total = np.zeros((*A.shape[:-1], B.shape[-1]))
    for k in range(A.shape[-1]):
        total += A[..., :, k, None] * B[..., None, k, :]
    return total


def gram(
    W: Float[np.ndarray, "*batch n_hidden n_features"],
) -> Float[np.ndarray, "*batch n_features n_features"]:
    """WᵀW: squared norms on the diagonal, overlaps of features off it.

    Example:
        >>> import superposition as sp
        >>> W = [[1.0, -1.0, 0.0], [0.0, 0.0, 1.0]]  # an antipodal pair, and one by itself
        >>> sp.gram(W)
        array([[ 1., -1.,  0.],
               [-1.,  1.,  0.],
               [ 0.,  0.,  1.]])
    """
    W = _matrices(W)
    return product(W.swapaxes(-2, -1), W)


def norms(
    W: Float[np.ndarray, "*batch n_hidden n_features"],
) -> Float[np.ndarray, "*batch n_features"]:
    """The length of every feature's direction, ‖W_i‖.

    Example:
        >>> import superposition as sp
        >>> W = [[1.0, -1.0, 0.0], [0.0, 0.0, 1.0]]  # an antipodal pair, and one by itself
        >>> sp.norms(W)
        array([1., 1., 1.])
    """
    W = _matrices(W)
    squared = np.zeros((*W.shape[:-2], W.shape[-1]))
    for k in range(W.shape[-2]):  # summed in the order of `gram`
        squared += W[..., k, :] * W[..., k, :]
    return np.asarray(np.sqrt(squared))


def cosines(
    W: Float[np.ndarray, "*batch n_hidden n_features"],
) -> Float[np.ndarray, "*batch n_features n_features"]:
    """The cosine of the angle of every two features; 0 where either has no length.

    Example:
        >>> import superposition as sp
        >>> W = [[1.0, -1.0, 0.0], [0.0, 0.0, 1.0]]  # an antipodal pair, and one by itself
        >>> sp.cosines(W)[0]
        array([ 1., -1.,  0.])
    """
    products = gram(W)
    length = np.sqrt(_diagonal(products))
    return _ratio(products, length[..., :, None] * length[..., None, :])


def interference(
    W: Float[np.ndarray, "*batch n_hidden n_features"],
) -> Float[np.ndarray, "*batch n_features"]:
    """How much every feature shares its direction with the others, Σ_{j≠i} (Ŵ_i · W_j)².

    0 for a feature with a dimension of its own, 1 for one of an antipodal pair of unit length; and
    0 for a feature of no length, which has no direction to share.

    Paper: Demonstrating Superposition (#demonstrating).

    Example:
        >>> import superposition as sp
        >>> W = [[1.0, -1.0, 0.0], [0.0, 0.0, 1.0]]  # an antipodal pair, and one by itself
        >>> sp.interference(W)
        array([1., 1., 0.])
    """
    products = gram(W)
    squared = products**2
    own = _diagonal(squared)
    return _ratio(squared.sum(axis=-1) - own, _diagonal(products))


def feature_dimensionality(
    W: Float[np.ndarray, "*batch n_hidden n_features"],
) -> Float[np.ndarray, "*batch n_features"]:
    """The fraction of a hidden dimension that every feature gets, D_i.

    D_i = ‖W_i‖² / Σ_j (Ŵ_i · W_j)². One of an antipodal pair has 1/2, one of a pentagon 2/5, a
    feature not learned 0.

    Paper: The Geometry of Superposition, "Feature Dimensionality" (#geometry-dimensionality).

    Example:
        >>> import superposition as sp
        >>> W = [[1.0, -1.0, 0.0], [0.0, 0.0, 1.0]]  # an antipodal pair, and one by itself
        >>> sp.feature_dimensionality(W)
        array([0.5, 0.5, 1. ])
    """
    products = gram(W)
    return _ratio(_diagonal(products) ** 2, (products**2).sum(axis=-1))


def dimensions_per_feature(
    W: Float[np.ndarray, "*batch n_hidden n_features"],
) -> Float[np.ndarray, "*batch"]:
    """D* = m / ‖W‖_F², hidden dimensions per represented feature; infinite if W is zero.

    Paper: The Geometry of Superposition, "Uniform Superposition" (#geometry-uniform).

    Example:
        >>> import superposition as sp
        >>> float(sp.dimensions_per_feature([[1.0, -1.0], [0.0, 0.0]]))
        1.0
    """
    W = _matrices(W)
    squared = (W**2).sum(axis=(-2, -1))
    ratio: np.ndarray = np.full(squared.shape, np.inf)
    np.divide(W.shape[-2], squared, out=ratio, where=squared != 0)
    return ratio


def is_represented(
    W: Float[np.ndarray, "*batch n_hidden n_features"], threshold: float = REPRESENTED
) -> Bool[np.ndarray, "*batch n_features"]:
    """Which features have a norm above the threshold, as a mask."""
    return norms(W) > threshold


def is_orthogonal(
    W: Float[np.ndarray, "*batch n_hidden n_features"],
) -> Bool[np.ndarray, "*batch n_features"]:
    """Which features are represented and share their dimension with no other, as a mask."""
    return is_represented(W) & (interference(W) < ORTHOGONAL)


def is_learned(
    W: Float[np.ndarray, "*batch n_hidden n_features"],
) -> Bool[np.ndarray, "*batch n_features"]:
    """Which features are learned where something makes them shorter, as a mask."""
    return norms(W) > LEARNED


def is_superposed(
    W: Float[np.ndarray, "*batch n_hidden n_features"],
) -> Bool[np.ndarray, "*batch n_features"]:
    """Which features are learned there and share their direction with others, as a mask."""
    return is_learned(W) & (interference(W) >= ORTHOGONAL)


def mean_of_all_but_the_worst(
    values: Shaped[np.ndarray, "*batch runs"], loss: Float[np.ndarray, "*batch runs"]
) -> Float[np.ndarray, "*batch"]:
    """The mean of values over all runs but the one with the highest loss; of one run, its own.

    Paper: Superposition as a Phase Change (#phase-change), of which ten models are trained.
    """
    kept = np.argsort(loss, axis=-1, kind="stable")[..., : max(1, loss.shape[-1] - 1)]
    return np.asarray(np.take_along_axis(values, kept, axis=-1).mean(axis=-1))


def antipodal_pairs(
    W: Float[np.ndarray, "*batch n_hidden n_features"],
) -> Int[np.ndarray, "*batch"]:
    """The number of pairs of represented features that point in opposite directions."""
    learned = is_represented(W)
    both = learned[..., :, None] & learned[..., None, :]
    opposite = both & (cosines(W) < ANTIPODAL)
    return np.asarray(opposite.sum(axis=(-2, -1)) // 2)


def uneven_angle(W: Float[np.ndarray, "2 n_features"]) -> float:
    """The largest difference of an angle between neighbours in the plane from 360° / n, degrees.

    0 for a regular polygon; of directions in the plane, whatever their lengths.
    """
    angles = np.sort(degrees(W[1], W[0]))
    gaps = np.diff(angles, append=angles[0] + 360)
    return float(np.abs(gaps - 360 / gaps.size).max())


def _matrices(W: object) -> Float[np.ndarray, "*batch n_hidden n_features"]:
    """Weights in float64.

    Raises:
        ArgumentError: If they are no such array.
    """
    expected = "real numbers [..., n_hidden, n_features], such as W of a network"
    array = np.asarray(numbers("W", W, expected), dtype=np.float64)
    expect("The shape of W", [*array.shape], array.ndim >= 2, expected)
    return array


def _diagonal(
    matrix: Float[np.ndarray, "*batch n n"],
) -> Float[np.ndarray, "*batch n"]:
    """The diagonal of the last two axes."""
    return np.asarray(np.diagonal(matrix, axis1=-2, axis2=-1))


def _ratio(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    """The quotient top / bottom, and 0 where bottom is 0; not a number for what has diverged."""
    quotient: np.ndarray = np.zeros(np.broadcast_shapes(top.shape, bottom.shape))
    with np.errstate(invalid="ignore"):
        np.divide(top, bottom, out=quotient, where=bottom != 0)
    return quotient
