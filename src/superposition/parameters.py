"""Parameters of networks, and snapshots of them, which are kept on disk rather than in memory."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from superposition.array_files import zeros_on_disk
from superposition.model import MODELS
from superposition.settings import Cell


@dataclass(frozen=True)
class Parameters:
    """Parameters of several runs of one model."""

    W: NDArray[np.float32]
    """Weights `[runs, m, n]`; column W_i is the direction of feature i. The runs of a row's first
    point come first, then those of the second, and so on."""
    b: NDArray[np.float32]
    """Output bias `[runs, n]`."""
    W_out: NDArray[np.float32] | None = None
    """Output weights `[runs, n, m]` of an untied model."""
    hidden_bias: NDArray[np.float32] | None = None
    """Hidden bias c `[runs, m]` of a model that has one."""

    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """Return the arrays by name."""
        named = {"W": self.W, "b": self.b, "W_out": self.W_out, "hidden_bias": self.hidden_bias}
        return {name: array for name, array in named.items() if array is not None}

    def of(self, runs: slice) -> "Parameters":
        """Return the parameters of some of the runs."""
        return Parameters(**{name: array[runs] for name, array in self.arrays().items()})

    def put(self, first: int, others: "Parameters") -> None:
        """Copy other runs to where those from run `first` on are."""
        for name, array in others.arrays().items():
            self.arrays()[name][first : first + len(array)] = array


def join(parts: Sequence[Parameters]) -> Parameters:
    """Put the runs of one model one behind the other."""
    named = [part.arrays() for part in parts]
    return Parameters(**{name: np.concatenate([one[name] for one in named]) for name in named[0]})


class Snapshots(Mapping[int, Parameters]):
    """Parameters by step, each made when it is asked for, so that they are never all in memory."""

    def __init__(self, steps: Iterable[int], at: Callable[[int], Parameters]) -> None:
        """Take the steps, and what returns the parameters after one of them."""
        self._steps, self._at = tuple(sorted(steps)), at

    def __getitem__(self, step: int) -> Parameters:
        """Return the parameters after a step."""
        if step not in self._steps:
            raise KeyError(step)
        return self._at(step)

    def __iter__(self) -> Iterator[int]:
        """Yield the steps, rising."""
        return iter(self._steps)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._steps)


def room_for_snapshots(cell: Cell, runs: int, steps: Iterable[int]) -> dict[int, Parameters]:
    """Return parameters of runs of a cell for each of some steps, all zero, on disk.

    Raises:
        OutputError: If there is no room for them.
    """
    if not (steps := sorted(steps)):
        return {}
    shapes = shapes_of(cell, runs)
    ends = np.cumsum([prod(shape) for shape in shapes.values()])
    memory = zeros_on_disk(len(steps) * int(ends[-1])).reshape(len(steps), -1)
    return {
        step: Parameters(
            **{
                name: array.reshape(shape)
                for array, (name, shape) in zip(np.split(row, ends), shapes.items(), strict=False)
            }
        )
        for step, row in zip(steps, memory, strict=True)
    }


def shapes_of(cell: Cell, runs: int) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the parameters of runs of a cell's model."""
    n, m = cell.features.n_features, cell.model.n_hidden
    model = MODELS[cell.model.model]
    shapes: dict[str, tuple[int, ...]] = {"W": (runs, m, n), "b": (runs, n)}
    if not model.tied:
        shapes["W_out"] = (runs, n, m)
    if model.hidden_bias:
        shapes["hidden_bias"] = (runs, m)
    return shapes
