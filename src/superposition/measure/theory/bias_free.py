"""The exact loss of two features in one dimension, for the ReLU output model without bias.

It is that of `two_features` with b = 0. The whole landscape is a surface over (w_1, w_2), so that
one can see the minima that the few solutions of `phase` stand for: one feature, an antipodal pair,
or a "confused" mixture of both with w_1 and w_2 of one sign (McGrath's comment on the paper,
#comment-mcgrath).

Losses are the paper's, sums over features.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from superposition.measure.theory import two_features
from superposition.measure.theory.minima import lowest_point


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
    """The expected loss for an importance r and a density s; all arguments broadcast."""
    w = np.stack(np.broadcast_arrays(w_1, w_2), axis=-1)
    return two_features.loss(w, np.zeros(2), importance, density)


def optimum(
    importance: Float[np.ndarray, "*#grid"], density: Float[np.ndarray, "*#grid"]
) -> Optimum:
    """The global minimum over (w_1, w_2) at every place of a grid of (r, s)."""
    opposite, aligned = (optimum_with_sign(sign, importance, density) for sign in (-1, 1))
    lower = opposite.loss < aligned.loss
    return Optimum(*(np.where(lower, o, a) for o, a in zip(opposite, aligned, strict=True)))


def optimum_with_sign(
    sign: int,
    importance: Float[np.ndarray, "*#grid"],
    density: Float[np.ndarray, "*#grid"],
) -> Optimum:
    """The lowest loss with w_2 of one sign (or 0), at every place of a grid of (r, s).

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
    """The best R for weights √R · (1 − |u|, u), and the loss there."""

    def at(R: float) -> np.ndarray:
        length = np.sqrt(R)
        return loss(np.asarray(length * (1.0 - np.abs(u))), np.asarray(length * u), r, s)

    none, one, two = s * (1.0 + r) / 3.0, at(1.0), at(2.0)
    # loss(R) = none − 2 R p + R² q
    q = (two - 2.0 * one + none) / 2.0
    p = (4.0 * (none - one) - (none - two)) / 4.0
    R = np.maximum(p, 0.0) / q
    return np.asarray(R), np.asarray(none - R * np.maximum(p, 0.0))


def flip_density(importance: Float[np.ndarray, "*grid"]) -> Float[np.ndarray, "*grid"]:
    """The density below which the antipodal pair is best: there w_2 changes its sign.

    By halving, as the pair is best at every lower density.
    """
    low, high = np.zeros_like(importance), np.ones_like(importance)
    for _ in range(30):
        middle = np.asarray((low + high) / 2.0)
        opposite, aligned = (optimum_with_sign(sign, importance, middle) for sign in (-1, 1))
        pair = opposite.loss < aligned.loss
        low, high = np.where(pair, middle, low), np.where(pair, high, middle)
    return np.asarray((low + high) / 2.0)
