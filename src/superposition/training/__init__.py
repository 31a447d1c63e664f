"""Train runs of a cell, by one of two engines that see the same batches.

`fused` is the kernel on the CPU: fast, and the same bytes on every machine. `torch` is the
reference to read and to check against: a module, autograd and an optimiser. `auto` takes the
fastest that gives the exact bytes.
"""

from collections.abc import Callable, Sequence
from typing import Literal

from superposition.settings import Cell
from superposition.weights import Weights

Engine = Literal["auto", "fused", "torch"]


def train(
    cell: Cell,
    runs: Sequence[int],
    threads: int = 1,
    engine: Engine = "auto",
    progress: Callable[[int, int], None] | None = None,
) -> Weights:
    """Return the trained weights of some runs of a cell.

    Args:
        cell: Settings.
        runs: Numbers of the runs, such as `range(32)`.
        threads: Runs trained side by side; the result does not depend on it.
        engine: `auto`, `fused` or `torch`.
        progress: Called now and then with the steps done and the steps in all, summed over runs.
    """
    if engine == "torch":
        from superposition.training import reference

        return reference.train(cell, runs, threads, progress)
    from superposition.training import fused

    return fused.train(cell, runs, threads, progress)
