"""The sections of `config.yaml`: one frozen record each, with what is allowed under every key."""

import math
from collections.abc import Iterator

from pydantic import Field, model_validator

from superposition.config_errors import Location, Problem, found, key_path
from superposition.config_values import (
    Densities,
    FeatureSet,
    Importance,
    Range,
    Ratios,
    Section,
    StepRange,
    Steps,
    density_label,
    ratios,
    report,
)
from superposition.settings import (
    Count,
    DictionarySettings,
    ModelName,
    RecipeSettings,
    ValueRange,
    Whole,
)


class Training(Section, RecipeSettings):
    """The optimiser's recipe; an experiment's own keys come before the general ones."""

    snapshots: Steps = ()
    """Steps after which the weights are kept as well (0 is the start): a list; or
    {first: a, last: b, points: k} in equal ratios, dense early."""

    def snapshot_steps(self) -> tuple[int, ...]:
        """Return the steps after which the weights are kept, in order and each once."""
        given = self.snapshots
        steps = given.values() if isinstance(given, StepRange) else given
        return tuple(sorted(set(steps)))


class Dictionaries(Section, DictionarySettings):
    """Sparse autoencoders that are to find the features again, given hidden activations alone."""


class Experiment(Section):
    """One experiment: every model at every density makes a cell, trained `runs` times."""

    description: str = Field(default="", strict=True)
    """What the experiment is for, in words."""
    models: tuple[ModelName, ...] = Field(min_length=1)
    """Rows of the model table: linear, relu, relu_hidden, relu_hidden_biased, absolute."""
    n_features: Count
    """Number of features, n."""
    n_hidden: Count
    """Number of hidden dimensions, m."""
    importance: Importance
    """I_i: a number for all, {decay: r} for r^i, {first: a, last: b} in equal ratios, or a list."""
    feature_probability: Densities
    """Feature densities 1 − S: a list, each entry a number for all features or a list with one for
    each feature; or {first: a, last: b, points: k} in equal ratios."""
    relative_density: Ratios = ()
    """Numbers by which the last feature's density is multiplied: each makes cells of its own."""
    relative_importance: Ratios = ()
    """Numbers by which the last feature's importance is multiplied: the points of each cell, which
    is then a row of a phase diagram."""
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
    dictionaries: Dictionaries | None = None
    """Sparse autoencoders to be trained on hidden activations of each cell's lowest-loss run."""

    def importances(self) -> tuple[float, ...]:
        """Return I_i, [n_features]."""
        if isinstance(self.importance, tuple):
            return self.importance
        if isinstance(self.importance, float):
            return (self.importance,) * self.n_features
        return self.importance.values(self.n_features)

    def densities(self) -> tuple[float | tuple[float, ...], ...]:
        """Return 1 − S of each cell: a number for all features, or one for each feature."""
        given = self.feature_probability
        densities = given.values() if isinstance(given, Range) else given
        if not self.relative_density:
            return densities
        return tuple(
            (*others, float(f"{last * relative:.4g}"))
            for *others, last in map(self.probabilities, densities)
            for relative in ratios(self.relative_density)
        )

    def importance_ratios(self) -> tuple[float, ...]:
        """Return what the last feature's importance is multiplied by at each point of a cell."""
        return ratios(self.relative_importance)

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
        if not lengths:
            values += self._too_dense()
        report(lengths + repeats + sets + values + list(self._dictionary_problems()))
        return self

    def _wrong_lengths(self) -> Iterator[Problem]:
        lists: list[tuple[Location, object]] = [(("importance",), self.importance)]
        if not isinstance(self.feature_probability, Range):
            entries = enumerate(self.feature_probability)
            lists += [(("feature_probability", k), p) for k, p in entries]
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
        given: dict[str, tuple[float | tuple[float, ...], ...]] = {
            key: values.values() if isinstance(values, Range) else values
            for key in ("feature_probability", "relative_density", "relative_importance")
            for values in [getattr(self, key)]
        }
        for key, values in given.items():
            labels = [density_label(value) for value in values]
            for k, label in enumerate(labels):
                first = labels.index(label)
                if first < k:
                    yield (
                        (key, k),
                        f"is {found(values[k])}, as is {key}[{first}]; "
                        "expected each number once. For more models of one kind raise runs.",
                    )

    def _dictionary_problems(self) -> Iterator[Problem]:
        if self.dictionaries is None:
            return
        if self.relative_importance:
            yield (
                ("dictionaries",),
                "is given with relative_importance; expected one or the other: rows of a phase "
                "diagram are many models.",
            )
        for model in self.models:
            if model not in ("linear", "relu"):
                yield (
                    ("dictionaries",),
                    f"is given for a {model} model; expected linear or relu models, whose hidden "
                    "layer has no ReLU: there are directions to be found.",
                )
        for key in ("sizes", "penalties"):
            values = getattr(self.dictionaries, key)
            for k, value in enumerate(values):
                first = values.index(value)
                if first < k:
                    yield (
                        ("dictionaries", key, k),
                        f"is {found(value)}, as is {key}[{first}]; expected each number once.",
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

    def _too_dense(self) -> Iterator[Problem]:
        densest = max((max(p) for p in map(self.probabilities, self.densities())), default=0.0)
        if self.relative_density and densest > 1:
            yield (
                ("relative_density",),
                f"makes the density of the last feature {densest:g}; expected at most 1. "
                "It multiplies feature_probability.",
            )

    def _unequal_sets(self) -> Iterator[Problem]:
        for k, density in enumerate(self.densities()):
            probabilities = self.probabilities(density)
            for place, members in self._sets():
                values = [probabilities[feature] for feature in members]
                if len(set(values)) > 1:
                    yield (
                        ("feature_probability", k),
                        f"gives the members of {key_path(place)} the densities {found(values)}; "
                        "expected one density for the whole set, which is active as one.",
                    )
