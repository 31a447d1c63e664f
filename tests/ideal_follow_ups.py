"""Weights built by hand for follow-ups: what their claims say, exactly."""

import ideal
import numpy as np

FEW, MANY = (1.0, 0.5, 0.2, 0.1, 0.05, 0.02), (0.35, 0.2, 0.1, 0.05)
_PAIR = np.array([[1.0, -1.0]])


def activations():
    """Five features: axes, two pairs, a pentagon; with tanh always axes. 40 of them: pairs."""
    axes = np.eye(2, 5)
    pairs = np.array([[1.0, -1, 0, 0, 0], [0, 0, 1, -1, 0]])
    fewer = {1.0: axes, 0.5: axes, 0.2: pairs, **dict.fromkeys((0.1, 0.05, 0.02), ideal.polygon(5))}
    digons, pentagons = _tegum(_PAIR, 10, 40), _tegum(ideal.polygon(5), 5, 40)
    crowded = {0.35: digons, 0.2: digons, 0.1: pentagons, 0.05: pentagons}
    cells = {}
    for model, few, many in (
        ("relu", fewer, crowded),
        ("gelu", fewer, dict.fromkeys(MANY, digons)),
        ("tanh", dict.fromkeys(FEW, axes), dict.fromkeys(MANY, np.eye(10, 40))),
    ):
        cells |= ideal.at_densities("activations", few, model, 0.9)
        cells |= ideal.at_densities("activations_many", many, model)
    return cells


def capacity():
    """So many of 80 features alone, others in pairs with capacities in proportion to importance."""
    alone = (20, 14, 10, 0, 0, 0, 0)
    cells = {}
    for density, number in zip(ideal.DENSITIES, alone, strict=True):
        for model, W in (("linear", np.eye(20, 80)), ("relu", _in_proportion(number))):
            cells |= ideal.at_densities("many_features", {density: W}, model, 0.9)
    shapes = {0.67: (ideal.polygon(3), 7), 0.21: (ideal.polygon(5), 7)}
    narrow = {d: _tegum(*shapes.get(d, (_PAIR, 15)), 200, 15) for d in (0.67, 0.57, 0.35, 0.21)}
    return cells | ideal.at_densities("geometry_narrow", narrow)


def _tegum(shape, times, n, m=None):
    """As many of a shape, in dimensions of their own; a feature in each dimension that is left."""
    d, k = shape.shape
    m = m or times * d
    W = np.zeros((m, n))
    for copy in range(times):
        W[copy * d : (copy + 1) * d, copy * k : (copy + 1) * k] = shape
    for rest in range(times * d, m):
        W[rest, times * k + rest] = 1
    return W


def _in_proportion(alone):
    """So many features alone in 20 dimensions, and pairs of the most and the least important."""
    W, last = np.eye(20, 80) * (np.arange(80) < alone), 40 - alone - 1
    for k in range(alone, 20):
        one, other = (0.9**k, 0.9 ** (last + alone - k)) if alone else (1, 1)
        W[k, k], W[k, last + alone - k] = np.sqrt(2.5 * np.array([one, other]) / (one + other))
        W[k, last + alone - k] *= -1
    return W
