"""Who does which part of the work.

A vector of sixteen lanes is moved by one *worker*. On the processor there is one worker, which does
everything, and what is here compiles to nothing. On a GPU a block of threads trains a run: sixteen
threads are a worker, one for each lane, and the workers of a block share the work (`cuda.workers`
has the same functions for them). So the arithmetic is written once, and its order is the same.

Code outside of any part is done by all workers alike, and may write only what all write alike.
Whoever reads what another worker, or another lane, has written must `meet` it first.
"""

from typing import Any

from numba import njit


@njit
def worker() -> Any:
    """Return the number of this worker, for memory of its own."""
    return 0


@njit
def part(start: Any, stop: Any, step: Any) -> Any:
    """Return this worker's part of `range(start, stop, step)`."""
    return range(start, stop, step)


@njit
def part_of_lane(count: Any) -> Any:
    """Return the part of `range(count)` of one lane of this worker, for work on single numbers."""
    return range(count)


@njit
def has(number: Any) -> Any:
    """Return whether work of this number is this worker's."""
    return True


@njit
def leads() -> Any:
    """Return whether to do what is to be done once, by one lane of one worker."""
    return True


@njit
def meet() -> None:
    """Wait until all workers are here and all they have written is seen. Not within a part."""


@njit
def meet_lanes() -> None:
    """Wait until all lanes of this worker are here and all they have written is seen."""
