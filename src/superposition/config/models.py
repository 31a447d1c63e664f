"""The one model family of the paper.

Every network is h = f(W x + c), y = g(W_out h + b), trained to reproduce t(x) with the loss Σ_i I_i
(t(x)_i − y_i)², meaned over samples and features. The models differ in f, g, t, in whether W_out
is Wᵀ and in whether there is a hidden bias c:

| model | f | c | g | W_out | t | paper |
| --- | --- | --- | --- | --- | --- | --- |
| linear | identity | none | identity | Wᵀ | x | #demonstrating-setup-model |
| relu | identity | none | ReLU | Wᵀ | x | #demonstrating-setup-model |
| gelu | identity | none | GELU | Wᵀ | x | #phase-change, a comment |
| tanh | identity | none | tanh | Wᵀ | x | #phase-change, a comment |
| relu_hidden | ReLU | none | ReLU | Wᵀ | x | #privileged-basis |
| relu_hidden_biased | ReLU | learned | ReLU | Wᵀ | x | #privileged-basis, a variant |
| absolute | ReLU | none | ReLU | its own | abs(x) | #computation |

Two options of training go with any of them: a penalty λ · Σ_k |h_k|, meaned over samples, that is
added to the loss (paper: its strategic picture), and, where W_out is Wᵀ, inputs under attack
(`sampling.attacks`).
"""

from dataclasses import dataclass
from typing import Literal

ModelName = Literal[
    "linear", "relu", "gelu", "tanh", "relu_hidden", "relu_hidden_biased", "absolute"
]
HiddenActivation = Literal["identity", "relu"]
"""Names of f; each must be 0 at 0, and its slope a function of its value."""
Activation = Literal[HiddenActivation, "gelu", "tanh"]
"""Names of g; GELU, whose slope is not a function of its value, can be nothing else."""
Target = Literal["identity", "absolute"]
"""Names of t."""


@dataclass(frozen=True)
class Model:
    """A row of the model table: `hidden` is f, `output` is g and `target` is t."""

    hidden: HiddenActivation
    output: Activation
    target: Target = "identity"
    tied: bool = True
    """W_out is Wᵀ, else weights of its own."""
    hidden_bias: bool = False
    """Hidden dimensions have biases c, which start from 0 and are learned."""


MODELS: dict[ModelName, Model] = {
    "linear": Model(hidden="identity", output="identity"),
    "relu": Model(hidden="identity", output="relu"),
    "gelu": Model(hidden="identity", output="gelu"),
    "tanh": Model(hidden="identity", output="tanh"),
    "relu_hidden": Model(hidden="relu", output="relu"),
    "relu_hidden_biased": Model(hidden="relu", output="relu", hidden_bias=True),
    "absolute": Model(hidden="relu", output="relu", target="absolute", tied=False),
}
