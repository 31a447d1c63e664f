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

import numpy as np
from numpy.typing import NDArray

from superposition.base.canonical import canonical_json, digest
from superposition.config.settings import Cell
from superposition.kernels.compilation import EntryPoint
from superposition.kernels.contracts.philox import BLOCK, Words

_fill = EntryPoint(Words, "philox.fill")


def key_of(identity: str) -> np.uint64:
    """The Philox key of whatever a text identifies: the first 64 bits of its SHA-256."""
    return np.uint64(int(digest(identity)[:16], 16))


def run_identity(cell: Cell, run: int) -> str:
    """The text from which the random numbers of one run derive.

    The recipe (optimiser, steps, batch) is not part of it: a longer training, or another learning
    rate, starts from the same weights and sees the same samples, so that recipes compare in pairs.
    """
    return canonical_json(
        {"features": cell.features, "model": cell.model, "seed": cell.seed, "run": run}
    )


def run_key(cell: Cell, run: int) -> np.uint64:
    """The Philox key of one run."""
    return key_of(run_identity(cell, run))


def words(key: np.uint64, use: int, step: int, slot: int, count: int) -> NDArray[np.uint32]:
    """The words of one slot for samples 0 … count − 1, `[count]`."""
    blocks = -(-count // BLOCK)
    out = np.empty(blocks * BLOCK, dtype=np.uint32)
    _fill(Words(key, use, step, slot, blocks, out))
    return out[:count]
