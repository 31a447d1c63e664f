"""Measures and checks that several sections make claims of, and groups of networks."""

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Any

import numpy as np

from superposition.claims.bounds import at_least, exactly
from superposition.claims.claim import Check
from superposition.config.settings import FeatureSettings
from superposition.measure import metrics
from superposition.measure.metrics import REPRESENTED, gram, is_represented
from superposition.measure.network import Network
from superposition.measure.theory.linear import ignored

Measure = Callable[[Sequence[Network]], Any]
"""Gives one or more numbers about all networks of a repetition."""
REPRESENTED_FEATURES = f"features with ‖W_i‖ > {REPRESENTED:g}"
"""What `count(is_represented)` measures, in words."""


def count(test: Callable[[np.ndarray], np.ndarray]) -> Callable[[Network], float]:
    """A measure: the number of features that pass a test of W."""
    return lambda network: float(test(network.W).sum())


def off_diagonal(matrix: np.ndarray) -> np.ndarray:
    """The entries off the diagonal."""
    return np.asarray(matrix[~np.eye(len(matrix), dtype=bool)])


def of_nothing(network: Network) -> float:
    """The loss of representing nothing with the best biases, a mean over features."""
    return float(network.importance.mean() * ignored(network.density))


def dimensions_per_feature(networks: Sequence[Network]) -> np.ndarray:
    """D* of each network."""
    return np.array([float(metrics.dimensions_per_feature(network.W)) for network in networks])


def are_represented(number: int) -> Check:
    """The check that so many features are represented."""
    return Check(REPRESENTED_FEATURES, count(is_represented), exactly(number, source="paper"))


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
    "largest W_i · W_j", lambda n: off_diagonal(gram(n.W)).max(), at_least(0.1, "clearly positive")
)


def grouped(networks: Sequence[Network], key: Callable[[Network], Any]) -> list[list[Network]]:
    """The networks that follow each other with the same key together."""
    return [list(group) for _, group in groupby(networks, key)]


def by_cell(number: Measure) -> Measure:
    """A measure: a number of all runs of each cell, in the order of the claim's cells."""
    return lambda networks: [
        number(runs) for runs in grouped(networks, lambda one: (one.experiment, one.place))
    ]


def by_density(number: Measure) -> Measure:
    """A measure: a number of the networks of each density, which differ in what else is swept."""
    return lambda networks: [number(some) for some in grouped(networks, lambda one: one.density)]


def share(test: Callable[[Network], Any]) -> Measure:
    """A measure: cell by cell, the share of runs that pass a test."""
    return by_cell(lambda runs: np.mean([bool(test(run)) for run in runs]))


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
