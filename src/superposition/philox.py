"""Random numbers that are a pure function of where they are used.

Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC
2011) maps a 128-bit counter and a 64-bit key to four 32-bit words. The key is the run; the counter
says which step, sample and feature a number is for. So no number depends on what was drawn before
it, on the order of jobs or on threads, and any batch of any run can be drawn again.

Samples are drawn in blocks of 64. Word w of counter lane l belongs to sample 16 w + l of its block,
so that one evaluation in sixteen lanes gives a slot (a feature, say) of all 64 samples without
waste:

    counter = (16 · block + lane, slot, step, use)
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from superposition.compilation import EntryPoint
from superposition.settings import digest

BLOCK = 64
"""Samples drawn together."""

UNITS, MAGNITUDES, WEIGHTS, ATTACKS = 0, 1, 2, 3
"""What a number is used for: whether a feature is active; how strongly; initial weights; which
feature of a sample is attacked."""


class Words(NamedTuple):
    """Words of one slot, to be drawn for whole blocks of samples."""

    key: np.uint64
    """Philox key."""
    use: int
    """What for: `UNITS`, `MAGNITUDES`, `WEIGHTS` or `ATTACKS`."""
    step: int
    """Training step."""
    slot: int
    """Which number of a sample."""
    blocks: int
    """How many blocks, from the first on."""
    out: NDArray[np.uint32]
    """Where to write, [64 · blocks]."""


def _fill_words() -> Callable[[Words], None]:
    from superposition.kernels.philox import fill

    return fill


_fill = EntryPoint(Words, _fill_words)


def key_of(identity: str) -> np.uint64:
    """Return the Philox key of whatever a text identifies: the first 64 bits of its SHA-256."""
    return np.uint64(int(digest(identity)[:16], 16))


def words(key: np.uint64, use: int, step: int, slot: int, count: int) -> NDArray[np.uint32]:
    """Return the words of one slot for samples 0 … count − 1, `[count]`."""
    blocks = -(-count // BLOCK)
    out = np.empty(blocks * BLOCK, dtype=np.uint32)
    _fill(Words(key, use, step, slot, blocks, out))
    return out[:count]
