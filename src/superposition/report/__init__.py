"""The page to read: `results/report.html`, one file that holds everything and asks for nothing.

`contents` brings figures, claims and settings together in the paper's order, `pictures` makes
figures part of the page, `experiments` puts settings into words, `conditions` finds out how the
build was run, `typography` sets formulae, and `templates/` is what it all looks like.

The page is the same bytes for the same results, but for its last section, which is about the
machine and the times; `without_conditions` leaves that out.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2

from superposition.base.files import write_text
from superposition.base.version import VERSION
from superposition.claims import rendering
from superposition.claims.claim import Outcome
from superposition.report.conditions import run_conditions
from superposition.report.contents import sections_of
from superposition.report.experiments import described
from superposition.report.typography import formula, slug

_START, _END = "<!-- conditions:start -->", "<!-- conditions:end -->"
_SOURCES = {
    "paper": "the paper's text",
    "fig": "the paper's figure",
    "nb": "the paper's notebook",
    "derived": "derived",
    "ours": "ours",
}


def write(settings: Mapping[str, Any], results: Path, output: Path) -> None:
    """Write the page.

    Args:
        settings: What was built and how, from `workflow.report_inputs`.
        results: The folder of results: claims.json, figures/ and, if it is there, benchmarks/.
        output: Where the page goes; links to data are relative to the results.
    """
    write_text(output, page(settings, results))


def page(settings: Mapping[str, Any], results: Path) -> str:
    """The page's text, HTML.

    Raises:
        UserError: If a figure or the claims cannot be read.
    """
    verdicts = rendering.read_json(results / "claims.json")
    experiments = described(settings["experiments"])
    durations = {figure["name"]: figure["duration"] for figure in settings["figures"]}
    outcomes = [verdict.outcome for verdict in verdicts if not verdict.ours]
    template = _environment().get_template("page.html")
    return template.render(
        sections=sections_of(durations, verdicts, experiments, results / "figures"),
        verdicts=verdicts,
        tally={outcome: outcomes.count(outcome) for outcome in Outcome},
        ours=[verdict for verdict in verdicts if verdict.ours],
        summary=rendering.summary(verdicts),
        controls=rendering.controls_note(verdicts),
        experiments=experiments,
        conditions=run_conditions(durations, experiments.values(), results),
        start=_START,
        end=_END,
    )


def without_conditions(text: str) -> str:
    """A page without the section that differs from machine to machine."""
    return re.sub(f"{_START}.*?{_END}", "", text, flags=re.DOTALL)


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"formula": formula, "slug": slug, "number": rendering.number}
    environment.globals |= {
        "Outcome": Outcome,
        "paper": rendering.PAPER,
        "sources": _SOURCES,
        "version": VERSION,
        "beside": rendering.beside,
        "bounds": rendering.bounds,
        "interval": rendering.interval,
        "label": rendering.label,
        "show": rendering.show,
    }
    return environment
