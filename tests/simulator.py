"""A GPU of numba's simulator, whose threads are Python's (run with NUMBA_ENABLE_CUDASIM=1).

The simulator has no words for half a warp and for pointers, so this module stands for
`training.cuda.intrinsics`, with functions of the same names. Import it before the package.
"""

import math
import sys
import threading
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from superposition.kernels.contracts.memory import WIDTH, Record, fields


def _thread() -> Any:
    """The simulator's thread that runs this."""
    return threading.current_thread()


def lane() -> int:
    """Which of a vector's numbers is this thread's."""
    return int(_thread().threadIdx.x)


def worker() -> int:
    """The number of this worker, for memory of its own."""
    return int(_thread().threadIdx.y)


def workers() -> int:
    """How many workers train this run."""
    return int(_thread()._manager._block_dim[1])


class _Lanes:
    """Sixteen threads that tell each other numbers."""

    def __init__(self) -> None:
        self.barrier = threading.Barrier(WIDTH, timeout=60)
        self.numbers: list[Any] = [None] * WIDTH

    def tell(self, number: Any) -> list[Any]:
        """The numbers of all lanes."""
        self.numbers[lane()] = number
        self.barrier.wait()
        told = list(self.numbers)
        self.barrier.wait()
        return told


_workers: dict[tuple[int, int], _Lanes] = defaultdict(_Lanes)
_making = threading.Lock()


def _lanes() -> _Lanes:
    with _making:
        return _workers[id(_thread()._manager), worker()]


def lane_barrier() -> None:
    """Wait until all lanes of this worker are here."""
    _lanes().barrier.wait()


def lane_total(a: Any) -> Any:
    """The sum over the lanes, halves first, in every lane."""
    told = _lanes().tell(a)
    while len(told) > 1:
        half = len(told) // 2
        told = [told[k] + told[k + half] for k in range(half)]
    return told[0]


def which_lanes(condition: Any) -> Any:
    """A bit for each lane, set where a condition holds, as an int64 in every lane."""
    told = _lanes().tell(condition)
    return np.int64(sum(1 << k for k, holds in enumerate(told) if holds))


def multiply_add(a: Any, b: Any, c: Any) -> np.float32:
    """The float32 a · b + c, rounded once.

    The product is exact in float64; its sum with c is rounded to odd, so that rounding once more
    to float32 rounds as if there had been no step between.
    """
    product, added = float(a) * float(b), float(c)
    total = product + added
    of_c = total - product
    rest = (product - (total - of_c)) + (added - of_c)
    if rest != 0.0 and np.float64(total).view(np.int64) & 1 == 0:
        total = math.nextafter(total, math.inf if rest > 0.0 else -math.inf)
    return np.float32(total)


def add_products(
    out: Any,
    factors: Any,
    vectors: Any,
    rows: int,
    columns: int,
    count: int,
    rounds: int,
    anew: Any,
) -> None:
    """Add products to blocks of sums (see `kernels.blocks`), of this thread's lane."""
    for r in range(rows):
        for c in range(columns):
            place = out.at + r * out.across + c * out.step + lane()
            total = np.float32(0.0) if anew else out.array[place]
            for s in range(rounds):
                for t in range(count):
                    factor = factors.at + r * factors.across + t * factors.step + s * factors.leap
                    vector = vectors.at + c * vectors.across + t * vectors.step + s * vectors.leap
                    total = multiply_add(
                        factors.array[factor], vectors.array[vector + lane()], total
                    )
            out.array[place] = total


def number_of(bits: np.int32) -> np.float32:
    """The float32 of 32 bits, an int32."""
    return np.int32(bits).view(np.float32)


def bits_of(number: np.float64) -> np.int64:
    """The 64 bits of a float64, an int64 that is larger where the number is."""
    return np.float64(number).view(np.int64)


def _itself(name: str, array: NDArray[Any]) -> Any:
    """An array of a record, for the kernel."""
    return array


watched: Callable[[str, NDArray[Any]], Any] = _itself
"""What the kernel gets for an array: tests have it be what notes who uses it when."""

_memory: dict[int, NDArray[np.uint8]] = {}
"""Every piece of memory that words may point into, by its address."""


def keep(piece: NDArray[Any]) -> int:
    """Make a piece of memory known, and return its address."""
    address = int(piece.ctypes.data)
    with _making:
        _memory[address] = piece.view(np.uint8).reshape(-1)
    return address


def forget() -> None:
    """Forget all memory."""
    _memory.clear()
    _workers.clear()


def _at(address: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    """What lies at an address, to the end of its piece of memory."""
    with _making:
        pieces = list(_memory.items())
    for start, piece in pieces:
        if start <= address < start + piece.size:
            rest = piece[address - start :]
            return rest[: rest.size // dtype.itemsize * dtype.itemsize].view(dtype)
    return np.zeros(0, dtype)  # of a record's field that is empty


def pointer_to(array: NDArray[Any]) -> NDArray[Any]:
    """An array that stands for the pointer to its first element."""
    keep(array)
    return array


def address_of(pointer: NDArray[Any]) -> np.uint64:
    """Where a pointer points to."""
    return np.uint64(pointer.ctypes.data)


def words_at(address: np.uint64) -> NDArray[np.uint64]:
    """The words at an address."""
    return _at(int(address), np.dtype(np.uint64))


def unpack(table: NDArray[np.uint64], record: type[Record]) -> Record:
    """The record of a class whose words begin at `table`."""
    return _load(iter(table), record)


def _load(words: Any, record: type[Record]) -> Record:
    values: list[Any] = []
    for field in fields(record):
        if field.record is not None:
            values.append(_load(words, field.record))
            continue
        word = np.asarray(next(words), dtype=np.uint64)
        if field.array:
            values.append(watched(field.name, _at(int(word), field.dtype)))
        else:
            values.append(word.reshape(1).view(field.dtype)[0])
    return record(*values)


sys.modules["superposition.training.cuda.intrinsics"] = sys.modules[__name__]

from numba import cuda  # noqa: E402

from superposition.training.cuda.kernel import HEADER, train_runs  # noqa: E402
from superposition.training.cuda.retarget import Retarget  # noqa: E402


class _Retarget(Retarget):
    """Copies of functions that stay Python."""

    def compiled(self, function: Any) -> Any:
        """The function; the simulator puts its own `cuda` into those that it knows of."""
        return (
            cuda.jit(device=True)(function) if cuda in function.__globals__.values() else function
        )


class SimulatedGpu:
    """This process's own memory, and its threads, block by block, in the place of `NvidiaGpu`."""

    name = "numba's simulator"
    chip_bytes = 1 << 15

    def __init__(self) -> None:
        """Start with no memory in use."""
        forget()

    def allocate(self, size: int) -> int:
        """The address of so many bytes of memory."""
        return keep(np.zeros(max(size, 1), dtype=np.uint8))

    def release(self, address: int) -> None:
        """Give memory back."""
        del _memory[address]

    def write(self, address: int, array: NDArray[Any]) -> None:
        """Copy an array to the GPU."""
        _at(address, np.dtype(np.uint8))[: array.nbytes] = np.ravel(array).view(np.uint8)

    def read(self, address: int, array: NDArray[Any]) -> None:
        """Copy from the GPU into an array."""
        array.reshape(-1).view(np.uint8)[:] = _at(address, np.dtype(np.uint8))[: array.nbytes]

    def launch(self, size: tuple[int, int, int], table: int, flags: int, words: int) -> None:
        """Run the kernel and wait for it (see `NvidiaGpu`)."""
        blocks, team, chip = size
        rows = _at(table, np.dtype(np.uint64))[: blocks * (HEADER + words)]
        is_array = _at(flags, np.dtype(np.uint8))[:words]
        kernel = cuda.jit(_Retarget()(train_runs))
        with np.errstate(over="ignore"):
            kernel[blocks, (WIDTH, team), 0, chip](rows, is_array, words)
