"""The build that a job belongs to: jobs that outlive it put no file in place.

A build writes a random token into a file of its folder and hands it to its jobs in an environment
variable. A job compares the two while it holds a shared lock on the file, and holds that until its
result is in place. The next build writes its own token under an exclusive lock: a result of an
earlier one is in place before the next begins, or never. Where a file system has no locks, a job
still compares, a moment before it renames. A command that is run by hand has no token.

A job may outlive its shell alone. The build goes on, and takes it for failed: Snakemake removes its
results, but keeps a record of them as if they were there. So that nothing appears under this record
later, a job ends as well where the process that started it has gone.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from superposition.base.errors import UserError

VARIABLE = "SUPERPOSITION_BUILD"
"""Environment variable of jobs: their build's token, and the file that holds the latest one's."""
_STARTED_BY = os.getppid()


def take_over(file: Path) -> None:
    """Make this process the latest build of the folder that keeps its token in this file."""
    token = uuid4().hex
    # Over NFS, an exclusive lock takes a file that is open for writing, a shared one for reading.
    with file.open("a", encoding="ascii") as latest:
        with suppress(OSError):
            fcntl.flock(latest, fcntl.LOCK_EX)
        latest.truncate(0)
        latest.write(token)
    os.environ[VARIABLE] = f"{token} {file.absolute()}"


@contextmanager
def publishing() -> Iterator[None]:
    """Put a file in place within the block; in a job whose build is gone, raise a `UserError`."""
    token, _, file = os.environ.get(VARIABLE, "").partition(" ")
    if not token:
        yield
        return
    with open(file if Path(file).exists() else os.devnull, encoding="ascii") as latest:
        with suppress(OSError):
            fcntl.flock(latest, fcntl.LOCK_SH)
        if latest.read() != token or os.getppid() != _STARTED_BY:
            raise UserError(
                "The build that started this job was killed, so the job stops as well and writes "
                "nothing. Run make again: what is finished stays."
            )
        yield


def check_build() -> None:
    """Stop a job whose build is gone, by a `UserError`."""
    with publishing():
        pass
