"""Training, and that of dictionaries, with what is finished when it is interrupted."""

from __future__ import annotations  # `help` shows the types by their names

import sys
from collections.abc import Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeAlias, get_args

from superposition.api.keys import DictionaryKeys, Numbers
from superposition.api.running import Job, Shown, check_progress, side_by_side
from superposition.api.settings import experiment
from superposition.api.trained import Trained, short
from superposition.base.arguments import ArgumentError, expect, file_or_folder, numbers, whole
from superposition.base.environment import check_compiler, need
from superposition.base.errors import UserError
from superposition.base.machine import cores
from superposition.base.progress import for_people
from superposition.config.messages import ConfigError
from superposition.config.schema import Config
from superposition.config.settings import Cell, DictionarySettings, Engine
from superposition.measure.dictionaries.record import Dictionaries
from superposition.measure.dictionaries.training import train as train_dictionaries
from superposition.measure.network import TrainedCell
from superposition.model.parameters import Parameters
from superposition.model.start import from_arrays, from_file, starting
from superposition.model.weights import Weights, gather
from superposition.training import Progress
from superposition.training import train as train_runs
from superposition.training.evaluate import compare, evaluation_sample_of
from superposition.training.layout import train_steps
from superposition.training.memory import check_memory


def train(
    config: Config,
    *,
    threads: int | None = None,
    engine: Engine | None = None,
    progress: Shown = True,
    start: Trained | Path | str | Mapping[str, Any] | None = None,
) -> Trained:
    """Train all runs of all cells of a configuration and compare them on its evaluation samples.

    Where an experiment has dictionaries, they are trained too. Memory is estimated before anything
    is trained. The first training on a machine compiles what trains, and tells how long that took.

    Ctrl-C (in a notebook: interrupt the kernel) stops the training, and what is finished by then
    is returned: whole runs. If nothing is, the interruption goes on. While runs are compared, it
    leaves cells that are not, and have no loss.

    Args:
        config: What to train, from `experiment` or `read_config`.
        threads: Runs trained side by side, by default as many as there are processors. The result
            does not depend on it.
        engine: `auto`, `fused`, `cuda` or `torch`; by default the configuration's.
        progress: Whether to show how far it is, in the terminal or below the notebook's cell; or
            `tqdm`, or a bar of it; or what to call now and then with the steps done and the steps
            in all.
        start: Weights to start from instead of random ones: trained cells or a file of them, of
            which each cell takes that of the same name or the only one; or arrays `W [m, n]`, `b`,
            `W_out` and `hidden_bias` for every cell (biases are 0 if not given). With an axis of
            runs before, run r starts from run r, modulo how many there are. By default what the
            configuration says.

    Returns:
        Trained cells by the names `experiment/model_density`, in the order of the configuration.

    Raises:
        UserError: If there is nothing to train, the engine cannot be used, or the memory does not
            suffice.
        ArgumentError: If an argument is not what is expected.
        WeightsError: If there is nothing to start from for a cell, or it does not fit.

    Example:
        >>> import superposition as sp
        >>> sweep = sp.experiment(models=["relu"], n_features=5, n_hidden=2, importance=1,
        ...                       feature_probability=[1.0, 0.1], runs=4, training={"steps": 500})
        >>> trained = sp.train(sweep, progress=False)
        >>> [len(cell) for cell in trained.values()]
        [4, 4]
        >>> longer = sp.train(sweep, start=trained, progress=False)
        >>> bool(longer["relu_p0.1"].best.loss < trained["relu_p0.1"].best.loss)
        True
    """
    expected = "a configuration, as `experiment` and `read_config` return it"
    expect("config", config, isinstance(config, Config), expected)
    threads = whole("threads", threads) or cores()
    engines = get_args(Engine)
    expect("engine", engine, engine in (None, *engines), f"one of {', '.join(engines)}")
    check_progress(progress)
    engine = engine or config.engine
    check_compiler()
    if not config.chosen():
        raise UserError(
            "The configuration leaves out all of its experiments: those that explain are trained "
            "with `explanations: true`, those that go beyond the paper with `follow_ups: true`."
        )
    starts = _starts(config, start)
    cells = {name: cell for name, (cell, _) in starts.items()}
    if engine == "torch":
        need("torch", "engine='torch'")
        threads = 1  # what torch is set to belongs to the whole process
    check_memory(cells, threads)
    if engine != "torch":
        _compile(progress is True)
    jobs = []
    for name, (cell, given) in starts.items():
        settings = config.experiments[name.partition("/")[0]].dictionaries
        steps = cell.training.steps + (settings.steps if settings else 0)
        for runs in _parts(cell, engine):
            do = partial(_trained, cell, runs, engine, given, settings)
            jobs.append(Job(name, len(runs), len(runs) * steps, do))
    parts: dict[str, list[_Part]] = {name: [] for name in cells}
    for job, part in side_by_side(jobs, threads, "training", progress):
        parts[job.cell].append(part)
    done = {name: of_cell for name, of_cell in parts.items() if of_cell}
    return Trained(_compared(done), {name: cell.runs for name, cell in cells.items()})


def dictionaries(
    trained: Trained,
    *,
    sizes: Numbers,
    penalties: Numbers | None = None,
    most_active: Numbers | None = None,
    prices: Numbers | None = None,
    bandwidth: float | None = None,
    learning_rate: float | None = None,
    batch: int | None = None,
    steps: int | None = None,
    threads: int | None = None,
    progress: Shown = True,
) -> Trained:
    """The same trained cells with sparse autoencoders, trained on hidden activations of every run.

    There is one of each size with each penalty, each `most_active` and each price, which make it a
    ReLU, a TopK or a JumpReLU autoencoder. They see nothing but h = W x. An experiment that has
    them among its keys makes them the same in `train`.

    Args:
        trained: Trained cells of linear or relu models, from `train` or `read_weights`.
        sizes: Numbers of latents.
        penalties: λ of ReLU autoencoders, what a unit of latent activation costs.
        most_active: k of TopK autoencoders, how many latents are active in a sample at most.
        prices: μ of JumpReLU autoencoders, what an active latent costs, however large it is.
        bandwidth: Width of the window around the threshold of a JumpReLU in which that learns.
        learning_rate: Adam's at the first step; it falls to zero along half a cosine.
        batch: Samples per step, all fresh.
        steps: Optimiser steps.
        threads: Runs whose dictionaries are trained side by side, as in `train`.
        progress: As in `train`; so is an interruption.

    Raises:
        ConfigError: If a setting is not what is expected, or a model has another hidden layer.

    Example:
        >>> import superposition as sp
        >>> sweep = sp.experiment(models=["relu"], n_features=4, n_hidden=2, importance=1,
        ...                       feature_probability=[0.1], runs=1, training={"steps": 500})
        >>> trained = sp.train(sweep, progress=False)
        >>> found = sp.dictionaries(trained, sizes=[4, 8], penalties=[0.1], steps=100,
        ...                         progress=False)
        >>> found["relu_p0.1"].best.dictionaries.trained[1].decoder.shape
        (8, 2)
        >>> list(found.dictionary_table()["size"])
        [4, 8]
    """
    expect("trained", trained, isinstance(trained, Trained), "trained cells, as `train` has them")
    threads = whole("threads", threads) or cores()
    check_progress(progress)
    given: Any = {"sizes": sizes, "penalties": penalties, "most_active": most_active}
    given |= {"prices": prices, "bandwidth": bandwidth}
    given |= {"learning_rate": learning_rate, "batch": batch, "steps": steps}
    keys: Any = {key: value for key, value in given.items() if value is not None}
    settings = _checked(keys, [cell.model for cell in trained.values()])
    check_compiler()
    jobs = [
        Job(name, 1, settings.steps, partial(_dictionaries, cell.weights, at, settings, before=0))
        for name, cell in trained.items()
        for at in range(len(cell))
    ]
    found: dict[str, list[Dictionaries]] = {name: [] for name in trained}
    for job, one in side_by_side(jobs, threads, "training dictionaries of", progress):
        found[job.cell].append(one)
    return Trained(
        [
            TrainedCell(name, cell.weights, sorted(found[name], key=lambda one: one.run))
            for name, cell in trained.items()
        ]
    )


def _checked(keys: DictionaryKeys, models: Sequence[Any]) -> DictionarySettings:
    """The settings of dictionaries of models, checked as those of an experiment."""
    try:
        config = experiment(
            models=list(dict.fromkeys(models)),
            n_features=2,
            n_hidden=1,
            importance=1,
            feature_probability=[1.0],
            dictionaries=keys,
        )
    except ConfigError as error:
        told = str(error).replace("experiment: dictionaries.", "dictionaries: ")
        raise ConfigError(told.replace("experiment: dictionaries", "dictionaries:")) from None
    (only,) = config.experiments.values()
    assert only.dictionaries is not None
    return only.dictionaries


def _dictionaries(
    weights: Weights, at: int, settings: DictionarySettings, progress: Progress, before: int
) -> Dictionaries:
    """The dictionaries of a run, their steps counted from those done before."""
    found = train_dictionaries(
        weights, at, settings, lambda done, total: progress(before + done, total)
    )
    progress(before + settings.steps, 0)
    return found


@cache
def _compile(shows: bool) -> None:
    """Compile what trains and compares, if it is not yet, where that can be interrupted.

    A network of nothing is trained and compared: it needs all of it.
    """
    if not train_steps.file.exists():
        line = for_people("compiling") if shows else None
        if shows:
            sys.stderr.write(
                "The first training compiles what trains, once for this processor: some seconds, "
                "minutes if it is busy.\n"
            )
        config = experiment(
            models=["relu"],
            n_features=1,
            n_hidden=1,
            importance=1,
            feature_probability=[1.0],
            runs=1,
            evaluation_samples=1,
            training={"steps": 0, "batch": 1},
        )
        (cell,) = config.cells().values()
        (weights,) = train_runs([cell], [0], engine="fused")
        compare(weights, evaluation_sample_of(cell))
        if line:
            line.finish("compiled")
    train_steps.load()


def _starts(config: Config, start: Any) -> dict[str, tuple[Cell, list[Parameters]]]:
    """The cells of a configuration, each with what its runs start from, if it is not random."""
    found: dict[str, tuple[Cell, list[Parameters]]] = {}
    for family, settings in config.chosen().items():
        cells = config.cells(family)
        given = settings.start if start is None else start
        if given is None:
            found |= {name: (cell, []) for name, cell in cells.items()}
            continue
        own = {short(name): cell for name, cell in cells.items()}
        if isinstance(given, Trained):
            pairs = starting(own, _given_to(family, given), "start")
        elif isinstance(given, Mapping):
            arrays = {f"{key}": numbers(f"start[{key!r}]", array) for key, array in given.items()}
            pairs = {name: from_arrays(cell, arrays, "start") for name, cell in own.items()}
        else:
            file_or_folder("start", given, "trained cells, a file of them, or arrays by name")
            place = "start" if start is not None else f"experiments.{family}.start"
            pairs = from_file(own, given, place)
        found |= {f"{family}/{name}": (cell, [p]) for name, (cell, p) in pairs.items()}
    return found


def _given_to(family: str, given: Trained) -> dict[str, Weights]:
    """Trained cells that an experiment may start from: its own, if there are any, else all."""
    names = [name for name in given if name.startswith(f"{family}/")] or list(given)
    if len({short(name) for name in names}) < len(names):
        raise ArgumentError(
            f"start is {', '.join(names)}: cells of several experiments have one name, and none is "
            f"of {family}; expected those of one experiment."
        )
    return {short(name): given[name].weights for name in names}


def _parts(cell: Cell, engine: Engine) -> list[range]:
    """The runs of a cell that are trained together: all of them on a GPU, else one by one."""
    together = cell.runs if engine == "cuda" else 1
    return [range(first, first + together) for first in range(0, cell.runs, together)]


_Part: TypeAlias = tuple[Weights, list[Dictionaries]]
"""Some runs of a cell, and the dictionaries of each, if there are to be any."""


def _trained(
    cell: Cell,
    runs: Sequence[int],
    engine: Engine,
    start: Sequence[Parameters],
    settings: DictionarySettings | None,
    progress: Progress,
) -> _Part:
    (weights,) = train_runs([cell], runs, 1, engine, progress, start)
    found: list[Dictionaries] = []
    done = len(runs) * cell.training.steps
    for at in range(len(runs) if settings else 0):
        assert settings
        found.append(_dictionaries(weights, at, settings, progress, done + at * settings.steps))
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
