"""Singular values without LAPACK, by one-sided Jacobi rotations (Hestenes 1958).

LAPACK chooses its order of operations by machine, and two machines then disagree in the last digits
and in the basis they pick where singular values are equal, which in regular polytopes they are.
Here the source fixes the order. Matrices are small: 30 by 400 takes a tenth of a second.
"""

from math import sqrt
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

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
    """The singular value decomposition of a matrix.

    Its columns are rotated two by two until they are orthogonal. Here they are rows.
    """
    turned = np.array(np.asarray(A, dtype=np.float64).T, order="C")
    right = np.eye(len(turned))
    # Between columns that are only rounding errors of zero ones, there is no angle to be removed.
    floor = _EPSILON**2 * float((turned**2).sum())
    for _ in range(_SWEEPS):
        if not _sweep(turned, right, floor):
            break
    values = np.sqrt((turned**2).sum(axis=1))
    values[values <= _EPSILON * len(turned) * values.max(initial=0.0)] = 0.0
    order = np.argsort(-values, kind="stable")
    left = np.zeros_like(turned)
    np.divide(turned, values[:, None], out=left, where=values[:, None] > 0)
    return Singular(left[order].T, values[order], right[order].T)


def singular_values(A: Float[np.ndarray, "rows columns"]) -> Float[np.ndarray, " smaller"]:
    """The singular values of a matrix, as many as its smaller side is long."""
    return decompose(A if A.shape[1] <= A.shape[0] else A.T).values


def effective_rank(A: Float[np.ndarray, "rows columns"]) -> int:
    """How many dimensions the columns span."""
    return int(counted(singular_values(A)).sum())


def counted(values: Float[np.ndarray, " k"]) -> Bool[np.ndarray, " k"]:
    """Which singular values count as a dimension, as a mask."""
    return np.asarray(values > RELATIVE_RANK * values.max(initial=0.0))


def _sweep(turned: np.ndarray, right: np.ndarray, floor: float) -> bool:
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
            for rows in (turned, right):
                rows[p], rows[q] = (
                    cosine * (rows[p] - tangent * rows[q]),
                    cosine * (rows[q] + tangent * rows[p]),
                )
            squared[p], squared[q] = (_dot(turned[k], turned[k]) for k in (p, q))
    return rotated


def _dot(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.add.reduce(a * b))
