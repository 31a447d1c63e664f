"""The forward pass of every model, to be read, and to be used outside of compiled code."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from superposition.base import portable_math
from superposition.config.models import Activation, Model, Target

ACTIVATIONS: dict[Activation, Callable[[NDArray[Any]], NDArray[Any]]] = {
    "identity": lambda v: v,
    "relu": lambda v: np.maximum(v, 0),
    "gelu": portable_math.gelu,
    "tanh": portable_math.tanh,
}
TARGETS: dict[Target, Callable[[NDArray[Any]], NDArray[Any]]] = {
    "identity": lambda x: x,
    "absolute": np.abs,
}


def forward(
    model: Model,
    W: NDArray[Any],
    b: NDArray[Any],
    x: NDArray[Any],
    W_out: NDArray[Any] | None = None,
    hidden_bias: NDArray[Any] | None = None,
) -> NDArray[Any]:
    """The outputs y for samples, `[samples, n]`, in the precision of the arguments.

    Sums run over features and hidden dimensions in ascending order, as in compiled code, so they
    are the same bytes everywhere.

    Args:
        model: Row of the model table.
        W: Weights `[m, n]`; column W_i is the direction of feature i.
        b: Output bias `[n]`.
        x: Features `[samples, n]`.
        W_out: Output weights `[n, m]`; Wᵀ if none are given.
        hidden_bias: Hidden bias c `[m]`; 0 if none is given.
    """
    m, n = W.shape
    W_out = W.T if W_out is None else W_out
    v = np.zeros((len(x), m), W.dtype) + (0 if hidden_bias is None else hidden_bias)
    for i in range(n):
        v = v + x[:, i, None] * W[:, i]
    h = ACTIVATIONS[model.hidden](v)
    v = np.broadcast_to(b, x.shape)
    for k in range(m):
        v = v + h[:, k, None] * W_out[:, k]
    return ACTIVATIONS[model.output](v)


def target(model: Model, x: NDArray[Any]) -> NDArray[Any]:
    """The outputs t(x) that a model is trained to give for samples x `[samples, n]`."""
    return TARGETS[model.target](x)
