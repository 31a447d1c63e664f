"""Measures and checks that several sections make claims of, and groups of networks."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any

import numpy as np

from superposition.claims.bounds import at_least, exactly
from superposition.claims.claim import Check
from superposition.config.settings import FeatureSettings
from superposition.measure.metrics import REPRESENTED, gram, is_orthogonal, is_represented
from superposition.measure.network import Network
from superposition.measure.theory.linear import ignored

REPRESENTED_FEATURES = f"features with ‖W_i‖ > {REPRESENTED:g}"
"""What `count_represented` measures, in words."""


def count_represented(network: Network) -> float:
    """The number of represented features."""
    return float(is_represented(network.W).sum())


def count_orthogonal(network: Network) -> float:
    """The number of features with a dimension of their own."""
    return float(is_orthogonal(network.W).sum())


def off_diagonal(matrix: np.ndarray) -> np.ndarray:
    """The entries off the diagonal."""
    entries: np.ndarray = matrix[~np.eye(len(matrix), dtype=bool)]
    return entries


def of_nothing(network: Network) -> float:
    """The loss of representing nothing with the best biases, a mean over features."""
    return float(network.importance.mean() * ignored(network.density))


def are_represented(number: int) -> Check:
    """The check that so many features are represented."""
    return Check(REPRESENTED_FEATURES, count_represented, exactly(number, source="paper"))


def are_the_most_important(number: int) -> tuple[Check, Check]:
    """The checks that these features are represented and no others."""
    return (
        are_represented(number),
        Check(
            "last of them in importance",
            lambda n: np.flatnonzero(is_represented(n.W)).max(initial=-1) + 1,
            exactly(number, source="paper"),
        ),
    )


POSITIVE_INTERFERENCE = Check(
    "largest W_i · W_j", lambda n: off_diagonal(gram(n.W)).max(), at_least(0.1, "plainly positive")
)


def grouped(networks: Sequence[Network], key: Callable[[Network], Hashable]) -> list[list[Network]]:
    """The networks with the same key together, in the order in which they come."""
    found: dict[Hashable, list[Network]] = {}
    for network in networks:
        found.setdefault(key(network), []).append(network)
    return list(found.values())


def by_cell(networks: Sequence[Network]) -> list[list[Network]]:
    """All runs of each cell, in the order of the claim's cells."""
    return grouped(networks, lambda network: (network.experiment, network.place))


def by_density(networks: Sequence[Network]) -> list[list[Network]]:
    """The networks of each density, by what else is swept."""
    return grouped(networks, lambda network: network.density)


def share(test: Callable[[Network], Any]) -> Callable[[Sequence[Network]], np.ndarray]:
    """A measure: cell by cell, the share of runs that pass a test."""
    return lambda networks: np.array(
        [sum(bool(test(run)) for run in runs) / len(runs) for runs in by_cell(networks)]
    )


def median(values: Iterable[float] | np.ndarray) -> float:
    """The median; not a number if there are none."""
    found = list(values)
    return float(np.median(found)) if found else float("nan")


def constructed(W: np.ndarray, density: float = 1.0, **given: Any) -> Network:
    """A network made by hand; unless given, with biases of 0 and equal importances."""
    n = W.shape[1]
    features = FeatureSettings(n_features=n, feature_probability=(density,) * n)
    plain: dict[str, Any] = {"b": np.zeros(n), "features": features, "importance": np.ones(n)}
    return Network(W, **(plain | given), density=density)
