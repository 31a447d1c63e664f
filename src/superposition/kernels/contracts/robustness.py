"""A network under attack."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Inputs(NamedTuple):
    """Samples in tiles of sixteen, as the kernel reads them."""

    n: int
    number: int
    x: NDArray[np.float64]
    """Features `[tiles, n, 16]`."""
    start: NDArray[np.float64]
    """Unit vectors, from which attacks with a random start begin, `[tiles, n, 16]`."""


class Attack(NamedTuple):
    """A network, samples, and attacks to try."""

    inputs: Inputs
    m: int
    W: NDArray[np.float64]
    """W by feature, `[n, m]`."""
    b: NDArray[np.float64]
    importance: NDArray[np.float64]
    """I_i, [n]."""
    output: int
    length: float
    """λ."""
    stride: float
    """Length of a gradient step."""
    steps: int
    effects: NDArray[np.float64]
    """What the attack on each feature adds to each output before the activation, `[n, n]`."""
    z: NDArray[np.float64]
    """Scratch: outputs before the activation, of a tile, `[n, 16]`."""
    h: NDArray[np.float64]
    """Scratch: hidden activations, or their gradient, `[m, 16]`."""
    delta: NDArray[np.float64]
    """Scratch: δ, `[n, 16]`."""
    slope: NDArray[np.float64]
    """Scratch: attacked samples, then the loss's gradient, `[n, 16]`."""
    losses: NDArray[np.float64]
    """Where to write the loss of each sample: clean, analytic, gradient, random start; `[4, k]`."""
