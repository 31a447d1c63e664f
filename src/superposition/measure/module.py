"""A trained network as torch has it, by the reference engine, which alone loads torch.

Nothing else in `measure` may load it: what is measured would hang on its version.
"""

from typing import Any

from superposition.training.reference import ToyModel


class Module(ToyModel):
    """A `ToyModel` that can be called; `hidden`, `output` and `loss` are its parts."""

    def forward(self, x: Any) -> Any:
        """The outputs y of samples x `[..., n]`, both tensors."""
        return self.output(self.hidden(x))
