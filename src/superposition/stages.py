"""The stages of the workflow as commands: from options to a call of the module that does the work.

Nothing here decides a byte of a result: Snakemake watches the code of the modules that are called,
not this one. Imports are inside the functions, so that no stage waits for another's libraries.
"""

import json
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from superposition.errors import UserError
from superposition.files import atomic_path
from superposition.progress import Progress
from superposition.settings import Cell, DictionarySettings, Engine, FeatureSettings

if TYPE_CHECKING:
    from superposition.samples import EvaluationSample
    from superposition.workflow import Place, Plan


def data(options: Namespace) -> None:
    """Write a cell's evaluation sample and its statistics, or one batch of one run."""
    if (options.batch is None) != (options.run is None):
        raise UserError("--batch and --run go together: which step of which run?")
    if options.batch is not None:
        _write_batch(options)
        return
    from superposition.data import statistics
    from superposition.tables import write_table

    settings = options.settings
    if not settings:
        plan, place, _ = _cell(options)
        settings = plan.drawn_with(place.experiment, place.density)
    output = options.output or _below("data", options, ".safetensors")
    sample = draw_sample(settings)
    sample.save(output)
    write_table(statistics(sample), options.table or output.with_suffix(".csv"))


def draw_sample(settings: str) -> "EvaluationSample":
    """Return the evaluation sample of settings, as `Plan.sample_settings` writes them."""
    from superposition.data import generate

    wanted = json.loads(settings)
    features = FeatureSettings.model_validate(wanted["features"])
    return generate(features, wanted["seed"], wanted["samples"])


def train(options: Namespace) -> None:
    """Train some runs of a cell."""
    from superposition import weights
    from superposition.training import train as train_runs

    if options.settings:
        first, last = _runs(options.runs)
        settings = json.loads(options.settings)
        jobs = [(range(first, last + 1), _required(options.output, "--output"))]
        engine: Engine = options.engine or "auto"
    else:
        plan, place, cell = _cell(options)
        settings = json.loads(cell.trained_with())
        engine = options.engine or plan.engine
        jobs = [(runs, Path(file)) for runs, file in plan.jobs(place)]
        if options.runs:
            first, last = _runs(options.runs)
            file = Path(f"results/runs/{place}/{first}-{last}.safetensors")
            jobs = [(range(first, last + 1), options.output or file)]
    for runs, output in jobs:
        # A file of runs must not depend on how many others there are, nor on how they are judged.
        cell = Cell(**settings, runs=runs[-1] + 1, evaluation_samples=1)
        what = f"{cell.model.model}, n = {cell.features.n_features}, m = {cell.model.n_hidden}"
        label = f"{what}, runs {runs[0]}–{runs[-1]}"
        progress = Progress(label)
        trained = train_runs(cell, runs, options.threads, engine, progress)
        weights.save(output, trained)
        progress.finish(f"{label}: trained")


def export(options: Namespace) -> None:
    """Gather the runs of a cell into one file."""
    from superposition.evaluation import export as gather

    files, sample, output = options.files, options.sample, options.output
    settings = options.settings
    if options.cell:
        plan, place, cell = _cell(options)
        settings = cell.trained_with()
        files = files or [Path(file) for file in plan.chunks(place)]
        sample = sample or Path(f"results/data/{place.experiment}/{place.density}.safetensors")
        output = output or Path(f"results/weights/{place}.safetensors")
    gather(files, _required(sample, "--sample"), _required(output, "--output"), settings)


def measure(options: Namespace) -> None:
    """Write the tables of runs and of features of an experiment's weights."""
    from superposition.metrics import measure as measures
    from superposition.tables import write_table

    files = options.weights or _weights_of_experiment(options)
    stem = f"results/metrics/{files[0].parent.name}"
    runs, features = measures(_load(files))
    write_table(runs, options.runs or Path(f"{stem}.runs.csv"))
    write_table(features, options.features or Path(f"{stem}.features.csv"))


def dictionaries(options: Namespace) -> None:
    """Train dictionaries on the hidden activations of a cell; write them and what they found."""
    from superposition.dictionaries.measures import table
    from superposition.dictionaries.record import save
    from superposition.dictionaries.training import train as train_dictionaries
    from superposition.tables import write_table
    from superposition.weights import load

    file, output = options.weights, options.output
    if options.settings:
        settings = DictionarySettings.model_validate_json(options.settings)
    else:
        plan, place, _ = _cell(options)
        given = plan.config.experiments[place.experiment].dictionaries
        if given is None:
            raise UserError(f"experiments.{place.experiment} has no dictionaries in config.yaml.")
        settings = given
        file = file or Path(f"results/weights/{place}.safetensors")
        output = output or Path(f"results/dictionaries/{place}.safetensors")
    found = train_dictionaries(load(_required(file, "a weights file")), settings)
    save(_required(output, "--output"), found)
    write_table(table(found), options.table or output.with_suffix(".csv"))


def plot(options: Namespace) -> None:
    """Draw a figure."""
    from superposition.plotting import FIGURES, draw
    from superposition.signatures import figure_stage

    figure_stage(options.figure)  # refuses one that does not exist
    files, experiments = options.weights, FIGURES[options.figure].experiments
    dictionaries = FIGURES[options.figure].shows == "dictionaries"
    if not files and experiments:
        plan = _plan(options)
        files = (plan.dictionaries if dictionaries else plan.weights)(
            lambda place: place.experiment in experiments
        )
    draw(options.figure, _load(files or (), dictionaries), options.folder)


def judge(options: Namespace) -> None:
    """Judge the claims and write them for machines and for people."""
    from superposition import claims

    files, found = options.weights, options.dictionaries
    if not files:
        plan = _plan(options)
        files, found = plan.weights(), plan.dictionaries()
    dictionaries = _load(found or (), dictionaries=True)
    verdicts = claims.judge(_load(files), dictionaries=dictionaries)
    claims.write_all(verdicts, options.folder)


def report(options: Namespace) -> None:
    """Write the page to read."""
    from superposition.reporting import write
    from superposition.telling import Telling

    settings = options.settings or Telling(_plan(options)).settings()
    write(json.loads(settings), options.results, options.output or options.results / "report.html")


def claims(options: Namespace) -> None:
    """Print the table of claims."""
    print(claims_table(options.file))


def claims_table(file: Path) -> str:
    """Return the table of claims in a claims.json, as wide as the terminal allows."""
    from shutil import get_terminal_size

    from superposition.claims import read_json, table

    return table(read_json(file), width=min(max(get_terminal_size((120, 24)).columns, 100), 140))


def schema(options: Namespace) -> int:
    """Write the JSON schema of config.yaml, or tell whether it is up to date."""
    from superposition.config import json_schema
    from superposition.files import write_text

    text = json_schema()
    if not options.check:
        write_text(options.output, text)
        return 0
    current = options.output.read_text(encoding="utf-8") if options.output.exists() else ""
    if current != text:
        print(f"{options.output} is out of date: run python -m superposition schema.")
    return int(current != text)


def bench(options: Namespace) -> None:
    """Run the benchmark."""
    from superposition.benchmarks.command import main

    main(options.arguments)


def _write_batch(options: Namespace) -> None:
    """Write the batch that a run saw at a step, a row per sample."""
    import numpy as np

    from superposition.data import batch

    _, place, cell = _cell(options)
    if not 0 <= options.run < cell.runs:
        raise UserError(f"{place} has runs 0 to {cell.runs - 1}; got --run {options.run}.")
    if not 0 <= options.batch < cell.training.steps:
        raise UserError(
            f"{place} has steps 0 to {cell.training.steps - 1}; got --batch {options.batch}."
        )
    x = batch(cell, options.run, options.batch)
    output = options.output or Path(
        f"results/data/{place.experiment}/batches/{place.model}_{place.density}"
        f".run{options.run}.step{options.batch}.csv"
    )
    with atomic_path(output) as temporary:
        if output.suffix == ".npy":
            np.save(temporary, x)
        else:
            header = ",".join(f"x{i}" for i in range(x.shape[1]))
            np.savetxt(temporary, x, fmt="%.9g", delimiter=",", header=header, comments="")
    print(f"Wrote {x.shape[0]} samples of {x.shape[1]} features to {output}.")


def _plan(options: Namespace) -> "Plan":
    from superposition.config import load
    from superposition.workflow import Plan

    return Plan(load(*options.config))


def _cell(options: Namespace) -> "tuple[Plan, Place, Cell]":
    """Return the plan and the cell that `--cell` names."""
    plan = _plan(options)
    place = plan.place(_required(options.cell, "--cell"))
    return plan, place, plan.cells[place]


def _below(kind: str, options: Namespace, suffix: str) -> Path:
    """Return where the workflow keeps a cell's file of this kind."""
    _, place, _ = _cell(options)
    name = f"{place.experiment}/{place.density}" if kind == "data" else str(place)
    return Path(f"results/{kind}/{name}{suffix}")


def _weights_of_experiment(options: Namespace) -> list[Path]:
    """Return the files of the experiment that `--experiment` names."""
    plan = _plan(options)
    name = _required(options.experiment, "--experiment")
    files = plan.weights(lambda place: place.experiment == name)
    if not files:
        there = ", ".join(plan.config.chosen())
        raise UserError(f"There is no experiment {name!r}. There are: {there}.")
    return [Path(file) for file in files]


def _runs(text: str | None) -> tuple[int, int]:
    first, dash, last = (text or "").partition("-")
    if not (dash and first.isdigit() and last.isdigit() and int(first) <= int(last)):
        raise UserError(f"--runs is {text!r}; expected the first and the last run, such as 0-31.")
    return int(first), int(last)


def _load(files: Sequence[Path | str], dictionaries: bool = False) -> "dict[str, Any]":
    """Return weights, or dictionaries, by the names of their cells: the ends of their paths."""
    if dictionaries:
        from superposition.dictionaries.record import load
    else:
        from superposition.weights import load  # type: ignore[assignment]

    paths = [Path(file) for file in files]
    return {f"{path.parent.name}/{path.stem}": load(path) for path in paths}


def _required(value: Any, option: str) -> Any:
    if value is None:
        raise UserError(f"{option} is missing; see --help.")
    return value
