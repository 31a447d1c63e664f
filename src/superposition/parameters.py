"""Parameters of several runs of one model."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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

    def of(self, first: int, last: int) -> "Parameters":
        """Return the parameters of runs first … last − 1."""
        return Parameters(**{name: array[first:last] for name, array in self.arrays().items()})

    def put(self, first: int, others: "Parameters") -> None:
        """Copy other runs of the same model to where those from run `first` on are."""
        for name, array in self.arrays().items():
            array[first : first + len(others.W)] = others.arrays()[name]


def join(parts: Sequence[Parameters]) -> Parameters:
    """Put the runs of one model one behind the other."""
    named = [part.arrays() for part in parts]
    return Parameters(**{name: np.concatenate([one[name] for one in named]) for name in named[0]})


def shapes_of(cell: Cell, runs: int) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the parameters of runs of a cell's model, by name."""
    n, m = cell.features.n_features, cell.model.n_hidden
    model = MODELS[cell.model.model]
    shapes: dict[str, tuple[int, ...]] = {"W": (runs, m, n), "b": (runs, n)}
    if not model.tied:
        shapes["W_out"] = (runs, n, m)
    if model.hidden_bias:
        shapes["hidden_bias"] = (runs, m)
    return shapes
