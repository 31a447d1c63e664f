"""An experiment as `config.yaml` has it: its keys, what they resolve to, and what fits together."""

import math
from collections.abc import Iterator
from itertools import product
from typing import Annotated, Any

from pydantic import Field, model_validator

from superposition.config.derived import FALLING
from superposition.config.messages import Location, Problem, found, key_path
from superposition.config.models import ModelName
from superposition.config.recipe import RecipeSweep
from superposition.config.settings import DictionarySettings, Runs, Samples, Whole, Width
from superposition.config.values import (
    RAREST,
    Densities,
    FeatureSet,
    FrequencyLaw,
    Importance,
    Ratios,
    Section,
    Values,
    density_label,
    falling,
    listed,
    report,
)

_CELLS, _NUMBERS = 10_000, 5_000_000
"""Cells of an experiment, and features of all of them, at most."""
_IMPORTANCE = 1e9
_EMPTY = 0.01
"""Largest share of empty samples where samples are normalised."""
_OWN_SWEEPS = (*FALLING, "relative_density", "relative_importance")
"""Keys that are swept beside those of the recipe; last what sets a feature apart: cells that
differ in it alone have one name up to there."""

ClaimId = Annotated[str, Field(strict=True, pattern="^[CEF][0-9]+[a-z]?$")]


class Dictionaries(Section, DictionarySettings):
    """Sparse autoencoders that must find the features again, from hidden activations alone."""


class Experiment(Section):
    """One experiment: a cell for each model, density and value of what else is swept."""

    description: str = Field(default="", strict=True)
    """What the experiment is for, in words."""
    models: tuple[ModelName, ...] = Field(min_length=1)
    """Rows of the model table: linear, relu, gelu, tanh, relu_hidden, relu_hidden_biased,
    absolute."""
    n_features: Width
    """Number of features, n."""
    n_hidden: Width
    """Number of hidden dimensions, m."""
    importance: Importance
    """I_i: a number for all, {decay: r} for r^i, {first: a, last: b} in equal ratios, or a list."""
    feature_probability: Densities
    """Feature densities 1 − S: a list, each entry a number for all features or a list with one for
    each feature; or {first: a, last: b, points: k} in equal ratios."""
    relative_density: Ratios = ()
    """Numbers by which the last feature's density is multiplied: a cell for each, trained in one
    job."""
    relative_importance: Ratios = ()
    """Numbers by which the last feature's importance is multiplied: a cell for each. They make the
    row of a phase diagram, and are trained in one job."""
    frequency_exponent: Ratios = ()
    """Exponents a of densities that fall as i^−a over the features i = 1 … n: a cell for each.
    Their mean is feature_probability."""
    frequency_law: tuple[FrequencyLaw, ...] = ()
    """Laws by which densities fall over the features i = 1 … n, instead of exponents: power,
    i^−1.2, exponential, e^(−10 i / n), or linear, n + 1 − i. A cell for each."""
    value_range: Values = "unit"
    """Values of an active feature: uniform on [0, 1] (unit), [−1, 1] (signed) or
    [lowest, highest]."""
    normalised: Annotated[bool, Field(strict=True)] = False
    """Whether each sample is divided by its length."""
    correlated: tuple[FeatureSet, ...] = ()
    """Sets of features that are active or silent together, each with a magnitude of its own."""
    anticorrelated: tuple[FeatureSet, ...] = ()
    """Sets of features of which exactly one is active when the set is, each equally often."""
    explains: tuple[ClaimId, ...] = ()
    """Claims whose deviations it explains; it is built only if `explanations` is true."""
    follow_up: bool = False
    """Whether it goes beyond the paper; it is then built only if `follow_ups` is true."""
    training: RecipeSweep = RecipeSweep()
    """Keys of the general `training` that differ here. A list of values for one sweeps it: a cell
    for each of them."""
    start: Annotated[str, Field(strict=True, min_length=1)] | None = None
    """File of weights that runs start from, instead of random ones; those of another experiment are
    results/weights/NAME.safetensors. Run r starts from run r, modulo how many there are, of the
    cell of the same name, or of the only one in the file."""
    seed: Whole | None = None
    """Seed of everything random, if it differs here."""
    runs: Runs | None = None
    """Independently started models per cell, if it differs here."""
    runs_per_job: Runs | None = None
    """Runs in one training job, if it differs here."""
    evaluation_samples: Samples | None = None
    """Samples at density 1 on which the runs of a cell are compared, if it differs here."""
    dictionaries: Dictionaries | None = None
    """Sparse autoencoders to train on the hidden activations of every run."""

    def importances(self, relative: float = 1.0) -> tuple[float, ...]:
        """I_i, [n_features], the last of them multiplied by `relative`."""
        given = self.importance
        if isinstance(given, float):
            given = (given,) * self.n_features
        elif not isinstance(given, tuple):
            given = given.values(self.n_features)
        return (*given[:-1], given[-1] * relative)

    def densities(self) -> tuple[float | tuple[float, ...], ...]:
        """1 − S, each a number for all features, or one for each feature."""
        return listed(self.feature_probability)

    def probabilities(
        self,
        density: float | tuple[float, ...],
        relative: float | None = None,
        law: float | FrequencyLaw | None = None,
    ) -> tuple[float, ...]:
        """1 − S of each feature, [n_features]; with an exponent or a law, of mean `density`.

        The last is multiplied by `relative`, to four digits.
        """
        if law is not None and not isinstance(density, tuple):
            density = falling(density, law, self.n_features)
        given = density if isinstance(density, tuple) else (density,) * self.n_features
        if relative is None:
            return given
        return (*given[:-1], float(f"{given[-1] * relative:.4g}"))

    def sweep(self) -> Iterator[dict[str, Any]]:
        """The values that keys beside density are swept over, all combinations, by key."""
        axes = self._axes()
        for values in product(*axes.values()):
            yield dict(zip(axes, values, strict=True))

    def count(self) -> int:
        """How many cells it has."""
        swept = map(len, self._axes().values())
        return len(self.models) * len(self.densities()) * math.prod(swept)

    def _axes(self) -> dict[str, tuple[Any, ...]]:
        """The values that keys beside density are swept over, by key."""
        training = {key: values for key, values in self.training if key != "snapshots"}
        axes = {key: values for key, values in training.items() if isinstance(values, tuple)}
        for key in _OWN_SWEEPS:
            if values := listed(getattr(self, key)):
                axes[key] = values
        return axes

    @model_validator(mode="after")
    def _fits_together(self) -> "Experiment":
        problems = [*self._too_many(), *self._wrong_lengths(), *self._set_problems()]
        # These look features up by number, which only makes sense once lengths and sets are right.
        if not problems:
            problems += [*self._importance_problems(), *self._density_problems()]
            problems += [*self._falling_problems(), *self._value_problems()]
        report([*problems, *self._repeats(), *self._dictionary_problems()])
        return self

    def _too_many(self) -> Iterator[Problem]:
        cells, n = self.count(), self.n_features
        if cells > _CELLS or cells * n > _NUMBERS:
            yield (
                (),
                f"makes {cells:,} cells of {n:,} features; expected at most {_CELLS:,} cells, and "
                f"at most {_NUMBERS:,} features in all of them together.",
            )

    def _wrong_lengths(self) -> Iterator[Problem]:
        given: list[tuple[Location, object]] = [(("importance",), self.importance)]
        given += [(("feature_probability", k), p) for k, p in enumerate(self.densities())]
        for place, value in given:
            if isinstance(value, tuple) and len(value) != self.n_features:
                yield place, f"is {found(value)}; expected {self.n_features} numbers (n_features)."

    def _repeats(self) -> Iterator[Problem]:
        keys = ("models", "feature_probability", *_OWN_SWEEPS)
        given: dict[Location, Any] = {(key,): listed(getattr(self, key)) for key in keys}
        for section in ("training", "dictionaries"):
            own = getattr(self, section) or ()
            given |= {(section, key): values for key, values in own if key != "snapshots"}
        for place, values in given.items():
            several = values if isinstance(values, tuple) else ()
            labels = [one if isinstance(one, str) else density_label(one) for one in several]
            for k, label in enumerate(labels):
                first = labels.index(label)
                if first < k:
                    yield (
                        (*place, k),
                        f"is {found(values[k])}, as is {place[-1]}[{first}]; "
                        "expected each value once.",
                    )

    def _dictionary_problems(self) -> Iterator[Problem]:
        given = self.dictionaries
        if given is None:
            return
        if not (given.penalties or given.most_active or given.prices):
            yield (
                ("dictionaries",),
                "says nothing of what makes latents sparse; expected penalties (ReLU), most_active "
                "(TopK) or prices (JumpReLU).",
            )
        for k, most in enumerate(given.most_active):
            if most >= min(given.sizes):
                yield (
                    ("dictionaries", "most_active", k),
                    f"is {most}; expected fewer than the latents of the smallest dictionary, "
                    f"{min(given.sizes)} (sizes).",
                )
        if self.relative_importance:
            yield (
                ("dictionaries",),
                "is given with relative_importance; expected one or the other: rows of a phase "
                "diagram are many cells.",
            )
        others = [model for model in self.models if model not in ("linear", "relu")]
        if others:
            yield (
                ("dictionaries",),
                f"is given for a {others[0]} model; expected linear or relu models, whose hidden "
                "layer has no ReLU: there are directions to be found.",
            )

    def _sets(self) -> Iterator[tuple[Location, tuple[int, ...]]]:
        for kind in ("correlated", "anticorrelated"):
            yield from (((kind, k), members) for k, members in enumerate(getattr(self, kind)))

    def _set_problems(self) -> Iterator[Problem]:
        seen: set[int] = set()
        for place, members in self._sets():
            for k, feature in enumerate(members):
                if feature >= self.n_features:
                    last = self.n_features - 1
                    yield (*place, k), f"is {feature}; expected a feature from 0 to {last}."
                elif feature in seen:
                    yield (*place, k), f"is {feature}; expected each feature in one set at most."
                seen.add(feature)

    def _importance_problems(self) -> Iterator[Problem]:
        importances = self.importances()
        if max(importances) > _IMPORTANCE or not any(importances):
            yield (
                ("importance",),
                f"makes I_i {found(importances)}; expected at most {_IMPORTANCE:g}, and a positive "
                "one: else there is nothing to learn.",
            )

    def _density_problems(self) -> Iterator[Problem]:
        relatives = listed(self.relative_density) or (None,)
        key, laws = self._falling()
        given = product(enumerate(self.densities()), laws or (None,), relatives)
        cases = [
            (k, law, relative, self.probabilities(density, relative, law))
            for (k, density), law, relative in given
        ]
        made: dict[tuple[int, float | str | None, float], float | None] = {}
        for k, law, relative, probabilities in cases:
            last = probabilities[-1]
            if relative is not None and not RAREST <= last <= 1:
                yield (
                    ("relative_density",),
                    f"makes the density of the last feature {last:g}; expected {RAREST:g} to 1. "
                    f"It multiplies feature_probability, or what {key} makes of it.",
                )
                break
            if (other := made.setdefault((k, law, last), relative)) != relative:
                yield (
                    ("relative_density",),
                    f"has {other} and {relative}, which both make the density of the last feature "
                    f"{last}, as that has four digits; expected values farther apart.",
                )
                break
        for k, law, _, probabilities in cases:
            source = ("feature_probability", k) if law is None else (key,)
            for place, members in self._sets():
                values = [probabilities[feature] for feature in members]
                share = values[0] / len(members)
                if len(set(values)) > 1:
                    yield (
                        source,
                        f"gives the members of {key_path(place)} the densities {found(values)}; "
                        "expected one density for the whole set, which is active as one.",
                    )
                elif place[0] == "anticorrelated" and share < RAREST:
                    yield (
                        source,
                        f"gives each of the {len(members):,} members of {key_path(place)} the "
                        f"density {share:g}; expected at least {RAREST:g}: they share that of the "
                        "set.",
                    )

    def _falling(self) -> tuple[str, tuple[float | FrequencyLaw, ...]]:
        """The key that says how densities fall over the features, and its values."""
        key = "frequency_law" if self.frequency_law else "frequency_exponent"
        return key, listed(getattr(self, key))

    def _falling_problems(self) -> Iterator[Problem]:
        if self.frequency_law and self.frequency_exponent:
            yield (
                ("frequency_law",),
                f"is {found(self.frequency_law)} with frequency_exponent; expected one or the "
                "other: both say how densities fall.",
            )
            return
        key, laws = self._falling()
        for (k, density), law in product(enumerate(self.densities()), laws):
            place = ("feature_probability", k)
            if isinstance(density, tuple):
                yield (
                    place,
                    f"is a list; expected a number, the mean of all features, as {key} says how "
                    "they differ.",
                )
                return
            probabilities = self.probabilities(density, None, law)
            first, last = probabilities[0], probabilities[-1]
            if not (first <= 1 and last >= RAREST):
                its, milder = (
                    (law, "another law")
                    if isinstance(law, str)
                    else (f"{law:g}", "a smaller exponent")
                )
                yield (
                    (key,),
                    f"makes densities from {first:g} to {last:g} with {its} where "
                    f"feature_probability, their mean, is {density:g}; expected {RAREST:g} to 1. "
                    f"Take another mean, or {milder}.",
                )
                return

    def _value_problems(self) -> Iterator[Problem]:
        if isinstance(self.value_range, tuple) and not self.value_range[0] < self.value_range[1]:
            yield (
                ("value_range",),
                f"is {found(self.value_range)}; expected the lowest value first, and another.",
            )
        grouped = {i: members[0] for _, members in self._sets() for i in members}
        laws = self._falling()[1] or (None,)
        cases = product(self.densities(), laws) if self.normalised else ()
        for density, law in cases:
            probabilities = self.probabilities(density, None, law)
            first_ones = (p for i, p in enumerate(probabilities) if grouped.get(i, i) == i)
            empty = math.prod(1.0 - p for p in first_ones)
            if empty > _EMPTY:
                yield (
                    ("normalised",),
                    f"is true, and {100 * empty:.2g} % of samples have no active feature where "
                    f"feature_probability is {found(density)}: they have no length to be divided "
                    f"by. Expected at most {100 * _EMPTY:g} %: take denser features, or more.",
                )
                return
