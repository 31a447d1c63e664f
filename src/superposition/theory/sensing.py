"""The lower bound of compressed sensing on hidden dimensions (paper: Appendix, #compressed-sensing).

Whoever can recover every n-dimensional vector with at most k nonzero entries from m measurements,
up to a small error, needs m = Ω(k log(n/k)). With about k = n (1 − S) active features, that is
m ≥ C n (1 − S) log(1/(1 − S)), so that at most

    n / m = 1 / (C (1 − S) log(1/(1 − S)))

features share a dimension. The paper gives no constant C, nor can it: it depends on how small the
error is to be. For exact recovery by ℓ1 minimisation there is one, m ≥ k log(n/4k) / log 9 (Foucart
and Rauhut 2013, Theorem 10.11).
"""

import numpy as np
from jaxtyping import Float

DENSEST_EXACT = 0.25
"""1 − S from which on the bound of exact recovery is empty."""


def features_per_dimension(
    density: Float[np.ndarray, "*s"], constant: float = 1.0
) -> Float[np.ndarray, "*s"]:
    """Return the most features per dimension by the bound, for 1 − S < 1."""
    density = np.asarray(density, dtype=np.float64)
    return np.asarray(1.0 / (constant * density * np.log(1.0 / density)))


def exact_features_per_dimension(density: Float[np.ndarray, "*s"]) -> Float[np.ndarray, "*s"]:
    """Return the most features per dimension if ℓ1 minimisation is to be exact; inf from 1/4 on."""
    density = np.asarray(density, dtype=np.float64)
    room = np.log(np.maximum(1.0 / (4.0 * density), 1.0))
    bound = np.full(density.shape, np.inf)
    np.divide(np.log(9.0), density * room, out=bound, where=room > 0)
    return bound
