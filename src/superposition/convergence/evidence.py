"""The evidence for recipes: what each one tried reaches, and the rule by which one is chosen.

A recipe is *sufficient* for a family of experiments if

- at every cell on which recipes are compared it saves at least 99 % of what the best recipe tried
  saves, over answering with the mean, in the loss on a fresh sample as a mean over runs, or falls
  short of that by no more than two standard errors; and
- with the steps doubled, no judged quantity moves by more than its spread over runs, the largest
  of recipes that differ in the steps alone.

The *chosen* one is the cheapest sufficient: that which sees the fewest samples. Verdicts of claims
play no part in it.
"""

import math
import operator
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import fmean, stdev

from pydantic import Field, ValidationError

from superposition.base.canonical import canonical_json, digest
from superposition.base.errors import UserError
from superposition.base.files import read_bytes
from superposition.config.derived import sets_apart
from superposition.config.settings import Cell, Frozen, RecipeSettings
from superposition.sampling.schedule import samples_seen

SUFFICIENT = 0.99
"""Least share of what the best recipe tried saves."""
_NEGLIGIBLE = 0.01
"""A quantity that moves by a smaller part of itself has not moved, however small its spread."""
_OBJECTIVE = ("activation_penalty", "attack", "examples", "snapshots")
"""Keys of `training` that say what is minimised or kept, not how."""

Measured = tuple[float | None, ...]
"""A number of each run; null if it has diverged."""


class CellEvidence(Frozen):
    """What a recipe reaches at a cell."""

    loss: Measured
    """On the fresh sample."""
    quantities: dict[str, Measured]
    """Judged quantities by name (`quantities.QUANTITIES`)."""


class Trial(Frozen):
    """A recipe, and what it reaches at each cell, by the cell's name."""

    recipe: RecipeSettings
    cells: dict[str, CellEvidence]

    @property
    def samples(self) -> int:
        """How many samples a run sees, its cost."""
        return samples_seen(self.recipe)


class FamilyEvidence(Frozen):
    """What was found for a family of experiments."""

    settings: str
    """A digest of the cells, runs and samples with which recipes were compared."""
    problems: dict[str, tuple[str, ...]]
    """The experiments it is for, and digests of what their models have to do (`problem_of`)."""
    runs: int
    """Runs of each recipe at each cell."""
    of_mean: dict[str, float]
    """The loss of answering with the mean, by cell."""
    trials: dict[str, Trial]
    """By the recipe's digest, `recipe_key`."""

    def saved(self, key: str, cell: str) -> float:
        """How much less than the mean's a recipe's loss is, as a mean over runs."""
        return self.of_mean[cell] - mean(self.trials[key].cells[cell].loss)

    def excess(self, key: str, cell: str) -> float:
        """The share of what the best recipe tried saves that this one does not, 0 for the best.

        It is infinite for a recipe of which a run has diverged, or where none saves anything.
        """
        best = max(self.saved(other, cell) for other in self.trials)
        saved = self.saved(key, cell)
        return 1.0 - saved / best if best > 0 and math.isfinite(saved) else math.inf

    def worst(self, key: str) -> tuple[float, str]:
        """The largest excess of a recipe, and the cell where that is."""
        return max((self.excess(key, cell), cell) for cell in self.of_mean)

    def chance(self, key: str, cell: str) -> float:
        """The excess that chance may give a recipe: two standard errors of the difference of means.

        Where runs end in several minima, means differ by how often each happens to be found.
        """
        best = max(self.trials, key=lambda other: self.saved(other, cell))
        errors = (_standard_error(self.trials[one].cells[cell].loss) for one in (key, best))
        return 2.0 * math.sqrt(sum(error * error for error in errors)) / self.saved(best, cell)

    def lacking(self, key: str) -> list[str]:
        """The cells at which a recipe does not fulfil the first part of the rule, worst first."""
        excess = {cell: self.excess(key, cell) for cell in self.of_mean}
        lacking = [
            cell
            for cell, its in excess.items()
            if math.isinf(its) or its > 1.0 - SUFFICIENT + self.chance(key, cell)
        ]
        return sorted(lacking, key=lambda cell: -excess[cell])

    def doubled(self, key: str) -> str | None:
        """The recipe that differs in having twice the steps, if it was tried."""
        recipe = self.trials[key].recipe
        twice = recipe_key(recipe.model_copy(update={"steps": 2 * recipe.steps}))
        return twice if twice in self.trials else None

    def moving(self, key: str) -> list[str]:
        """What moves when the steps are doubled, in words: the second part of the rule.

        With a recipe's runs so few, the spread is the range over them, the largest of those of the
        recipes that differ in nothing but the steps.
        """
        twice = self.doubled(key)
        return [] if twice is None else list(self._moving(key, twice))

    def _moving(self, key: str, twice: str) -> Iterator[str]:
        own = self.trials[key].recipe
        alike = [
            trial
            for trial in self.trials.values()
            if trial.recipe == own.model_copy(update={"steps": trial.recipe.steps})
        ]
        for cell, here in self.trials[key].cells.items():
            for name, values in here.quantities.items():
                later = self.trials[twice].cells[cell].quantities[name]
                before, after = mean(values), mean(later)
                ranges = (spread(trial.cells[cell].quantities[name]) for trial in alike)
                allowed = max(*ranges, _NEGLIGIBLE * abs(before))
                if not abs(after - before) <= allowed:
                    yield f"{name} from {before:.3g} to {after:.3g} at {cell}"

    def shortcoming(self, key: str) -> str:
        """Why a recipe that was tried is not sufficient, in words; nothing if it is."""
        if lacking := self.lacking(key):
            cell, excess = lacking[0], self.excess(key, lacking[0])
            if excess >= 1:
                return f"at {cell} it saves nothing over answering with the mean, or a run diverges"
            return (
                f"at {cell} it saves {100 * excess:.2g} % less than the best recipe tried, over "
                "answering with the mean"
            )
        if self.doubled(key) is None:
            return "it was not tried with twice the steps as well"
        moving = self.moving(key)
        return f"with twice the steps {'; '.join(moving)}" if moving else ""

    def chosen(self) -> str | None:
        """The cheapest sufficient recipe, of equally cheap ones the one that saves most."""
        enough = [key for key in self.trials if not self.shortcoming(key)]
        return min(
            enough, key=lambda key: (self.trials[key].samples, self.worst(key)), default=None
        )


class Evidence(Frozen):
    """All evidence that there is."""

    families: dict[str, FamilyEvidence] = Field(default={})
    """By the names of families."""
    core_seconds: dict[str, dict[str, float]] = Field(default={}, exclude_if=operator.not_)
    """What a run took on the machine that made the evidence, by family and recipe, as a mean over
    cells. It is the one thing here that differs by machine; nothing is decided by it."""

    def identity(self) -> str:
        """A digest of what verdicts may depend on."""
        return digest(canonical_json(self.families))[:16]

    def text(self) -> str:
        """The evidence as its file has it, the numbers of runs on one line."""
        text = self.model_dump_json(indent=1)
        return re.sub(r"\[[^][{}]*\]", lambda numbers: " ".join(numbers[0].split()), text) + "\n"

    def serving(self, experiment: str, cell: Cell) -> FamilyEvidence | None:
        """The evidence for an experiment's cell; none if it is for other models than the cell's."""
        for family in self.families.values():
            if experiment in family.problems:
                return family if problem_of(cell) in family.problems[experiment] else None
        return None


def recipe_of(training: RecipeSettings) -> RecipeSettings:
    """The recipe alone, without what is minimised and what is kept."""
    keys = RecipeSettings.model_fields.keys() - set(_OBJECTIVE)
    return RecipeSettings(**{key: getattr(training, key) for key in keys})


def recipe_key(training: RecipeSettings) -> str:
    """A short digest of a recipe."""
    return digest(canonical_json(recipe_of(training)))[:12]


def problem_of(cell: Cell) -> str:
    """A digest of what a cell's model has to do, at whatever density.

    What sets the last feature apart does not count, for recipes are compared on few of its values.
    """
    features = cell.features
    alike = slice(-1 if any(map(sets_apart, cell.swept)) else None)
    return digest(
        canonical_json(
            {
                "features": features.model_dump(mode="json", exclude={"feature_probability"}),
                "model": cell.model.model_dump(mode="json", exclude={"importance"}),
                "importance": cell.model.importance[alike],
            }
        )
    )[:12]


def mean(values: Measured) -> float:
    """The mean over runs; infinite if one has diverged."""
    return fmean(math.inf if value is None else value for value in values)


def _standard_error(values: Measured) -> float:
    """Of the mean over runs; 0 of one run, or if one has diverged."""
    numbers = [value for value in values if value is not None]
    if len(numbers) < max(2, len(values)):
        return 0.0
    return stdev(numbers) / math.sqrt(len(numbers))


def spread(values: Measured) -> float:
    """The range over runs; 0 if one has diverged, so that nothing is within it."""
    numbers = [value for value in values if value is not None]
    return max(numbers) - min(numbers) if len(numbers) == len(values) else 0.0


def words(recipe: RecipeSettings) -> str:
    """A recipe as people say it."""
    usual = RecipeSettings(
        optimizer=recipe.optimizer, weight_decay=0.0 if recipe.optimizer == "adam" else 0.01
    )
    told = {"optimizer", "learning_rate", "schedule", "batch", "steps", *_OBJECTIVE}
    others = [
        f"{name.replace('_', ' ')} {value:g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in recipe
        if name not in told and value != getattr(usual, name)
    ]
    main = f"{recipe.optimizer} {recipe.learning_rate:g} {recipe.schedule}"
    return ", ".join([main, *others, f"{recipe.batch:,} × {recipe.steps:,}"])


def read(path: Path) -> Evidence:
    """The evidence in a file; none if there is no such file.

    Raises:
        UserError: If it cannot be read, or is something else.
    """
    if not path.is_file():
        return Evidence()
    try:
        return Evidence.model_validate_json(read_bytes(path))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise UserError(
            f"{path}: {place} is not as evidence is written ({first['msg']}). Take the committed "
            "file, or remove it and run make convergence."
        ) from None
