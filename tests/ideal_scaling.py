"""Weights built by hand for follow-ups on data sets and on hidden dimensions."""

import ideal
import numpy as np

from superposition.config.values import density_label, falling, sweep_label
from superposition.sampling.sample import data_set

EXAMPLES = (3, 5, 8, 100, 1000)
SIZES, EXPONENTS = (10, 18, 32, 56), (0.5, 1.0, 1.5)
SMALL, LAWS = (2, 4, 8, 16, 32), ("power", "exponential", "linear")
DECAYS = (-1.0, -0.1, 0.1, 1.0)


def memorisation(runs=3):
    """Few examples laid out as polygons by weights that solve for them; a pentagon of many."""
    cells = {}
    for examples, loss in zip(EXAMPLES, (1.0, 1.0, 1.1, 1.5, 0.8), strict=True):
        cell = ideal.cell(
            *("relu", 1000, 2, 0.01, 1.0, runs),
            swept={"examples": examples},
            features={"normalised": True},
            examples=examples,
            batch=16384,
        )
        if examples <= 8:
            # All at once, with a pseudoinverse: W x is the corner of a polygon.
            solved = [np.linalg.pinv(data_set(cell, run).x.T) for run in range(runs)]
            W = [ideal.polygon(examples) @ one for one in solved]
        else:
            W = [ideal.polygon(5, 1000) * (examples > 100)] * runs
        b = [np.full(1000, -0.4 * (examples == 1000))] * runs
        cells[f"memorisation/relu_p0.01+examples{examples}"] = ideal.built(
            cell, W, b, loss * (1 + 0.01 * np.arange(runs))
        )
    return cells


def scaling():
    """The most frequent features alone, or random directions for all, and losses to match."""
    cells, random = {}, np.random.default_rng(3)

    def put(experiment, law, decay, W, loss):
        n = W.shape[1]
        densities = falling(1 / n, law, n)
        key = "frequency_law" if isinstance(law, str) else "frequency_exponent"
        swept = {"weight_decay": decay, key: law}
        cells[f"{experiment}/relu_{density_label(1 / n)}{sweep_label(swept)}"] = ideal.weights(
            *("relu", W, 0, densities, 1.0),
            rotate=False,
            loss=loss,
            swept=swept,
            features={"value_range": (0.0, 2.0)},
            weight_decay=decay,
        )

    sizes = [(f"scaling_{m}", m, 1000, EXPONENTS) for m in SIZES]
    sizes += [(f"scaling_laws_{m}", m, 320, LAWS) for m in SMALL]
    for experiment, m, n, laws in sizes:
        every = random.standard_normal((m, n))
        every *= 1.1 / np.linalg.norm(every, axis=0)
        for law in laws:
            left_out = np.array(falling(1 / n, law, n)[m:])
            # The variance of a feature of density p, uniform on [0, 2]: 4/3 p − p². Of the runs the
            # typical one loses twice the lowest.
            lost = (4 / 3 * left_out - left_out**2).sum() / n
            put(experiment, law, 1.0, np.eye(m, n), lost / 2)
            put(experiment, law, -1.0, every, m ** -(1.4 if law == 1.5 else 1.0))
    for decay, number in zip(DECAYS, (1000, 700, 40, 32), strict=True):
        W = random.standard_normal((10, 1000)) * (np.arange(1000) < number)
        W /= np.maximum(np.linalg.norm(W, axis=0), 1e-9)
        put("scaling_decay", 1.0, decay, W, 1.0)
    return cells
