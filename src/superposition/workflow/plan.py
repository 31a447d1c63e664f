"""What Snakemake needs to know: which files there are, and which settings decide their bytes.

Snakemake reruns a job when its parameters change: a digest of the settings that decide its bytes,
and of code and libraries (`workflow.code_version`). More would rerun it for unrelated edits, less
would leave its result stale. A job resolves the configuration itself, and does not begin if it
finds other settings than were planned.

A training job has some runs of a *group* of cells: those that differ in nothing but the last
feature's importance or density, such as the row of a phase diagram; nearly all are one cell.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from functools import cached_property
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from superposition.base.canonical import canonical_json, digest
from superposition.base.errors import UserError
from superposition.config.schema import Config
from superposition.config.settings import Cell
from superposition.figures import FIGURES, FORMATS
from superposition.workflow.costs import (
    minutes,
    seconds_a_run,
    seconds_of_dictionaries,
    threads,
)

if TYPE_CHECKING:
    from superposition.measure.files import Planned
    from superposition.model.parameters import Parameters
    from superposition.training.evaluate import Part

_START = 1.0
"""Seconds of one core for starting the jobs of a cell, about."""
_BY_EXPERIMENT = ("data", "runs", "weights", "dictionaries", "metrics")
"""Folders of results whose files are named after experiments."""
_NAMED = 4
"""Names that are given where one is asked for that is not there."""

_MOST_JOBS = 20_000
"""Training jobs that Snakemake can be given: with more it plans for hours."""

_LEAST_MEMORY = 1000
"""Megabytes that a job may take in any case."""

Wildcards: TypeAlias = Any
"""The wildcards of a rule, or other names, as attributes."""


class Plan:
    """All files and settings of a configuration; methods that take wildcards serve rules."""

    def __init__(self, config: Config) -> None:
        """Take the configuration, which resolves to cells."""
        self.config, self.engine = config, config.engine
        self.experiments = list(config.chosen())
        self._cells: dict[str, dict[str, Cell]] = {}

    @cached_property
    def cells(self) -> dict[str, Cell]:
        """Every cell by its name, `experiment/model_density`."""
        return {
            f"{experiment}/{name}": cell
            for experiment in self.experiments
            for name, cell in self.cells_of(experiment).items()
        }

    @cached_property
    def figures(self) -> list[str]:
        """The figures whose experiments are all there, in the paper's order."""
        there = set(self.experiments)
        return [name for name, spec in FIGURES.items() if there >= set(spec.experiments)]

    @cached_property
    def groups(self) -> dict[str, list[str]]:
        """The names of the cells of each group, by the group's name, `experiment/model_density`."""
        groups: dict[str, list[str]] = {}
        for name in self.cells:
            groups.setdefault(_row(name), []).append(name)
        return groups

    def check_jobs(self) -> None:
        """Raise a `UserError` if there are more jobs than Snakemake can plan."""
        groups = Counter(name.partition("/")[0] for name in self.groups)
        jobs = {name: count * len(self.config.jobs(name)) for name, count in groups.items()}
        if (total := sum(jobs.values())) > _MOST_JOBS:
            most = max(jobs, key=jobs.__getitem__)
            raise UserError(
                f"These settings make {total:,} training jobs, {jobs[most]:,} of them for "
                f"experiments.{most}; expected at most {_MOST_JOBS:,}. Raise runs_per_job, or "
                "sweep less."
            )

    def cells_of(self, experiment: str) -> dict[str, Cell]:
        """The cells of an experiment by their names within it; a `UserError` if there is none."""
        if experiment not in self.experiments:
            raise UserError(self._absent(experiment))
        if experiment not in self._cells:
            cells = self.config.cells(experiment)
            self._cells[experiment] = {name.partition("/")[2]: cells[name] for name in cells}
        return self._cells[experiment]

    def group(self, name: str) -> dict[str, Cell]:
        """The cells of a group by their names within the experiment; a `UserError` if none is."""
        experiment, _, own = name.partition("/")
        cells = self.cells_of(experiment) if experiment in self.experiments else {}
        names = [cell for cell in cells if _row(cell) == own]
        if not names:
            raise UserError(_no("cell", name, self.groups))
        return {cell: cells[cell] for cell in names}

    def why_not(self, file: str) -> str:
        """Why there is no such result in this build; nothing if it is not known."""
        folder, _, name = file.removeprefix("results/").partition("/")
        name = re.split(r"[./]", name)[0]
        if folder in _BY_EXPERIMENT and name not in self.experiments:
            return self._absent(name)
        if folder != "figures" or name in self.figures:
            return ""
        if name not in FIGURES:
            return _no("figure", name, self.figures)
        absent = next(one for one in FIGURES[name].experiments if one not in self.experiments)
        return f"The figure {name} shows {absent}. {self._absent(absent)}"

    def _absent(self, experiment: str) -> str:
        """Why an experiment is not in this build."""
        if experiment not in self.config.experiments:
            return _no("experiment", experiment, self.experiments)
        if self.config.only:
            return f"The experiment {experiment} is left out, for `only` does not list it: add it."
        beyond = self.config.experiments[experiment].follow_up
        command = "follow-ups" if beyond else "explanations"
        return f"The experiment {experiment} is left out but of make {command}."

    def identity(self) -> str:
        """A digest of all settings."""
        return digest(canonical_json(self.config))

    def constraints(self) -> dict[str, str]:
        """What each wildcard may be; else names with underscores would be ambiguous."""
        groups = {name.partition("/")[2] for name in self.groups}
        names = {"experiment": self.experiments, "group": groups, "figure": self.figures}
        constraints = {key: "|".join(map(re.escape, sorted(names[key]))) or "(?!)" for key in names}
        return {**constraints, "first": r"\d+", "last": r"\d+"}

    # What decides the bytes of each stage's results, as digests.

    def settings_of_data(self, wildcards: Wildcards) -> str:
        """Of an experiment's samples: their distributions, sizes and seed."""
        cells = self.cells_of(wildcards.experiment).values()
        keys = ((cell.features, cell.seed, cell.evaluation_samples) for cell in cells)
        return settings_digest(list(dict.fromkeys(keys)))

    def settings_of_training(self, wildcards: Wildcards) -> str:
        """Of the runs of a group: not how many there are, nor how they are compared."""
        group = self.group(f"{wildcards.experiment}/{wildcards.group}")
        settings: list[object] = [(name, cell.trained_with()) for name, cell in group.items()]
        return settings_digest(settings + self.start_of(wildcards))

    def settings_of_export(self, wildcards: Wildcards) -> str:
        """Of an experiment's weights: all settings of its cells."""
        return settings_digest(list(self.cells_of(wildcards.experiment).items()))

    def settings_of_dictionaries(self, wildcards: Wildcards) -> str:
        """Of the dictionaries of an experiment."""
        return settings_digest(self.config.experiments[wildcards.experiment].dictionaries)

    def settings_of_explorer(self, _: Wildcards = None) -> str:
        """Of the explorer, beside weights: the figures that it has links to."""
        from superposition.explorer import FIGURES

        return settings_digest([name for name in self.figures if name in FIGURES])

    # Files.

    def runs_of(self, wildcards: Wildcards) -> list[str]:
        """The files of an experiment's training jobs."""
        return self.files_of_runs(f"{wildcards.experiment}/")

    def start_of(self, wildcards: Wildcards) -> list[str]:
        """The file of weights that an experiment's runs start from, if there is one."""
        start = self.config.experiments[wildcards.experiment].start
        return [] if start is None else [start]

    def started(
        self, experiment: str, cells: dict[str, Cell], folder: Path = Path()
    ) -> tuple[dict[str, Cell], list["Parameters"]]:
        """Cells of an experiment with the digests of what they start from, and that, if any.

        Raises:
            WeightsError: If there are no such weights in the folder, if they do not fit, or are not
                those of the experiment that their file is named after.
        """
        file = self.config.experiments[experiment].start
        if file is None:
            return cells, []
        from superposition.model.checking import load_planned
        from superposition.model.start import from_file, starting

        where = f"experiments.{experiment}.start"
        of_ours = {self.weights([name])[0]: name for name in self.experiments}
        if file in of_ours:
            made, _ = self.started(of_ours[file], self.cells_of(of_ours[file]), folder)
            given = load_planned(folder / file, made)
            found = starting(cells, given, f"{where}: {folder / file}")
        else:
            found = from_file(cells, folder / file, where)
        return {name: cell for name, (cell, _) in found.items()}, [s for _, s in found.values()]

    def files_of_runs(self, start: str = "") -> list[str]:
        """The files of the training jobs of all groups, or of those whose names begin so."""
        return [
            file for name in self.groups if name.startswith(start) for _, file in self.jobs(name)
        ]

    def jobs(self, group: str) -> list[tuple[range, str]]:
        """The runs and the file of each training job of a group."""
        return [
            (runs, f"results/runs/{group}/{runs[0]}-{runs[-1]}.safetensors")
            for runs in self.config.jobs(group.partition("/")[0])
        ]

    def parts(self, experiment: str, groups: Iterable[str] | None = None) -> list["Part"]:
        """The files of training jobs, each with its runs and cells; of all groups, or of some."""
        its = [group for group in self.groups if group.startswith(f"{experiment}/")]
        return [
            (file, runs, list(self.group(group)))
            for group in (its if groups is None else groups)
            for runs, file in self.jobs(group)
        ]

    def planned(
        self, experiments: Iterable[str] | None = None, folder: Path = Path()
    ) -> dict[str, "Planned"]:
        """What the weights of all experiments, or of some, built in a folder, have to be.

        Raises:
            WeightsError: If weights that an experiment starts from are missing, or do not fit.
        """
        from superposition.measure.files import Planned

        return {
            name: Planned(
                self.started(name, self.cells_of(name), folder)[0],
                self.config.experiments[name].dictionaries,
            )
            for name in (self.experiments if experiments is None else experiments)
        }

    def weights(self, experiments: Iterable[str] | None = None) -> list[str]:
        """The files of weights, of all experiments or of some."""
        wanted = self.experiments if experiments is None else experiments
        return [f"results/weights/{name}.safetensors" for name in wanted]

    @cached_property
    def compared(self) -> list[str]:
        """The experiments whose networks are compared with structures."""
        # Here, so that jobs of other stages, which read the plan too, load no code that measures.
        from superposition.measure.structures import COMPARED

        return [name for name in self.experiments if name in COMPARED]

    @property
    def explored(self) -> list[str]:
        """The experiments that the explorer shows, as far as they are there."""
        from superposition.explorer import EXPERIMENTS

        return [name for name in EXPERIMENTS if name in self.experiments]

    def dictionaries(self, experiments: Iterable[str] | None = None) -> list[str]:
        """The files of dictionaries, of all experiments or of some, as far as they have any."""
        wanted = self.experiments if experiments is None else experiments
        return [
            f"results/dictionaries/{name}.safetensors"
            for name in wanted
            if self.config.experiments[name].dictionaries
        ]

    def weights_shown(self, wildcards: Wildcards) -> list[str]:
        """The weights that a figure shows."""
        return self.weights(FIGURES[wildcards.figure].experiments)

    def dictionaries_shown(self, wildcards: Wildcards) -> list[str]:
        """The dictionaries that a figure shows."""
        return self.dictionaries(FIGURES[wildcards.figure].experiments)

    def results(self) -> list[str]:
        """Every file that a build leaves, but for the report, logs and times."""
        files = [*self.files_of_runs(), *self.weights()]
        found = self.dictionaries()
        files += [*found, *(file.replace(".safetensors", ".csv") for file in found)]
        for name in self.experiments:
            files += [f"results/data/{name}.{form}" for form in ("csv", "sample.csv")]
            files += [f"results/metrics/{name}.{form}" for form in ("runs.csv", "features.csv")]
        for name in self.figures:
            files += [f"results/figures/{name}.{form}" for form in FORMATS]
        files += ["results/constructed.csv"] * bool(self.compared)
        claims = (f"results/claims.{form}" for form in ("json", "csv", "numbers.csv", "md"))
        return [*files, *claims, "results/explorer.html"]

    # How jobs are run.

    @property
    def gpus_of_training(self) -> int:
        """How many GPUs a training job asks for: one where all training is to be on them."""
        return int(self.engine == "cuda")

    def urgency(self, wildcards: Wildcards) -> int:
        """The priority of an experiment's jobs: first in config.yaml is first to be done."""
        return len(self.experiments) - self.experiments.index(wildcards.experiment)

    def threads_of(self, cores: int | None) -> Callable[[Wildcards], int]:
        """How many threads a training job gets."""
        return lambda wildcards: threads(cores, _count_of_runs(wildcards))

    def costs(self) -> dict[str, dict[str, float]]:
        """About how many seconds jobs take on one core, by rule and file, where it is long."""
        training = {
            file: len(runs) * sum(seconds_a_run(self.cells[name]) for name in names)
            for group, names in self.groups.items()
            for runs, file in self.jobs(group)
        }
        found = {
            file: self._seconds_of_dictionaries(name)
            for name in self.experiments
            for file in self.dictionaries([name])
        }
        return {"train": training, "dictionaries": found}

    def _seconds_of_dictionaries(self, experiment: str) -> float:
        """About how many seconds the dictionaries of an experiment take, if it has any."""
        settings = self.config.experiments[experiment].dictionaries
        if settings is None:
            return 0.0
        return sum(
            seconds_of_dictionaries(cell, settings) for cell in self.cells_of(experiment).values()
        )

    def minutes_of_training(self, wildcards: Wildcards, attempt: int = 1) -> int:
        """How many minutes a cluster has to allow a training job."""
        names = self.groups[f"{wildcards.experiment}/{wildcards.group}"]
        seconds = sum(seconds_a_run(self.cells[name]) for name in names)
        return minutes(_count_of_runs(wildcards) * seconds, attempt)

    def minutes_of_dictionaries(self, wildcards: Wildcards, attempt: int = 1) -> int:
        """How many minutes a cluster has to allow a job that trains dictionaries."""
        return minutes(self._seconds_of_dictionaries(wildcards.experiment), attempt)

    def memory_of_training(self, wildcards: Wildcards, threads: int, attempt: int = 1) -> int:
        """How many megabytes a cluster has to allow a training job, and more to a second try."""
        from superposition.training.memory import of_training

        cells = self.group(f"{wildcards.experiment}/{wildcards.group}").values()
        need = of_training(cells, _count_of_runs(wildcards), threads)
        return attempt * max(_LEAST_MEMORY, ceil(need / 1e6))

    def check_memory(self, experiment: str, threads: int) -> None:
        """Make sure that an experiment fits in memory here.

        Args:
            experiment: Its name.
            threads: Runs trained side by side; 0 if they are trained elsewhere.

        Raises:
            UserError: If it does not.
        """
        from superposition.training.memory import check_memory

        check_memory(self.config.cells(experiment), threads)

    def durations(self) -> dict[str, str]:
        """About how long each figure takes on two cores, from nothing, in words."""
        costs: dict[str, float] = dict.fromkeys(self.experiments, 0.0)
        for jobs in self.costs().values():
            for file, seconds in jobs.items():
                costs[file.split("/")[2].removesuffix(".safetensors")] += seconds + _START
        told = {}
        for name in self.figures:
            time = sum(costs[experiment] for experiment in FIGURES[name].experiments) / 2
            told[name] = "under a minute" if time < 55 else f"{time / 60:.0f} min"
        return told


def _row(cell: str) -> str:
    """The name of a cell without what sets its last feature apart (`config.derived`)."""
    return cell.partition("+relative_")[0]


def _count_of_runs(wildcards: Wildcards) -> int:
    return int(wildcards.last) - int(wildcards.first) + 1


def settings_digest(settings: object) -> str:
    """A digest of settings, as Snakemake is told it."""
    return digest(canonical_json(settings))[:16]


def _no(what: str, name: str, names: Iterable[str]) -> str:
    """What to say where a name is not there."""
    there = list(names)
    near = get_close_matches(name, there, _NAMED, cutoff=0.5) or there[:_NAMED]
    more = f" and {len(there) - len(near)} more" if len(there) > len(near) else ""
    form = "EXPERIMENT/MODEL_pDENSITY, as in the configuration" if what == "cell" else ""
    return f"There is no {what} {name!r}. There are {', '.join(near)}{more}{form and f': {form}'}."
