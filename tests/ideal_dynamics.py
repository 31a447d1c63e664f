"""Trainings built by hand: what the paper says happens on the way, exactly."""

import numpy as np
from ideal import cell

from superposition.parameters import Parameters
from superposition.settings import TrainingSettings
from superposition.weights import Weights

SETS = ((0, 1, 2), (3, 4, 5))
RUNS = 10
STEPS = tuple(range(20, 4001, 20))


def digon_run(times, start=0.2):
    """Return W at each step of features in digons, pairs of which grow together at given times.

    A pair is at right angles at first, sharing a digon's dimension with nothing; while it jumps,
    the angle closes to 180°.
    """
    W = np.zeros((len(STEPS), 6, 12))
    for pair in range(6):
        middle = times[pair] if pair < len(times) else None
        for k, step in enumerate(STEPS):
            share = 1.0 if middle is None else np.clip((step - middle) / 200 + 0.5, 0, 1)
            length = start + (1 - start) * share
            W[k, pair, 2 * pair] = 1
            W[k, pair, 2 * pair + 1] = -length
    return W


def _weights(W, loss, steps, m, n, density, correlated=(), scale=1.0):
    """Return a cell of runs: W [runs, k, m, n] and loss [runs, k] at steps."""
    base = cell("relu", n, m, density, 1.0, len(W), steps=steps[-1], snapshots=steps)
    features = base.features.model_copy(update={"correlated": correlated})
    training = TrainingSettings(steps=steps[-1], snapshots=steps, initial_scale=scale)
    b = np.zeros((len(W), n), dtype=np.float32)
    W = np.asarray(W, dtype=np.float32)
    return Weights(
        base.model_copy(update={"features": features, "training": training}),
        tuple(range(len(W))),
        Parameters(W[:, -1], b),
        np.asarray(loss)[:, -1],
        {step: Parameters(W[:, k], b) for k, step in enumerate(steps)},
        np.asarray(loss).T,
    )


def energy_levels(times=(800, 2000), sudden=True):
    """Return runs in which two pairs of features jump, the loss dropping with the second more.

    The last runs have no jumps.
    """
    steps = np.array(STEPS)
    even = 0.02 + 0.08 * np.exp(-steps / 400)
    loss = even
    for middle, size in zip(times, (0.001, 0.01), strict=True):
        if sudden:
            loss = loss - size * np.clip((steps - middle) / 200 + 0.5, 0, 1)
    W = [digon_run(times)] * 3 + [digon_run(())] * 2
    return {
        "energy_levels/relu_p0.3": _weights(W, [loss] * 3 + [even] * 2, STEPS, 6, 12, 0.3),
    }


def turned(angle):
    """Return two right-angled triangles on opposite sides, the second turned by an angle.

    At 60 degrees they are an octahedron.
    """
    corners = np.eye(3)
    axis = np.ones(3) / np.sqrt(3)
    cross = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / np.sqrt(3)
    turn = np.deg2rad(angle - 60)
    spin = np.eye(3) + np.sin(turn) * cross + (1 - np.cos(turn)) * (cross @ cross)
    assert np.allclose(spin @ axis, axis)
    return np.hstack([corners, -spin @ corners])


def linear():
    """Return one direction for each set, opposite each other."""
    return 0.58 * np.array([[1, 1, 1, -1, -1, -1], [0] * 6, [0] * 6])


def pairs(number):
    """Return two right-angled triangles of which some corners are opposite each other."""
    W = turned(60)
    if number == 1:
        W[:, 4:] = W[:, 4:] @ np.array([[0.8, 0.6], [-0.6, 0.8]])
    return W


STAGES = {
    "antiprism": (0.02 * np.ones((3, 6)), linear(), turned(30), turned(60)),
    "pairs": (0.02 * np.ones((3, 6)), linear(), pairs(1), turned(60)),
}
LEVELS = (0.0167, 0.003, 0.0005, 0.0004)


def transformations(routes=("antiprism",) * 7 + ("pairs",) * 3, stages=None, levels=LEVELS):
    """Return runs that go through the paper's stages, each a quarter of the logarithm of steps."""
    steps = tuple(int(s) for s in np.unique(np.rint(np.geomspace(1, 10000, 100))))
    place = np.minimum((4 * np.log(steps) / np.log(10000)).astype(int), 3)
    start = 0.01 * np.random.default_rng(0).standard_normal((3, 6))
    made = stages or STAGES
    W = [[start if p == 0 else made[route][p] for p in place] for route in routes]
    loss = np.tile(np.array(levels)[place], (len(routes), 1)) * (
        1 + 1e-3 * np.arange(len(routes))[:, None]
    )
    kept = {
        name: _weights(W, loss, steps, 3, 6, 0.05, SETS, scale)
        for name, scale in (("transformations", 0.03), ("transformations_large", 1.0))
    }
    return {f"{name}/relu_p0.05": weights for name, weights in kept.items()}
