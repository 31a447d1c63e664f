"""GPUs as the engine uses them, and whose turn it is on which."""

import fcntl
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from numpy.typing import NDArray

from superposition.errors import UserError


class GpuError(UserError):
    """There is no GPU, it cannot be used, or it failed."""


class OutOfMemoryError(GpuError):
    """What was asked for does not fit into the GPU's memory."""


class Gpu(Protocol):
    """A GPU as the engine uses it."""

    name: str
    """What it is."""
    chip_bytes: int
    """Memory that a block of threads can have on the chip."""

    @property
    def identity(self) -> str:
        """Return what decides what it computes, or nothing if that is beyond doubt."""

    def allocate(self, size: int) -> int:
        """Return the address of so many bytes of memory."""

    def release(self, address: int) -> None:
        """Give memory back."""

    def write(self, address: int, array: NDArray[Any]) -> None:
        """Copy an array to the GPU."""

    def read(self, address: int, array: NDArray[Any]) -> None:
        """Copy from the GPU into an array."""

    def launch(self, size: tuple[int, int, int], table: int, flags: int, words: int) -> None:
        """Run the kernel and wait for it.

        Args:
            size: Blocks, workers in each, and bytes on the chip for each.
            table: Address of the rows of words.
            flags: Address of what says which words are arrays.
            words: Words of a record.
        """


def simulating() -> bool:
    """Return whether numba simulates a GPU (`NUMBA_ENABLE_CUDASIM=1`)."""
    return os.environ.get("NUMBA_ENABLE_CUDASIM", "0") not in ("0", "")


@cache
def gpus() -> int:
    """Return how many GPUs can be used; 0 where there is no driver, or nothing to compile with."""
    if simulating():
        return 0  # only where it is asked for by name: it is slow
    try:
        from superposition.cuda.driver import usable

        return len(usable())
    except (GpuError, ImportError):
        return 0


@contextmanager
def a_gpu(waiting: Callable[[], object] = lambda: None) -> Iterator[Gpu]:
    """Lend a GPU, once no other job on this machine has it.

    Args:
        waiting: Called again and again meanwhile.

    Raises:
        GpuError: If there is none.
    """
    if simulating():
        from superposition.cuda.simulated import SimulatedGpu

        yield SimulatedGpu()
        return
    from superposition.cuda.driver import identity, opened, usable

    locks = {number: identity(number) for number in usable()}
    with _turn(locks, waiting) as number, opened(number) as gpu:
        yield gpu


@contextmanager
def _turn(locks: Mapping[int, str], waiting: Callable[[], object]) -> Iterator[int]:
    """Hold the lock of a GPU, of whichever is free first; locks are this machine's alone."""
    folder = Path(tempfile.gettempdir())
    with ExitStack() as stack:
        files = {}
        for number, name in locks.items():
            with suppress(OSError):  # without a place for locks, jobs share the GPU
                path = folder / f"superposition-gpu-{name}.lock"
                file = os.open(path, os.O_CREAT | os.O_RDWR, 0o666)
                stack.callback(os.close, file)
                files[number] = file
        while True:
            taken = next((number for number, file in files.items() if _take(file)), None)
            if taken is not None or not files:
                break
            waiting()
            time.sleep(0.1)
        yield next(iter(locks)) if taken is None else taken


def _take(file: int) -> bool:
    """Return whether a lock was free, and is ours now."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks: share
        return True
    return True
