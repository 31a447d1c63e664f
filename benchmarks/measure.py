"""Timing in turns, A B C A B C …, so that whatever else a machine does hits all alike."""

import platform
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from math import ceil
from pathlib import Path
from statistics import median

import torch

from benchmarks.contestants import Case, Work
from superposition.base.machine import cores
from superposition.base.source_digest import versions
from superposition.config.settings import Frozen

QUIET = 0.5
"""Load up to which a machine counts as quiet."""


class Times(Frozen):
    """Turns of one contestant at one case."""

    models: int
    """Models trained at once."""
    turns: tuple[float, ...]
    """Microseconds for each model and step, in the order of measuring."""


class Row(Frozen):
    """One case, and how long each contestant took."""

    n: int
    """Features."""
    m: int
    """Hidden dimensions."""
    density: float
    """1 − S."""
    times: dict[str, Times]
    """By contestant."""

    def median(self, name: str) -> float:
        """The median turn of a contestant, microseconds for each model and step."""
        return median(self.times[name].turns)

    def times_faster(self, loop: str) -> float:
        """How many times faster the fused engine on all threads is than a loop.

        That is the median of the ratios within turns, which were taken one after the other: what
        else the machine did at a time cancels out.
        """
        pairs = zip(self.times[loop].turns, self.times["fused_all"].turns, strict=True)
        return median(slow / fast for slow, fast in pairs)


class Record(Frozen):
    """One run of the benchmark, as docs/benchmarks.json keeps it."""

    date: str
    """When it began."""
    machine: str
    """Everything that decides how fast it is."""
    load: float
    """Processes that ran or wanted to when it began, on average over a minute."""
    threads: int
    """How many all threads are."""
    seconds: float
    """How long it took, all in all."""
    times_faster_at_n_5: dict[str, float]
    """How many times faster than the loop the fused engine on all threads is (see below)."""
    rows: tuple[Row, ...]
    """All sizes and densities."""


def times_faster_at_n_5(rows: Iterable[Row]) -> dict[str, float]:
    """What the README quotes: of the densities, that where the kernel gains least."""
    rows = [row for row in rows if row.n == 5]
    loops = {"than_100_models_batched": "loop_batched", "than_one_model_at_a_time": "loop_one"}
    return {
        key: float(f"{min(row.times_faster(loop) for row in rows):.3g}")
        for key, loop in loops.items()
    }


def measured(case: Case, works: Mapping[str, Work], turns: int, seconds: float) -> Row:
    """The times of all contestants at one case.

    Args:
        case: What they train.
        works: Contestants by name.
        turns: How often each is timed.
        seconds: How long a turn should be.
    """
    plans = {name: _plan(work, seconds) for name, work in works.items()}
    found: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(turns):
        for name, (steps, start) in plans.items():
            taken = max(seconds_of(works[name].run, steps) - start, 1e-9)
            each = 1e6 * taken / (steps * works[name].models)
            found[name].append(float(f"{each:.4g}"))
    times = {
        name: Times(models=works[name].models, turns=tuple(taken)) for name, taken in found.items()
    }
    return Row(n=case.n, m=case.m, density=case.density, times=times)


def _plan(work: Work, seconds: float) -> tuple[int, float]:
    """The steps of a turn, and the seconds of starting the models, which are no part of a step.

    A turn is at least as long as its start: the difference of the two would be noise else.
    """
    work.run(3)  # compiles, and warms up
    start = min(seconds_of(work.run, 0) for _ in range(3))
    wanted = max(seconds, start)
    steps = 1
    while (taken := max(seconds_of(work.run, steps) - start, 1e-9)) < 0.3 * wanted:
        steps = ceil(steps * min(max(0.5 * wanted / taken, 2.0), 100.0))
    return max(1, round(steps * wanted / taken)), start


def seconds_of(run: Callable[[int], object], steps: int) -> float:
    """The wall time of so many steps."""
    began = time.perf_counter()
    run(steps)
    return time.perf_counter() - began


def machine() -> str:
    """The processor, the GPU, the system and the versions of what computes."""
    lines = []
    with suppress(OSError):  # only Linux has it
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    cpu = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    vectors = {"avx512f": "AVX-512", "avx2": "AVX2", "": "narrow vectors"}
    parts = (
        f"{cpu.get('model name') or platform.machine()}, {cores()} cores, "
        + next(name for flag, name in vectors.items() if flag in cpu.get("flags", "")),
        torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU",
        f"{platform.system()} {platform.release()}",
        f"Python {platform.python_version()}",
        versions("torch", "numpy", "numba", "llvmlite").replace(" ", ", "),
    )
    return "; ".join(parts)
