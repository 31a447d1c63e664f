"""What `kernels.shuffles` is for threads: sums over lanes, and rows exchanged with columns."""

from typing import Any

from superposition.cuda.threads import lane, lane_total
from superposition.memory import WIDTH


def lane_sum(a: Any) -> Any:
    """Sum over the lanes of float32, halves first."""
    return lane_total(a)


def add_lane_sum(target: Any, place: Any, a: Any) -> None:
    """Add the `lane_sum` of a vector to `target[place]`."""
    total = lane_total(a)
    if lane() == 0:
        target[place] += total


def add_lane_sums(target: Any, offset: Any, a: Any, b: Any, c: Any, d: Any) -> None:
    """Add the `lane_sum`s of four vectors to `target[offset]` … `target[offset + 3]`."""
    add_lane_sum(target, offset, a)
    add_lane_sum(target, offset + 1, b)
    add_lane_sum(target, offset + 2, c)
    add_lane_sum(target, offset + 3, d)


def transpose(
    source: Any, start: Any, row_step: Any, target: Any, place: Any, column_step: Any
) -> None:
    """Write 16 × 16 numbers with rows and columns exchanged; each lane reads one row."""
    row = lane()
    for column in range(WIDTH):
        target[place + column_step * column + row] = source[start + row_step * row + column]
