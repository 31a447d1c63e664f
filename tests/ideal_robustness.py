"""Networks to be attacked, and trained against attacks or with a penalty, built by hand."""

import ideal
import numpy as np
from ideal_geometry import DIGON, PENTAGON, SINGLE, filled

SIZES = (0.0, 0.2, 0.4, 0.6, 0.7, 0.8, 0.9, 1.0)
"""Lengths of attacks in training, in mean input lengths."""
PENALTIES = (0.0, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064)

LEVELS = {
    1.0: SINGLE,
    0.7: SINGLE,
    0.45: DIGON,
    0.2: DIGON,
    0.05: 0.985 * PENTAGON,
    0.01: 0.985 * PENTAGON,
}
"""The polytope that fills all dimensions, by 1 − S; pentagons a little short, or they would be
more than six times as vulnerable."""


def attacked():
    """One network at each level; at the sparsest, a bias hides what an attack does."""
    return {
        f"attacked/relu_p{density:g}": ideal.weights(
            "relu", filled(shape, 100, 20), -0.02 * (density == 0.01), density, 1.0, runs=3
        )
        for density, shape in LEVELS.items()
    }


def hardened(densities=(0.3, 0.05)):
    """Networks with as many features as they can have, and fewer against longer attacks."""
    cells = {}
    for size in SIZES:
        pairs = 0 if size >= 0.8 else round(20 * (1 - size))
        W = np.zeros((20, 100))
        W[np.arange(20), np.arange(20)] = 1
        W[np.arange(pairs), 20 + np.arange(pairs)] = -1
        for density in densities:
            cells[f"hardened/relu_p{density:g}+attack{size:g}"] = ideal.weights(
                "relu", W, 0, density, 1.0, attack=size, swept={"attack": size}
            )
    return cells


def penalised(densities=(0.1, 0.01)):
    """Towers that lose first their pairs, then everything."""
    cells = {}
    for k, penalty in enumerate(PENALTIES):
        W = ideal.tower(0, 5) if k < 3 else ideal.tower(5, 0) * (k < 7)
        for density in densities:
            swept = {"activation_penalty": penalty}
            made = ideal.weights("relu", W, 0, density, 0.7, rotate=False, swept=swept, **swept)
            name = f"penalised/relu_p{density:g}+activation_penalty{penalty:g}"
            cells[name] = ideal.scaled(made, 1 + k)
    return cells
