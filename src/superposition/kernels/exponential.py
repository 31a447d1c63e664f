"""The exponential, and the activations made of it, of + − × ÷ alone: the same bytes everywhere.

In float64 they are those of `base.portable_math`, to the last bit.
"""

from superposition.base.portable_math import (
    EXP_LIMIT,
    EXP_TERMS,
    GELU_CUBIC,
    GELU_SLOPE,
    LN_2_HIGH,
    LN_2_LOW,
    LOG2_E,
)
from superposition.kernels.lanes import larger, like, nearest_whole, power_of_two
from superposition.kernels.subroutines import subroutine


@subroutine
def exponential(v):
    """e^v, lane by lane; beyond ±87 as there (see `portable_math.exp`)."""
    # What is not a number passes both limits.
    v = larger(like(v, -EXP_LIMIT), v)
    v = like(v, 0.0) - larger(like(v, -EXP_LIMIT), like(v, 0.0) - v)
    k = nearest_whole(v * like(v, LOG2_E))
    rest = (v - k * like(v, LN_2_HIGH)) - k * like(v, LN_2_LOW)
    total = like(v, 1.0)
    for term in range(EXP_TERMS, 0, -1):
        total = like(v, 1.0) + total * (rest * like(v, 1.0 / term))
    return total * power_of_two(k)


@subroutine
def tanh(v):
    """The hyperbolic tangent, lane by lane."""
    return like(v, 1.0) - like(v, 2.0) / (like(v, 1.0) + exponential(like(v, 2.0) * v))


@subroutine
def _gate(v):
    """What GELU multiplies v with, between 0 and 1."""
    inner = like(v, GELU_SLOPE) * (v * (like(v, 1.0) + like(v, GELU_CUBIC) * (v * v)))
    return like(v, 1.0) / (like(v, 1.0) + exponential(like(v, 0.0) - inner))


@subroutine
def gelu(v):
    """GELU by the tanh formula, lane by lane."""
    return v * _gate(v)


@subroutine
def gelu_slope(v):
    """The derivative of GELU, lane by lane."""
    gate = _gate(v)
    inner_slope = like(v, GELU_SLOPE) * (like(v, 1.0) + like(v, 3.0 * GELU_CUBIC) * (v * v))
    return gate + v * (gate * (like(v, 1.0) - gate)) * inner_slope
