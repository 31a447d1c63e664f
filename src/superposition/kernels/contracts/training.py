"""A run in training: its shape, its optimiser, its scratch, and what attacks it.

Sixteen samples make a *chunk*, held feature by feature: x and g (the error signal) are `[chunks, n,
16]`, h and its gradient `[chunks, m̄, 16]`; up to `TILE` chunks make a tile. All parameters lie in
one vector: W by feature `[n, m̄]`, W_out `[n, m̄]` if untied, b `[n̄]`, c `[m̄]` if there are hidden
biases, where m̄ and n̄ are m and n rounded up to sixteen; the padding is zero and stays so.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from superposition.kernels.contracts.memory import WIDTH
from superposition.kernels.contracts.sampling import Distribution, Scratch

TILE = 8
"""Chunks in a tile: 128 samples keep x, g and h of the largest models in the second-level cache."""


class Shape(NamedTuple):
    """A model and the layout of its parameters."""

    n: int
    m: int
    m_padded: int
    decoder: int
    """Where W_out begins: 0, at W itself, if tied."""
    bias: int
    """Where b begins."""
    hidden_bias: int
    """Where c begins, if there are hidden biases."""
    size: int
    """Length of the parameter vector, a multiple of 16."""
    hidden: int
    output: int
    target: int
    hidden_biased: bool
    """There are hidden biases c."""
    wide: bool
    """Outer products run along the hidden dimensions instead of along samples."""


class Recipe(NamedTuple):
    """What the optimiser does at each step, as tables over steps and constants."""

    batch: int
    """Samples a step."""
    blocks: int
    """Blocks of samples that a data set has; 0 if samples are fresh."""
    penalty: np.float32
    """λ / batch: gradient of the penalty on activations for each that is positive."""
    step_size: NDArray[np.float32]
    """Learning rate over the first bias correction, [steps]."""
    shrink: NDArray[np.float32]
    """Factor of AdamW's weight decay, if all parameters have the same, [steps]."""
    decay: NDArray[np.float32]
    """Rate of a decay of weights alone, [steps]."""
    of_weights: bool
    """Whether there is a decay of weights alone."""
    to_unit: bool
    """It draws them to unit length instead of zero."""
    root: NDArray[np.float32]
    """Square root of the second bias correction, [steps]."""
    coupled_decay: np.float32
    """Adam's weight decay, added to the gradient."""
    rate1: np.float32
    """1 − β₁."""
    beta2: np.float32
    """β₂."""
    rate2: np.float32
    """1 − β₂."""
    epsilon: np.float32
    """ε."""


class Tile(NamedTuple):
    """The samples that a run works on, and scratch."""

    error_scale: NDArray[np.float32]
    """2 I_i / (batch · n): from y − t to the gradient of the loss, [n̄]."""
    gradient: NDArray[np.float32]
    """Gradient of the parameters, in their order."""
    x: NDArray[np.float32]
    """Features `[chunks, n, 16]`."""
    seen: NDArray[np.float32]
    """What the network is given for them: x itself, or in memory of its own x under attack."""
    g: NDArray[np.float32]
    """Error signal `[chunks, n, 16]`."""
    h: NDArray[np.float32]
    """Hidden activations `[chunks, m̄, 16]`."""
    gh: NDArray[np.float32]
    """Gradient with respect to the hidden pre-activations `[chunks, m̄, 16]`."""
    by_sample: NDArray[np.float32]
    """Hidden vectors sample by sample `[chunks · 16, m̄]`."""
    column: NDArray[np.int32]
    """Sample of each entry, in the tile."""
    feature: NDArray[np.int32]
    """Feature of each entry."""
    value: NDArray[np.float32]
    """Value of each entry: a non-zero x when samples are drawn by jumping."""


def padded(size: int) -> int:
    """The size rounded up to whole vectors."""
    return -(-size // WIDTH) * WIDTH


class Attack(NamedTuple):
    """What attacks a run, and scratch; next to none where nothing does."""

    on: bool
    """Whether samples are attacked."""
    length: np.float32
    """Length of an attack."""
    n_padded: int
    """Features in memory, n̄: a multiple of 16."""
    by_hidden: NDArray[np.float32]
    """W by hidden dimension `[m, n̄]`."""
    table: NDArray[np.float32]
    """The attack on each feature `[n, n̄]`."""
    norm: NDArray[np.float32]
    """Length of a row of WᵀW, [16] times the same, for each worker."""
    feature: NDArray[np.int32]
    """Feature that is attacked in each sample of a tile."""
    by_sample: NDArray[np.float32]
    """Attacks on the samples of a chunk `[16, n̄]`, for each worker."""
    by_feature: NDArray[np.float32]
    """The same `[n̄, 16]`."""


class Training(NamedTuple):
    """A run, and what is to be done to it."""

    p: NDArray[np.float32]
    """Parameters, [size]."""
    mean: NDArray[np.float32]
    """Adam's running mean of gradients, [size]."""
    square: NDArray[np.float32]
    """Adam's running mean of squared gradients, [size]."""
    shape: Shape
    """Model and layout of its parameters."""
    recipe: Recipe
    distribution: Distribution
    scratch: Scratch
    """Memory for drawing."""
    tile: Tile
    """Samples, and memory for training."""
    attack: Attack
    """Adversarial training, if it is."""
    key: np.uint64
    steps: NDArray[np.int64]
    """The first step, from 0, and one past the last."""
