"""Compile numba functions once per machine and version of the code.

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
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numba
from numba import njit

from superposition.digests import code_digest


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
        self.folder = _cache_folder(function.__module__)
        self.ready = False

    def __call__(self, *arguments: object) -> Any:
        """Call the function, compiling it first if need be."""
        if self.ready:
            return self.dispatcher(*arguments)
        with _one_at_a_time(self.folder):
            try:
                # Where code is kept is fixed when keeping is turned on.
                numba.config.CACHE_DIR = str(self.folder)  # type: ignore[attr-defined]
                self.dispatcher.enable_caching()
                result = self.dispatcher(*arguments)
            except (OSError, RuntimeError) as error:
                # By now the code is compiled in memory, or compiles without being kept.
                self._warn(error)
                result = self.dispatcher(*arguments)
        self.ready = True
        return result

    def _warn(self, error: Exception) -> None:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        sys.stderr.write(
            f"warning: compiled code could not be kept in {self.folder} ({reason}); going on, but "
            "every job will compile anew. Free some space there, or set NUMBA_CACHE_DIR to a "
            "folder that can be written.\n"
        )


def _cache_folder(module: str) -> Path:
    """Return where the compiled code of a module's functions is kept."""
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    base = Path(chosen) if chosen else caches / "superposition"
    return base / code_digest(module)


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Hold a lock that all processes compiling the same code share."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError:
        # Without a lock, jobs that start together each compile: slower, nothing worse.
        yield
        return
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
