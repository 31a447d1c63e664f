"""Features found again by sparse autoencoders, from hidden activations alone."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from superposition.figures import Spec, style
from superposition.figures.parts import numbers
from superposition.figures.parts.page import Page
from superposition.measure.dictionaries import measures
from superposition.measure.dictionaries.record import Dictionaries
from superposition.measure.network import TrainedCell, TrainedCells, dense_first

SPEC = Spec(
    title="Features found again from hidden activations alone",
    caption="Sparse autoencoders are given nothing but h = Wx of trained models (100 features "
    "in 20 dimensions) and asked for directions; each cell is one of them, of the run with the "
    "lowest loss, with as many latents as stand on the left and the penalty below. A feature is "
    "there if ‖W_i‖ > 0.9, and found if a latent's direction is within 26° of its column (cosine "
    "above 0.9). Grey, latents that are never active. Above, features are independent; below, "
    "they come in twenty sets of five that are active together: there latents point along the "
    "sum of a set's columns, and far fewer along one of them. Last row, for the dictionary "
    "that finds most in each run, the cosine of every feature's closest latent (thick: the run "
    "above), beside that of as many random directions.",
    section="The Strategic Picture of Superposition",
    place=2,
    experiments=("enumerated", "enumerated_sets"),
    claims=("E1", "E2", "E3", "E4"),
    shows="dictionaries",
)
_NAMES = {"found": "features\nfound", "sums": "sums of\nsets found", "dead": "latents\ndead"}
_LEFT, _RIGHT, _TOP, _SIDE, _GAP = 0.78, 0.08, 0.55, 0.78, 0.14
"""Margins, and the side of a panel and the gap between two, inches."""
_CURVES, _CLOSER = 1.1, 0.3
"""Height of the panels of cosines, which have no heading and come closer, inches."""
_APART, _NEXT, _FOOT = 0.1, 0.95, 0.5
"""Between two panels, between two groups of them, and below the last, inches."""

_Shown: TypeAlias = tuple[Dictionaries, Sequence[measures.Match]]
"""Dictionaries of a network, and what each has found."""


def plot(cells: TrainedCells) -> Page:
    """The figure: a column for each density, above independent features, below sets."""
    shown = [_lowest_first(cell) for cell in dense_first(cells)]
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
    for words, colour, rows, group in kinds:
        page.write(0.08, y - 0.33, words, color=colour, **style.BOLD)
        for what in rows:
            for column, (one, *_) in enumerate(group):
                gid = f"{what}-{one[0].cell.density:g}"
                axes = page.panel(_LEFT + column * step, y, step - _GAP, _SIDE, gid=gid)
                _grid(axes, one, what, column == 0, colour)
            y += _SIDE + _APART
        y += _NEXT - _APART
    y -= _CLOSER
    for column in range(columns):
        axes = page.panel(_LEFT + column * step, y, step - _GAP, _CURVES)
        for (_, colour, _, group), height in zip(kinds, (0.29, 0.17), strict=False):
            if column < len(group):
                _cosines(axes, group[column], colour, height)
        numbers = ["0", "½", f"{measures.FOUND:g}", ""]
        axes.axhline(measures.FOUND, color=style.GRID, linewidth=0.8, zorder=0)
        axes.set(xlim=(0, 1), ylim=(0, 1.03), xlabel="features, closest first")
        axes.set_xticks([0, 0.5, 1], ["0", "½", "all"])
        axes.set_yticks([0, 0.5, measures.FOUND, 1], numbers if column == 0 else [])
        style.note(axes, 0.03, 0.05, "random directions", color=style.FAINT)
        if column == 0:
            axes.set_ylabel("cosine of the\nclosest latent", labelpad=3)
    return page


def _lowest_first(cell: TrainedCell) -> list[_Shown]:
    """The dictionaries of each run, and what they have found, that of the lowest loss first."""
    order = sorted(range(len(cell)), key=lambda run: run != cell.weights.best)
    found = [cell[run].dictionaries for run in order]
    return [(one, measures.matches(one)) for one in found if one is not None]


def _grid(axes: Axes, shown: _Shown, what: str, first: bool, colour: str) -> None:
    """Plot a number of each dictionary: size upwards, penalty to the right."""
    one, table = shown
    sizes, penalties = one.settings.sizes, one.settings.penalties
    values = np.array([getattr(match, what) for match in table]).reshape(len(sizes), -1)
    represented = table[0].represented
    wholes = {
        "found": max(represented, 1),
        "sums": len(one.cell.features.correlated),
        "dead": np.array(sizes)[:, None],
    }
    parts = values / wholes[what]
    full = style.FAINT if what == "dead" else colour
    shades = LinearSegmentedColormap.from_list(what, [style.WHITE, full])
    image: style.Look = {"origin": "lower", "aspect": "auto", "interpolation": "nearest"}
    axes.imshow(parts, cmap=shades, vmin=0, vmax=1, **image)
    middle: style.Look = {"ha": "center", "va": "center", **style.NOTE}
    for (row, column), value in np.ndenumerate(values):
        ink = style.WHITE if parts[row, column] > 0.6 else style.INK
        axes.text(column, row, f"{value:d}", color=ink, **middle)
    axes.set_yticks(range(len(sizes)), [str(size) for size in sizes] if first else [])
    axes.set_xticks(range(len(penalties)), [f"{p:g}" for p in penalties] if what == "dead" else [])
    axes.tick_params(length=0)
    if first:
        axes.set_ylabel(_NAMES[what], labelpad=3)
    if what == "found":
        axes.set_title(f"$1-S$ = {one.cell.density:g}: {represented} there", pad=3)
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
            words = f"{found.size} latents, λ = {found.penalty:g}"
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
    represented=("count", "features that there were to find, ‖W_i‖ > 0.9"),
    found=("count", "of these, found"),
    sums=("count", "correlated sets along the sum of whose columns a latent points"),
    dead=("count", "latents that are never active"),
    rank=("number", "place of the feature among those of the run, closest first"),
    cosine=("cosine", "cosine of its closest latent"),
    by_chance=("cosine", "that at the same place among the closest of as many random directions"),
)
_COUNTS = ("size", "penalty", "represented", "found", "sums", "dead")


def rows(cells: TrainedCells) -> numbers.Rows:
    """A row for each dictionary of each run, and for each feature of each run."""
    for cell in sorted(cells, key=lambda cell: (cell.experiment, -cell.density)):
        for one, table in _lowest_first(cell):
            run = numbers.of_run(cell, cell.weights.runs.index(one.run))
            for match in table:
                counts = {name: getattr(match, name) for name in _COUNTS}
                yield {"panel": "dictionary", **run, **counts}
            found = measures.finds_most(table)
            values = measures.cosines(one, one.trained[table.index(found)])
            random = measures.random_cosines(one, found.size)
            its = {"panel": "closest", **run, "size": found.size, "penalty": found.penalty}
            both = {"cosine": np.sort(values)[::-1], "by_chance": np.sort(random)[::-1]}
            yield from numbers.along("rank", its, **both)
