"""The kernel: every block trains one run.

A run's memory is one piece (`images`), of which the beginning is copied into the block's own memory
on the chip, and back when the steps are done. What the run's record says (`memory`) comes as a row
of words; an array that is on the chip comes as its place there, and is given its address here.
"""

from typing import Any

import numpy as np
from numba import cuda
from numba.cuda import types

from superposition.cuda.records import address_of, pointer_to, unpack, words_at
from superposition.cuda.workers import meet, part_of_lane
from superposition.kernels.training import train
from superposition.training.kernel import Training

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
    for word in part_of_lane(words):
        value = tables[row + HEADER + word]
        on_chip = is_array[word] != 0 and value < np.uint64(CHIP)
        chip[word] = value + start if on_chip else value
    home = words_at(tables[row])
    resident = np.int64(tables[row + 1])
    for word in part_of_lane(resident):
        chip[words + word] = home[word]
    meet()
    train(unpack(chip, Training))
    meet()
    for word in part_of_lane(resident):
        home[word] = chip[words + word]
