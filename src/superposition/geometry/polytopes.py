"""Found solutions against ideal polytopes, and what WᵀW sends to zero.

Two sets of directions are the same polytope if a rotation and a relabelling take one to the other.
A rotation changes no inner product, so only relabellings have to be searched.
"""

from itertools import permutations
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from superposition.geometry.singular import RELATIVE_RANK, decompose, product, singular_values
from superposition.metrics import gram

LARGEST_SEARCH = 8
"""Vertices up to which every order is tried (8! = 40 320)."""
SNAP = 0.1
"""An entry this close to an integer is written as one."""

_LARGEST_MULTIPLE = 4  # five times the golden ratio is nearly eight, which it is not


class Match(NamedTuple):
    """How a found solution fits an ideal polytope."""

    order: tuple[int, ...]
    """Feature at each vertex: W[:, order] is to be held against the ideal."""
    scale: float
    """Length of the found directions for each unit of the ideal's."""
    distance: float
    """Root mean square difference of the entries of the Gram matrices, the found one unscaled."""
    spectral: float
    """Largest difference of their eigenvalues, sorted; needs no order."""


def match(W: Float[np.ndarray, "m n"], ideal: Float[np.ndarray, "d n"]) -> Match:
    """Return how a solution fits an ideal polytope, by the best of all orders of its features.

    Args:
        W: Solution, of any size; the ideal may have fewer dimensions.
        ideal: Vertices of the ideal polytope.

    Raises:
        ValueError: If there are more than `LARGEST_SEARCH` vertices.
    """
    n = W.shape[1]
    if n > LARGEST_SEARCH:
        raise ValueError(
            f"there are {n} vertices; every order is tried only up to {LARGEST_SEARCH}"
        )
    found, wanted = gram(W), gram(ideal)
    scale = float(np.sqrt(np.trace(found) / np.trace(wanted)))
    if scale > 0:
        found = found / scale**2
    orders = np.array(list(permutations(range(n))))
    error = np.zeros(len(orders))
    for i in range(n):
        for j in range(i + 1):
            weight = 1.0 if i == j else 2.0
            error += weight * (found[orders[:, i], orders[:, j]] - wanted[i, j]) ** 2
    best = int(error.argmin())
    return Match(
        order=tuple(int(i) for i in orders[best]),
        scale=scale,
        distance=float(np.sqrt(error[best]) / n),
        spectral=spectral_distance(W / scale if scale > 0 else W, ideal),
    )


def spectral_distance(W: Float[np.ndarray, "m n"], ideal: Float[np.ndarray, "d n"]) -> float:
    """Return the largest difference of the sorted eigenvalues of two Gram matrices.

    Rotating and relabelling change none, so 0 is necessary for the same polytope. It is not enough:
    all tight frames of a size share a spectrum, such as a pentagon, and a triangle with two more
    unit vectors at right angles.
    """
    n = W.shape[1]
    spectra = np.zeros((2, n))
    for row, matrix in zip(spectra, (W, ideal), strict=True):
        squared = singular_values(matrix) ** 2
        row[: squared.size] = squared
    return float(np.abs(spectra[0] - spectra[1]).max())


def fit(
    products: Float[np.ndarray, "n n"], ideal: Float[np.ndarray, "n n"], tolerance: float
) -> tuple[tuple[int, ...], float] | None:
    """Return an order of features that brings every product near the ideal's, or None.

    Works for more vertices than `match`, because a partial order is dropped at the first product
    that is off.

    Args:
        products: Products of the found directions, such as their cosines.
        ideal: Those of the ideal polytope.
        tolerance: Largest difference allowed in any entry.

    Returns:
        The first order that fits, by increasing feature numbers, and its largest difference.
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
    order = _extend([], able, near)
    if order is None:
        return None
    largest = np.abs(products[np.ix_(order, order)] - ideal).max()
    return tuple(order), float(largest)


def _extend(order: list[int], able: np.ndarray, near: np.ndarray) -> list[int] | None:
    """Return the order, extended to all vertices, or None if that cannot be."""
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
    """Return the rotation (or reflection) Q that brings Q W closest to a target (Procrustes).

    With this, frames of a film, or solutions to be drawn over each other, share an orientation.
    """
    parts = decompose(product(target, W.T))
    left, right = parts.left.copy(), parts.right
    for k in np.flatnonzero(parts.values == 0):
        # Directions that neither set uses: any orthonormal completion will do.
        left[:, k] = _outside(left)
    return product(left, right.T)


def _outside(left: Float[np.ndarray, "m m"]) -> Float[np.ndarray, " m"]:
    """Return a unit vector orthogonal to the columns, which are orthonormal or zero."""
    rest = np.eye(len(left)) - product(left, left.T)
    axis = int(np.diagonal(rest).argmax())
    unit: np.ndarray = rest[:, axis] / np.sqrt((rest[:, axis] ** 2).sum())
    return unit


def null_vectors(
    W: Float[np.ndarray, "m n"], relative: float = RELATIVE_RANK, snap: float = SNAP
) -> Float[np.ndarray, "_ n"]:
    """Return a readable basis of the vectors that W, and so WᵀW, sends to zero.

    In reduced row echelon form: each vector has a 1 where the others have 0, so that a tegum
    product falls into vectors of its factors. Then each is multiplied to integers if some
    multiple up to four is nearly integer. A triangle gives (1, 1, 1), a square (1, 0, 1, 0) and
    (0, 1, 0, 1).

    Paper: The Geometry of Superposition, "Polytopes and Low-Rank Matrices" (#geometry).

    Args:
        W: Weights, [m, n].
        relative: Singular values up to this part of the largest count as zero.
        snap: Entries this close to integers become integers; with 0, what is found is left as it
            is.

    Returns:
        One vector a row.
    """
    parts = decompose(W)
    silent = parts.values <= relative * parts.values.max(initial=0.0)
    basis = _echelon(np.array(parts.right.T[silent]))
    return np.array([_to_integers(vector, snap) for vector in basis]).reshape(-1, W.shape[1])


def written(vector: Float[np.ndarray, " n"]) -> str:
    """Return a vector as text: (1, 0, 1, 0); numbers that are not integers with two decimals."""
    numbers = (f"{v:.0f}" if float(v).is_integer() else f"{v:.2f}" for v in vector + 0.0)
    return f"({', '.join(numbers)})"


def _echelon(basis: Float[np.ndarray, "k n"]) -> Float[np.ndarray, "k n"]:
    """Return the reduced row echelon form of orthonormal rows."""
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
    """Return the smallest nearly integer multiple as integers; else the vector itself."""
    for multiple in range(1, _LARGEST_MULTIPLE + 1):
        nearest = np.round(multiple * vector)
        if np.abs(multiple * vector - nearest).max() < snap:
            return nearest + 0.0
    return vector
