"""The distribution of x: sparse features, alone or in correlated and anticorrelated sets.

Each feature, or each set of features, is a *unit* that is active with its own probability,
independently of the others. An active feature is uniform on [0, 1], on [−1, 1] or on a range that
settings give, an inactive one is zero. In a correlated set all members are active together, each
with a magnitude of its own; in an anticorrelated set exactly one is, each equally often (paper:
Demonstrating Superposition, #demonstrating-setup; Correlated and anticorrelated features,
#geometry-organization). Where settings say so, samples are divided by their lengths.

There are two ways to draw, and a cell's settings decide which (`draws_by_jumping`):

- *every unit*: one word u for each unit and sample. A unit is active if u is below its probability,
  and then u, stretched to [0, 1], is the value. Anticorrelated members take equal shares of the
  unit's range.
- *by jumping*: one word picks the first active feature of a sample, or none, from the cumulative
  products of 1 − p; the next word picks the next active feature from there on. Words are spent on
  samples and active features, not on n, which is what makes very sparse features cheap.

This module turns settings into tables; `sample` draws from them. In training, `schedule` may begin
with denser features.
"""

import math

import numpy as np
from numpy.typing import NDArray

from superposition.config.derived import value_bounds
from superposition.config.settings import FeatureSettings
from superposition.kernels.contracts.sampling import Distribution

GUIDE = 1024
"""Largest number of entries of the table that tells a jump where to start looking."""


_LEAST_SURVIVAL = 1e-290
"""Probabilities that are smaller lose digits, and then are 0."""


def units(features: FeatureSettings) -> tuple[tuple[int, ...], ...]:
    """The members of each unit, in order of their first members."""
    sets = (*features.correlated, *features.anticorrelated)
    grouped = {member for group in sets for member in group}
    single = ((i,) for i in range(features.n_features) if i not in grouped)
    return tuple(sorted((*single, *(tuple(group) for group in sets)), key=min))


def empty_probability(features: FeatureSettings) -> float:
    """The probability that no feature of a sample is active."""
    product = 1.0
    for members in units(features):
        product *= 1.0 - features.feature_probability[members[0]]
    return product


def moments(features: FeatureSettings) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The mean and the covariance matrix of x in closed form, `[n]` and `[n, n]`.

    With v the value of an active feature, uniform on [a, b], E[v] = (a + b) / 2 and E[v²] = (a² +
    a b + b²) / 3.
    Features of one correlated set of probability p are active together, E[x_i x_j] = p E[v]²; of an
    anticorrelated set of k never, and each with probability p / k. Samples that are normalised
    have no closed form.
    """
    assert not features.normalised
    p = np.array(features.feature_probability)
    for members in features.anticorrelated:
        p[list(members)] /= len(members)
    together = p[:, None] * p
    for members in features.correlated:
        together[np.ix_(members, members)] = p[members[0]]
    for members in features.anticorrelated:
        together[np.ix_(members, members)] = 0.0
    low, high = value_bounds(features)
    value = 0.5 * (low + high)
    mean, second = value * p, value**2 * together
    np.fill_diagonal(second, p * (low * low + low * high + high * high) / 3.0)
    return mean, second - mean[:, None] * mean


def draws_by_jumping(features: FeatureSettings) -> bool:
    """Whether jumping is the cheaper way to draw.

    A jump costs about as much as sixteen words drawn in lanes, and more in small models, where each
    round serves few of them. The rule is part of the definition of the results, so it must stay a
    function of the settings alone.
    """
    if features.correlated or features.anticorrelated:
        return False
    probabilities, n = features.feature_probability, features.n_features
    words = 36.0 if n <= 8 else 24.0 if n <= 32 else 16.0
    # Far along a chain of which next to nothing survives, no number tells features apart.
    reached = empty_probability(features) > _LEAST_SURVIVAL
    return reached and max(probabilities) <= 0.5 and words * math.fsum(probabilities) < n


def tabulate(features: FeatureSettings) -> Distribution:
    """The tables from which `x` is drawn."""
    n = features.n_features
    slot, first, last = (np.zeros(n, dtype=np.uint32) for _ in range(3))
    own_magnitude = np.zeros(n, dtype=np.uint8)
    anticorrelated = {member for group in features.anticorrelated for member in group}
    for number, members in enumerate(units(features)):
        for place, i in enumerate(members):
            shares = len(members) if i in anticorrelated else 1
            width = int(features.feature_probability[i] * 2.0**32) // shares
            slot[i] = number
            first[i] = width * (place if shares > 1 else 0)
            last[i] = max(width, 1) - 1
            own_magnitude[i] = shares == 1 and len(members) > 1
    survival = np.array([1.0, *(1.0 - p for p in features.feature_probability)]).cumprod()
    gaps = survival[:-1] - survival[1:]
    with np.errstate(over="ignore"):  # where next to nothing is left, which no word reaches
        inverse_gap = np.divide(1.0, gaps, out=np.zeros(n), where=gaps > 0.0)
    jumping = draws_by_jumping(features)
    guide, guide_shift, guide_first = _guide(survival if jumping else np.ones(n + 1))
    low, high = value_bounds(features)
    return Distribution(
        n=n,
        jumping=jumping,
        # Setting empty samples aside costs more than computing a few.
        sieved=jumping or empty_probability(features) >= 0.9,
        slot=slot,
        first=first,
        last=last,
        own_magnitude=own_magnitude,
        scale=_unit_scale(np.where(own_magnitude > 0, np.uint32(0xFFFFFFFF), last)),
        low=np.float32(low),
        span=np.float32(high) - np.float32(low),
        normalised=features.normalised,
        empty_words=int(survival[-1] * 2.0**32),
        survival=survival,
        inverse_gap=inverse_gap,
        guide=guide,
        guide_shift=guide_shift,
        guide_first=guide_first,
    )


def _unit_scale(last: NDArray[np.uint32]) -> NDArray[np.float32]:
    """The largest factors that take halves of the words 0 … last into [0, 1], rounded."""
    top = np.maximum(last >> np.uint32(1), np.uint32(1)).astype(np.float32)
    scale = np.float32(1.0) / top
    smaller = np.nextafter(scale, np.float32(0.0))
    return np.asarray(np.where(top * scale > 1.0, smaller, scale), dtype=np.float32)


def _guide(survival: NDArray[np.float64]) -> tuple[NDArray[np.int64], int, int]:
    """The guide for targets in (survival[n], 1], its shift and its first range.

    A range holds the float64 numbers that share their leading bits, exponent and all: survival
    falls in about equal ratios, so equal ratios make ranges of about as many features each.
    """
    least, most = (int(edge.view(np.int64)) for edge in (survival[-1], np.float64(1.0)))
    shift = 0
    while (most >> shift) - (least >> shift) >= GUIDE:
        shift += 1
    first, last = least >> shift, most >> shift
    tops = np.arange(first + 1, last + 2, dtype=np.int64) << shift
    reached = [np.count_nonzero(survival[1:] >= top) for top in tops.view(np.float64)]
    return np.array(reached, dtype=np.int64), shift, first
