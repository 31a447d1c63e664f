"""Parameters after steps of a training, which need not all be in memory.

While a job trains they lie in a temporary file (`Room`), afterwards in the files of weights, from
which they are read when they are asked for (`Snapshots`).
"""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from superposition.files import explained
from superposition.parameters import Parameters, join, shapes_of
from superposition.settings import Cell


class Snapshots(Mapping[int, Parameters]):
    """Parameters by step, each read anew when it is asked for: keep what is needed twice."""

    def __init__(
        self, steps: Iterable[int], runs: int, read: Callable[[int, int, int], Parameters]
    ) -> None:
        """Say what there is.

        Args:
            steps: The steps.
            runs: How many runs there are of each.
            read: Returns the parameters after a step of runs first … last − 1.
        """
        self._steps = {step: step for step in sorted(steps)}
        self.runs, self._read = runs, read

    @classmethod
    def over(cls, snapshots: Mapping[int, Parameters]) -> "Snapshots":
        """Return what any mapping holds."""
        if isinstance(snapshots, cls):
            return snapshots
        runs = min((len(parameters.W) for parameters in snapshots.values()), default=0)
        return cls(snapshots, runs, lambda step, first, last: snapshots[step].of(first, last))

    @classmethod
    def joined(cls, parts: Sequence[Mapping[int, Parameters]]) -> "Snapshots":
        """Put runs of one model one behind the other; all have the same steps."""
        all_of_them = [cls.over(part) for part in parts]
        ends = list(accumulate(part.runs for part in all_of_them))

        def read(step: int, first: int, last: int) -> Parameters:
            return join(
                [
                    part._read(step, max(first - begin, 0), min(last, end) - begin)
                    for part, end in zip(all_of_them, ends, strict=True)
                    for begin in [end - part.runs]
                    if begin < last and first < end
                ]
            )

        return cls(parts[0], ends[-1], read)

    def of(self, first: int, last: int) -> "Snapshots":
        """Return those of runs first … last − 1; only these are read."""
        return Snapshots(
            self._steps, last - first, lambda step, a, b: self._read(step, first + a, first + b)
        )

    def __getitem__(self, step: int) -> Parameters:
        """Return the parameters after a step."""
        return self._read(self._steps[step], 0, self.runs)

    def __contains__(self, step: object) -> bool:
        """Return whether there is a snapshot after a step, without reading it."""
        return step in self._steps

    def __iter__(self) -> Iterator[int]:
        """Yield the steps, rising."""
        return iter(self._steps)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._steps)

    def __repr__(self) -> str:
        """Say which steps there are."""
        return f"Snapshots of {self.runs} runs after steps {[*self._steps]}"

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle what is read: another process may not have the files."""
        return Snapshots.over, (dict(self),)


class Room:
    """Room on disk for the snapshots of runs at each of a cell's points.

    The file is where temporary files are (`$TMPDIR`) and has no name, so that it ends with the last
    array in it. All of it is taken at once: a disk that is too full is told of before anything is
    trained.
    """

    def __init__(self, cell: Cell, runs: int) -> None:
        """Take the room.

        Args:
            cell: Settings.
            runs: Runs of each point.

        Raises:
            OutputError: If there is not enough.
        """
        self._points, self._runs = len(cell.points()), runs
        self._all: dict[int, Parameters] = {}
        steps, shapes = sorted(cell.training.snapshots), shapes_of(cell, self._points * runs)
        if not steps:
            return
        ends = np.cumsum([prod(shape) for shape in shapes.values()]).tolist()
        shape = (len(steps), ends[-1])
        size = prod(shape) * np.dtype(np.float32).itemsize
        with explained(Path("$TMPDIR"), "keep snapshots in"):
            folder = Path(tempfile.gettempdir())
        action = f"keep {size / 1e6:.1f} MB of snapshots (set TMPDIR to choose another folder) in"
        with explained(folder, action), tempfile.TemporaryFile() as file:
            os.posix_fallocate(file.fileno(), 0, size)
            # One map for all, as each keeps the file open.
            rows = np.asarray(np.memmap(file, np.float32, "r+", shape=shape))
        for step, row in zip(steps, rows, strict=True):
            parts = zip(shapes.items(), np.split(row, ends[:-1]), strict=True)
            self._all[step] = Parameters(**{name: p.reshape(shape) for (name, shape), p in parts})

    def of(self, first: int, last: int) -> list[dict[int, Parameters]]:
        """Return by step, for each point, where parameters of runs first … last − 1 go."""
        return [
            {step: p.of(begin + first, begin + last) for step, p in self._all.items()}
            for begin in range(0, self._points * self._runs, self._runs)
        ]
