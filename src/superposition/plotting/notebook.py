"""The published notebook's second experiment: a hundred features in twenty dimensions.

Above, every second density as the notebook shows them; below, the two numbers that sum up all of
them, over 1/(1 − S): hidden dimensions per feature, D*, and how many features are represented.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superposition.metrics import dimensions_per_feature, is_represented
from superposition.plotting import style
from superposition.plotting.columns import KEY, LEFT, Block, Page, colour_key, density
from superposition.weights import Weights

_ACROSS = 5
_PLOT, _FOOT, _WIDE = 1.45, 0.5, 2.75
"""Height of the curves, of what stands below them, and their width, inches."""
_LINE = style.SHARED(0.25)


def draw(weights: Mapping[str, Weights]) -> Figure:
    """Return the figure.

    Args:
        weights: Cells of one model at many densities.
    """
    cells = sorted(weights.values(), key=lambda w: -density(w))
    block = Block(cells[::2], min(_ACROSS, len(cells[::2])))
    with style.applied():
        page = Page.of(block.height + KEY + 0.25 + _PLOT + _FOOT)
        block.draw(page, 0.0)
        colour_key(page, block.height)
        y = block.height + KEY + 0.25
        W = np.stack([w.W[w.best] for w in cells])
        sparseness = np.array([1 / density(w) for w in cells])
        stars = page.axes(LEFT + 0.12, y, _WIDE, _PLOT)
        _curve(stars, sparseness, dimensions_per_feature(W), "dimensions-per-feature")
        _guide(stars, 1.0, "1: a dimension each")
        _guide(stars, 0.5, "½: antipodal pairs")
        stars.set(ylim=(0, 1.08), yticks=[0, 0.25, 0.5, 0.75, 1])
        stars.set_ylabel(r"$D^* = m \;/\; \Vert W \Vert_F^2$")
        counts = page.axes(style.WIDTH - 0.1 - _WIDE, y, _WIDE, _PLOT)
        _curve(counts, sparseness, is_represented(W).sum(axis=-1), "represented")
        n_hidden = W.shape[-2]
        _guide(counts, n_hidden, "as many as dimensions")
        _guide(counts, 2 * n_hidden, "twice as many", at_left=True)
        counts.set_ylim(0, max(2.9 * n_hidden, counts.get_ylim()[1]))
        counts.set_ylabel("features represented")
    return page.figure


def _curve(axes: Axes, sparseness: np.ndarray, values: np.ndarray, name: str) -> None:
    """Draw one number at all densities; those shown above are filled."""
    axes.set_gid(name)
    axes.plot(sparseness, values, color=_LINE, linewidth=1.2, zorder=2)
    for start, ground in ((0, _LINE), (1, "white")):
        axes.plot(sparseness[start::2], values[start::2], "o", markersize=3.6, color=_LINE,
                  markerfacecolor=ground, zorder=3)  # fmt: skip
    axes.set_xscale("log")
    ticks = [1, 2, 5, 10, 20]
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.minorticks_off()
    axes.set_xlim(0.93, max(21.5, float(sparseness.max()) * 1.07))
    axes.set_xlabel(r"$1 / (1 - S)$: sparser to the right")


def _guide(axes: Axes, height: float, label: str, at_left: bool = False) -> None:
    """Draw a horizontal line with what it means at its right end, or at its left."""
    axes.axhline(height, color=style.GRID, linewidth=0.8, zorder=0)
    place: dict[str, Any] = {"textcoords": "offset points", "va": "bottom"}
    place |= {"xycoords": ("axes fraction", "data"), "ha": "left" if at_left else "right"}
    axes.annotate(label, (0.02 if at_left else 1, height), (0, 2), **place, color=style.FAINT,
                  fontsize=style.SMALL)  # fmt: skip
