"""Numbers measured on one network, from which claims are made, and ways to group networks."""

import numpy as np

from superposition import metrics
from superposition.claims.records import Network, Repetition
from superposition.metrics import (
    REPRESENTED,
    antipodal_pairs,
    cosines,
    gram,
    interference,
    is_orthogonal,
    is_represented,
    norms,
)
from superposition.theory.linear import ignored


def count_represented(network: Network) -> float:
    """Return the number of represented features."""
    return float(is_represented(network.W).sum())


def count_full_length(network: Network) -> float:
    """Return the number of norms of at least 0.95, as counted in the paper's figure."""
    return float((norms(network.W) >= 0.95).sum())


def longest_ignored(network: Network) -> float:
    """Return the largest norm of a feature that is not represented; 0 if all are."""
    length = norms(network.W)
    return float(length[length <= REPRESENTED].max(initial=0.0))


def last_represented(network: Network) -> float:
    """Return the place of the last represented feature in the order of importance, from 1."""
    return float(np.flatnonzero(is_represented(network.W)).max(initial=-1) + 1)


def count_orthogonal(network: Network) -> float:
    """Return the number of features with a dimension of their own."""
    return float(is_orthogonal(network.W).sum())


def orthogonal_after_shared(network: Network) -> float:
    """Return how many features have a dimension of their own, but a more important one not."""
    own = is_orthogonal(network.W)
    first_without = int(np.append(own, False).argmin())
    return float(own[first_without:].sum())


def largest_interference(network: Network) -> float:
    """Return the largest Σ_{j≠i} (Ŵ_i · W_j)² of a represented feature."""
    shared: np.ndarray = interference(network.W)[is_represented(network.W)]
    return float(shared.max(initial=0.0))


def distance_to_identity(network: Network) -> float:
    """Return max |WᵀW − (I_m ⊕ 0)|, the distance to a copy of the m most important features."""
    n_hidden, n_features = network.W.shape
    ideal = np.diag((np.arange(n_features) < n_hidden).astype(np.float64))
    return float(np.abs(gram(network.W) - ideal).max())


def largest_cosine(network: Network) -> float:
    """Return the largest |cosine| between two represented features."""
    return float(np.abs(_between(cosines(network.W), network)).max(initial=0.0))


def count_pairs(network: Network) -> float:
    """Return the number of antipodal pairs."""
    return float(antipodal_pairs(network.W))


def neither_apart_nor_opposite(network: Network) -> float:
    """Return the largest distance from 0 and from −1 of a W_i · W_j of represented features."""
    overlaps = _between(gram(network.W), network)
    return float(np.minimum(np.abs(overlaps), np.abs(overlaps + 1)).max(initial=0.0))


def largest_overlap(network: Network) -> float:
    """Return the largest W_i · W_j of two different features, the most positive."""
    return float(_off_diagonal(gram(network.W)).max())


def largest_bias(network: Network) -> float:
    """Return the largest bias."""
    return float(network.b.max())


def smallest_bias(network: Network) -> float:
    """Return the smallest bias."""
    return float(network.b.min())


def represented_bias(network: Network) -> float:
    """Return the mean bias of represented features in units of (1 − S) / 2, the mean of x."""
    return _relative_bias(network, is_represented(network.W))


def ignored_bias(network: Network) -> float:
    """Return the mean bias of the other features in units of (1 − S) / 2, the mean of x."""
    return _relative_bias(network, ~is_represented(network.W))


def farthest_bias(network: Network) -> float:
    """Return the largest distance of a bias from 0 if represented, from (1 − S) / 2 if not."""
    target = np.where(is_represented(network.W), 0.0, network.density / 2)
    return float(np.abs(network.b - target).max())


def uneven_angle(network: Network) -> float:
    """Return by how many degrees an angle between neighbours in the plane differs from 360° / n."""
    return metrics.uneven_angle(network.W)


def _relative_bias(network: Network, chosen: np.ndarray) -> float:
    """Return the mean of the chosen biases over the mean of x; not a number if none is chosen."""
    if not chosen.any():
        return float("nan")
    return float(network.b[chosen].mean() / (network.density / 2))


def _between(matrix: np.ndarray, network: Network) -> np.ndarray:
    """Return the entries of a matrix that belong to two different represented features."""
    learned = is_represented(network.W)
    return _off_diagonal(matrix[np.ix_(learned, learned)])


def _off_diagonal(matrix: np.ndarray) -> np.ndarray:
    """Return the entries off the diagonal."""
    entries: np.ndarray = matrix[~np.eye(len(matrix), dtype=bool)]
    return entries


def shortest(network: Network) -> float:
    """Return the smallest norm."""
    return float(norms(network.W).min())


def longest(network: Network) -> float:
    """Return the largest norm."""
    return float(norms(network.W).max())


def of_nothing(network: Network) -> float:
    """Return the loss of representing nothing with the best biases, a mean over features."""
    return float(network.importance.mean() * ignored(network.density))


def sparsest_over_densest(networks: Repetition) -> float:
    """Return the loss at the sparsest density over that at the densest."""
    return networks[-1].loss / networks[0].loss


def spread_of_shares(networks: Repetition) -> float:
    """Return the largest over the smallest part of the loss of nothing that is left."""
    shares = [network.loss / of_nothing(network) for network in networks]
    return max(shares) / min(shares)


def by_cell(networks: Repetition) -> list[list[Network]]:
    """Return all runs of each cell, in order."""
    found: dict[str, list[Network]] = {}
    for network in networks:
        found.setdefault(f"{network.experiment} {network.place}", []).append(network)
    return list(found.values())


def by_density(networks: Repetition) -> list[list[Network]]:
    """Return the networks of each density, in the order of the claim's cells."""
    found: dict[float, list[Network]] = {}
    for network in networks:
        found.setdefault(network.density, []).append(network)
    return list(found.values())


def lowest_loss(networks: list[Network]) -> Network:
    """Return the run with the lowest loss; a loss that is not a number is never lowest."""
    return min(networks, key=lambda n: n.loss if np.isfinite(n.loss) else np.inf)
