"""The library: train what `config.yaml` could describe, from a notebook or a script.

The records are the workflow's. What to train is a `Config`, one trained cell is a `Weights`, and
the weights and losses are the same bytes as those of `make` for the same settings.
"""

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from pathlib import Path
from threading import Event, Lock
from typing import Any

from superposition.config import Config, ConfigError, from_mapping
from superposition.config_files import merge, read, shown
from superposition.data import generate
from superposition.evaluation import compare
from superposition.progress import for_people
from superposition.settings import Cell, Engine
from superposition.snapshots import Room
from superposition.trained import Trained
from superposition.training import Progress, uses_gpu
from superposition.training import train as train_runs
from superposition.training.kernel import train_steps
from superposition.weights import Weights, load

_ABOUT_YAML = re.compile(" YAML (reads|has) .*")
"""Advice that does not help here: up to the end of its line."""


def experiment(name: str = "experiment", /, **keys: Any) -> Config:
    """Return a configuration of one experiment, checked as `config.yaml` is.

    Args:
        name: Its name; cells are called `name/model_density`. Figures of the paper are drawn of
            experiments by the names in config.yaml.
        keys: The keys of an experiment in config.yaml (`superposition.config.Experiment`), such as
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
    """Return the configuration in a file, or some of its experiments.

    Args:
        path: The file.
        overlays: What to change: files as for Snakemake's --configfile, or mappings, such as
            `{"training": {"steps": 1000}}`.
        only: Names of the experiments to keep; all of them if none is given.

    Raises:
        ConfigError: With everything that is wrong, a line for each problem.
    """
    merged = read(path)
    for overlay in overlays:
        changes = _plain(overlay) if isinstance(overlay, Mapping) else read(overlay)
        merged = merge(merged, changes)
    if only:
        merged["only"] = [only] if isinstance(only, str) else list(only)
    return from_mapping(merged, shown(path))


def read_weights(*files: Path | str) -> Trained:
    """Return trained cells from files of weights, such as those in results/weights.

    Args:
        files: Paths `…/experiment/model_density.safetensors`, whose ends name the cells.

    Raises:
        WeightsError: If a file is missing, damaged, or not one of ours.
    """
    paths = [Path(file) for file in files]
    trained = {f"{path.parent.name}/{path.stem}": load(path) for path in paths}
    # A notebook may live long, and a file be written over meanwhile: nothing is left to be read.
    return Trained({name: replace(w, snapshots=dict(w.snapshots)) for name, w in trained.items()})


def train(
    config: Config,
    *,
    threads: int | None = None,
    engine: Engine | None = None,
    progress: bool | Progress = True,
) -> Trained:
    """Train all runs of all cells of a configuration and compare them on its evaluation samples.

    Ctrl-C (in a notebook: interrupt the kernel) stops the training, and what is finished by then
    is returned: whole runs. If nothing is, the interruption goes on.

    Args:
        config: What to train, from `experiment` or `read_config`.
        threads: Runs trained side by side, by default as many as there are processors. The result
            does not depend on it.
        engine: `auto`, `fused`, `cuda`, `torch` or `torch-cuda`; by default the configuration's.
        progress: Whether to show how far it is, in the terminal or below the notebook's cell; or
            what to call now and then with the steps done and the steps in all.

    Returns:
        Trained cells by the names `experiment/model_density`, in the order of the configuration.
        Their snapshots lie in a temporary file (in `$TMPDIR`) for as long as they do.

    Raises:
        OutputError: If there is no room for snapshots.
        UserError: If the engine cannot be used.
    """
    cells, engine = config.cells(), engine or config.engine
    if engine in ("torch", "torch-cuda"):
        threads = 1  # what torch is set to belongs to the whole process
    else:
        train_steps.load()  # compiling can be interrupted here, but not in a thread
    runs = sum(cell.runs for cell in cells.values())
    line = for_people(f"training {runs} runs") if progress is True else None
    counter = _Counter(cells.values(), progress if callable(progress) else line)
    jobs = {name: _Job(cell, engine, counter) for name, cell in cells.items()}
    interrupted = False
    with ThreadPoolExecutor(threads or len(os.sched_getaffinity(0))) as pool:
        tasks = [pool.submit(job.train, runs) for job in jobs.values() for runs in job.parts]
        try:
            for task in as_completed(tasks):
                task.result()
        except KeyboardInterrupt:
            interrupted = True
            counter.stop(pool)
        except BaseException:
            counter.stop(pool)
            raise
    done = sum(job.done for job in jobs.values())
    if line:
        line.finish(f"{'interrupted, ' if interrupted else ''}{done} of {runs} runs trained")
    if interrupted and not done:
        raise KeyboardInterrupt
    return Trained(
        {name: job.weights() for name, job in jobs.items() if job.finished},
        wanted={name: cell.runs for name, cell in cells.items()},
    )


class _Stopped(Exception):
    """Ends a run that is not wanted any more."""


class _Counter:
    """Adds up the steps of runs that are trained side by side, and stops them."""

    def __init__(self, cells: Iterable[Cell], report: Progress | None) -> None:
        steps = (cell.runs * len(cell.points()) * cell.training.steps for cell in cells)
        self._total, self._report, self._done = sum(steps), report, 0
        self._stopped, self._lock = Event(), Lock()

    def of_a_part(self) -> Progress:
        """Return what runs that are trained together are to call with the steps they have done."""
        before = 0

        def count(done: int, total: int) -> None:
            nonlocal before
            if self._stopped.is_set():
                raise _Stopped
            with self._lock:
                self._done += done - before
                before = done
                if self._report:
                    self._report(self._done, self._total)

        return count

    def stop(self, pool: ThreadPoolExecutor) -> None:
        """Let no run begin, and those that have begun stop at their next look."""
        self._stopped.set()
        pool.shutdown(wait=False, cancel_futures=True)


class _Job:
    """One cell: its runs, trained one by one or by a GPU together, and compared when all are."""

    def __init__(self, cell: Cell, engine: Engine, counter: _Counter) -> None:
        self._cell, self._engine, self._counter = cell, engine, counter
        self._weights: Weights | None = None
        self._lock = Lock()
        together = cell.runs if uses_gpu(engine, len(cell.points()) * cell.runs) else 1
        self.parts = [range(first, first + together) for first in range(0, cell.runs, together)]
        self.finished: dict[int, Weights] = {}
        # One for all runs, as each keeps a file open.
        self._room = Room(cell, cell.runs)

    @property
    def done(self) -> int:
        """Return the number of runs that are finished."""
        return sum(len(weights.runs) for weights in self.finished.values())

    def train(self, runs: range) -> None:
        """Train some of the runs."""
        snapshots = self._room.of(runs.start, runs.stop)
        count = self._counter.of_a_part()
        weights = train_runs(self._cell, runs, 1, self._engine, count, snapshots)
        with self._lock:
            self.finished[runs[0]] = weights
            is_last = len(self.finished) == len(self.parts)
        if is_last:
            self._weights = self._compared()

    def weights(self) -> Weights:
        """Return the runs that are finished."""
        return self._weights or self._compared()

    def _compared(self) -> Weights:
        cell = self._cell
        sample = generate(cell.features, cell.seed, cell.evaluation_samples)
        runs = [self.finished[run] for run in sorted(self.finished)]
        return compare(cell.model_copy(update={"runs": self.done}), runs, sample)


def _plain(value: Any) -> Any:
    """Return arrays, their numbers and other sequences as what YAML could have held."""
    convert: Callable[[], Any] | None = getattr(value, "tolist", None)
    if convert is not None:
        return convert()
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list | range):
        return [_plain(item) for item in value]
    return value
