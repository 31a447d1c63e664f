"""Ideal polytopes: their vertices, names, and the fraction of a dimension that each feature gets.

Vertices are unit vectors, the columns of `[d, k]`. k of them that fill d dimensions evenly, all
alike, leave each d/k. Products (tegum products: shapes in orthogonal spaces) keep the fractions of
their factors, so that a bipyramid has two kinds of vertices, and there is no 3/5 or 3/7.

Paper: The Geometry of Superposition (#geometry-uniform).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from jaxtyping import Float

from superposition.measure.elementary import cos_of_turns, sin_of_turns
from superposition.measure.geometry.singular import singular_values
from superposition.measure.metrics import norms

_POLYGONS = ("triangle", "square", "pentagon", "hexagon", "heptagon", "octagon")
_SIMPLICES = {1: "digon", 2: "triangle", 3: "tetrahedron"}
_GOLDEN = (1.0 + np.sqrt(5.0)) / 2.0
TIGHT_HEIGHT = float(1.0 / np.sqrt(3.0))
"""Half the height of the square antiprism that fills its three dimensions evenly: D_i = 3/8."""


def polygon(k: int) -> Float[np.ndarray, "2 {k}"]:
    """The regular polygon of k vertices, counterclockwise from (1, 0)."""
    turns = np.arange(k) / k
    return np.stack([cos_of_turns(turns), sin_of_turns(turns)])


def simplex(d: int) -> Float[np.ndarray, "{d} {d+1}"]:
    """The regular simplex in d dimensions: all cosines −1 / d. d = 1 is the digon."""
    if d == 1:
        return np.array([[1.0, -1.0]])
    rest = np.sqrt(1.0 - 1.0 / d**2) * simplex(d - 1)
    return np.block([[np.ones((1, 1)), np.full((1, d), -1.0 / d)], [np.zeros((d - 1, 1)), rest]])


def cross_polytope(d: int) -> Float[np.ndarray, "{d} {2*d}"]:
    """The cross-polytope, d digons at right angles: a square for d = 2, an octahedron for d = 3."""
    return tegum(*[simplex(1)] * d)


def antiprism(k: int, height: float) -> Float[np.ndarray, "3 {2*k}"]:
    """Two k-gons at ± height, one turned by half a step against the other.

    Three triangles high 1 / √3 are an octahedron. The square antiprism is a tight frame, with
    D_i = 3/8 exactly, at height 1 / √3; as the solution of Thomson's problem it has height 0.560.
    """
    turns = np.concatenate([np.arange(k), np.arange(k) + 0.5]) / k
    radius = np.sqrt(1.0 - height**2)
    levels = np.repeat([height, -height], k)
    return np.stack([radius * cos_of_turns(turns), radius * sin_of_turns(turns), levels])


def tegum(*factors: Float[np.ndarray, "_ _"]) -> Float[np.ndarray, "m n"]:
    """The tegum product of polytopes: each in dimensions of its own (a block sum)."""
    m, n = (sum(factor.shape[axis] for factor in factors) for axis in (0, 1))
    W = np.zeros((m, n))
    row = column = 0
    for factor in factors:
        W[row : row + factor.shape[0], column : column + factor.shape[1]] = factor
        row, column = row + factor.shape[0], column + factor.shape[1]
    return W


def polygon_name(k: int) -> str:
    """The name of a polygon of k vertices."""
    return _POLYGONS[k - 3] if 3 <= k <= 8 else f"{k}-gon"


def candidates(
    W: Float[np.ndarray, "m k"], d: int
) -> Iterator[tuple[str, Float[np.ndarray, "d k"]]]:
    """The named polytopes that k directions in d dimensions may be, the more regular first.

    An antiprism's height h is told by the singular values of the directions, √k h along its axis
    and √(k (1 − h²) / 2) across.
    """
    k = W.shape[1]
    if k == d + 1:
        yield _SIMPLICES.get(d, f"{d}-simplex"), simplex(d)
    elif d == 2:
        yield polygon_name(k), polygon(k)
    elif k == 2 * d and d >= 3:
        yield "octahedron" if d == 3 else f"{d}-dimensional cross-polytope", cross_polytope(d)
    if d != 3:
        return
    if k in (5, 7):
        yield f"{_adjective(k - 2)} bipyramid", tegum(polygon(k - 2), simplex(1))
    if k == 8:
        yield "cube", _cube()
    if k == 12:
        yield "icosahedron", _icosahedron()
    if k >= 6 and k % 2 == 0:
        axes = singular_values(W / norms(W))
        for axis in (axes[0], axes[2]):  # the axis is the longest or the shortest direction
            height = min(float(axis) / np.sqrt(k), 1.0)
            yield f"{_adjective(k // 2)} antiprism", antiprism(k // 2, height)


def _adjective(k: int) -> str:
    """The adjective for a bipyramid or an antiprism over a polygon."""
    name = polygon_name(k)
    return {"triangle": "triangular", "square": "square"}.get(name, name.replace("gon", "gonal"))


def _cube() -> Float[np.ndarray, "3 8"]:
    """The cube."""
    side = np.array([1.0, -1.0]) / np.sqrt(3.0)
    return np.array(np.meshgrid(side, side, side)).reshape(3, 8)


def _icosahedron() -> Float[np.ndarray, "3 12"]:
    """The icosahedron: the corners of three golden rectangles."""
    flat = np.array([(0.0, a, b) for a in (1.0, -1.0) for b in (_GOLDEN, -_GOLDEN)])
    corners = np.concatenate([np.roll(flat, turn, axis=1) for turn in range(3)]).T
    corners /= np.sqrt(1.0 + _GOLDEN**2)
    return corners


@dataclass(frozen=True)
class Polytope:
    """A named shape."""

    build: Callable[[], Float[np.ndarray, "d k"]]
    """The vertices, unit vectors `[d, k]`."""
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
