"""Which build a job belongs to, and whether it is alive: jobs of a killed one must not write.

Every process of Snakemake holds an exclusive lock of the operating system on a file of its own and
tells its jobs the file's name. The lock goes when the process does, however it ends, so a job that
can have it knows that its build is gone. It does not take its parent's word for it: between a build
and a job there may be shells and wrappers, and a parent can be gone before the job asks who it is.

A job looks while it holds a second lock, shared among jobs, until its file is in place. A new build
waits for that one (`settle`), so a file is in place either before a new build starts or never.

By hand, and on file systems without locks, a command belongs to no build and simply writes.

On a cluster, builds and jobs are on several machines and share a file system. Some of those keep
locks on each machine alone (NFS with `local_lock`, Lustre with `localflock`), where every other
machine's build would look dead. So the file names its machine, and a job on another one takes its
build for alive until a later one has cleared that file away.
"""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkstemp
from typing import IO

from superposition.errors import UserError

VARIABLE = "SUPERPOSITION_BUILD"
_PREFIX, _PUBLISHING = "superposition-", "superposition.publishing"

# Held open, and with it the lock, for as long as the process lives.
_held: list[IO[bytes]] = []


def announce(state: Path) -> None:
    """Begin to be a build, of which the processes started from here on are jobs.

    To be called where no one else can settle.

    Args:
        state: Snakemake's own folder, `.snakemake`.
    """
    # What a process of another build, or this one as a job, was told does not hold for its jobs.
    os.environ.pop(VARIABLE, None)
    with suppress(OSError):
        handle, name = mkstemp(dir=state, prefix=_PREFIX, suffix=".build")
        # For writing as well: over NFS, nothing else can be locked exclusively.
        file = os.fdopen(handle, "rb+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            os.unlink(name)
            return
        file.write(socket.gethostname().encode())
        file.flush()
        _held.append(file)
        os.environ[VARIABLE] = name


def settle(state: Path) -> None:
    """Let jobs of dead builds finish what they are putting in place; forget those builds.

    To be called when no other build is alive; after it, no job of an earlier one writes any more.
    """
    with suppress(OSError), (state / _PUBLISHING).open("ab+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
    for trace in state.glob(f"{_PREFIX}*"):
        with suppress(OSError), trace.open("rb+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            trace.unlink()


def machines_elsewhere(state: Path) -> set[str]:
    """Return which other machines the builds are of that nobody has cleared away yet."""
    names = set()
    for trace in state.glob(f"{_PREFIX}*.build"):
        with suppress(OSError):
            names.add(trace.read_bytes().decode(errors="replace"))
    return names - {"", socket.gethostname()}


def build_is_alive() -> bool:
    """Tell whether the build that started this process is alive; true if none did."""
    name = os.environ.get(VARIABLE)
    if name is None:
        return True
    try:
        with Path(name).open("rb") as file:
            if file.read().decode(errors="replace") not in ("", socket.gethostname()):
                return True  # whether its locks are seen here is not known
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False  # a later build has cleared it away
    except OSError:
        return True  # its build still holds it
    return False


def check_build() -> None:
    """Stop a job whose build is gone.

    Raises:
        UserError: If it is.
    """
    if not build_is_alive():
        raise UserError(
            "The build that started this job was killed, so the job stops as well and writes "
            "nothing. Run make again: what is finished stays."
        )


@contextmanager
def publishing() -> Iterator[None]:
    """Put a file in place within the block, or not at all if the build is gone.

    Raises:
        UserError: If it is.
    """
    name = os.environ.get(VARIABLE)
    if name is None:
        yield
        return
    try:
        lock = (Path(name).parent / _PUBLISHING).open("ab+")
    except OSError:
        check_build()  # no such folder any more: neither is the build
        raise
    with lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        check_build()
        yield
