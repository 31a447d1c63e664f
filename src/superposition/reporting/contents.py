"""What the page holds, in the paper's order: sections, in them figures, with them claims."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from superposition.claims.records import Outcome
from superposition.claims.report import PAPER
from superposition.claims.terminal import beside, bounds, interval, label, number, show
from superposition.claims.verdicts import CheckResult, Verdict
from superposition.plotting.catalogue import FIGURES
from superposition.reporting.drawings import Drawing, drawing
from superposition.reporting.experiments import Experiment

_SOURCES = {
    "paper": "the paper's text",
    "fig": "the paper's figure",
    "nb": "the paper's notebook",
    "derived": "derived",
    "ours": "ours",
}


@dataclass(frozen=True)
class Quantity:
    """One measured quantity: words for the table, and all its numbers."""

    name: str
    fits: bool
    measured: str
    beside: str
    expected: str
    source: str
    reason: str
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Claim:
    """One claim with its verdict."""

    verdict: Verdict
    link: str
    label: str
    quantities: tuple[Quantity, ...]
    findings: tuple[str, ...]


@dataclass(frozen=True)
class Figure:
    """One figure.

    Attributes:
        name: Its key in the catalogue.
        number: Its place in the page.
        title: In a line.
        caption: How to read it.
        drawing: The drawing itself.
        claims: Those it bears that no figure before bears; they are told with it.
        others: Those told with a figure before.
        experiments: What it shows.
        duration: About how long it takes on two cores, from nothing.
    """

    name: str
    number: int
    title: str
    caption: str
    drawing: Drawing
    claims: tuple[Claim, ...]
    others: tuple[Verdict, ...]
    experiments: tuple[Experiment, ...]
    duration: str


@dataclass(frozen=True)
class Section:
    """One section of the paper."""

    title: str
    link: str
    figures: tuple[Figure, ...]
    claims: tuple[Claim, ...]
    """Those that no figure bears."""
    verdicts: tuple[Verdict, ...]
    """All that are about this section."""


def sections_of(
    figures: Mapping[str, str],
    verdicts: Sequence[Verdict],
    experiments: Mapping[str, Experiment],
    folder: Path,
) -> list[Section]:
    """Return the sections.

    Args:
        figures: What was drawn: name -> about how long that takes.
        verdicts: On all claims, in the paper's order.
        experiments: What was trained.
        folder: Where the drawings are.
    """
    claims = {verdict.id: _claim(verdict) for verdict in verdicts}
    told: set[str] = set()
    drawn = {}
    for k, (name, duration) in enumerate(figures.items(), 1):
        drawn[name] = _figure(name, k, duration, claims, told, experiments, folder)
    borne = told.copy()
    order = merged(
        [FIGURES[name].section for name in figures], [verdict.section for verdict in verdicts]
    )
    return [_section(title, drawn, claims, borne) for title in order]


def merged(*orders: Iterable[str]) -> list[str]:
    """Return every name once; one that is new comes behind the one before it in its own order."""
    found: list[str] = []
    for order in orders:
        place = 0
        for name in order:
            if name not in found:
                found.insert(place, name)
            place = found.index(name) + 1
    return found


def _section(
    title: str, figures: Mapping[str, Figure], claims: Mapping[str, Claim], borne: set[str]
) -> Section:
    own = [claim for claim in claims.values() if claim.verdict.section == title]
    anchors = [claim.verdict.anchor for claim in own]
    return Section(
        title=title,
        link=PAPER + (anchors[0] if anchors else ""),
        figures=tuple(figure for name, figure in figures.items() if FIGURES[name].section == title),
        claims=tuple(claim for claim in own if claim.verdict.id not in borne),
        verdicts=tuple(claim.verdict for claim in own),
    )


def _figure(
    name: str,
    place: int,
    duration: str,
    claims: Mapping[str, Claim],
    told: set[str],
    experiments: Mapping[str, Experiment],
    folder: Path,
) -> Figure:
    entry = FIGURES[name]
    borne = [claims[name] for name in entry.claims if name in claims]
    new = [claim for claim in borne if claim.verdict.id not in told]
    others = [claim.verdict for claim in borne if claim.verdict.id in told]
    told |= {claim.verdict.id for claim in new}
    return Figure(
        name=name,
        number=place,
        title=entry.title,
        caption=entry.caption,
        drawing=drawing(name, entry.title, folder),
        claims=tuple(new),
        others=tuple(others),
        experiments=tuple(experiments[e] for e in entry.experiments),
        duration=duration,
    )


def _claim(verdict: Verdict) -> Claim:
    found = [text for check in verdict.checks for text in check.findings]
    return Claim(
        verdict=verdict,
        link=PAPER + verdict.anchor,
        label=label(verdict),
        quantities=tuple(_quantity(verdict, check) for check in verdict.checks),
        findings=tuple(dict.fromkeys(found)),
    )


def _quantity(verdict: Verdict, check: CheckResult) -> Quantity:
    return Quantity(
        name=check.quantity,
        fits=all(check.within),
        measured=show(check),
        beside=beside(verdict, check) if check.other != check.measured else "",
        expected=bounds(check),
        source=_SOURCES[check.source],
        reason=check.reason,
        rows=tuple(_rows(verdict, check)),
    )


def _rows(verdict: Verdict, check: CheckResult) -> Iterable[tuple[str, ...]]:
    """Yield a row of numbers for each cell, or one about all of them."""
    several = len(verdict.cells) == len(check.measured)
    for k, value in enumerate(check.measured):
        yield (
            verdict.cells[k] if several else "all",
            number(value),
            interval(check.low[k], check.high[k]),
            number(check.other[k]),
            number(check.control[k]),
            str(check.runs_within[k]) if verdict.outcome is not Outcome.NOT_TESTED else "",
        )
