"""The sections of `config.yaml`: one frozen record each, with what is allowed under every key."""

import math
from collections.abc import Iterator

from pydantic import Field, model_validator

from superposition.config_errors import Location, Problem, found, key_path
from superposition.config_values import (
    Count,
    Density,
    FeatureSet,
    Fraction,
    Importance,
    Index,
    NotNegative,
    Positive,
    Section,
    Whole,
    density_label,
    report,
)
from superposition.settings import ModelName, Optimizer, Schedule, ValueRange


class Training(Section):
    """The optimiser's recipe; an experiment's own keys come before the general ones."""

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
    snapshots: tuple[Index, ...] = ()
    """Steps after which the weights are kept as well (0 is the start)."""


class Experiment(Section):
    """One experiment: every model at every density makes a cell, trained `runs` times."""

    description: str = Field(default="", strict=True)
    """What the experiment is for, in words."""
    models: tuple[ModelName, ...] = Field(min_length=1)
    """Rows of the model table: linear, relu, relu_hidden, absolute."""
    n_features: Count
    """Number of features, n."""
    n_hidden: Count
    """Number of hidden dimensions, m."""
    importance: Importance
    """I_i: a number for all, {decay: r} for r^i, {first: a, last: b} in equal ratios, or a list."""
    feature_probability: tuple[Density, ...] = Field(min_length=1)
    """Feature densities 1 − S: a number for all features, or a list with one for each feature."""
    value_range: ValueRange = "unit"
    """Values of an active feature: uniform on [0, 1] (unit) or [−1, 1] (signed)."""
    correlated: tuple[FeatureSet, ...] = ()
    """Sets of features that are active or silent together, each with a magnitude of its own."""
    anticorrelated: tuple[FeatureSet, ...] = ()
    """Sets of features of which exactly one is active when the set is, each equally often."""
    training: Training = Training()
    """Keys of the general `training` that differ here."""
    seed: Whole | None = None
    """Seed of everything random, if it differs here."""
    runs: Count | None = None
    """Independently started models per cell, if it differs here."""
    runs_per_job: Count | None = None
    """Runs that one training job takes on, if it differs here."""
    evaluation_samples: Count | None = None
    """Samples at density 1 on which the runs of a cell are compared, if it differs here."""

    def importances(self) -> tuple[float, ...]:
        """Return I_i, [n_features]."""
        if isinstance(self.importance, tuple):
            return self.importance
        if isinstance(self.importance, float):
            return (self.importance,) * self.n_features
        return self.importance.values(self.n_features)

    def probabilities(self, density: float | tuple[float, ...]) -> tuple[float, ...]:
        """Return 1 − S of each feature, [n_features], for one entry of `feature_probability`."""
        return density if isinstance(density, tuple) else (density,) * self.n_features

    @model_validator(mode="after")
    def _fits_together(self) -> "Experiment":
        lengths = list(self._wrong_lengths())
        sets = list(self._set_problems())
        repeats = list(self._repeats())
        # These look features up by number, which only makes sense once lengths and sets are right.
        values = [] if lengths or sets else [*self._importance_problems(), *self._unequal_sets()]
        report(lengths + repeats + sets + values)
        return self

    def _wrong_lengths(self) -> Iterator[Problem]:
        lists: list[tuple[Location, object]] = [(("importance",), self.importance)]
        lists += [(("feature_probability", k), p) for k, p in enumerate(self.feature_probability)]
        for place, value in lists:
            if isinstance(value, tuple) and len(value) != self.n_features:
                numbers = "1 number" if len(value) == 1 else f"{len(value)} numbers"
                wanted = f"expected {self.n_features}, one for each feature (n_features)."
                yield place, f"has {numbers}; {wanted}"

    def _repeats(self) -> Iterator[Problem]:
        for k, model in enumerate(self.models):
            first = self.models.index(model)
            if first < k:
                yield (
                    ("models", k),
                    f"is {model!r}, as is models[{first}]; expected each model once.",
                )
        labels = [density_label(density) for density in self.feature_probability]
        for k, label in enumerate(labels):
            first = labels.index(label)
            if first < k:
                yield (
                    ("feature_probability", k),
                    f"is {found(self.feature_probability[k])}, as is feature_probability[{first}]; "
                    "expected each density once. For more models at one density raise runs.",
                )

    def _sets(self) -> Iterator[tuple[Location, tuple[int, ...]]]:
        for kind in ("correlated", "anticorrelated"):
            yield from (((kind, k), members) for k, members in enumerate(getattr(self, kind)))

    def _set_problems(self) -> Iterator[Problem]:
        owner: dict[int, Location] = {}
        n = self.n_features
        for place, members in self._sets():
            for k, feature in enumerate(members):
                if feature >= n:
                    yield (
                        (*place, k),
                        f"is {feature}; expected a feature from 0 to {n - 1}: "
                        f"n_features is {n} and features are counted from 0.",
                    )
                elif feature in owner:
                    yield (
                        (*place, k),
                        f"is {feature}, which is in {key_path(owner[feature])} already; "
                        "expected each feature in one set at most.",
                    )
                owner.setdefault(feature, place)

    def _importance_as_written(self) -> object:
        value = self.importance
        return value.model_dump() if isinstance(value, Section) else value

    def _importance_problems(self) -> Iterator[Problem]:
        importances = self.importances()
        if not all(map(math.isfinite, importances)):
            yield (
                ("importance",),
                f"is {found(self._importance_as_written())}, which over {self.n_features} features "
                "grows beyond the largest number; expected a decay nearer to 1.",
            )
        elif not any(importances):
            yield (
                ("importance",),
                f"is {found(self._importance_as_written())}; expected a positive number for at "
                "least one feature. Without one there is nothing to learn.",
            )

    def _unequal_sets(self) -> Iterator[Problem]:
        for k, density in enumerate(self.feature_probability):
            probabilities = self.probabilities(density)
            for place, members in self._sets():
                values = [probabilities[feature] for feature in members]
                if len(set(values)) > 1:
                    yield (
                        ("feature_probability", k),
                        f"gives the members of {key_path(place)} the densities {found(values)}; "
                        "expected one density for the whole set, which is active as one.",
                    )
