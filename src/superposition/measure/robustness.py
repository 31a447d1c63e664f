"""Attacks on trained networks: the paper's, which knows their geometry, and gradient ascent.

An attack adds to an input x a vector δ no longer than λ, a part of the mean length of inputs, and
is to make the loss on x as large as it can; the target stays x. The paper's attack (Superposition
and Adversarial Robustness, #adversarial) goes along a row of WᵀW: δ = ± λ (WᵀW)_i / ‖(WᵀW)_i‖, of
all features i and both signs the one that hurts an input most. Gradient attacks climb the loss from
the input, or from a random point near it; outputs that their ReLU holds at zero show them no slope.

Samples are drawn from the package's counters and everything is computed in an order that the source
fixes, so that the numbers are the same on every machine.
"""

from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Float

from superposition.base.canonical import canonical_json
from superposition.config.models import Activation
from superposition.config.settings import FeatureSettings
from superposition.kernels.compilation import EntryPoint
from superposition.kernels.contracts.activations import CODES
from superposition.kernels.contracts.memory import WIDTH, aligned_zeros
from superposition.kernels.contracts.philox import MAGNITUDES
from superposition.kernels.contracts.robustness import Attack, Inputs
from superposition.measure.caching import cached
from superposition.measure.metrics import gram, norms, product
from superposition.measure.network import Network
from superposition.sampling.attacks import mean_input_norm
from superposition.sampling.distribution import tabulate
from superposition.sampling.philox import key_of, words
from superposition.sampling.sample import draw_samples, in_tiles

SIZE = 0.1
"""Length of attacks as a part of the mean length of inputs, from the paper."""
SAMPLES = 2048
"""Inputs that are attacked."""
STEPS = 20
"""Steps of a gradient attack."""
STRIDE = 2.5 / STEPS
"""Length of a step as a part of λ: any point of the ball can be reached, with some to spare."""


Kind = Literal["analytic", "gradient", "random_start"]
"""An attack, by its name in `Attacked`."""


class Attacked(NamedTuple):
    """Losses of one network, Σ_i I_i (x_i − y_i)² / n meaned over the samples."""

    clean: float
    """Without an attack."""
    analytic: float
    """With the attack of the paper that hurts each sample most."""
    gradient: float
    """With projected gradient ascent from the sample itself."""
    random_start: float
    """With the same from a random point at distance λ."""

    @property
    def harm(self) -> float:
        """By how much the paper's attack raises the loss."""
        return self.analytic - self.clean


_attack = EntryPoint(Attack, "robustness.attack")


@cached(4096)
def attack(
    W: Float[np.ndarray, "n_hidden n_features"],
    b: Float[np.ndarray, " n_features"],
    features: FeatureSettings,
    importance: Float[np.ndarray, " n_features"],
    output: Activation = "relu",
    size: float = SIZE,
) -> Attacked:
    """The losses under attack of a network whose decoder is Wᵀ, and whose h has no ReLU.

    Attacks are `size` times as long as inputs are in the mean.
    """
    W, b, importance = (np.ascontiguousarray(a, dtype=np.float64) for a in (W, b, importance))
    (m, n), inputs = W.shape, _inputs(features)
    length = size / SIZE * attack_length(features)
    losses = np.zeros((4, inputs.number * WIDTH))
    _attack(
        Attack(
            inputs=inputs,
            m=m,
            W=np.ascontiguousarray(W.T),
            b=b,
            importance=importance,
            output=CODES[output],
            length=length,
            stride=STRIDE * length,
            steps=STEPS,
            effects=_effects(W, length),
            z=aligned_zeros(n * WIDTH, np.float64),
            h=aligned_zeros(m * WIDTH, np.float64),
            delta=aligned_zeros(n * WIDTH, np.float64),
            slope=aligned_zeros(n * WIDTH, np.float64),
            losses=losses,
        )
    )
    # Summed one after the other: numpy's own mean may group them differently.
    return Attacked(*(float(np.cumsum(row)[-1]) / row.size / n for row in losses))


def under_attack(network: Network, size: float = SIZE) -> Attacked:
    """The losses of a trained network under attacks of a size."""
    given = network.W, network.b, network.features, network.importance
    return attack(*given, output=_output(network), size=size)


class OneStep(NamedTuple):
    """Losses under attacks that take one step of length λ from each sample, and what they see."""

    slope: float
    """With a step along the loss's slope."""
    sign: float
    """With a step along the signs of the slope."""
    silent: float
    """The share of outputs that their ReLU holds at zero."""
    level: float
    """The share of samples at which the loss has no slope at all."""


@cached(1024)
def _one_step(
    W: Float[np.ndarray, "n_hidden n_features"],
    b: Float[np.ndarray, " n_features"],
    features: FeatureSettings,
    importance: Float[np.ndarray, " n_features"],
    output: Activation,
) -> OneStep:
    through, x, length = gram(W), _samples(features), attack_length(features)

    def outputs(x: np.ndarray) -> np.ndarray:
        z = product(x, through) + b
        return np.asarray(z if output == "identity" else np.maximum(z, 0.0))

    def loss(x_attacked: np.ndarray) -> np.ndarray:
        each = importance * (outputs(x_attacked) - x) ** 2
        return np.asarray(np.cumsum(each, axis=1)[:, -1] / features.n_features)

    y, clean = outputs(x), loss(x)
    active = np.ones_like(y) if output == "identity" else y > 0
    slope = product(active * importance * (y - x), through)

    def under(direction: np.ndarray) -> float:
        lengths = norms(direction.T)[:, None]
        step = np.divide(direction, lengths, out=np.zeros_like(direction), where=lengths > 0)
        worst = np.maximum(clean, loss(x + length * step))
        return float(np.cumsum(worst)[-1]) / len(worst)

    return OneStep(
        slope=under(slope),
        sign=under(np.sign(slope)),
        silent=float(1 - active.mean()),
        level=float((slope == 0).all(axis=1).mean()),
    )


def one_step(network: Network) -> OneStep:
    """The losses of a trained network under attacks of one step."""
    given = network.W, network.b, network.features, network.importance
    return _one_step(*given, _output(network))


def _output(network: Network) -> Activation:
    return "identity" if network.model == "linear" else "relu"


def vulnerability(network: Network, by: Kind = "analytic") -> float:
    """(L' − L) / (L'_0 − L_0), the harm of an attack over that to a plain network.

    L'_0 is the loss of a network without superposition under the paper's attack, whatever attack is
    asked for: gradient ascent does such a network no harm. Not a number if nothing does.
    """
    found = under_attack(network)
    W, b = without_superposition(len(network.W), network.features)
    plain = attack(W, b, network.features, network.importance)
    return (getattr(found, by) - found.clean) / plain.harm if plain.harm > 0 else float("nan")


def vulnerability_of_active(network: Network) -> float:
    """The same on inputs in which something is active, under the paper's attack."""
    features, importance = network.features, network.importance
    W, b = without_superposition(len(network.W), features)
    own, plain = under_attack(network), attack(W, b, features, importance)
    empty = share_of_empty(features)
    harm = own.harm - empty * _harm_of_empty(network.W, network.b, features, importance)
    least = plain.harm - empty * _harm_of_empty(W, b, features, importance)
    return harm / least if least > 0 else float("nan")


@lru_cache(maxsize=64)
def share_of_empty(features: FeatureSettings) -> float:
    """The share of the inputs attacked in which nothing is active."""
    return float((_samples(features) == 0).all(axis=1).mean())


def _harm_of_empty(
    W: Float[np.ndarray, "n_hidden n_features"],
    b: Float[np.ndarray, " n_features"],
    features: FeatureSettings,
    importance: Float[np.ndarray, " n_features"],
) -> float:
    """What the paper's attack on an empty input adds to the loss of a network with ReLU outputs."""
    effects = _effects(W, attack_length(features))
    attacked = np.maximum(b + np.concatenate([effects, -effects]), 0.0)
    losses = np.cumsum(importance * attacked**2, axis=1)[:, -1] / features.n_features
    clean = np.cumsum(importance * np.maximum(b, 0.0) ** 2)[-1] / features.n_features
    return float(max(losses.max() - clean, 0.0))


def line(x: Float[np.ndarray, " k"], y: Float[np.ndarray, " k"]) -> tuple[float, float, float]:
    """Slope and offset of the line of least squares, and Pearson's r.

    Where either quantity hardly varies they are 0, the mean of y, and not a number.
    """
    dx, dy = x - x.mean(), y - y.mean()
    xx, yy, xy = (float((a * b).sum()) for a, b in ((dx, dx), (dy, dy), (dx, dy)))
    spread = float(np.sqrt(xx * yy))
    if spread <= 1e-9:
        return 0.0, float(y.mean()), float("nan")
    return xy / xx, float(y.mean() - xy / xx * x.mean()), xy / spread


def without_superposition(
    n_hidden: int, features: FeatureSettings
) -> tuple[Float[np.ndarray, "n_hidden n_features"], Float[np.ndarray, " n_features"]]:
    """W and b of the network that gives its first m features a dimension each."""
    W = np.eye(n_hidden, features.n_features)
    mean = np.array(features.feature_probability) / 2
    return W, np.where(W.any(axis=0), 0.0, mean)


@lru_cache(maxsize=64)
def attack_length(features: FeatureSettings) -> float:
    """λ, `SIZE` times the mean of ‖x‖, empty samples included."""
    return SIZE * mean_input_norm(features)


def _effects(
    W: Float[np.ndarray, "n_hidden n_features"], length: float
) -> Float[np.ndarray, "n_features n_features"]:
    """λ WᵀW (WᵀW)_i / ‖(WᵀW)_i‖ in row i; zero for a feature of no length."""
    products = gram(W)
    lengths, directions = norms(products)[:, None], np.zeros_like(products)
    np.divide(products, lengths, out=directions, where=lengths > 0)
    return length * product(directions, products)


def _key(features: FeatureSettings) -> np.uint64:
    return key_of(canonical_json({"features": features, "use": "attacks"}))


def _samples(features: FeatureSettings) -> Float[np.ndarray, "samples n_features"]:
    """The samples of a distribution that are attacked."""
    return draw_samples(tabulate(features), _key(features), 0, SAMPLES).astype(np.float64)


@lru_cache(maxsize=64)
def _inputs(features: FeatureSettings) -> Inputs:
    """The samples of a distribution in tiles, and the unit vectors of random starts."""
    n, key, x = features.n_features, _key(features), _samples(features)
    # Step 1, so that no word is used twice.
    uniform = np.stack([words(key, MAGNITUDES, 1, i, SAMPLES) for i in range(n)], axis=1)
    around = uniform * 2.0**-32 - 0.5
    around /= norms(around.T)[:, None]
    return Inputs(n, SAMPLES // WIDTH, in_tiles(x), in_tiles(around))
