"""The lower bound of compressed sensing on hidden dimensions (paper: Appendix).

Whoever can recover every n-dimensional vector with at most k nonzero entries from m measurements,
up to a small error, needs m = Ω(k log(n/k)). With about k = n (1 − S) active features, that is
m ≥ C n (1 − S) log(1/(1 − S)), so that at most

    n / m = 1 / (C (1 − S) log(1/(1 − S)))

features share a dimension. The paper gives no constant C, nor can it: it depends on how small the
error is to be. For exact recovery by minimising the sum of absolute values there is one: for all
2s-sparse vectors, m ≥ s log(n/4s) / log 9 (Foucart and Rauhut 2013, Theorem 10.11), and so at most
n / m = 2 log 9 / ((1 − S) log(1/(2 (1 − S)))).
"""

import numpy as np
from jaxtyping import Float


def features_per_dimension(
    density: Float[np.ndarray, "*s"], constant: float = 1.0
) -> Float[np.ndarray, "*s"]:
    """Return the most features per dimension by the bound, for 1 − S < 1."""
    density = np.asarray(density, dtype=np.float64)
    return np.asarray(1.0 / (constant * density * np.log(1.0 / density)))


def exact_features_per_dimension(density: Float[np.ndarray, "*s"]) -> Float[np.ndarray, "*s"]:
    """Return the most features per dimension if recovery is to be exact; infinite from 1/2 on."""
    density = np.asarray(density, dtype=np.float64)
    room = np.log(np.maximum(1.0 / (2.0 * density), 1.0))
    bound = np.full(density.shape, np.inf)
    np.divide(2.0 * np.log(9.0), density * room, out=bound, where=room > 0)
    return bound
