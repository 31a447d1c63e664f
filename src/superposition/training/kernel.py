"""The fused kernel as Python calls it, for some steps of one run."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from superposition.compilation import EntryPoint
from superposition.drawing import Room
from superposition.features import Draws
from superposition.training.attacked import Attack
from superposition.training.layout import Network, Recipe, Tile


class Training(NamedTuple):
    """A run, and what is to be done to it."""

    p: NDArray[np.float32]
    """Parameters, [size]."""
    mean: NDArray[np.float32]
    """Adam's running mean of gradients, [size]."""
    square: NDArray[np.float32]
    """Adam's running mean of squared gradients, [size]."""
    net: Network
    """Model and layout of its parameters."""
    recipe: Recipe
    """Optimiser."""
    draws: Draws
    """Distribution of x."""
    room: Room
    """Working memory for drawing."""
    tile: Tile
    """Working memory for training."""
    attack: Attack
    """Adversarial training, if it is."""
    key: np.uint64
    """Philox key of the run."""
    steps: NDArray[np.int64]
    """The first step, from 0, and one past the last."""


def _train_run() -> Callable[[Training], None]:
    from superposition.kernels.training import train

    return train


train_steps = EntryPoint(Training, _train_run)
"""Train one run for the steps that its record names, in place."""
