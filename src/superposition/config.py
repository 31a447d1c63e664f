"""`config.yaml`, checked and resolved: from experiments as people write them to cells."""

import json
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError, model_validator
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from superposition.config_errors import ConfigError, Location, Problem, explain, key_path
from superposition.config_files import merge, origin, read, shown
from superposition.config_models import Experiment, Training
from superposition.config_values import Section, StepRange, density_label, report
from superposition.model import MODELS
from superposition.settings import (
    Cell,
    Count,
    Engine,
    FeatureSettings,
    ModelName,
    ModelSettings,
    TrainingSettings,
    Whole,
)

__all__ = [
    "Config",
    "ConfigError",
    "Experiment",
    "Training",
    "density_label",
    "from_mapping",
    "json_schema",
    "load",
]

Name = Annotated[str, Field(strict=True, pattern="^[A-Za-z][A-Za-z0-9_-]{0,63}$")]


class Config(Section):
    """Every experiment, and the defaults that they share."""

    engine: Engine = "auto"
    """What trains: fused (compiled, on the CPU), cuda (the same bytes on a GPU), torch (the
    reference, slow; torch-cuda on a GPU), or auto (cuda for jobs of many runs where there is a GPU,
    else fused)."""
    seed: Whole
    """Seed of everything random."""
    runs: Count = 32
    """Independently started models per cell."""
    runs_per_job: Count = 32
    """Runs that one training job takes on; smaller numbers make more and shorter jobs."""
    evaluation_samples: Count = 32_768
    """Samples on which a cell's runs are compared, at density 1; 1/(1 − S) times as many else."""
    training: Training = Training()
    """The optimiser's recipe, wherever an experiment does not give its own."""
    only: tuple[str, ...] = ()
    """Names of the experiments to build; all of them if not given."""
    experiments: dict[Name, Experiment] = Field(
        min_length=1, json_schema_extra={"additionalProperties": False}
    )
    """The experiments by name; the name is part of file names."""

    def chosen(self) -> dict[str, Experiment]:
        """Return the experiments to build, by name, in config order."""
        return {
            name: experiment
            for name, experiment in self.experiments.items()
            if name in self.only or not self.only
        }

    def cells(self) -> dict[str, Cell]:
        """Return every cell, resolved, by its name `experiment/model_density`, in config order."""
        return {
            f"{name}/{model}_{density_label(density)}": self._cell(name, model, density)
            for name, experiment in self.chosen().items()
            for model in experiment.models
            for density in experiment.densities()
        }

    def jobs(self, cell: str) -> tuple[range, ...]:
        """Return the runs of each training job of the cell named `experiment/model_density`."""
        name = cell.partition("/")[0]
        runs, size = self._setting(name, "runs"), self._setting(name, "runs_per_job")
        return tuple(range(first, min(first + size, runs)) for first in range(0, runs, size))

    def training_of(self, name: str) -> TrainingSettings:
        """Return the recipe of an experiment: the general one with the experiment's own keys."""
        own = self.experiments[name].training
        settings = {
            key: getattr(own if key in own.model_fields_set else self.training, key)
            for key in TrainingSettings.model_fields
        }
        recipe = own if "snapshots" in own.model_fields_set else self.training
        settings["snapshots"] = recipe.snapshot_steps()
        return TrainingSettings(**settings)

    def _setting(self, name: str, key: str) -> int:
        own: int | None = getattr(self.experiments[name], key)
        general: int = getattr(self, key)
        return general if own is None else own

    def _cell(self, name: str, model: ModelName, density: float | tuple[float, ...]) -> Cell:
        experiment = self.experiments[name]
        probabilities = experiment.probabilities(density)
        # As many active features at every density: they, not empty samples, tell runs apart.
        samples = (
            self._setting(name, "evaluation_samples") * len(probabilities) / sum(probabilities)
        )
        return Cell(
            features=FeatureSettings(
                n_features=experiment.n_features,
                feature_probability=probabilities,
                value_range=experiment.value_range,
                correlated=experiment.correlated,
                anticorrelated=experiment.anticorrelated,
            ),
            model=ModelSettings(
                model=model, n_hidden=experiment.n_hidden, importance=experiment.importances()
            ),
            training=self.training_of(name),
            seed=self._setting(name, "seed"),
            runs=self._setting(name, "runs"),
            evaluation_samples=round(samples),
            relative_importance=experiment.importance_ratios(),
        )

    @model_validator(mode="after")
    def _fits_together(self) -> "Config":
        report(
            [
                *self._names_too_alike(),
                *self._late_snapshots(),
                *self._attacks_without_direction(),
                *self._unknown_names(),
            ]
        )
        return self

    def _unknown_names(self) -> Iterator[Problem]:
        for k, name in enumerate(self.only):
            if name not in self.experiments:
                near = get_close_matches(name, self.experiments, 1)
                cure = f"did you mean {near[0]}?" if near else "expected the name of an experiment."
                yield ("only", k), f"is {name!r}, which is not in experiments; {cure}"

    def _names_too_alike(self) -> Iterator[Problem]:
        seen: dict[str, str] = {}
        for name in self.experiments:
            other = seen.setdefault(name.casefold(), name)
            if other != name:
                yield (
                    ("experiments", name),
                    f"differs from experiments.{other} in capital letters only; expected another "
                    "name: some file systems cannot tell the two apart.",
                )

    def _late_snapshots(self) -> Iterator[Problem]:
        for name, experiment in self.experiments.items():
            place, given = self._given(name, experiment, "snapshots")
            listed: Iterable[tuple[int | str, int]]
            if isinstance(given, StepRange):
                listed = (("first", given.first), ("last", given.last))
            else:
                listed = enumerate(given)
            steps = self.training_of(name).steps
            for key, step in listed:
                if step > steps:
                    yield (
                        (*place, key),
                        f"is {step}; expected at most {steps}, the steps of experiments.{name}.",
                    )

    def _attacks_without_direction(self) -> Iterator[Problem]:
        tied = [name for name, model in MODELS.items() if model.tied]
        for name, experiment in self.experiments.items():
            place, attack = self._given(name, experiment, "attack")
            for model in experiment.models if attack else ():
                if model not in tied:
                    yield (
                        place,
                        f"is {attack:g}; expected 0 for the model {model} of experiments.{name}: "
                        "attacks follow the rows of WᵀW, which say nothing of a model whose output "
                        f"weights are its own. Give it to an experiment of {', '.join(tied)}.",
                    )

    def _given(self, name: str, experiment: Experiment, key: str) -> tuple[Location, Any]:
        """Return where the recipe of an experiment has a key from, and its value."""
        own = key in experiment.training.model_fields_set
        place = (*(("experiments", name) if own else ()), "training", key)
        return place, getattr((experiment if own else self).training, key)


def load(path: Path | str, *overlays: Path | str) -> Config:
    """Return the configuration in a file, overlaid with others as Snakemake's --configfile does.

    Raises:
        ConfigError: With everything that is wrong, a line for each problem.
    """
    merged: dict[Any, Any] = {}
    for file in (path, *overlays):
        merged = merge(merged, read(file))
    return from_mapping(merged, shown(path), (path, *overlays))


def from_mapping(
    mapping: Mapping[Any, Any],
    source: str = "config.yaml",
    files: Iterable[Path | str] = (),
) -> Config:
    """Return the configuration in a mapping, such as the one that Snakemake has merged.

    Args:
        mapping: The merged content.
        source: What messages call it.
        files: The files it was merged from, in order; messages then name the one at fault, and what
            merging hides (a key given twice) is refused.

    Raises:
        ConfigError: With everything that is wrong, a line for each problem.
    """
    contents = {shown(file): read(file) for file in files}
    try:
        return Config.model_validate(_in_order(mapping, contents.values()))
    except ValidationError as error:
        problems = explain(error.errors(include_url=False), _schema())
    lines = [
        " ".join(
            filter(None, (f"{origin(place, mapping, contents) or source}:", key_path(place), text))
        )
        for place, text in problems
    ]
    raise ConfigError("\n".join(lines)) from None


def _in_order(mapping: Mapping[Any, Any], contents: Iterable[Mapping[Any, Any]]) -> dict[Any, Any]:
    """Return the merged mapping with its experiments in the order of the files.

    Snakemake begins with the last file, so that an experiment named there would come first.
    """
    experiments = mapping.get("experiments")
    if not isinstance(experiments, Mapping):
        return dict(mapping)
    given = (content.get("experiments") for content in contents)
    names = [name for section in given if isinstance(section, Mapping) for name in section]
    order = dict.fromkeys(name for name in (*names, *experiments) if name in experiments)
    return {**mapping, "experiments": {name: experiments[name] for name in order}}


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


def _schema() -> dict[str, Any]:
    return Config.model_json_schema(schema_generator=_PlainSchema)


def json_schema() -> str:
    """Return the JSON schema of `config.yaml`, from which editors complete and check it."""
    schema = {"$schema": GenerateJsonSchema.schema_dialect, **_schema()}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
