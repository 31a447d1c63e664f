"""GPUs as the engine uses them, and whose turn it is on which."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from typing import Any, Protocol, TextIO

from numpy.typing import NDArray

from superposition.errors import UserError
from superposition.files import cache_folder


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
    """Return how many GPUs can be used: 0 where there is no driver, or no package to reach it."""
    if simulating():
        return 0  # only where it is asked for by name: it is slow
    try:
        from superposition.cuda.driver import count

        return count()
    except (GpuError, ImportError):
        return 0


@contextmanager
def a_gpu() -> Iterator[Gpu]:
    """Lend a GPU, once no other job on this machine has it.

    Raises:
        GpuError: If there is none.
    """
    if simulating():
        from superposition.cuda.simulated import SimulatedGpu

        yield SimulatedGpu()
        return
    from superposition.cuda.driver import NvidiaGpu, count

    with _turn(count()) as number:
        gpu = NvidiaGpu(number)
        try:
            yield gpu
        finally:
            gpu.close()


@contextmanager
def _turn(count: int) -> Iterator[int]:
    """Hold the lock of a GPU: of a free one if there is one, else of the first to become free."""
    with ExitStack() as stack:
        try:
            cache_folder().mkdir(parents=True, exist_ok=True)
            locks = [stack.enter_context(_lock_file(number)) for number in range(count)]
        except OSError:
            yield 0  # without a place for locks, jobs share the first
            return
        for number, lock in enumerate(locks):
            with suppress(OSError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                yield number
                return
        number = os.getpid() % count
        with suppress(OSError):  # some network file systems have no locks
            fcntl.flock(locks[number], fcntl.LOCK_EX)
        yield number


def _lock_file(number: int) -> TextIO:
    return (cache_folder() / f"gpu-{number}.lock").open("w")
