"""Numbers about features that are correlated or anticorrelated, from which claims are made.

Those that take a network measure one; those that take a repetition look at many together.
"""

from collections.abc import Callable

import numpy as np

from superposition.claims.records import Network, Repetition
from superposition.claims.statistics import by_cell, lowest_loss
from superposition.geometry import planar, sets
from superposition.metrics import gram

_UNDEFINED = float("nan")


def share(test: Callable[[Network], bool]) -> Callable[[Repetition], np.ndarray]:
    """Return what measures, cell by cell, the share of runs that pass a test."""

    def measure(networks: Repetition) -> np.ndarray:
        return np.array([sum(map(test, runs)) / len(runs) for runs in by_cell(networks)])

    return measure


def of_best(measure: Callable[[Network], float]) -> Callable[[Repetition], np.ndarray]:
    """Return what takes a number, cell by cell, of the run with the lowest loss."""

    def measured(networks: Repetition) -> np.ndarray:
        return np.array([measure(lowest_loss(runs)) for runs in by_cell(networks)])

    return measured


def are_orthogonal(network: Network) -> bool:
    """Return whether members of every set are at right angles, |cos| < 0.1."""
    return largest_cosine_within(network) < 0.1


def are_opposite(network: Network) -> bool:
    """Return whether members of every set are antipodal, cos < −0.95."""
    return largest_cosine_of_excluding(network) < -0.95


def largest_cosine_of_excluding(network: Network) -> float:
    """Return the largest cosine between members of an anticorrelated set."""
    return float(sets.within(network.W, network.features.anticorrelated).max())


def largest_cosine_within(network: Network) -> float:
    """Return the largest |cos| between members of a correlated set."""
    return float(np.abs(sets.within(network.W, network.features.correlated)).max())


def side_by_side(network: Network) -> float:
    """Return how many sets stand together, no other feature in between."""
    return float(sets.are_adjacent(network.W, network.features.correlated).sum())


def is_hexagon(network: Network) -> float:
    """Return 1 if all six features form a hexagon, else 0."""
    return float(planar.classify(network.W) == "hexagon")


def collapsed(network: Network) -> float:
    """Return how many sets share one direction."""
    return float(sets.is_collapsed(network.W, network.features.correlated).sum())


def penalty_of_collapse(networks: Repetition) -> np.ndarray:
    """Return the lowest loss of runs with collapsed sets over that of the others, cell by cell.

    Not a number where either kind of run is missing.
    """
    ratios = []
    for runs in by_cell(networks):
        lost = [n.loss for n in runs if collapsed(n)]
        kept = [n.loss for n in runs if not collapsed(n)]
        ratios.append(min(lost) / min(kept) if lost and kept else _UNDEFINED)
    return np.array(ratios)


def difference_left(network: Network) -> float:
    """Return the largest ‖W (e_a − e_b)‖ / ‖W (e_a + e_b)‖ of the members of correlated sets."""
    return float(sets.difference_ratio(network.W, network.features.correlated).max())


def angle_to_components(network: Network) -> float:
    """Return the largest angle of the represented subspace to PCA's, in degrees."""
    return float(sets.pca_angles(network.W, sets.covariance(network.features)).max())


def largest_overlap_within(network: Network) -> float:
    """Return the largest |W_i · W_j| of two members of a set."""
    return sets.largest_overlap_within(network.W, network.features.correlated)


def typical_overlap_across(network: Network) -> float:
    """Return the root of the mean (W_i · W_j)² of features of different sets."""
    one, other = network.features.correlated
    overlaps = gram(network.W)[np.ix_(list(one), list(other))]
    return float(np.sqrt((overlaps**2).mean()))
