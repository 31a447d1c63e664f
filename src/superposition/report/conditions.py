"""How a build was run: versions, machine, and time per stage.

Times are those that Snakemake keeps under `benchmarks/` for every job; of jobs that ran elsewhere,
or were built before and only copied here, they are those of then and there. The machine is the one
that wrote the page.
"""

import csv
import os
import platform
import re
import subprocess
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from superposition.base.git import git
from superposition.base.source_digest import ROOT, versions
from superposition.base.version import VERSION
from superposition.report.experiments import Experiment

_LIBRARIES = (
    *("numpy", "numba", "llvmlite", "torch", "safetensors", "pydantic", "pandas"),
    *("matplotlib", "pillow", "fonttools", "jinja2", "snakemake"),
)


class Times(NamedTuple):
    """The times of some jobs, seconds, and the most memory that one of them had resident, MB."""

    name: str
    jobs: int
    seconds: float
    """From start to end, of all jobs together."""
    processor: float
    """Processor time of all jobs."""
    longest: float
    memory: float


def run_conditions(
    figures: Iterable[str], experiments: Collection[Experiment], results: Path
) -> dict[str, Any]:
    """How the results were made, as far as this machine can tell, for `conditions.html`."""
    folder = results / "benchmarks"
    trained = {
        experiment.name: [run.replace("results/runs/", "train/", 1) for run in experiment.runs]
        for experiment in experiments
    }
    stages = {
        "describe samples": [f"data/{name}" for name in trained],
        "train": [job for jobs in trained.values() for job in jobs],
        "gather runs, evaluate": [f"export/{name}" for name in trained],
        "measure": [f"measure/{name}" for name in trained],
        "compare with structures": ["constructed"],
        "train dictionaries": [f"dictionaries/{name}" for name in trained],
        "plot figures": [f"plot/{name}" for name in figures],
        "judge claims": ["judge"],
    }
    found = {
        "superposition": " ".join(filter(None, [VERSION, _commit()])),
        platform.python_implementation(): platform.python_version(),
    }
    for name in _LIBRARIES:
        found[name] = versions(name).removeprefix(f"{name}==").removeprefix(f"{name} is ")
    return {
        "machine": list(_machine()),
        "versions": list(found.items()),
        "stages": [times for item in stages.items() for times in _times(folder, *item)],
        "experiments": [times for item in trained.items() for times in _times(folder, *item)],
    }


def _times(folder: Path, name: str, jobs: Iterable[str]) -> Iterator[Times]:
    """The times of jobs of one kind, if there are any."""
    rows = [row for job in jobs for row in _rows(folder / f"{job}.tsv")]
    if rows:
        seconds, processor, memory = (
            [_number(row.get(key)) for row in rows] for key in ("s", "cpu_time", "max_rss")
        )
        total, longest = sum(seconds), max(seconds)
        yield Times(name, len(rows), total, sum(processor), longest, max(memory))


def _rows(file: Path) -> list[dict[str, str]]:
    """The last line of a benchmark file; none if it is not there or half-written."""
    with suppress(OSError, ValueError), file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))[-1:]
    return []


def _number(text: str | None) -> float:
    """A number of a benchmark file, which has NA or - for what was too short to measure."""
    with suppress(TypeError, ValueError):
        return float(text or 0)
    return 0.0


def _machine() -> Iterator[tuple[str, str]]:
    yield "processor", _processor()
    yield "cores", str(os.cpu_count() or "unknown")
    with suppress(OSError, ValueError, AttributeError):
        size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        yield "memory", f"{size / 2**30:.0f} GiB"
    system = f"{platform.system()} {platform.release()}"
    with suppress(OSError):
        system = f"{platform.freedesktop_os_release()['PRETTY_NAME']}, {system}"
    yield "system", system


def _processor() -> str:
    with suppress(OSError):
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
        if found := re.search(r"^model name\s*:\s*(.+)$", text, flags=re.MULTILINE):
            return f"{found[1].strip()} ({platform.machine()})"
    return platform.processor() or platform.machine()


def _commit() -> str:
    """The source's commit, in brackets; nothing if git cannot tell."""
    try:
        # Fails where the package is installed inside of somebody else's repository.
        git(ROOT, "ls-files", "--error-unmatch", "__init__.py")
        changed = ", with changes since" if git(ROOT, "status", "--porcelain", ".") else ""
        return f"(commit {git(ROOT, 'rev-parse', '--short=12', 'HEAD').strip()}{changed})"
    except (OSError, subprocess.SubprocessError):
        return ""
