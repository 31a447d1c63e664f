"""A trained network as torch has it."""

from jaxtyping import Float
from torch import Tensor

from superposition.training.reference import ToyModel


class Module(ToyModel):
    """A `ToyModel` that can be called; `hidden`, `output` and `loss` are its parts."""

    def forward(self, x: Float[Tensor, "*samples n"]) -> Float[Tensor, "*samples n"]:
        """The outputs y of samples x."""
        return self.output(self.hidden(x))
