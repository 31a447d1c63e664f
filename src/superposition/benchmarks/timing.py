"""Timing in turns: A B C A B C …, so that whatever else a machine does hits all alike."""

import time
from collections.abc import Callable, Mapping
from math import ceil
from typing import Literal, NamedTuple

from superposition.benchmarks.record import Times

_LONG = 4.0
"""A turn that takes longer than so many times what it should, is taken twice, not more often."""

_MOST = 1 << 20
"""Steps of a turn, at most."""
_BESIDE = 20.0
"""Where models start beside others, a turn takes so many times as long as starting them all."""
_LONGEST = 15.0
"""Seconds of a turn above which that is not done."""


class Work(NamedTuple):
    """A contestant that is ready to train."""

    run: Callable[[int], object]
    """Trains all models for a number of steps."""
    models: int
    """How many models that is."""
    starts: Literal["never", "before", "beside"] = "never"
    """Whether every call starts models anew, which is no part of a step: before all steps, so that
    it can be subtracted, or beside the steps of others, so that turns have to be long."""


class Turn(NamedTuple):
    """What a turn does."""

    steps: int
    start: float
    """Seconds that are not about steps."""
    took: float
    """Seconds, roughly."""


def seconds_of(work: Callable[..., object], *arguments: object) -> float:
    """Return the wall time of one call."""
    begin = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - begin


def turn_of(work: Work, seconds: float) -> Turn | None:
    """Return how many steps take about so many seconds, after warming up.

    If models are started in every turn, at least as long as that takes, as the difference of the
    two would be noise else. None if a turn would take too long.
    """
    start = 0.0
    if work.starts == "never":
        work.run(1)
    else:
        start = _start(work)
    wanted = max(seconds, start if work.starts == "before" else _BESIDE * start)
    if work.starts == "beside":
        start = 0.0
    if wanted > _LONGEST:
        return None
    steps = 1 if wanted == seconds else 32
    while (taken := seconds_of(work.run, steps) - start) < 0.3 * wanted and steps < _MOST:
        steps = ceil(steps * min(max(0.5 * wanted / max(taken, 1e-9), 2.0), 100.0))
    each = max(taken, 1e-9) / steps
    steps = min(max(1, round(wanted / each)), _MOST)
    return Turn(steps, start, start + steps * each)


def _start(work: Work) -> float:
    """Return the seconds of starting the models: the least of three, if it does not take long."""
    work.run(1 if work.models < 100 else 0)
    first = seconds_of(work.run, 0)
    return first if first > 1.0 else min(first, *(seconds_of(work.run, 0) for _ in "ab"))


def measured(works: Mapping[str, Work], turns: int, seconds: float) -> dict[str, Times]:
    """Return the microseconds for each model and step of each contestant, but of those too slow.

    Args:
        works: Contestants by name.
        turns: How often each is timed.
        seconds: How long a turn should be.
    """
    plans = {name: turn for name, work in works.items() if (turn := turn_of(work, seconds))}
    found: dict[str, list[float]] = {name: [] for name in plans}
    for number in range(turns):
        for name, plan in plans.items():
            work = works[name]
            if number >= 2 and plan.took > _LONG * seconds:
                continue
            taken = seconds_of(work.run, plan.steps)
            net = max(taken - plan.start, 1e-9)
            found[name].append(1e6 * net / (plan.steps * work.models))
    return {
        name: Times(turns=tuple(float(f"{t:.4g}") for t in times), models=works[name].models)
        for name, times in found.items()
    }
