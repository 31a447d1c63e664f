"""One run of the benchmark: all sizes, then many models at once."""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from superposition.benchmarks import machine
from superposition.benchmarks.cases import BATCH, Case
from superposition.benchmarks.contestants import Contestant, contestants
from superposition.benchmarks.record import Record, Row
from superposition.benchmarks.timing import measured

NUMBERS = (1, 10, 100, 1000, 10_000)
"""Models trained at once."""
MANY = Case(n=5, m=2, model="relu", density=0.1, experiments=("intro",))
"""What is trained in great numbers: a network of the paper's first figure."""


class Effort(NamedTuple):
    """How much is measured."""

    turns: int = 5
    """How often each contestant is timed."""
    seconds: float = 0.07
    """How long a turn should be."""
    numbers: Sequence[int] = NUMBERS
    """Models trained at once."""


def measure(
    sizes: Iterable[Case], threads: int, effort: Effort, say: Callable[[str], object]
) -> Record:
    """Measure all contestants at all sizes; `say` is told how far it is."""
    began = time.perf_counter()
    date, here = machine.today(), machine.describe()
    everyone, absent = contestants(threads)
    gauge = machine.Gauge(threads)
    rows = []
    for case in sizes:
        gauge.read()
        fitting = {name: c for name, c in everyone.items() if c.fits(case, c.models)}
        rows.append(_row(case, {name: c.models for name, c in fitting.items()}, fitting, effort))
        say(_line(rows[-1], time.perf_counter() - began))
    numbers = _numbers(everyone, effort, lambda row: say(_line(row, time.perf_counter() - began)))
    return Record(
        date=date,
        machine=here,
        rates=gauge.rates(),
        threads=threads,
        batch=BATCH,
        seconds=round(time.perf_counter() - began),
        labels={name: contestant.label for name, contestant in everyone.items()},
        sizes=tuple(rows),
        numbers=tuple(numbers),
        absent=absent,
    )


def _numbers(
    everyone: dict[str, Contestant], effort: Effort, say: Callable[[Row], object]
) -> list[Row]:
    """Return rows for many models at once, of those who compute them together."""
    going = {name: c for name, c in everyone.items() if c.gathers}
    rows = []
    for models in effort.numbers:
        fitting = {name: c for name, c in going.items() if c.fits(MANY, models)}
        rows.append(_row(MANY, dict.fromkeys(fitting, models), fitting, effort))
        say(rows[-1])
    return rows


def _row(
    case: Case, models: dict[str, int], everyone: dict[str, Contestant], effort: Effort
) -> Row:
    works = {name: c.prepare(case, models[name]) for name, c in everyone.items()}
    return Row(
        n=case.n,
        m=case.m,
        model=case.model,
        density=case.density,
        experiments=case.experiments,
        times=measured(works, effort.turns, effort.seconds),
    )


def _line(row: Row, seconds: float) -> str:
    """Return a line for the terminal."""
    times = "  ".join(
        f"{name} {t.median:.4g}" + (f" (× {t.models})" if t.models > 1 else "")
        for name, t in row.times.items()
    )
    return f"{seconds:4.0f} s  {row.model} n={row.n} m={row.m} 1−S={row.density:g}:  {times}"
