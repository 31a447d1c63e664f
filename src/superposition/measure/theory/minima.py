"""Minima of functions, and the best regular polygons, which are found by them.

Polygons are in two dimensions, for features of which at most one is ever active. k equally
important features lie evenly around a circle, all with norm² R and bias b ≤ 0 (a positive bias
costs on empty samples, which are nearly all). Each adds to L_1 (see `expansion`)

    ∫ (x − ReLU(R x + b))² dx + Σ_{j≠i} ∫ ReLU(R cos(2π (i − j)/k) x + b)² dx,  x over [0, 1].

With t = −b/R the ReLU's argument is R (x − t), so that this is 1/3 − 2 R p(t) + R² q(t), and the
best R is p/q; one number, t, is left to search. A pentagon's vertices come out longer than 1, with
a negative bias that hides part of the interference (paper: #geometry-perturb). Losses are sums over
features.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from superposition.base.portable_math import cos_of_turns

IGNORED = 1.0 / 3.0
"""The part in L_1 of a feature without weights and bias: the mean of x²."""
_COARSE = 201
_FINE = 21
_ZOOMS = 8
_STEPS = 400
_FLAT, _NOTHING = 1e-8, 1e-15
"""A minimum is reached where the next step promises less than this part of the loss, or this."""


@dataclass(frozen=True)
class Polygon:
    """The best regular polygon of k features."""

    k: int
    """Number of vertices."""
    norm_squared: float
    """R = ‖W_i‖²."""
    bias: float
    """b, of every feature."""
    loss_per_feature: float
    """The part of each feature in L_1."""

    @property
    def gain(self) -> float:
        """The change of L_1 by the k features together, from that of ignoring them."""
        return self.k * (self.loss_per_feature - IGNORED)


def best_polygon(k: int) -> Polygon:
    """Norm and bias of the k-gon with the lowest L_1, for k ≥ 3."""
    cosine = cos_of_turns(np.arange(k) / k)
    cosine = cosine[cosine > 1e-12]  # the others never lift an output above a bias ≤ 0

    def loss(t: np.ndarray) -> np.ndarray:
        p, q = _moments(t, cosine)
        return np.asarray(IGNORED - p**2 / q)

    t = lowest_point(loss, 0.0, 0.99, (1,))  # at t = 1 both moments are 0
    p, q = _moments(t, cosine)
    R = p / q
    return Polygon(k, float(R[0]), float(-t[0] * R[0]), float(loss(t)[0]))


def _moments(t: np.ndarray, cosine: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The moments p = ∫ x ReLU(x − t) dx and q = Σ_c ∫ ReLU(c x − t)² dx over [0, 1].

    For t in [0, 1); the first c is 1, the feature itself.
    """
    p = 1.0 / 3.0 - t / 2.0 + t * t * t / 6.0
    lifted = np.maximum(cosine - t[..., None], 0.0)
    return p, (lifted * lifted * lifted / (3.0 * cosine)).sum(axis=-1)


def lowest_point(
    loss: Callable[[np.ndarray], np.ndarray], low: float, high: float, shape: tuple[int, ...] = ()
) -> Float[np.ndarray, "*batch"]:
    """The point of [low, high] at which a function is lowest, for every place of a batch.

    The best point of a grid, then of ever finer grids around the best so far. It needs no gradient,
    does not mind kinks, and finds the global minimum if no valley is narrower than 1/200 of the
    interval. Where several points are equally low it returns one of them.
    The function takes points `[points, *batch]` and returns a value for each.
    """
    best, width = np.full(shape, (low + high) / 2.0), (high - low) / 2.0
    for points in (_COARSE, *[_FINE] * _ZOOMS):
        offsets = np.linspace(-1.0, 1.0, points).reshape(-1, *[1] * len(shape))
        grid = np.clip(best + width * offsets, low, high)
        place = np.asarray(loss(grid).argmin(axis=0))
        best = np.asarray(np.take_along_axis(grid, place[None], axis=0)[0])
        width *= 2.0 / (points - 1)
    return best


def descend(
    loss: Callable[[np.ndarray], tuple[float, np.ndarray]], x: np.ndarray
) -> Float[np.ndarray, " parameters"]:
    """The minimum that a function with slopes falls to from a point (BFGS)."""
    value, slope = loss(x)
    inverse = np.eye(x.size)
    for _ in range(_STEPS):
        step = -(inverse * slope).sum(axis=1)
        fall = (step * slope).sum()
        if fall > -_FLAT * value - _NOTHING:
            break
        length = 1.0
        while (there := loss(x + length * step))[0] > value + 1e-4 * length * fall:
            length /= 2.0
            if length < 1e-9:
                return x
        moved, turned = length * step, there[1] - slope
        x, (value, slope) = x + moved, there
        bend = (moved * turned).sum()
        if bend > 0:
            along = (inverse * turned).sum(axis=1)
            inverse += (1.0 + (turned * along).sum() / bend) * np.outer(moved, moved) / bend
            inverse -= (np.outer(along, moved) + np.outer(moved, along)) / bend
    return x
