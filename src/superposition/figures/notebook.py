"""The published notebook's second experiment: a hundred features in twenty dimensions."""

from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes

from superposition.figures import Spec, style
from superposition.figures.parts import numbers
from superposition.figures.parts.columns import KEY, LEFT, Block, colour_key, represented_rows
from superposition.figures.parts.page import Page, log_axis
from superposition.measure.metrics import REPRESENTED, dimensions_per_feature, is_represented
from superposition.measure.network import TrainedCells, dense_first

SPEC = Spec(
    title="The published notebook's experiment: a hundred features in twenty dimensions",
    caption="Above, every second density, as in the notebook. The notebook colours by the square "
    f"root of what is shown here, the paper's Σ_{{j≠i}} (Ŵ_i · W_j)². Below, all densities "
    "(filled: shown above; broad and pale: from the least to the most in all runs): D* = m/‖W‖², "
    "which is ½ if all features are in antipodal pairs, and the number of features with ‖W_i‖ > "
    f"{REPRESENTED:g}.",
    section="Demonstrating Superposition",
    place=4,
    experiments=("notebook",),
    claims=("C12",),
)
_PLOT, _FOOT, _WIDE = 1.45, 0.5, 2.75
"""Height of the curves, of what stands below them, and their width, inches."""
_LINE = style.SHARED(0.25)


def plot(cells: TrainedCells) -> Page:
    """The figure, of one model at many densities."""
    cells = dense_first(cells)
    block = Block(_above(cells), min(5, len(_above(cells))))
    y = block.height + KEY + 0.25
    page = Page(y + _PLOT + _FOOT)
    block.plot(page, 0.0)
    colour_key(page, block.height)
    n_hidden = cells[0].weights.W.shape[-2]
    stars = page.panel(LEFT + 0.12, y, _WIDE, _PLOT, gid="dimensions-per-feature")
    _curve(stars, cells, dimensions_per_feature)
    _guide(stars, 1.0, "1: a dimension each")
    _guide(stars, 0.5, "½: antipodal pairs")
    stars.set(ylim=(0, 1.08), yticks=[0, 0.25, 0.5, 0.75, 1])
    stars.set_ylabel(r"$D^* = m \;/\; \Vert W \Vert_F^2$")
    counts = page.panel(style.WIDTH - 0.1 - _WIDE, y, _WIDE, _PLOT, gid="represented")
    _curve(counts, cells, lambda W: is_represented(W).sum(axis=-1))
    _guide(counts, n_hidden, "as many as dimensions")
    _guide(counts, 2 * n_hidden, "twice as many", 0.02, "left")
    counts.set_ylim(0, max(2.9 * n_hidden, counts.get_ylim()[1]))
    counts.set_ylabel("features represented")
    return page


def _above(cells: TrainedCells) -> TrainedCells:
    """Of cells from dense to sparse those that are shown above."""
    return cells[::2]


def _curve(axes: Axes, cells: TrainedCells, number: Callable[[np.ndarray], np.ndarray]) -> None:
    """Plot a number of W at all densities, of all runs; those shown above are filled."""
    x = np.array([1 / cell.density for cell in cells])
    values = np.array([number(cell.best.W) for cell in cells])
    for place, cell in zip(x, cells, strict=True):
        low, high = (end(number(cell.W)) for end in (np.min, np.max))
        axes.plot([place] * 2, [low, high], color=_LINE, alpha=0.35, linewidth=4.5, zorder=1)
    axes.plot(x, values, color=_LINE, linewidth=1.2, zorder=2)
    dots: style.Look = {"markersize": 3.6, "color": _LINE, "zorder": 3}
    axes.plot(x[::2], values[::2], "o", **dots)
    axes.plot(x[1::2], values[1::2], "o", markerfacecolor=style.WHITE, **dots)
    log_axis(axes, [1, 2, 5, 10, 20])
    axes.set_xlim(0.93, max(21.5, float(x.max()) * 1.07))
    axes.set_xlabel(r"$1 / (1 - S)$: sparser to the right")


def _guide(axes: Axes, height: float, label: str, x: float = 1, ha: str = "right") -> None:
    """Plot a horizontal line with what it means."""
    axes.axhline(height, color=style.GRID, linewidth=0.8, zorder=0)
    across, how = axes.get_yaxis_transform(), {"ha": ha, "va": "bottom", **style.FAINT_NOTE}
    style.beside(axes, label, (x, height), (0, 2), across, **how)


COLUMNS = numbers.columns(
    panel=("name", "feature: one of a network shown above; run: any, as it is shown below"),
    **numbers.FEATURES,
    **numbers.common("dimensions_per_feature", "represented"),
)


def rows(cells: TrainedCells) -> numbers.Rows:
    """A row for each run at each density, and for each feature of the networks shown."""
    cells = dense_first(cells)
    for cell in cells:
        stars = dimensions_per_feature(cell.W)
        for row, one in zip(represented_rows(cell), stars, strict=True):
            yield {**row, "dimensions_per_feature": one}
    for cell in _above(cells):
        yield from ({"panel": "feature", **row} for row in numbers.features(cell))
