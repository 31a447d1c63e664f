"""Train through NVIDIA's bindings on a driver that pretends, and say how it went.

`pretended_driver.c` stands for the driver; a launch runs the processor's kernel on what lies in the
GPU's memory. So all is real but the GPU: the bindings, what they are given, where arrays lie.
"""

import argparse
import ctypes
import sys

import numpy as np
from cells import ROWS, train_cell

from superposition.base.errors import UserError
from superposition.kernels.compilation import MachineCode, _run
from superposition.training.cuda import driver
from superposition.training.cuda.kernel import CHIP, HEADER
from superposition.training.layout import train_steps

LIBRARY = ctypes.CDLL("libcuda.so.1")
LAUNCH = ctypes.CFUNCTYPE(None, *[ctypes.c_uint] * 3, *[ctypes.c_uint64] * 2, ctypes.c_int64)


def view(address: int, dtype: type, count: int) -> np.ndarray:
    """Return what lies at an address."""
    size = count * np.dtype(dtype).itemsize
    return np.frombuffer((ctypes.c_uint8 * size).from_address(int(address)), dtype=dtype)


def launch(blocks: int, workers: int, chip: int, tables: int, flags: int, words: int) -> None:
    """Do what the kernel for GPUs does, block by block, with the processor's."""
    rows = view(tables, np.uint64, blocks * (HEADER + words)).reshape(blocks, -1)
    is_array = view(flags, np.uint8, words) > 0
    for row in rows:
        home, resident = view(row[0], np.uint64, int(row[1])), int(row[1])
        assert 8 * (words + resident) <= chip
        on_chip = home.copy()
        record = row[HEADER:].copy()
        record[is_array & (record < CHIP)] += np.uint64(on_chip.ctypes.data)
        _run(train_steps.load(), record.tobytes(), ())
        home[:] = on_chip
        if options.wrong:
            home[0] ^= np.uint64(1)


parser = argparse.ArgumentParser()
parser.add_argument("rows", nargs="+")
parser.add_argument("--wrong", action="store_true")
options = parser.parse_args()
driver.kernel_for = lambda capability: MachineCode("kernel", b"PTX")
callback = LAUNCH(launch)
LIBRARY.pretend_launch_with(callback)
for name in options.rows:
    settings = ROWS[name].training.model_copy(update={"steps": 40, "snapshots": (0, 9)})
    cell = ROWS[name].model_copy(update={"training": settings})
    try:
        trained = train_cell(cell, range(3), engine="cuda")
    except UserError as error:
        print(f"error: {error}")
        continue
    expected = train_cell(cell, range(3), engine="fused")
    ours, theirs = trained.arrays(), expected.arrays()
    alike = all(ours[name].tobytes() == array.tobytes() for name, array in theirs.items())
    print(f"{name}: {'same' if alike else 'different'}")
print(f"refused: {LIBRARY.pretend_refused()}, held: {LIBRARY.pretend_held()}")
sys.stdout.flush()
