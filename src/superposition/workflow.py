"""What Snakemake needs to know: which files there are, and which parameters decide their bytes.

Snakemake reruns a job when its parameters change. A job's parameters here are the canonical JSON of
the settings that decide its bytes, a digest of the code it runs and the versions of the libraries
in it (`superposition.signatures`): no more, or unrelated edits would rerun it; no less, or its
result would be stale.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from math import ceil
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from superposition.config import Config, density_label, from_mapping
from superposition.errors import UserError
from superposition.plotting import FIGURES
from superposition.settings import Cell, canonical_json, digest
from superposition.signatures import Stage, figure_stage, training_stage

_START = 3.0
"""Seconds of one core for starting the jobs of a cell, about."""
_NAMED = 4
"""Cells that are named where one is asked for that is not there."""


class Wildcards(Protocol):
    """The wildcards of a rule, as attributes."""

    def __getattr__(self, name: str) -> str:
        """Return a wildcard's value."""


class Place(NamedTuple):
    """Where a cell belongs; its name is `experiment/model_density`."""

    experiment: str
    model: str
    density: str

    def __str__(self) -> str:
        """Return the cell's name, which is also its path below a folder of results."""
        return f"{self.experiment}/{self.model}_{self.density}"


class Plan:
    """All files and parameters of a configuration; methods that take wildcards serve rules."""

    def __init__(self, config: Config) -> None:
        """Resolve the cells, once."""
        self.config = config
        cells = config.cells()
        self.cells: dict[Place, Cell] = {place: cells[str(place)] for place in _places(config)}
        present = set(config.chosen())
        self.figures = [
            name for name, figure in FIGURES.items() if present >= set(figure.experiments)
        ]
        self.engine = config.engine

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any], files: Iterable[Path | str]) -> "Plan":
        """Return the plan of what Snakemake has merged from its configuration files.

        Raises:
            ConfigError: If the configuration is wrong.
        """
        return cls(from_mapping(mapping, files=files))

    def identity(self) -> str:
        """Return a digest of all settings."""
        return digest(canonical_json(self.config))

    def constraints(self) -> dict[str, str]:
        """Return what each wildcard may be; else names with underscores would be ambiguous."""
        columns = zip(*self.cells, strict=True)
        names = dict(zip(Place._fields, columns, strict=True))
        return {
            key: "|".join(map(re.escape, sorted(set(values)))) for key, values in names.items()
        } | {
            "figure": "|".join(map(re.escape, self.figures)),
            "first": r"\d+",
            "last": r"\d+",
        }

    def place(self, name: str) -> Place:
        """Return where the cell of a name belongs.

        Raises:
            UserError: If there is none; it names some that are spelled like it.
        """
        names = {str(place): place for place in self.cells}
        if name in names:
            return names[name]
        near = get_close_matches(name, names, _NAMED, cutoff=0.5) or list(names)[:_NAMED]
        more = f" and {len(names) - len(near)} more" if len(names) > len(near) else ""
        raise UserError(
            f"There is no cell {name!r}. There are {', '.join(near)}{more}: "
            "EXPERIMENT/MODEL_pDENSITY, as in the configuration."
        )

    def sample_settings(self, wildcards: Wildcards) -> str:
        """Return what decides an evaluation sample; the models at one density share it."""
        return self.drawn_with(wildcards.experiment, wildcards.density)

    def drawn_with(self, experiment: str, density: str) -> str:
        """Return what decides the evaluation sample of an experiment's density."""
        cell = next(
            cell
            for place, cell in self.cells.items()
            if (place.experiment, place.density) == (experiment, density)
        )
        return canonical_json(
            {"features": cell.features, "seed": cell.seed, "samples": cell.evaluation_samples}
        )

    def training_settings(self, wildcards: Wildcards) -> str:
        """Return the settings that decide a run's weights."""
        return self.cells[_place(wildcards)].trained_with()

    def runs_of(self, wildcards: Wildcards) -> list[str]:
        """Return the files of a cell's training jobs."""
        return self.chunks(_place(wildcards))

    def weights_in(self, wildcards: Wildcards) -> list[str]:
        """Return the weights of an experiment."""
        return self.weights(lambda place: place.experiment == wildcards.experiment)

    def weights_of(self, wildcards: Wildcards) -> list[str]:
        """Return the weights that a figure shows."""
        wanted = FIGURES[wildcards.figure].experiments
        return self.weights(lambda place: place.experiment in wanted)

    def weights(self, wanted: Callable[[Place], bool] = lambda place: True) -> list[str]:
        """Return the files of weights, of all cells or of those wanted."""
        return [f"results/weights/{place}.safetensors" for place in self.cells if wanted(place)]

    def shown_in(self, wildcards: Wildcards) -> list[str]:
        """Return the files that a figure shows: weights, or dictionaries of them."""
        figure = FIGURES[wildcards.figure]
        if figure.shows == "dictionaries":
            return self.dictionaries(lambda place: place.experiment in figure.experiments)
        return self.weights_of(wildcards)

    def dictionary_settings(self, wildcards: Wildcards) -> str:
        """Return how the dictionaries of a cell are trained."""
        return canonical_json(self.config.experiments[wildcards.experiment].dictionaries)

    def dictionaries(self, wanted: Callable[[Place], bool] = lambda place: True) -> list[str]:
        """Return the files of dictionaries, of all cells or of those wanted."""
        return [
            f"results/dictionaries/{place}.safetensors"
            for place in self.cells
            if self.config.experiments[place.experiment].dictionaries and wanted(place)
        ]

    def tables(self) -> list[str]:
        """Return the tables of data and dictionaries of all cells, of metrics of experiments."""
        data = {f"results/data/{place.experiment}/{place.density}.csv" for place in self.cells}
        experiments = dict.fromkeys(place.experiment for place in self.cells)
        found = [file.replace(".safetensors", ".csv") for file in self.dictionaries()]
        metrics = [f"results/metrics/{name}.runs.csv" for name in experiments]
        return [*sorted(data), *found, *metrics]

    def samples(self) -> list[str]:
        """Return the files of evaluation samples."""
        found = {f"results/data/{place.experiment}/{place.density}" for place in self.cells}
        return sorted(f"{name}.safetensors" for name in found)

    def results(self) -> list[str]:
        """Return every file that a build leaves, but for samples, logs and times."""
        runs = [file for place in self.cells for file in self.chunks(place)]
        features = [f"results/metrics/{name}.features.csv" for name in self.config.chosen()]
        figures = [
            f"results/figures/{figure}.{format}"
            for figure in self.figures
            for format in ("svg", "pdf", "png")
        ]
        claims = [f"results/claims.{format}" for format in ("json", "csv", "md")]
        trained = [*runs, *self.weights(), *self.dictionaries()]
        return [*trained, *self.tables(), *features, *figures, *claims]

    def figure_code(self, wildcards: Wildcards) -> str:
        """Return the digest of a figure's own code, so that the others are not redrawn with it."""
        return figure_stage(wildcards.figure).code()

    def figure_libraries(self, wildcards: Wildcards) -> str:
        """Return the versions of the libraries that draw."""
        return figure_stage(wildcards.figure).versions()

    def training_stage(self) -> Stage:
        """Return the stage of the engine in use; the compiled engines all give the same bytes."""
        return training_stage(self.engine)

    @property
    def gpus_of_training(self) -> int:
        """Return how many GPUs a training job asks for: one where all training is to be on them."""
        return int(self.engine == "cuda")

    def urgency(self, wildcards: Wildcards) -> int:
        """Return the priority of an experiment's jobs: first in config.yaml is first to be done."""
        names = list(self.config.experiments)
        return len(names) - names.index(wildcards.experiment)

    def threads_of(self, cores: int | None) -> Callable[[Wildcards], int]:
        """Return how many threads a training job gets: two jobs at a time keep all cores busy.

        On a cluster, where jobs are many, it is one, unless Snakemake's --set-threads says more.
        """

        def threads(wildcards: Wildcards) -> int:
            runs = int(wildcards.last) - int(wildcards.first) + 1
            return min(max(1, (cores or 2) // 2), runs)

        return threads

    def costs(self) -> dict[str, float]:
        """Return about how many seconds each training job takes on one core, by its file."""
        return {
            file: (int(last) - int(first) + 1) * _seconds_a_run(self.cells[place])
            for place in self.cells
            for file in self.chunks(place)
            for first, last in [Path(file).stem.split("-")]
        }

    def minutes_of_training(self, wildcards: Wildcards, attempt: int = 1) -> int:
        """Return how many minutes a cluster has to allow a training job, and more to a second try.

        Five times the estimate for slow processors, and three minutes to start and to compile.
        """
        runs = int(wildcards.last) - int(wildcards.first) + 1
        seconds = runs * _seconds_a_run(self.cells[_place(wildcards)])
        return attempt * (3 + ceil(5 * seconds / 60))

    def durations(self) -> dict[str, str]:
        """Return about how long each figure takes on two cores, from nothing, in words."""
        costs: dict[str, float] = dict.fromkeys(self.config.chosen(), 0.0)
        for file, seconds in self.costs().items():
            costs[file.split("/")[2]] += seconds + _START
        times = {
            name: sum(costs[experiment] for experiment in FIGURES[name].experiments) / 2
            for name in self.figures
        }
        return {
            name: "under a minute" if time < 55 else f"{time / 60:.0f} min"
            for name, time in times.items()
        }

    def jobs(self, place: Place) -> list[tuple[range, str]]:
        """Return the runs and the file of each of a cell's training jobs."""
        return [
            (runs, f"results/runs/{place}/{runs[0]}-{runs[-1]}.safetensors")
            for runs in self.config.jobs(str(place))
        ]

    def chunks(self, place: Place) -> list[str]:
        """Return the files of a cell's training jobs."""
        return [file for _, file in self.jobs(place)]


def _seconds_a_run(cell: Cell) -> float:
    """Return the rough cost of one run; only an estimate of the time to go hangs on it."""
    n, m, training = cell.features.n_features, cell.model.n_hidden, cell.training
    # Samples under attack are dense.
    density = 1.0 if training.attack else sum(cell.features.feature_probability) / n
    sample = 1.5e-8 + (9e-10 * n + 2.3e-10 * n * m) * (0.2 + 0.8 * density)
    return len(cell.points()) * training.steps * training.batch * sample


def _places(config: Config) -> list[Place]:
    return [
        Place(name, model, density_label(density))
        for name, experiment in config.chosen().items()
        for model in experiment.models
        for density in experiment.densities()
    ]


def _place(wildcards: Wildcards) -> Place:
    return Place(wildcards.experiment, wildcards.model, wildcards.density)
