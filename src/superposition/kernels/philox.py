"""The random words of `superposition.sampling.philox`, in blocks of 64 samples."""

import numpy as np

from superposition.kernels.contracts.philox import BLOCK, Words
from superposition.kernels.lanes import lane_numbers, lower, multiply_low, spread, store, upper
from superposition.kernels.subroutines import subroutine

_MULTIPLIER_0 = np.uint64(0xD2511F53)
_MULTIPLIER_1 = np.uint64(0xCD9E8D57)
_WEYL_0 = np.uint64(0x9E3779B9)
_WEYL_1 = np.uint64(0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)


@subroutine
def _round(x, key, number):
    """The four vectors of the state after round `number` (0 to 9)."""
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


@subroutine
def draw_words(key, use, step, slot, block, out, start):
    """Write the 64 words of one slot of a block of samples to `out[start : start + 64]`.

    A slot is a feature, a set, or the round of a jump; see `contracts.philox.Words` for the rest.
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


def fill(work: Words) -> None:
    """Write the words of one slot for whole blocks of samples."""
    for block in range(work.blocks):
        draw_words(work.key, work.use, work.step, work.slot, block, work.out, block * BLOCK)
