"""What one trained cell is: the resolved settings that decide its bytes, and nothing else.

`config.yaml` is written for people; it resolves to a `Cell` for each experiment, model, density and
value of what else is swept. Everything downstream, from the counters of the random numbers to the
parameters that Snakemake watches, is a function of these records; `config.derived` has what follows
from them. `config.experiment` says more of keys that experiments have as well.
"""

import operator
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from superposition.base.canonical import canonical_json
from superposition.config.models import ModelName

ValueRange = Literal["unit", "signed"]
Optimizer = Literal["adam", "adamw"]
Schedule = Literal["constant", "linear", "cosine"]
Engine = Literal["auto", "fused", "cuda", "torch"]

# Strict numbers: YAML's true is not 1, and a number in quotes is a mistake. All have bounds: far
# beyond what is of use, but so that a slip of the hand is a message, and not hours of silence.
Whole = Annotated[int, Field(strict=True, ge=-(10**15), le=10**15)]
Count = Annotated[int, Field(strict=True, ge=1, le=10**9)]
Index = Annotated[int, Field(strict=True, ge=0, le=10**9)]
Width = Annotated[int, Field(strict=True, ge=1, le=10_000)]
Runs = Annotated[int, Field(strict=True, ge=1, le=100_000)]
Samples = Annotated[int, Field(strict=True, ge=1, le=10**7)]
Number = Annotated[float, Field(strict=True, ge=-1e9, le=1e9)]
Positive = Annotated[float, Field(strict=True, gt=0, le=1e9)]
NotNegative = Annotated[float, Field(strict=True, ge=0, le=1e9)]
Fraction = Annotated[float, Field(strict=True, ge=0, lt=1)]
Share = Annotated[float, Field(strict=True, ge=0, le=1)]
Part = Annotated[float, Field(strict=True, gt=0, le=1)]


class Frozen(BaseModel):
    """A record that refuses unknown keys, later changes, and infinite or undefined numbers."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class FeatureSettings(Frozen):
    """The distribution of x (paper: Demonstrating Superposition, #demonstrating-setup)."""

    n_features: int
    feature_probability: tuple[float, ...]
    """1 − S for each feature, [n]. Members of a set all carry the probability of their set."""
    value_range: ValueRange | tuple[float, float] = "unit"
    correlated: tuple[tuple[int, ...], ...] = ()
    anticorrelated: tuple[tuple[int, ...], ...] = ()
    # What is not used is not written: other distributions are the same text with it as without.
    normalised: bool = Field(default=False, exclude_if=operator.not_)
    """Samples are divided by their lengths; an empty one stays empty."""


class ModelSettings(Frozen):
    """A row of the model table, its width and the weights of its loss."""

    model: ModelName
    n_hidden: int
    importance: tuple[float, ...]
    """I_i of each feature, [n]."""


class RecipeSettings(Frozen, use_attribute_docstrings=True):
    """The optimiser's recipe, without what it keeps on the way."""

    optimizer: Optimizer = "adamw"
    """adam adds weight decay to the gradient, adamw shrinks the weights directly."""
    learning_rate: Positive = 1e-3
    """Learning rate at the first step, or at the end of the warm-up."""
    schedule: Schedule = "constant"
    """The learning rate: constant; linear to zero at the last step; or half a cosine to zero."""
    weight_decay: Number = 0.01
    """Decay coefficient. If it is below 0, which needs adamw, vectors of features are drawn to unit
    length: w times 1 − rate · |decay| · (1 − 1/‖w‖) at each step, and biases are left alone."""
    beta1: Fraction = 0.9
    """Decay of the running mean of gradients."""
    beta2: Fraction = 0.999
    """Decay of the running mean of squared gradients."""
    epsilon: Positive = 1e-8
    """Added to the root of the second moment."""
    batch: Samples = 1024
    """Samples per step, new at every step."""
    steps: Index = 10_000
    """Optimiser steps; 0 leaves the weights as they start."""
    # What is not used is not written: other recipes are the same text with these keys as without.
    activation_penalty: NotNegative = Field(default=0.0, exclude_if=operator.not_)
    """λ: the loss gets λ times the sum of hidden activations |h_k|, averaged over samples."""
    attack: NotNegative = Field(default=0.0, exclude_if=operator.not_)
    """Adversarial training: length of the attack on every sample, in mean input lengths."""
    initial_scale: Positive = Field(default=1.0, exclude_if=lambda scale: scale == 1.0)
    """Factor of the initial weights, whose variance is otherwise 2 / (n + m)."""
    initial_bias: NotNegative = Field(default=0.0, exclude_if=operator.not_)
    """Standard deviation of the output biases at the start; 0 to begin at 0."""
    initial_density: Share = Field(default=0.0, exclude_if=operator.not_)
    """Density 1 − S of the samples at the first step, falling in equal ratios to that of the
    features; 0: theirs throughout."""
    density_fall: Part = Field(default=0.6, exclude_if=lambda part: part == 0.6)
    """The part of the steps, from the first on, during which it falls."""
    warm_up: Index = Field(default=0, exclude_if=operator.not_)
    """Steps during which the learning rate rises from almost zero; the schedule follows."""
    decay_biases: bool = Field(default=True, exclude_if=bool)
    """Whether adamw's decay includes biases, as PyTorch's does, or only weights."""
    examples: Index = Field(default=0, exclude_if=operator.not_)
    """Size T of a data set that each run cycles through, its first T samples; 0 for new samples at
    every step. If T is smaller than a batch, a batch is the whole data set."""

    initial_batch: Index = Field(default=0, exclude_if=operator.not_)
    """Samples of the first step, growing towards `batch` in equal ratios over all steps, in whole
    blocks of 64; 0 for `batch` throughout."""


class TrainingSettings(RecipeSettings):
    """The optimiser's recipe, and what it keeps on the way."""

    snapshots: tuple[Index, ...] = ()
    """Steps after which the weights are kept as well (0 is the start)."""


class DictionarySettings(Frozen, use_attribute_docstrings=True):
    """Sparse autoencoders that are trained on the hidden activations of each network."""

    sizes: tuple[Width, ...] = Field(min_length=1)
    """Latents of each; every size is trained in every way that the next three keys give."""
    penalties: tuple[NotNegative, ...] = ()
    """ReLU autoencoders: λ, what a unit of latent activation costs."""
    # What is not used is not written: others are the same text with these keys as without.
    most_active: tuple[Width, ...] = Field(default=(), exclude_if=operator.not_)
    """TopK autoencoders: k; in a sample, at most the k largest latents are active."""
    prices: tuple[NotNegative, ...] = Field(default=(), exclude_if=operator.not_)
    """JumpReLU autoencoders: μ, what an active latent costs, whatever its size."""
    bandwidth: Positive = Field(default=0.3, exclude_if=lambda width: width == 0.3)
    """Width of the window around the threshold of a JumpReLU in which the threshold learns."""
    learning_rate: Positive = 3e-3
    """Adam's learning rate at the first step; it falls to zero along half a cosine."""
    batch: Samples = 256
    """Samples per step, new at every step."""
    steps: Count = 4000
    """Optimiser steps."""


class Cell(Frozen):
    """One model at one density, and at one value of whatever else is swept: all its runs."""

    features: FeatureSettings
    model: ModelSettings
    training: TrainingSettings
    seed: int
    runs: int
    """Independently started models, trained on batches of their own."""
    evaluation_samples: int
    """Size of the fixed sample on which all runs are compared."""
    swept: dict[str, float | str] = Field(default={}, exclude_if=operator.not_)
    """Keys that an experiment sweeps beside its densities, and their values here, such as
    `{"attack": 0.2}`; what they decide stands in the settings above."""
    start: str = Field(default="", exclude_if=operator.not_)
    """Digest of the weights that its runs start from (`model.start`); none if these are random."""

    def trained_with(self) -> str:
        """What decides a run's weights: not how many there are, nor how they are compared."""
        return canonical_json(self.model_dump(exclude={"runs", "evaluation_samples"}))
