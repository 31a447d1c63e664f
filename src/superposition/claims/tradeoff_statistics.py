"""Numbers measured on networks trained with a penalty on their hidden activations."""

import numpy as np

from superposition.claims.records import Network, Repetition, Values
from superposition.claims.statistics import by_density
from superposition.metrics import LEARNED, ORTHOGONAL, interference, norms


def learned_without_penalty(networks: Repetition) -> Values:
    """Return how many features are learned in the first network of each density."""
    return tuple(float(_learned(group[0]).sum()) for group in by_density(networks))


def learned_without_superposition(networks: Repetition) -> Values:
    """Return, for each density, how many features are learned once none shares its direction.

    That is at the smallest penalty from which on this is so and at least one feature is learned;
    not a number if there is none.
    """
    return tuple(
        float("nan") if network is None else float(_learned(network).sum())
        for network in map(_first_without, by_density(networks))
    )


def price(networks: Repetition) -> Values:
    """Return the loss of these networks over that of those trained without a penalty."""
    found = []
    for group in by_density(networks):
        network = _first_without(group)
        found.append(float("nan") if network is None else network.loss / group[0].loss)
    return tuple(found)


def _first_without(group: list[Network]) -> Network | None:
    """Return the first network without superposition that has learned something."""
    for network in group:
        learned = _learned(network)
        if learned.any() and not (learned & (interference(network.W) >= ORTHOGONAL)).any():
            return network
    return None


def _learned(network: Network) -> np.ndarray:
    return np.asarray(norms(network.W) > LEARNED)
