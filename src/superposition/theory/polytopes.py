"""The shapes that the paper names, and the fraction of a dimension that they leave each feature.

k unit vectors that fill d dimensions evenly, all alike, leave each d/k. Products (tegum products:
shapes in orthogonal spaces) keep the fractions of their factors, so that a bipyramid has two kinds
of vertices, and there is no 3/5 or 3/7 (paper: The Geometry of Superposition, #geometry-uniform).
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from jaxtyping import Float

from superposition.geometry.shapes import antiprism, cross_polytope, polygon, simplex, tegum

TIGHT_HEIGHT = float(1.0 / np.sqrt(3.0))
"""Half the height of the square antiprism that fills its three dimensions evenly: D_i = 3/8."""


@dataclass(frozen=True)
class Polytope:
    """A named shape."""

    build: Callable[[], Float[np.ndarray, "d k"]]
    """Returns the vertices, unit vectors `[d, k]`."""
    fractions: tuple[Fraction, ...]
    """Feature dimensionality D_i, of each kind of vertices."""


POLYTOPES = {
    "digon": Polytope(lambda: simplex(1), (Fraction(1, 2),)),
    "triangle": Polytope(lambda: simplex(2), (Fraction(2, 3),)),
    "tetrahedron": Polytope(lambda: simplex(3), (Fraction(3, 4),)),
    "square": Polytope(lambda: cross_polytope(2), (Fraction(1, 2),)),
    "pentagon": Polytope(lambda: polygon(5), (Fraction(2, 5),)),
    "octahedron": Polytope(lambda: cross_polytope(3), (Fraction(1, 2),)),
    "square antiprism": Polytope(lambda: antiprism(4, TIGHT_HEIGHT), (Fraction(3, 8),)),
    "triangular bipyramid": Polytope(
        lambda: tegum(simplex(2), simplex(1)), (Fraction(2, 3), Fraction(1, 2))
    ),
    "pentagonal bipyramid": Polytope(
        lambda: tegum(polygon(5), simplex(1)), (Fraction(2, 5), Fraction(1, 2))
    ),
}
"""By name. Square, octahedron and bipyramids are products of simpler ones."""
