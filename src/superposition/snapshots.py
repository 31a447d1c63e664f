"""Parameters after steps of a training, which are never all in memory.

While a job trains they lie in a temporary file (`Room`), afterwards in the files of weights, from
which they are read when they are asked for (`Snapshots`).
"""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from superposition.files import explained
from superposition.parameters import Parameters, join, shapes_of
from superposition.settings import Cell


class Snapshots(Mapping[int, Parameters]):
    """Parameters by step, each read anew when it is asked for: keep what is needed twice."""

    def __init__(self, steps: Iterable[int], read: Callable[[int, slice], Parameters]) -> None:
        """Take the steps, and what returns the parameters of some runs after one of them."""
        self._steps, self._read = tuple(sorted(steps)), read

    @classmethod
    def over(cls, snapshots: Mapping[int, Parameters]) -> "Snapshots":
        """Return what any mapping holds."""
        if isinstance(snapshots, cls):
            return snapshots
        return cls(snapshots, lambda step, runs: snapshots[step].of(runs))

    @classmethod
    def joined(cls, parts: Sequence[Mapping[int, Parameters]]) -> "Snapshots":
        """Put runs of one model one behind the other; all have the same steps."""
        return cls(parts[0], lambda step, runs: join([part[step] for part in parts]).of(runs))

    def of(self, runs: slice) -> "Snapshots":
        """Return those of some of the runs; only these are read."""

        def read(step: int, some: slice) -> Parameters:
            chosen = range(runs.start, runs.stop)[some]
            return self._read(step, slice(chosen.start, chosen.stop))

        return Snapshots(self._steps, read)

    def __getitem__(self, step: int) -> Parameters:
        """Return the parameters after a step."""
        if step not in self._steps:
            raise KeyError(step)
        return self._read(step, slice(None))

    def __contains__(self, step: object) -> bool:
        """Return whether there is a snapshot after a step, without reading it."""
        return step in self._steps

    def __iter__(self) -> Iterator[int]:
        """Yield the steps, rising."""
        return iter(self._steps)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._steps)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle what is read: another process may not have the files."""
        return Snapshots.over, (dict(self),)


class Room:
    """Room on disk for the snapshots of runs at each of a cell's points.

    The file is where temporary files are (`$TMPDIR`) and has no name, so that it ends with the last
    array in it. All of it is taken at once: a disk that is too full is told of before anything is
    trained.
    """

    def __init__(self, cell: Cell, points: int, runs: int) -> None:
        """Take the room.

        Args:
            cell: Settings of any of the points.
            points: How many there are.
            runs: Runs of each.

        Raises:
            OutputError: If there is not enough.
        """
        steps, shapes = sorted(cell.training.snapshots), shapes_of(cell, points * runs)
        self.runs = runs
        self._all: dict[int, Parameters] = {}
        if not steps:
            return
        ends = np.cumsum([prod(shape) for shape in shapes.values()]).tolist()
        size = (len(steps), ends[-1])
        with explained(Path("$TMPDIR"), "keep snapshots in"):
            folder = Path(tempfile.gettempdir())
        with explained(folder, "keep snapshots in $TMPDIR,"), tempfile.TemporaryFile() as file:
            os.posix_fallocate(file.fileno(), 0, prod(size) * np.dtype(np.float32).itemsize)
            # One map for all, as each keeps the file open.
            rows = np.asarray(np.memmap(file, np.float32, "r+", shape=size))
        for step, row in zip(steps, rows, strict=True):
            parts = zip(shapes.items(), np.split(row, ends[:-1]), strict=True)
            self._all[step] = Parameters(**{name: p.reshape(shape) for (name, shape), p in parts})

    def of(self, point: int, first: int = 0, last: int | None = None) -> dict[int, Parameters]:
        """Return by step where parameters of a point go, of the runs first … last − 1 or all."""
        last = self.runs if last is None else last
        some = slice(point * self.runs + first, point * self.runs + last)
        return {step: parameters.of(some) for step, parameters in self._all.items()}
