"""Numbers measured on polytopes: components of feature graphs, and small models that are one.

The experiment of a small model is named like its polytope.
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from jaxtyping import Float

from superposition.claims.records import Network, Repetition
from superposition.geometry.dimensions import DENSE
from superposition.geometry.graphs import NODE, Component, components
from superposition.geometry.polytopes import match, null_vectors
from superposition.metrics import dimensions_per_feature, feature_dimensionality
from superposition.theory.polytopes import POLYTOPES

IDEAL = "ideal"
"""`model` of networks that were constructed."""
SPANNED = {2: 1, 3: 2, 4: 3, 5: 2, 8: 3}
"""Dimensions that the paper's components span, by their number of features: digon, triangle,
tetrahedron, pentagon and square antiprism."""


def components_named(name: str) -> Callable[[Repetition], float]:
    """Return a measure: how many components of the feature graphs are a polytope of this name."""

    def measure(networks: Repetition) -> float:
        return float(sum(part.name == name for part in _parts(networks)))

    return measure


def components_spanning_others(networks: Repetition) -> float:
    """Return how many components of the paper's sizes span other dimensions than the paper's.

    As a part of all of them; not a number if there is none.
    """
    spanned = [
        part.dimensions == SPANNED[len(part.members)]
        for part in _parts(networks)
        if len(part.members) in SPANNED
    ]
    return 1.0 - float(np.mean(spanned)) if spanned else float("nan")


def factors_of_bipyramids(networks: Repetition) -> float:
    """Return how many components of small models are what their bipyramid should fall into."""
    found = 0
    for network in networks:
        base = network.experiment.removesuffix("_bipyramid")
        if base != network.experiment:
            wanted = {"digon", {"triangular": "triangle", "pentagonal": "pentagon"}[base]}
            found += len(wanted & {part.name for part in components(network.W)})
    return float(found)


def small_components(networks: Repetition) -> float:
    """Return how many small models fall into the components of their polytope and nothing else."""
    small = [network for network in networks if _polytope(network) in POLYTOPES]
    return float(
        sum(_names(POLYTOPES[_polytope(network)].build()) == _names(network.W) for network in small)
    )


def off_fraction_ideal(networks: Repetition) -> float:
    """Return the largest distance of D_i of ideal polytopes from the fractions d/k."""
    return max(
        float(np.abs(feature_dimensionality(n.W)[:, None] - _fractions(n)).min(axis=1).max())
        for n in networks
        if n.model == IDEAL
    )


def off_fraction_found(networks: Repetition) -> float:
    """Return the largest distance of D_i of trained networks from their polytope's."""
    return max(off_fraction(n) for n in networks if n.model != IDEAL)


def off_fraction(network: Network) -> float:
    """Return the largest distance of D_i, sorted, from those of the experiment's polytope."""
    ideal = feature_dimensionality(POLYTOPES[_polytope(network)].build())
    return float(np.abs(np.sort(feature_dimensionality(network.W)) - np.sort(ideal)).max())


def off_polytope(network: Network) -> float:
    """Return the difference of WᵀW from the polytope's: root mean square, for vectors as long."""
    return match(network.W, POLYTOPES[_polytope(network)].build()).distance


def off_simplex(network: Network) -> float:
    """Return how far the vector that WᵀW sends to zero is from (1, …, 1), its mean being 1.

    Infinite if there is no such vector, or more than one.
    """
    vectors = null_vectors(network.W, snap=0.0)
    if len(vectors) != 1 or vectors[0].mean() == 0:
        return float("inf")
    return float(np.abs(vectors[0] / vectors[0].mean() - 1).max())


def _parts(networks: Repetition) -> list[Component]:
    """Return the components of the first one's experiment at all levels that are not dense.

    At dense ones the basis, and so the graph, is arbitrary.
    """
    return [
        part
        for network in networks
        if network.experiment == networks[0].experiment
        and float(dimensions_per_feature(network.W)) < DENSE
        for part in _components(network.W.tobytes(), network.W.shape)
    ]


@lru_cache(maxsize=256)
def _components(W: bytes, shape: tuple[int, int]) -> tuple[Component, ...]:
    """Return the components of a network's graph; kept, for several checks ask for them."""
    columns = np.frombuffer(W, dtype=np.float64).reshape(shape)
    return components(columns[:, (columns**2).sum(axis=0) > NODE**2])  # others are in none


def _names(W: Float[np.ndarray, "m n"]) -> list[str]:
    return sorted(part.name for part in components(W))


def _polytope(network: Network) -> str:
    return network.experiment.replace("_", " ")


def _fractions(network: Network) -> Float[np.ndarray, " kinds"]:
    return np.array([float(f) for f in POLYTOPES[_polytope(network)].fractions])
