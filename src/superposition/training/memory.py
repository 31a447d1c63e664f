"""The memory that training and comparing runs take, as estimated before anything is trained.

What is estimated here decides no byte of a result; it may be a fifth off.
"""

from collections.abc import Iterable, Mapping
from math import prod

from superposition.base.errors import UserError
from superposition.base.machine import memory
from superposition.config.settings import Cell
from superposition.kernels.contracts.memory import WIDTH
from superposition.kernels.contracts.training import TILE, padded
from superposition.model.parameters import shapes_of
from superposition.sampling.distribution import empty_probability

_PROGRAM = 2**28
"""Bytes of Python, its libraries and compiled code."""
_OF_VALUE = 13.5
"""Bytes of each value of an evaluation sample: as drawn, filled up, in tiles, and listed."""
_OF_STEP = 60
"""Bytes of each step in the tables of a recipe, while they are made."""


def of_comparing(cell: Cell) -> float:
    """Bytes that the evaluation sample of a cell takes; empty samples take none."""
    stored = cell.evaluation_samples * (1.0 - empty_probability(cell.features))
    return _OF_VALUE * stored * cell.features.n_features


def of_runs(cell: Cell, runs: int) -> float:
    """Bytes of trained runs, their snapshots included, as they are put together."""
    values = sum(map(prod, shapes_of(cell).values()))
    return 3.0 * 4 * values * runs * (1 + len(cell.training.snapshots))


def of_worker(cell: Cell) -> float:
    """Bytes that training a run takes meanwhile: optimiser, start and scratch."""
    n, m = cell.features.n_features, padded(cell.model.n_hidden)
    tile = TILE * WIDTH * (24 * n + 12 * m) + 4 * n * padded(n) * bool(cell.training.attack)
    return 110.0 * n * m + tile + _OF_STEP * cell.training.steps


def of_training(cells: Iterable[Cell], runs: int, threads: int) -> float:
    """Bytes of a job that trains runs of cells, so many at a time."""
    trained, largest = 0.0, 0.0
    for cell in cells:
        trained += of_runs(cell, runs)
        largest = max(largest, min(runs, threads) * of_worker(cell))
    return _PROGRAM + trained + largest


def check_memory(cells: Mapping[str, Cell], threads: int) -> None:
    """Make sure that cells can be trained here together, and then compared.

    Raises:
        UserError: If the machine has not the memory for it: what takes it, and what to do.
    """
    here, trained = memory(), sum(of_runs(cell, cell.runs) for cell in cells.values())
    needs = {
        name: (max(of_comparing(cell), min(cell.runs, threads) * of_worker(cell)), cell)
        for name, cell in cells.items()
    }
    name, (largest, cell) = max(needs.items(), key=lambda item: item[1][0])
    if (need := _PROGRAM + trained + largest) <= here:
        return
    n, m = cell.features.n_features, cell.model.n_hidden
    told = (
        f"{name}: takes about {_gigabytes(need)} of memory, and there are {_gigabytes(here)} here"
    )
    if trained > largest:
        raise UserError(
            f"{told}: {_gigabytes(trained)} for all trained runs. Train fewer runs, cells or "
            "snapshots at a time."
        )
    if of_comparing(cell) < largest:
        raise UserError(
            f"{told}, to train n_features = {n}, n_hidden = {m} for {cell.training.steps:,} steps, "
            f"{min(cell.runs, threads)} runs at a time. Use fewer threads, or smaller numbers."
        )
    # At density 1, as in the configuration; and what is cut off leaves a margin.
    given = cell.evaluation_samples * sum(cell.features.feature_probability) / n
    fits = f"{given * max(here - _PROGRAM - trained, 0) / largest:.0f}"
    raise UserError(
        f"{told}, to compare runs on {cell.evaluation_samples:,} samples of {n} features. Set "
        f"evaluation_samples, which is {given:.0f}, to {fits[0].ljust(len(fits), '0')} or less."
    )


def _gigabytes(size: float) -> str:
    return f"{float(f'{size / 1e9:.3g}'):,g} GB"
