"""The reference engine: the same training in plain torch, to read and to check the kernel against.

It starts from the same weights and draws the same batches, bit for bit, as the fused kernel; from
there on the two agree to rounding. It is tens of times slower, on the processor as on a GPU, where
it trains if its `train` is called with that device.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from superposition.config.models import MODELS, Activation, Model, Target
from superposition.config.settings import Cell, TrainingSettings
from superposition.model.parameters import Parameters
from superposition.model.weights import Weights
from superposition.sampling.attacks import attacked_features
from superposition.sampling.sample import batch
from superposition.training import Progress
from superposition.training.fused import collect, initial_parameters
from superposition.training.layout import attack_length, learning_rates

_ACTIVATIONS: dict[Activation, Callable[[Tensor], Tensor]] = {
    "identity": lambda v: v,
    "relu": torch.relu,
    "gelu": lambda v: nn.functional.gelu(v, approximate="tanh"),
    "tanh": torch.tanh,
}
_TARGETS: dict[Target, Callable[[Tensor], Tensor]] = {
    "identity": lambda x: x,
    "absolute": torch.abs,
}


class ToyModel(nn.Module):
    """One network of the family: y = g(W_out f(W x + c) + b), W_out = Wᵀ where tied."""

    def __init__(self, model: Model, start: Parameters) -> None:
        """Take a row of the model table and weights to start from (a leading axis of one run)."""
        super().__init__()
        self.model = model
        self.W = nn.Parameter(torch.tensor(start.W[0]))
        self.b = nn.Parameter(torch.tensor(start.b[0]))
        # A tied model has one parameter used twice, never two that share memory: Adam would step
        # it twice.
        self.W_out = None if start.W_out is None else nn.Parameter(torch.tensor(start.W_out[0]))
        c = start.hidden_bias
        self.hidden_bias = None if c is None else nn.Parameter(torch.tensor(c[0]))

    def hidden(self, x: Float[Tensor, "batch n"]) -> Float[Tensor, "batch m"]:
        """The hidden activations h of a batch of features."""
        h = x @ self.W.T
        if self.hidden_bias is not None:
            h = h + self.hidden_bias
        return _ACTIVATIONS[self.model.hidden](h)

    def output(self, h: Float[Tensor, "batch m"]) -> Float[Tensor, "batch n"]:
        """The outputs y of hidden activations."""
        y = h @ (self.W if self.W_out is None else self.W_out.T) + self.b
        return _ACTIVATIONS[self.model.output](y)

    def loss(
        self,
        x: Float[Tensor, "batch n"],
        importance: Float[Tensor, " n"],
        penalty: float = 0.0,
        attack: Float[Tensor, "batch n"] | None = None,
    ) -> Float[Tensor, ""]:
        """The loss of a batch: I_i (t_i − y_i)² meaned over samples and features, and the penalty.

        Under attack the network is given x + attack, and has to give t(x) still.
        """
        target = _TARGETS[self.model.target](x)
        h = self.hidden(x if attack is None else x + attack)
        error = (importance * (target - self.output(h)) ** 2).mean()
        return error + penalty * h.abs().sum(dim=1).mean() if penalty else error

    def attack(self, features: Tensor, length: float) -> Float[Tensor, "batch n"]:
        """The attack on a feature of each sample (see `sampling.attacks`), as a constant."""
        rows = self.W.detach().T @ self.W.detach()
        norms = rows.norm(dim=1, keepdim=True)
        return (length * torch.where(norms > 0, rows / norms, torch.zeros_like(rows)))[features]

    def parameters_now(self) -> Parameters:
        """A copy of the parameters, with a leading axis of one run."""

        def copy(parameter: nn.Parameter) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
            return parameter.detach().cpu().numpy().copy()[None]

        W_out = None if self.W_out is None else copy(self.W_out)
        c = None if self.hidden_bias is None else copy(self.hidden_bias)
        return Parameters(copy(self.W), copy(self.b), W_out, c)


@contextmanager
def _in_fixed_order() -> Iterator[None]:
    """Let torch sum in a fixed order, and leave it as it was."""
    threads, order = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    torch.set_num_threads(1)
    # cuBLAS sums in a fixed order only with memory of a fixed size.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(mode=True)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        torch.use_deterministic_algorithms(order)


@_in_fixed_order()
def train(
    cell: Cell,
    runs: Sequence[int],
    threads: int,
    progress: Progress | None = None,
    given: Parameters | None = None,
    device: str = "cpu",
) -> Weights:
    """Train runs of a cell one after the other; the first arguments are the fused engine's.

    The number of threads has no effect: with more than one, torch may sum in another order. So
    may it on another device (`device` is in torch's words, such as `cuda`).
    """
    recipe, steps = cell.training, cell.training.steps
    importance = torch.tensor(cell.model.importance, dtype=torch.float32, device=device)
    length = attack_length(cell)
    kept, finished = recipe.snapshots, []
    for place, run in enumerate(runs):
        model = ToyModel(MODELS[cell.model.model], initial_parameters(cell, run, given)).to(device)
        optimizer = _optimizer(recipe, model)
        snapshots = [model.parameters_now()] if 0 in kept else []
        for number, rate in enumerate(learning_rates(recipe).tolist(), start=1):
            x = torch.from_numpy(batch(cell, run, number - 1)).to(device)
            attack = None
            if length:
                features = torch.from_numpy(attacked_features(cell, run, number - 1))
                attack = model.attack(features.to(device), length)
            optimizer.param_groups[0]["lr"] = rate
            optimizer.zero_grad()
            loss = model.loss(x, importance, recipe.activation_penalty, attack)
            loss.backward()  # type: ignore[no-untyped-call]
            _decay_weights(recipe, model, rate)
            optimizer.step()
            if number in kept:
                snapshots.append(model.parameters_now())
            if progress is not None and (number % 100 == 0 or number == steps):
                progress(place * steps + number, len(runs) * steps)
        finished.append((model.parameters_now(), snapshots))
    return collect(cell, runs, finished)


def _optimizer(recipe: TrainingSettings, model: ToyModel) -> torch.optim.Optimizer:
    kind = torch.optim.AdamW if recipe.optimizer == "adamw" else torch.optim.Adam
    return kind(
        model.parameters(),
        lr=recipe.learning_rate,
        betas=(recipe.beta1, recipe.beta2),
        eps=recipe.epsilon,
        weight_decay=0.0 if _of_weights(recipe) else recipe.weight_decay,
    )


def _of_weights(recipe: TrainingSettings) -> bool:
    """Whether weights alone decay, or are drawn to unit length."""
    return recipe.optimizer == "adamw" and (recipe.weight_decay < 0 or not recipe.decay_biases)


@torch.no_grad()
def _decay_weights(recipe: TrainingSettings, model: ToyModel, rate: float) -> None:
    """Shrink the vectors of features, or draw them to unit length, if the recipe says so."""
    if not _of_weights(recipe):
        return
    for vectors in (model.W.T, *(() if model.W_out is None else (model.W_out,))):
        pull = torch.ones(len(vectors), 1, device=vectors.device)
        if recipe.weight_decay < 0:
            pull = 1 - 1 / (vectors.norm(dim=1, keepdim=True) + recipe.epsilon)
        vectors.mul_(1 - rate * abs(recipe.weight_decay) * pull)
