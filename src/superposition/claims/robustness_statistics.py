"""Numbers measured on networks under attack, as curves from dense to sparse features."""

import numpy as np

from superposition.claims.records import Network, Repetition, Values
from superposition.geometry.dimensions import features_per_dimension, on_plateau
from superposition.metrics import dimensions_per_feature
from superposition.robustness import Attacked, attack, without_superposition

VERY_SPARSE = 0.01
"""1 − S up to which features are called very sparse: S of 99 % and more."""


def rise(networks: Repetition) -> float:
    """Return the largest vulnerability over that where features are densest."""
    curve = vulnerabilities(networks)
    return float(curve.max() / curve[0])


def correlation(networks: Repetition) -> float:
    """Return how closely vulnerability follows features per dimension; Pearson's r over levels."""
    x, y = crowding(networks), vulnerabilities(networks)
    x, y = x - x.mean(), y - y.mean()
    spread = float(np.sqrt((x * x).sum() * (y * y).sum()))
    # Between curves that hardly vary there is nothing to be correlated.
    return float((x * y).sum()) / spread if spread > 1e-9 else float("nan")


def gradient_share(networks: Repetition) -> Values:
    """Return the harm of a gradient attack over that of the paper's, where features are sparse."""
    sparse = [under_attack(n) for n in networks if n.density <= VERY_SPARSE]
    return tuple(_share(found.gradient - found.clean, found.harm) for found in sparse)


def dip(networks: Repetition) -> float:
    """Return by which part vulnerability falls from some level to a sparser one, at D* = 1/2.

    The largest fall that ends while D* is within 0.03 of 1/2; below 0 if there it only rises, and
    not a number if it is never there.
    """
    curve = vulnerabilities(networks)
    paired = on_plateau(1 / crowding(networks))
    falls = [1 - curve[k] / curve[:k].max() for k in np.flatnonzero(paired) if k > 0]
    return float(max(falls, default=float("nan")))


def vulnerabilities(networks: Repetition) -> np.ndarray:
    """Return (L' − L) / (L'_0 − L_0) of each network, [levels]."""
    return np.array([_share(under_attack(n).harm, _plain(n).harm) for n in networks])


def crowding(networks: Repetition) -> np.ndarray:
    """Return features per dimension, 1 / D*, [levels]."""
    return np.array([float(features_per_dimension(network.W)) for network in networks])


def under_attack(network: Network) -> Attacked:
    """Return a network's losses under attack."""
    return attack(
        network.W,
        network.b,
        network.features,
        network.importance,
        relu_output=network.model != "linear",
    )


def _plain(network: Network) -> Attacked:
    """Return the losses under attack of a network without superposition, on the same samples."""
    W, b = without_superposition(*network.W.shape, network.features)
    return attack(W, b, network.features, network.importance)


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else float("nan")


def squared_length(network: Network) -> float:
    """Return ‖W‖_F² / m, features per dimension; 0 if nothing is learned."""
    return 1 / float(dimensions_per_feature(network.W))
