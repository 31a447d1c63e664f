"""Three correlated pairs from dense to sparse: from a solution like PCA's to a hexagon."""

import numpy as np
from matplotlib.axes import Axes

from superposition.figures import Spec, style
from superposition.figures.parts import numbers, planes
from superposition.figures.parts.page import Page, log_axis
from superposition.measure.geometry import sets
from superposition.measure.network import Network, TrainedCells, dense_first

SPEC = Spec(
    title="Collapsed pairs of correlated features, from dense to sparse",
    caption="Three pairs of correlated features in two dimensions, from dense to sparse. Above, "
    "the lowest-loss runs: of a collapsed pair only the sum (a + b)/√2 is represented, as in "
    "principal component analysis (a thin arrow lies inside the thick one of its partner). Below, "
    "how many pairs have collapsed; red, what the paper's captions say. At density 1 all features "
    "are always active, so correlation means nothing, and all planes are equally good.",
    section="Collapsing of Correlated Features",
    experiments=("correlated_hexagon",),
    claims=("C46", "C47"),
)
_ACROSS = 9
_PANEL = style.WIDTH / _ACROSS
_TITLE, _PLOT, _FOOT, _GAP, _TOP = 0.24, 1.55, 0.46, 0.5, 0.32
_CAPTIONS = (
    (0.5, 1.0, 3, "like PCA"),
    (0.25, 0.5, 3, "three collapsed"),
    (0.15, 0.2, 2, "two"),
    (0.05, 0.15, 1, "one"),
    (0.0, 0.05, 0, "none: hexagon"),
)
"""Densities 1 − S of the paper's captions, how many pairs they say have collapsed, and in words."""
_THEIRS: style.Look = {"color": style.PAPER_MARK, "linewidth": 5, "alpha": 0.35}


def plot(cells: TrainedCells) -> Page:
    """The figure, of an experiment with correlated pairs in two hidden dimensions."""
    cells = dense_first(cells)
    colours = planes.set_colours(cells[0].cell.features)
    top = _TOP + -(-len(cells) // _ACROSS) * (_TITLE + _PANEL) + _GAP
    page = Page(top + _PLOT + _FOOT)
    heading: style.Look = {"va": "center", **style.BOLD}
    words = "Lowest-loss runs, partners in one colour, at 1 − S ="
    page.write(0.015 * style.WIDTH, 0.17, words, **heading)
    for place, cell in enumerate(cells):
        row, column = divmod(place, _ACROSS)
        y = _TOP + row * (_TITLE + _PANEL) + _TITLE
        axes = page.panel(column * _PANEL, y, _PANEL, _PANEL)
        planes.ground(axes)
        planes.arrows(axes, planes.upright(cell.best.W), colours, width=1.3, size=3.2)
        axes.set_title(f"{cell.density:g}", pad=2)
    page.write(0.015 * style.WIDTH, top - 0.3, "Collapsed pairs", **heading)
    _counts(page.panel(0.45, top, style.WIDTH - 0.6, _PLOT), cells)
    return page


def collapsed_pairs(network: Network) -> int:
    """How many correlated pairs have collapsed."""
    return int(sets.is_collapsed(network.W, network.features.correlated).sum())


def _counts(axes: Axes, cells: TrainedCells) -> None:
    density = np.array([cell.density for cell in cells])
    counts = [np.array([collapsed_pairs(run) for run in cell.networks]) for cell in cells]
    most = len(cells[0].cell.features.correlated)
    last = density.min() / 1.3
    for low, high, number, word in _CAPTIONS:
        ends = [max(low, last), high]
        axes.plot(ends, [number, number], solid_capstyle="butt", zorder=1, **_THEIRS)
        aside, va = (0.17, "bottom") if number else (-0.17, "top")
        place = np.sqrt(ends[0] * ends[1]), number + aside
        axes.text(*place, word, ha="center", va=va, **style.PAPER_NOTE)
    for number in range(most + 1):
        shares = np.array([(count == number).mean() for count in counts])
        some = shares > 0
        how: style.Look = {"s": 110 * shares[some], "color": style.GRID, "lw": 0, "zorder": 2}
        axes.scatter(density[some], np.full(some.sum(), number), **how)
    mean = [count.mean() for count in counts]
    axes.plot(density, mean, ":", color=style.FAINT, linewidth=1.0, zorder=3)
    best = [collapsed_pairs(cell.best) for cell in cells]
    axes.plot(density, best, "o-", color=style.INK, markersize=3.6, linewidth=1.0, zorder=4)
    log_axis(axes, [tick for tick in (1, 0.5, 0.25, 0.15, 0.1, 0.05, 0.02, 0.01) if tick >= last])
    axes.set(xlim=(1.12, last), ylim=(-0.6, most + 0.75), yticks=range(most + 1))
    axes.set_xlabel("feature density $1 - S$", labelpad=3)
    # What line, dots and marks are, in the empty upper right.
    rows: tuple[tuple[str, style.Look], ...] = (
        ("run with the lowest loss", {"marker": "o", "color": style.INK, "markersize": 3.6}),
        ("share of runs (by area)", {"marker": "o", "color": style.GRID, "markersize": 8}),
        ("mean over runs", {"linestyle": ":", "color": style.FAINT}),
        ("the paper's captions", _THEIRS),
    )
    for k, (text, how) in enumerate(rows):
        x, y = [0.765] if "marker" in how else [0.75, 0.78], 0.93 - 0.13 * k
        axes.plot(x, [y] * len(x), transform=axes.transAxes, **how)
        style.note(axes, 0.80, y, text, va="center")


COLUMNS = numbers.columns(
    panel=(
        "name",
        "run: one, with its count; arrow: a feature of the lowest-loss run, as pictured",
    ),
    **numbers.RUN,
    collapsed=("count", "how many pairs have collapsed"),
    **numbers.common("feature", "x", "y"),
)


def rows(cells: TrainedCells) -> numbers.Rows:
    """A row for each run at each density, and for each feature of those that are pictured."""
    for cell in dense_first(cells):
        for place, network in enumerate(cell.networks):
            run = {"panel": "run", **numbers.of_run(cell, place)}
            yield {**run, "collapsed": collapsed_pairs(network)}
        x, y = planes.upright(cell.best.W)
        yield from numbers.along("feature", {"panel": "arrow", **numbers.of_run(cell)}, x=x, y=y)
