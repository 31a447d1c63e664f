"""GPUs as the engine uses them, and whose turn it is on which."""

import fcntl
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path

from superposition.training.cuda import GpuError
from superposition.training.cuda.driver import NvidiaGpu, identity, opened, usable


@cache
def gpus() -> int:
    """How many GPUs can be used; 0 where there is no driver, or nothing to compile with."""
    try:
        return len(usable())
    except GpuError:
        return 0


@contextmanager
def a_gpu(waiting: Callable[[], object] = lambda: None) -> Iterator[NvidiaGpu]:
    """Lend a GPU, once no other job on this machine has it; meanwhile call `waiting` repeatedly.

    Raises:
        GpuError: If there is none.
    """
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
                files[number] = os.open(path, os.O_CREAT | os.O_RDWR, 0o666)
                stack.callback(os.close, files[number])
        taken = None if files else next(iter(locks))
        while taken is None:
            taken = next((number for number, file in files.items() if _take(file)), None)
            if taken is None:
                waiting()
                time.sleep(0.1)
        yield taken


def _take(file: int) -> bool:
    """Whether a lock was free, and is ours now."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        pass  # a file system without locks: share
    return True
