"""What one trained cell is: the resolved settings that decide its bytes, and nothing else.

`config.yaml` is written for people (one entry per experiment, lists of densities, defaults); the
workflow resolves it into `Cell`s, one per experiment, model and density. Everything downstream,
from the counters of the random numbers to the parameters that Snakemake watches, is a function of
these records.
"""

import hashlib
import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

ModelName = Literal["linear", "relu", "relu_hidden", "relu_hidden_biased", "absolute"]
ValueRange = Literal["unit", "signed"]
Optimizer = Literal["adam", "adamw"]
Schedule = Literal["constant", "linear", "cosine"]
Engine = Literal["auto", "fused", "cuda", "torch", "torch-cuda"]

# Strict numbers: YAML's true is not 1, and a number in quotes is a mistake.
Whole = Annotated[int, Field(strict=True)]
Count = Annotated[int, Field(strict=True, ge=1)]
Index = Annotated[int, Field(strict=True, ge=0)]
Positive = Annotated[float, Field(strict=True, gt=0)]
NotNegative = Annotated[float, Field(strict=True, ge=0)]
Fraction = Annotated[float, Field(strict=True, ge=0, lt=1)]
Share = Annotated[float, Field(strict=True, ge=0, le=1)]


class Frozen(BaseModel):
    """A record that refuses unknown keys, later changes, and infinite or undefined numbers."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def _is_one(value: float) -> bool:
    return value == 1.0


def _is_zero(value: float) -> bool:
    return value == 0.0


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
    """linear, relu, relu_hidden, relu_hidden_biased or absolute (see `superposition.model`)."""
    n_hidden: int
    """Number of hidden dimensions, m."""
    importance: tuple[float, ...]
    """I_i of each feature, [n]."""


class RecipeSettings(Frozen, use_attribute_docstrings=True):
    """The optimiser's recipe, without what it keeps on the way."""

    optimizer: Optimizer = "adamw"
    """adam adds weight decay to the gradient, adamw shrinks the weights directly."""
    learning_rate: Positive = 1e-3
    """Learning rate at the first step."""
    schedule: Schedule = "constant"
    """The learning rate: constant; linear to zero at the last step; or half a cosine to zero."""
    weight_decay: NotNegative = 0.01
    """Decay coefficient."""
    beta1: Fraction = 0.9
    """Decay of the running mean of gradients."""
    beta2: Fraction = 0.999
    """Decay of the running mean of squared gradients."""
    epsilon: Positive = 1e-8
    """Added to the root of the second moment."""
    batch: Count = 1024
    """Samples per step, all fresh."""
    steps: Index = 10_000
    """Optimiser steps; 0 leaves the weights as they start."""
    # What is not used is not written: other recipes are the same text with these keys as without.
    activation_penalty: NotNegative = Field(default=0.0, exclude_if=_is_zero)
    """λ: the loss gets λ times the sum of hidden activations |h_k|, meaned over samples."""
    attack: Share = Field(default=0.0, exclude_if=_is_zero)
    """Adversarial training: length of the attack on every sample, in mean lengths of an input."""
    initial_scale: Positive = Field(default=1.0, exclude_if=_is_one)
    """Factor of the initial weights, whose variance is 2 / (n + m) otherwise."""


class TrainingSettings(RecipeSettings):
    """The optimiser's recipe."""

    snapshots: tuple[Index, ...] = ()
    """Steps after which the weights are kept as well (0 is the start)."""


class DictionarySettings(Frozen, use_attribute_docstrings=True):
    """Sparse autoencoders that are trained on the hidden activations of an experiment's models."""

    sizes: tuple[Count, ...] = Field(min_length=1)
    """Latents of each; every size is trained with every penalty."""
    penalties: tuple[NotNegative, ...] = Field(min_length=1)
    """λ, what a unit of latent activation costs."""
    learning_rate: Positive = 3e-3
    """Adam's learning rate at the first step; it falls to zero along half a cosine."""
    batch: Count = 256
    """Samples per step, all fresh."""
    steps: Count = 4000
    """Optimiser steps."""


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
    relative_importance: tuple[float, ...] = ()
    """If given, the cell is a row of a phase diagram: one point for each of these numbers, by which
    the importance of the last feature is multiplied there."""

    def points(self) -> tuple["Cell", ...]:
        """Return the cells that differ in nothing but one number: of a row, one for each point."""
        if not self.relative_importance:
            return (self,)
        *others, last = self.model.importance
        models = (
            self.model.model_copy(update={"importance": (*others, last * relative)})
            for relative in self.relative_importance
        )
        return tuple(
            self.model_copy(update={"model": model, "relative_importance": ()}) for model in models
        )

    def trained_with(self) -> str:
        """Return what decides a run's weights: not how many there are, nor how they compare."""
        settings = {"features", "model", "training", "seed"}
        if self.relative_importance:
            settings.add("relative_importance")
        return canonical_json(self.model_dump(include=settings))

    def run_identity(self, run: int) -> str:
        """Return the text from which the random numbers of one run derive.

        The recipe (optimiser, steps, batch) is not part of it: a longer training, or another
        learning rate, starts from the same weights and sees the same samples, so that recipes
        compare in pairs.
        """
        task = {"features": self.features, "model": self.model, "seed": self.seed, "run": run}
        return canonical_json(task)


def _plain(item: Any) -> Any:
    if isinstance(item, BaseModel):
        return item.model_dump(mode="json")
    raise TypeError(f"{type(item).__name__} has no canonical JSON")


_CANONICAL = json.JSONEncoder(
    default=_plain, sort_keys=True, separators=(",", ":"), allow_nan=False
)


def canonical_json(value: Any) -> str:
    """Return the one JSON text of a record: sorted keys, no spaces, shortest exact floats."""
    return _CANONICAL.encode(value)


def digest(text: str) -> str:
    """Return the SHA-256 of a text in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()
