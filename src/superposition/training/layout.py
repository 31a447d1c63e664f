"""How a model, a recipe and the samples being worked on lie in memory, for the fused kernel.

Sixteen samples make a *chunk*, held feature by feature: x and g (the error signal) are `[chunks, n,
16]`, h and its gradient `[chunks, m̄, 16]`; up to `TILE` chunks make a tile. All parameters lie in
one vector: W by feature `[n, m̄]`, W_out `[n, m̄]` if untied, b `[n̄]`, c `[m̄]` if there are hidden
biases, where m̄ and n̄ are m and n rounded up to sixteen; the padding is zero and stays so.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from superposition.memory import WIDTH, aligned_zeros
from superposition.model import MODELS
from superposition.settings import ModelSettings, TrainingSettings
from superposition.training import schedule

TILE = 8
"""Chunks in a tile: 128 samples keep x, g and h of the largest models in the second-level cache."""


class Network(NamedTuple):
    """A model and the layout of its parameters."""

    n: int
    """Features."""
    m: int
    """Hidden dimensions."""
    m_padded: int
    """Hidden dimensions in memory, a multiple of 16."""
    decoder: int
    """Where W_out begins: 0, at W itself, if tied."""
    bias: int
    """Where b begins."""
    hidden_bias: int
    """Where c begins, if there are hidden biases."""
    size: int
    """Length of the parameter vector, a multiple of 16."""
    relu_hidden: bool
    """f is ReLU."""
    relu_output: bool
    """g is ReLU."""
    absolute: bool
    """The target is |x|."""
    hidden_biased: bool
    """There are hidden biases c."""
    wide: bool
    """Outer products run along the hidden dimensions instead of along samples."""


class Recipe(NamedTuple):
    """What the optimiser does at each step, as tables over steps and constants."""

    batch: int
    """Samples a step."""
    penalty: np.float32
    """λ / batch: gradient of the penalty on activations for each that is positive."""
    step_size: NDArray[np.float32]
    """Learning rate over the first bias correction, [steps]."""
    shrink: NDArray[np.float32]
    """Factor of AdamW's weight decay, [steps]."""
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
    """Working memory of a run."""

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
    """Return `size` rounded up to whole vectors."""
    return -(-size // WIDTH) * WIDTH


def network(settings: ModelSettings) -> Network:
    """Return the layout of a model."""
    n, m = len(settings.importance), settings.n_hidden
    model = MODELS[settings.model]
    matrix = n * padded(m)
    decoder = 0 if model.tied else matrix
    end = padded(decoder + matrix + n)
    return Network(
        n=n,
        m=m,
        m_padded=padded(m),
        decoder=decoder,
        bias=decoder + matrix,
        hidden_bias=end,
        size=end + padded(m) if model.hidden_bias else end,
        relu_hidden=model.relu_hidden,
        relu_output=model.relu_output,
        absolute=model.absolute,
        hidden_biased=model.hidden_bias,
        # Worth it unless many of the lanes would be padding.
        wide=8 * m >= 7 * padded(m),
    )


def recipe(settings: TrainingSettings) -> Recipe:
    """Return the optimiser's tables; step t is row t − 1."""
    rates = schedule.learning_rates(settings)
    correction1, correction2 = schedule.bias_corrections(settings)
    decoupled = settings.optimizer == "adamw"
    decay = settings.weight_decay
    return Recipe(
        batch=settings.batch,
        penalty=np.float32(settings.activation_penalty / settings.batch),
        step_size=(rates / correction1).astype(np.float32),
        shrink=(1.0 - rates * (decay if decoupled else 0.0)).astype(np.float32),
        root=np.sqrt(correction2).astype(np.float32),
        coupled_decay=np.float32(0.0 if decoupled else decay),
        rate1=np.float32(1.0 - settings.beta1),
        beta2=np.float32(settings.beta2),
        rate2=np.float32(1.0 - settings.beta2),
        epsilon=np.float32(settings.epsilon),
    )


def new_tile(net: Network, settings: ModelSettings, training: TrainingSettings) -> Tile:
    """Return working memory for training."""
    samples, batch = TILE * WIDTH, training.batch
    x = aligned_zeros(samples * net.n, np.float32)
    scale = aligned_zeros(padded(net.n), np.float32)
    scale[: net.n] = [2.0 * importance / (batch * net.n) for importance in settings.importance]
    return Tile(
        error_scale=scale,
        gradient=aligned_zeros(net.size, np.float32),
        x=x,
        seen=aligned_zeros(samples * net.n, np.float32) if training.attack else x,
        g=aligned_zeros(samples * net.n, np.float32),
        h=aligned_zeros(samples * net.m_padded, np.float32),
        gh=aligned_zeros(samples * net.m_padded, np.float32),
        by_sample=aligned_zeros(samples * net.m_padded, np.float32),
        column=aligned_zeros(samples * net.n, np.int32),
        feature=aligned_zeros(samples * net.n, np.int32),
        value=aligned_zeros(samples * net.n, np.float32),
    )
