"""The jobs of a configuration without Snakemake: what each is given, so what an edit reruns.

This repeats the rules of workflow/rules/, so that thousands of edits can be tried in one process.
`test_incremental_builds` holds it against what Snakemake has recorded, and against its dry runs.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

from superposition.config import from_mapping
from superposition.plotting import FIGURES
from superposition.signatures import STAGES, figure_stage
from superposition.telling import Telling
from superposition.workflow import Plan

JUDGE, PAGE = "judge the claims", "write the page to read"


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


def jobs_of(plan: Plan, signature: Callable[[str], tuple[str, ...]] = by_name) -> dict[str, Job]:
    """Return every job of a build by the words of its message."""
    jobs: dict[str, Job] = {}

    def add(name: str, outputs: list[str], inputs: list[str], *params: str) -> None:
        jobs[name] = Job(frozenset(outputs), frozenset(inputs), frozenset(params))

    training = f"train with {plan.engine}" if plan.engine.startswith("torch") else "train"
    for place in plan.cells:
        place_of = SimpleNamespace(**place._asdict())
        words = " ".join(place)
        sample = f"results/data/{place.experiment}/{place.density}"
        weights = f"results/weights/{place}.safetensors"
        recipe = plan.training_settings(place_of)
        add(
            f"draw the sample {place.experiment} {place.density}",
            [f"{sample}.safetensors", f"{sample}.csv"],
            [],
            *(*signature("data"), plan.sample_settings(place_of)),
        )
        for runs, file in plan.jobs(place):
            name = f"train {words} runs {runs[0]}–{runs[-1]}"
            add(name, [file], [], *signature(training), recipe)
        inputs = [*plan.chunks(place), f"{sample}.safetensors"]
        add(f"gather {words}", [weights], inputs, *signature("export"), recipe)
        if plan.config.experiments[place.experiment].dictionaries:
            found = f"results/dictionaries/{place}"
            settings = plan.dictionary_settings(place_of)
            outputs = [f"{found}.safetensors", f"{found}.csv"]
            params = (*signature("dictionaries"), settings)
            add(f"find the features of {words}", outputs, [weights], *params)
    for name in plan.config.chosen():
        tables = [f"results/metrics/{name}.{kind}.csv" for kind in ("runs", "features")]
        inputs = plan.weights_in(SimpleNamespace(experiment=name))
        add(f"measure {name}", tables, inputs, *signature("measure"))
    for name in plan.figures:
        drawn = [f"results/figures/{name}.{kind}" for kind in ("svg", "pdf", "png")]
        shown = plan.shown_in(SimpleNamespace(figure=name))
        add(f"draw the figure {name}", drawn, shown, *signature(name))
    verdicts = [f"results/claims.{kind}" for kind in ("json", "csv", "md")]
    judged = [*plan.weights(), *plan.dictionaries()]
    add(JUDGE, verdicts, judged, *signature("judge"))
    shown = [f"results/figures/{name}.{kind}" for name in plan.figures for kind in ("svg", "png")]
    settings = Telling(plan).settings()
    page = ["results/report.html"]
    add(PAGE, page, ["results/claims.json", *shown], *signature("report"), settings)
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


def figures_of(plan: Plan, experiments: set[str], dictionaries: bool = False) -> set[str]:
    """Return the drawing of figures that show experiments, or only of those of dictionaries."""
    return {
        f"draw the figure {name}"
        for name in plan.figures
        if experiments & set(FIGURES[name].experiments)
        and (not dictionaries or FIGURES[name].shows == "dictionaries")
    }


def words_of(file: Path | str) -> str:
    """Return a file of results without its folder, for messages."""
    return str(file).removeprefix("results/")
