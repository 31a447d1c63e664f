"""Adversarial attacks on inputs, as the paper trains against them.

The paper (on adversarial vulnerability and superposition) attacks output i along the
direction to which it is most sensitive but for the ReLU, the i-th row of WᵀW, with an L2 norm that
is a fraction of the average input's. Its adversarial training is said to use that attack on one
random feature; the rest is our reading:

- Each sample is seen as x + a · E‖x‖ · d_i, with d_i the i-th row of WᵀW over its length (0 if it
  has none) and i uniform over all features, drawn anew for every sample and step, whatever is
  active and however important it is. The attack pushes output i up, never down.
- W is that of the step, without the hidden ReLU where a model has one, and the attack counts as a
  constant: no gradient flows through d_i. The target stays t(x) of the clean x.
- E‖x‖ is the mean over the distribution itself, empty inputs included (`mean_input_norm`); while
  samples are still denser (`schedule`), too.
- Inputs may leave the range of clean ones; nothing is clipped.

Every attacked sample is dense. Runs are compared on clean samples with the plain loss.
"""

from collections.abc import Callable
from math import fsum

import numpy as np
from numpy.typing import NDArray

from superposition.config.derived import value_bounds
from superposition.config.settings import Cell, FeatureSettings
from superposition.kernels.contracts.philox import ATTACKS
from superposition.sampling.distribution import units
from superposition.sampling.philox import run_key, words
from superposition.sampling.schedule import stage_at

_ROOT_PI = 1.7724538509055159
_FAR = 6.0
"""Beyond this erf is 1 in float64."""
_INTERVALS = 6000
_TERMS = 160


def mean_input_norm(features: FeatureSettings) -> float:
    """E‖x‖ of a distribution, empty samples included, to about nine digits.

    With L(s) = E exp(−s ‖x‖²), E‖x‖ = π^(−½) ∫ (1 − L(t²)) / t² dt over all t > 0 (Fubini: put ‖x‖²
    into √q = π^(−½) ∫ (1 − exp(−q t²)) / t² dt). Units are independent, so L is a product: each
    unit that is active with probability p gives 1 − p + p φ^k, where k is how many of its members
    are active together and φ = E exp(−t² u²) for a value u, uniform between ends of which the
    longer is the unit of length. Simpson's rule up to t = 6 and, in 1/t, beyond; only + − × ÷,
    added in ascending order, so that every machine gets the same number.
    """
    ends = value_bounds(features)
    longest = max(map(abs, ends))
    low, high = (end / longest for end in ends)

    def phi_of(integral: Callable[[float], NDArray[np.float64]]) -> NDArray[np.float64]:
        """φ, given the integral ∫ exp(−(t a u)²) du over [0, 1] for an end a."""
        return (high * integral(abs(high)) - low * integral(abs(low))) / (high - low)

    one_at_a_time = set(features.anticorrelated)
    active = [
        (features.feature_probability[members[0]], 1 if members in one_at_a_time else len(members))
        for members in units(features)
    ]

    def transform(phi: NDArray[np.float64]) -> NDArray[np.float64]:
        product = np.ones_like(phi)
        for probability, together in active:
            power = phi
            for _ in range(together - 1):
                power = power * phi
            product = product * (1.0 - probability + probability * power)
        return product

    near = np.linspace(0.0, _FAR, _INTERVALS + 1)
    inner = np.empty_like(near)
    # Three times the mean square of a value.
    square = low * low + low * high + high * high
    inner[0] = fsum(probability * together for probability, together in active) * square / 3.0
    phi = phi_of(lambda a: _integral(near[1:] * a))
    inner[1:] = (1.0 - transform(phi)) / (near[1:] * near[1:])
    # With v = 6 / t the rest is 1/6 ∫ (1 − L) dv over [0, 1].
    far = np.linspace(0.0, 1.0, _INTERVALS + 1)
    outer = 1.0 - transform(phi_of(lambda a: _far_integral(far, a)))
    return longest * ((_simpson(inner, _FAR) + _simpson(outer, 1.0) / _FAR) / _ROOT_PI)


def _far_integral(v: NDArray[np.float64], end: float) -> NDArray[np.float64]:
    """The integral of `_integral` for t = 6 a / v: where that is beyond 6, erf is 1."""
    if not end:
        return np.ones_like(v)
    beyond = v <= end
    found = 0.5 * _ROOT_PI / _FAR * v / end
    found[~beyond] = _integral(_FAR * end / v[~beyond])
    return found


def _integral(t: NDArray[np.float64]) -> NDArray[np.float64]:
    """The integral ∫ exp(−t² u²) du over [0, 1], for 0 ≤ t ≤ 6.

    That is Σ_k 2^k t^2k / (2k + 1)!! over Σ_k t^2k / k!: both sums have positive terms alone.
    """
    square = t * t
    above, below = np.ones_like(t), np.ones_like(t)
    for k in range(_TERMS, 0, -1):
        above = 1.0 + above * (2.0 * square / (2 * k + 1))
        below = 1.0 + below * (square / k)
    return above / below


def _simpson(values: NDArray[np.float64], width: float) -> float:
    weights = np.full(len(values), 2.0)
    weights[1::2] = 4.0
    weights[[0, -1]] = 1.0
    # One after the other: numpy's own sum may group its terms differently elsewhere.
    return float(np.cumsum(weights * values)[-1]) * width / (3.0 * (len(values) - 1))


def attacked_features(cell: Cell, run: int, step: int) -> NDArray[np.int64]:
    """Which feature of each sample is attacked at a step (from 0) of a run, `[batch]`."""
    key = run_key(cell, run)
    drawn = words(key, ATTACKS, step, 0, stage_at(cell, step).batch).astype(np.uint64)
    return ((drawn * np.uint64(cell.features.n_features)) >> np.uint64(32)).astype(np.int64)
