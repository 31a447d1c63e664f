"""`config.yaml` as a whole: every experiment, and the defaults that they share.

`Config` resolves to cells. Its records are frozen, have what is allowed under every key, and are
checked against each other as they are made; the JSON schema that editors use is made from them.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from itertools import product
from typing import Annotated, Any

from pydantic import Field, model_validator
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from superposition.config.derived import density, falls
from superposition.config.experiment import Experiment
from superposition.config.messages import Location, Problem
from superposition.config.models import MODELS
from superposition.config.recipe import Recipe, contradictions
from superposition.config.settings import (
    Cell,
    Engine,
    FeatureSettings,
    ModelSettings,
    RecipeSettings,
    Runs,
    Samples,
    TrainingSettings,
    ValueRange,
    Whole,
)
from superposition.config.values import Section, density_label, listed, report, sweep_label

_MOST_SAMPLES = 2**34
"""Evaluation samples of a cell at most: from there on the counter begins anew."""
_NAMED_RANGES: dict[Any, ValueRange] = {(0.0, 1.0): "unit", (-1.0, 1.0): "signed"}
Name = Annotated[str, Field(strict=True, pattern="^[A-Za-z][A-Za-z0-9_-]{0,63}$")]


class Config(Section):
    """Every experiment, and the defaults that they share."""

    engine: Engine = "auto"
    """What trains: fused (compiled, on the CPU), cuda (the same bytes on a GPU), torch (the
    reference, slow), or auto (fused in this version; cuda once a GPU has given its bytes)."""
    seed: Whole
    """Seed of everything random."""
    runs: Runs = 32
    """Independently started models per cell."""
    runs_per_job: Runs = 128
    """Runs in one training job; smaller numbers make more and shorter jobs."""
    evaluation_samples: Samples = 32_768
    """Samples to compare the runs of a cell at density 1; otherwise 1/(1 − S) times as many."""
    training: Recipe = Recipe()
    """The optimiser's recipe, wherever an experiment does not give its own."""
    explanations: bool = False
    """Whether to build the experiments that explain deviations from claims as well."""
    follow_ups: bool = False
    """Whether to build the experiments that go beyond the paper as well."""
    only: tuple[str, ...] = Field(default=(), max_length=1000)
    """Names of the experiments to build; all of them if not given."""
    experiments: dict[Name, Experiment] = Field(
        min_length=1, json_schema_extra={"additionalProperties": False}
    )
    """The experiments by name; the name is part of file names."""

    @model_validator(mode="before")
    @classmethod
    def _refuse_misspelt_experiments(cls, given: Any) -> Any:
        # In a file that is laid over another, one that is misspelt is a new one with a few keys.
        experiments = given.get("experiments") if isinstance(given, Mapping) else None
        named = experiments if isinstance(experiments, Mapping) else {}
        needed = [key for key, field in Experiment.model_fields.items() if field.is_required()]
        problems: list[Problem] = []
        for name, keys in named.items():
            missing = [key for key in needed if isinstance(keys, Mapping) and key not in keys]
            others = [str(other) for other in named if other != name] if missing else []
            if near := get_close_matches(str(name), others, 1, 0.8):
                lacks = f"lacks {', '.join(missing)}; did you mean {near[0]}?"
                problems.append((("experiments", str(name)), lacks))
        report(problems)
        return given

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
        for model, probability, swept in product(*axes):
            probabilities = experiment.probabilities(
                probability, swept.get("relative_density"), falls(swept)
            )
            # As many active features at each density: they, not empty samples, tell runs apart.
            count = samples * experiment.n_features / math.fsum(probabilities)
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
                evaluation_samples=min(round(count), _MOST_SAMPLES),
                swept=swept,
            )
            yield f"{name}/{model}_{density_label(probability)}{sweep_label(swept)}", cell

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
                for key, text in contradictions(recipe, experiment.normalised):
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
            densest = max((density(cell) for cell in cells), default=0.0)
            if min(starts, default=1.0) < densest:
                yield (
                    place,
                    f"is {min(starts):g}; expected 0 for none, or at least {densest:g}, where "
                    f"samples of experiments.{name} end (feature_probability): they get sparser.",
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
