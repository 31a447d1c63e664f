"""Measures of trained weights: how long the features are, and how they share the hidden space.

Every function takes W as the paper lays it out, `[..., n_hidden, n_features]` (column i is the
direction of feature i), with any leading axes, and computes in float64. Sums are taken over whole
arrays one hidden dimension at a time, never through BLAS, and only with + − × ÷ and sqrt, so that
the same weights give the same numbers on every machine.

For models that are not tied (absolute value) the measured W is that of the input weights: where a
feature is written is a property of W_1; how it is read back is not.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int

from superposition.tables import Table
from superposition.weights import Weights

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


def gram(
    W: Float[np.ndarray, "*batch n_hidden n_features"],
) -> Float[np.ndarray, "*batch n_features n_features"]:
    """Return WᵀW: squared norms on the diagonal, overlaps of features off it."""
    W = np.asarray(W, dtype=np.float64)
    total = np.zeros((*W.shape[:-2], W.shape[-1], W.shape[-1]))
    for k in range(W.shape[-2]):
        total += W[..., k, :, None] * W[..., k, None, :]
    return total


def norms(
    W: Float[np.ndarray, "*batch n_hidden n_features"],
) -> Float[np.ndarray, "*batch n_features"]:
    """Return the length of every feature's direction, ‖W_i‖."""
    W = np.asarray(W, dtype=np.float64)
    squared = np.zeros((*W.shape[:-2], W.shape[-1]))
    for k in range(W.shape[-2]):  # summed in the order of `gram`
        squared += W[..., k, :] * W[..., k, :]
    length: np.ndarray = np.sqrt(squared)
    return length


def cosines(
    W: Float[np.ndarray, "*batch n_hidden n_features"],
) -> Float[np.ndarray, "*batch n_features n_features"]:
    """Return the cosine of the angle of every two features; 0 where either has no length."""
    products = gram(W)
    length = np.sqrt(_diagonal(products))
    return _ratio(products, length[..., :, None] * length[..., None, :])


def interference(
    W: Float[np.ndarray, "*batch n_hidden n_features"],
) -> Float[np.ndarray, "*batch n_features"]:
    """Return how much every feature shares its direction with the others, Σ_{j≠i} (Ŵ_i · W_j)².

    0 for a feature with a dimension of its own, 1 for one of an antipodal pair of unit length; and
    0 for a feature of no length, which has no direction to share.

    Paper: Demonstrating Superposition (#demonstrating).
    """
    products = gram(W)
    squared = products**2
    own = _diagonal(squared)
    return _ratio(squared.sum(axis=-1) - own, _diagonal(products))


def feature_dimensionality(
    W: Float[np.ndarray, "*batch n_hidden n_features"],
) -> Float[np.ndarray, "*batch n_features"]:
    """Return the fraction of a hidden dimension that every feature gets, D_i.

    D_i = ‖W_i‖² / Σ_j (Ŵ_i · W_j)². One of an antipodal pair has 1/2, one of a pentagon 2/5, a
    feature not learned 0.

    Paper: The Geometry of Superposition, "Feature Dimensionality" (#geometry-dimensionality).
    """
    products = gram(W)
    return _ratio(_diagonal(products) ** 2, (products**2).sum(axis=-1))


def dimensions_per_feature(
    W: Float[np.ndarray, "*batch n_hidden n_features"],
) -> Float[np.ndarray, "*batch"]:
    """Return D* = m / ‖W‖_F², hidden dimensions per represented feature; infinite if W is zero.

    Paper: The Geometry of Superposition, "Uniform Superposition" (#geometry-uniform).
    """
    W = np.asarray(W, dtype=np.float64)
    squared = (W**2).sum(axis=(-2, -1))
    ratio: np.ndarray = np.full(squared.shape, np.inf)
    np.divide(W.shape[-2], squared, out=ratio, where=squared > 0)
    return ratio


def is_represented(
    W: Float[np.ndarray, "*batch n_hidden n_features"], threshold: float = REPRESENTED
) -> Bool[np.ndarray, "*batch n_features"]:
    """Return which features have a norm above the threshold."""
    return norms(W) > threshold


def is_orthogonal(
    W: Float[np.ndarray, "*batch n_hidden n_features"],
) -> Bool[np.ndarray, "*batch n_features"]:
    """Return which features are represented and share their dimension with no other."""
    return is_represented(W) & (interference(W) < ORTHOGONAL)


def antipodal_pairs(
    W: Float[np.ndarray, "*batch n_hidden n_features"],
) -> Int[np.ndarray, "*batch"]:
    """Return how many pairs of represented features point in opposite directions."""
    learned = is_represented(W)
    both = learned[..., :, None] & learned[..., None, :]
    opposite = both & (cosines(W) < ANTIPODAL)
    pairs: np.ndarray = np.asarray(opposite.sum(axis=(-2, -1)) // 2)
    return pairs


def uneven_angle(W: Float[np.ndarray, "2 n_features"]) -> float:
    """Return by how many degrees an angle between neighbours in the plane differs from 360° / n.

    0 for a regular polygon; of directions in the plane, whatever their lengths.
    """
    angles = np.sort(np.degrees(np.arctan2(W[1], W[0])))
    gaps = np.diff(angles, append=angles[0] + 360)
    return float(np.abs(gaps - 360 / gaps.size).max())


def measure(cells: Mapping[str, Weights]) -> tuple[Table, Table]:
    """Return the measures of an experiment's cells as two tidy tables.

    Both name model and density as the cells do, and the points of a row by relative importance.

    Args:
        cells: Weights by the names of their cells, `experiment/model_density`.

    Returns:
        runs: One row per run: its loss, whether it is the lowest, and counts over its features.
        features: One row per run and feature: importance, density, norm, bias, sharing.
    """
    return _join(cells, _runs_table), _join(cells, _features_table)


def _join(cells: Mapping[str, Weights], tabulate: Callable[[Weights], Table]) -> Table:
    """Return the tables of all cells and their points, one below the other."""
    columns: dict[str, list[Any]] = defaultdict(list)
    for name, weights in cells.items():
        model, _, density = name.rpartition("/")[2].rpartition("_")
        relative = weights.cell.relative_importance
        for k, point in enumerate(weights.points()):
            table = tabulate(point)
            place: dict[str, object] = {"model": model, "density": density}
            if relative:
                place["relative_importance"] = relative[k]
            length = len(next(iter(table.values())))
            for column, value in place.items():
                columns[column].append([value] * length)
            for column, values in table.items():
                columns[column].append(values)
    return {column: np.concatenate(parts) for column, parts in columns.items()}


def _runs_table(weights: Weights) -> Table:
    W = weights.W
    runs = len(weights.runs)
    unknown = np.full(runs, np.nan)
    best = np.zeros(runs, dtype=bool)
    if weights.loss is not None:
        best[weights.best] = True
    return {
        "run": np.asarray(weights.runs, dtype=np.int64),
        "loss": unknown if weights.loss is None else weights.loss,
        "is_best": best,
        "n_represented": is_represented(W).sum(axis=-1),
        "n_orthogonal": is_orthogonal(W).sum(axis=-1),
        "n_antipodal_pairs": antipodal_pairs(W),
        "dimensions_per_feature": dimensions_per_feature(W),
        "total_dimensionality": feature_dimensionality(W).sum(axis=-1),
    }


def _features_table(weights: Weights) -> Table:
    runs, _, n_features = weights.W.shape
    cell = weights.cell
    return {
        "run": np.repeat(np.asarray(weights.runs, dtype=np.int64), n_features),
        "feature": np.tile(np.arange(n_features), runs),
        "importance": np.tile(np.asarray(cell.model.importance), runs),
        "feature_probability": np.tile(np.asarray(cell.features.feature_probability), runs),
        "norm": norms(weights.W).ravel(),
        "bias": np.asarray(weights.b, dtype=np.float64).ravel(),
        "interference": interference(weights.W).ravel(),
        "dimensionality": feature_dimensionality(weights.W).ravel(),
    }


def _diagonal(
    matrix: Float[np.ndarray, "*batch n n"],
) -> Float[np.ndarray, "*batch n"]:
    """Return the diagonal of the last two axes."""
    entries: np.ndarray = np.diagonal(matrix, axis1=-2, axis2=-1)
    return entries


def _ratio(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    """Return top / bottom, and 0 where bottom is 0."""
    quotient: np.ndarray = np.zeros(np.broadcast_shapes(top.shape, bottom.shape))
    np.divide(top, bottom, out=quotient, where=bottom > 0)
    return quotient
