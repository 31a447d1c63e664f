"""Parameters of several runs of one model, at one step or at several."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from superposition.config.models import MODELS
from superposition.config.settings import Cell


@dataclass(frozen=True)
class Parameters:
    """Parameters of several runs of one model; snapshots have an axis of steps before all others.

    Indexing works on the first axis: of runs, or of steps.
    """

    W: NDArray[np.float32]
    """Weights `[runs, m, n]`; column W_i is the direction of feature i."""
    b: NDArray[np.float32]
    """Output bias `[runs, n]`."""
    W_out: NDArray[np.float32] | None = None
    """Output weights `[runs, n, m]` of an untied model."""
    hidden_bias: NDArray[np.float32] | None = None
    """Hidden bias c `[runs, m]` of a model that has one."""

    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """The arrays by name."""
        named = {"W": self.W, "b": self.b, "W_out": self.W_out, "hidden_bias": self.hidden_bias}
        return {name: array for name, array in named.items() if array is not None}

    def __getitem__(self, index: Any) -> "Parameters":
        """Some of the runs, or of the steps."""
        return Parameters(**{name: array[index] for name, array in self.arrays().items()})

    def __len__(self) -> int:
        """The length of the first axis."""
        return len(self.W)


def join(parts: Sequence[Parameters], axis: int = 0) -> Parameters:
    """Parameters of one model, one behind the other along an axis."""
    named = [part.arrays() for part in parts]
    return Parameters(
        **{name: np.concatenate([one[name] for one in named], axis) for name in named[0]}
    )


def stack(parts: Sequence[Parameters]) -> Parameters:
    """Parameters of one model, one behind the other along a new first axis."""
    return join([part[None] for part in parts])


def shapes_of(cell: Cell) -> dict[str, tuple[int, ...]]:
    """The shapes of the parameters of one run of a cell, by name."""
    n, m = cell.features.n_features, cell.model.n_hidden
    model = MODELS[cell.model.model]
    shapes: dict[str, tuple[int, ...]] = {"W": (m, n), "b": (n,)}
    if not model.tied:
        shapes["W_out"] = (n, m)
    if model.hidden_bias:
        shapes["hidden_bias"] = (m,)
    return shapes
