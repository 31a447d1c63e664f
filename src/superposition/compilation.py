"""Compile numba functions once per checkout, processor and version of the code.

numba keeps compiled code on disk, but looks only at the file of the function itself: an edit in a
module that the function calls would go unnoticed, and stale code would train on. So compiled code
is kept in a folder named after a digest of all modules that the function can reach:
`$NUMBA_CACHE_DIR`, or else `~/.cache/superposition`, and below it one folder per version of the
code. Any of it may be deleted.
"""

import fcntl
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any

import llvmlite.binding
import numba
from numba import njit

from superposition.digests import code_digest
from superposition.files import cache_folder
from superposition.settings import digest


class EntryPoint:
    """A compiled function that Python calls; the functions it calls are compiled into it.

    Jobs that start together would all compile the same code, so they wait for the first one to
    finish. If the code cannot be kept (no space, no permission), a warning says so and nothing but
    the time to compile is lost.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        """Prepare `function`, without compiling it yet."""
        self.__doc__ = function.__doc__
        self.dispatcher: Any = njit(nogil=True, error_model="numpy")(function)
        self.module = function.__module__
        self.ready = False

    @cached_property
    def folder(self) -> Path:
        """Return where the compiled code is kept; many functions are loaded, few are called."""
        return _cache_folder(self.module)

    def __call__(self, *arguments: object) -> Any:
        """Call the function, compiling it first if need be."""
        if self.ready:
            return self.dispatcher(*arguments)
        with _one_at_a_time(self.folder) as writable:
            if writable:
                self._keep_compiled_code()
            try:
                result = self.dispatcher(*arguments)
            except OSError as error:
                # The code could not be saved (a full disk, say) but is compiled by now.
                _warn(self.folder, error.strerror or str(error))
                result = self.dispatcher(*arguments)
        self.ready = True
        return result

    def _keep_compiled_code(self) -> None:
        # numba fixes where code is kept when keeping is turned on. Without the restriction it would
        # fall back to folders in which it does not notice that code has changed.
        numba.config.CACHE_DIR = str(self.folder)  # type: ignore[attr-defined]
        numba.config.CACHE_LOCATOR_CLASSES = "UserProvidedCacheLocator"  # type: ignore[attr-defined]
        try:
            self.dispatcher.enable_caching()
        except (OSError, RuntimeError) as error:
            _warn(self.folder, str(error))


def _warn(folder: Path, reason: str) -> None:
    sys.stderr.write(
        f"warning: compiled code could not be kept in {folder} ({reason}); going on, but every job "
        "will compile anew. Free some space there, or set NUMBA_CACHE_DIR to a folder that can be "
        "written.\n"
    )


def _cache_folder(module: str) -> Path:
    """Return where the compiled code of a module's functions is kept.

    The processor is in the name as well, so that machines can share the folder, and llvmlite, which
    numba's own index of compiled code leaves out.
    """
    cpu = os.environ.get("NUMBA_CPU_NAME") or llvmlite.binding.get_host_cpu_name()
    return cache_folder() / f"{code_digest(module)}-{digest(f'{cpu} {llvmlite.__version__}')[:8]}"


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[bool]:
    """Hold a lock that all who compile the same code share; tell whether the folder is usable."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError as error:
        _warn(folder, error.strerror or str(error))
        yield False
        return
    with lock:
        # Some network file systems have no locks: then jobs that start together may each compile.
        with suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield True
