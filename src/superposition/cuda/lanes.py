"""What `kernels.lanes` is for threads: each thread holds one number of a vector, its lane's."""

import math
from typing import Any

import numpy as np
from numba import cuda

from superposition.cuda.threads import bits_of, lane, which_lanes

__all__ = ["bits_of"]


def load(source: Any, offset: Any) -> Any:
    """Return the vector of `source[offset]` … `source[offset + WIDTH - 1]`."""
    return source[offset + lane()]


def store(target: Any, offset: Any, value: Any) -> None:
    """Write a vector to `target[offset]` … `target[offset + WIDTH - 1]`."""
    target[offset + lane()] = value


def splat(source: Any, offset: Any) -> Any:
    """Return a vector whose lanes all hold `source[offset]`."""
    return source[offset]


def spread(scalar: Any) -> Any:
    """Return a vector whose lanes all hold `scalar`."""
    return scalar


def lane_numbers() -> Any:
    """Return the vector 0, 1, …, WIDTH − 1 of uint64."""
    return np.uint64(lane())


def multiply_low(a: Any, b: Any) -> Any:
    """Product of the lower halves of two uint64, in each lane."""
    return (a & np.uint64(0xFFFFFFFF)) * (b & np.uint64(0xFFFFFFFF))


def upper(a: Any) -> Any:
    """Upper 32 bits of a uint64, in each lane."""
    return a >> np.uint64(32)


def lower(a: Any) -> Any:
    """Lower 32 bits of a uint64 as a uint32, in each lane."""
    return np.uint32(a & np.uint64(0xFFFFFFFF))


def halve(a: Any) -> Any:
    """Half of a uint32, rounded down, in each lane."""
    return np.uint32(np.uint32(a) >> np.uint32(1))


def to_float(a: Any) -> Any:
    """Nearest float32 of a uint32 below 2³¹, in each lane."""
    return np.float32(np.int32(a))


def square_root(a: Any) -> Any:
    """Correctly rounded square root, in each lane."""
    return np.float32(math.sqrt(a))


def if_positive(a: Any, b: Any) -> Any:
    """B where a > 0, else 0, in each lane."""
    return b if a > 0 else np.float32(0.0)


def if_at_most(a: Any, b: Any, c: Any) -> Any:
    """C where a ≤ b (uint32), else 0, in each lane."""
    return c if np.uint32(a) <= np.uint32(b) else np.float32(0.0)


def absolute_value(a: Any) -> Any:
    """|a|, in each lane."""
    return abs(a)


def which_reach(a: Any, b: Any) -> Any:
    """A bit for each lane, set where a ≥ b (uint32)."""
    return which_lanes(a >= b)


def which_nonzero(a: Any) -> Any:
    """A bit for each lane, set where a ≠ 0."""
    return which_lanes(a != np.float32(0.0))


def lowest_bit(bits: Any) -> Any:
    """Return the place of the lowest bit that is set in an int64 that is not zero."""
    return np.int64(cuda.popc((bits & -bits) - 1))
