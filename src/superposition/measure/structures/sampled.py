"""The loss on one large fixed sample, and its slopes, for models whose neurons have a ReLU.

Where neurons are inhibited, outputs are no longer sums over features, and the expected loss has no
closed form. The sample is the package's own, always the same for a distribution.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from superposition.config.settings import FeatureSettings
from superposition.sampling.sample import evaluation_sample

_ACTIVE = 20_000
"""Active features in a sample, about."""
_SEED = 20_220_914


class Sample(NamedTuple):
    """A fixed sample, of which the empty ones are only counted."""

    x: Float[np.ndarray, "k n"]
    empty: int


def sample_of(features: FeatureSettings) -> Sample:
    """The sample of a distribution."""
    number = int(_ACTIVE / sum(features.feature_probability))
    drawn = evaluation_sample(features, _SEED, number)
    return Sample(drawn.x.astype(np.float64), drawn.empty)


def sampled_loss(
    W: Float[np.ndarray, "m n"],
    b: Float[np.ndarray, " n"],
    importance: Float[np.ndarray, " n"],
    sample: Sample,
) -> tuple[float, Float[np.ndarray, "m n"], Float[np.ndarray, " n"]]:
    """The loss of h = ReLU(W x), y = ReLU(Wᵀh + b), a sum over features, and its slopes."""
    number = len(sample.x) + sample.empty
    # Not by BLAS, whose sums differ between machines.
    h = np.maximum(np.einsum("si,ki->sk", sample.x, W), 0.0)
    y = np.maximum(np.einsum("sk,ki->si", h, W) + b, 0.0)
    silent = np.maximum(b, 0.0)
    error = y - sample.x
    total = (importance * ((error**2).sum(axis=0) + sample.empty * silent**2)).sum() / number
    by_output = 2.0 / number * importance * error * (y > 0)
    by_bias = by_output.sum(axis=0) + 2.0 / number * sample.empty * importance * silent
    by_hidden = np.einsum("si,ki->sk", by_output, W) * (h > 0)
    by_weight = np.einsum("sk,si->ki", h, by_output) + np.einsum("sk,si->ki", by_hidden, sample.x)
    return float(total), by_weight, by_bias
