"""Random words: what they are for, and where to write them (see `sampling.philox`)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

BLOCK = 64
"""Samples drawn together."""

UNITS, MAGNITUDES, WEIGHTS, ATTACKS = 0, 1, 2, 3
"""What a number is used for: whether a feature is active; how strongly; initial weights; which
feature of a sample is attacked."""


class Words(NamedTuple):
    """Words of one slot, to be drawn for whole blocks of samples."""

    key: np.uint64
    use: int
    """What for: `UNITS`, `MAGNITUDES`, `WEIGHTS` or `ATTACKS`."""
    step: int
    slot: int
    """Which number of a sample."""
    blocks: int
    """How many blocks, from the first on."""
    out: NDArray[np.uint32]
    """Where to write, [64 · blocks]."""
