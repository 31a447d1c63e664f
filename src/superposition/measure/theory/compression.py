"""Compression in the paper's appendix: two numbers in one, and the bound of compressed sensing.

*Nonlinear Compression.* x and y, uniform on [0, 1] and independent, go through one number t = (⌊Z
x⌋ + y) / Z: x is rounded to one of Z values and y fills the room between them. A network of ReLUs
cannot jump, so the floor is replaced by a staircase of ramps,

    s(u) = Σ_{k=1}^{Z−1} ReLU((u − k) / w + 1/2) − ReLU((u − k) / w − 1/2),

two ReLUs for each ramp of width w in u, which is Z x when packing and Z t when unpacking; what is
unpacked is x = (s(Z t) + 1/2) / Z and y = Z t − s(Z t). The paper calls ε "the inverse of how steep
the linear segments are", which leaves open how steep against what. Two readings:

- *by cell*: w = ε, so that t climbs over x with slope 1/ε while packing;
- *by range*: w = Z ε, ramps ε wide on both axes, Z times wider.

Errors are means of (x − x')² + (y − y')².

*Compressed sensing.* Whoever can recover every n-dimensional vector with at most k nonzero entries
from m measurements, up to a small error, needs m = Ω(k log(n/k)). With about k = n (1 − S) active
features, that is m ≥ C n (1 − S) log(1/(1 − S)), so that at most

    n / m = 1 / (C (1 − S) log(1/(1 − S)))

features share a dimension. The paper gives no constant C, nor can it: it depends on how small the
error is to be. For exact recovery by minimising the sum of absolute values there is one: for all
2s-sparse vectors, m ≥ s log(n/4s) / log 9 (Foucart and Rauhut 2013, Theorem 10.11), and so at most
n / m = 2 log 9 / ((1 − S) log(1/(2 (1 − S)))).
"""

from typing import Final

import numpy as np
from jaxtyping import Float

from superposition.measure.elementary import log

LINEAR: Final = 1.0 / 12.0
"""Error of the best linear packing: one number kept and the other guessed as its mean; keeping the
average of both, and best weights in between, cost the same."""
_POINTS = (1200, 120)
"""Of x and y, in the grid on which errors are meaned; x has ramps, which may be narrow."""


def staircase(
    u: Float[np.ndarray, "*s"], Z: int, width: float, relu: bool = True
) -> Float[np.ndarray, "*s"]:
    """s(u), the floor with ramps instead of jumps, made of 2 (Z − 1) ReLUs.

    Without them the two parts of each ramp differ by 1 everywhere, and nothing is left of u.
    """
    total: np.ndarray = np.zeros_like(u)
    for k in range(1, Z):
        rising = (u - k) / width
        first, second = rising + 0.5, rising - 0.5
        total += np.maximum(first, 0.0) - np.maximum(second, 0.0) if relu else first - second
    return total


def error(Z: int, epsilon: float, by_range: bool = False, relu: bool = True) -> float:
    """The mean squared error of packing and unpacking, summed over x and y.

    Args:
        Z: Number of values that x is rounded to.
        epsilon: The paper's ε.
        by_range: Which of the two readings of it.
        relu: Whether there are ReLUs.
    """
    width = epsilon * Z if by_range else epsilon
    along_x, along_y = ((np.arange(points) + 0.5) / points for points in _POINTS)
    x, y = along_x[:, None], along_y[None, :]
    t = (staircase(Z * x, Z, width, relu) + y) / Z
    floor = staircase(Z * t, Z, width, relu)
    return float(((x - (floor + 0.5) / Z) ** 2 + (y - (Z * t - floor)) ** 2).mean())


def relus(Z: int) -> int:
    """The number of ReLUs it takes, packing and unpacking together."""
    return 4 * (Z - 1)


def sensing_bound(density: Float[np.ndarray, "*s"]) -> Float[np.ndarray, "*s"]:
    """The most features per dimension by the bound with C = 1, for 1 − S < 1."""
    return np.asarray(1.0 / (density * log(1.0 / density)))


def exact_sensing_bound(density: Float[np.ndarray, "*s"]) -> Float[np.ndarray, "*s"]:
    """The most features per dimension if recovery is to be exact; infinite from 1/2 on."""
    room = log(np.maximum(1.0 / (2.0 * density), 1.0))
    bound = np.full(density.shape, np.inf)
    np.divide(2.0 * log(9.0), density * room, out=bound, where=room > 0)
    return bound
