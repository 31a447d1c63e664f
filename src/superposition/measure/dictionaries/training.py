"""Train dictionaries on the hidden activations of one run, all of them on the same fresh samples.

Compiled code computes in an order that the source fixes, so that the dictionaries are the same
bytes on every machine. They take one step each in turn, and samples are drawn once for all of them.
"""

import numpy as np
from numpy.typing import NDArray

from superposition.base import portable_math
from superposition.base.canonical import canonical_json
from superposition.config.settings import DictionarySettings, TrainingSettings
from superposition.kernels.compilation import EntryPoint
from superposition.kernels.contracts.dictionaries import Autoencoder, Encoding
from superposition.kernels.contracts.memory import aligned_zeros
from superposition.kernels.contracts.philox import WEIGHTS
from superposition.kernels.contracts.training import padded
from superposition.measure.dictionaries.record import (
    Design,
    Dictionaries,
    Dictionary,
    designs,
)
from superposition.measure.metrics import norms
from superposition.model.weights import Weights
from superposition.sampling.distribution import tabulate
from superposition.sampling.philox import key_of, run_identity, words
from superposition.sampling.sample import draw_samples
from superposition.training import Progress
from superposition.training.layout import recipe

EVALUATED = 16_384
"""Fresh samples on which trained dictionaries are looked at."""
_STRIDE = 100
"""Steps between two looks at progress and interruption."""

_encode = EntryPoint(Encoding, "dictionaries.encode")
_pass = EntryPoint(Autoencoder, "dictionaries.pass_through")


def train(
    weights: Weights, at: int, settings: DictionarySettings, progress: Progress | None = None
) -> Dictionaries:
    """Dictionaries of every size, kind and level for a run of a cell, by its place among the runs.

    The cell's model must have a hidden layer without ReLU, h = W x. Progress is told now and then.
    """
    cell, run, W = weights.cell, weights.runs[at], weights.W[at]
    # Another training, or more runs, of the same task begins with the same samples.
    identity = canonical_json({"run": run_identity(cell, run), "use": "dictionaries"})
    key, draws = key_of(identity), tabulate(cell.features)
    h = aligned_zeros(settings.batch * padded(len(W)), np.float32)
    wanted = designs(settings)
    learners = [_start(len(W), design, settings, key, h) for design in wanted]
    calls = [_pass.bind(learner) for learner in learners]
    for step in range(settings.steps):
        if progress is not None and step % _STRIDE == 0:
            progress(step, settings.steps)
        _hidden(W, draw_samples(draws, key, step, settings.batch), h)
        for learner, call in zip(learners, calls, strict=True):
            learner.step[0] = step
            call()
    fresh = aligned_zeros(EVALUATED * padded(len(W)), np.float32)
    _hidden(W, draw_samples(draws, key, settings.steps, EVALUATED), fresh)
    found = [
        _finish(learner, design, fresh) for learner, design in zip(learners, wanted, strict=True)
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
    design: Design,
    settings: DictionarySettings,
    key: np.uint64,
    h: NDArray[np.float32],
) -> Autoencoder:
    """A dictionary before its first step: E = D random directions, c = d = θ = 0."""
    latents, kind, level = design
    matrix, wide = latents * padded(m), padded(latents)
    directions = random_directions(key, latents, latents, m)
    p, mean, square, gradient = (
        aligned_zeros(2 * matrix + 2 * wide + padded(m), np.float32) for _ in range(4)
    )
    for begin in (0, matrix):
        p[begin : begin + matrix].reshape(latents, padded(m))[:, :m] = directions
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
        penalty=np.float32(level if kind == "relu" else 0),
        price=np.float32(level if kind == "jumprelu" else 0),
        most=int(level) if kind == "topk" else latents,
        bandwidth=np.float32(settings.bandwidth if kind == "jumprelu" else 0),
        step=np.zeros(1, dtype=np.int64),
        learning=True,
        fired=np.zeros(latents, dtype=np.int64),
        totals=np.zeros(3),
    )


def random_directions(key: np.uint64, step: int, count: int, m: int) -> NDArray[np.float64]:
    """Directions of hidden space that are spread evenly at random, `[count, m]`."""
    first, second = (words(key, WEIGHTS, step, half, count * m) for half in (0, 1))
    numbers = portable_math.normal((first + 1.0) * 2.0**-32, second * 2.0**-32).reshape(count, m)
    return np.asarray(numbers / norms(numbers.T)[:, None])


def _finish(learner: Autoencoder, design: Design, fresh: NDArray[np.float32]) -> Dictionary:
    """A trained dictionary with what it does on fresh samples."""
    _pass(learner._replace(samples=EVALUATED, h=fresh, learning=False))
    m, latents, p = learner.m, learner.latents, learner.p
    matrix = latents * learner.m_padded

    def rows(begin: int) -> NDArray[np.float32]:
        return p[begin : begin + matrix].reshape(latents, -1)[:, :m].copy()

    bias = 2 * matrix
    after = bias + learner.latents_padded
    threshold = p[after + learner.m_padded :][:latents].copy()
    return Dictionary(
        kind=design.kind,
        level=design.level,
        encoder=rows(0),
        decoder=rows(matrix),
        encoder_bias=p[bias : bias + latents].copy(),
        decoder_bias=p[after:][:m].copy(),
        fired=learner.fired,
        totals=np.append(learner.totals, float(EVALUATED)),
        threshold=threshold if design.kind == "jumprelu" else None,
    )
