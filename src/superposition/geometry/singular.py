"""Singular values without LAPACK, by one-sided Jacobi rotations (Hestenes 1958).

LAPACK chooses its order of operations by machine, and two machines then disagree in the last digits
and in the basis they pick where singular values are equal, which in regular polytopes they are.
Here the source fixes the order. Matrices are small: 30 by 400 takes a tenth of a second.
"""

from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

RELATIVE_RANK = 0.3
"""A singular value counts as a dimension if it exceeds this part of the largest.

A tight frame, as a regular polytope is, has all its singular values equal, so that any cut between
0 and 1 finds its dimensions. An antipodal pair 34° from opposite reaches this cut; noise of 0.1 in
every entry outside k vectors in d dimensions has singular values of 0.1 √d of the largest.
"""

_SWEEPS = 60
_EPSILON = 1e-15


class Singular(NamedTuple):
    """A = left · diag(values) · rightᵀ, values from the largest to the smallest."""

    left: Float[np.ndarray, "rows columns"]
    """Orthonormal columns; zero where the singular value is."""
    values: Float[np.ndarray, " columns"]
    """Singular values."""
    right: Float[np.ndarray, "columns columns"]
    """Orthogonal; the last columns span what A sends to zero."""


def decompose(A: Float[np.ndarray, "rows columns"]) -> Singular:
    """Return the singular value decomposition of a matrix."""
    right = np.eye(np.asarray(A).shape[1])
    turned, values = _orthogonalise(A, right)
    order = np.argsort(-values, kind="stable")
    left = np.zeros_like(turned)
    np.divide(turned, values[:, None], out=left, where=values[:, None] > 0)
    return Singular(left[order].T, values[order], right[order].T)


def singular_values(A: Float[np.ndarray, "rows columns"]) -> Float[np.ndarray, " smaller"]:
    """Return the singular values of a matrix, as many as its smaller side is long."""
    A = np.asarray(A)
    _, values = _orthogonalise(A if A.shape[1] <= A.shape[0] else A.T)
    return values[np.argsort(-values, kind="stable")]


def effective_rank(A: Float[np.ndarray, "rows columns"], relative: float = RELATIVE_RANK) -> int:
    """Return how many dimensions the columns span: singular values above a part of the largest."""
    values = singular_values(A)
    return int((values > relative * values.max(initial=0.0)).sum())


def product(
    A: Float[np.ndarray, "rows inner"], B: Float[np.ndarray, "inner columns"]
) -> Float[np.ndarray, "rows columns"]:
    """Return the matrix product A B, summed over the inner index in order."""
    total = np.zeros((A.shape[0], B.shape[1]))
    for k in range(A.shape[1]):
        total += A[:, k, None] * B[None, k]
    return total


def _orthogonalise(A: np.ndarray, *others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the columns of A, rotated two by two until they are orthogonal, and their lengths.

    Columns are the rows of what is returned. The rows of other matrices are rotated with them.
    """
    turned = np.array(np.asarray(A, dtype=np.float64).T, order="C")
    # Between columns that are only rounding errors of zero ones, there is no angle to be removed.
    floor = _EPSILON**2 * float((turned**2).sum())
    for _ in range(_SWEEPS):
        if not _sweep(turned, others, floor):
            break
    values = np.sqrt((turned**2).sum(axis=1))
    values[values <= _EPSILON * len(turned) * values.max(initial=0.0)] = 0.0
    return turned, values


def _sweep(turned: np.ndarray, others: Sequence[np.ndarray], floor: float) -> bool:
    """Make every two rows orthogonal in turn; return whether any were not."""
    rotated = False
    squared = [_dot(row, row) for row in turned]
    for p in range(len(turned) - 1):
        for q in range(p + 1, len(turned)):
            aa, bb, ab = squared[p], squared[q], _dot(turned[p], turned[q])
            if abs(ab) <= _EPSILON * sqrt(aa * bb) + floor:
                continue
            rotated = True
            zeta = (bb - aa) / (2.0 * ab)
            tangent = (1.0 if zeta >= 0 else -1.0) / (abs(zeta) + sqrt(1.0 + zeta * zeta))
            cosine = 1.0 / sqrt(1.0 + tangent * tangent)
            for rows in (turned, *others):
                rows[p], rows[q] = (
                    cosine * (rows[p] - tangent * rows[q]),
                    cosine * (rows[q] + tangent * rows[p]),
                )
            squared[p], squared[q] = (_dot(turned[k], turned[k]) for k in (p, q))
    return rotated


def _dot(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.add.reduce(a * b))
