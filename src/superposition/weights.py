"""Trained weights on disk: the only reader and writer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from superposition import __version__
from superposition.array_files import Arrays, FileKind, Stored
from superposition.errors import UserError
from superposition.parameters import Parameters, join, shapes_of
from superposition.settings import Cell
from superposition.snapshots import Snapshots


class WeightsError(UserError):
    """A weights file is missing, damaged, foreign or not what was asked for."""


_FILE = FileKind("weights file", "superposition weights 1", "Train it", WeightsError)


@dataclass(frozen=True)
class Weights:
    """The trained runs of a cell, or some of them."""

    cell: Cell
    """The settings that decide these weights."""
    runs: tuple[int, ...]
    """Number of each run."""
    final: Parameters
    """Parameters after the last step."""
    loss: NDArray[np.float64] | None = None
    """Loss of each run on the evaluation sample, `[runs]` (of a row, of each point's runs one after
    the other); None before they were compared."""
    snapshots: Mapping[int, Parameters] = field(default_factory=dict)
    """Parameters after earlier steps, by step. Those of a file are read anew when asked for."""
    snapshot_loss: NDArray[np.float64] | None = None
    """Loss of each run on the evaluation sample at each snapshot, `[snapshots, runs]`, in the order
    of steps; None if there are no snapshots, or before runs were compared."""

    def points(self) -> tuple["Weights", ...]:
        """Return the weights of each of the cell's points: of a row many, else this alone."""
        cells = self.cell.points()
        if len(cells) == 1:
            return (replace(self, cell=cells[0]),)
        runs = len(self.runs)
        return tuple(
            self._point(cell, number * runs, (number + 1) * runs)
            for number, cell in enumerate(cells)
        )

    def _point(self, cell: Cell, first: int, last: int) -> "Weights":
        here = slice(first, last)
        return Weights(
            cell,
            self.runs,
            self.final.of(first, last),
            None if self.loss is None else self.loss[here],
            Snapshots.over(self.snapshots).of(first, last),
            None if self.snapshot_loss is None else self.snapshot_loss[:, here],
        )

    @property
    def W(self) -> NDArray[np.float32]:
        """Weights `[runs, m, n]` after the last step."""
        return self.final.W

    @property
    def b(self) -> NDArray[np.float32]:
        """Output bias `[runs, n]` after the last step."""
        return self.final.b

    @property
    def W_out(self) -> NDArray[np.float32] | None:
        """Output weights `[runs, n, m]` after the last step, of an untied model."""
        return self.final.W_out

    @property
    def hidden_bias(self) -> NDArray[np.float32] | None:
        """Hidden bias c `[runs, m]` after the last step, of a model that has one."""
        return self.final.hidden_bias

    @property
    def best(self) -> int:
        """Index of the run with the lowest loss, the first if they tie; never a diverged one.

        Runs are compared within one point: of a row, take its `points` first.
        """
        if self.loss is None:
            raise ValueError("these runs have not been compared yet: they carry no loss")
        return lowest(self.loss)


def lowest(loss: NDArray[np.float64]) -> int:
    """Return the index of the lowest of the losses of runs, the first if they tie.

    Raises:
        WeightsError: If none is finite.
    """
    if not np.isfinite(loss).any():
        raise WeightsError("All runs of this cell have diverged: try a lower learning rate.")
    return int(np.nanargmin(np.where(np.isfinite(loss), loss, np.nan)))


def gather(cell: Cell, points: Sequence[Weights]) -> Weights:
    """Return the weights of a cell, all points of which have been trained for the same runs."""
    losses = [point.loss for point in points if point.loss is not None]
    earlier = [point.snapshot_loss for point in points if point.snapshot_loss is not None]
    return Weights(
        cell,
        points[0].runs,
        join([point.final for point in points]),
        np.concatenate(losses) if losses else None,
        Snapshots.joined([point.snapshots for point in points]),
        np.concatenate(earlier, axis=1) if earlier else None,
    )


def save(path: Path | str, weights: Weights) -> None:
    """Write weights to a file, whole or not at all.

    Raises:
        OutputError: If the file cannot be written.
        ValueError: If parameters are not those of the cell's model for all runs.
    """
    header = {"package_version": __version__, "cell": weights.cell, "runs": weights.runs}
    _FILE.write(path, header, _Named(weights))


def load(path: Path | str) -> Weights:
    """Read a weights file.

    Raises:
        WeightsError: If the file is missing, damaged, or not one of ours.
    """

    def build(header: dict[str, Any], arrays: Stored) -> Weights:
        cell = Cell.model_validate(header["cell"])
        runs = tuple(int(run) for run in header["runs"])
        count = len(runs) * len(cell.points())
        shapes = shapes_of(cell, count)
        steps = {int(name.split("/")[0][5:]) for name in arrays if name.startswith("step ")}
        for prefix in ("", *(f"step {step}/" for step in steps)):
            _check(path, arrays, prefix, shapes)

        def read(step: int, first: int, last: int) -> Parameters:
            rows = {name: arrays.rows(f"step {step}/{name}", first, last) for name in shapes}
            return Parameters(**rows)

        return Weights(
            cell,
            runs,
            Parameters(**{name: arrays[name] for name in shapes}),
            arrays.get("loss"),
            Snapshots(steps, count, read),
            arrays.get("snapshot_loss"),
        )

    return _FILE.read(path, build)


def _check(
    path: Path | str, arrays: Stored, prefix: str, shapes: Mapping[str, tuple[int, ...]]
) -> None:
    """Refuse parameters whose names begin with `prefix` if they are not what the settings say."""
    for name, shape in shapes.items():
        there = prefix + name in arrays
        found = arrays.shape(prefix + name) if there else ()
        if found != shape:
            has = f"has shape {list(found)}" if there else "is missing"
            raise WeightsError(
                f"{path}: array {prefix + name!r} {has}; its settings ask for {list(shape)}. "
                "The file was altered: delete it and run make."
            )


class _Named(Arrays):
    """Arrays by their names in a file of weights; those of snapshots are read when asked for."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._shapes = shapes_of(weights.cell, len(weights.runs) * len(weights.cell.points()))
        losses = {"loss": weights.loss, "snapshot_loss": weights.snapshot_loss}
        self._losses = {name: loss for name, loss in losses.items() if loss is not None}
        steps = {f"step {step}/": step for step in weights.snapshots}
        self._steps: dict[str, int | None] = {"": None, **steps}
        self._last = ("", weights.final)

    def __getitem__(self, name: str) -> NDArray[Any]:
        if name in self._losses:
            return self._losses[name]
        array = name.rpartition("/")[2]
        return self._parameters(name.removesuffix(array)).arrays()[array]

    def _parameters(self, prefix: str) -> Parameters:
        step = self._steps[prefix]
        if prefix != self._last[0]:
            found = self._weights.final if step is None else self._weights.snapshots[step]
            self._last = (prefix, found)
        arrays = self._last[1].arrays()
        if (shapes := {name: array.shape for name, array in arrays.items()}) != self._shapes:
            raise ValueError(
                f"{prefix or 'the last step'}: the shapes of the arrays are {shapes}; the settings "
                f"of the cell ask for {self._shapes}."
            )
        return self._last[1]

    def __iter__(self) -> Iterator[str]:
        yield from self._losses
        for prefix in self._steps:
            yield from (prefix + name for name in self._shapes)

    def __len__(self) -> int:
        return len(self._losses) + len(self._steps) * len(self._shapes)
