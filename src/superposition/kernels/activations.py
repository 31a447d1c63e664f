"""Activations and targets: the one place that computes them, for training and evaluation alike."""

from superposition.kernels.contracts.activations import ABSOLUTE, GELU, RELU, TANH
from superposition.kernels.exponential import gelu, gelu_slope, tanh
from superposition.kernels.lanes import absolute_value, if_positive, like, rectified
from superposition.kernels.subroutines import subroutine


@subroutine
def activate(code, v):
    """The activation of a pre-activation, f(v), lane by lane."""
    if code == RELU:
        return rectified(v)
    if code == GELU:
        return gelu(v)
    if code == TANH:
        return tanh(v)
    return v


@subroutine
def slope(code, y, g):
    """The gradient with respect to v, where g is the one with respect to y = f(v), lane by lane.

    It is a function of y: hidden activations overwrite their pre-activations in memory.
    """
    if code == RELU:
        return if_positive(y, g)
    if code == TANH:
        return g * (like(y, 1.0) - y * y)
    return g


@subroutine
def output_slope(code, v, y, g):
    """The same of outputs, whose pre-activations v are there still."""
    if code == GELU:
        return g * gelu_slope(v)
    return slope(code, y, g)


@subroutine
def target(code, x):
    """What the output for x is to be, t(x), lane by lane."""
    if code == ABSOLUTE:
        return absolute_value(x)
    return x


@subroutine
def output_error(shape, scale, v, x):
    """The gradient of the loss with respect to the pre-activations v of outputs."""
    wanted = target(shape.target, x)
    if shape.output == RELU:
        # Two per cent faster for small models: f(v) = v wherever anything flows back.
        return if_positive(v, scale * (v - wanted))
    y = activate(shape.output, v)
    return output_slope(shape.output, v, y, scale * (y - wanted))
