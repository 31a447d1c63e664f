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

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from superposition.compilation import EntryPoint
from superposition.lanes import lane_numbers, lower, multiply_low, pointer, spread, store, upper
from superposition.settings import digest

BLOCK = 64
"""Samples drawn together."""

UNITS, MAGNITUDES, WEIGHTS = 0, 1, 2
"""What a number is used for: whether a feature is active; how strongly; initial weights."""

_MULTIPLIER_0 = np.uint64(0xD2511F53)
_MULTIPLIER_1 = np.uint64(0xCD9E8D57)
_WEYL_0 = np.uint64(0x9E3779B9)
_WEYL_1 = np.uint64(0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)


def key_of(identity: str) -> np.uint64:
    """Return the Philox key of whatever a text identifies: the first 64 bits of its SHA-256."""
    return np.uint64(int(digest(identity)[:16], 16))


@njit
def _round(x: Any, key: Any, number: Any) -> Any:
    """Return the four vectors of the state after round `number` (0 to 9)."""
    product_0 = multiply_low(spread(_MULTIPLIER_0), x[0])
    product_1 = multiply_low(spread(_MULTIPLIER_1), x[2])
    key_0 = (key + number * _WEYL_0) & _LOW
    key_1 = ((key >> np.uint64(32)) + number * _WEYL_1) & _LOW
    return (
        upper(product_1) ^ x[1] ^ spread(key_0),
        product_1,
        upper(product_0) ^ x[3] ^ spread(key_1),
        product_0,
    )


@njit
def draw_words(key: Any, use: Any, step: Any, slot: Any, block: Any, out: Any, start: Any) -> None:
    """Write the 64 words of one slot of a block of samples to `out[start : start + 64]`.

    Args:
        key: Philox key, uint64.
        use: `UNITS`, `MAGNITUDES` or `WEIGHTS`.
        step: Training step.
        slot: Which number of a sample: a feature, a set, or the round of a jump.
        block: Block of samples, sample // 64.
        out: Pointer to words, uint32.
        start: Where to write.
    """
    x = (
        lane_numbers() + spread(np.uint64(16 * block)),
        spread(np.uint64(slot)),
        spread(np.uint64(step)),
        spread(np.uint64(use)),
    )
    # Spelt out: as a loop, the state leaves the registers and the same rounds take twice as long.
    x = _round(x, key, np.uint64(0))
    x = _round(x, key, np.uint64(1))
    x = _round(x, key, np.uint64(2))
    x = _round(x, key, np.uint64(3))
    x = _round(x, key, np.uint64(4))
    x = _round(x, key, np.uint64(5))
    x = _round(x, key, np.uint64(6))
    x = _round(x, key, np.uint64(7))
    x = _round(x, key, np.uint64(8))
    x = _round(x, key, np.uint64(9))
    store(out, start, lower(x[0]))
    store(out, start + 16, lower(x[1]))
    store(out, start + 32, lower(x[2]))
    store(out, start + 48, lower(x[3]))


@EntryPoint
def _fill(key: Any, use: Any, step: Any, slot: Any, blocks: Any, out: Any) -> None:
    """Write the words of one slot for whole blocks of samples."""
    for block in range(blocks):
        draw_words(key, use, step, slot, block, pointer(out), block * BLOCK)


def words(key: np.uint64, use: int, step: int, slot: int, count: int) -> NDArray[np.uint32]:
    """Return the words of one slot for samples 0 … count − 1, `[count]`."""
    blocks = -(-count // BLOCK)
    out = np.empty(blocks * BLOCK, dtype=np.uint32)
    _fill(key, use, step, slot, blocks, out)
    return out[:count]
