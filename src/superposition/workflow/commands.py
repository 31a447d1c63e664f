"""The stages of the workflow as commands: from options to a call of the module that does the work.

Snakemake and people call them alike, with a name of the configuration; files lie where `Plan` says.
Snakemake tells as well which code and which settings it has planned with, and any other is refused.
Nothing here decides a byte of a result. Imports are inside the functions, so that no stage waits
for another's libraries.
"""

from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

from superposition.base.errors import UserError
from superposition.base.files import together, write_text
from superposition.base.progress import Progress
from superposition.base.terminal import visible
from superposition.workflow.code_version import STAGES, as_planned, figure_stage, training_stage
from superposition.workflow.configuration import resolve
from superposition.workflow.plan import Plan


def data(options: Namespace) -> None:
    """Write what the samples of an experiment hold, beside what its settings promise."""
    with as_planned(options.code, STAGES["data"]):
        from superposition.base.tables import write_table
        from superposition.sampling.statistics import describe
    name = options.experiment
    plan = _plan(options, Plan.settings_of_data, experiment=name)
    statistics, samples = describe(plan.cells_of(name))
    with together():
        write_table(statistics, f"results/data/{name}.csv")
        write_table(samples, f"results/data/{name}.sample.csv")


def batch(options: Namespace) -> None:
    """Write the batch that a run saw at a step, a row for each sample."""
    import numpy as np

    from superposition.base.files import atomic_path
    from superposition.sampling.sample import batch as batch_of

    plan = _plan(options)
    if options.cell not in plan.cells:
        plan.group(options.cell)  # says which cells there are
    cell = plan.cells[options.cell]
    for what, value, count in (
        ("run", options.run, cell.runs),
        ("step", options.step, cell.training.steps),
    ):
        if not 0 <= value < count:
            raise UserError(f"{options.cell} has {what}s 0 to {count - 1}; got --{what} {value}.")
    x = batch_of(cell, options.run, options.step)
    output = options.output or Path(f"{options.cell.replace('/', '.')}.csv")
    with atomic_path(output) as temporary:
        if output.suffix == ".npy":
            np.save(temporary, x)
        else:
            header = ",".join(f"x{i}" for i in range(x.shape[1]))
            np.savetxt(temporary, x, fmt="%.9g", delimiter=",", header=header, comments="")
    print(f"Wrote {x.shape[0]} samples of {x.shape[1]} features to {output}.")


def train(options: Namespace) -> None:
    """Train runs of a cell, or of the cells that share its job.

    Those of an engine with other bytes than the configuration's are no results of a build: they get
    a folder of their own.
    """
    with as_planned(options.code, training_stage(options.engine)):
        from superposition.model.weights import save
        from superposition.training import train as train_runs
    experiment, _, group = options.cell.partition("/")
    plan = _plan(options, Plan.settings_of_training, experiment=experiment, group=group)
    cells, starts = plan.started(experiment, plan.group(options.cell))
    jobs = plan.jobs(options.cell)
    if options.runs:
        first, last = _runs(options.runs)
        if last >= (count := next(iter(cells.values())).runs):
            raise UserError(f"{options.cell} has runs 0 to {count - 1}; got --runs {options.runs}.")
        jobs = [(range(first, last + 1), f"results/runs/{options.cell}/{first}-{last}.safetensors")]
    engine = options.engine or plan.engine
    same = training_stage(engine) == training_stage(plan.engine)
    for runs, of_build in jobs:
        file = of_build if same else of_build.replace("results/runs", f"results/{engine}", 1)
        label = f"{options.cell}, runs {runs[0]}–{runs[-1]}"
        progress = Progress(label)
        # A file of runs must not depend on how many others there are, nor on how they are compared.
        alone = {"runs": runs[-1] + 1, "evaluation_samples": 1}
        trained = train_runs(
            [cell.model_copy(update=alone) for cell in cells.values()],
            runs,
            options.threads,
            engine,
            progress,
            starts,
        )
        save(file, dict(zip(cells, trained, strict=True)))
        progress.finish(f"{label}: trained" if same else f"{label}: trained, in {file}")


def export(options: Namespace) -> None:
    """Gather the runs of an experiment's cells, compared on their evaluation samples."""
    with as_planned(options.code, STAGES["export"]):
        from superposition.model.checking import divergence
        from superposition.model.weights import save
        from superposition.training.evaluate import export as gather
    name = options.experiment
    plan = _plan(options, Plan.settings_of_export, experiment=name)
    cells, _ = plan.started(name, plan.cells_of(name))
    found = gather(plan.parts(name), cells)
    save(f"results/weights/{name}.safetensors", found)
    for cell, its in found.items():
        if told := divergence(f"{name}/{cell}", its):
            print(f"WARNING: {told}: try a lower learning rate.", flush=True)


def measure(options: Namespace) -> None:
    """Write the tables of runs and of features of an experiment's trained cells."""
    with as_planned(options.code, STAGES["measure"]):
        from superposition.base.tables import write_table
        from superposition.measure import tables
        from superposition.measure.files import read
    name, plan = options.experiment, _plan(options)
    cells = read(plan.weights([name]), planned=plan.planned([name]))
    with together():
        write_table(tables.runs_table(cells), f"results/metrics/{name}.runs.csv")
        write_table(tables.features_table(cells), f"results/metrics/{name}.features.csv")


def constructed(options: Namespace) -> None:
    """Write the losses of structures beside those of trained networks."""
    with as_planned(options.code, STAGES["measure"]):
        from superposition.base.tables import write_table
        from superposition.measure.files import read
        from superposition.measure.structures.comparison import comparison
    plan = _plan(options)
    cells = read(_built(plan, plan.compared), planned=plan.planned(plan.compared))
    write_table(comparison(cells), "results/constructed.csv")


def dictionaries(options: Namespace) -> None:
    """Train dictionaries on hidden activations of an experiment; write what they have found."""
    with as_planned(options.code, STAGES["dictionaries"]):
        from superposition.base.tables import write_table
        from superposition.measure.dictionaries.record import save
        from superposition.measure.dictionaries.training import train as train_dictionaries
        from superposition.measure.files import read
        from superposition.measure.tables import dictionaries_table
    name = options.experiment
    plan = _plan(options, Plan.settings_of_dictionaries, experiment=name)
    plan.cells_of(name)  # says which experiments there are
    settings = plan.config.experiments[name].dictionaries
    if settings is None:
        raise UserError(f"experiments.{name} has no dictionaries in the configuration.")
    cells = read(plan.weights([name]), planned=plan.planned([name]))
    found = {
        cell.name.partition("/")[2]: [
            train_dictionaries(cell.weights, at, settings) for at in range(len(cell))
        ]
        for cell in (one.finite for one in cells)
    }
    with together():
        save(f"results/dictionaries/{name}.safetensors", found)
        write_table(dictionaries_table(found), f"results/dictionaries/{name}.csv")


def plot(options: Namespace) -> None:
    """Plot a figure of the paper."""
    with as_planned(options.code, figure_stage(options.figure)):
        from superposition.base.sealed import sources
        from superposition.figures import plotting, spec
        from superposition.measure.files import read

        its = spec(options.figure)  # loads the figure's module
    plan = _plan(options)
    weights, dictionaries = plan.weights(its.experiments), plan.dictionaries(its.experiments)
    cells = read(weights, dictionaries, plan.planned(its.experiments))
    plotted = plotting.plotted(options.figure, cells)
    came_from = sources(weights + dictionaries, Path("results"))
    plotted.save(f"results/figures/{options.figure}", came_from)


def judge(options: Namespace) -> None:
    """Judge the claims and write them for machines and for people."""
    with as_planned(options.code, STAGES["judge"]):
        from superposition import claims
        from superposition.convergence import evidence
        from superposition.measure.files import read
        from superposition.workflow.confirmation import confirmations
    plan = _plan(options)
    progress = Progress("judging")
    tried = evidence.read(options.evidence)
    weights, dictionaries = _built(plan, plan.experiments), plan.dictionaries()
    # Not those with other seeds, which an archive lacks: of them the outcome is kept.
    judged = weights + dictionaries
    cells = read(weights, dictionaries, plan.planned())
    asked = claims.about(plan.experiments)
    verdicts = claims.judge(cells, asked, progress, evidence=tried)
    by_seed = {plan.config.seed: verdicts}
    for folder, its in confirmations(plan.config):
        seed = its.config.seed
        progress = Progress(f"judging what was trained with seed {seed}")
        weights = [f"{folder}/{file}" for file in its.weights()]
        dictionaries = [f"{folder}/{file}" for file in its.dictionaries()]
        cells = read(weights, dictionaries, its.planned(folder=folder))
        by_seed[seed] = claims.judge(cells, asked, progress, resamples=0, evidence=tried)
    if len(by_seed) > 1:
        by_claim = claims.outcomes(by_seed)
    else:
        by_claim = claims.standing(claims.read_record(options.confirmed), verdicts)
    verdicts = claims.confirmed(verdicts, by_claim)
    claims.write_all(verdicts, Path("results"), judged)
    progress.finish(f"{len(verdicts)} claims judged")


def report(options: Namespace) -> None:
    """Write the report."""
    with as_planned(options.code, STAGES["report"]):
        from superposition.report import page
        from superposition.workflow.report_inputs import ReportInputs
    inputs = ReportInputs(_plan(options, ReportInputs.settings_of))
    write_text("results/report.html", page(inputs.settings(), Path("results")))


def explorer(options: Namespace) -> None:
    """Write the explorer."""
    with as_planned(options.code, STAGES["explorer"]):
        from superposition.explorer.page import page
        from superposition.measure.files import read
    plan = _plan(options, Plan.settings_of_explorer)
    cells = read(_built(plan, plan.explored), planned=plan.planned(plan.explored))
    write_text("results/explorer.html", page(cells, plan.figures))


def claims(options: Namespace) -> None:
    """Print the table of claims."""
    from shutil import get_terminal_size

    from superposition.claims import read_json, table

    width = min(max(get_terminal_size((120, 24)).columns, 100), 140)
    print(visible(table(read_json(options.file), width=width), keep="\n"))


def readme(options: Namespace) -> None:
    """Bring the README's tables, and claims and figures in docs/, up to date."""
    from superposition.report.readme import refresh

    refresh(options.file, options.readme, _plan(options).durations())


def schema(options: Namespace) -> int:
    """Write the JSON schema of config.yaml, or tell whether it is up to date."""
    from superposition.config.schema import json_schema

    text = json_schema()
    if not options.check:
        write_text(options.output, text)
        return 0
    current = options.output.read_text(encoding="utf-8") if options.output.exists() else ""
    if current != text:
        print(f"{options.output} is out of date: run python -m superposition schema.")
    return int(current != text)


def _plan(
    options: Namespace,
    settings_of: Callable[[Plan, SimpleNamespace], str] | None = None,
    **wildcards: str,
) -> Plan:
    """The plan; its settings have to be those that were planned."""
    plan = Plan(resolve(options))
    if settings_of and options.settings:
        found = settings_of(plan, SimpleNamespace(**wildcards))
        if found != options.settings:
            raise UserError(
                "This job was planned with other settings than the configuration has here, so its "
                "result would not be what was planned. By hand, name its files "
                "(--config); in a build, run make again: what is finished stays."
            )
    return plan


def _built(plan: Plan, experiments: list[str]) -> list[str]:
    """The files of weights of experiments; where only some are there, what to do is said."""
    files = plan.weights(experiments)
    there = [name for name in plan.experiments if Path(*plan.weights([name])).is_file()]
    missing = [file for file in files if not Path(file).is_file()]
    if missing and there:
        raise UserError(
            f"{missing[0]} is missing, and others are there. Run make; or leave out what is not "
            "built with a file that is laid over the configuration (--config config.yaml FILE):\n"
            f"only: [{', '.join(there)}]"
        )
    return files


def _runs(text: str) -> tuple[int, int]:
    first, dash, last = text.partition("-")
    if not (dash and first.isdigit() and last.isdigit() and int(first) <= int(last)):
        raise UserError(f"--runs is {text!r}; expected the first and the last run, such as 0-31.")
    return int(first), int(last)
