"""The report: `results/report.html`, one file that holds everything and asks for nothing.

`contents` brings figures, claims and settings together in the paper's order, `brief` has what is
said first, `experiments` puts settings into words, `dictionary` the columns of tables, `conditions`
finds out how the build was run, `typography` sets formulae, and `templates/` is what it all looks
like. What the repository shows of the same results is in `readme`.

The page is the same bytes for the same results, but for its last section, between comments, which
is about the machine and the times.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2

from superposition.base.version import VERSION
from superposition.claims import read_json, rendering
from superposition.claims.claim import Outcome
from superposition.figures import FOLDER
from superposition.report import dictionary
from superposition.report.brief import brief
from superposition.report.conditions import run_conditions
from superposition.report.contents import sections_of
from superposition.report.experiments import described
from superposition.report.typography import formula, slug

_SOURCES = {
    "paper": "the paper's text",
    "fig": "the paper's figure",
    "nb": "the paper's notebook",
    "derived": "derived",
    "ours": "ours",
}
_TEMPLATES = jinja2.Environment(
    # The explorer, which is beside this package, has `page.css` as well.
    loader=jinja2.FileSystemLoader([Path(__file__).parent / "templates", FOLDER]),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
_TEMPLATES.filters |= {"formula": formula, "slug": slug, "number": rendering.number}
_TEMPLATES.filters["holds_seldom"] = rendering.holds_seldom
_TEMPLATES.globals |= {
    "Outcome": Outcome,
    "paper": rendering.PAPER,
    "link": rendering.link,
    "sources": _SOURCES,
    "version": VERSION,
    "beside": rendering.beside,
    "bounds": rendering.bounds,
    "interval": rendering.interval,
    "label": rendering.label,
    "show": rendering.show,
    "spread": rendering.spread,
    "holds": rendering.HOLDS,
    "holds_seldom": rendering.holds_seldom,
    "by_seed": rendering.by_seed,
    "finding": rendering.finding,
    "tables": dictionary.TABLES,
    "swept": dictionary.swept(),
}


def page(settings: Mapping[str, Any], results: Path) -> str:
    """The page's text, HTML, whose links to data are relative to the results.

    Args:
        settings: What was built and how, from `workflow.report_inputs`.
        results: The folder of results: claims.json, figures/ and, if they are there, metrics/ and
            benchmarks/.

    Raises:
        UserError: If a figure or the claims cannot be read.
    """
    verdicts = read_json(results / "claims.json")
    experiments = described(settings["experiments"], results)
    durations = {figure["name"]: figure["duration"] for figure in settings["figures"]}
    outcomes = [verdict.outcome for verdict in verdicts if verdict.origin == "paper"]
    return _TEMPLATES.get_template("page.html").render(
        sections=sections_of(durations, verdicts, experiments, results / "figures"),
        verdicts=verdicts,
        brief=brief(verdicts, experiments.values()),
        tally={outcome: outcomes.count(outcome) for outcome in Outcome},
        apart=rendering.apart(verdicts),
        summary=rendering.summary(verdicts),
        controls=rendering.controls_note(verdicts),
        experiments=experiments,
        conditions=run_conditions(durations, experiments.values(), results),
    )
