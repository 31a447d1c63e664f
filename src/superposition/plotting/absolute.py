"""The paper's figure of 100 absolute values in 40 neurons, from dense to sparse, as stack plots."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superposition import neurons
from superposition.metrics import interference
from superposition.plotting import stacks, style
from superposition.plotting.columns import Page, colour_scale, density
from superposition.weights import Weights

_LEFT, _ROW, _NEXT, _TOP, _KEY = 1.22, 0.92, 0.24, 0.36, 0.55
_LIMITS = (0.0, 4.6)
MONO, POLY = "#E4EEF5", "#FBEDE2"
"""Grounds behind mono- and polysemantic neurons."""


def draw(weights: Mapping[str, Weights]) -> Figure:
    """Return the figure: the lowest-loss run at each density, a row each.

    Args:
        weights: Cells of the absolute value model.
    """
    cells = sorted(weights.values(), key=lambda w: -density(w))
    with style.applied():
        page = Page.of(_TOP + len(cells) * (_ROW + _NEXT) + _KEY)
        heading = "each column a neuron, its $|W_1|$ stacked, the largest scaled to 1"
        page.text(_LEFT, 0.18, heading)
        for down, cell in enumerate(cells):
            _row(page, _TOP + down * (_ROW + _NEXT), cell, down == len(cells) - 1)
        _key(page, _TOP + len(cells) * (_ROW + _NEXT))
    return page.figure


def layers_of(cell: Weights) -> neurons.Layers:
    """Return the rescaled layers of the lowest-loss run of a cell."""
    run = cell.best
    out = None if cell.W_out is None else cell.W_out[run]
    return neurons.rescaled(neurons.layers(cell.W[run], out))


def grounds(axes: Axes, mono: np.ndarray, poly: np.ndarray) -> None:
    """Colour the ground behind neurons by their kind."""
    for k, (one, many) in enumerate(zip(mono, poly, strict=True)):
        if one or many:
            axes.axvspan(k - 0.5, k + 0.5, color=MONO if one else POLY, linewidth=0, zorder=0)


def _row(page: Page, top: float, cell: Weights, last: bool) -> None:
    """Draw one density."""
    both = layers_of(cell)
    order = neurons.order(both, signed=True)
    mono = neurons.is_monosemantic(both, signed=True)[order]
    poly = neurons.is_polysemantic(both, signed=True)[order]
    axes = page.axes(_LEFT, top, style.WIDTH - _LEFT - 0.08, _ROW)
    axes.set_gid(f"absolute-density-{density(cell):g}")
    grounds(axes, mono, poly)
    colours = style.SHARED(style.SHARED_RANGE(interference(both.W)))
    stacks.stack(axes, np.abs(both.W[order]), colours, _LIMITS)
    axes.set_yticks([0, 2, 4], ["0", "2", "4"])
    title = f"$1 - S$ = {density(cell):g}"
    page.text(0.08, top + 0.22, title, fontweight="bold")
    lines = (f"{int(mono.sum())} mono", f"{int(poly.sum())} poly")
    for k, line in enumerate(lines):
        page.text(0.08, top + 0.42 + 0.15 * k, line, fontsize=style.SMALL)
    if last:
        axes.set_xlabel("neurons: monosemantic ones first, then by their most important feature",
                        labelpad=3)  # fmt: skip


def _key(page: Page, top: float) -> None:
    """Explain colours and grounds."""
    page.text(_LEFT, top + 0.2, r"feature shared with others, $\Sigma_{j \neq i} "
              r"(\hat{W}_{1,i} \cdot W_{1,j})^2$")  # fmt: skip
    colour_scale(page.axes(_LEFT, top + 0.28, 1.6, 0.08), style.SHARED, style.SHARED_RANGE,
                 ["0", "½", "≥ 1"])  # fmt: skip
    axes = page.axes(3.9, top + 0.1, 2.8, 0.3)
    axes.set_axis_off()
    axes.set(xlim=(0, 2.8), ylim=(0, 0.3))
    for x, colour, words in ((0.0, MONO, "monosemantic"), (1.25, POLY, "polysemantic")):
        axes.bar(x + 0.1, 0.16, width=0.2, bottom=0.06, color=colour, edgecolor=style.GRID, lw=0.5)
        axes.text(x + 0.28, 0.14, words, va="center")
