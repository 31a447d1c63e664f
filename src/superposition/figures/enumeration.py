"""Features found again by sparse autoencoders, from hidden activations alone."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from superposition.base.errors import UserError
from superposition.config.derived import density
from superposition.figures import Spec, style
from superposition.figures.parts import numbers
from superposition.figures.parts.page import Page, log_axis
from superposition.measure.dictionaries import measures
from superposition.measure.dictionaries.record import Dictionaries
from superposition.measure.metrics import REPRESENTED
from superposition.measure.network import TrainedCell, TrainedCells, dense_first

SPEC = Spec(
    title="Features searched for in hidden activations alone",
    caption="Sparse autoencoders get nothing but h = Wx of trained models and must find "
    "directions. The axis is the penalty λ on their latents; each line is the median over runs "
    f"for one number of latents, and dots are runs. A feature is there if ‖W_i‖ > {REPRESENTED:g} "
    "(dashed, the number of these in the run with the lowest loss), and found if the cosine of a "
    f"latent's direction with its column is above {measures.FOUND:g}. Above, features are "
    "independent; below, they come in sets that are active together, and a latent may point along "
    "the sum of a set's columns instead (dashed, the number of sets). Dead latents are never "
    "active. Last row, for the dictionary that finds most in each run, the cosine of every "
    "feature's closest latent (thick: the run with the lowest loss), and that for equally many "
    "random directions.",
    section="The Strategic Picture of Superposition",
    place=2,
    experiments=("enumerated", "enumerated_sets"),
    claims=("E1", "E2", "E3", "E4"),
    shows="dictionaries",
)
_NAMES = {"found": "features\nfound", "sums": "sums of\nsets found", "dead": "dead, % of\nlatents"}
_LEFT, _RIGHT, _TOP, _SIDE, _GAP = 0.78, 0.08, 0.8, 0.82, 0.32
"""Margins, and the height of a panel and the gap between two, inches."""
_CURVES, _CLOSER = 1.1, 0.3
"""Height of the panels of cosines, which have no heading and come closer, inches."""
_APART, _NEXT, _FOOT = 0.16, 0.95, 0.5
"""Between two panels, between two groups of them, and below the last, inches."""
_ROOM = 1.08
"""Height of an axis over what there is to find."""

_LINE: style.Look = {"linewidth": 1.2, "markersize": 2.4}

_Shown: TypeAlias = tuple[Dictionaries, Sequence[measures.Match]]
"""Dictionaries of a network, and what each has found."""


def plot(cells: TrainedCells) -> Page:
    """The figure: a column for each density, above independent features, below sets."""
    shown = list(filter(None, map(_lowest_first, dense_first(cells))))
    if not shown:
        raise UserError(
            "Figure enumeration shows ReLU autoencoders (penalties), of which there are none here; "
            "autoencoders shows those of all kinds."
        )
    alone = [runs for runs in shown if not runs[0][0].cell.features.correlated]
    in_sets = [runs for runs in shown if runs[0][0].cell.features.correlated]
    both = (
        ("Independent features", style.BLUE, ("found", "dead"), alone),
        ("Features in correlated sets", style.VERMILION, ("found", "sums", "dead"), in_sets),
    )
    kinds = [kind for kind in both if kind[-1]]
    columns = max(len(group) for *_, group in kinds)
    step = (style.WIDTH - _LEFT - _RIGHT + _GAP) / columns
    panels = sum(len(rows) for _, _, rows, _ in kinds) * (_SIDE + _APART)
    between = len(kinds) * (_NEXT - _APART)
    page = Page(_TOP + panels + between + _CURVES + _FOOT - _CLOSER)
    y = _TOP
    _key(page, shown[0][0][0].settings.sizes)
    for words, colour, rows, group in kinds:
        page.write(0.08, y - 0.33, words, color=colour, **style.BOLD)
        for what in rows:
            for column, runs in enumerate(group):
                gid = f"{what}-{density(runs[0][0].cell):g}"
                axes = page.panel(_LEFT + column * step, y, step - _GAP, _SIDE, gid=gid)
                _against_penalty(axes, runs, what, column == 0)
            y += _SIDE + _APART
        y += _NEXT - _APART
    y -= _CLOSER
    for column in range(columns):
        axes = page.panel(_LEFT + column * step, y, step - _GAP, _CURVES)
        for (_, colour, _, group), height in zip(kinds, (0.29, 0.17), strict=False):
            if column < len(group):
                _cosines(axes, group[column], colour, height)
        labels = ["0", "½", f"{measures.FOUND:g}", ""]
        axes.axhline(measures.FOUND, color=style.GRID, linewidth=0.8, zorder=0)
        axes.set(xlim=(0, 1), ylim=(0, 1.03), xlabel="features, closest first")
        axes.set_xticks([0, 0.5, 1], ["0", "½", "all"])
        axes.set_yticks([0, 0.5, measures.FOUND, 1], labels if column == 0 else [])
        style.note(axes, 0.03, 0.05, "random directions", color=style.FAINT)
        if column == 0:
            axes.set_ylabel("cosine of the\nclosest latent", labelpad=3)
    return page


def _lowest_first(cell: TrainedCell) -> list[_Shown]:
    """The dictionaries of each run, and what they have found, that of the lowest loss first."""
    order = sorted(range(len(cell)), key=lambda run: run != cell.weights.best)
    found = [one.of("relu") for run in order if (one := cell[run].dictionaries) is not None]
    return [(one, measures.matches(one)) for one in found if one.trained]


def _key(page: Page, sizes: Sequence[int]) -> None:
    """Name the lines, which are the same in all panels."""
    axes = page.blank(_LEFT, 0.08, style.WIDTH - _LEFT - _RIGHT, 0.2)
    for size, colour in zip(sizes, style.ordered(len(sizes)), strict=True):
        axes.plot([], [], "o-", color=colour, label=f"{size} latents", **_LINE)
    how: style.Look = {"loc": "center left", "borderaxespad": 0, "handlelength": 1.6}
    axes.legend(ncols=max(len(sizes), 1), **how)


def _against_penalty(axes: Axes, runs: Sequence[_Shown], what: str, first: bool) -> None:
    """Plot a number of each dictionary over the penalty: a line for each size, every run a dot."""
    one, table = runs[0]
    sizes, penalties = one.settings.sizes, one.settings.penalties
    values = np.array([[getattr(match, what) for match in found] for _, found in runs])
    values = values.reshape(len(runs), len(sizes), len(penalties)).astype(np.float64)
    if what == "dead":
        values *= 100 / np.array(sizes)[:, None]
    order = np.argsort(penalties)
    places = np.array(penalties)[order]
    for k, colour in enumerate(style.ordered(len(sizes))):
        of_size = values[:, k, order]
        axes.plot(places, np.median(of_size, axis=0), color=colour, zorder=2, **_LINE)
        dots: style.Look = {"markersize": 2.0, "markeredgewidth": 0, "clip_on": False}
        for of_run in of_size:
            axes.plot(places, of_run, "o", color=colour, zorder=3, **dots)
    whole = {"found": table[0].represented, "sums": len(one.cell.features.correlated)}.get(what)
    if whole is not None:
        axes.axhline(whole, **style.GUIDE | {"linestyle": "--"})
    axes.set_ylim(0, _ROOM * max(whole or 100, values.max(), 1))
    axes.yaxis.set_major_locator(MaxNLocator(3, integer=True, steps=[1, 2, 5, 10]))
    if places[0] > 0:
        log_axis(axes, places.tolist())
    axes.set_xticks(places, [f"{p:g}" for p in places] if what == "dead" else [])
    if first:
        axes.set_ylabel(_NAMES[what], labelpad=3)
    if what == "found":
        axes.set_title(f"$1-S$ = {density(one.cell):g}: {table[0].represented} there", pad=3)
    if what == "dead":
        axes.set_xlabel("penalty λ", labelpad=1)


def _cosines(axes: Axes, runs: Sequence[_Shown], colour: str, height: float) -> None:
    """Plot how close each feature's closest latent is, in each run's dictionary that finds most."""
    for place, (one, table) in enumerate(runs):
        found = measures.finds_most(table)
        values = measures.cosines(one, one.trained[table.index(found)])
        _curve(axes, values, "-", color=colour, linewidth=0.6 if place else 1.3)
        if place == 0:
            random = measures.random_cosines(one, found.size)
            _curve(axes, random, ":", color=style.FAINT, linewidth=0.8)
            words = f"{found.size} latents, λ = {found.level:g}"
            style.note(axes, 0.03, height, words, color=colour)


def _curve(axes: Axes, values: np.ndarray, line: str, **look: Any) -> None:
    places = (np.arange(len(values)) + 0.5) / max(len(values), 1)
    axes.plot(places, np.sort(values)[::-1], line, **look)


COLUMNS = numbers.columns(
    panel=(
        "name",
        "dictionary: one of a run; closest: a feature, and the dictionary of a run that finds most",
    ),
    **numbers.RUN,
    size=("count", "latents of the dictionary"),
    penalty=("factor", "its penalty λ"),
    represented=("count", f"features that could be found, ‖W_i‖ > {REPRESENTED:g}"),
    found=("count", "of these, found"),
    sums=("count", "correlated sets with a latent along the sum of their columns"),
    dead=("count", "latents that are never active"),
    rank=("number", "place of the feature among those of the run, closest first"),
    cosine=("cosine", "cosine of its closest latent"),
    by_chance=(
        "cosine",
        "the same for as many random directions, at the same place in their order",
    ),
)
_COUNTS = ("size", "represented", "found", "sums", "dead")


def rows(cells: TrainedCells) -> numbers.Rows:
    """A row for each dictionary of each run, and for each feature of each run."""
    for cell in sorted(cells, key=lambda cell: (cell.experiment, -cell.density)):
        for one, table in _lowest_first(cell):
            run = numbers.of_run(cell, cell.weights.runs.index(one.run))
            for match in table:
                counts = {name: getattr(match, name) for name in _COUNTS}
                yield {"panel": "dictionary", **run, "penalty": match.level, **counts}
            found = measures.finds_most(table)
            values = measures.cosines(one, one.trained[table.index(found)])
            random = measures.random_cosines(one, found.size)
            its = {"panel": "closest", **run, "size": found.size, "penalty": found.level}
            both = {"cosine": np.sort(values)[::-1], "by_chance": np.sort(random)[::-1]}
            yield from numbers.along("rank", its, **both)
