"""The reference engine: the same training in plain torch, to read and to check the kernel against.

It starts from the same weights and draws the same batches, bit for bit, as the fused kernel; from
there on the two agree to rounding. It is tens of times slower.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from superposition.attacks import attacked_features
from superposition.data import batch
from superposition.model import MODELS, Model
from superposition.parameters import Parameters, join
from superposition.settings import Cell
from superposition.training.attacked import attack_length
from superposition.training.fused import initial_parameters
from superposition.training.schedule import learning_rates
from superposition.weights import Weights


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


class Step:
    """A step of training, on tensors that stay where they are, so that a GPU can record it."""

    def __init__(self, cell: Cell, run: int, device: str) -> None:
        """Prepare a run of a cell."""
        self.cell, self.run, self.recipe = cell, run, cell.training
        n = cell.features.n_features
        self.model = ToyModel(MODELS[cell.model.model], initial_parameters(cell, run)).to(device)
        self.importance = torch.tensor(cell.model.importance, dtype=torch.float32, device=device)
        self.x = torch.zeros((self.recipe.batch, n), device=device)
        self.attacked = torch.zeros(self.recipe.batch, dtype=torch.int64, device=device)
        self.attack_length = attack_length(cell)
        on_gpu = self.x.is_cuda
        kind = torch.optim.AdamW if self.recipe.optimizer == "adamw" else torch.optim.Adam
        rate = self.recipe.learning_rate
        self.optimizer = kind(
            self.model.parameters(),
            lr=torch.tensor(rate, device=device) if on_gpu else rate,
            betas=(self.recipe.beta1, self.recipe.beta2),
            eps=self.recipe.epsilon,
            weight_decay=self.recipe.weight_decay,
            capturable=on_gpu,
        )

    def load(self, step: int, rate: float) -> None:
        """Lay out the batch of a step and its learning rate."""
        [group] = self.optimizer.param_groups
        if isinstance(group["lr"], Tensor):
            group["lr"].fill_(rate)
        else:
            group["lr"] = rate
        self.x.copy_(torch.from_numpy(batch(self.cell, self.run, step)))
        if self.attack_length:
            features = attacked_features(self.cell, self.run, step)
            self.attacked.copy_(torch.from_numpy(features))

    def __call__(self) -> None:
        """Do the step."""
        self.optimizer.zero_grad()
        length, attack = self.attack_length, None
        if length:
            attack = self.model.attack(self.attacked, length)
        loss = self.model.loss(self.x, self.importance, self.recipe.activation_penalty, attack)
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()

    def start_again(self) -> None:
        """Bring back the weights and the optimiser of before the first step, where they lie."""
        start = ToyModel(self.model.model, initial_parameters(self.cell, self.run))
        with torch.no_grad():
            for ours, theirs in zip(self.model.parameters(), start.parameters(), strict=True):
                ours.copy_(theirs)
            for state in self.optimizer.state.values():
                for number in state.values():
                    number.zero_()


def train(
    cell: Cell,
    runs: Sequence[int],
    threads: int,
    progress: Callable[[int, int], None] | None,
    snapshots: Mapping[int, Parameters],
    device: str = "cpu",
    record: Callable[[Step], Callable[[], None]] = lambda step: step,
) -> Weights:
    """Train runs of a cell one after the other; the first arguments are the fused engine's.

    Args:
        cell: What to train.
        runs: Numbers of the runs.
        threads: Of no effect: with more than one, torch may sum in another order.
        progress: Called now and then with the steps done and the steps in all.
        snapshots: Where parameters of these runs go, after which steps.
        device: Where, in torch's words.
        record: Returns what does a step in a faster way.
    """
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(mode=True)
    finals = []
    for place, run in enumerate(runs):
        step = Step(cell, run, device)
        do, model = record(step), step.model
        if 0 in snapshots:
            snapshots[0].put(place, model.parameters_now())
        for number, rate in enumerate(learning_rates(cell.training).tolist(), start=1):
            step.load(number - 1, rate)
            do()
            if number in snapshots:
                snapshots[number].put(place, model.parameters_now())
            if progress is not None and number % 100 == 0:
                steps = cell.training.steps
                progress(place * steps + number, len(runs) * steps)
        finals.append(model.parameters_now())
    return Weights(cell, tuple(runs), join(finals), snapshots=snapshots)
