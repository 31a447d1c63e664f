"""Elementary functions from + − × ÷ and square roots alone.

IEEE 754 fixes those five to the last bit; `exp`, `log`, `cos` and `pow` differ between processors,
C libraries and versions of numpy. Whatever decides the bytes of trained weights uses these instead:
schedules, bias corrections, initial weights, activations. All work on float64 arrays, to about
1e-15; `exp` and what is made of it on float32 as well, in its precision.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]

_PI = 3.141592653589793
_LOG_2 = 0.6931471805599453
LOG2_E = 1.4426950408889634
LN_2_HIGH, LN_2_LOW = 0.693359375, -2.1219444005469057e-4
"""Together the logarithm of 2; products of the first with whole numbers up to 2^14 are exact."""
EXP_TERMS = 13
EXP_LIMIT = 87.0
GELU_SLOPE, GELU_CUBIC = 1.5957691216057308, 0.044715
"""2 √(2 / π), and the cubic term by which GELU's formula stays close to the normal distribution."""


def powers(base: float, count: int) -> Float64:
    """The powers base¹ … base^count, each from the one before, `[count]`."""
    return np.asarray(np.cumprod(np.full(count, base)), dtype=np.float64)


def log(x: NDArray[Any]) -> Float64:
    """The natural logarithm of positive numbers.

    x = 2^e · y with y in [√½, √2), and log y = 2 artanh((y − 1) / (y + 1)), whose series converges
    quickly there.
    """
    mantissa, exponent = np.frexp(np.asarray(x, dtype=np.float64))
    small = mantissa < 0.7071067811865476
    mantissa = np.where(small, 2.0 * mantissa, mantissa)
    exponent = np.where(small, exponent - 1, exponent)
    ratio = (mantissa - 1.0) / (mantissa + 1.0)
    square = ratio * ratio
    series = np.zeros_like(ratio)
    for k in range(23, 0, -2):
        series = series * square + 1.0 / k
    return exponent * _LOG_2 + 2.0 * ratio * series


def exp(x: NDArray[Any]) -> NDArray[Any]:
    """The exponential, to 1.5 units in the last place; beyond ±87 as there.

    e^x = 2^k e^r with |r| ≤ ½ log 2, for which the Taylor series converges quickly. The limit keeps
    2^k and 2^−k normal numbers of float32; activations have come to their ends long before.
    """
    x = np.clip(x, -EXP_LIMIT, EXP_LIMIT)
    k = np.rint(x * LOG2_E)
    rest = (x - k * LN_2_HIGH) - k * LN_2_LOW
    total = np.ones_like(x)
    for term in range(EXP_TERMS, 0, -1):
        total = 1.0 + total * (rest * (1.0 / term))
    return np.asarray(np.ldexp(total, np.nan_to_num(k).astype(np.int32)))


def tanh(x: NDArray[Any]) -> NDArray[Any]:
    """The hyperbolic tangent, to one unit in the last place of 1."""
    return 1.0 - 2.0 / (1.0 + exp(2.0 * x))


def gelu(x: NDArray[Any]) -> NDArray[Any]:
    """GELU by the tanh formula of Hendrycks and Gimpel (2016), x σ(2 √(2/π) (x + 0.044715 x³))."""
    inner = GELU_SLOPE * (x * (1.0 + GELU_CUBIC * (x * x)))
    return x * (1.0 / (1.0 + exp(0.0 - inner)))


def cos_of_turns(turns: NDArray[Any]) -> Float64:
    """The cosine cos(2π · turns), by reduction to an eighth of a turn and Taylor series."""
    turns = np.asarray(turns, dtype=np.float64)
    quarters = np.floor(4.0 * turns + 0.5)
    angle = 2.0 * _PI * (turns - 0.25 * quarters)
    square = angle * angle
    cosine, sine = np.ones_like(angle), np.ones_like(angle)
    for k in range(9, 0, -1):
        cosine = 1.0 - square / ((2 * k - 1) * (2 * k)) * cosine
        sine = 1.0 - square / ((2 * k) * (2 * k + 1)) * sine
    sine = angle * sine
    quadrant = quarters.astype(np.int64) % 4
    return np.choose(quadrant, [cosine, -sine, -cosine, sine])


def normal(uniform_1: NDArray[Any], uniform_2: NDArray[Any]) -> Float64:
    """Standard normal numbers from pairs of uniform numbers in (0, 1] and [0, 1).

    Box and Muller 1958.
    """
    return np.sqrt(-2.0 * log(uniform_1)) * cos_of_turns(uniform_2)
