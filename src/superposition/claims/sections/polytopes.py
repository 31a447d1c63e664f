"""Feature graphs and polytopes: what the lines of Feature Dimensionality are made of.

Feature graphs show the polytopes that features form, and small models are one each; the experiment
of a small model is named like its polytope.
"""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from jaxtyping import Float

from superposition.claims.bounds import at_least, at_most, exactly
from superposition.claims.claim import Basis, Cells, Check, Claim, Task, overall
from superposition.claims.controls import SCATTERED
from superposition.claims.sections.dimensionality import NO_SIMPLICES, check_line
from superposition.claims.sections.uniform import ALL_LEVELS, ONE_RUN, PAPERS
from superposition.claims.statistics import constructed
from superposition.measure.geometry import dimensions
from superposition.measure.geometry.graphs import Component, components
from superposition.measure.geometry.polytopes import match, null_vectors
from superposition.measure.geometry.shapes import POLYTOPES
from superposition.measure.metrics import dimensions_per_feature, feature_dimensionality
from superposition.measure.network import BEST, Network

IDEAL = "ideal"
"""`model` of networks that were constructed."""
SPANNED = {2: 1, 3: 2, 4: 3, 5: 2, 8: 3}
"""Dimensions that the paper's components span, by their number of features: digon, triangle,
tetrahedron, pentagon and square antiprism."""

_BEST_FOUND = Basis(
    "lowest loss",
    "The paper speaks of the polytope that solves a problem; of several fits it keeps the one with "
    "the lowest loss.",
)


def _small(experiment: str, n_features: int, n_hidden: int) -> Cells:
    """The cells of a small model whose solution is a polytope."""
    return Cells("relu", task=Task(experiment, n_features, n_hidden, importance_decay=1.0))


_TRIANGLE = _small("triangle", 3, 2)
_TETRAHEDRON = _small("tetrahedron", 4, 3)
_BIPYRAMIDS = _small("triangular_bipyramid", 5, 3), _small("pentagonal_bipyramid", 7, 3)
_SMALL = (
    _TRIANGLE,
    _small("square", 4, 2),
    _TETRAHEDRON,
    _BIPYRAMIDS[0],
    _small("octahedron", 6, 3),
    _BIPYRAMIDS[1],
    _small("square_antiprism", 8, 3),
)


def ideal_polytopes() -> tuple[Network, ...]:
    """The paper's polytopes as networks that nobody trained."""
    return tuple(
        constructed(polytope.build(), model=IDEAL, experiment=name.replace(" ", "_"), run=BEST)
        for name, polytope in POLYTOPES.items()
    )


def components_named(name: str) -> Callable[[Sequence[Network]], int]:
    """A measure: how many components of the feature graphs are a polytope of this name."""
    return lambda networks: sum(part.name == name for part in _parts(networks))


def components_spanning_others(networks: Sequence[Network]) -> float:
    """The share of components of the paper's sizes that span other dimensions than the paper's.

    Not a number if there is none.
    """
    spanned = [
        part.dimensions == SPANNED[len(part.members)]
        for part in _parts(networks)
        if len(part.members) in SPANNED
    ]
    return 1.0 - float(np.mean(spanned)) if spanned else float("nan")


def factors_of_bipyramids(networks: Sequence[Network]) -> float:
    """The number of components of small models that are what their bipyramid should fall into."""
    wanted = {
        "triangular_bipyramid": {"triangle", "digon"},
        "pentagonal_bipyramid": {"pentagon", "digon"},
    }
    return float(sum(len(wanted.get(n.experiment, set()) & set(_names(n.W))) for n in networks))


def small_components(networks: Sequence[Network]) -> float:
    """The number of small models that fall into the components of their polytope, nothing else."""
    small = [network for network in networks if _polytope(network) in POLYTOPES]
    return float(
        sum(_names(POLYTOPES[_polytope(network)].build()) == _names(network.W) for network in small)
    )


def off_fraction_ideal(networks: Sequence[Network]) -> float:
    """The largest distance of D_i of ideal polytopes from the fractions d/k."""
    return max(
        float(np.abs(np.subtract.outer(feature_dimensionality(n.W), fractions)).min(axis=1).max())
        for n in networks
        if n.model == IDEAL
        for fractions in [np.array(POLYTOPES[_polytope(n)].fractions, dtype=float)]
    )


def off_fraction(network: Network) -> float:
    """The largest distance of D_i, sorted, from those of the experiment's polytope."""
    ideal = feature_dimensionality(POLYTOPES[_polytope(network)].build())
    return float(np.abs(np.sort(feature_dimensionality(network.W)) - np.sort(ideal)).max())


def off_simplex(network: Network) -> float:
    """The distance of the vector that WᵀW sends to zero from (1, …, 1), its mean being 1.

    Infinite if there is no such vector, or more than one.
    """
    vectors = null_vectors(network.W, snap=0.0)
    if len(vectors) != 1 or vectors[0].mean() == 0:
        return float("inf")
    return float(np.abs(vectors[0] / vectors[0].mean() - 1).max())


def _parts(networks: Sequence[Network]) -> list[Component]:
    """The components of the first one's experiment at all levels that are not dense.

    At dense ones the basis, and so the graph, is arbitrary.
    """
    return [
        part
        for network in networks
        if network.experiment == networks[0].experiment
        and float(dimensions_per_feature(network.W)) < dimensions.DENSE
        for part in components(network.W)
    ]


def _names(W: Float[np.ndarray, "m n"]) -> list[str]:
    return sorted(part.name for part in components(W))


def _polytope(network: Network) -> str:
    return network.experiment.replace("_", " ")


_claim = partial(
    Claim,
    section="Feature Dimensionality",
    anchor="#geometry-dimensionality",
    basis=ONE_RUN,
    task=PAPERS,
    control=SCATTERED,
)

CLAIMS = (
    _claim(
        id="C28",
        statement="These are the fractions of d/k that the k vertices of polytopes in d dimensions "
        "have: 2/k in polygons, 3/4 in a tetrahedron, 1/2 in an octahedron, 3/8 in a square "
        "antiprism; of bipyramids, those of the polygon and of the digon.",
        basis=_BEST_FOUND,
        cells=_SMALL,
        checks=(
            overall(
                "largest distance of D_i from d/k in ideal polytopes",
                off_fraction_ideal,
                at_most(1e-9, "rounding", "derived"),
            ),
            overall(
                "in the lowest-loss run of each small model",
                lambda networks: max(off_fraction(n) for n in networks if n.model != IDEAL),
                at_most(
                    0.02, "closer than half of the way to the next of these fractions, 0.025 off"
                ),
            ),
        ),
        constructed=ideal_polytopes,
    ),
    _claim(
        id="C29",
        statement="There is no line at 3/5 or 3/7, for bipyramids fall into a polygon and a digon "
        "at right angles, with fractions of their own.",
        basis=_BEST_FOUND,
        cells=(ALL_LEVELS, *_BIPYRAMIDS),
        checks=(
            *(check_line(*named, is_expected=False) for named in dimensions.NOT_EXPECTED.items()),
            overall(
                "polygons and digons among the components of the small models' bipyramids",
                factors_of_bipyramids,
                exactly(4, source="paper"),
            ),
        ),
    ),
    _claim(
        id="C30",
        statement="Features that are not orthogonal form small groups, each a polytope in "
        "dimensions of its own: digons, triangles, tetrahedra, pentagons and square antiprisms, "
        "in 1, 2, 3, 2 and 3 dimensions.",
        cells=(ALL_LEVELS, *_SMALL),
        checks=(
            *(
                overall(
                    f"{name}s with n = 400, m = 30" if name != "tetrahedron" else "tetrahedra",
                    components_named(name),
                    at_least(1, "they are in the paper's feature graphs", "paper"),
                    explanations=(NO_SIMPLICES,) if name in ("triangle", "tetrahedron") else (),
                )
                for name in ("digon", "triangle", "tetrahedron", "pentagon", "square antiprism")
            ),
            overall(
                "of components of 2, 3, 4, 5 and 8 features, part that spans other dimensions",
                components_spanning_others,
                at_most(0.1, "one in ten, where groups are about to join or part"),
            ),
            overall(
                "small models that fall into the components of their polytope",
                small_components,
                exactly(7, source="paper"),
            ),
        ),
    ),
    _claim(
        id="C35",
        section="Polytopes and Low-Rank Matrices",
        anchor="#geometry",
        statement="The best symmetric matrix of rank n − 1 sends (1, …, 1) to zero: a regular "
        "simplex, a triangle in two dimensions and a tetrahedron in three.",
        basis=_BEST_FOUND,
        cells=(_TRIANGLE, _TETRAHEDRON),
        checks=(
            Check(
                "largest distance of the null vector from (1, …, 1)",
                off_simplex,
                at_most(0.05, "half of what is written as an integer"),
            ),
            Check(
                "difference of WᵀW from the simplex's, lengths set equal",
                lambda n: match(n.W, POLYTOPES[_polytope(n)].build()).distance,
                at_most(0.05, "a fortieth of the range of the matrices' pictures"),
            ),
        ),
    ),
)
