"""The library: train what `config.yaml` could describe, from a notebook or a script.

The records are the workflow's. What to train is a `Config`, one trained cell is a `TrainedCell`,
and the weights and losses are the same bytes as those of `make` for the same settings.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, as_completed
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from threading import Event, Lock
from typing import TYPE_CHECKING, Any, TypeAlias, get_args

import numpy as np

from superposition.base.arguments import ArgumentError, expect, file_or_folder, numbers, whole
from superposition.base.environment import check_compiler
from superposition.base.errors import UserError
from superposition.base.machine import cores
from superposition.base.progress import for_people
from superposition.config.load import from_mapping, from_sources, read, shown
from superposition.config.messages import ConfigError
from superposition.config.schema import Config
from superposition.config.settings import Cell, DictionarySettings, Engine
from superposition.measure.dictionaries.record import Dictionaries
from superposition.measure.dictionaries.record import save as save_dictionaries
from superposition.measure.dictionaries.training import train as train_dictionaries
from superposition.measure.network import Network, TrainedCell
from superposition.measure.network import read as read_cells
from superposition.measure.structures import TWO_NEURONS
from superposition.measure.structures.build import construct, size
from superposition.measure.tables import features_table, runs_table
from superposition.model.parameters import Parameters
from superposition.model.start import from_arrays, from_file, starting
from superposition.model.weights import Weights, gather, save
from superposition.training import Progress, uses_gpu
from superposition.training import train as train_runs
from superposition.training.evaluate import compare, evaluation_sample_of
from superposition.training.layout import train_steps
from superposition.training.memory import check_memory

if TYPE_CHECKING:
    import pandas as pd

    from superposition.base.tables import Table
    from superposition.figures.files import Plotted

_ABOUT_YAML = re.compile(" YAML (reads|has) .*")
"""Advice that does not help here: up to the end of its line."""


def experiment(name: str = "experiment", /, **keys: Any) -> Config:
    """A configuration of one experiment, checked as `config.yaml` is.

    Args:
        name: Its name; cells are called `name/model_density`. Figures of the paper are drawn of
            experiments by the names in config.yaml.
        keys: The keys of an experiment in config.yaml (`config.schema`), such as
            models, n_features, n_hidden, importance, feature_probability (1 − S), runs, training.
            Arrays and ranges do for lists. If no seed is given it is 0.

    Raises:
        ConfigError: With everything that is wrong, a line for each problem.
    """
    try:
        return from_mapping({"seed": 0, "experiments": {name: _plain(keys)}}, "experiment")
    except ConfigError as error:
        told = str(error).replace(f"experiments.{name}.", "")
        raise ConfigError(_ABOUT_YAML.sub("", told)) from None


def read_config(
    path: Path | str = "config.yaml",
    *overlays: Path | str | Mapping[str, Any],
    only: str | Sequence[str] = (),
) -> Config:
    """The configuration in a file, or some of its experiments.

    Args:
        path: The file.
        overlays: What to change: files as for Snakemake's --configfile, or mappings, such as
            `{"training": {"steps": 1000}}`.
        only: Names of the experiments to keep; all of them if none is given.

    Raises:
        ConfigError: With everything that is wrong, a line for each problem.
    """
    sources = [("path", path), *((f"overlays[{k}]", one) for k, one in enumerate(overlays))]
    given = [
        ("overlay", _plain(source))
        if isinstance(source, Mapping)
        else (shown(file_or_folder(name, source)), read(source))
        for name, source in sources
    ]
    only = _plain(only) or []
    expect("only", only, isinstance(only, str | list), "a name or a list of names")
    if only:
        given.append(("only", {"only": [only] if isinstance(only, str) else only}))
    return from_sources(given)


def read_weights(*files: Path | str, dictionaries: Sequence[Path | str] = ()) -> "Trained":
    """Trained cells from files of weights, such as those in results/weights.

    Args:
        files: Paths `…/experiment.safetensors`, whose stems name the experiments.
        dictionaries: Files of dictionaries of some of them, such as those in results/dictionaries,
            named likewise.

    Raises:
        WeightsError: If a file is missing, damaged, or not one of ours.
        ArgumentError: If two files have cells of the same name.
    """
    for kind, paths in (("files", files), ("dictionaries", dictionaries)):
        expect(kind, paths, not isinstance(paths, str | Path), "a list of files")
        for k, file in enumerate(paths):
            file_or_folder(f"{kind}[{k}]", file)
    return Trained(read_cells(files, dictionaries))


def train(
    config: Config,
    *,
    threads: int | None = None,
    engine: Engine | None = None,
    progress: bool | Progress = True,
    start: "Trained | Path | str | Mapping[str, Any] | None" = None,
) -> "Trained":
    """Train all runs of all cells of a configuration and compare them on its evaluation samples.

    Where an experiment has dictionaries, they are trained too. Memory is estimated before anything
    is trained.

    Ctrl-C (in a notebook: interrupt the kernel) stops the training, and what is finished by then
    is returned: whole runs. If nothing is, the interruption goes on. While runs are compared, it
    leaves cells that are not, and have no loss.

    Args:
        config: What to train, from `experiment` or `read_config`.
        threads: Runs trained side by side, by default as many as there are processors. The result
            does not depend on it.
        engine: `auto`, `fused`, `cuda` or `torch`; by default the configuration's.
        progress: Whether to show how far it is, in the terminal or below the notebook's cell; or
            what to call now and then with the steps done and the steps in all.
        start: Weights to start from instead of random ones: trained cells or a file of them, of
            which each cell takes that of the same name or the only one; or arrays `W [m, n]`, `b`,
            `W_out` and `hidden_bias` for every cell (biases are 0 if not given). With an axis of
            runs before, run r starts from run r, modulo how many there are. By default what the
            configuration says.

    Returns:
        Trained cells by the names `experiment/model_density`, in the order of the configuration.

    Raises:
        UserError: If the engine cannot be used, or the memory does not suffice.
        ArgumentError: If an argument is not what is expected.
        WeightsError: If there is nothing to start from for a cell, or it does not fit.
    """
    expected = "a configuration, as `experiment` and `read_config` return it"
    expect("config", config, isinstance(config, Config), expected)
    threads = whole("threads", threads) or cores()
    engines = get_args(Engine)
    expect("engine", engine, engine in (None, *engines), f"one of {', '.join(engines)}")
    shown = progress is None or isinstance(progress, bool) or callable(progress)
    expect("progress", progress, shown, "True, False or what to call")
    engine = engine or config.engine
    check_compiler()
    starts = _starts(config, start)
    cells = {name: cell for name, (cell, _) in starts.items()}
    if engine == "torch":
        threads = 1  # what torch is set to belongs to the whole process
    else:
        train_steps.load()  # compiling can be interrupted here, but not in a thread
    check_memory(cells, threads)
    wanted = {name: cell.runs for name, cell in cells.items()}
    total = sum(wanted.values())
    line = for_people(f"training {total} runs") if progress is True else None
    dictionaries = {name: config.experiments[name].dictionaries for name in config.chosen()}
    of_dictionaries = {name: its.steps if its else 0 for name, its in dictionaries.items()}
    steps = sum(
        cell.runs * (cell.training.steps + of_dictionaries[name.partition("/")[0]])
        for name, cell in cells.items()
    )
    counter = _Counter(steps, progress if callable(progress) else line)
    parts: dict[str, list[_Part]] = {name: [] for name in cells}
    interrupted = False
    with ThreadPoolExecutor(threads) as pool:
        tasks: dict[Future[_Part], str] = {
            pool.submit(
                _trained,
                cell,
                runs,
                engine,
                partial(counter.count, (name, runs)),
                given,
                dictionaries[name.partition("/")[0]],
            ): name
            for name, (cell, given) in starts.items()
            for runs in _parts(cell, engine)
        }
        try:
            for task in as_completed(tasks):
                parts[tasks[task]].append(task.result())
        except KeyboardInterrupt:
            interrupted = True
        finally:
            counter.stop(pool)
    done = sum(len(part.runs) for of_cell in parts.values() for part, _ in of_cell)
    if line:
        line.finish(f"{'interrupted, ' if interrupted else ''}{done} of {total} runs trained")
    if interrupted and not done:
        raise KeyboardInterrupt
    return Trained(_compared({name: of_cell for name, of_cell in parts.items() if of_cell}), wanted)


def _starts(config: Config, start: Any) -> dict[str, tuple[Cell, list[Parameters]]]:
    """The cells of a configuration, each with what its runs start from, if it is not random."""
    found: dict[str, tuple[Cell, list[Parameters]]] = {}
    for experiment, settings in config.chosen().items():
        cells = config.cells(experiment)
        given = settings.start if start is None else start
        if given is None:
            found |= {name: (cell, []) for name, cell in cells.items()}
            continue
        own = {_short(name): cell for name, cell in cells.items()}
        if isinstance(given, Trained):
            weights = {_short(name): cell.weights for name, cell in given.items()}
            pairs = starting(own, weights, "start")
        elif isinstance(given, Mapping):
            arrays = {f"{key}": numbers(f"start[{key!r}]", array) for key, array in given.items()}
            pairs = {name: from_arrays(cell, arrays, "start") for name, cell in own.items()}
        else:
            file_or_folder("start", given, "trained cells, a file of them, or arrays by name")
            place = "start" if start is not None else f"experiments.{experiment}.start"
            pairs = from_file(own, given, place)
        found |= {f"{experiment}/{name}": (cell, [p]) for name, (cell, p) in pairs.items()}
    return found


def constructed(
    structure: str,
    density: float,
    *,
    n_features: int | None = None,
    n_hidden: int | None = None,
    importance: Any = 1,
    correlated: Any = (),
    anticorrelated: Any = (),
) -> Network:
    """A solution built by hand, at its best: what a trained network is to be compared with.

    Args:
        structure: What it is made of, such as `pentagon` (docs/library.md has the names).
        density: 1 − S.
        n_features: n; if it is not given, that of one copy of the structure. As many copies are
            made as fit; dimensions left over hold a feature each.
        n_hidden: m; likewise.
        importance: I_i, as an experiment in config.yaml has it.
        correlated: Sets of features that are active together, likewise.
        anticorrelated: Sets of features of which one is active, likewise.

    Returns:
        A network whose `loss` is the expected one, a mean over features.

    Raises:
        UserError: If there is no such structure, or if it does not fit n and m.
        ConfigError: If an argument is not what is expected.
    """
    expect("structure", structure, isinstance(structure, str), "the name of a structure")
    n_features, n_hidden = whole("n_features", n_features), whole("n_hidden", n_hidden)
    d, k = size(structure, n_hidden)
    neurons = structure == TWO_NEURONS
    try:
        config = experiment(
            models=["absolute" if neurons else "relu"],
            n_features=n_features or k,
            n_hidden=n_hidden or d,
            importance=importance,
            feature_probability=[density],
            value_range="signed" if neurons else "unit",
            correlated=correlated,
            anticorrelated=anticorrelated,
            runs=1,
        )
    except ConfigError as error:
        told = str(error).replace("experiment: ", f"{structure}: ")
        raise ConfigError(told.replace("feature_probability[0]", "density")) from None
    (cell,) = config.cells().values()
    model = cell.model
    return construct(structure, cell.features, model.n_hidden, np.array(model.importance))


def _parts(cell: Cell, engine: Engine) -> list[range]:
    """The runs of a cell that are trained together: all of them on a GPU, else one by one."""
    together = cell.runs if uses_gpu(engine, cell.runs) else 1
    return [range(first, first + together) for first in range(0, cell.runs, together)]


_Part: TypeAlias = tuple[Weights, list[Dictionaries]]
"""Some runs of a cell, and the dictionaries of each, if there are to be any."""


def _trained(
    cell: Cell,
    runs: Sequence[int],
    engine: Engine,
    progress: Progress,
    start: Sequence[Parameters],
    dictionaries: DictionarySettings | None,
) -> _Part:
    (weights,) = train_runs([cell], runs, 1, engine, progress, start)
    found: list[Dictionaries] = []
    for at in range(len(runs) if dictionaries else 0):
        assert dictionaries
        found.append(train_dictionaries(weights, at, dictionaries))
        progress(len(runs) * cell.training.steps + len(found) * dictionaries.steps, 0)
    return weights, found


def _compared(parts: Mapping[str, Sequence[_Part]]) -> list[TrainedCell]:
    """The cells, their runs compared; after an interruption, or out of memory, not any more.

    What was trained is worth more than to be lost here.
    """
    cells, enough = [], True
    for name, of_cell in parts.items():
        ordered = sorted(of_cell, key=lambda part: part[0].runs)
        weights = gather([part for part, _ in ordered])
        try:
            if enough:
                weights = compare(weights, evaluation_sample_of(weights.cell))
        except (KeyboardInterrupt, MemoryError):
            enough = False
        cells.append(TrainedCell(name, weights, [one for _, found in ordered for one in found]))
    return cells


class _Counter:
    """Adds up the steps of runs that are trained side by side, and stops them."""

    def __init__(self, total: int, report: Progress | None) -> None:
        self._total, self._report = total, report
        self._done: dict[object, int] = {}
        self._stopped, self._lock = Event(), Lock()

    def count(self, part: object, done: int, _: int) -> None:
        if self._stopped.is_set():
            raise CancelledError
        with self._lock:
            self._done[part] = done
            if self._report:
                self._report(sum(self._done.values()), self._total)

    def stop(self, pool: ThreadPoolExecutor) -> None:
        """Let no run begin, and those that have begun stop at their next look."""
        self._stopped.set()
        pool.shutdown(wait=False, cancel_futures=True)


class Trained(Mapping[str, TrainedCell]):
    """Trained cells by their names, `experiment/model_density`.

    A `TrainedCell` has `W [runs, m, n]`, `b [runs, n]` and `loss [runs]` as numpy arrays, each run
    as a `Network` (`cell[0]`, and `cell.best`, the one with the lowest loss) and its settings.
    Where the names of the experiments are not needed to tell cells apart they may be left out:
    `trained["relu_p0.1"]`.
    """

    def __init__(
        self, cells: Sequence[TrainedCell], wanted: Mapping[str, int] | None = None
    ) -> None:
        """Take trained cells, and how many runs each was to have (default: those it has).

        Raises:
            ArgumentError: If there is none, or if two have the same name.
        """
        cells = list(cells)
        whole = cells and all(isinstance(cell, TrainedCell) for cell in cells)
        expect("cells", cells, bool(whole), "trained cells, at least one")
        self._cells = {cell.name: cell for cell in cells}
        if twice := [name for name, k in Counter(cell.name for cell in cells).items() if k > 1]:
            raise ArgumentError(
                f"There are several cells {twice[0]}; expected each name once. Files are named "
                "after their experiments: rename one of them."
            )
        self._wanted = dict(wanted or {cell.name: len(cell) for cell in cells})

    def __getitem__(self, name: str) -> TrainedCell:
        """A cell.

        Raises:
            KeyError: If there is none of this name, or more than one.
        """
        if not isinstance(name, str):
            raise KeyError(
                f"there is no cell {name!r}; cells have names: {', '.join(self._wanted)}"
            )
        meant = [key for key in self._wanted if name in (key, key.partition("/")[2])]
        if len(meant) == 1:
            if meant[0] in self._cells:
                return self._cells[meant[0]]
            raise KeyError(f"{meant[0]} has no finished run: the training was interrupted")
        if meant:
            raise KeyError(f"{name!r} may be any of {', '.join(meant)}")
        near = get_close_matches(name, [*self._wanted, *map(_short, self._wanted)], 1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(self._wanted)}"
        raise KeyError(f"there is no cell {name!r}; {hint}")

    def __iter__(self) -> Iterator[str]:
        """The names of the cells, in the order of the configuration."""
        return iter(self._cells)

    def __len__(self) -> int:
        """The number of cells."""
        return len(self._cells)

    def __repr__(self) -> str:
        """A line for each cell."""
        cells = "1 trained cell" if len(self) == 1 else f"{len(self)} trained cells"
        return "\n".join([cells, *map(self._line, self._wanted)])

    @property
    def is_complete(self) -> bool:
        """Whether every run is there; not if training was interrupted."""
        return all(len(self[n]) == k if n in self else not k for n, k in self._wanted.items())

    def run_table(self) -> "pd.DataFrame":
        """A table with a row for each run of each cell.

        Its columns are those of `results/metrics/….runs.csv`; docs/results.md says what they hold.
        """
        return self._table(runs_table)

    def feature_table(self) -> "pd.DataFrame":
        """A table with a row for each feature of each run of each cell.

        Its columns are those of `results/metrics/….features.csv`; docs/results.md says what they
        hold.
        """
        return self._table(features_table)

    def plot(self, figure: str) -> "Plotted":
        """Plot one of the paper's figures of these cells.

        Args:
            figure: A name from the table in docs/figures.md, such as `intro`. A figure of one
                experiment is plotted of any one experiment, whatever its name.

        Returns:
            The figure: notebooks show it, `save` writes it and its numbers, `figure` is
            matplotlib's, and of `table` pandas makes a data frame.

        Raises:
            UserError: If there is no such figure, or if it cannot show these cells.
        """
        from superposition import figures
        from superposition.figures.files import Plotted

        expect("figure", figure, isinstance(figure, str), "the name of a figure, such as 'intro'")
        spec = figures.spec(figure)
        shown = list(self.values())
        if len(spec.experiments) == 1 and len({cell.experiment for cell in shown}) == 1:
            shown = [_renamed(cell, spec.experiments[0]) for cell in shown]
        try:
            plotted, table = figures.plot(figure, shown), figures.table(figure, shown)
            return Plotted(plotted, spec.title, table)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            # A figure knows its experiments by heart, and what it misses it cannot say.
            raise UserError(
                f"The figure {figure} cannot show these cells ({_sizes(shown)}): it is made for "
                f"{' and '.join(spec.experiments)} as in config.yaml. Its n_hidden, models, "
                "densities, sweeps or snapshots are needed."
            ) from error

    def save(self, folder: Path | str = "weights") -> list[Path]:
        """Write each experiment to `folder/experiment.safetensors`; return the files.

        Dictionaries, where there are any, go to `folder/dictionaries/experiment.safetensors`.
        """
        file_or_folder("folder", folder)
        found: dict[Path, dict[str, list[Dictionaries]]] = {}
        files: dict[Path, dict[str, Weights]] = {}
        for name, cell in self.items():
            file = Path(folder) / f"{cell.experiment}.safetensors"
            files.setdefault(file, {})[_short(name)] = cell.weights
            if cell.dictionaries:
                beside = file.parent / "dictionaries" / file.name
                found.setdefault(beside, {})[_short(name)] = list(cell.dictionaries.values())
        for file, weights in files.items():
            save(file, weights)
        for file, dictionaries in found.items():
            save_dictionaries(file, dictionaries)
        return list(files)

    def _line(self, name: str) -> str:
        wanted = self._wanted[name]
        if name not in self._cells:
            return f"  {name}: none of {wanted} runs"
        cell = self._cells[name]
        count = f"{len(cell)} runs" if len(cell) == wanted else f"{len(cell)} of {wanted} runs"
        if cell.weights.loss is None:
            return f"  {name}: {count}, not compared"
        finite = cell.loss[np.isfinite(cell.loss)]
        lowest = f"lowest loss {finite.min():.4g}" if finite.size else "all diverged"
        return f"  {name}: {count}, {lowest}"

    def _table(self, tabulate: "Callable[[Sequence[TrainedCell]], Table]") -> "pd.DataFrame":
        import pandas as pd

        # Cell by cell: experiments sweep different keys, so that their columns differ.
        tables = [pd.DataFrame(tabulate([cell])) for cell in self.values()]
        return pd.concat(tables, ignore_index=True)


def _short(name: str) -> str:
    """A cell's name without its experiment."""
    return name.partition("/")[2]


def _renamed(cell: TrainedCell, experiment: str) -> TrainedCell:
    """A cell as one of another experiment."""
    name = f"{experiment}/{_short(cell.name)}"
    return TrainedCell(name, cell.weights, cell.dictionaries.values())


def _sizes(cells: Sequence[TrainedCell]) -> str:
    """The models of cells and their sizes, in words."""
    kinds = {(c.model, c.cell.features.n_features, c.cell.model.n_hidden): None for c in cells}
    return ", ".join(f"{model} of n_features {n}, n_hidden {m}" for model, n, m in kinds)


_SHORT = ("float16", "float32")
"""Types of numbers, numpy's and others', that have fewer bits than Python's."""


def _plain(value: Any) -> Any:
    """arrays, their numbers and other sequences as what YAML could have held.

    A number of fewer bits than Python's is the shortest decimal that it stands for: 0.2 in float32
    is 0.2, and not 0.20000000298023224.
    """
    kind = str(getattr(value, "dtype", "")).rpartition(".")[2]
    if hasattr(value, "tolist"):
        value = value.tolist()
    if kind in _SHORT:
        return _shortest(value, getattr(np, kind))
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list | range):
        return [_plain(item) for item in value]
    return value


def _shortest(value: Any, kind: Callable[[float], np.floating[Any]]) -> Any:
    """Numbers of a type, in lists or alone, as their shortest decimals."""
    if isinstance(value, list):
        return [_shortest(item, kind) for item in value]
    return float(str(kind(value)))
