"""Trained weights, in memory and on disk: the only reader and writer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from superposition.base.arrays import Arrays, FileKind
from superposition.base.errors import UserError
from superposition.base.version import VERSION
from superposition.config.derived import value_bounds
from superposition.config.settings import Cell, FeatureSettings
from superposition.model.parameters import Parameters, join, shapes_of


class WeightsError(UserError):
    """A weights file is missing, damaged, foreign or not what was asked for."""


_FILE = FileKind("weights file", "superposition weights 2", "Train it", WeightsError)
_SNAPSHOTS = "snapshots/"
_BEYOND = 1000.0
"""Times the most that answering 0 could lose of a feature."""


@dataclass(frozen=True)
class Weights:
    """The trained runs of a cell, or some of them."""

    cell: Cell
    """The settings that decide these weights."""
    runs: tuple[int, ...]
    """Number of each run."""
    final: Parameters
    """Parameters after the last step."""
    snapshots: Parameters | None = None
    """Parameters after the steps of the cell's recipe, `[steps, runs, …]`, if it has any."""
    loss: NDArray[np.float64] | None = None
    """Loss of each run on the evaluation sample, `[runs]`; None before they were compared."""
    snapshot_loss: NDArray[np.float64] | None = None
    """The same at each snapshot, `[steps, runs]`."""

    @property
    def W(self) -> NDArray[np.float32]:
        """Weights `[runs, m, n]` after the last step."""
        return self.final.W

    @property
    def b(self) -> NDArray[np.float32]:
        """Output bias `[runs, n]` after the last step."""
        return self.final.b

    @property
    def best(self) -> int:
        """Index of the run with the lowest loss, the first if they tie; never a diverged one.

        Raises:
            ValueError: If the runs were not compared.
            WeightsError: If all of them have diverged.
        """
        if self.loss is None:
            raise ValueError("these runs have not been compared yet: they carry no loss")
        return lowest(np.where(diverged(self), np.nan, self.loss))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All arrays by name."""
        named: dict[str, NDArray[Any]] = {**self.final.arrays()}
        if self.snapshots is not None:
            earlier = self.snapshots.arrays()
            named |= {_SNAPSHOTS + name: array for name, array in earlier.items()}
        losses = {"loss": self.loss, "snapshot_loss": self.snapshot_loss}
        return named | {name: loss for name, loss in losses.items() if loss is not None}


def diverged(weights: Weights) -> NDArray[np.bool_]:
    """Which runs have diverged, `[runs]`.

    Something of them is not a finite number; or their loss is beyond all measure, which it is with
    learning rates that are too large, but fall.
    """
    arrays = [*weights.final.arrays().values()]
    if weights.snapshots is not None:
        arrays += [array.swapaxes(0, 1) for array in weights.snapshots.arrays().values()]
    if weights.loss is not None:
        most = _BEYOND * max(weights.cell.model.importance) * _largest(weights.cell.features)
        arrays.append(np.where(weights.loss > most, np.nan, weights.loss))
    finite = [np.isfinite(array).reshape(len(weights.runs), -1).all(axis=1) for array in arrays]
    return np.asarray(~np.logical_and.reduce(finite))


def _largest(features: FeatureSettings) -> float:
    """The largest square of a value, or 1."""
    low, high = value_bounds(features)
    return 1.0 if features.normalised else max(1.0, low * low, high * high)


def lowest(loss: NDArray[np.float64]) -> int:
    """The index of the lowest of the losses of runs, the first if they tie.

    Raises:
        WeightsError: If none is finite.
    """
    if not np.isfinite(loss).any():
        raise WeightsError("All runs of this cell have diverged: try a lower learning rate.")
    return int(np.nanargmin(np.where(np.isfinite(loss), loss, np.nan)))


def gather(parts: Sequence[Weights]) -> Weights:
    """The runs of several parts of one cell, one behind the other, not yet compared."""
    earlier = [part.snapshots for part in parts if part.snapshots is not None]
    return Weights(
        parts[0].cell,
        tuple(run for part in parts for run in part.runs),
        join([part.final for part in parts]),
        join(earlier, axis=1) if earlier else None,
    )


def save(path: Path | str, cells: Mapping[str, Weights]) -> None:
    """Write the weights of cells, by their names, atomically to a file.

    Raises:
        OutputError: If the file cannot be written.
    """
    listed = [{"name": name, "runs": w.runs, "cell": w.cell} for name, w in cells.items()]
    arrays = {
        f"{name}/{array}": values
        for name, weights in cells.items()
        for array, values in weights.arrays().items()
    }
    _FILE.write(path, {"package_version": VERSION, "cells": listed}, arrays)


def load(path: Path | str) -> dict[str, Weights]:
    """Read a weights file: the cells in it by name, in the order in which they were written.

    Raises:
        WeightsError: If the file is missing, damaged, or not one of ours.
    """

    def build(header: dict[str, Any], arrays: Arrays) -> dict[str, Weights]:
        of_cells: dict[str, dict[str, NDArray[Any]]] = {}
        for whole, values in arrays.items():
            name, _, array = whole.partition("/")
            of_cells.setdefault(name, {})[array] = values
        return {
            entry["name"]: _of_file(
                f"{path}: {entry['name']}",
                Cell.model_validate(entry["cell"]),
                tuple(entry["runs"]),
                of_cells[entry["name"]],
            )
            for entry in header["cells"]
        }

    return _FILE.read(path, build)


def _of_file(where: str, cell: Cell, runs: tuple[int, ...], arrays: Arrays) -> Weights:
    final = {name: (len(runs), *shape) for name, shape in shapes_of(cell).items()}
    steps = len(cell.training.snapshots)
    earlier = {_SNAPSHOTS + name: (steps, *shape) for name, shape in final.items() if steps}
    for name, shape in (final | earlier).items():
        array = arrays.get(name)
        if array is None or array.shape != shape:
            found = "is missing" if array is None else f"has shape {list(array.shape)}"
            raise WeightsError(
                f"{where}: array {name!r} {found}; its settings ask for shape {list(shape)}. "
                "The file was altered: delete it and run make."
            )
    return Weights(
        cell,
        runs,
        Parameters(**{name: arrays[name] for name in final}),
        Parameters(**{name: arrays[_SNAPSHOTS + name] for name in final}) if earlier else None,
        arrays.get("loss"),
        arrays.get("snapshot_loss"),
    )
