"""Models of two hidden dimensions, a panel for each density, each described in words."""

import textwrap

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes

from superposition.config.values import sweep_label
from superposition.figures import style
from superposition.figures.parts import numbers, planes
from superposition.figures.parts.page import Page
from superposition.measure import metrics
from superposition.measure.geometry import planar
from superposition.measure.metrics import norms
from superposition.measure.network import TrainedCell, TrainedCells, dense_first, said

_ACROSS, _MANY_ACROSS = 3, 5
"""Most panels in a row, and where they would fill more than two rows."""
_KEY = 0.34
"""Height of the colours' key, inches."""
_NARROW = 23
"""Letters in a line above a narrow panel."""
_NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
_POLYGONS = {3: "a triangle", 5: "a pentagon", 6: "a hexagon", 7: "a heptagon", 8: "an octagon"}
_EVEN = 10.0
"""Degrees by which the angles of a polygon may be off."""
_VISIBLE = 0.1
"""Shorter directions are dots at the origin."""
_IN_THE_WAY = 1.1
"""√2 times the cosine of 39°: a feature this close to a diagonal is in the way of what is there."""

Plane = Float[np.ndarray, "2 n_features"]


def plot_panels(cells: TrainedCells) -> Page:
    """The figure of models with two hidden dimensions: a panel for each density, dense first."""
    wide = len(cells) <= 2 * _ACROSS
    across, title = (_ACROSS, 0.79) if wide else (_MANY_ACROSS, 0.84)
    # A line more for each key that is swept.
    title += _step(wide) * style.WIDTH / across * len(cells[0].swept)
    panel, colours = style.WIDTH / across, style.IMPORTANCE(np.linspace(1, 0, cells[0].b.shape[1]))
    page = Page(-(-len(cells) // across) * (title + panel) + _KEY)
    for place, cell in enumerate(dense_first(cells)):
        row, column = divmod(place, across)
        in_row = min(across, len(cells) - row * across)
        x = (style.WIDTH - in_row * panel) / 2 + column * panel
        y = row * (title + panel) + title
        gid = f"intro-density-{cell.density:g}{sweep_label(cell.swept)}"
        _panel(page.panel(x, y, panel, panel, gid=gid), cell, colours, wide)
    key, middle = page.blank(0, page.height - _KEY, style.WIDTH, _KEY), 0.6 * _KEY
    places = style.WIDTH / 2 + 0.2 * (np.arange(len(colours)) - (len(colours) - 1) / 2)
    key.scatter(places, np.full(places.size, middle), s=38, c=colours, linewidths=0)
    key.text(places[0] - 0.13, middle, "most important feature", ha="right", va="center")
    key.text(places[-1] + 0.13, middle, "least important", ha="left", va="center")
    return page


def describe(W: Plane) -> tuple[str, str]:
    """What is seen in a panel as two short lines: the geometry, and who is left out."""
    learned = metrics.is_represented(W)
    number = int(learned.sum())
    pairs, own = int(metrics.antipodal_pairs(W)), int(metrics.is_orthogonal(W).sum())
    ignored = learned.size - number
    shape = f"{_word(number)} feature{'' if number == 1 else 's'} in two dimensions"
    if number in _POLYGONS and metrics.uneven_angle(W[:, learned]) < _EVEN:
        shape = f"{_word(number)} features as {_POLYGONS[number]}"
    elif pairs and 2 * pairs + own == number:
        shape = f"{_word(pairs)} antipodal pair{'s' if pairs > 1 else ''}"
        shape += f" and {_word(own)} alone" if own else ""
    elif own == number > 1:
        shape = f"{_word(own)} features, a dimension each"
    left_out = f"{_word(ignored)} not represented" if ignored else "all represented"
    return shape, left_out


def _word(number: int) -> str:
    return _NUMBERS[number] if number < len(_NUMBERS) else str(number)


def _panel(axes: Axes, cell: TrainedCell, colours: np.ndarray, wide: bool) -> None:
    """Plot the lowest-loss run of a cell, with what is seen above it.

    The loss does not change under rotations and reflections of hidden space, so two runs that found
    the same solution differ by one. Here the most important represented feature points up, and the
    next that is not in line with it to the right.
    """
    W = _turned(cell)
    planes.ground(axes, 1.42 if wide else 1.52, linewidth=0.8)
    for i in reversed(range(W.shape[1])):  # the most important above the others
        (x, y), colour = W[:, i], colours[i]
        axes.plot([0, x], [0, y], color=colour, linewidth=2.6, solid_capstyle="round", zorder=2)
        axes.plot(x, y, "o", color=colour, markersize=7, markeredgecolor=style.WHITE, zorder=3)
        if (length := float(norms(W[:, [i]])[0])) > _VISIBLE:
            x, y = W[:, i] * (1 + (0.17 if wide else 0.27) / length)
            axes.text(x, y, str(i + 1), ha="center", va="center", zorder=4)
    _at_origin(axes, W)
    shape, left_out = describe(W)
    sparsity = f"{100 * (1 - cell.density):.3g} % sparsity"
    middle: style.Look = {"transform": axes.transAxes, "ha": "center", "va": "bottom"}
    step, swept = _step(wide), [said(*one) for one in cell.swept.items()]
    top, first = np.array((1.23, 1.15) if wide else (1.48, 1.365)) + step * len(swept)
    axes.text(0.5, top, sparsity, **middle, **style.BOLD)
    middle["fontsize"] = style.TEXT if wide else style.SMALL + 0.5
    found = [*swept, *([shape] if wide else textwrap.wrap(shape, _NARROW))]
    for k, line in enumerate([*found, left_out, f"same in {alike(cell)} of {len(cell)} runs"]):
        colour = style.INK if k < len(found) else style.FAINT
        axes.text(0.5, first - step * k, line, color=colour, **middle)


def _step(wide: bool) -> float:
    """From line to line above a panel, in its heights."""
    return 0.075 if wide else 0.1


def _at_origin(axes: Axes, W: Plane) -> None:
    """Name the features of no length beside the origin, where no other feature is in the way."""
    length = metrics.norms(W)
    hidden = [str(i + 1) for i in np.flatnonzero(length <= _VISIBLE)]
    if not hidden:
        return
    seen = W[:, length > _VISIBLE] / length[length > _VISIBLE]
    corners = [(-1, -1), (1, -1), (-1, 1), (1, 1)]
    nearest = [float((x * seen[0] + y * seen[1]).max(initial=-2)) for x, y in corners]
    free = [c for c, near in zip(corners, nearest, strict=True) if near < _IN_THE_WAY]
    x, y = free[0] if free else corners[int(np.argmin(nearest))]
    side = {"ha": "left" if x > 0 else "right", "va": "bottom" if y > 0 else "top"}
    style.beside(axes, ", ".join(hidden), (0, 0), (7 * x, 9 * y), **side)


def alike(cell: TrainedCell) -> int:
    """How many runs are described as that of the lowest loss."""
    return [describe(run.W) for run in cell.networks].count(describe(cell.best.W))


def _turned(cell: TrainedCell) -> Plane:
    """The lowest-loss run of a cell as it is shown."""
    return np.asarray(planar.canonical(cell.best.W, at_zero=_VISIBLE) * [[-1.0], [1.0]])


PANEL_COLUMNS = numbers.columns(
    **numbers.RUN,
    alike=("count", "runs of the cell with the same result in words as this one"),
    runs=("count", "runs of the cell"),
    **numbers.common("feature", "importance", "norm", "x", "y"),
)


def panel_rows(cells: TrainedCells) -> numbers.Rows:
    """A row for each feature of the lowest-loss run at each density."""
    for cell in dense_first(cells):
        (x, y), length = _turned(cell), norms(cell.best.W)
        values = {"importance": cell.best.importance, "norm": length, "x": x, "y": y}
        run = {**numbers.of_run(cell), "alike": alike(cell), "runs": len(cell)}
        yield from numbers.along("feature", run, **values)
