"""The feature graph: which features share dimensions, and the polytope each group of them is.

Nodes are the represented features, and an edge joins two that are not orthogonal. Features of
different components are orthogonal, so that the solution is the tegum product of its components: an
octahedron is three digons, a square two, a triangular bipyramid a triangle and a digon.

Paper: The Geometry of Superposition, "Feature geometry graphs" (#geometry-dimensionality).
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from superposition.measure.caching import cached
from superposition.measure.geometry.polytopes import fit
from superposition.measure.geometry.shapes import candidates
from superposition.measure.geometry.singular import effective_rank
from superposition.measure.metrics import cosines, gram, is_represented

NODE = 0.5
"""A feature is a node if ‖W_i‖ exceeds this.

In trained networks of 200 uniform features no norm lay between 0.4 and 0.8. The cut for single
features in `metrics`, 0.9, would lose the members of collapsed pairs, which are √½ long.
"""
EDGE = 0.1
"""An edge joins two features if |W_i · W_j| exceeds this.

The paper gives no number. Where networks of 200 uniform features fall into digons, other products
are below 0.02. Where they begin to crowd (D* = 0.42), 17 pairs share 15 dimensions by products of
up to 0.15, each with D_i = 0.44: at an edge of 0.2 they would pass for 17 digons, and the
components for more dimensions than there are. Sparser networks are one component at any edge up to
0.4. A regular simplex in d dimensions needs an edge below 1 / d.
"""
TOLERANCE = 0.1
"""A component is a polytope if every cosine is this close to the polytope's."""

SINGLE = "single"
"""Name of a component of one feature: it has a dimension of its own."""


@dataclass(frozen=True)
class Component:
    """A connected component of the feature graph.

    Attributes:
        members: Its features.
        dimensions: Dimensions they span (`singular.effective_rank`).
        name: Polytope that their directions are, or "k features in d dimensions".
        is_named: Whether it is a known polytope.
    """

    members: tuple[int, ...]
    dimensions: int
    name: str
    is_named: bool


def edge_weights(W: Float[np.ndarray, "m n"]) -> Float[np.ndarray, "n n"]:
    """|W_i · W_j|, and 0 on the diagonal."""
    products: np.ndarray = np.abs(gram(W))
    products[np.diag_indices(len(products))] = 0.0
    return products


@cached(256)
def components(W: Float[np.ndarray, "m n"], edge: float = EDGE) -> tuple[Component, ...]:
    """The components of the feature graph, in the order of their first members.

    Args:
        W: Weights.
        edge: An edge joins two features if |W_i · W_j| exceeds this.
    """
    W = np.asarray(W, dtype=np.float64)
    nodes = is_represented(W, NODE)
    first = _first_members((edge_weights(W) > edge) & nodes[:, None] & nodes)
    found = []
    for member in np.unique(first[nodes]):
        members = np.flatnonzero(first == member)
        d = effective_rank(W[:, members])
        name = polytope_name(W[:, members], d)
        other = f"{members.size} features in {d} dimension{'s' * (d != 1)}"
        found.append(Component(tuple(members.tolist()), d, name or other, name is not None))
    return tuple(found)


def polytope_name(W: Float[np.ndarray, "m k"], dimensions: int) -> str | None:
    """The name of the polytope that directions are, or None if no known one fits.

    A polytope has this name if its vertices can be put in an order in which every cosine is within
    `TOLERANCE`. Lengths do not matter, and neither do rotations. If several fit, the more regular
    one counts: an octahedron is a triangular antiprism, too.

    Args:
        W: Columns of one component, all longer than zero.
        dimensions: The number that they span.
    """
    if W.shape[1] == 1:
        return SINGLE
    for name, ideal in candidates(W, dimensions):
        if fit(cosines(W), cosines(ideal), TOLERANCE):
            return name
    return None


def _first_members(joined: Bool[np.ndarray, "n n"]) -> Int[np.ndarray, " n"]:
    """The first member of the connected component of each feature."""
    n = len(joined)
    first, lower = np.full(n, n), np.arange(n)
    while (lower < first).any():
        first = lower
        lower = np.minimum(first, np.where(joined, first, n).min(axis=1))
    return first
