"""What networks keep of a finite data set: its examples, or the features that these are made of.

Henighan et al. (2023), Superposition, Memorization, and Double Descent, look at both in the hidden
space: the directions W_i of features, and the hidden vectors W x of the examples that a network was
trained on. Where examples are few, each may get a direction of its own.
"""

import numpy as np
from jaxtyping import Float

from superposition.measure.metrics import feature_dimensionality, norms, product
from superposition.measure.network import Network


def hidden_vectors(network: Network) -> Float[np.ndarray, "m examples"]:
    """The hidden vectors of the examples that a network was trained on.

    Raises:
        ValueError: If it has no finite data set.
    """
    return network.hidden(_examples(network)).T


def training_loss(network: Network) -> float:
    """The loss on the examples that a network was trained on: I_i (x_i − y_i)², meaned."""
    x = _examples(network)
    return float(np.mean(network.importance * (x - network.forward(x)) ** 2))


def dimensions_of_examples(network: Network) -> Float[np.ndarray, " examples"]:
    """The fraction of a hidden dimension that each example gets, ‖h‖² / Σ_j (ĥ · h_j)².

    It is what feature dimensionality is of features. As Σ_j (h · h_j)² = hᵀ (Σ_j h_j h_jᵀ) h, the
    products of every two of many examples are not needed.
    """
    h = hidden_vectors(network)
    squared, spread = norms(h) ** 2, product(h, h.T)
    shared = (h * product(spread, h)).sum(axis=0)
    return np.asarray(np.divide(squared**2, shared, out=0.0 * shared, where=shared > 0))


def dimensions_of_features(network: Network) -> Float[np.ndarray, " n"]:
    """The feature dimensionality of each feature."""
    return feature_dimensionality(network.W)


def _examples(network: Network) -> Float[np.ndarray, "examples n"]:
    if network.data_set is None:
        raise ValueError("the network was trained on fresh samples, not on a data set")
    return network.data_set.x.astype(np.float64)
