"""Numbers about what the dictionaries of a network's hidden activations have found of it."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from superposition.claims.records import Network
from superposition.dictionaries.measures import Match, matches
from superposition.dictionaries.record import Dictionaries


def most_found(network: Network) -> float:
    """Return the part of features found by the dictionary that finds most."""
    return _part(_matches(network))


def found_at_least_penalty(network: Network) -> float:
    """Return the part of features found by any dictionary with the smallest penalty."""
    rows = _matches(network)
    least = min(row.penalty for row in rows)
    return _part(row for row in rows if row.penalty == least)


def price_in_error(network: Network) -> float:
    """Return what the largest dictionary that finds most leaves unexplained, over the least.

    The least is what one of the same size with the smallest penalty leaves.
    """
    rows = _largest(_matches(network))
    least = min(rows, key=lambda row: row.penalty)
    return _best(rows).unexplained / least.unexplained


def smallest_gain_of_size(network: Network) -> float:
    """Return the smallest step of the part of features found from a size to the next larger one.

    Of each size it is the dictionary that finds most.
    """
    rows = _matches(network)
    parts = [
        _part(row for row in rows if row.size == size)
        for size in sorted({row.size for row in rows})
    ]
    return float(np.diff(parts).min(initial=np.inf))


def live_per_feature(network: Network) -> float:
    """Return how many live latents the largest dictionary that finds most has for each feature."""
    best = _best(_largest(_matches(network)))
    return (best.size - best.dead) / best.represented if best.represented else float("nan")


def most_sums_found(network: Network) -> float:
    """Return the part of sets found, by the sum of their columns, by the dictionary with most."""
    return max(row.sums for row in _matches(network)) / len(network.features.correlated)


def _held_against(network: Network) -> Dictionaries:
    """Return a network's dictionaries, to be held against its W, which controls may change.

    Raises:
        ValueError: If it has none.
    """
    if network.dictionaries is None:
        raise ValueError(f"no dictionaries of {network.experiment}")
    return replace(network.dictionaries, W=network.W.astype(np.float32))


def _matches(network: Network) -> list[Match]:
    return matches(_held_against(network))


def _largest(rows: list[Match]) -> list[Match]:
    """Return those of the largest size."""
    size = max(row.size for row in rows)
    return [row for row in rows if row.size == size]


def _best(rows: Iterable[Match]) -> Match:
    """Return the dictionary that finds most; of equals, the one that is closest."""
    return max(rows, key=lambda row: (row.found, row.cosine))


def _part(rows: Iterable[Match]) -> float:
    """Return the part of features found by the dictionary that finds most; no number of none."""
    best = _best(rows)
    return best.found / best.represented if best.represented else float("nan")
