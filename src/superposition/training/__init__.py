"""Train runs of a cell, by one of two engines that see the same batches.

`fused` is the kernel on the CPU: fast, and the same bytes on every machine. `torch` is the
reference to read and to check against: a module, autograd and an optimiser. `auto` takes the
fastest that gives the exact bytes.
"""

from collections.abc import Callable, Sequence
from typing import Literal

from superposition.settings import Cell
from superposition.weights import Weights, gather

Engine = Literal["auto", "fused", "torch"]
Progress = Callable[[int, int], None]
"""Called with the steps done and the steps in all, summed over runs."""


def train(
    cell: Cell,
    runs: Sequence[int],
    threads: int = 1,
    engine: Engine = "auto",
    progress: Progress | None = None,
) -> Weights:
    """Return the trained weights of some runs of a cell, at all its points.

    Args:
        cell: Settings.
        runs: Numbers of the runs, such as `range(32)`.
        threads: Runs trained side by side; the result does not depend on it.
        engine: `auto`, `fused` or `torch`.
        progress: Called now and then with the steps done and the steps in all, summed over runs.
    """
    train_point = _engine(engine)
    points = cell.points()
    trained = []
    for number, point in enumerate(points):
        report = progress and _of_many(progress, number, len(points))
        trained.append(train_point(point, runs, threads, report))
    return gather(cell, trained)


def _engine(engine: Engine) -> Callable[..., Weights]:
    if engine == "torch":
        from superposition.training import reference

        return reference.train
    from superposition.training import fused

    return fused.train


def _of_many(progress: Progress, number: int, points: int) -> Progress:
    """Return what reports the progress of a cell's points as that of one of them."""
    return lambda done, total: progress(number * total + done, points * total)
