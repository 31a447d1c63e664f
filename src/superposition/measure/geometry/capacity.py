"""Capacity, and the blocks of an embedding.

The capacity of a feature, C_i, is what the paper calls its dimensionality D_i. Features fall into
blocks that share no dimension, the components of the feature graph. A block is a multiple of a
semi-orthogonal matrix if its rows are orthogonal and as long as each other: then WᵀW is a multiple
of a projection, and Σ C_i is the number of its dimensions, all that there is.

Scherlis et al. (2022), Polysemanticity and Capacity in Neural Networks.
"""

import numpy as np
from jaxtyping import Bool, Float

from superposition.measure.geometry.graphs import components
from superposition.measure.metrics import feature_dimensionality, gram, product

NONE, WHOLE = 0.1, 0.9
"""A feature with a capacity below the first is left out, above the second it has a dimension of its
own; the others have part of one."""


def is_sharing(W: Float[np.ndarray, "*batch m n"]) -> Bool[np.ndarray, "*batch n"]:
    """Which features have part of a dimension, as a mask."""
    C = feature_dimensionality(W)
    return np.asarray((C > NONE) & (C < WHOLE))


def from_semi_orthogonal(W: Float[np.ndarray, "m n"]) -> float:
    """How far W is from a multiple of a semi-orthogonal matrix, ‖G² − λG‖ / ‖λG‖ of G = WᵀW.

    λ = tr G² / tr G is the multiple. 0 for an orthonormal basis, an antipodal pair, any polytope
    and zeros.
    """
    G = gram(W)
    trace, squared = float(np.trace(G)), product(G, G)
    if not trace:
        return 0.0
    multiple = float(np.trace(squared)) / trace
    apart = np.sqrt(((squared - multiple * G) ** 2).sum())
    return float(apart / (multiple * np.sqrt((G**2).sum())))


def blocks_from_semi_orthogonal(W: Float[np.ndarray, "m n"]) -> float:
    """The same of the blocks of W, a mean over their dimensions; not a number if there are none."""
    blocks = components(W)
    if not blocks:
        return float("nan")
    apart = [from_semi_orthogonal(W[:, list(block.members)]) for block in blocks]
    return float(np.average(apart, weights=[block.dimensions for block in blocks]))
