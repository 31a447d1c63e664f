"""Train dictionaries on the hidden activations of one run, all of them on the same fresh samples.

Compiled code computes in an order that the source fixes, so that the dictionaries are the same
bytes on every machine. They take one step each in turn, and samples are drawn once for all of them.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from superposition import exact
from superposition.compilation import EntryPoint
from superposition.dictionaries.record import Dictionaries, Dictionary
from superposition.drawing import draw_samples
from superposition.features import tabulate
from superposition.memory import aligned_zeros
from superposition.philox import WEIGHTS, key_of, words
from superposition.settings import DictionarySettings, TrainingSettings, canonical_json
from superposition.training.layout import Recipe, padded, recipe
from superposition.weights import Weights

EVALUATED = 16_384
"""Fresh samples on which trained dictionaries are looked at."""


class Encoding(NamedTuple):
    """Samples whose hidden activations are wanted."""

    n: int
    """Features."""
    m_padded: int
    """Hidden dimensions in memory, a multiple of 16."""
    samples: int
    """How many samples."""
    x: NDArray[np.float32]
    """Features `[samples, n]`."""
    W: NDArray[np.float32]
    """W by feature `[n, m̄]`."""
    h: NDArray[np.float32]
    """Where to write W x, `[samples, m̄]`."""


class Autoencoder(NamedTuple):
    """A dictionary, and the activations that it is to learn from or to be looked at on."""

    m: int
    """Hidden dimensions."""
    m_padded: int
    """Hidden dimensions in memory, a multiple of 16."""
    latents: int
    """Latents."""
    latents_padded: int
    """Latents in memory, a multiple of 16."""
    samples: int
    """How many samples."""
    h: NDArray[np.float32]
    """Hidden activations `[samples, m̄]`."""
    p: NDArray[np.float32]
    """Parameters, one after the other: E and D `[latents, m̄]`, c `[l̄]`, d `[m̄]`."""
    mean: NDArray[np.float32]
    """Adam's running mean of gradients."""
    square: NDArray[np.float32]
    """Adam's running mean of squared gradients."""
    gradient: NDArray[np.float32]
    """Gradient of the parameters."""
    turned: NDArray[np.float32]
    """E by hidden dimension, `[m, l̄]`."""
    f: NDArray[np.float32]
    """Working memory: latents of a sample, `[l̄]`."""
    error: NDArray[np.float32]
    """Working memory: ĥ − h of a sample, `[m̄]`."""
    active: NDArray[np.int64]
    """Working memory: which latents are active, `[latents]`."""
    recipe: Recipe
    """Optimiser."""
    penalty: np.float32
    """λ."""
    step: NDArray[np.int64]
    """The step, from 0, [1]."""
    learning: bool
    """Whether to learn, or only to look."""
    fired: NDArray[np.int64]
    """How often each latent was active, when looking, `[latents]`."""
    totals: NDArray[np.float64]
    """Σ ‖h − ĥ‖², Σ ‖h‖² and Σ f, when looking, [3]."""


def _encode_all() -> Callable[[Encoding], None]:
    from superposition.kernels.dictionaries import encode

    return encode


def _pass_all() -> Callable[[Autoencoder], None]:
    from superposition.kernels.dictionaries import pass_through

    return pass_through


_encode = EntryPoint(Encoding, _encode_all)
_pass = EntryPoint(Autoencoder, _pass_all)


def train(weights: Weights, settings: DictionarySettings) -> Dictionaries:
    """Return dictionaries of every size and penalty for the lowest-loss run of a cell.

    The cell's model must have a hidden layer without ReLU, h = W x, and one point.
    """
    cell, run = weights.cell, weights.runs[weights.best]
    W = weights.W[weights.best]
    # Another training, or more runs, of the same task begins with the same samples.
    identity = canonical_json({"run": cell.run_identity(run), "use": "dictionaries"})
    key, draws = key_of(identity), tabulate(cell.features)
    h = aligned_zeros(settings.batch * padded(len(W)), np.float32)
    pairs = [(size, penalty) for size in settings.sizes for penalty in settings.penalties]
    learners = [_start(len(W), size, penalty, settings, key, h) for size, penalty in pairs]
    calls = [_pass.bind(learner) for learner in learners]
    for step in range(settings.steps):
        _hidden(W, draw_samples(draws, key, step, settings.batch), h)
        for learner, call in zip(learners, calls, strict=True):
            learner.step[0] = step
            call()
    fresh = aligned_zeros(EVALUATED * padded(len(W)), np.float32)
    _hidden(W, draw_samples(draws, key, settings.steps, EVALUATED), fresh)
    found = [
        _finish(learner, penalty, fresh)
        for learner, (_, penalty) in zip(learners, pairs, strict=True)
    ]
    return Dictionaries(cell, run, W, settings, found)


def _hidden(W: NDArray[np.float32], x: NDArray[np.float32], h: NDArray[np.float32]) -> None:
    """Set h to W x."""
    m, n = W.shape
    by_feature = np.zeros((n, padded(m)), dtype=np.float32)
    by_feature[:, :m] = W.T
    _encode(Encoding(n, padded(m), len(x), x, by_feature, h))


def _start(
    m: int,
    latents: int,
    penalty: float,
    settings: DictionarySettings,
    key: np.uint64,
    h: NDArray[np.float32],
) -> Autoencoder:
    """Return a dictionary before its first step: E = D random directions, c = d = 0."""
    matrix, wide = latents * padded(m), padded(latents)
    first, second = (words(key, WEIGHTS, latents, half, latents * m) for half in (0, 1))
    numbers = exact.normal((first + 1.0) * 2.0**-32, second * 2.0**-32).reshape(latents, m)
    lengths = np.sqrt(np.cumsum(numbers**2, axis=1)[:, -1:])
    p, mean, square, gradient = (
        aligned_zeros(2 * matrix + wide + padded(m), np.float32) for _ in range(4)
    )
    for begin in (0, matrix):
        p[begin : begin + matrix].reshape(latents, padded(m))[:, :m] = numbers / lengths
    steps = recipe(
        TrainingSettings(
            optimizer="adam",
            weight_decay=0.0,
            schedule="cosine",
            learning_rate=settings.learning_rate,
            batch=settings.batch,
            steps=settings.steps,
        )
    )
    return Autoencoder(
        m=m,
        m_padded=padded(m),
        latents=latents,
        latents_padded=wide,
        samples=settings.batch,
        h=h,
        p=p,
        mean=mean,
        square=square,
        gradient=gradient,
        turned=aligned_zeros(m * wide, np.float32),
        f=aligned_zeros(wide, np.float32),
        error=aligned_zeros(padded(m), np.float32),
        active=np.zeros(latents, dtype=np.int64),
        recipe=steps,
        penalty=np.float32(penalty),
        step=np.zeros(1, dtype=np.int64),
        learning=True,
        fired=np.zeros(latents, dtype=np.int64),
        totals=np.zeros(3),
    )


def _finish(learner: Autoencoder, penalty: float, fresh: NDArray[np.float32]) -> Dictionary:
    """Return a trained dictionary with what it does on fresh samples."""
    _pass(learner._replace(samples=EVALUATED, h=fresh, learning=False))
    m, latents, p = learner.m, learner.latents, learner.p
    matrix = latents * learner.m_padded

    def rows(begin: int) -> NDArray[np.float32]:
        return p[begin : begin + matrix].reshape(latents, -1)[:, :m].copy()

    bias = 2 * matrix
    return Dictionary(
        penalty=penalty,
        encoder=rows(0),
        decoder=rows(matrix),
        encoder_bias=p[bias : bias + latents].copy(),
        decoder_bias=p[bias + learner.latents_padded :][:m].copy(),
        fired=learner.fired,
        totals=np.append(learner.totals, float(EVALUATED)),
    )
