"""How a network's loss and its features' overlaps go with its hidden dimensions.

Liu, Liu and Gore (2025), Superposition Yields Robust Neural Scaling: in weak superposition only the
most frequent features are represented, and the loss is what the others are worth; in strong
superposition all are, and the loss is made of their overlaps, which go as 1/m.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float

from superposition.measure.elementary import exp, log
from superposition.measure.metrics import LEARNED, gram, norms
from superposition.measure.network import Network
from superposition.sampling.distribution import moments

_STRONG = 1.0


def is_learned(network: Network) -> Bool[np.ndarray, " n"]:
    """Which features are represented, by the authors' measure: ‖W_i‖ > 1/2."""
    return norms(network.W) > LEARNED


def is_strong(network: Network) -> Bool[np.ndarray, " n"]:
    """Which features are strongly represented, by the authors' measure: ‖W_i‖ > 1."""
    return norms(network.W) > _STRONG


def represented_share(network: Network) -> float:
    """The share of features that are represented."""
    return float(is_learned(network).mean())


def most_frequent_share(network: Network) -> float:
    """Of k represented features, the share that is among the k most frequent; nan if none is."""
    learned = is_learned(network)
    k = int(learned.sum())
    return float(learned[:k].mean()) if k else float("nan")


def mean_squared_overlap(network: Network) -> float:
    """The mean of (Ŵ_i · Ŵ_j)² over every two strongly represented features; nan of fewer than 2.

    The authors' figure is of these, whose share they call φ_1.
    """
    W = network.W[:, is_strong(network)]
    k = W.shape[1]
    if k < 2:
        return float("nan")
    squared = gram(W / norms(W)) ** 2
    return float((squared.sum() - np.trace(squared)) / (k * (k - 1)))


def worth(network: Network) -> Float[np.ndarray, " n"]:
    """What is lost with each feature if its mean is the answer, I_i Var(x_i) / n."""
    _, covariance = moments(network.features)
    return network.importance * np.diag(covariance) / len(covariance)


def unrepresented_worth(network: Network) -> float:
    """What is lost with the features that are not represented, of the network's loss."""
    return float(worth(network)[~is_learned(network)].sum())


def unrepresented_frequency(network: Network) -> float:
    """Σ p_i of all but the m most frequent features: what is lost if m have a dimension each."""
    p = np.sort(np.asarray(network.features.feature_probability))[::-1]
    return float(p[len(network.W) :].sum())


def exponent(values: Sequence[float], networks: Sequence[Network]) -> float:
    """The power of 1/m as which values of networks of several m go: minus the slope of log-log."""
    x, y = _logarithms(values, networks)
    return float(-(x * y).sum() / (x * x).sum())


def fitted(values: Sequence[float], networks: Sequence[Network]) -> Float[np.ndarray, " m"]:
    """The power of m that fits values of networks of several m best, at these m."""
    x, _ = _logarithms(values, networks)
    return exp(float(log(np.asarray(values)).mean()) - exponent(values, networks) * x)


def straightness(values: Sequence[float], networks: Sequence[Network]) -> float:
    """How well a power of 1/m fits values of networks of several m: R² of the line in log-log.

    It is 0 if they rise with m.
    """
    x, y = _logarithms(values, networks)
    along, spread = float((x * y).sum()), float((x * x).sum() * (y * y).sum())
    return along * along / spread if along < 0 else 0.0


def _logarithms(
    values: Sequence[float], networks: Sequence[Network]
) -> tuple[Float[np.ndarray, " m"], Float[np.ndarray, " m"]]:
    """The logarithms of m and of the values, each about its mean."""
    x = log(np.array([float(len(network.W)) for network in networks]))
    y = log(np.maximum(np.asarray(values, dtype=np.float64), 1e-300))
    return x - x.mean(), y - y.mean()
