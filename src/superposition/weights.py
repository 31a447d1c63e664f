"""Trained weights on disk: the only reader and writer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from superposition import __version__
from superposition.array_files import Arrays, FileKind
from superposition.errors import UserError
from superposition.parameters import (
    Parameters,
    Snapshots,
    join,
    room_for_snapshots,
    shapes_of,
)
from superposition.settings import Cell


class WeightsError(UserError):
    """A weights file is missing, damaged, foreign or not what was asked for."""


_FILE = FileKind("weights file", "superposition weights 1", "Train it", WeightsError)


def join_snapshots(parts: Sequence["Weights"]) -> Snapshots:
    """Put the snapshots of runs of one model one behind the other."""
    steps = parts[0].snapshots
    return Snapshots(steps, lambda step: join([part.snapshots[step] for part in parts]))


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
    """Parameters after earlier steps, by step."""
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
            self._point(cell, slice(number * runs, (number + 1) * runs))
            for number, cell in enumerate(cells)
        )

    def _point(self, cell: Cell, here: slice) -> "Weights":
        return Weights(
            cell,
            self.runs,
            self.final.of(here),
            None if self.loss is None else self.loss[here],
            Snapshots(self.snapshots, lambda step: self.snapshots[step].of(here)),
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
        join_snapshots(points),
        np.concatenate(earlier, axis=1) if earlier else None,
    )


def save(path: Path | str, weights: Weights) -> None:
    """Write weights to a file, whole or not at all.

    Raises:
        OutputError: If the file cannot be written.
    """
    arrays: dict[str, NDArray[Any]] = dict(weights.final.arrays())
    kept = room_for_snapshots(weights.cell, len(weights.W), weights.snapshots)
    for step, parameters in weights.snapshots.items():
        kept[step].put(0, parameters)
        arrays |= {f"step {step}/{name}": a for name, a in kept[step].arrays().items()}
    if weights.loss is not None:
        arrays["loss"] = weights.loss
    if weights.snapshot_loss is not None:
        arrays["snapshot_loss"] = weights.snapshot_loss
    header = {"package_version": __version__, "cell": weights.cell, "runs": weights.runs}
    _FILE.write(path, header, arrays)


def load(path: Path | str) -> Weights:
    """Read a weights file.

    Raises:
        WeightsError: If the file is missing, damaged, or not one of ours.
    """

    def build(header: dict[str, Any], arrays: Arrays) -> Weights:
        cell = Cell.model_validate(header["cell"])
        runs = tuple(int(run) for run in header["runs"])

        def parameters(prefix: str) -> Parameters:
            return _parameters(path, cell, runs, arrays, prefix)

        steps = {int(name.split("/")[0][5:]) for name in arrays if name.startswith("step ")}
        snapshots = Snapshots(steps, lambda step: parameters(f"step {step}/"))
        earlier = arrays.get("snapshot_loss")
        return Weights(cell, runs, parameters(""), arrays.get("loss"), snapshots, earlier)

    return _FILE.read(path, build)


def _parameters(
    path: Path | str, cell: Cell, runs: tuple[int, ...], arrays: Arrays, prefix: str
) -> Parameters:
    """Return the parameters whose names begin with `prefix`, checked against the settings."""
    expected = shapes_of(cell, len(runs) * len(cell.points()))
    for name, shape in expected.items():
        found = arrays.get(prefix + name)
        if found is None or found.shape != shape:
            has = "is missing" if found is None else f"has shape {list(found.shape)}"
            raise WeightsError(
                f"{path}: array {prefix + name!r} {has}; its settings ask for {list(shape)}. "
                "The file was altered: delete it and run make."
            )
    return Parameters(**{name: arrays[prefix + name] for name in expected})
