"""Train runs of a cell, by one of four engines that see the same batches.

`fused` is the kernel on the CPU, `cuda` the same kernel on a GPU: the same bytes on every machine.
`torch` is the reference to read and to check against: a module, autograd and an optimiser;
`torch-cuda` the same on a GPU. `auto` takes the fastest that gives the exact bytes.
"""

from collections.abc import Callable, Mapping, Sequence

from superposition.parameters import Parameters
from superposition.settings import Cell, Engine
from superposition.snapshots import Room
from superposition.weights import Weights, gather

RUNS_FOR_A_GPU = 64
"""Runs of a job, of all its points, from which on `auto` takes a GPU: as many as keep half of a
small one's processors busy. A job of fewer is done sooner than a GPU is ready."""

Progress = Callable[[int, int], None]
"""Called with the steps done and the steps in all, summed over runs."""


def train(
    cell: Cell,
    runs: Sequence[int],
    threads: int = 1,
    engine: Engine = "auto",
    progress: Progress | None = None,
    snapshots: Sequence[Mapping[int, Parameters]] | None = None,
) -> Weights:
    """Return the trained weights of some runs of a cell, at all its points.

    Args:
        cell: Settings.
        runs: Numbers of the runs, such as `range(32)`.
        threads: Runs trained side by side; the result does not depend on it.
        engine: `auto`, `fused`, `cuda`, `torch` or `torch-cuda`.
        progress: Called now and then with the steps done and the steps in all, summed over runs.
        snapshots: For each point, where parameters of these runs go, after which steps; on disk,
            unless told.

    Raises:
        OutputError: If there is no room for snapshots.
    """
    points = cell.points()
    if snapshots is None:
        snapshots = Room(cell, len(runs)).of(0, len(runs))
    if uses_gpu(engine, len(points) * len(runs)):
        from superposition.cuda.engine import train as train_side_by_side

        return gather(cell, train_side_by_side(points, runs, progress, snapshots))
    train_point = _engine(engine)
    trained = []
    for number, point in enumerate(points):
        report = progress and _of_many(progress, number, len(points))
        trained.append(train_point(point, runs, threads, report, snapshots[number]))
    return gather(cell, trained)


def uses_gpu(engine: Engine, runs: int) -> bool:
    """Return whether a job of so many runs, of all its points, is trained on a GPU."""
    if engine != "auto" or runs < RUNS_FOR_A_GPU:
        return engine == "cuda"
    from superposition.cuda.device import gpus

    return gpus() > 0


def _engine(engine: Engine) -> Callable[..., Weights]:
    if engine == "torch":
        from superposition.training import reference

        return reference.train
    if engine == "torch-cuda":
        from superposition.training import recorded

        return recorded.train
    from superposition.training import fused

    return fused.train


def _of_many(progress: Progress, number: int, points: int) -> Progress:
    """Return what reports the progress of a cell's points as that of one of them."""
    return lambda done, total: progress(number * total + done, points * total)
