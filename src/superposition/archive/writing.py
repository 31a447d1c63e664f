"""Making an archive of finished results."""

import re
import subprocess
import sys
from argparse import Namespace
from collections.abc import Iterable, Sequence
from pathlib import Path

from superposition import __version__
from superposition.archive.container import is_folder, size_of, write
from superposition.archive.contents import by_kind, contents
from superposition.archive.sources import Sources, sources
from superposition.config import load
from superposition.errors import UserError
from superposition.workflow import Plan

_JOB = re.compile(r"^Job \d+: (.*)$", flags=re.MULTILINE)
# As a person would call it, who need not have the environment of this process.
_PYTHON = ".venv/bin/python" if Path(sys.prefix).name == ".venv" else "python"
_TOLD = 8
"""How many of many things are named."""


def archive_command(options: Namespace) -> None:
    """Write an archive of the results of this folder, which is a clone.

    Raises:
        UserError: If sources have changed since their commit, or the results are not up to date.
    """
    folder = Path.cwd()
    found = sources(folder)
    config = [_below(folder, file) for file in options.config]
    _check(found, config, options.uncommitted)
    plan = Plan(load(*config))
    if not options.built:
        _check_up_to_date(config)
    elif options.built != plan.identity():
        raise UserError(
            "These results were built with settings that stand in no file (Snakemake's --config): "
            "write them into a file, commit it, and give it with --configfile."
        )
    print("Reading sources and results …", flush=True)
    description, members = contents(folder, found, config, plan)
    mark = "-changed" if description.changed else ""
    name = f"results/superposition-{__version__}-{description.commit[:7]}{mark}.zip"
    output = options.output or Path(name)
    kinds = ", ".join(f"{kind} {_size(size)}" for kind, size in by_kind(members).items())
    count = sum(not is_folder(member) for member in members)
    print(f"Writing {output}: {count} files, {_size(size_of(members))} ({kinds}).")
    if description.changed:
        print(f"Recorded as changed since commit {found.commit[:7]}: {_some(found.changed)}.")
    left = description.left_out
    print(
        f"Left out: {len(left)} evaluation samples, {_size(_together(folder, left))}; restoring "
        "draws them again. Logs and times of jobs are of this machine and left out as well.",
        flush=True,
    )
    digest = write(output, members)
    print(
        f"Wrote {output}, SHA-256 {digest}.\nCheck it: {_PYTHON} -m superposition verify {output}"
    )


def _check(found: Sources, config: Sequence[str], uncommitted: bool) -> None:
    if found.changed and not uncommitted:
        raise UserError(
            f"Not committed: {_some(found.changed)}. An archive names the commit of its sources: "
            "commit these first; or archive them as they are, recorded as changed, with "
            f"{_PYTHON} -m superposition archive --uncommitted."
        )
    if outside := [name for name in config if name not in found.files]:
        raise UserError(
            f"{_some(outside)} would not be in the archive, for git does not know it: move it into "
            "this folder, and commit it."
        )


def _check_up_to_date(config: Sequence[str]) -> None:
    """Ask Snakemake whether there is anything to build."""
    command = [sys.executable, "-m", "snakemake", "--dry-run", "--configfile", *config]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UserError(
            "Snakemake cannot tell whether the results are up to date:\n"
            + (done.stdout + done.stderr).strip()
        )
    told = done.stdout + done.stderr
    if "Nothing to be done" not in told:
        jobs = _some(_JOB.findall(told)) or "Snakemake would build something"
        raise UserError(
            f"The results are not up to date: {jobs}. Build them first: make archive does."
        )


def _below(folder: Path, file: Path) -> str:
    """Return a path as seen from the folder; one that is outside stays as it is."""
    path = (folder / file).resolve()
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)


def _together(folder: Path, names: Iterable[str]) -> int:
    return sum((folder / name).stat().st_size for name in names)


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _TOLD} more" if len(names) > _TOLD else ""
    return ", ".join(names[:_TOLD]) + more


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{count / 1e3:.1f} kB"
