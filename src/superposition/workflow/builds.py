"""One build at a time in a folder, whatever became of the one before.

Snakemake's own lock is a file, which outlives a killed process. The operating system's lock does
not: whatever Snakemake does in a folder, it holds an exclusive one from reading the Snakefile to
its end. So who gets it knows that no other build is alive, and that what one has left is stale:
Snakemake's lock, half-written files, and jobs that still run, which from here on write nothing
(`base.build_token`). Jobs hold no lock. Two machines that share a folder, but not its locks, take
each other's builds for dead.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import IO, Any

from superposition.base import build_token
from superposition.base.environment import need
from superposition.base.errors import UserError
from superposition.base.files import OutputError, clear_unfinished, explained
from superposition.base.terminal import visible
from superposition.workflow import provenance

# Held open, and with it the lock, for as long as the process lives.
_held: list[IO[str]] = []
PROJECT = Path(__file__).resolve().parents[3]
"""Where the workflow is, if it is beside this package."""
_PATIENCE = 5.0
"""Seconds in which whoever cannot go on has ended."""


def join(folder: Path, main: bool, results: Iterable[str] = ()) -> None:
    """Be Snakemake in a folder, where nobody else is at work in it, or one of a build's jobs.

    `main` tells the Snakemake that a person has started from its jobs, which end here if their
    build is gone; `results` are all files that a build leaves, as paths from the folder.
    """
    if not main:
        build_token.check_build()
        return
    # What a process of another build was told does not hold for the jobs of this one.
    os.environ.pop(build_token.VARIABLE, None)
    # Without the lock, `begin` has the last word, and Snakemake tells what is wrong with the disk.
    with suppress(OSError, OutputError):
        _hold(folder)
        if any((folder / ".snakemake/locks").glob("*.lock")):
            shutil.rmtree(folder / ".snakemake/locks")
            print("An earlier build was killed; its lock is removed.", file=sys.stderr)
        clear_unfinished(folder / "results")
        bring_to_present(folder / "results")
        if told := provenance.mark_missing(folder, results):
            print(told, file=sys.stderr)


def begin(folder: Path) -> None:
    """Begin to run jobs, or raise a `UserError` if another build is alive and stays so.

    To be called while Snakemake's own lock is held. Of two that start at once, one may have that,
    and the other this; then the other gives up, and is waited for.
    """
    give_up = time.monotonic() + _PATIENCE
    while not _held:
        try:
            _hold(folder)
        except BlockingIOError:
            if time.monotonic() > give_up:
                raise UserError(
                    "Another build, or a dry run, is at work in this folder. Run the same command "
                    "again once it has finished; what is there stays."
                ) from None
            time.sleep(0.1)
        except OSError:
            return  # no such locks on this file system: Snakemake's own has to do


def tell_of_processor() -> None:
    """Say what there is to know of training on this processor, before it begins."""
    from superposition.kernels.compilation import notices
    from superposition.training.layout import train_steps

    for line in notices(train_steps):
        print(line, file=sys.stderr)


def _hold(folder: Path) -> None:
    """Take the lock, and the folder's jobs with it; a `BlockingIOError` if another has it."""
    state = folder / ".snakemake"
    state.mkdir(exist_ok=True)
    file = (state / "superposition.lock").open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise
    _held.append(file)
    build_token.take_over(state / "superposition.build")


def bring_to_present(folder: Path) -> None:
    """Date files of the future to now: the clock was set back, or runs ahead where they were made.

    Snakemake gives up where a result is older than what it was made of. Whether that has changed it
    tells by the content.
    """
    for path in folder.rglob("*"):
        with suppress(OSError):
            if path.stat().st_mtime > time.time():
                os.utime(path)


def check_results(folder: Path) -> None:
    """Make sure that results can be written before anything is computed, or raise `OutputError`."""
    with explained(folder, "write into"):
        folder.mkdir(parents=True, exist_ok=True)
        # A file without a name: two builds that begin at once cannot take away each other's.
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(bytes(4096))


def build_in(folder: Path, targets: Sequence[str], cores: str) -> None:
    """Run the workflow that is here in another folder, which has its config.yaml.

    Nothing in that folder is run. Whatever ends this process but a kill ends the build with it.

    Args:
        folder: Where to build.
        targets: What to build; everything if nothing is named.
        cores: How many cores to build with.

    Raises:
        UserError: If the build fails; what it said is in the terminal.
    """
    need("snakemake", "building")
    command = [sys.executable, "-m", "snakemake", "--cores", cores, "--directory", str(folder)]
    command += ["--snakefile", f"{PROJECT}/Snakefile"]
    command += ["--workflow-profile", f"{PROJECT}/profiles/default", "--", *targets]
    # For all that it starts, as -P is for one: the current folder holds no modules.
    variables = {**os.environ, "PYTHONSAFEPATH": "1"}
    sys.stdout.flush()
    build = subprocess.Popen(command, env=variables, start_new_session=True)
    try:
        failed = build.wait()
    except BaseException:
        # It is in a session of its own: neither Ctrl-C nor what ended this process has reached it.
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError, subprocess.TimeoutExpired):
                os.killpg(build.pid, number)
                build.wait(_PATIENCE)
        raise
    if failed:
        raise UserError(f"The build in {folder} failed (see above).")


def prepare_environment(source: Path) -> None:
    """Have jobs run this tree's package, under the Python that runs Snakemake."""
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    paths = [str(source)] * source.is_dir() + [*filter(None, [os.environ.get("PYTHONPATH")])]
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

    def __init__(self, settings: Iterable[Path | str], results: Path = Path("results")) -> None:
        """Begin now, with these configuration files."""
        self._results, self._claims = results, results / "claims.json"
        self._judged = _version(self._claims)
        self._logs = {log: _version(log) for log in _logs(results)}
        files = (Path(os.path.relpath(file)) for file in settings)
        self._before = {file: file.read_bytes() for file in files}
        self._began = time.monotonic()

    def closing_words(self, jobs: int) -> str:
        """The time that jobs took, the verdicts if there are new ones, and a warning if due."""
        minutes, seconds = divmod(round(time.monotonic() - self._began), 60)
        took = f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
        words = [f"Done: {jobs} {'job' if jobs == 1 else 'jobs'} in {took}."]
        if _version(self._claims) != self._judged:
            from superposition.claims import closing, read_json  # slow to load

            try:
                words.append("\n" + visible(closing(read_json(self._claims)), keep="\n"))
            except UserError as error:
                words.append(f"error: {error}")
        words += self._warnings()
        page = self._results / "report.html"
        if page.is_file():
            words.append(f"Begin with {page}; docs/ explains what deviates.")
        edited = [
            str(file)
            for file, content in self._before.items()
            if not file.is_file() or file.read_bytes() != content
        ]
        if edited:
            words.append(
                f"NOTE: {' and '.join(edited)} changed while this build was running. These results "
                "are for the settings as they were at its start; to apply the new ones, run the "
                "same command again."
            )
        return "\n".join(words)

    def _warnings(self) -> list[str]:
        """The lines in the logs of this build that begin so: `WARNING: …`."""
        new = (log for log in _logs(self._results) if _version(log) != self._logs.get(log))
        lines = chain.from_iterable(log.read_text("utf-8", "replace").splitlines() for log in new)
        return [line for line in lines if line.startswith("WARNING: ")]


def _logs(results: Path) -> list[Path]:
    return sorted((results / "logs/export").glob("*.log"))


def _version(file: Path) -> tuple[int, int] | None:
    """What changes when a file is written again, whatever the clock says; None without one."""
    with suppress(OSError):
        stat = file.stat()
        return stat.st_ino, stat.st_mtime_ns
    return None
