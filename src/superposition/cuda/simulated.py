"""The words of `threads` and `memory` for numba's simulator, whose threads are Python's."""

import threading
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from superposition.memory import WIDTH, Record, fields


def _thread() -> Any:
    """Return the simulator's thread that runs this."""
    return threading.current_thread()


def lane() -> int:
    """Return which of a vector's numbers is this thread's."""
    return int(_thread().threadIdx.x)


def worker() -> int:
    """Return the number of this worker, for memory of its own."""
    return int(_thread().threadIdx.y)


def workers() -> int:
    """Return how many workers train this run."""
    return int(_thread()._manager._block_dim[1])


class _Lanes:
    """Sixteen threads that tell each other numbers."""

    def __init__(self) -> None:
        self.barrier = threading.Barrier(WIDTH, timeout=60)
        self.numbers: list[Any] = [None] * WIDTH

    def tell(self, number: Any) -> list[Any]:
        """Return the numbers of all lanes."""
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


def meet_lanes() -> None:
    """Wait until all lanes of this worker are here."""
    _lanes().barrier.wait()


def lane_total(a: Any) -> Any:
    """Return the sum over the lanes, halves first, in every lane."""
    told = _lanes().tell(a)
    while len(told) > 1:
        half = len(told) // 2
        told = [told[k] + told[k + half] for k in range(half)]
    return told[0]


def which_lanes(condition: Any) -> Any:
    """Return a bit for each lane, set where a condition holds, as an int64 in every lane."""
    told = _lanes().tell(condition)
    return np.int64(sum(1 << k for k, holds in enumerate(told) if holds))


def bits_of(number: np.float64) -> np.int64:
    """Return the 64 bits of a float64, an int64 that is larger where the number is."""
    return np.float64(number).view(np.int64)


def _itself(name: str, array: NDArray[Any]) -> Any:
    """Return an array of a record, for the kernel."""
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
    """Return what lies at an address, to the end of its piece of memory."""
    with _making:
        pieces = list(_memory.items())
    for start, piece in pieces:
        if start <= address < start + piece.size:
            rest = piece[address - start :]
            return rest[: rest.size // dtype.itemsize * dtype.itemsize].view(dtype)
    return np.zeros(0, dtype)  # of a record's field that is empty


def pointer_to(array: NDArray[Any]) -> NDArray[Any]:
    """Return an array that stands for the pointer to its first element."""
    keep(array)
    return array


def address_of(pointer: NDArray[Any]) -> np.uint64:
    """Return where a pointer points to."""
    return np.uint64(pointer.ctypes.data)


def words_at(address: np.uint64) -> NDArray[np.uint64]:
    """Return the words at an address."""
    return _at(int(address), np.dtype(np.uint64))


def unpack(table: NDArray[np.uint64], record: type[Record]) -> Record:
    """Return the record of a class whose words begin at `table`."""
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


class SimulatedGpu:
    """A GPU of numba's simulator: this process's own memory, and its threads, block by block."""

    name = "numba's simulator"
    identity = ""
    chip_bytes = 1 << 15

    def __init__(self) -> None:
        """Start with no memory in use."""
        forget()

    def allocate(self, size: int) -> int:
        """Return the address of so many bytes of memory."""
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
        """Run the kernel and wait for it (see `device.Gpu`)."""
        from numba import cuda

        from superposition.cuda.kernel import HEADER, train_runs
        from superposition.cuda.retarget import Retarget

        blocks, team, chip = size
        rows = _at(table, np.dtype(np.uint64))[: blocks * (HEADER + words)]
        is_array = _at(flags, np.dtype(np.uint8))[:words]
        kernel = cuda.jit(Retarget()(train_runs))
        with np.errstate(over="ignore"):
            kernel[blocks, (WIDTH, team), 0, chip](rows, is_array, words)
