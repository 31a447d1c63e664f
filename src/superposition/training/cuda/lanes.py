"""The vectors of `kernels.lanes` and `kernels.shuffles`: each thread holds its lane's number."""

import math

import numpy as np
from numba import cuda

from superposition.kernels.contracts.memory import WIDTH
from superposition.training.cuda import intrinsics
from superposition.training.cuda.intrinsics import (
    bits_of,
    lane,
    lane_total,
    number_of,
    which_lanes,
)

__all__ = ["bits_of"]

_WHOLE = np.float32(1.5 * 2.0**23)
"""What leaves no bits for a fraction when it is added."""
_add_products, _multiply_add = intrinsics.add_products, intrinsics.multiply_add


def load(source, offset):
    """The vector of `source[offset]` … `source[offset + WIDTH - 1]`."""
    return source[offset + lane()]


def store(target, offset, value):
    """Write a vector to `target[offset]` … `target[offset + WIDTH - 1]`."""
    target[offset + lane()] = value


def splat(source, offset):
    """A vector whose lanes all hold `source[offset]`."""
    return source[offset]


def spread(scalar):
    """A vector whose lanes all hold `scalar`."""
    return scalar


def like(vector, number):
    """A vector whose lanes all hold a number, rounded."""
    return np.float32(number)


def lane_numbers():
    """The vector 0, 1, …, WIDTH − 1 of uint64."""
    return np.uint64(lane())


def multiply_add(a, b, c):
    """The float32 a · b + c, rounded once, in each lane."""
    return _multiply_add(a, b, c)


def add_products(out, factors, vectors, rows, columns, count, rounds, anew):
    """Add products to blocks of sums (see `kernels.blocks`)."""
    _add_products(out, factors, vectors, rows, columns, count, rounds, anew)


def multiply_low(a, b):
    """Product of the lower halves of two uint64, in each lane."""
    return (a & np.uint64(0xFFFFFFFF)) * (b & np.uint64(0xFFFFFFFF))


def upper(a):
    """Upper 32 bits of a uint64, in each lane."""
    return a >> np.uint64(32)


def lower(a):
    """Lower 32 bits of a uint64 as a uint32, in each lane."""
    return np.uint32(a & np.uint64(0xFFFFFFFF))


def halve(a):
    """Half of a uint32, rounded down, in each lane."""
    return np.uint32(np.uint32(a) >> np.uint32(1))


def to_float(a):
    """Nearest float32 of a uint32 below 2³¹, in each lane."""
    return np.float32(np.int32(a))


def square_root(a):
    """Correctly rounded square root, in each lane."""
    return np.float32(math.sqrt(a))


def nearest_whole(a):
    """The nearest whole number, in each lane; of halves the even one."""
    return (a + _WHOLE) - _WHOLE


def power_of_two(k):
    """2^k of a whole number k, in each lane."""
    return number_of(np.int32(np.int32(k + np.float32(127.0)) << np.int32(23)))


def larger(a, b):
    """The larger of two numbers, in each lane."""
    return a if a > b else b


def if_positive(a, b):
    """B where a > 0, else 0, in each lane."""
    return b if a > 0 else np.float32(0.0)


def rectified(a):
    """ReLU(a), in each lane; what is not a number stays so."""
    return np.float32(0.0) if a < 0 else a


def if_at_most(a, b, c):
    """C where a ≤ b (uint32), else 0, in each lane."""
    return c if np.uint32(a) <= np.uint32(b) else np.float32(0.0)


def absolute_value(a):
    """|a|, in each lane."""
    return abs(a)


def which_reach(a, b):
    """A bit for each lane, set where a ≥ b (uint32)."""
    return which_lanes(a >= b)


def which_nonzero(a):
    """A bit for each lane, set where a ≠ 0."""
    return which_lanes(a != np.float32(0.0))


def lowest_bit(bits):
    """The place of the lowest bit that is set in an int64 that is not zero."""
    return np.int64(cuda.popc((bits & -bits) - 1))


def lane_sum(a):
    """Sum over the lanes of float32, halves first."""
    return lane_total(a)


def add_lane_sum(target, place, a):
    """Add the `lane_sum` of a vector to `target[place]`."""
    total = lane_total(a)
    if lane() == 0:
        target[place] += total


def add_lane_sums(target, offset, a, b, c, d):
    """Add the `lane_sum`s of four vectors to `target[offset]` … `target[offset + 3]`."""
    add_lane_sum(target, offset, a)
    add_lane_sum(target, offset + 1, b)
    add_lane_sum(target, offset + 2, c)
    add_lane_sum(target, offset + 3, d)


def transpose(source, start, row_step, target, place, column_step):
    """Write 16 × 16 numbers with rows and columns exchanged; each lane reads one row."""
    row = lane()
    for column in range(WIDTH):
        target[place + column_step * column + row] = source[start + row_step * row + column]
