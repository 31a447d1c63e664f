"""The ReLU output model's expected loss, by the number of active features.

With n features, each active with probability 1 − S and then uniform on [0, 1],

    L = S^n L_0 + (1 − S) S^(n−1) L_1 + … + (1 − S)^n L_n,

where L_k is a sum over all sets of k active features. When features are sparse the first terms are
nearly everything (paper: Mathematical Understanding, #demonstrating-math). L_0, L_1 and L_2 are
exact here for any weights: every integrand is a polynomial on both sides of the line where an
output's ReLU switches.

All losses are the paper's, sums over features. Divide by n to compare with a trained model's.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from superposition.base.portable_math import powers
from superposition.measure.metrics import gram

_GAUSS = 0.5 / np.sqrt(3.0)


class OneActive(NamedTuple):
    """The terms of L_1: what is lost when exactly one feature is active."""

    benefit: Float[np.ndarray, " n"]
    """I_i ∫ (x − ReLU(‖W_i‖² x + b_i))² dx: how badly the active feature itself comes out."""
    interference: Float[np.ndarray, "n n"]
    """I_j ∫ ReLU(W_j · W_i x + b_j)² dx, of output j while feature i is active; 0 for j = i.

    Without positive bias only a positive W_j · W_i costs, and only where it exceeds −b_j.
    """


def expansion(
    W: Float[np.ndarray, "m n"],
    b: Float[np.ndarray, " n"],
    importance: Float[np.ndarray, " n"],
    density: float,
    order: int = 2,
) -> Float[np.ndarray, " terms"]:
    """The first terms of the loss, (1 − S)^k S^(n−k) L_k for k = 0 … order.

    What their sum leaves out is O((n (1 − S))^(order + 1)). All features have one density, 1 − S.
    """
    active, empty = (np.append(1.0, powers(one, b.size)) for one in (density, 1.0 - density))
    weight = (active * empty[::-1])[: order + 1]
    return np.asarray(weight * active_losses(W, b, importance, order).sum(axis=-1))


def active_losses(
    W: Float[np.ndarray, "m n"],
    b: Float[np.ndarray, " n"],
    importance: Float[np.ndarray, " n"],
    order: int = 2,
) -> Float[np.ndarray, "terms n"]:
    """The part of each output in L_k, for k = 0 … order; L_k is the sum of row k."""
    rows = [importance * np.maximum(b, 0.0) ** 2]
    if order >= 1:
        terms = one_active(W, b, importance)
        rows.append(terms.benefit + terms.interference.sum(axis=-1))
    if order >= 2:
        rows.append(_two_active(gram(W), b, importance))
    return np.stack(rows)


def one_active(
    W: Float[np.ndarray, "m n"],
    b: Float[np.ndarray, " n"],
    importance: Float[np.ndarray, " n"],
) -> OneActive:
    """The terms of L_1, feature by feature and pair by pair."""
    overlaps = gram(W)
    own = np.eye(b.size)
    loss = importance[:, None] * squared_error(own, np.zeros_like(own), overlaps, b[:, None])
    benefit = np.diagonal(loss).copy()
    np.fill_diagonal(loss, 0.0)
    return OneActive(benefit, loss)


def _two_active(
    overlaps: Float[np.ndarray, "n n"],
    b: Float[np.ndarray, " n"],
    importance: Float[np.ndarray, " n"],
) -> Float[np.ndarray, " n"]:
    """The part of each output in L_2, given WᵀW."""
    own = np.eye(b.size)
    first, second = np.triu_indices(b.size, 1)
    loss = [
        squared_error_of_two((of_x[first], of_x[second]), (to_x[first], to_x[second]), bias).sum()
        for of_x, to_x, bias in zip(own, overlaps, b[:, None], strict=True)
    ]
    return np.asarray(importance * np.array(loss))


def squared_error_of_two(
    slopes: tuple[np.ndarray, np.ndarray],
    gains: tuple[np.ndarray, np.ndarray],
    bias: np.ndarray,
) -> np.ndarray:
    """∫∫ (s_x x + s_y y − ReLU(g_x x + g_y y + bias))² dx dy over [0, 1]², exactly.

    The inner integral is over x. As a function of y it is a cubic between the two values of y where
    the ReLU switches at x = 0 and at x = 1; so two Gauss-Legendre points on each of the three
    pieces give the outer integral exactly.

    Args:
        slopes: Of the target in x and in y. All arguments broadcast.
        gains: Of the output before the ReLU, in x and in y.
        bias: Of the output before the ReLU, at the origin.
    """
    switches = crossing(gains[1], bias + 0.0 * gains[0]), crossing(gains[1], bias + gains[0])
    low, high = np.minimum(*switches), np.maximum(*switches)
    total: np.ndarray = np.zeros_like(low)
    for start, end in pairwise((0.0 * low, low, high, 1.0 + 0.0 * high)):
        for node in (-_GAUSS, _GAUSS):
            y = (start + end) / 2.0 + node * (end - start)
            inner = squared_error(slopes[0], slopes[1] * y, gains[0], gains[1] * y + bias)
            total += (end - start) / 2.0 * inner
    return total


def squared_error(
    slope: np.ndarray, offset: np.ndarray, gain: np.ndarray, bias: np.ndarray
) -> np.ndarray:
    """∫ (slope · x + offset − ReLU(gain · x + bias))² dx over [0, 1], exactly.

    Args:
        slope: Of the target in x. All arguments broadcast.
        offset: Of the target at x = 0.
        gain: Of the output before the ReLU, in x.
        bias: Of the output before the ReLU, at x = 0.
    """
    switch = crossing(gain, bias)
    rising = gain > 0
    on_from = np.where(rising, switch, 0.0)
    on_to = np.where(rising | ((gain == 0) & (bias > 0)), 1.0, np.where(gain < 0, switch, 0.0))
    silent = _integral(slope, offset, 0.0 * switch, on_from) + _integral(
        slope, offset, on_to, 1.0 + 0.0 * switch
    )
    return np.asarray(silent + _integral(slope - gain, offset - bias, on_from, on_to))


def crossing(gain: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """The zero of gain · x + bias, moved into [0, 1]; 0 where gain is 0."""
    gain, bias = np.broadcast_arrays(gain, bias)
    with np.errstate(over="ignore"):
        zero = np.divide(-bias, gain, out=np.zeros(gain.shape), where=gain != 0)
    return np.asarray(np.clip(zero, 0.0, 1.0))


def _integral(
    slope: np.ndarray, offset: np.ndarray, start: np.ndarray, end: np.ndarray
) -> np.ndarray:
    """∫ (slope · x + offset)² dx from start to end."""
    middle, width = (start + end) / 2.0, end - start
    return np.asarray(width * ((slope * middle + offset) ** 2 + (slope * width) ** 2 / 12.0))
