"""Weights of a linear and of a ReLU hidden layer, side by side; and how to read a stack plot."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure

from superposition import neurons
from superposition.plotting import stacks, style
from superposition.plotting.columns import FORMULAE, Page, density, matrix
from superposition.weights import Weights

_MODELS = ("relu", "relu_hidden", "relu_hidden_biased")
_NAMES = {
    "relu": "Linear hidden layer",
    "relu_hidden": "ReLU hidden layer",
    "relu_hidden_biased": "the same with bias",
}
_LEFT, _TOP, _WIDE, _HIGH = 1.5, 0.3, 1.6, 0.8
_LIMITS = (-1.3, 2.2)
_LEGEND = 2.3


def draw(weights: Mapping[str, Weights]) -> Figure:
    """Return the figure: W of each model at each density, and one W as a stack plot.

    Args:
        weights: Cells of the models, at the same densities.
    """
    cells: dict[str, list[Weights]] = {name: [] for name in _MODELS}
    for cell in sorted(weights.values(), key=lambda w: -density(w)):
        cells[cell.cell.model.model].append(cell)
    row = _HIGH + 0.36
    with style.applied():
        shown = [name for name in _MODELS if cells[name]]
        page = Page.of(_TOP + len(shown) * row + _LEGEND)
        for down, name in enumerate(shown):
            top = _TOP + down * row
            page.text(0.08, top + 0.28, _NAMES[name], fontweight="bold")
            page.text(0.08, top + 0.5, FORMULAE[name], fontsize=style.SMALL - 0.8)
            _row(page, top, cells[name], f"privileged-{name}", title=down == 0)
        example = cells["relu_hidden"]
        if example:
            _legend(page, _TOP + len(shown) * row + 0.16, example[len(example) // 2])
    return page.figure


def _row(page: Page, top: float, cells: Sequence[Weights], name: str, title: bool) -> None:
    """Draw W of one model at each density."""
    for k, cell in enumerate(cells):
        x = _LEFT + k * (_WIDE + 0.18)
        W = cell.W[cell.best].astype(np.float64)
        if cell.cell.model.model == "relu_hidden":
            W = W[neurons.order(neurons.layers(W), signed=False)]
        if title:
            value = f"$1 - S$ = {density(cell):g}"
            page.text(x + _WIDE / 2, top - 0.08, value, ha="center", fontweight="bold")
        matrix(page.axes(x, top, _WIDE, _HIGH), W, f"{name}-density-{density(cell):g}")
        below = f"kurtosis of weights {neurons.kurtosis(W):.1f}"
        page.text(x + _WIDE / 2, top + _HIGH + 0.15, below, ha="center", fontsize=style.SMALL)


def _legend(page: Page, top: float, cell: Weights) -> None:
    """Show how a matrix becomes a stack plot, on one network."""
    both = neurons.layers(cell.W[cell.best])
    W = both.W[neurons.order(both, signed=False)]
    m, n = W.shape
    page.text(0.08, top, "How a stack plot is made", fontweight="bold")
    page.text(0.08, top + 0.18, f"ReLU hidden layer at $1 - S$ = {density(cell):g}",
              fontsize=style.SMALL)  # fmt: skip
    heat = page.axes(0.5, top + 0.62, 2.1, 1.05)
    matrix(heat, W, "stack-matrix")
    heat.set_xticks(range(n), [str(i + 1) for i in range(n)])
    heat.set_yticks(range(m), [str(k + 1) for k in range(m)])
    heat.tick_params(length=0, pad=1.5)
    heat.set_title("a row of $W$ is a neuron …", fontsize=style.TEXT, pad=4)
    heat.set_xlabel("feature", labelpad=1)
    heat.set_ylabel("neuron", labelpad=1)
    _outline(heat, m - 1, n)
    scale = page.axes(2.7, top + 0.62, 0.07, 1.05)
    _vertical(scale)
    axes = page.axes(3.55, top + 0.3, 1.9, 1.55)
    stacks.stack(axes, W, stacks.feature_colours(n), _LIMITS, True, 0.25)
    axes.set_gid("stack-legend")
    axes.set_xticks(range(m), [str(k + 1) for k in range(m)])
    axes.tick_params(axis="x", length=0, pad=2)
    axes.set_xlabel("neuron", labelpad=1)
    axes.set_ylabel("weights", labelpad=1)
    axes.set_title("… and becomes a column", fontsize=style.TEXT, pad=4)
    words = (
        (0.62, "A rectangle is a weight:\nits height is |w|, its\ncolour and number the\nfeature."),
        (
            1.35,
            "Below the axis weights\nare negative: pale, as\nfor $x \\geq 0$ they only\ninhibit.",
        ),
    )
    for y, text in words:
        page.text(5.58, top + y, text, fontsize=style.SMALL, va="center", linespacing=1.25)


def _outline(axes: Axes, k: int, n: int) -> None:
    """Frame the row of a neuron, in black."""
    axes.plot([-0.5, n - 0.5, n - 0.5, -0.5, -0.5], np.array([-0.5, -0.5, 0.5, 0.5, -0.5]) + k,
              color=style.INK, linewidth=1.2, clip_on=False, zorder=4)  # fmt: skip


def _vertical(axes: Axes) -> None:
    """Draw the colours of weights, upright."""
    bar = axes.figure.colorbar(ScalarMappable(style.SIGNED_RANGE, style.SIGNED), cax=axes)
    bar.set_ticks([-1, 0, 1], labels=["≤ −1", "0", "≥ 1"])
    bar.outline.set(linewidth=0.5, edgecolor=style.FAINT)
