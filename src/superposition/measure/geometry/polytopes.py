"""Found solutions against ideal polytopes, and what WᵀW sends to zero.

Two sets of directions are the same polytope if a rotation and a relabelling take one to the other.
A rotation changes no inner product, so only relabellings have to be searched.
"""

from itertools import permutations
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from superposition.measure.geometry.singular import counted, decompose
from superposition.measure.metrics import gram, product

SNAP = 0.1
"""An entry this close to an integer is written as one."""


class Match(NamedTuple):
    """How a found solution fits an ideal polytope."""

    order: tuple[int, ...]
    """Feature at each vertex: W[:, order] is to be held against the ideal."""
    distance: float
    """Root mean square difference of the entries of the Gram matrices, the found one scaled to the
    trace of the ideal's."""


def match(W: Float[np.ndarray, "m n"], ideal: Float[np.ndarray, "d n"]) -> Match:
    """The fit of a solution to an ideal polytope, by the best of all orders of its features.

    Every order is tried: of eight vertices, of which named polytopes have no more, 40 320.

    The solution may be of any size, and have more dimensions.
    """
    n = W.shape[1]
    found, wanted = gram(W), gram(ideal)
    if found.any():
        found *= np.trace(wanted) / np.trace(found)
    orders = np.array(list(permutations(range(n))))
    error = np.zeros(len(orders))
    for i in range(n):
        for j in range(i + 1):
            weight = 1.0 if i == j else 2.0
            error += weight * (found[orders[:, i], orders[:, j]] - wanted[i, j]) ** 2
    best = int(error.argmin())
    return Match(tuple(orders[best].tolist()), float(np.sqrt(error[best]) / n))


def fit(
    products: Float[np.ndarray, "n n"], ideal: Float[np.ndarray, "n n"], tolerance: float
) -> list[int] | None:
    """The first order of features that brings every product near the ideal's, or None.

    Works for more vertices than `match`, because a partial order is dropped at the first product
    that is off.

    Args:
        products: Products of the found directions, such as their cosines.
        ideal: Those of the ideal polytope.
        tolerance: Largest difference allowed in any entry.
    """
    n = len(products)
    rows, wanted = np.sort(products, axis=1), np.sort(ideal, axis=1)
    # A feature can only stand where its sorted products fit. This rules most orders out at once.
    able = np.abs(rows[None] - wanted[:, None]).max(axis=2) <= tolerance
    pairs = np.triu_indices(n, 1)
    sorted_pairs = np.abs(np.sort(products[pairs]) - np.sort(ideal[pairs]))
    if not able.any(axis=1).all() or sorted_pairs.max(initial=0.0) > tolerance:
        return None
    near = np.abs(products[None, None] - ideal[:, :, None, None]) <= tolerance
    return _extend([], able, near)


def _extend(order: list[int], able: np.ndarray, near: np.ndarray) -> list[int] | None:
    """The order, extended to all vertices, or None if that cannot be."""
    vertex = len(order)
    if vertex == len(able):
        return order
    free = able[vertex].copy()
    free[order] = False
    for other, used in enumerate(order):
        free &= near[vertex, other, :, used]
    for feature in np.flatnonzero(free).tolist():
        whole = _extend([*order, feature], able, near)
        if whole is not None:
            return whole
    return None


def rotation_onto(
    W: Float[np.ndarray, "m n"], target: Float[np.ndarray, "m n"]
) -> Float[np.ndarray, "m m"]:
    """The rotation (or reflection) Q that brings Q W closest to a target (Procrustes).

    With this, frames of a film, or solutions plotted over each other, share an orientation.
    """
    parts = decompose(product(target, W.T))
    left, right = parts.left.copy(), parts.right
    for k in np.flatnonzero(parts.values == 0):
        # Directions that neither set uses: any orthonormal completion will do.
        rest = np.eye(len(left)) - product(left, left.T)
        outside = rest[:, np.diagonal(rest).argmax()]
        left[:, k] = outside / np.sqrt((outside**2).sum())
    return product(left, right.T)


def null_vectors(W: Float[np.ndarray, "m n"], snap: float = SNAP) -> Float[np.ndarray, "_ n"]:
    """A readable basis of the vectors that W, and so WᵀW, sends to zero.

    In reduced row echelon form: each vector has a 1 where the others have 0, so that a tegum
    product falls into vectors of its factors. Then each is multiplied to integers if some
    multiple up to four is nearly integer. A triangle gives (1, 1, 1), a square (1, 0, 1, 0) and
    (0, 1, 0, 1).

    Paper: The Geometry of Superposition, "Polytopes and Low-Rank Matrices" (#geometry).

    Args:
        W: Weights.
        snap: Entries this close to integers become integers; with 0, what is found is left as it
            is.

    Returns:
        One vector a row.
    """
    parts = decompose(W)
    basis = _echelon(np.array(parts.right.T[~counted(parts.values)]))
    return np.array([_to_integers(vector, snap) for vector in basis]).reshape(-1, W.shape[1])


def _echelon(basis: Float[np.ndarray, "k n"]) -> Float[np.ndarray, "k n"]:
    """The reduced row echelon form of orthonormal rows."""
    row = 0
    for column in range(basis.shape[1]):
        if row == len(basis):
            break
        pivot = row + int(np.abs(basis[row:, column]).argmax())
        if abs(basis[pivot, column]) < SNAP:
            continue
        basis[[row, pivot]] = basis[[pivot, row]]
        basis[row] /= basis[row, column]
        for other in range(len(basis)):
            if other != row:
                basis[other] -= basis[other, column] * basis[row]
        row += 1
    return basis


def _to_integers(vector: Float[np.ndarray, " n"], snap: float) -> Float[np.ndarray, " n"]:
    """The smallest nearly integer multiple as integers; else the vector itself."""
    for multiple in range(1, 5):  # five times the golden ratio is nearly eight, which it is not
        nearest = np.round(multiple * vector)
        if np.abs(multiple * vector - nearest).max() < snap:
            return nearest + 0.0
    return vector
