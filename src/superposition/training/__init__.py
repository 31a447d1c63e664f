"""Train runs of cells, by one of three engines that see the same batches.

`fused` is the kernel on the CPU, `cuda` the same kernel on a GPU: the same bytes on every machine.
`torch` is the reference to read and to check against: a module, autograd and an optimiser. `auto`
takes the fastest whose bytes have been seen on a real machine, which is `fused` (docs/gpu.md).
"""

from collections.abc import Callable, Sequence

from superposition.config.settings import Cell, Engine
from superposition.model.parameters import Parameters
from superposition.model.weights import Weights

Progress = Callable[[int, int], None]
"""Called with the steps done and the steps in all, summed over runs."""


def train(
    cells: Sequence[Cell],
    runs: Sequence[int],
    threads: int = 1,
    engine: Engine = "auto",
    progress: Progress | None = None,
    starts: Sequence[Parameters] = (),
) -> list[Weights]:
    """The trained weights of the same runs of each cell.

    Args:
        cells: What to train; models of one size, with one recipe, such as the row of a phase
            diagram.
        runs: Numbers of the runs, such as `range(32)`.
        threads: Runs trained side by side; the result does not depend on it.
        engine: `auto`, `fused`, `cuda` or `torch`.
        progress: Called now and then.
        starts: What the runs of each cell start from (`model.start`), if not from random weights.
    """
    given: Sequence[Parameters | None] = starts or [None] * len(cells)
    assert all(bool(c.start) == (s is not None) for c, s in zip(cells, given, strict=True))
    if engine == "cuda":
        from superposition.training.cuda.engine import train as train_side_by_side

        return train_side_by_side(cells, runs, progress, starts=given)
    if engine == "torch":
        from superposition.training import reference

        train_cell: Callable[..., Weights] = reference.train
    else:
        from superposition.training import fused

        train_cell = fused.train
    return [
        train_cell(cell, runs, threads, progress and _of_many(progress, number, len(cells)), start)
        for number, (cell, start) in enumerate(zip(cells, given, strict=True))
    ]


def _of_many(progress: Progress, number: int, cells: int) -> Progress:
    """What reports the progress of all cells as that of one of them."""
    return lambda done, total: progress(number * total + done, cells * total)
