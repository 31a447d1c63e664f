"""What may stand in `config.yaml`: frozen records with what is allowed under every key.

`Config` resolves to cells. The records are checked against each other as they are made, and the
JSON schema that editors use is made from them.
"""

import json
import math
import re
from collections.abc import Iterator
from difflib import get_close_matches
from itertools import product
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, Tag, create_model, model_validator
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from superposition.config.messages import Location, Problem, found, key_path
from superposition.config.models import MODELS, ModelName
from superposition.config.settings import (
    Cell,
    DictionarySettings,
    Engine,
    FeatureSettings,
    ModelSettings,
    RecipeSettings,
    Runs,
    Samples,
    TrainingSettings,
    ValueRange,
    Whole,
    Width,
)
from superposition.config.values import (
    RAREST,
    Densities,
    FeatureSet,
    Importance,
    Ratios,
    Section,
    Steps,
    Values,
    density_label,
    forms,
    listed,
    power_law,
    report,
    sweep_label,
)


class Recipe(Section, RecipeSettings):
    """The optimiser's recipe."""

    snapshots: Steps = ()
    """Steps after which the weights are kept as well (0 is the start): a list; or
    {first: a, last: b, points: k} in equal ratios, dense early."""


def _swept(field: FieldInfo) -> Any:
    """A field of the recipe whose value may be a list, which sweeps it."""
    annotated: Any = Annotated
    one: Any = annotated[(field.annotation, Field(), *field.metadata)]
    many = Annotated[tuple[one, ...], Tag("<list>"), Field(min_length=1)]
    either = Annotated[Annotated[one, Tag("<one>")] | many, forms("one value, or a list")]
    return either, Field(default=field.default, description=field.description)


if TYPE_CHECKING:
    RecipeSweep = Recipe  # with a tuple in place of a value that is swept
else:
    RecipeSweep = create_model(
        "RecipeSweep",
        __base__=Section,
        **{name: _swept(field) for name, field in RecipeSettings.model_fields.items()},
        snapshots=(
            Steps,
            Field(default=(), description=Recipe.model_fields["snapshots"].description),
        ),
    )
"""The keys of the recipe that an experiment gives itself; of all but `snapshots`, a list of values
makes a cell for each."""


class Dictionaries(Section, DictionarySettings):
    """Sparse autoencoders that are to find the features again, given hidden activations alone."""


_CELLS, _NUMBERS = 10_000, 5_000_000
"""Cells of an experiment, and features of all of them, at most."""
_IMPORTANCE = 1e9
_NAMED_RANGES: dict[Any, ValueRange] = {(0.0, 1.0): "unit", (-1.0, 1.0): "signed"}
_BLOCK = 64
"""Samples that are drawn together (`kernels.contracts.philox.BLOCK`)."""
_EMPTY = 0.01
"""Largest share of empty samples where samples are normalised."""

ClaimId = Annotated[str, Field(strict=True, pattern="^[CEF][0-9]+[a-z]?$")]


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
    """Numbers by which the last feature's density is multiplied: a cell for each."""
    relative_importance: Ratios = ()
    """Numbers by which the last feature's importance is multiplied: a cell for each. They make the
    row of a phase diagram, and are trained in one job."""
    frequency_exponent: Ratios = ()
    """Exponents a of densities that fall as i^−a over the features i = 1 … n: a cell for each.
    Their mean is feature_probability."""
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
    """Claims of which it explains departures; it is built only if `explanations` is true."""
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
    """Runs that one training job takes on, if it differs here."""
    evaluation_samples: Samples | None = None
    """Samples at density 1 on which the runs of a cell are compared, if it differs here."""
    dictionaries: Dictionaries | None = None
    """Sparse autoencoders to be trained on hidden activations of every run."""

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
        exponent: float | None = None,
    ) -> tuple[float, ...]:
        """1 − S of each feature, [n_features]; with an exponent, by a power law of mean `density`.

        The last is multiplied by `relative`, to four digits.
        """
        if exponent is not None and not isinstance(density, tuple):
            density = power_law(density, exponent, self.n_features)
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
        for key in ("relative_density", "relative_importance", "frequency_exponent"):
            if values := listed(getattr(self, key)):
                axes[key] = values
        return axes

    @model_validator(mode="after")
    def _fits_together(self) -> "Experiment":
        problems = [*self._too_many(), *self._wrong_lengths(), *self._set_problems()]
        # These look features up by number, which only makes sense once lengths and sets are right.
        if not problems:
            problems += [*self._importance_problems(), *self._density_problems()]
            problems += [*self._power_law_problems(), *self._value_problems()]
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
        keys = ("models", "feature_probability", "relative_density", "relative_importance")
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
        cases = [
            (k, relative, self.probabilities(density, relative))
            for (k, density), relative in product(enumerate(self.densities()), relatives)
        ]
        made: dict[tuple[int, float], float | None] = {}
        for k, relative, probabilities in cases:
            last = probabilities[-1]
            if not RAREST <= last <= 1:
                yield (
                    ("relative_density",),
                    f"makes the density of the last feature {last:g}; expected {RAREST:g} to 1. "
                    "It multiplies feature_probability.",
                )
                break
            if (other := made.setdefault((k, last), relative)) != relative:
                yield (
                    ("relative_density",),
                    f"has {other} and {relative}, which both make the density of the last feature "
                    f"{last}, as that has four digits; expected values farther apart.",
                )
                break
        for k, _, probabilities in cases:
            for place, members in self._sets():
                values = [probabilities[feature] for feature in members]
                if len(set(values)) > 1:
                    yield (
                        ("feature_probability", k),
                        f"gives the members of {key_path(place)} the densities {found(values)}; "
                        "expected one density for the whole set, which is active as one.",
                    )

    def _power_law_problems(self) -> Iterator[Problem]:
        exponents = listed(self.frequency_exponent)
        for (k, density), exponent in product(enumerate(self.densities()), exponents):
            place = ("feature_probability", k)
            if isinstance(density, tuple):
                yield (
                    place,
                    "is a list; expected a number, the mean of all features, as frequency_exponent "
                    "says how they differ.",
                )
                return
            probabilities = self.probabilities(density, None, exponent)
            first, last = probabilities[0], probabilities[-1]
            if not (first <= 1 and last >= RAREST):
                yield (
                    ("frequency_exponent",),
                    f"makes densities from {first:g} to {last:g} with {exponent:g} where "
                    f"feature_probability, their mean, is {density:g}; expected {RAREST:g} to 1. "
                    "Take another mean, or a smaller exponent.",
                )
                return

    def _value_problems(self) -> Iterator[Problem]:
        if isinstance(self.value_range, tuple) and not self.value_range[0] < self.value_range[1]:
            yield (
                ("value_range",),
                f"is {found(self.value_range)}; expected the lowest value first, and another.",
            )
        grouped = {i: members[0] for _, members in self._sets() for i in members}
        exponents = listed(self.frequency_exponent) or (None,)
        cases = product(self.densities(), exponents) if self.normalised else ()
        for density, exponent in cases:
            probabilities = self.probabilities(density, None, exponent)
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


Name = Annotated[str, Field(strict=True, pattern="^[A-Za-z][A-Za-z0-9_-]{0,63}$")]


class Config(Section):
    """Every experiment, and the defaults that they share."""

    engine: Engine = "auto"
    """What trains: fused (compiled, on the CPU), cuda (the same bytes on a GPU), torch (the
    reference, slow), or auto (cuda for jobs of many runs where there is a GPU, else fused)."""
    seed: Whole
    """Seed of everything random."""
    runs: Runs = 32
    """Independently started models per cell."""
    runs_per_job: Runs = 128
    """Runs that one training job takes on; smaller numbers make more and shorter jobs."""
    evaluation_samples: Samples = 32_768
    """Samples on which a cell's runs are compared, at density 1; 1/(1 − S) times as many else."""
    training: Recipe = Recipe()
    """The optimiser's recipe, wherever an experiment does not give its own."""
    explanations: bool = False
    """Whether to build the experiments that explain departures from claims as well."""
    follow_ups: bool = False
    """Whether to build the experiments that go beyond the paper as well."""
    only: tuple[str, ...] = Field(default=(), max_length=1000)
    """Names of the experiments to build; all of them if not given."""
    experiments: dict[Name, Experiment] = Field(
        min_length=1, json_schema_extra={"additionalProperties": False}
    )
    """The experiments by name; the name is part of file names."""

    def chosen(self) -> dict[str, Experiment]:
        """The experiments to build, by name, in config order."""
        return {
            name: experiment
            for name, experiment in self.experiments.items()
            if (name in self.only if self.only else self._belongs(experiment))
        }

    def _belongs(self, experiment: Experiment) -> bool:
        """Whether an experiment is part of a build of everything."""
        explains, beyond = bool(experiment.explains), experiment.follow_up
        return explains <= self.explanations and beyond <= self.follow_ups

    def cells(self, experiment: str | None = None) -> dict[str, Cell]:
        """Every cell, or those of an experiment, by `experiment/model_density`, in config order."""
        names = [experiment] if experiment else self.chosen()
        return {key: cell for name in names for key, cell in self._cells(name)}

    def jobs(self, name: str) -> tuple[range, ...]:
        """The runs of each training job of the cells of an experiment."""
        runs, size = self._setting(name, "runs"), self._setting(name, "runs_per_job")
        return tuple(range(first, min(first + size, runs)) for first in range(0, runs, size))

    def _setting(self, name: str, key: str) -> int:
        own: int | None = getattr(self.experiments[name], key)
        general: int = getattr(self, key)
        return general if own is None else own

    def _cells(self, name: str) -> Iterator[tuple[str, Cell]]:
        experiment, samples = self.experiments[name], self._setting(name, "evaluation_samples")
        recipe = {key: self._given(name, key)[1] for key in Recipe.model_fields}
        recipe["snapshots"] = tuple(sorted(set(listed(recipe["snapshots"]))))
        axes = experiment.models, experiment.densities(), experiment.sweep()
        for model, density, swept in product(*axes):
            probabilities = experiment.probabilities(
                density, swept.get("relative_density"), swept.get("frequency_exponent")
            )
            # As many active features at each density: they, not empty samples, tell runs apart.
            count = samples * experiment.n_features / sum(probabilities)
            cell = Cell(
                features=FeatureSettings(
                    n_features=experiment.n_features,
                    feature_probability=probabilities,
                    value_range=_NAMED_RANGES.get(experiment.value_range, experiment.value_range),
                    normalised=experiment.normalised,
                    correlated=experiment.correlated,
                    anticorrelated=experiment.anticorrelated,
                ),
                model=ModelSettings(
                    model=model,
                    n_hidden=experiment.n_hidden,
                    importance=experiment.importances(swept.get("relative_importance", 1.0)),
                ),
                training=TrainingSettings(
                    **recipe | {key: swept[key] for key in recipe.keys() & swept.keys()}
                ),
                seed=self._setting(name, "seed"),
                runs=self._setting(name, "runs"),
                evaluation_samples=round(count),
                swept=swept,
            )
            yield f"{name}/{model}_{density_label(density)}{sweep_label(swept)}", cell

    def _given(self, name: str, key: str) -> tuple[Location, Any]:
        """Where the recipe of an experiment has a key from, and its value, or the values swept."""
        own = self.experiments[name].training
        if key in own.model_fields_set:
            return ("experiments", name, "training", key), getattr(own, key)
        return ("training", key), getattr(self.training, key)

    @model_validator(mode="after")
    def _fits_together(self) -> "Config":
        problems = [*self._unknown_names(), *self._late_snapshots()]
        problems += [*self._attacks_without_direction(), *self._rising_densities()]
        problems += self._contradicting_recipes()
        report([*problems, *self._starts_without_weights()])
        return self

    def _unknown_names(self) -> Iterator[Problem]:
        for k, name in enumerate(self.only):
            if name not in self.experiments:
                near = get_close_matches(name, self.experiments, 1)
                cure = f"did you mean {near[0]}?" if near else "expected the name of an experiment."
                yield ("only", k), f"is {name!r}, which is not in experiments; {cure}"

    def starts_from(self, name: str) -> str | None:
        """The experiment whose weights another starts from, if they are among the results."""
        built = re.fullmatch(
            r"results/weights/(.+)\.safetensors", self.experiments[name].start or ""
        )
        return built[1] if built else None

    def _starts_without_weights(self) -> Iterator[Problem]:
        for name in self.chosen():
            place = ("experiments", name, "start")
            seen, first = [name], self.starts_from(name)
            if first is not None and first not in self.chosen():
                near = get_close_matches(first, self.chosen(), 1)
                cure = (
                    f"did you mean {near[0]}?" if near else "expected one of those that are built."
                )
                yield place, f"is of the experiment {first}, which is not built here; {cure}"
                continue
            while first is not None and first not in seen and first in self.experiments:
                seen.append(first)
                first = self.starts_from(first)
            if first == name:
                yield (
                    place,
                    f"has experiments start from each other, {' from '.join([*seen, name])}; "
                    "expected one that starts from random weights.",
                )

    def _late_snapshots(self) -> Iterator[Problem]:
        for name in self.experiments:
            place, snapshots = self._given(name, "snapshots")
            last = max(listed(snapshots), default=0)
            _, steps = self._given(name, "steps")
            fewest = min(steps) if isinstance(steps, tuple) else steps
            if last > fewest:
                yield (
                    place,
                    f"has step {last}; expected at most {fewest}, the steps of experiments.{name}.",
                )

    def _attacks_without_direction(self) -> Iterator[Problem]:
        for name, experiment in self.experiments.items():
            place, given = self._given(name, "attack")
            attack = max(given) if isinstance(given, tuple) else given
            untied = [model for model in experiment.models if not MODELS[model].tied]
            if attack and untied:
                yield (
                    place,
                    f"is {attack:g}; expected 0 for the model {untied[0]} of experiments.{name}: "
                    "attacks follow the rows of WᵀW, which say nothing of a model whose output "
                    "weights are its own.",
                )

    def _recipes(self, name: str) -> Iterator[RecipeSettings]:
        """The recipes of an experiment, one for each combination of swept keys."""
        given = {key: self._given(name, key)[1] for key in RecipeSettings.model_fields}
        several = {key: one if isinstance(one, tuple) else (one,) for key, one in given.items()}
        for values in product(*several.values()):
            yield RecipeSettings(**dict(zip(several, values, strict=True)))

    def _contradicting_recipes(self) -> Iterator[Problem]:
        told = set()
        for name, experiment in self.experiments.items():
            for recipe in self._recipes(name):
                for key, text in _contradictions(recipe, experiment.normalised):
                    place, _ = self._given(name, key)
                    if place not in told:
                        told.add(place)
                        where = f" (experiments.{name})" if place[0] == "training" else ""
                        yield place, f"{text}{where}."

    def _rising_densities(self) -> Iterator[Problem]:
        for name in self.experiments:
            place, given = self._given(name, "initial_density")
            starts = list(filter(None, given if isinstance(given, tuple) else (given,)))
            cells = self.cells(name).values() if starts else ()
            densest = max((cell.density for cell in cells), default=0.0)
            if min(starts, default=1.0) < densest:
                yield (
                    place,
                    f"is {min(starts):g}; expected 0 for none, or at least {densest:g}, where "
                    f"samples of experiments.{name} end (feature_probability): they get sparser.",
                )


def _contradictions(recipe: RecipeSettings, normalised: bool) -> Iterator[tuple[str, str]]:
    """Keys of a recipe that do not go with others, and what is wrong."""
    batch, examples = recipe.batch, recipe.examples
    if recipe.warm_up > recipe.steps:
        yield "warm_up", f"is {recipe.warm_up}; expected at most {recipe.steps}, the steps"
    if recipe.weight_decay < 0 and recipe.optimizer != "adamw":
        yield (
            "weight_decay",
            f"is {recipe.weight_decay:g} with {recipe.optimizer}; expected 0 or more, or adamw, "
            "with which a negative one draws vectors of features to unit length",
        )
    if examples > batch and (examples % _BLOCK or batch % _BLOCK):
        yield (
            "examples",
            f"is {examples} with batches of {batch}; expected at most {batch}, or multiples of "
            f"{_BLOCK} for both: a data set is gone round in blocks of {_BLOCK} samples",
        )
    if recipe.attack and (examples or normalised):
        what = "examples" if examples else "normalised"
        yield "attack", f"is {recipe.attack:g} with {what}; expected one or the other"
    if recipe.initial_batch > batch:
        yield (
            "initial_batch",
            f"is {recipe.initial_batch}; expected at most {batch}, the batch that it grows to",
        )
    if recipe.initial_batch and examples:
        yield (
            "initial_batch",
            f"is {recipe.initial_batch} with examples; expected one or the other: a data set is "
            "gone round in batches of one size",
        )
    if recipe.initial_density and examples:
        yield (
            "initial_density",
            f"is {recipe.initial_density:g} with examples; expected one or the other: a data set "
            "has one density",
        )


class _PlainSchema(GenerateJsonSchema):
    """A schema for editors: no invented titles, and a key that may be left out may not be null."""

    def field_title_should_be_set(self, schema: object) -> bool:
        return False

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        default = schema.get("default")
        if default is None or isinstance(default, Section):
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)


def json_schema() -> str:
    """The JSON schema of `config.yaml`, from which editors complete and check it."""
    schema = Config.model_json_schema(schema_generator=_PlainSchema)
    content = {"$schema": GenerateJsonSchema.schema_dialect, **schema}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
