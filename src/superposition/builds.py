"""One build at a time in a folder, whatever became of the one before."""

import fcntl
import hashlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from superposition import unrecorded
from superposition.errors import UserError
from superposition.files import OutputError, clear_unfinished
from superposition.lifetime import announce, check_build, machines_elsewhere, settle
from superposition.stages import claims_table

# Held open, and with it the lock, for as long as the process lives.
_held: list[IO[str]] = []


def hold_folder(folder: Path, results: Iterable[str] = ()) -> None:
    """Let other builds know that one is alive here, and clear the lock of one that was killed.

    Snakemake's own lock is a file, which outlives a killed process. The operating system's lock
    does not: every build holds a shared one from here to its end. So if an exclusive one can be
    had, no build is alive, and a lock of Snakemake's that is still there is stale; so is what jobs
    of a killed build have left half-written, and those that still run write nothing from here on.

    Args:
        folder: Where Snakemake runs; its `.snakemake` lies there.
        results: Every file that a build leaves, as paths from there.
    """
    state = folder / ".snakemake"
    try:
        state.mkdir(exist_ok=True)
        # For reading and writing: over NFS, shared locks need the one and exclusive ones the other.
        file = (state / "superposition.lock").open("a+")
    except OSError:
        return  # a folder that cannot be written to is reported where results are written
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        locked = any((state / "locks").glob("*.lock"))
        if locked and (machines := machines_elsewhere(state)):
            # Not every shared file system has locks that other machines see.
            print(
                f"A build was started in this folder on {' and '.join(sorted(machines))}. If it "
                "runs no more: snakemake --unlock, here or there, and then the same command again.",
                file=sys.stderr,
            )
        else:
            if locked:
                print("An earlier build was killed; its lock is removed.", file=sys.stderr)
                _unlock(folder)
            settle(state)
            clear_unfinished(folder / "results")
            with suppress(OSError, OutputError):
                if found := unrecorded.mark_unrecorded(folder, results):
                    print(unrecorded.words(found), file=sys.stderr)
    except BlockingIOError:
        pass
    except OSError:
        return  # no such locks on this file system: Snakemake's own remains
    with suppress(OSError):
        fcntl.flock(file, fcntl.LOCK_SH)
    _held.append(file)
    announce(state)


def join(folder: Path, main: bool, results: Iterable[str] = ()) -> None:
    """Be a build in a folder, or one of its jobs: on a cluster, Snakemake starts anew for each.

    A job must not pass for a build. It would keep later ones out while it waits for a processor,
    and be believed to be alive by its own training when the build that wanted it is long dead.

    Args:
        folder: Where Snakemake runs.
        main: Whether this is the Snakemake that a person has started.
        results: Every file that a build leaves, as paths from there.

    Raises:
        UserError: If this is a job whose build is gone.
    """
    if main:
        hold_folder(folder, results)
    else:
        check_build()


def check_results(folder: Path) -> None:
    """Make sure that results can be written before anything is computed.

    Raises:
        UserError: If they cannot.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise UserError(
            f"{folder} is a file, but results are written into a folder of that name: move it away."
        ) from None
    except OSError as error:
        raise UserError(
            f"Cannot make the folder {folder}: {error.strerror}. Results are written there: "
            "make the folder around it writable, or build in a copy elsewhere."
        ) from error
    try:
        # A file without a name: two builds that begin at once cannot take away each other's.
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(bytes(4096))
    except OSError as error:
        raise UserError(
            f"Cannot write into {folder}: {error.strerror}. Nothing was computed; what is there "
            "stays. Make the folder writable (chmod u+w), free some space, or build elsewhere."
        ) from error


def laid_over(files: Sequence[Path | str]) -> list[str]:
    """Return the files of a configuration in the order in which they are laid over each other.

    Snakemake lists the one that the Snakefile names last, though it lies below all others.
    """
    names = [os.path.relpath(file) for file in files]
    return list(dict.fromkeys([*names[-1:], *names[:-1]]))


def prepare_environment(source: Path) -> None:
    """Have jobs run this tree's package, under the Python that runs Snakemake."""
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    paths = [str(source), *filter(None, [os.environ.get("PYTHONPATH")])]
    os.environ["PYTHONPATH"] = os.pathsep.join(paths)


def lift_rate_limit(scheduler: Any) -> None:
    """Lift Snakemake's default limit of a hundred new jobs a second; one that was asked for stays.

    With any limit, Snakemake 9.27 looks for jobs to start once more, a second later, for every time
    that it looks: after some hundred jobs that takes most of a core.
    """
    limit = getattr(scheduler, "job_rate_limiter", None)
    if limit is not None and (limit.max_jobs, limit.timespan) == (100, 1):
        scheduler.job_rate_limiter = None


class Build:
    """A build from its start: what its settings were, and what there is to say at its end."""

    def __init__(self, settings: Iterable[Path | str]) -> None:
        """Begin now, with these configuration files."""
        files = (Path(os.path.relpath(file)) for file in settings)
        self._before = {file: _fingerprint(file) for file in files}
        self._began = time.time()

    def closing_words(self, claims: Path) -> str:
        """Return the table of claims if they have just been judged, and a warning if one is due."""
        words = []
        if claims.is_file() and claims.stat().st_mtime >= self._began:
            words.append("\n" + claims_table(claims))
        if edited := [str(file) for file, was in self._before.items() if _fingerprint(file) != was]:
            words.append(
                f"NOTE: {' and '.join(edited)} changed while this build was running. These results "
                "are for the settings as they were at its start; to apply the new ones, run the "
                "same command again."
            )
        return "\n".join(words)


def _fingerprint(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else "missing"


def _unlock(folder: Path) -> None:
    """Remove Snakemake's lock by its own command; the lock belongs to the folder alone."""
    command = [sys.executable, "-m", "snakemake", "--unlock", "--snakefile", os.devnull]
    command += ["--workflow-profile", "none", "--directory", str(folder)]
    subprocess.run(command, check=True, capture_output=True)
