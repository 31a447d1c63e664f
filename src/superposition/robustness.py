"""Attacks on trained networks: the paper's, which knows their geometry, and gradient ascent.

An attack adds to an input x a vector δ no longer than λ, a part of the mean length of inputs, and
is to make the loss on x as large as it can; the target stays x. The paper's attack (Superposition
and Adversarial Robustness, #adversarial) goes along a row of WᵀW: δ = ± λ (WᵀW)_i / ‖(WᵀW)_i‖, of
all features i and both signs the one that hurts an input most. Gradient attacks climb the loss from
the input, or from a random point near it; outputs that their ReLU holds at zero show them no slope.

Samples are drawn from the package's counters and everything is computed in an order that the source
fixes, so that the numbers are the same on every machine.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from superposition.attacks import mean_input_norm
from superposition.compilation import EntryPoint
from superposition.drawing import draw_samples
from superposition.features import tabulate
from superposition.memory import WIDTH, aligned_zeros
from superposition.metrics import gram
from superposition.philox import MAGNITUDES, key_of, words
from superposition.settings import FeatureSettings, canonical_json

SIZE = 0.1
"""Length of attacks as a part of the mean length of inputs, from the paper."""
SAMPLES = 2048
"""Inputs that are attacked."""
STEPS = 20
"""Steps of a gradient attack."""
STRIDE = 2.5 / STEPS
"""Length of a step as a part of λ: any point of the ball can be reached, with some to spare."""


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


class Inputs(NamedTuple):
    """Samples in tiles of sixteen, as the kernel reads them."""

    n: int
    """Features."""
    number: int
    """How many tiles there are."""
    x: NDArray[np.float64]
    """Features `[tiles, n, 16]`."""
    start: NDArray[np.float64]
    """Unit vectors, from which attacks with a random start begin, `[tiles, n, 16]`."""


class Attack(NamedTuple):
    """A network, samples, and attacks to try."""

    inputs: Inputs
    """Samples."""
    m: int
    """Hidden dimensions."""
    W: NDArray[np.float64]
    """W by feature, `[n, m]`."""
    b: NDArray[np.float64]
    """Biases, [n]."""
    importance: NDArray[np.float64]
    """I_i, [n]."""
    relu_output: bool
    """g is ReLU."""
    length: float
    """λ."""
    stride: float
    """Length of a gradient step."""
    steps: int
    """Gradient steps."""
    effects: NDArray[np.float64]
    """What the attack on each feature adds to each output before the ReLU, `[n, n]`."""
    z: NDArray[np.float64]
    """Working memory: outputs before the ReLU, of a tile, `[n, 16]`."""
    h: NDArray[np.float64]
    """Working memory: hidden activations, or their gradient, `[m, 16]`."""
    delta: NDArray[np.float64]
    """Working memory: δ, `[n, 16]`."""
    slope: NDArray[np.float64]
    """Working memory: attacked samples, then the loss's gradient, `[n, 16]`."""
    losses: NDArray[np.float64]
    """Where to write the loss of each sample: clean, analytic, gradient, random start; `[4, k]`."""


def _attack_all() -> Callable[[Attack], None]:
    from superposition.kernels.robustness import attack

    return attack


_attack = EntryPoint(Attack, _attack_all)


def attack(
    W: Float[np.ndarray, "n_hidden n_features"],
    b: Float[np.ndarray, " n_features"],
    features: FeatureSettings,
    importance: Float[np.ndarray, " n_features"],
    size: float = SIZE,
    relu_output: bool = True,
) -> Attacked:
    """Return the losses of a network under attack.

    Args:
        W: Weights; the decoder is Wᵀ and h has no ReLU.
        b: Output bias.
        features: Distribution of x.
        importance: I_i.
        size: Length of attacks as a part of the mean length of inputs.
        relu_output: Whether outputs have a ReLU.

    Raises:
        ValueError: If the attack is not between nothing and the mean input itself.
    """
    if not 0.0 <= size <= 1.0:
        raise ValueError(f"size is {size:g}; expected a part of the mean length of inputs, 0 to 1.")
    arrays = [np.ascontiguousarray(a, dtype=np.float64) for a in (W, b, importance)]
    return _kept(*(a.tobytes() for a in arrays), arrays[0].shape, features, size, relu_output)


def without_superposition(
    n_hidden: int, features: FeatureSettings
) -> tuple[Float[np.ndarray, "n_hidden n_features"], Float[np.ndarray, " n_features"]]:
    """Return W and b of the network that gives its first m features a dimension each."""
    W = np.eye(n_hidden, features.n_features)
    mean = np.array(features.feature_probability) / 2
    return W, np.where(W.any(axis=0), 0.0, mean)


@lru_cache(maxsize=64)
def attack_length(features: FeatureSettings, size: float = SIZE) -> float:
    """Return λ, `size` times the mean of ‖x‖, empty samples included."""
    return size * mean_input_norm(features)


@lru_cache(maxsize=4096)
def _kept(
    W_bytes: bytes,
    b_bytes: bytes,
    importance_bytes: bytes,
    shape: tuple[int, int],
    features: FeatureSettings,
    size: float,
    relu_output: bool,
) -> Attacked:
    """Return the losses; kept, for several numbers are made of them."""
    W = np.frombuffer(W_bytes).reshape(shape)
    (m, n), inputs = shape, _inputs(features)
    length = attack_length(features, size)
    losses = np.zeros((4, inputs.number * WIDTH))
    _attack(
        Attack(
            inputs=inputs,
            m=m,
            W=np.ascontiguousarray(W.T),
            b=np.frombuffer(b_bytes),
            importance=np.frombuffer(importance_bytes),
            relu_output=relu_output,
            length=length,
            stride=STRIDE * length,
            steps=STEPS if length > 0 else 0,
            effects=_effects(W, length),
            z=aligned_zeros(n * WIDTH, np.float64),
            h=aligned_zeros(m * WIDTH, np.float64),
            delta=aligned_zeros(n * WIDTH, np.float64),
            slope=aligned_zeros(n * WIDTH, np.float64),
            losses=losses,
        )
    )
    return Attacked(*(_mean(row) / n for row in losses))


def _effects(
    W: Float[np.ndarray, "n_hidden n_features"], length: float
) -> Float[np.ndarray, "n_features n_features"]:
    """Return λ WᵀW (WᵀW)_i / ‖(WᵀW)_i‖ in row i; zero for a feature of no length."""
    products = gram(W)
    squares = np.zeros(len(products))
    for row in products:
        squares += row**2
    norms = np.sqrt(squares)
    directions = np.zeros_like(products)
    np.divide(products, norms[:, None], out=directions, where=norms[:, None] > 0)
    total = np.zeros_like(products)
    for k in range(len(products)):
        total += directions[:, k, None] * products[None, k]
    return length * total


@lru_cache(maxsize=64)
def _inputs(features: FeatureSettings) -> Inputs:
    """Return the samples of a distribution, and the unit vectors of random starts."""
    n = features.n_features
    key = key_of(canonical_json({"features": features, "use": "attacks"}))
    x = draw_samples(tabulate(features), key, 0, SAMPLES).astype(np.float64)
    # Step 1, so that no word is used twice.
    uniform = np.stack([words(key, MAGNITUDES, 1, i, SAMPLES) for i in range(n)], axis=1)
    around = uniform * 2.0**-32 - 0.5
    squares = np.zeros(SAMPLES)
    for i in range(n):
        squares += around[:, i] ** 2
    around /= np.sqrt(squares)[:, None]
    return Inputs(n, SAMPLES // WIDTH, _in_tiles(x), _in_tiles(around))


def _in_tiles(x: Float[np.ndarray, "k n"]) -> Float[np.ndarray, "tiles n 16"]:
    tiles = x.reshape(-1, WIDTH, x.shape[1]).transpose(0, 2, 1)
    return np.ascontiguousarray(tiles)


def _mean(values: Float[np.ndarray, " k"]) -> float:
    """Return the mean, summed one after the other: numpy's own sum may group them differently."""
    return float(np.cumsum(values)[-1]) / values.size
