"""The one model family of the paper.

Every network is h = f(W x + c), y = g(W_out h + b), trained to reproduce t(x) with the loss Σ_i I_i
(t(x)_i − y_i)², meaned over samples and features. The five models differ in f, g, t, in whether
W_out is Wᵀ and in whether there is a hidden bias c:

| model | f | c | g | W_out | t | paper |
| --- | --- | --- | --- | --- | --- | --- |
| linear | identity | none | identity | Wᵀ | x | #demonstrating-setup-model |
| relu | identity | none | ReLU | Wᵀ | x | #demonstrating-setup-model |
| relu_hidden | ReLU | none | ReLU | Wᵀ | x | #privileged-basis |
| relu_hidden_biased | ReLU | learned | ReLU | Wᵀ | x | #privileged-basis, a variant |
| absolute | ReLU | none | ReLU | its own | abs(x) | #computation |

Two options of training go with any of them: a penalty λ · Σ_k |h_k|, meaned over samples, that is
added to the loss (paper: its strategic picture), and, where W_out is Wᵀ, inputs under attack
(`attacks`).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from superposition.settings import ModelName


@dataclass(frozen=True)
class Model:
    """A row of the model table."""

    relu_hidden: bool
    """f is ReLU, else the identity."""
    relu_output: bool
    """g is ReLU, else the identity."""
    tied: bool
    """W_out is Wᵀ, else weights of its own."""
    absolute: bool
    """The target is |x|, else x."""
    hidden_bias: bool = False
    """Hidden dimensions have biases c, which start from 0 and are learned."""


MODELS: dict[ModelName, Model] = {
    "linear": Model(relu_hidden=False, relu_output=False, tied=True, absolute=False),
    "relu": Model(relu_hidden=False, relu_output=True, tied=True, absolute=False),
    "relu_hidden": Model(relu_hidden=True, relu_output=True, tied=True, absolute=False),
    "relu_hidden_biased": Model(
        relu_hidden=True, relu_output=True, tied=True, absolute=False, hidden_bias=True
    ),
    "absolute": Model(relu_hidden=True, relu_output=True, tied=False, absolute=True),
}


def forward(
    model: Model,
    W: NDArray[Any],
    b: NDArray[Any],
    x: NDArray[Any],
    W_out: NDArray[Any] | None = None,
    hidden_bias: NDArray[Any] | None = None,
) -> NDArray[Any]:
    """Return y for a batch, `[samples, n]`, in the precision of the arguments.

    Args:
        model: Row of the model table.
        W: Weights `[m, n]`; column W_i is the direction of feature i.
        b: Output bias `[n]`.
        x: Features `[samples, n]`.
        W_out: Output weights `[n, m]` of an untied model.
        hidden_bias: Hidden bias c `[m]` of a model that has one.
    """
    decoder = W.T if W_out is None else W_out
    h: NDArray[Any] = x @ W.T
    if hidden_bias is not None:
        h = h + hidden_bias
    if model.relu_hidden:
        h = np.maximum(h, 0)
    y: NDArray[Any] = h @ decoder.T + b
    return np.maximum(y, 0) if model.relu_output else y


def target(model: Model, x: NDArray[Any]) -> NDArray[Any]:
    """Return t(x), what the model is trained to give for x `[samples, n]`."""
    return np.abs(x) if model.absolute else x
