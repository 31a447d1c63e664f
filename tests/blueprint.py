"""The jobs of a configuration without Snakemake: what each is given, so what an edit reruns.

This repeats the rules of workflow/rules/, so that thousands of edits can be tried in one process.
`test_incremental_builds` holds it against what Snakemake has recorded, and against its dry runs.
"""

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any, NamedTuple

from project import ROOT, SMOKE, Project

from superposition.config.load import from_mapping, load
from superposition.workflow.code_version import STAGES, figure_stage
from superposition.workflow.confirmation import RECORD, record_digest
from superposition.workflow.convergence import EVIDENCE, evidence_digest
from superposition.workflow.plan import Plan
from superposition.workflow.report_inputs import ReportInputs

JUDGE, PAGE = "judge the claims", "write the report"
EXPLORER = "write the explorer"


class Job(NamedTuple):
    """What decides whether a job has to run again."""

    outputs: frozenset[str]
    inputs: frozenset[str]
    params: frozenset[str]


def by_name(stage: str) -> tuple[str, ...]:
    """Return a stand-in for the signature of a stage, for edits that touch no code."""
    return (stage,)


def signed(stage: str) -> tuple[str, ...]:
    """Return the signature of a stage, or of a figure."""
    found = STAGES[stage] if stage in STAGES else figure_stage(stage)
    return tuple(found.signature().values())


def plan_of(mapping: Mapping[str, Any]) -> Plan:
    return Plan(from_mapping(mapping))


def plan_in(project: Project) -> Plan:
    return Plan(load(project.folder / "config.yaml", project.folder / SMOKE))


def jobs_of(plan: Plan, signature: Callable[[str], tuple[str, ...]] = by_name) -> dict[str, Job]:
    """Return every job of a build by the words of its message."""
    jobs: dict[str, Job] = {}

    def add(name: str, outputs: list[str], inputs: list[str], *params: str) -> None:
        jobs[name] = Job(frozenset(outputs), frozenset(inputs), frozenset(params))

    training = f"train with {plan.engine}" if plan.engine == "torch" else "train"
    for group in plan.groups:
        experiment, _, own = group.partition("/")
        recipe = plan.settings_of_training(SimpleNamespace(experiment=experiment, group=own))
        for runs, file in plan.jobs(group):
            name = f"train {experiment} {own} runs {runs[0]}–{runs[-1]}"
            start = plan.start_of(SimpleNamespace(experiment=experiment))
            add(name, [file], start, *signature(training), recipe)
    for name in plan.experiments:
        of_it = SimpleNamespace(experiment=name)
        weights = f"results/weights/{name}.safetensors"
        samples = [f"results/data/{name}.{kind}" for kind in ("csv", "sample.csv")]
        tables = [f"results/metrics/{name}.{kind}.csv" for kind in ("runs", "features")]
        add(f"sample {name}", samples, [], *signature("data"), plan.settings_of_data(of_it))
        settings = plan.settings_of_export(of_it)
        gathered = [*plan.runs_of(of_it), *plan.start_of(of_it)]
        add(f"export {name}", [weights], gathered, *signature("export"), settings)
        add(f"measure {name}", tables, [weights], *signature("measure"))
        if plan.config.experiments[name].dictionaries:
            outputs = [f"results/dictionaries/{name}.{kind}" for kind in ("safetensors", "csv")]
            params = (*signature("dictionaries"), plan.settings_of_dictionaries(of_it))
            add(f"find the features of {name}", outputs, [weights], *params)
    if plan.weights(plan.compared):
        table, compared = ["results/constructed.csv"], plan.weights(plan.compared)
        add("compare with constructed solutions", table, compared, *signature("measure"))
    for name in plan.figures:
        files = [f"results/figures/{name}.{kind}" for kind in ("svg", "pdf", "png", "csv")]
        of_it = SimpleNamespace(figure=name)
        shown = [*plan.weights_shown(of_it), *plan.dictionaries_shown(of_it)]
        add(f"plot the figure {name}", files, shown, *signature(name))
    verdicts = [f"results/claims.{kind}" for kind in ("json", "csv", "numbers.csv", "md")]
    judged = [*plan.weights(), *plan.dictionaries(), str(EVIDENCE), str(RECORD)]
    known = (evidence_digest(ROOT / EVIDENCE), record_digest(ROOT / RECORD))
    add(JUDGE, verdicts, judged, *signature("judge"), *known)
    shown = [f"results/figures/{name}.{kind}" for name in plan.figures for kind in ("svg", "png")]
    settings = ReportInputs.settings_of(plan)
    shown += [f"results/metrics/{name}.runs.csv" for name in plan.experiments]
    page = ["results/report.html"]
    add(PAGE, page, ["results/claims.json", *shown], *signature("report"), settings)
    explored, settings = plan.weights(plan.explored), plan.settings_of_explorer()
    add(EXPLORER, ["results/explorer.html"], explored, *signature("explorer"), settings)
    return jobs


def rerun(before: dict[str, Job], after: dict[str, Job]) -> set[str]:
    """Return the jobs that run after an edit: new, given other things, or downstream of those."""
    running = {name for name, job in after.items() if before.get(name) != job}
    return running | downstream(after, running)


def downstream(jobs: dict[str, Job], begun: set[str]) -> set[str]:
    """Return the jobs that are given what others make, directly or not."""
    found: set[str] = set()
    made = {file for name in begun for file in jobs[name].outputs}
    while new := {name for name, job in jobs.items() if job.inputs & made} - found:
        found |= new
        made |= {file for name in new for file in jobs[name].outputs}
    return found
