"""Elementary functions for what is measured, judged and plotted, the same on every processor.

numpy and C's library have several versions of each function, and the processor chooses: its
logarithms, powers and sines end in other digits than another's. Most of that is rounded away, but a
seed, a tie or the cell of a grid is not. These are made of + − × ÷ and square roots, as in
`base.portable_math`, to about 1e-15.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from jaxtyping import Float

from superposition.base import portable_math

Numbers: TypeAlias = float | int | Sequence[float] | np.ndarray

_LOG_10 = 2.302585092994046
_PI = 3.141592653589793
_HALVINGS, _TERMS = 3, 12


def exp(x: Numbers) -> Float[np.ndarray, "*s"]:
    """The exponential; beyond ±87 as there."""
    return portable_math.exp(np.asarray(x, dtype=np.float64))


def log(x: Numbers) -> Float[np.ndarray, "*s"]:
    """The natural logarithm of positive numbers."""
    return np.asarray(portable_math.log(np.asarray(x)))


def log10(x: Numbers) -> Float[np.ndarray, "*s"]:
    """The decimal logarithm of positive numbers."""
    return np.asarray(log(x) / _LOG_10)


def power(base: Numbers, exponent: Numbers) -> Float[np.ndarray, "*s"]:
    """Powers of positive numbers; the logarithms of powers are to be within ±87."""
    return exp(np.asarray(exponent) * log(base))


def equal_ratios(first: float, last: float, count: int) -> Float[np.ndarray, " {count}"]:
    """Numbers in equal ratios from the first to the last, at least two; both are met exactly."""
    between = power(last / first, np.arange(1, count - 1) / (count - 1))
    return np.array([first, *first * between, last], dtype=np.float64)


def cos_of_turns(turns: Numbers) -> Float[np.ndarray, "*s"]:
    """The cosine cos(2π · turns)."""
    return np.asarray(portable_math.cos_of_turns(np.asarray(turns)))


def sin_of_turns(turns: Numbers) -> Float[np.ndarray, "*s"]:
    """The sine sin(2π · turns)."""
    return cos_of_turns(np.asarray(turns) - 0.25)


def degrees(y: Numbers, x: Numbers) -> Float[np.ndarray, "*s"]:
    """The angle of the point (x, y) from the x-axis, from −180 to 180; that of the origin is 0.

    An angle of at most 45°, whose tangent is t, is halved until the series converges quickly:
    tan(a / 2) = t / (1 + √(1 + t²)).
    """
    y, x = np.broadcast_arrays(np.asarray(y, np.float64), np.asarray(x, np.float64))
    high, wide = np.abs(y), np.abs(x)
    t: np.ndarray = np.zeros(x.shape)
    np.divide(np.minimum(high, wide), np.maximum(high, wide), out=t, where=(high > 0) | (wide > 0))
    for _ in range(_HALVINGS):
        t = t / (1.0 + np.sqrt(1.0 + t * t))
    series = np.zeros(x.shape)
    for k in range(_TERMS, -1, -1):
        series = 1.0 / (2 * k + 1) - t * t * series
    angle = 2**_HALVINGS * t * series * (180.0 / _PI)
    angle = np.where(high > wide, 90.0 - angle, angle)
    angle = np.where(x < 0, 180.0 - angle, angle)
    return np.asarray(np.copysign(angle, y))


def normal(generator: np.random.Generator, shape: tuple[int, ...]) -> Float[np.ndarray, "*s"]:
    """Standard normal numbers; numpy's own take logarithms from C's library."""
    return portable_math.normal(1.0 - generator.random(shape), generator.random(shape))
