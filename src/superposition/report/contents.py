"""The order of the page, which is the paper's: sections, in them figures, with them claims."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from superposition.claims.judging import Verdict
from superposition.claims.rendering import PAPER
from superposition.figures import FIGURES, Spec
from superposition.report.experiments import Experiment
from superposition.report.pictures import Picture, picture


class Figure(NamedTuple):
    """A figure, with the claims that are told with it."""

    name: str
    spec: Spec
    number: int
    """Its place in the page."""
    duration: str
    """About how long it takes on two cores, from nothing."""
    picture: Picture
    claims: list[Verdict]
    """Those it bears that no figure before bears."""
    others: list[Verdict]
    """Those it bears that are told with a figure before."""
    experiments: list[Experiment]


class Section(NamedTuple):
    """One section of the paper."""

    title: str
    link: str
    figures: list[Figure]
    claims: list[Verdict]
    """Those that no figure bears."""
    verdicts: list[Verdict]
    """All that are about this section."""


def sections_of(
    durations: Mapping[str, str],
    verdicts: Sequence[Verdict],
    experiments: Mapping[str, Experiment],
    folder: Path,
) -> list[Section]:
    """The sections.

    Args:
        durations: About how long each figure takes that was plotted, in words, by its name.
        verdicts: On all claims, in the paper's order.
        experiments: What was trained, by name.
        folder: Where the figures are.
    """
    known = {verdict.id: verdict for verdict in verdicts}
    told: set[str] = set()
    figures: dict[str, list[Figure]] = defaultdict(list)
    for number, (name, duration) in enumerate(durations.items(), 1):
        spec = FIGURES[name]
        borne = [known[claim] for claim in spec.claims if claim in known]
        figure = Figure(
            *(name, spec, number, duration, picture(name, folder)),
            claims=[verdict for verdict in borne if verdict.id not in told],
            others=[verdict for verdict in borne if verdict.id in told],
            experiments=[experiments[experiment] for experiment in spec.experiments],
        )
        told.update(verdict.id for verdict in borne)
        figures[spec.section].append(figure)
    sections = []
    for title in merged(figures, [verdict.section for verdict in verdicts]):
        own = [verdict for verdict in verdicts if verdict.section == title]
        link = PAPER + (own[0].anchor if own else "")
        rest = [verdict for verdict in own if verdict.id not in told]
        sections.append(Section(title, link, figures[title], rest, own))
    return sections


def merged(*orders: Iterable[str]) -> list[str]:
    """Every name once; one that is new comes behind the one before it in its own order."""
    found: list[str] = []
    for order in orders:
        place = 0
        for name in order:
            if name not in found:
                found.insert(place, name)
            place = found.index(name) + 1
    return found
