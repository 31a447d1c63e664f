"""`make convergence`: its files and settings, and its commands."""

import os
import re
import time
from argparse import Namespace
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from superposition.base.errors import UserError
from superposition.base.files import read_bytes, together, write_text
from superposition.base.progress import Progress
from superposition.base.shipped import shipped
from superposition.config.schema import Config
from superposition.config.settings import Cell, RecipeSettings
from superposition.workflow.builds import PROJECT
from superposition.workflow.code_version import STAGES, as_planned
from superposition.workflow.configuration import resolve
from superposition.workflow.costs import minutes, seconds_a_run, threads
from superposition.workflow.plan import Wildcards, settings_digest

if TYPE_CHECKING:
    from superposition.convergence.families import Contest, Families

# From the folder of a build, which need not be the workflow's.
EVIDENCE = Path(os.path.relpath(shipped("workflow/convergence.json", PROJECT)))
_FOLDER = "results/convergence"
_VARIABLE = "FAMILY"


def evidence_digest(file: Path = EVIDENCE) -> str:
    """A digest of what verdicts may depend on in the evidence."""
    from superposition.convergence.evidence import read

    return read(file).identity()


class Trials:
    """The trials of all families; methods that take wildcards serve rules.

    Recipes are read only when they are asked for: other builds do without them.
    """

    def __init__(self, config: Config) -> None:
        """Take the configuration whose recipes are compared."""
        self.config = config
        self._contests: dict[str, Contest] = {}

    @cached_property
    def families(self) -> "Families":
        """What `recipes.yaml` says."""
        from superposition.convergence.families import load

        return load()

    def contest(self, family: str) -> "Contest":
        """What there is to train for a family; a `UserError` if there is no such family."""
        from superposition.convergence.families import contest

        if family not in self._contests:
            self._contests[family] = contest(self.families, family, self.config)
        return self._contests[family]

    def wanted(self) -> list[str]:
        """The files of the families that the variable FAMILY names, or of all."""
        names = os.environ.get(_VARIABLE, "").split() or list(self.families.families)
        for name in names:
            self.contest(name)  # says which there are
        return [f"{_FOLDER}/{name}.json" for name in names]

    def trained(self, wildcards: Wildcards) -> list[str]:
        """The weights of all recipes of a family."""
        return list(self.weights(wildcards.family).values())

    def weights(self, family: str) -> dict[str, str]:
        """The file of weights of each recipe of a family."""
        return {
            key: f"{_FOLDER}/{family}/{_file_name(key, recipe)}.safetensors"
            for key, recipe in self.contest(family).recipes.items()
        }

    def cells(self, wildcards: Wildcards) -> dict[str, Cell]:
        """The cells of a trial by name; a `UserError` if there is no such recipe."""
        contest = self.contest(wildcards.family)
        for key, recipe in contest.recipes.items():
            if _file_name(key, recipe) == wildcards.recipe:
                return contest.cells(recipe)
        raise UserError(
            f"The family {wildcards.family} has no recipe {wildcards.recipe}. Use the name of a "
            f"file in {_FOLDER}/{wildcards.family}: words and a digest."
        )

    def settings_of_trial(self, wildcards: Wildcards) -> str:
        """A digest of what decides the weights of a recipe of a family."""
        cells = self.cells(wildcards).items()
        return settings_digest([(name, cell.trained_with(), cell.runs) for name, cell in cells])

    def settings_of_comparison(self, wildcards: Wildcards) -> str:
        """A digest of what decides the evidence for a family beside trained weights."""
        contest = self.contest(wildcards.family)
        return settings_digest([contest.settings, contest.problems, list(contest.recipes)])

    def threads_of(self, cores: int | None) -> Callable[[Wildcards], int]:
        """How many threads a trial gets, as in training."""
        return lambda wildcards: threads(cores, self.contest(wildcards.family).family.runs)

    def minutes_of(self, wildcards: Wildcards, attempt: int = 1) -> int:
        """How many minutes a cluster has to allow a trial."""
        cells = self.cells(wildcards).values()
        return minutes(sum(cell.runs * seconds_a_run(cell) for cell in cells), attempt)


def trial(options: Namespace) -> None:
    """Train a recipe of a family on the cells on which recipes are compared."""
    with as_planned(options.code, STAGES["train"]):
        from superposition.model.weights import save
        from superposition.training import train
        from superposition.training.layout import train_steps
    trials = Trials(resolve(options))
    _check(options, trials.settings_of_trial)
    cells = trials.cells(options)
    progress = Progress(f"{options.family}: {options.recipe}")
    runs = range(trials.contest(options.family).family.runs)
    train_steps.load()  # compiling is no part of the cost
    began = time.process_time()
    # On the CPU, whose time is told; the bytes are the same on a GPU.
    trained = train(list(cells.values()), runs, options.threads, "fused", progress)
    seconds = (time.process_time() - began) / (len(cells) * len(runs))
    file = f"{_FOLDER}/{options.family}/{options.recipe}"
    with together():
        save(f"{file}.safetensors", dict(zip(cells, trained, strict=True)))
        write_text(f"{file}.seconds", f"{seconds:.3g}\n")
    progress.finish(f"{options.family}: {options.recipe} trained")


def compare(options: Namespace) -> None:
    """Write the evidence for a family: what its trained recipes reach."""
    with as_planned(options.code, STAGES["compare"]):
        from superposition.convergence.comparison import compare as compared
        from superposition.convergence.evidence import Evidence
    trials = Trials(resolve(options))
    _check(options, trials.settings_of_comparison)
    files = {key: Path(file) for key, file in trials.weights(options.family).items()}
    family = compared(trials.contest(options.family), files)
    seconds = {key: float(read_bytes(file.with_suffix(".seconds"))) for key, file in files.items()}
    one = Evidence(families={options.family: family}, core_seconds={options.family: seconds})
    write_text(f"{_FOLDER}/{options.family}.json", one.text())


def convergence(options: Namespace) -> int:
    """Put the evidence that was found into the repository, or tell whether recipes have it.

    What was not compared here, or for other recipes than are listed now, stays as it was.
    """
    from superposition.convergence.check import problems
    from superposition.convergence.evidence import Evidence, read
    from superposition.convergence.page import page

    trials, known = Trials(resolve(options)), read(options.evidence)
    families = trials.families
    if options.check:
        told = problems(trials.config, families, known, options.evidence)
        if not _holds(options.page, page(known, families.exempt)):
            told.append(
                f"{options.page} is not what {options.evidence} and recipes.yaml say. Run python "
                "-m superposition convergence."
            )
        print("\n".join(told), end="\n" if told else "")
        return int(bool(told))
    named = options.families or []
    found, seconds = dict(known.families), dict(known.core_seconds)
    for name in named or families.families:
        new = read(Path(_FOLDER, f"{name}.json"))
        if trials.contest(name).made(new.families.get(name)):
            # Other times alone are no news.
            if new.families[name] != found.get(name) or name not in seconds:
                found[name], seconds[name] = new.families[name], new.core_seconds[name]
        elif named:
            raise UserError(
                f"{_FOLDER}/{name}.json is missing, or from other settings than recipes.yaml and "
                f"the configuration have. Run make convergence FAMILY={name}."
            )
    there = [name for name in families.families if name in found]
    merged = Evidence(
        families={name: found[name] for name in there},
        core_seconds={name: seconds[name] for name in there if name in seconds},
    )
    for path, text in (
        (options.evidence, merged.text()),
        (options.page, page(merged, families.exempt)),
    ):
        same = _holds(path, text)
        if not same:
            write_text(path, text)
        print(f"{path} {'is up to date' if same else 'written'}.")
    return 0


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and read_bytes(path) == text.encode()


def _check(options: Namespace, settings_of: Callable[[Any], str]) -> None:
    if options.settings and settings_of(options) != options.settings:
        raise UserError(
            "This job was planned with other settings than the configuration and recipes.yaml have "
            "here. Run make convergence again: what is finished stays."
        )


def _file_name(key: str, recipe: RecipeSettings) -> str:
    """A recipe's words and digest as part of a file's name."""
    from superposition.convergence.evidence import words

    return f"{re.sub('[^a-z0-9.]+', '-', words(recipe).replace(',', ''))}-{key}"
