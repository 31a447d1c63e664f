"""The kernel: every block trains one run.

A run's memory is one piece (`layout`), of which the beginning is copied into the block's own memory
on the chip, and back when the steps are done. The run's record comes as a row of words; an array
that is on the chip comes as its place there, and is given its address here.
"""

from typing import Any

import numpy as np
from numba import cuda
from numba.cuda import types

from superposition.kernels.contracts.training import Training
from superposition.kernels.training import train
from superposition.training.cuda.intrinsics import address_of, pointer_to, unpack, words_at
from superposition.training.cuda.workers import barrier, lane_share

HEADER = 2
"""Words before a record's: the address of the run's memory, and how many words of it go on chip."""

CHIP = 1 << 20
"""No address is as low as this; what is lower is a place on the chip."""


def train_runs(tables: Any, is_array: Any, words: Any) -> None:
    """Train the run of this block for the steps that its record names.

    Args:
        tables: uint64 `[runs, HEADER + words]`.
        is_array: uint8 `[words]`: whether a word of the record is where an array lies.
        words: Words of a record.
    """
    row = np.int64(cuda.blockIdx.x) * (HEADER + words)
    chip = pointer_to(cuda.shared.array(0, types.uint64))
    start = address_of(chip) + np.uint64(8 * words)
    for word in lane_share(words):
        value = tables[row + HEADER + word]
        on_chip = is_array[word] != 0 and value < np.uint64(CHIP)
        chip[word] = value + start if on_chip else value
    home = words_at(tables[row])
    resident = np.int64(tables[row + 1])
    for word in lane_share(resident):
        chip[words + word] = home[word]
    barrier()
    train(unpack(chip, Training))
    barrier()
    for word in lane_share(resident):
        home[word] = chip[words + word]
