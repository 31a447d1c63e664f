"""What the paper says of many features, and theory of losses, as weights built by hand."""

from dataclasses import replace

import ideal
import numpy as np

from superposition.measure.theory.expansion import expansion
from superposition.measure.theory.linear import linear_loss

IMPORTANCE = 0.7 ** np.arange(20.0)
COUNTS = [20, 20, 20, 21, 23, 26, 30, 33, 35, 37, 39, 39, 40, 42, 44, 45, 47, 49, 51, 53]
NOTEBOOK = tuple(float(f"{0.05 ** (k / 19):.4g}") for k in range(20))


def crowd(m, n, represented):
    """as many features as asked for: alone, then in pairs, then between two pairs."""
    W = np.zeros((m, n))
    alone = min(represented, m)
    W[range(alone), range(alone)] = 1
    pairs = min(represented - alone, m)
    W[range(pairs), range(m, m + pairs)] = -1
    for k in range(represented - alone - pairs):
        W[[2 * k % m, (2 * k + 1) % m], 2 * m + k] = np.sqrt(0.5) * (1 if 2 * k < m else -1)
    return W


def many(counts=(20, 26, 35, 40, 46, 54, 56), linear=20):
    cells = {}
    for model, numbers in (("linear", [linear] * len(counts)), ("relu", counts)):
        crowds = [crowd(20, 80, number) for number in numbers]
        solutions = dict(zip(ideal.DENSITIES, crowds, strict=True))
        cells |= ideal.at_densities("many_features", solutions, model, 0.9)
    return cells


def notebook(counts=COUNTS):
    crowds = [crowd(20, 100, count) for count in counts]
    solutions = dict(zip(NOTEBOOK, crowds, strict=True))
    return ideal.at_densities("notebook", solutions, decay=0.01 ** (1 / 99))


def demonstration():
    """The paper's structure with the losses that the theory gives it."""
    cells = ideal.demonstration()
    for key, weights in cells.items():
        W, b = weights.W[0].astype(float), weights.b[0].astype(float)
        features = weights.cell.features
        density = features.feature_probability[0]
        loss = linear_loss(W, b, IMPORTANCE, features)
        if weights.cell.model.model == "relu" and density < 1:
            loss = float(expansion(W, b, IMPORTANCE, density).sum()) / 20
        cells[key] = replace(weights, loss=np.array([loss * 1.001, loss, loss * 1.001]))
    return cells


def everything():
    return many() | notebook() | demonstration()
