"""Edges and faces of polytopes in three dimensions."""

from itertools import combinations
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from superposition.measure.elementary import degrees
from superposition.measure.metrics import norms

FLAT = 0.12
"""Vertices this close to a face's plane, in units of the longest vertex, belong to the face.

Enough for the squares of a trained antiprism to be squares, not two triangles each.
"""


class Hull(NamedTuple):
    """Convex hull of points in three dimensions."""

    faces: tuple[tuple[int, ...], ...]
    """Vertices of each face, counterclockwise seen from outside."""
    edges: tuple[tuple[int, int], ...]
    """Two vertices each."""


def hull(W: Float[np.ndarray, "3 n"]) -> Hull:
    """The faces and the edges of the convex hull of the columns.

    Every plane through three vertices with none outside it is a face, and all vertices that lie in
    it belong to that face. Vertices inside the hull are in no face; those that all lie in a plane
    have that one face.
    """
    W = W - W.mean(axis=1, keepdims=True)
    normals = _faces(W, FLAT * float(norms(W).max()))
    faces = sorted(_ordered(W, members, normal) for members, normal in normals.items())
    edges = {
        (min(pair), max(pair))
        for face in faces
        for pair in zip(face, (*face[1:], face[0]), strict=True)
    }
    return Hull(tuple(faces), tuple(sorted(edges)))


def _faces(W: Float[np.ndarray, "3 n"], flat: float) -> dict[frozenset[int], np.ndarray]:
    """The vertices of each face with its normal, outward; none is part of another."""
    found: dict[frozenset[int], np.ndarray] = {}
    for a, b, c in combinations(W.T, 3):
        normal = np.cross(b - a, c - a)
        area = np.sqrt((normal**2).sum())
        if area <= flat**2:
            continue
        normal = normal / area
        heights = (normal[:, None] * (W - a[:, None])).sum(axis=0)
        if heights.max() > flat and heights.min() < -flat:
            continue
        members = frozenset(np.flatnonzero(np.abs(heights) <= flat).tolist())
        found.setdefault(members, normal if heights.max() <= flat else -normal)
    return {
        members: normal
        for members, normal in found.items()
        if not any(members < other for other in found)
    }


def _ordered(
    W: Float[np.ndarray, "3 n"], members: frozenset[int], normal: Float[np.ndarray, " 3"]
) -> tuple[int, ...]:
    """A face's vertices counterclockwise seen from outside, from its first one."""
    face = np.array(sorted(members))
    spokes = W[:, face] - W[:, face].mean(axis=1, keepdims=True)
    first = spokes[:, 0]
    second = np.cross(normal, first)
    along, across = ((one[:, None] * spokes).sum(axis=0) for one in (first, second))
    turn = degrees(across, along)
    turn[0] = 0.0
    return tuple(face[np.argsort(turn % 360.0, kind="stable")].tolist())
