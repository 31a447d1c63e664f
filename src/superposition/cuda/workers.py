"""What `kernels.workers` is for threads: a block is `(16 lanes, workers)`, and trains one run."""

from typing import Any

from numba import cuda

from superposition.cuda.threads import lane, meet_lanes, worker, workers
from superposition.memory import WIDTH

__all__ = ["has", "leads", "meet", "meet_lanes", "part", "part_of_lane", "worker"]


def part(start: Any, stop: Any, step: Any) -> Any:
    """Return this worker's part of `range(start, stop, step)`."""
    return range(start + worker() * step, stop, workers() * step)


def part_of_lane(count: Any) -> Any:
    """Return the part of `range(count)` of one lane of this worker, for work on single numbers."""
    return range(worker() * WIDTH + lane(), count, workers() * WIDTH)


def has(number: Any) -> Any:
    """Return whether work of this number is this worker's."""
    return number % workers() == worker()


def leads() -> Any:
    """Return whether to do what is to be done once, by one lane of one worker."""
    return worker() == 0 and lane() == 0


def meet() -> None:
    """Wait until all workers are here and all they have written is seen. Not within a part."""
    cuda.syncthreads()
