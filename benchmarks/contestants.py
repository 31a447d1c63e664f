"""The programs whose speed is compared. All train the paper's ReLU output model by one recipe."""

import shutil
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from superposition.config.settings import (
    Cell,
    Engine,
    FeatureSettings,
    ModelSettings,
    TrainingSettings,
)
from superposition.training import train
from superposition.training.cuda.device import gpus

BATCH = 1024
"""Samples a step: those of the published notebook."""
BATCHED = 100
"""Models in one tensor where the loop trains many. The notebook itself has 10 or 20; with 100 the
loop's overhead is spread over more of them."""
ON_GPU = 256
"""Models that a GPU trains side by side."""


class Case(NamedTuple):
    """A size to measure; features are independent and equally important."""

    n: int
    """Features."""
    m: int
    """Hidden dimensions."""
    density: float
    """1 − S."""

    def cell(self, steps: int) -> Cell:
        """The settings of this case, with the notebook's recipe: AdamW at a constant rate."""
        return Cell(
            features=FeatureSettings(
                n_features=self.n, feature_probability=(self.density,) * self.n
            ),
            model=ModelSettings(model="relu", n_hidden=self.m, importance=(1.0,) * self.n),
            training=TrainingSettings(steps=steps, batch=BATCH),
            seed=0,
            runs=1,
            evaluation_samples=1,
        )


CASES = tuple(
    Case(n, m, density)
    for n, m in ((2, 1), (5, 2), (20, 5), (100, 20), (200, 20), (400, 30))
    for density in (1.0, 0.05)
)
"""Sizes of config.yaml's experiments from the smallest to a large one: dense, and sparse."""


class Work(NamedTuple):
    """A contestant that is ready to train."""

    run: Callable[[int], object]
    """Trains all its models for a number of steps."""
    models: int
    """How many models that is."""


class PublishedLoop:
    """The training loop that was published beside the paper: eager torch, autograd and AdamW.

    Models lie along an axis of every tensor and are trained together; their losses are added, so
    that none takes part in another's gradients. Written anew after
    https://github.com/anthropics/toy-models-of-superposition.
    """

    def __init__(self, case: Case, models: int, device: str = "cpu") -> None:
        """Start models of a case on a device, in torch's words."""
        self.shape = (BATCH, models, case.n)
        self.device = device
        scale = (2.0 / (case.n + case.m)) ** 0.5
        self.W = nn.Parameter(scale * torch.randn((models, case.n, case.m), device=device))
        self.b = nn.Parameter(torch.zeros((models, case.n), device=device))
        self.optimizer = torch.optim.AdamW([self.W, self.b], lr=1e-3)
        self.density = torch.tensor(case.density, device=device)
        self.importance = torch.ones(case.n, device=device)
        self.zero = torch.zeros((), device=device)

    def batch(self) -> Float[Tensor, "batch models n"]:
        """Fresh samples: each feature active with its probability, then uniform on [0, 1]."""
        values = torch.rand(self.shape, device=self.device)
        active = torch.rand(self.shape, device=self.device) <= self.density
        return torch.where(active, values, self.zero)

    def loss(self, x: Float[Tensor, "batch models n"]) -> Float[Tensor, ""]:
        """The sum over models of Σ_i I_i (x_i − y_i)², meaned over samples and features."""
        h = torch.einsum("...if,ifh->...ih", x, self.W)
        y = torch.relu(torch.einsum("...ih,ifh->...if", h, self.W) + self.b)
        return (self.importance * (x.abs() - y) ** 2).mean(dim=(0, 2)).sum()

    def step(self, x: Float[Tensor, "batch models n"]) -> None:
        """Update all models on one batch of each."""
        self.optimizer.zero_grad(set_to_none=True)
        self.loss(x).backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()


def contestants(threads: int) -> dict[str, Callable[[Case], Work]]:
    """What makes those programs ready for a case that can run here, by name.

    Args:
        threads: Threads of all but `fused_one`, which has one.
    """
    here: dict[str, Callable[[Case], Work]] = {
        "loop_one": partial(_loop, models=1, threads=threads),
        "loop_batched": partial(_loop, models=BATCHED, threads=threads),
        "fused_one": partial(_ours, engine="fused", models=1, threads=1),
        # Models are trained one by one on each thread, so more of them cost as much each.
        "fused_all": partial(_ours, engine="fused", models=2 * threads, threads=threads),
    }
    if shutil.which("g++"):
        here["loop_compiled"] = partial(_loop, models=BATCHED, threads=threads, compiled=True)
    if find_spec("jax"):
        here["jax"] = _jax
    if torch.cuda.is_available():
        here["loop_gpu"] = partial(_loop, models=BATCHED, threads=threads, device="cuda")
    if gpus():
        here["cuda"] = partial(_ours, engine="cuda", models=ON_GPU, threads=threads)
    return here


def _loop(
    case: Case, models: int, threads: int, device: str = "cpu", compiled: bool = False
) -> Work:
    loop = PublishedLoop(case, models, device)
    if compiled:
        loop.batch, loop.loss = torch.compile(loop.batch), torch.compile(loop.loss)  # type: ignore[method-assign]

    def run(steps: int) -> None:
        torch.set_num_threads(threads)
        for _ in range(steps):
            loop.step(loop.batch())
        if device == "cuda":
            torch.cuda.synchronize()

    return Work(run, models)


def _jax(case: Case) -> Work:
    from benchmarks.jax_loop import prepare

    return prepare(case, BATCHED)


def _ours(case: Case, engine: Engine, models: int, threads: int) -> Work:
    """An engine of this package, as the workflow calls it: every call starts the models anew."""
    return Work(lambda steps: train([case.cell(steps)], range(models), threads, engine), models)
