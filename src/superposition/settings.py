"""What one trained cell is: the resolved settings that decide its bytes, and nothing else.

`config.yaml` is written for people (one entry per experiment, lists of densities, defaults); the
workflow resolves it into `Cell`s, one per experiment, model and density. Everything downstream,
from the counters of the random numbers to the parameters that Snakemake watches, is a function of
these records.
"""

import hashlib
import json
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

ModelName = Literal["linear", "relu", "relu_hidden", "absolute"]
ValueRange = Literal["unit", "signed"]
Optimizer = Literal["adam", "adamw"]
Schedule = Literal["constant", "linear", "cosine"]


class Frozen(BaseModel):
    """A record that refuses unknown keys, later changes, and infinite or undefined numbers."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class FeatureSettings(Frozen):
    """The distribution of x (paper: Demonstrating Superposition, #demonstrating-setup)."""

    n_features: int
    """Number of features, n."""
    feature_probability: tuple[float, ...]
    """1 − S for each feature, [n]. Members of a set all carry the probability of their set."""
    value_range: ValueRange = "unit"
    """Values of an active feature: uniform on [0, 1] (unit) or [−1, 1] (signed)."""
    correlated: tuple[tuple[int, ...], ...] = ()
    """Sets that are active or silent together, each member with a magnitude of its own."""
    anticorrelated: tuple[tuple[int, ...], ...] = ()
    """Sets of which, when the set is active, exactly one member is active, each equally often."""


class ModelSettings(Frozen):
    """A row of the model table, its width and the weights of its loss."""

    model: ModelName
    """linear, relu, relu_hidden or absolute (see `superposition.model`)."""
    n_hidden: int
    """Number of hidden dimensions, m."""
    importance: tuple[float, ...]
    """I_i of each feature, [n]."""


class TrainingSettings(Frozen):
    """The optimiser's recipe."""

    optimizer: Optimizer = "adamw"
    """adam adds weight decay to the gradient, adamw shrinks the weights directly."""
    learning_rate: float = 1e-3
    """Learning rate at the first step."""
    schedule: Schedule = "constant"
    """constant; linear to zero at the last step; or half a cosine to zero."""
    weight_decay: float = 0.01
    """Decay coefficient (torch's AdamW default is 0.01)."""
    beta1: float = 0.9
    """Decay of the running mean of gradients."""
    beta2: float = 0.999
    """Decay of the running mean of squared gradients."""
    epsilon: float = 1e-8
    """Added to the root of the second moment."""
    batch: int = 1024
    """Samples per step, all fresh."""
    steps: int = 10_000
    """Optimiser steps."""
    snapshots: tuple[int, ...] = ()
    """Steps after which the weights are kept as well (0 is the start)."""


class Cell(Frozen):
    """One model at one density of one experiment, all its runs: what a weights file holds."""

    features: FeatureSettings
    model: ModelSettings
    training: TrainingSettings
    seed: int
    """Seed of everything random."""
    runs: int
    """Independently started models, trained on batches of their own."""
    evaluation_samples: int
    """Size of the fixed sample on which all runs are compared."""

    def trained_with(self) -> str:
        """Return what decides a run's weights: not how many there are, nor how they compare."""
        return canonical_json(self.model_dump(include={"features", "model", "training", "seed"}))

    def run_identity(self, run: int) -> str:
        """Return the text from which the random numbers of one run derive.

        The recipe (optimiser, steps, batch) is not part of it: a longer training, or another
        learning rate, starts from the same weights and sees the same samples, so that recipes
        compare in pairs.
        """
        task = {"features": self.features, "model": self.model, "seed": self.seed, "run": run}
        return canonical_json(task)


def canonical_json(value: Any) -> str:
    """Return the one JSON text of a record: sorted keys, no spaces, shortest exact floats."""

    def plain(item: Any) -> Any:
        if isinstance(item, BaseModel):
            return item.model_dump(mode="json")
        raise TypeError(f"{type(item).__name__} has no canonical JSON")

    return json.dumps(value, default=plain, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(text: str) -> str:
    """Return the SHA-256 of a text in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()
