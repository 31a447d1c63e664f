"""The feature graph: which features share dimensions, and the polytope each group of them is.

Nodes are the represented features, and an edge joins two that are not orthogonal. Features of
different components are orthogonal, so that the solution is the tegum product of its components: an
octahedron is three digons, a square two, a triangular bipyramid a triangle and a digon.

Paper: The Geometry of Superposition, "Feature geometry graphs" (#geometry-dimensionality).
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from superposition.geometry.polytopes import fit
from superposition.geometry.shapes import candidates
from superposition.geometry.singular import effective_rank, singular_values
from superposition.metrics import cosines, feature_dimensionality, gram, is_represented, norms

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
        total_dimensionality: Σ D_i of its members, near `dimensions` if they share with no other.
        deviation: Largest difference of a cosine from the polytope's; not a number if it is none.
    """

    members: tuple[int, ...]
    dimensions: int
    name: str
    total_dimensionality: float
    deviation: float

    @property
    def is_named(self) -> bool:
        """Whether it is a known polytope."""
        return not np.isnan(self.deviation)


def edge_weights(W: Float[np.ndarray, "m n"]) -> Float[np.ndarray, "n n"]:
    """Return |W_i · W_j|, and 0 on the diagonal."""
    products: np.ndarray = np.abs(gram(W))
    products[np.diag_indices(len(products))] = 0.0
    return products


def adjacency(
    W: Float[np.ndarray, "m n"], edge: float = EDGE, node: float = NODE
) -> Bool[np.ndarray, "n n"]:
    """Return which two features an edge joins.

    Args:
        W: Weights.
        edge: Product that an edge must exceed.
        node: Norm that a node must exceed.
    """
    present = is_represented(W, node)
    joined: np.ndarray = (edge_weights(W) > edge) & present[:, None] & present[None, :]
    return joined


def components(
    W: Float[np.ndarray, "m n"],
    edge: float = EDGE,
    node: float = NODE,
    tolerance: float = TOLERANCE,
) -> tuple[Component, ...]:
    """Return the components of the feature graph, in the order of their first members.

    Args:
        W: Weights.
        edge: Product that an edge must exceed.
        node: Norm that a node must exceed.
        tolerance: Largest difference of a cosine from that of a polytope of this name.
    """
    W = np.asarray(W, dtype=np.float64)
    joined = adjacency(W, edge, node)
    dimensionality = feature_dimensionality(W)
    found = []
    for members in _connected(joined, np.flatnonzero(is_represented(W, node))):
        columns = W[:, members]
        dimensions = effective_rank(columns)
        name, deviation = polytope_name(columns, dimensions, tolerance)
        total = float(dimensionality[members].sum())
        found.append(Component(tuple(members), dimensions, name, total, deviation))
    return tuple(found)


def polytope_name(
    W: Float[np.ndarray, "m k"], dimensions: int | None = None, tolerance: float = TOLERANCE
) -> tuple[str, float]:
    """Return what polytope directions are, and their largest deviation from it.

    A polytope has this name if its vertices can be put in an order in which every cosine is within
    the tolerance. Lengths do not matter, and neither do rotations. If several fit, the more regular
    one counts: an octahedron is a triangular antiprism, too.

    Args:
        W: Columns of one component, all longer than zero.
        dimensions: What they span; by default their effective rank.
        tolerance: Largest difference of a cosine.

    Returns:
        The name, and the largest difference; "k features in d dimensions" and not a number if no
        known polytope fits.
    """
    k = W.shape[1]
    d = effective_rank(W) if dimensions is None else dimensions
    if k == 1:
        return SINGLE, 0.0
    found = cosines(W)
    # Only antiprisms, in three dimensions, are told by their axes.
    axes = singular_values(W / norms(W)) if d == 3 else np.zeros(0)
    fits: dict[str, float] = {}
    for name, directions in candidates(k, d, axes):
        order = fit(found, cosines(directions), tolerance)
        if order is not None:
            fits[name] = min(order[1], fits.get(name, np.inf))
    if not fits:
        return f"{k} features in {d} dimension{'s' * (d != 1)}", float("nan")
    return next(iter(fits.items()))


def _connected(joined: Bool[np.ndarray, "n n"], nodes: np.ndarray) -> list[list[int]]:
    """Return the connected components, each sorted, in the order of their first members."""
    waiting = dict.fromkeys(int(i) for i in nodes)
    parts = []
    while waiting:
        first = next(iter(waiting))
        del waiting[first]
        members, frontier = [first], [first]
        while frontier:
            here = frontier.pop()
            reached = [j for j in waiting if joined[here, j]]
            for j in reached:
                del waiting[j]
            members += reached
            frontier += reached
        parts.append(sorted(members))
    return parts
