"""Families of experiments that share recipes: which are tried, and on which cells.

`workflow/recipes.yaml` is written for people; with a configuration it resolves to the recipes of a
family, by their digests, and to the cells that each of them trains.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError, model_validator

from superposition.base.canonical import canonical_json, digest
from superposition.base.errors import UserError
from superposition.config.derived import FALLING
from superposition.config.load import read, shown
from superposition.config.messages import ConfigError, Location, Problem, explain, key_path
from superposition.config.models import ModelName
from superposition.config.recipe import Recipe, contradictions
from superposition.config.schema import Config, Name
from superposition.config.settings import Cell, Count, Positive, RecipeSettings
from superposition.config.values import FrequencyLaw, Probability, Section, report
from superposition.convergence.evidence import FamilyEvidence, problem_of, recipe_key, recipe_of
from superposition.convergence.quantities import QUANTITIES

RECIPES = Path("workflow/recipes.yaml")
_LONGER = (1, 2, 4)
"""How many times the configured steps are tried."""
_NOT_TRIED = ("snapshots", "attack", "activation_penalty", "examples")

Text = Annotated[str, Field(strict=True, min_length=1)]


class Compared(Section):
    """Cells on which recipes are compared: those of an experiment, at chosen densities."""

    experiment: Name
    """The experiment in config.yaml that says all else of them."""
    densities: tuple[Probability, ...] = Field(min_length=1)
    """1 − S, not necessarily of config.yaml; the hardest ones."""
    models: tuple[ModelName, ...] = ()
    """All models of the experiment if none are given."""
    relative_density: tuple[Positive, ...] = ()
    """Of the last feature, if the experiment sweeps it."""
    relative_importance: tuple[Positive, ...] = ()
    """Of the last feature, if the experiment sweeps it."""
    frequency_exponent: tuple[Positive, ...] = ()
    """Of the power law of densities, if the experiment sweeps it."""
    frequency_law: tuple[FrequencyLaw, ...] = ()
    """By which densities fall, if the experiment sweeps it."""


class Family(Section):
    """Experiments that share a recipe, and how it is found."""

    experiments: tuple[Name, ...] = Field(min_length=1)
    """The experiments of config.yaml that it serves."""
    compared: tuple[Compared, ...] = Field(min_length=1)
    """On which cells recipes are compared."""
    runs: Annotated[int, Field(strict=True, ge=3)] = 3
    """Runs of each recipe at each cell."""
    samples: Count = 65_536
    """Samples of the fresh sample at density 1; 1/(1 − S) times as many else."""
    quantities: tuple[Text, ...] = ("D*", "represented")
    """What must not move when the steps are doubled: names of `quantities.QUANTITIES`."""
    recipes: tuple[Recipe, ...] = ()
    """What is tried beside the recipes of config.yaml, which are also tried with twice and with
    four times the steps; a key that is not given is as in the general `training`."""

    @model_validator(mode="after")
    def _fits_together(self) -> "Family":
        report([*self._problems()])
        return self

    def _problems(self) -> Iterator[Problem]:
        for k, one in enumerate(self.compared):
            if one.experiment not in self.experiments:
                yield (
                    ("compared", k, "experiment"),
                    f"is {one.experiment!r}; expected one of those that the family serves: "
                    f"{', '.join(self.experiments)}.",
                )
        for k, name in enumerate(self.quantities):
            if name not in QUANTITIES:
                yield (
                    ("quantities", k),
                    f"is {name!r}; expected one of {', '.join(map(repr, QUANTITIES))}.",
                )
        for k, recipe in enumerate(self.recipes):
            for key in recipe.model_fields_set.intersection(_NOT_TRIED):
                yield (
                    ("recipes", k, key),
                    "is given; recipes are compared by the plain loss after training, without "
                    "attacks, penalties, data sets and snapshots. Remove it.",
                )


class Families(Section):
    """The whole file."""

    families: dict[Name, Family] = Field(min_length=1)
    """The families by name."""
    exempt: dict[Name, Text] = Field(default={})
    """Experiments whose recipe is not chosen by loss, each with the reason."""

    @model_validator(mode="after")
    def _serve_once(self) -> "Families":
        report([*self._repeats()])
        return self

    def _repeats(self) -> Iterator[Problem]:
        first: dict[str, str] = {name: "exempt" for name in self.exempt}
        for family, settings in self.families.items():
            for k, name in enumerate(settings.experiments):
                if name in first:
                    yield (
                        ("families", family, "experiments", k),
                        f"is {name!r}, as in {first[name]}; expected each experiment once.",
                    )
                first[name] = f"families.{family}"


@dataclass(frozen=True)
class Contest:
    """A family with the configuration whose experiments it serves: what there is to train."""

    family: Family
    config: Config

    @cached_property
    def configured(self) -> dict[str, list[Cell]]:
        """The cells of each experiment that it serves."""
        return {name: list(self.config.cells(name).values()) for name in self.family.experiments}

    @cached_property
    def recipes(self) -> dict[str, RecipeSettings]:
        """What is tried, by `recipe_key`: config.yaml's recipes first, then longer, then others."""
        own = {
            recipe_key(cell.training): recipe_of(cell.training)
            for cells in self.configured.values()
            for cell in cells
        }
        tried = [
            recipe.model_copy(update={"steps": times * recipe.steps})
            for times in _LONGER
            for recipe in own.values()
        ]
        for given in self.family.recipes:
            keys = {key: getattr(given, key) for key in given.model_fields_set}
            tried.append(recipe_of(self.config.training.model_copy(update=keys)))
        return {recipe_key(recipe): recipe for recipe in tried}

    @cached_property
    def problems(self) -> dict[str, tuple[str, ...]]:
        """What the models of each experiment have to do, as digests."""
        return {
            name: tuple(sorted({problem_of(cell) for cell in cells}))
            for name, cells in self.configured.items()
        }

    @cached_property
    def settings(self) -> str:
        """A digest of the cells, runs and samples with which recipes are compared."""
        any_recipe = next(iter(self.recipes.values()))
        cells = self.cells(any_recipe).items()
        alike = [(name, cell.model_dump(mode="json", exclude={"training"})) for name, cell in cells]
        return digest(canonical_json([alike, self.family.quantities]))[:16]

    def made(self, found: FamilyEvidence | None) -> bool:
        """Whether evidence is for these recipes, cells and problems."""
        return found is not None and (found.settings, found.problems, set(found.trials)) == (
            self.settings,
            self.problems,
            set(self.recipes),
        )

    def cells(self, recipe: RecipeSettings) -> dict[str, Cell]:
        """The cells on which recipes are compared, trained with this one, by name."""
        return {
            name: cell for one in self.family.compared for name, cell in self._cells(one, recipe)
        }

    def _cells(self, compared: Compared, recipe: RecipeSettings) -> Iterator[tuple[str, Cell]]:
        name = compared.experiment
        own = self.config.experiments[name].model_dump(
            mode="json",
            exclude_unset=True,
            exclude={"training", "runs_per_job", "dictionaries", "explains", "follow_up", *_AXES},
        )
        chosen = compared.model_dump(mode="json", exclude_unset=True, exclude={"experiment"})
        config = {
            "seed": self.config.seed,
            "training": recipe.model_dump(mode="json"),
            "experiments": {
                name: {
                    **own,
                    "feature_probability": chosen.pop("densities"),
                    **chosen,
                    "runs": self.family.runs,
                    "evaluation_samples": self.family.samples,
                }
            },
        }
        # A name of files of weights has no slash.
        for cell, settings in Config.model_validate(config).cells().items():
            yield cell.replace("/", " "), settings


_AXES = ("feature_probability", "relative_density", "relative_importance", *FALLING)


def load(path: Path = RECIPES) -> Families:
    """The families in a file.

    Raises:
        ConfigError: With everything that is wrong, a line for each problem.
    """
    try:
        return Families.model_validate(read(path))
    except ValidationError as error:
        raise _explained(error, path) from None


def contest(families: Families, name: str, config: Config, path: Path = RECIPES) -> Contest:
    """A family of that name for a configuration.

    Raises:
        UserError: If there is none, or if it does not go with the configuration.
    """
    if name not in families.families:
        there = ", ".join(families.families)
        raise UserError(f"{shown(path)}: there is no family {name!r}; expected one of {there}.")
    family = families.families[name]
    for k, experiment in enumerate(family.experiments):
        if experiment not in config.experiments:
            raise UserError(
                f"{shown(path)}: families.{name}.experiments[{k}] is {experiment!r}, which is not "
                "in the configuration. Remove it, or mend the name."
            )
    found = Contest(family, config)
    for recipe in found.recipes.values():
        for served in map(config.experiments.__getitem__, family.experiments):
            for key, text in contradictions(recipe, served.normalised):
                raise UserError(f"{shown(path)}: families.{name}: a recipe's {key} {text}.")
    any_recipe = next(iter(found.recipes.values()))
    for k, compared in enumerate(family.compared):
        try:
            list(found._cells(compared, any_recipe))
        except ValidationError as error:
            raise _explained(error, path, ("families", name, "compared", k)) from None
    return found


def _explained(error: ValidationError, path: Path, start: Location = ()) -> ConfigError:
    problems = explain(error.errors(include_url=False))
    lines = [f"{shown(path)}: {key_path((*start, *place))} {text}" for place, text in problems]
    return ConfigError("\n".join(lines))
