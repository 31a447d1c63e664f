"""Ideal polytopes: unit directions of their vertices, as columns, and what they are called."""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float

_POLYGONS = ("triangle", "square", "pentagon", "hexagon", "heptagon", "octagon")
_SIMPLICES = ("digon", "triangle", "tetrahedron")
_GOLDEN = (1.0 + np.sqrt(5.0)) / 2.0


def polygon(k: int) -> Float[np.ndarray, "2 {k}"]:
    """Return the regular polygon of k vertices, counterclockwise from (1, 0)."""
    angle = 2.0 * np.pi * np.arange(k) / k
    return np.stack([np.cos(angle), np.sin(angle)])


def simplex(d: int) -> Float[np.ndarray, "{d} {d+1}"]:
    """Return the regular simplex in d dimensions: all cosines −1 / d. d = 1 is the digon."""
    if d == 1:
        return np.array([[1.0, -1.0]])
    rest = np.sqrt(1.0 - 1.0 / d**2) * simplex(d - 1)
    return np.block([[np.ones((1, 1)), np.full((1, d), -1.0 / d)], [np.zeros((d - 1, 1)), rest]])


def cross_polytope(d: int) -> Float[np.ndarray, "{d} {2*d}"]:
    """Return d digons at right angles: d = 2 is the square, d = 3 the octahedron."""
    return tegum(*[simplex(1)] * d)


def antiprism(k: int, height: float) -> Float[np.ndarray, "3 {2*k}"]:
    """Return two k-gons at ± height, one turned by half a step against the other.

    Three triangles high 1 / √3 are an octahedron. The square antiprism is a tight frame, with
    D_i = 3/8 exactly, at height 1 / √3; as the solution of Thomson's problem it has height 0.560.
    """
    angle = np.pi / k * np.concatenate([2 * np.arange(k), 2 * np.arange(k) + 1])
    radius = np.sqrt(1.0 - height**2)
    levels = np.repeat([height, -height], k)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle), levels])


def tegum(*factors: Float[np.ndarray, "_ _"]) -> Float[np.ndarray, "m n"]:
    """Return the tegum product of polytopes: each in dimensions of its own (a block sum)."""
    m, n = (sum(factor.shape[axis] for factor in factors) for axis in (0, 1))
    W = np.zeros((m, n))
    row = column = 0
    for factor in factors:
        W[row : row + factor.shape[0], column : column + factor.shape[1]] = factor
        row, column = row + factor.shape[0], column + factor.shape[1]
    return W


def polygon_name(k: int) -> str:
    """Return what a polygon of k vertices is called."""
    return _POLYGONS[k - 3] if 3 <= k <= 8 else f"{k}-gon"


def simplex_name(d: int) -> str:
    """Return what a regular simplex in d dimensions is called."""
    return _SIMPLICES[d - 1] if d <= 3 else f"{d}-simplex"


def candidates(
    k: int, d: int, axes: Float[np.ndarray, " _"]
) -> Iterator[tuple[str, Float[np.ndarray, "{d} {k}"]]]:
    """Give the named polytopes of k vertices that span d dimensions, the more regular first.

    Args:
        k: Vertices.
        d: Dimensions.
        axes: Singular values of the directions to be named, descending: an antiprism's tell its
            height h, for they are √k h along its axis and √(k (1 − h²) / 2) across.
    """
    if k == d + 1:
        yield simplex_name(d), simplex(d)
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
        for axis in (axes[0], axes[2]):  # the axis is the longest or the shortest direction
            height = min(float(axis) / np.sqrt(k), 1.0)
            yield f"{_adjective(k // 2)} antiprism", antiprism(k // 2, height)


def _adjective(k: int) -> str:
    """Return what a bipyramid or an antiprism over a polygon is called."""
    name = polygon_name(k)
    return {"triangle": "triangular", "square": "square"}.get(name, name.replace("gon", "gonal"))


def _cube() -> Float[np.ndarray, "3 8"]:
    """Return the cube."""
    side = np.array([1.0, -1.0]) / np.sqrt(3.0)
    return np.array(np.meshgrid(side, side, side)).reshape(3, 8)


def _icosahedron() -> Float[np.ndarray, "3 12"]:
    """Return the icosahedron: the corners of three golden rectangles."""
    flat = np.array([(0.0, a, b) for a in (1.0, -1.0) for b in (_GOLDEN, -_GOLDEN)])
    corners = np.concatenate([np.roll(flat, turn, axis=1) for turn in range(3)]).T
    corners /= np.sqrt(1.0 + _GOLDEN**2)
    return corners
