"""How a build was run: versions, machine, and time per stage.

This alone in the page is not the same everywhere. Times are those that Snakemake keeps under
`benchmarks/` for every job; of jobs that ran elsewhere, or were built before and only copied here,
they are those of then and there. The machine is the one that wrote the page.
"""

import csv
import os
import platform
import re
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from superposition import __version__
from superposition.digests import ROOT, versions
from superposition.reporting.experiments import Experiment

_LIBRARIES = (
    *("numpy", "numba", "llvmlite", "torch", "safetensors", "pydantic", "pandas"),
    *("matplotlib", "pillow", "fonttools", "jinja2", "snakemake"),
)
_STAGES = {
    "data": "draw evaluation samples",
    "train": "train",
    "export": "gather runs, evaluate",
    "measure": "measure",
    "plot": "draw figures",
    "judge": "judge claims",
}


@dataclass(frozen=True)
class Stage:
    """What all jobs of one stage took.

    Attributes:
        name: What is done.
        jobs: How many jobs there are.
        seconds: Time from start to end, of all jobs together.
        cpu: Their processor time, seconds.
        longest: The longest job's time.
        memory: The most that one job had resident, MB.
        share: Part of the time of all stages.
    """

    name: str
    jobs: int
    seconds: float
    cpu: float
    longest: float
    memory: float
    share: float = 0.0


@dataclass(frozen=True)
class Conditions:
    """How a build was run: names and values, the stages, and the time of each experiment."""

    machine: tuple[tuple[str, str], ...]
    versions: tuple[tuple[str, str], ...]
    stages: tuple[Stage, ...]
    experiments: tuple[Stage, ...]


def run_conditions(
    figures: Iterable[str], experiments: Iterable[Experiment], results: Path
) -> Conditions:
    """Return how the results were made, as far as this machine can tell."""
    times = results / "benchmarks"
    files: dict[str, dict[str, None]] = {stage: {} for stage in _STAGES}
    trained = []
    for experiment in experiments:
        for cell in experiment.cells:
            for stage, names in cell.times.items():
                files[stage] |= dict.fromkeys(names)
        training = (name for cell in experiment.cells for name in cell.times["train"])
        trained.append(_stage(experiment.name, times, training))
    files["plot"] = dict.fromkeys(f"plot/{name}.tsv" for name in figures)
    files["judge"] = {"judge.tsv": None}
    stages = [_stage(name, times, files[stage]) for stage, name in _STAGES.items()]
    return Conditions(
        machine=tuple(_machine()),
        versions=tuple(_versions()),
        stages=_with_shares(stages),
        experiments=_with_shares(trained),
    )


def _stage(name: str, folder: Path, files: Iterable[str]) -> Stage:
    rows = [row for file in files for row in _rows(folder / file)]
    seconds, cpu, memory = (
        [_number(row.get(key)) for row in rows] for key in ("s", "cpu_time", "max_rss")
    )
    return Stage(
        name, len(rows), sum(seconds), sum(cpu), max(seconds, default=0), max(memory, default=0)
    )


def _rows(file: Path) -> list[dict[str, str]]:
    """Return the lines of a benchmark file; none if it is not there or half-written."""
    with suppress(OSError, ValueError), file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))[-1:]
    return []


def _number(text: str | None) -> float:
    """Return a number of a benchmark file, which has NA or - for what was too short to measure."""
    with suppress(TypeError, ValueError):
        return float(text or 0)
    return 0.0


def _with_shares(stages: Iterable[Stage]) -> tuple[Stage, ...]:
    found = [stage for stage in stages if stage.jobs]
    total = sum(stage.seconds for stage in found) or 1.0
    return tuple(Stage(**{**vars(stage), "share": stage.seconds / total}) for stage in found)


def _machine() -> Iterator[tuple[str, str]]:
    yield "processor", _processor()
    yield "cores", str(os.cpu_count() or "unknown")
    with suppress(OSError, ValueError, AttributeError):
        size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        yield "memory", f"{size / 2**30:.0f} GiB"
    yield "system", _system()


def _processor() -> str:
    with suppress(OSError):
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
        if found := re.search(r"^model name\s*:\s*(.+)$", text, flags=re.MULTILINE):
            return f"{found[1].strip()} ({platform.machine()})"
    return platform.processor() or platform.machine()


def _system() -> str:
    name = f"{platform.system()} {platform.release()}"
    with suppress(OSError):
        return f"{platform.freedesktop_os_release()['PRETTY_NAME']}, {name}"
    return name


def _versions() -> Iterator[tuple[str, str]]:
    yield "superposition", " ".join(filter(None, [__version__, _commit()]))
    yield platform.python_implementation(), platform.python_version()
    for name in _LIBRARIES:
        yield name, versions(name).removeprefix(f"{name}==").removeprefix(f"{name} is ")


def _commit() -> str:
    """Return the source's commit, in brackets; nothing if git cannot tell."""
    try:
        # Fails where the package is installed inside of somebody else's repository.
        _git("ls-files", "--error-unmatch", "__init__.py")
        changed = ", with changes since" if _git("status", "--porcelain", ".") else ""
        return f"(commit {_git('rev-parse', '--short=12', 'HEAD')}{changed})"
    except (OSError, subprocess.SubprocessError):
        return ""


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(ROOT), "--no-optional-locks", *arguments]
    return subprocess.run(
        command, check=True, capture_output=True, text=True, timeout=20
    ).stdout.strip()
