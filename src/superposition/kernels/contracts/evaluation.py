"""A model and samples, to be compared with what the model makes of them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Tiles(NamedTuple):
    """Samples as the kernel reads them, in tiles of sixteen; empty ones fill up the last."""

    n: int
    number: int
    x: NDArray[np.float32]
    """Features `[tiles, n, 16]`."""
    row: NDArray[np.int32]
    """Features that are active in a tile, tile after tile."""
    first_row: NDArray[np.int64]
    """Where those of a tile begin, [tiles + 1]."""


class Comparison(NamedTuple):
    """A model and samples, to be compared with what it makes of them."""

    tiles: Tiles
    m: int
    encoder: NDArray[np.float64]
    """W by feature, `[n, m]`."""
    decoder: NDArray[np.float64]
    """W_out, `[n, m]`."""
    b: NDArray[np.float64]
    c: NDArray[np.float64]
    """Hidden biases, [m]; zero where a model has none."""
    hidden: int
    output: int
    target: int
    h: NDArray[np.float64]
    """Scratch: hidden activations of a tile, `[m, 16]`."""
    lanes: NDArray[np.float64]
    """Scratch: sums of errors, lane by lane, `[n, 16]`."""
    errors: NDArray[np.float64]
    """Where to write Σ_samples (t_i − y_i)², [n]."""
