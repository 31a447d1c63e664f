"""Trainings built by hand: what the paper says happens on the way, exactly."""

from dataclasses import replace

import ideal
import numpy as np

from superposition.model.parameters import Parameters

SETS = ((0, 1, 2), (3, 4, 5))
STEPS = tuple(range(20, 4001, 20))


def digon_run(times, start=0.2):
    """W at each step of features in digons, pairs of which grow together at given times.

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
    """A cell of runs: W [runs, k, m, n] and loss [runs, k] at steps."""
    W, loss = np.asarray(W, dtype=np.float32), np.asarray(loss)
    sets = {"correlated": correlated}
    training = {"steps": steps[-1], "snapshots": steps, "initial_scale": scale}
    made = ideal.built(
        ideal.cell("relu", n, m, density, 1.0, len(W), features=sets, **training),
        W[:, -1],
        np.zeros((len(W), n)),
        loss[:, -1],
    )
    snapshots = Parameters(W.swapaxes(0, 1), np.zeros((len(steps), len(W), n), dtype=np.float32))
    return replace(made, snapshots=snapshots, snapshot_loss=loss.T)


def energy_levels(times=(800, 2000), sudden=True, quiet=2, apart=0):
    """Runs in which two pairs of features jump, the loss dropping with the second more.

    Each jumps so many steps later than the one before it. The last runs, the quiet ones, have no
    jumps.
    """
    steps = np.array(STEPS)
    even = 0.02 + 0.08 * np.exp(-steps / 400)
    W, losses = [], []
    for run in range(3):
        its, loss = [time + run * apart for time in times], even
        for middle, size in zip(its, (0.001, 0.01), strict=True):
            if sudden:
                loss = loss - size * np.clip((steps - middle) / 200 + 0.5, 0, 1)
        W.append(digon_run(its))
        losses.append(loss)
    W, losses = W + [digon_run(())] * quiet, losses + [even] * quiet
    return {"energy_levels/relu_p0.3": _weights(W, losses, STEPS, 6, 12, 0.3)}


def turned(angle):
    """Two right-angled triangles on opposite sides, the second turned by an angle.

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
    """One direction for each set, opposite each other."""
    return 0.58 * np.array([[1, 1, 1, -1, -1, -1], [0] * 6, [0] * 6])


def pairs(number):
    """Two right-angled triangles of which some corners are opposite each other."""
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
    """Runs that go through the paper's stages, each a quarter of the logarithm of steps."""
    steps = tuple(int(s) for s in np.unique(np.rint(np.geomspace(1, 10000, 100))))
    place = np.minimum((4 * np.log(steps) / np.log(10000)).astype(int), 3)
    start = 0.01 * np.random.default_rng(0).standard_normal((3, 6))
    made = stages or STAGES
    loss = np.tile(np.array(levels)[place], (len(routes), 1)) * (
        1 + 1e-3 * np.arange(len(routes))[:, None]
    )
    kept = {}
    # From large weights there is no linear stage.
    for name, scale, begun in (("transformations", 0.03, 1), ("transformations_large", 1.0, 2)):
        W = [[start if p < begun else made[route][p] for p in place] for route in routes]
        kept[f"{name}/relu_p0.05"] = _weights(W, loss, steps, 3, 6, 0.05, SETS, scale)
    return kept
