"""The exact expected loss of the ReLU output model, and its slopes, where features share with few.

Output i is y_i = ReLU(v_i) with v_i = Σ_j g_j x_j + b, g_j = W_i · W_j. Its mean squared error is
E[x_i²] − 2 E[x_i y_i] + E[y_i²]. Every active feature is uniform on [0, 1], and to mean a function
over it is to integrate once and to divide by its gain:

    ∫ f(u + g x) dx = (F(u + g) − F(u)) / g,
    ∫ x f(u + g x) dx = F(u + g) / g − (F₂(u + g) − F₂(u)) / g²,

with F and F₂ the first and second integrals of f. Those of ReLU(u) and ReLU(u)² are powers again.
So both means are sums of terms c Π_j g_j^−k_j ReLU(b + Σ_j s_j g_j)^e / e!, with s_j 0 or 1: three
for each feature, 3^k for k that share. Where a gain is near 0 the difference of integrals would
lose its digits; there three Gauss-Legendre points stand for the integral.

What `expansion` tells order by order, and for any number of features up to two active ones, is told
here of all at once, for components of a network: features orthogonal to all others cost nothing.
Losses are sums over features, as the paper's.
"""

import math
from collections.abc import Iterable
from functools import reduce
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from superposition.config.settings import FeatureSettings
from superposition.sampling.distribution import units

MOST = 11
"""Features that may share an output: 3^11 terms."""
_ORTHOGONAL = 1e-9
"""A gain below this is none."""
_SMALL = 0.02
"""A gain below this is integrated at points."""
_POINTS = 0.5 + np.sqrt(0.15) * np.array([-1.0, 0.0, 1.0])
_WEIGHTS = np.array([5.0, 8.0, 5.0]) / 18.0


class Row(NamedTuple):
    """The error of one output, and its slopes."""

    error: float
    """E[(x_i − y_i)²]."""
    by_gain: Float[np.ndarray, " n"]
    """Slope in each g_j."""
    by_bias: float
    """Slope in b_i."""


class _Terms(NamedTuple):
    """Terms of a mean over some features: coefficients, and each feature's s_j and k_j."""

    c: Float[np.ndarray, " terms"]
    s: Float[np.ndarray, "terms n"]
    k: Float[np.ndarray, "terms n"]


def expected_loss(
    products: Float[np.ndarray, "n n"],
    b: Float[np.ndarray, " n"],
    importance: Float[np.ndarray, " n"],
    features: FeatureSettings,
) -> tuple[float, Float[np.ndarray, "n n"], Float[np.ndarray, " n"]]:
    """The loss, a sum over features, and its slopes in the products and the biases.

    Args:
        products: WᵀW, or what else takes x to the outputs before bias and ReLU.
        b: Output biases.
        importance: I_i.
        features: The distribution of x; magnitudes are taken for values on [0, 1].

    Raises:
        ValueError: If more than `MOST` features share an output.
    """
    independent = not (features.correlated or features.anticorrelated)
    p = np.array(features.feature_probability)
    by_product, by_bias, total = np.zeros_like(products), np.zeros_like(b), 0.0
    known: dict[bytes, Row] = {}
    for i in np.flatnonzero(importance).tolist():
        # Vertices that a symmetry takes into each other have the same gains in another order.
        order = np.lexsort((p, np.round(products[i], 9)))
        key = np.round([b[i], p[i], products[i, i], *products[i, order], *p[order]], 9).tobytes()
        if independent and key in known:
            row = known[key]
        else:
            row = output_error(products[i], float(b[i]), i, features)
            row = known[key] = row._replace(by_gain=row.by_gain[order])
        total += importance[i] * row.error
        by_product[i, order] = importance[i] * row.by_gain
        by_bias[i] = importance[i] * row.by_bias
    return float(total), by_product, by_bias


def output_error(
    gains: Float[np.ndarray, " n"], b: float, i: int, features: FeatureSettings
) -> Row:
    """The error of output i, and its slopes.

    Args:
        gains: g_j of every feature in it.
        b: Its bias.
        i: The feature that it is to give back.
        features: The distribution of x.
    """
    sharing = np.abs(gains) > _ORTHOGONAL
    sharing[i] = True
    if sharing.sum() > MOST:
        raise ValueError(
            f"{sharing.sum()} features share output {i}; the loss is exact for up to {MOST}"
        )
    place = {int(j): at for at, j in enumerate(np.flatnonzero(sharing))}
    g = gains[sharing]
    one = _Terms(np.ones(1), *np.zeros((2, 1, g.size)))
    plain, weighted, probability = one, one, 0.0
    for members in units(features):
        here = [place[j] for j in members if j in place]
        if not here:
            continue
        p = features.feature_probability[members[0]]
        exclusive = members in features.anticorrelated
        sets = [(p / len(members), [j]) for j in here] if exclusive else [(p, here)]
        silent = _scaled(one, 1.0 - math.fsum(share for share, _ in sets))
        active = [_scaled(_together(one, g, some), share) for share, some in sets]
        mean = _sum([silent, *active])
        plain = _times(plain, mean)
        if i in members:
            probability, some = next(each for each in sets if place[i] in each[1])
            mean = _scaled(_together(one, g, some, own=place[i]), probability)
        weighted = _times(weighted, mean)
    square, cross = _mean(plain, g, b, 2), _mean(weighted, g, b, 1)
    by_gain = np.zeros(gains.size)
    by_gain[sharing] = 2.0 * (square.by_gain - cross.by_gain)
    # ReLU² is 2 · ReLU² / 2!, and the target enters with −2.
    error = probability / 3.0 + 2.0 * (square.error - cross.error)
    return Row(error, by_gain, 2.0 * (square.by_bias - cross.by_bias))


def _together(
    one: _Terms, gains: Float[np.ndarray, " n"], members: Iterable[int], own: int = -1
) -> _Terms:
    """The mean over members that are active together."""
    return reduce(_times, (_active(gains, j, weighted=j == own) for j in members), one)


def _active(gains: Float[np.ndarray, " n"], j: int, weighted: bool = False) -> _Terms:
    """The mean over an active x_j of what is a function of v, or of x_j times it."""
    if abs(gains[j]) < _SMALL:
        c, s, k = _WEIGHTS * (_POINTS if weighted else 1.0), _POINTS, np.zeros(3)
    elif weighted:
        c, s, k = np.array([1.0, -1.0, 1.0]), np.array([1.0, 1.0, 0.0]), np.array([1.0, 2.0, 2.0])
    else:
        c, s, k = np.array([1.0, -1.0]), np.array([1.0, 0.0]), np.ones(2)
    shifts, powers = np.zeros((2, c.size, gains.size))
    shifts[:, j], powers[:, j] = s, k
    return _Terms(c, shifts, powers)


def _times(a: _Terms, b: _Terms) -> _Terms:
    """The terms of both means taken one after the other."""
    c = (a.c[:, None] * b.c).ravel()
    s, k = ((one[:, None] + other).reshape(c.size, -1) for one, other in ((a.s, b.s), (a.k, b.k)))
    return _Terms(c, s, k)


def _sum(parts: Iterable[_Terms]) -> _Terms:
    return _Terms(*map(np.concatenate, zip(*parts, strict=True)))


def _scaled(terms: _Terms, factor: float) -> _Terms:
    return terms._replace(c=factor * terms.c)


def _mean(terms: _Terms, gains: Float[np.ndarray, " n"], b: float, power: int) -> Row:
    """The mean of ReLU(v)^power / power!, as an error, and its slopes."""
    inverse = np.divide(1.0, gains, out=np.zeros(gains.size), where=terms.k.any(axis=0))
    w = terms.c * np.where(terms.k > 0, inverse * np.where(terms.k > 1, inverse, 1.0), 1.0).prod(1)
    v = b + (terms.s * gains).sum(axis=1)
    order = terms.k.sum(axis=1).astype(int) + power
    table = np.empty((order.max() + 1, v.size))
    table[0] = v > 0
    for degree in range(1, len(table)):
        table[degree] = table[degree - 1] * np.maximum(v, 0.0) / degree
    value, slope = (w * table[order - less, np.arange(v.size)] for less in (0, 1))
    by_gain = (slope[:, None] * terms.s).sum(axis=0)
    by_gain -= inverse * (value[:, None] * terms.k).sum(axis=0)
    return Row(float(value.sum()), by_gain, float(slope.sum()))
