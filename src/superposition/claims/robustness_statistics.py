"""Numbers measured on networks under attack, as curves from dense to sparse features."""

from collections.abc import Callable

import numpy as np

from superposition.claims.records import Network, Repetition, Values
from superposition.claims.statistics import by_density
from superposition.geometry.dimensions import PLATEAU_WIDTH, features_per_dimension, on_plateau
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


def dip(networks: Repetition) -> Values:
    """Return by which part vulnerability falls from some level to a sparser one, at D* = 1/2.

    The largest fall that ends while D* is within 0.03 of 1/2; below 0 if there it only rises, and
    not a number if it is never there. Under the paper's attack, and under gradient ascent.
    """
    paired = np.flatnonzero(on_plateau(1 / crowding(networks)))
    found = []
    for harm in ("analytic", "gradient"):
        curve = vulnerabilities(networks, harm)
        falls = [1 - curve[k] / curve[:k].max() for k in paired if k > 0]
        found.append(float(max(falls, default=float("nan"))))
    return tuple(found)


def vulnerabilities(networks: Repetition, by: str = "analytic") -> np.ndarray:
    """Return (L' − L) / (L'_0 − L_0) of each network, [levels].

    L' is the loss under the attack that is asked for, L'_0 always that under the paper's: gradient
    ascent does no harm to a network without superposition.
    """
    found = [(under_attack(network), _plain(network)) for network in networks]
    return np.array([_share(getattr(n, by) - n.clean, plain.harm) for n, plain in found])


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
    W, b = without_superposition(len(network.W), network.features)
    return attack(W, b, network.features, network.importance)


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else float("nan")


def crowding_at_first(networks: Repetition) -> Values:
    """Return features per dimension of the first network of each density."""
    return tuple(float(curve[0]) for curve in _curves(networks))


def largest_rise(networks: Repetition) -> Values:
    """Return the largest step of features per dimension from a network to the next, by density."""
    return tuple(float(np.diff(curve).max(initial=-np.inf)) for curve in _curves(networks))


def removed_at(sizes: tuple[float, ...]) -> Callable[[Repetition], Values]:
    """Return a measure: the first of the sizes from which on there is no superposition.

    That is, features per dimension within 0.03 of 1 or fewer; infinite if there always is some.
    There is a network of every size for each density, in their order.
    """

    def measure(networks: Repetition) -> Values:
        found = []
        for curve in _curves(networks):
            left = np.flatnonzero(curve > 1 + PLATEAU_WIDTH)
            first = int(left[-1]) + 1 if left.size else 0
            found.append(sizes[first] if first < len(sizes) else float("inf"))
        return tuple(found)

    return measure


def _curves(networks: Repetition) -> list[np.ndarray]:
    """Return features per dimension of the networks of each density, in the claim's order."""
    return [crowding(tuple(group)) for group in by_density(networks)]
