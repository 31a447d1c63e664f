"""Weights built by hand: what the paper says trained models look like, exactly."""

from dataclasses import replace

import numpy as np

from superposition.config.settings import Cell, FeatureSettings, ModelSettings, TrainingSettings
from superposition.measure.geometry import shapes
from superposition.model.parameters import Parameters
from superposition.model.weights import Weights

DENSITIES = (1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001)


def cell(model, n, m, density, decay, runs, swept=None, features=None, **training):
    """A cell's settings; a density of all features or of each, I_i = decay^i or of each."""
    densities = density if isinstance(density, tuple) else (density,) * n
    importance = decay if isinstance(decay, tuple) else tuple(decay**i for i in range(n))
    return Cell(
        features=FeatureSettings(n_features=n, feature_probability=densities, **features or {}),
        model=ModelSettings(model=model, n_hidden=m, importance=importance),
        training=TrainingSettings(**training),
        seed=0,
        runs=runs,
        evaluation_samples=16,
        swept=swept or {},
    )


def built(cell, W, b, loss, **others):
    """Runs of a cell, `[runs, …]` of each parameter."""
    arrays = {"W": W, "b": b, **others}
    final = Parameters(
        **{name: np.asarray(array, dtype=np.float32) for name, array in arrays.items()}
    )
    return Weights(cell, tuple(range(len(W))), final, loss=np.asarray(loss, dtype=np.float64))


def weights(model, W, b, density, decay, runs=3, rotate=True, loss=1.0, others=None, **settings):
    """Runs of one solution, each in its own hidden basis; the middle run is the best.

    The others are parameters besides W and b, the same in every run.
    """
    m, n = W.shape
    random = np.random.default_rng(7)
    bases = [
        np.linalg.qr(random.standard_normal((m, m)))[0] if rotate else np.eye(m)
        for _ in range(runs)
    ]
    return built(
        cell(model, n, m, density, decay, runs, **settings),
        [basis @ W for basis in bases],
        np.broadcast_to(b, (runs, n)),
        loss * (np.abs(np.arange(runs) - runs // 2) + 1.0),
        **{name: [array] * runs for name, array in (others or {}).items()},
    )


def at_densities(experiment, solutions, model="relu", decay=1.0, **given):
    """Cells without biases: W by density."""
    return {
        f"{experiment}/{model}_p{density:g}": weights(model, W, 0, density, decay, **given)
        for density, W in solutions.items()
    }


def polygon(k, n=None, radius=1.0):
    """W of k directions evenly around the circle, and none for the other features."""
    W = np.zeros((2, n or k))
    W[:, :k] = radius * shapes.polygon(k)
    return W


def intro(**training):
    """The three panels of the paper's first figure."""
    axes, pairs = np.zeros((2, 5)), np.zeros((2, 5))
    axes[:, :2] = np.eye(2)
    pairs[:, :4] = [[1, 0, 0, -1], [0, 1, -1, 0]]
    solutions = {1.0: (axes, [0, 0, 0.5, 0.5, 0.5]), 0.2: (pairs, [0, 0, 0, 0, 0.1])}
    solutions[0.1] = (polygon(5, radius=1.1), [-0.2] * 5)
    return {
        f"intro/relu_p{density:g}": weights("relu", W, b, density, 0.9, **training)
        for density, (W, b) in solutions.items()
    }


def tower(alone, pairs, extra=0):
    """Features with a dimension each, then antipodal pairs, then some between two pairs."""
    W = np.zeros((5, 20))
    W[range(alone), range(alone)] = 1
    for k in range(pairs):
        W[alone + k, alone + 2 * k] = 1
        W[alone + k, alone + 2 * k + 1] = -1
    for k in range(extra):
        W[[2 * k, 2 * k + 1], 10 + k] = np.sqrt(0.5)
    return W


def demonstration(**training):
    """Both models at all densities as the paper's figure shows them."""
    towers = ((5, 0), (3, 2), (1, 4), (0, 5), (0, 5, 1), (0, 5, 2), (0, 5, 2))
    cells = {}
    for density, shape in zip(DENSITIES, towers, strict=True):
        for model, W in (("linear", tower(5, 0)), ("relu", tower(*shape))):
            b = np.where(np.abs(W).sum(axis=0) > 0, 0.0, density / 2)
            if len(shape) == 3 and model == "relu":
                b -= 0.1
            cells[f"demonstration/{model}_p{density:g}"] = weights(
                model, W, b, density, 0.7, **training
            )
    return cells


def scaled(weights, factor):
    """Runs with their losses multiplied."""
    return replace(weights, loss=weights.loss * factor)
