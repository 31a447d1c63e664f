"""The exact loss of two features in one dimension, for the ReLU output model without bias.

y_i = ReLU(w_i (w_1 x_1 + w_2 x_2)); x_1 has importance 1 and x_2 importance r; both are active with
probability s = 1 − S and then uniform on [0, 1]. The whole landscape is a surface over (w_1, w_2),
so that one can see the minima that the few solutions of `phase` stand for: one feature, an
antipodal pair, or a "confused" mixture of both with w_1 and w_2 of one sign (McGrath's comment on
the paper, #comment-mcgrath).

Losses are the paper's, sums over features.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from superposition.theory.search import lowest_point


class Optimum(NamedTuple):
    """The lowest loss and where it is. w_1 ≥ 0, as (−w_1, −w_2) is the same model."""

    w_1: Float[np.ndarray, "*grid"]
    w_2: Float[np.ndarray, "*grid"]
    loss: Float[np.ndarray, "*grid"]


def loss(
    w_1: Float[np.ndarray, "*#grid"],
    w_2: Float[np.ndarray, "*#grid"],
    importance: Float[np.ndarray, "*#grid"],
    density: Float[np.ndarray, "*#grid"],
) -> Float[np.ndarray, "*grid"]:
    """Return the expected loss; all arguments broadcast.

    Args:
        w_1: Weight of the first feature.
        w_2: Weight of the second.
        importance: r, of the second feature relative to the first.
        density: s = 1 − S.
    """
    overlap = w_1 * w_2
    leaked = np.maximum(overlap, 0.0) ** 2 / 3.0  # into the silent output
    alone_1 = (1.0 - w_1**2) ** 2 / 3.0 + leaked
    alone_2 = (1.0 - w_2**2) ** 2 / 3.0 + leaked
    one = alone_1 + importance * alone_2
    both = _both_active(w_1, w_2) + importance * _both_active(w_2, w_1)
    value: np.ndarray = np.asarray(density * (1.0 - density) * one + density**2 * both)
    return value


def _both_active(w: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return ∫∫ (x − ReLU(own · x + overlap · y))² dx dy over the unit square.

    Here own = w² and overlap = w · other. With overlap = −k < 0 the ReLU is silent where
    own · x < k y. For k < own that is a triangle next to the axis of y; its part is taken from the
    integral without ReLU. For k ≥ own the ReLU works on a triangle next to the axis of x only.
    """
    own, overlap = np.broadcast_arrays(w**2, w * other)
    k = np.maximum(-overlap, 0.0)
    zero = np.zeros(k.shape)
    linear = (1.0 - own) ** 2 / 3.0 - (1.0 - own) * overlap / 2.0 + overlap**2 / 3.0
    silent = own * (1.0 + own) * np.divide(k, own, out=zero.copy(), where=k < own) ** 3 / 12.0
    mostly = (k > 0) & (k >= own)
    working = np.divide(own**2, 4.0 * k, out=zero.copy(), where=mostly) * (1.0 - own / 3.0)
    loss: np.ndarray = np.where(mostly, 1.0 / 3.0 - working, linear - silent)
    return loss


def optimum(
    importance: Float[np.ndarray, "*#grid"], density: Float[np.ndarray, "*#grid"]
) -> Optimum:
    """Return the global minimum over (w_1, w_2) at every place of a grid of (r, s)."""
    opposite = optimum_with_sign(-1, importance, density)
    aligned = optimum_with_sign(1, importance, density)
    lower = opposite.loss < aligned.loss
    return Optimum(*(np.where(lower, o, a) for o, a in zip(opposite, aligned, strict=True)))


def optimum_with_sign(
    sign: int,
    importance: Float[np.ndarray, "*#grid"],
    density: Float[np.ndarray, "*#grid"],
) -> Optimum:
    """Return the lowest loss with w_2 of one sign (or 0), at every place of a grid of (r, s).

    Along a direction the outputs grow with R = (|w_1| + |w_2|)², the ReLU scaling with them. So the
    loss is quadratic in R, whose best value follows from three losses, and only directions are
    searched: (w_1, w_2) ∝ (1 − |u|, u).
    """
    r, s = np.broadcast_arrays(importance, density)
    low, high = sorted((0.0, float(sign)))
    u = lowest_point(lambda u: _along(u, r, s)[1], low, high, r.shape)
    R, lowest = _along(u, r, s)
    length = np.sqrt(R)
    return Optimum(np.asarray(length * (1.0 - np.abs(u))), np.asarray(length * u), lowest)


def _along(u: np.ndarray, r: np.ndarray, s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the best R for weights √R · (1 − |u|, u), and the loss there."""

    def at(R: float) -> np.ndarray:
        length = np.sqrt(R)
        return loss(np.asarray(length * (1.0 - np.abs(u))), np.asarray(length * u), r, s)

    none, one, two = at(0.0), at(1.0), at(2.0)
    # loss(R) = none − 2 R p + R² q
    q = (two - 2.0 * one + none) / 2.0
    p = (4.0 * (none - one) - (none - two)) / 4.0
    R = np.maximum(p, 0.0) / q
    return np.asarray(R), np.asarray(none - R * np.maximum(p, 0.0))


def flip_density(importance: Float[np.ndarray, "*grid"]) -> Float[np.ndarray, "*grid"]:
    """Return the density below which the antipodal pair is best: there w_2 changes its sign.

    By halving, as the pair is best at every lower density.
    """
    low, high = np.zeros_like(importance), np.ones_like(importance)
    for _ in range(30):
        middle = np.asarray((low + high) / 2.0)
        opposite = optimum_with_sign(-1, importance, middle).loss
        pair = opposite < optimum_with_sign(1, importance, middle).loss
        low, high = np.where(pair, middle, low), np.where(pair, high, middle)
    return np.asarray((low + high) / 2.0)
