"""The page to read: `results/report.html`, one file that holds everything and asks for nothing.

`contents` brings figures, claims and settings together in the paper's order, `drawings` makes
pictures part of the page, `experiments` puts settings into words, `conditions` finds out how the
build was run, `typography` sets formulae, and `templates/` is what it all looks like.

The page is the same bytes for the same results, but for its last section, which is about the
machine and the times; `without_conditions` leaves that out.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2

from superposition import __version__
from superposition.claims.records import Outcome
from superposition.claims.report import PAPER, read_json
from superposition.claims.terminal import MARKS, bases, controls_note, summary
from superposition.files import write_text
from superposition.reporting.conditions import run_conditions
from superposition.reporting.contents import sections_of
from superposition.reporting.experiments import described
from superposition.reporting.typography import formula, slug

TEMPLATES = ("page.html", "parts.html", "claim.html", "conditions.html", "style.css")
"""Everything in `templates/`; named here, so that an edit of one rewrites the page."""
_START, _END = "<!-- conditions:start -->", "<!-- conditions:end -->"
_WORDS = {
    Outcome.REPLICATES: "replicates",
    Outcome.DEVIATES: "deviates",
    Outcome.VOID: "void",
    Outcome.NOT_TESTED: "not tested",
}


def write(settings: Mapping[str, Any], results: Path, output: Path) -> None:
    """Write the page.

    Args:
        settings: What was built and how, from `superposition.telling.Telling.settings`.
        results: The folder of results: claims.json, figures/ and, if it is there, benchmarks/.
        output: Where the page goes; links to data are relative to the results.
    """
    write_text(output, page(settings, results))


def page(settings: Mapping[str, Any], results: Path) -> str:
    """Return the page's text, HTML.

    Raises:
        UserError: If a figure or the claims cannot be read.
    """
    verdicts = read_json(results / "claims.json")
    behind = described(settings["experiments"])
    figures = {figure["name"]: figure["duration"] for figure in settings["figures"]}
    outcomes = [verdict.outcome for verdict in verdicts if not verdict.ours]
    ours = [verdict for verdict in verdicts if verdict.ours]
    return (
        _environment()
        .get_template("page.html")
        .render(
            sections=sections_of(figures, verdicts, behind, results / "figures"),
            verdicts=verdicts,
            tally={outcome: outcomes.count(outcome) for outcome in Outcome},
            ours=ours,
            summary=summary(verdicts),
            controls=controls_note(verdicts),
            bases=bases(verdicts),
            experiments=behind,
            conditions=run_conditions(figures, behind.values(), results),
            start=_START,
            end=_END,
        )
    )


def without_conditions(text: str) -> str:
    """Return a page without the section that differs from machine to machine."""
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
    environment.filters |= {"formula": formula, "slug": slug}
    environment.globals |= {
        "Outcome": Outcome,
        "marks": {outcome: MARKS[outcome] for outcome in Outcome},
        "words": _WORDS,
        "paper": PAPER,
        "version": __version__,
    }
    return environment
