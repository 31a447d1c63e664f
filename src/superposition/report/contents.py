"""The order of the page, which is the paper's: sections, in them figures, with them claims."""

import base64
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from superposition.base.sealed import read_figure
from superposition.claims.rendering import link
from superposition.claims.verdict import Verdict
from superposition.figures import FIGURES, Spec
from superposition.report.experiments import Experiment

LARGE = 300_000
"""Bytes of SVG above which the PNG is shown, if that is smaller by half: the page stays quick."""

_SIZE = re.compile(rb'viewBox="0 0 ([\d.]+) ([\d.]+)"')
_POINT = 4 / 3
"""CSS pixels."""


class Picture(NamedTuple):
    """A figure as a part of the page; sizes are in CSS pixels."""

    source: str
    """The picture itself, a data URL."""
    width: int
    height: int
    raster: bool
    """Whether it is the PNG."""


class Figure(NamedTuple):
    """A figure, with the claims that are told with it."""

    name: str
    spec: Spec
    number: int
    duration: str
    """About how long it takes on two cores, from nothing."""
    picture: Picture
    claims: list[Verdict]
    """Those it bears that no figure before bears."""
    others: list[Verdict]
    """Those it bears that are told with a figure before."""
    experiments: list[Experiment]


class Missing(NamedTuple):
    """A figure that this build does not have."""

    title: str
    needs: list[str]
    """Experiments that are not in its configuration."""


class Section(NamedTuple):
    """One section of the paper, or a follow-up to it."""

    title: str
    link: str
    figures: list[Figure]
    claims: list[Verdict]
    """Those that no figure bears."""
    verdicts: list[Verdict]
    """All that are about this section."""
    missing: list[Missing]


def sections_of(
    durations: Mapping[str, str],
    verdicts: Sequence[Verdict],
    experiments: Mapping[str, Experiment],
    folder: Path,
) -> list[Section]:
    """The sections in the order of verdicts; those that have figures alone come last.

    `durations` has the figures that were plotted, and `folder` holds them.
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
    missing: dict[str, list[Missing]] = defaultdict(list)
    for name in [name for name in FIGURES if name not in durations]:
        spec = FIGURES[name]
        needs = [one for one in spec.experiments if one not in experiments]
        missing[spec.section].append(Missing(spec.title, needs))
    sections = []
    for title in dict.fromkeys([*(verdict.section for verdict in verdicts), *figures, *missing]):
        own = [verdict for verdict in verdicts if verdict.section == title]
        at = link(own[0].anchor if own else "")
        rest = [verdict for verdict in own if verdict.id not in told]
        sections.append(Section(title, at, figures[title], rest, own, missing[title]))
    return sections


def picture(name: str, folder: Path) -> Picture:
    """A figure of which a folder holds `NAME.svg` and `NAME.png`, as a part of the page."""
    drawn, printed = read_figure(folder, name)
    found = _SIZE.search(drawn)
    width, height = (float(found[1]), float(found[2])) if found else (489.6, 300.0)
    raster = len(drawn) > LARGE and 2 * len(printed) < len(drawn)
    kind, content = ("png", printed) if raster else ("svg+xml", drawn)
    source = f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
    return Picture(source, round(width * _POINT), round(height * _POINT), raster)
