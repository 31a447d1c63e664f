"""Feature graphs and polytopes: what the lines of Feature Dimensionality are made of.

Feature graphs show the polytopes that features form, and small models are one each; the experiment
of a small model is named like its polytope.
"""

from collections.abc import Sequence
from functools import partial
from math import fsum

import numpy as np
from jaxtyping import Float

from superposition.claims.bounds import at_least, at_most, exactly
from superposition.claims.claim import Basis, Cells, Check, Task, claim, overall
from superposition.claims.controls import PENTAGONS, SCATTERED
from superposition.claims.sections.dimensionality import SPARSE, check_no_line
from superposition.claims.sections.uniform import (
    ALL_LEVELS,
    MANY_LEVELS,
    ONE_RUN,
    PAPERS,
    RESTARTED,
)
from superposition.claims.statistics import constructed
from superposition.measure.geometry import dimensions
from superposition.measure.geometry.graphs import Component, components
from superposition.measure.geometry.polytopes import match, null_vectors
from superposition.measure.geometry.shapes import POLYTOPES
from superposition.measure.metrics import dimensions_per_feature, feature_dimensionality
from superposition.measure.network import BEST, Network
from superposition.measure.structures.payoff import TOLERANCE, composition, paying

IDEAL = "ideal"
"""`model` of networks that were constructed."""
SPANNED = {2: 1, 3: 2, 4: 3, 5: 2, 8: 3}
"""Dimensions that the paper's components span, by their number of features: digon, triangle,
tetrahedron, pentagon and square antiprism."""


_SMALL = {
    name: Cells("relu", task=Task(name, n_features, n_hidden, importance_decay=1.0))
    for name, n_features, n_hidden in (
        ("triangle", 3, 2),
        ("square", 4, 2),
        ("tetrahedron", 4, 3),
        ("triangular_bipyramid", 5, 3),
        ("octahedron", 6, 3),
        ("pentagonal_bipyramid", 7, 3),
        ("square_antiprism", 8, 3),
    )
}
"""The cells of small models, each of which has a polytope for its solution."""


def _components_named(name: str, networks: Sequence[Network]) -> int:
    return sum(part.name == name for part in _parts(networks))


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


def share_that_pays(networks: Sequence[Network]) -> float:
    """The smallest share, of any level, of learned features in polytopes that pay most there.

    Of levels that are neither dense, where the basis is arbitrary, nor so sparse that features no
    longer fall into groups. Not a number if there is none.
    """
    shares = []
    for network in networks:
        star = float(dimensions_per_feature(network.W))
        if star < dimensions.DENSE and 1 / network.density <= SPARSE:
            made = composition([network.W])
            shares.append(fsum(made[name] for name in paying(network.density)))
    return min(shares, default=float("nan"))


def _factors_of_bipyramids(networks: Sequence[Network]) -> float:
    wanted = {"triangular_bipyramid": "triangle", "pentagonal_bipyramid": "pentagon"}
    small = [(n.W, {wanted[n.experiment], "digon"}) for n in networks if n.experiment in wanted]
    return float(sum(len(factors & set(_names(W))) for W, factors in small))


def _small_components(networks: Sequence[Network]) -> float:
    small = [(n.W, POLYTOPES[_polytope(n)]) for n in networks if _polytope(n) in POLYTOPES]
    return float(sum(_names(W) == _names(polytope.build()) for W, polytope in small))


def _off_fraction_ideal(networks: Sequence[Network]) -> float:
    ideal = [(n.W, POLYTOPES[_polytope(n)].fractions) for n in networks if n.model == IDEAL]
    off = [np.subtract.outer(feature_dimensionality(W), np.array(d_k, float)) for W, d_k in ideal]
    return max(float(np.abs(apart).min(axis=1).max()) for apart in off)


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
    claim,
    section="Feature Dimensionality",
    anchor="#geometry-dimensionality",
    basis=Basis(
        "lowest loss",
        "The paper speaks of the polytope that solves a problem; of several fits it keeps the one "
        "with the lowest loss.",
    ),
    task=PAPERS,
    control=SCATTERED,
)

CLAIMS = (
    _claim(
        "C28",
        "The fractions at which features cluster are d/k, those of the k vertices of polytopes in "
        "d dimensions: 2/k in polygons, 3/4 in a tetrahedron, 1/2 in an octahedron, 3/8 in a "
        "square antiprism; a bipyramid has those of its polygon and of its digon. Small models "
        "have them, each at a density that was chosen because its polytope is the best solution "
        "there.",
        overall(
            "largest distance of D_i from d/k in ideal polytopes",
            _off_fraction_ideal,
            at_most(1e-9, "rounding", "derived"),
        ),
        overall(
            "in the lowest-loss run of each small model",
            lambda networks: max(off_fraction(n) for n in networks if n.model != IDEAL),
            at_most(0.02, "less than the smallest distance between two of these fractions, 0.025"),
        ),
        cells=(*_SMALL.values(),),
        constructed=lambda: tuple(
            constructed(polytope.build(), model=IDEAL, experiment=name.replace(" ", "_"), run=BEST)
            for name, polytope in POLYTOPES.items()
        ),
    ),
    _claim(
        "C29",
        "There is no line at 3/5 or 3/7, because bipyramids fall into a polygon and a digon at "
        "right angles, with fractions of their own.",
        *(check_no_line(*named) for named in dimensions.NOT_EXPECTED.items()),
        overall(
            "polygons and digons among the components of the small models' bipyramids",
            _factors_of_bipyramids,
            exactly(4, source="paper"),
        ),
        cells=(MANY_LEVELS, _SMALL["triangular_bipyramid"], _SMALL["pentagonal_bipyramid"]),
        changed=f"{RESTARTED} Lines were looked for in windows at 3/5 and 3/7; such windows at "
        "the fractions of C27 would miss its lines.",
    ),
    _claim(
        "C30",
        "Features that are not orthogonal form small groups, each a polytope in "
        "dimensions of its own: digons, triangles, tetrahedra, pentagons and square antiprisms, "
        "in 1, 2, 3, 2 and 3 dimensions.",
        *(
            overall(
                f"{name}s with n = 400, m = 30" if name != "tetrahedron" else "tetrahedra",
                partial(_components_named, name),
                at_least(1, "they are in the paper's feature graphs", "paper"),
            )
            for name in ("digon", "triangle", "tetrahedron", "pentagon", "square antiprism")
        ),
        overall(
            "part of the components of 2, 3, 4, 5 and 8 features that spans another number of "
            "dimensions",
            components_spanning_others,
            at_most(0.1, "one in ten, where groups are about to join or part"),
        ),
        overall(
            "small models that fall into the components of their polytope",
            _small_components,
            exactly(7, source="paper"),
        ),
        basis=ONE_RUN,
        changed="Networks trained on a sixth of the samples, one for each level, had neither "
        "triangles nor tetrahedra. Now there are three for each, trained until more steps change "
        f"little. {RESTARTED}",
        cells=(ALL_LEVELS, *_SMALL.values()),
    ),
    _claim(
        "C35",
        "The best symmetric matrix of rank n − 1 sends (1, …, 1) to zero: a regular "
        "simplex, a triangle in two dimensions and a tetrahedron in three. Densities are those at "
        "which the simplex is the best solution; few of many runs find the tetrahedron.",
        Check(
            "largest distance of the null vector from (1, …, 1)",
            off_simplex,
            at_most(0.05, "half of the distance at which an entry is rounded to an integer"),
        ),
        Check(
            "difference of WᵀW from the simplex's, lengths set equal",
            lambda n: match(n.W, POLYTOPES[_polytope(n)].build()).distance,
            at_most(0.05, "a fortieth of the range of the matrices' pictures"),
        ),
        section="Polytopes and Low-Rank Matrices",
        anchor="#geometry",
        cells=(_SMALL["triangle"], _SMALL["tetrahedron"]),
    ),
    _claim(
        "E5",
        "Trained networks are made of the polytopes that save most: wherever features fall into "
        "groups, most learned features are in polytopes whose dimensions save as much as those of "
        f"the best, within {TOLERANCE:.0%}.",
        overall(
            f"smallest share of learned features in such polytopes, of levels up to "
            f"1/(1 − S) = {SPARSE:g}",
            share_that_pays,
            at_least(
                0.5,
                f"most; and within {TOLERANCE:.0%}, because features that are hardly learned take "
                "about that part of what a network's dimensions save, and the theory leaves them "
                "out",
            ),
        ),
        basis=Basis(
            "lowest loss",
            "An observation of ours: the paper does not compare losses of polytopes. The rule was "
            "fixed on seven networks that are not part of the build.",
        ),
        cells=(ALL_LEVELS,),
        control=PENTAGONS,
        origin="ours",
    ),
)
