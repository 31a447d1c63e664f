"""The loss on one large fixed sample, and its slopes, for models whose neurons have a ReLU.

Where neurons are inhibited, outputs are no longer sums over features, and the expected loss has no
closed form. The sample is the package's own, always the same for a distribution.
"""

import math
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from superposition.config.settings import FeatureSettings
from superposition.measure.metrics import product
from superposition.sampling.sample import evaluation_sample

_ACTIVE = 20_000
"""Active features in a sample, about."""
_SEED = 20_220_914


class Sample(NamedTuple):
    """A fixed sample, of which the empty ones are only counted."""

    x: Float[np.ndarray, "n k"]
    empty: int


def sample_of(features: FeatureSettings) -> Sample:
    """The sample of a distribution."""
    number = int(_ACTIVE / math.fsum(features.feature_probability))
    drawn = evaluation_sample(features, _SEED, number)
    return Sample(np.ascontiguousarray(drawn.x.T, dtype=np.float64), drawn.empty)


def sampled_loss(
    W: Float[np.ndarray, "m n"],
    b: Float[np.ndarray, " n"],
    importance: Float[np.ndarray, " n"],
    sample: Sample,
) -> tuple[float, Float[np.ndarray, "m n"], Float[np.ndarray, " n"]]:
    """The loss of h = ReLU(W x), y = ReLU(Wᵀh + b), a sum over features, and its slopes."""
    x, number = sample.x, sample.x.shape[1] + sample.empty
    # Not by BLAS or einsum, whose sums differ between machines.
    h = np.maximum(product(W, x), 0.0)
    y = np.maximum(product(W.T, h) + b[:, None], 0.0)
    silent = np.maximum(b, 0.0)
    error = y - x
    total = (importance * ((error**2).sum(axis=1) + sample.empty * silent**2)).sum() / number
    by_output = 2.0 / number * importance[:, None] * error * (y > 0)
    by_bias = by_output.sum(axis=1) + 2.0 / number * sample.empty * importance * silent
    by_hidden = product(W, by_output) * (h > 0)
    neurons = zip(h, by_hidden, strict=True)
    by_weight = np.stack([(into * by_output + back * x).sum(axis=1) for into, back in neurons])
    return float(total), by_weight, by_bias
