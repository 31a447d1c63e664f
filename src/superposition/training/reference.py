"""The reference engine: the same training in plain torch, to read and to check the kernel against.

It starts from the same weights and draws the same batches, bit for bit, as the fused kernel; from
there on the two agree to rounding. It is tens of times slower.
"""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from superposition.attacks import attacked_features
from superposition.data import batch
from superposition.model import MODELS, Model
from superposition.settings import Cell
from superposition.training.attacked import attack_length
from superposition.training.fused import initial_parameters
from superposition.training.schedule import learning_rates
from superposition.weights import Parameters, Weights, join


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

    def forward(self, x: Float[Tensor, "batch n"]) -> Float[Tensor, "batch n"]:
        """Return y for a batch of features."""
        return self.output(self.hidden(x))

    def hidden(self, x: Float[Tensor, "batch n"]) -> Float[Tensor, "batch m"]:
        """Return the hidden activations h for a batch of features."""
        h = x @ self.W.T
        if self.hidden_bias is not None:
            h = h + self.hidden_bias
        return torch.relu(h) if self.model.relu_hidden else h

    def output(self, h: Float[Tensor, "batch m"]) -> Float[Tensor, "batch n"]:
        """Return y for hidden activations."""
        y = h @ (self.W if self.W_out is None else self.W_out.T) + self.b
        return torch.relu(y) if self.model.relu_output else y

    def loss(
        self,
        x: Float[Tensor, "batch n"],
        importance: Float[Tensor, " n"],
        penalty: float = 0.0,
        attack: Float[Tensor, "batch n"] | None = None,
    ) -> Float[Tensor, ""]:
        """Return what training makes small.

        That is Σ_i I_i (t_i − y_i)², meaned over the batch and the features, and what the penalty
        adds. Under attack the network is given x + attack, and has to give t(x) still.
        """
        target = x.abs() if self.model.absolute else x
        h = self.hidden(x if attack is None else x + attack)
        error = (importance * (target - self.output(h)) ** 2).mean()
        return error + penalty * h.abs().sum(dim=1).mean() if penalty else error

    def attack(self, features: Tensor, length: float) -> Float[Tensor, "batch n"]:
        """Return the attack on a feature of each sample (see `attacks`), as a constant."""
        rows = self.W.detach().T @ self.W.detach()
        norms = rows.norm(dim=1, keepdim=True)
        return (length * torch.where(norms > 0, rows / norms, torch.zeros_like(rows)))[features]

    def parameters_now(self) -> Parameters:
        """Return a copy of the parameters, with a leading axis of one run."""

        def copy(parameter: nn.Parameter) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
            return parameter.detach().cpu().numpy().copy()[None]

        W_out = None if self.W_out is None else copy(self.W_out)
        c = None if self.hidden_bias is None else copy(self.hidden_bias)
        return Parameters(copy(self.W), copy(self.b), W_out, c)


def train(
    cell: Cell,
    runs: Sequence[int],
    threads: int,
    progress: Callable[[int, int], None] | None = None,
    device: str = "cpu",
) -> Weights:
    """Train runs of a cell one after the other; arguments and result as for the fused engine."""
    # One thread whatever is asked for: with more, torch may sum in another order.
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(mode=True)
    finals, kept = [], []
    for place, run in enumerate(runs):
        final, snapshots = _train_run(
            cell, run, place * cell.training.steps, len(runs), progress, device
        )
        finals.append(final)
        kept.append(snapshots)
    steps = sorted(cell.training.snapshots)
    return Weights(
        cell,
        tuple(runs),
        join(finals),
        snapshots={step: join([one[step] for one in kept]) for step in steps},
    )


def _train_run(
    cell: Cell,
    run: int,
    done: int,
    runs: int,
    progress: Callable[[int, int], None] | None,
    device: str,
) -> tuple[Parameters, dict[int, Parameters]]:
    """Train one run; return its final parameters and those at the snapshots."""
    recipe = cell.training
    model = ToyModel(MODELS[cell.model.model], initial_parameters(cell, run)).to(device)
    importance = torch.tensor(cell.model.importance, dtype=torch.float32, device=device)
    kind = torch.optim.AdamW if recipe.optimizer == "adamw" else torch.optim.Adam
    optimizer = kind(
        model.parameters(),
        lr=recipe.learning_rate,
        betas=(recipe.beta1, recipe.beta2),
        eps=recipe.epsilon,
        weight_decay=recipe.weight_decay,
    )
    length = attack_length(cell)
    wanted = set(recipe.snapshots)
    kept = {0: model.parameters_now()} if 0 in wanted else {}
    for step, rate in enumerate(learning_rates(recipe).tolist()):
        optimizer.param_groups[0]["lr"] = rate
        optimizer.zero_grad()
        x = torch.from_numpy(batch(cell, run, step)).to(device)
        attack = None
        if length:
            features = torch.from_numpy(attacked_features(cell, run, step)).to(device)
            attack = model.attack(features, length)
        loss = model.loss(x, importance, recipe.activation_penalty, attack)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        if step + 1 in wanted:
            kept[step + 1] = model.parameters_now()
        if progress is not None and step % 100 == 99:
            progress(done + step + 1, runs * recipe.steps)
    return model.parameters_now(), kept
