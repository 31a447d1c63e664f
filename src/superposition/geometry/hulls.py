"""Edges and faces of polytopes in three dimensions, for drawing them."""

from itertools import combinations
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from superposition.geometry.singular import effective_rank
from superposition.metrics import norms

FLAT = 0.05
"""Vertices this close to a face's plane, in units of the longest vertex, belong to the face.

Enough for the squares of a trained antiprism to be drawn as squares, not as two triangles each.
"""
LARGEST = 12
"""Vertices up to which every plane through three of them is tried."""


class Hull(NamedTuple):
    """Convex hull of points in three dimensions."""

    faces: tuple[tuple[int, ...], ...]
    """Vertices of each face, counterclockwise seen from outside."""
    edges: tuple[tuple[int, int], ...]
    """Two vertices each."""


def hull(W: Float[np.ndarray, "3 n"], flat: float = FLAT) -> Hull:
    """Return the faces and the edges of the convex hull of the columns.

    Every plane through three vertices with none outside it is a face, and all vertices that lie in
    it belong to that face.

    Args:
        W: Vertices; those inside the hull are in no face.
        flat: Distance from a plane at which a vertex is taken to lie in it.

    Raises:
        ValueError: If there are more than `LARGEST` vertices, or they lie in a plane.
    """
    W = np.asarray(W, dtype=np.float64)
    n = W.shape[1]
    if n > LARGEST:
        raise ValueError(f"there are {n} vertices; hulls are drawn up to {LARGEST}")
    centred = W - W.mean(axis=1, keepdims=True)
    if effective_rank(centred, relative=flat) < 3:
        raise ValueError("the vertices lie in a plane and have no hull to draw")
    planes = _faces(centred, flat * float(norms(centred).max()))
    faces = tuple(sorted(_ordered(centred, members, normal) for members, normal in planes.items()))
    edges = {
        (min(pair), max(pair))
        for face in faces
        for pair in zip(face, (*face[1:], face[0]), strict=True)
    }
    return Hull(faces, tuple(sorted(edges)))


def _faces(W: Float[np.ndarray, "3 n"], flat: float) -> dict[frozenset[int], np.ndarray]:
    """Return the vertices of each face with its normal, outward; none is part of another."""
    found: dict[frozenset[int], np.ndarray] = {}
    for triple in combinations(range(W.shape[1]), 3):
        a, b, c = (W[:, i] for i in triple)
        normal = np.cross(b - a, c - a)
        area = np.sqrt((normal**2).sum())
        if area <= flat**2:
            continue
        normal = normal / area
        offset = float((normal * a).sum())
        heights = (normal[:, None] * W).sum(axis=0) - offset
        if heights.max() > flat and heights.min() < -flat:
            continue
        members = frozenset(int(i) for i in np.flatnonzero(np.abs(heights) <= flat))
        found.setdefault(members, normal if heights.max() <= flat else -normal)
    return {
        members: normal
        for members, normal in found.items()
        if not any(members < other for other in found)
    }


def _ordered(
    W: Float[np.ndarray, "3 n"], members: frozenset[int], normal: Float[np.ndarray, " 3"]
) -> tuple[int, ...]:
    """Return a face's vertices counterclockwise seen from outside, from its first one."""
    face = np.array(sorted(members))
    spokes = W[:, face] - W[:, face].mean(axis=1, keepdims=True)
    first = spokes[:, 0]
    second = np.cross(normal, first)
    turn = np.arctan2((second[:, None] * spokes).sum(axis=0), (first[:, None] * spokes).sum(axis=0))
    turn[0] = 0.0
    return tuple(int(i) for i in face[np.argsort(turn % (2.0 * np.pi), kind="stable")])
