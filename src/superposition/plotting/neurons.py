"""The paper's figure of neurons in a privileged basis, from dense to sparse, as stack plots."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superposition import neurons
from superposition.plotting import stacks, style
from superposition.plotting.columns import density
from superposition.plotting.paper_neurons import paper_regime
from superposition.weights import Weights

_ACROSS = 4
_PANEL, _TITLE, _FOOT = 1.5, 0.52, 0.34
"""Inches of a panel, above it and below."""
_KEY = 0.3
_LEFT, _RIGHT, _BETWEEN = 0.36, 0.06, 0.2
_LIMITS = (-2.2, 3.4)
_NUMBERED = 0.3


def draw(weights: Mapping[str, Weights]) -> Figure:
    """Return the figure: the lowest-loss run at each density.

    Args:
        weights: Cells of a ReLU hidden layer model.
    """
    cells = sorted(weights.values(), key=lambda w: -density(w))
    rows = -(-len(cells) // _ACROSS)
    row = _TITLE + _PANEL + _FOOT
    height = rows * row + _KEY
    wide = (style.WIDTH - _LEFT - _RIGHT - (_ACROSS - 1) * _BETWEEN) / _ACROSS
    with style.applied():
        figure = Figure(figsize=(style.WIDTH, height), facecolor="white")
        page = np.tile([style.WIDTH, height], 2)
        for place, cell in enumerate(cells):
            down, column = divmod(place, _ACROSS)
            x = _LEFT + column * (wide + _BETWEEN)
            y = height - down * row - _TITLE - _PANEL
            axes = figure.add_axes(tuple(np.array([x, y, wide, _PANEL]) / page))
            _panel(axes, cell, column == 0)
        _key(figure, height)
    return figure


def _panel(axes: Axes, cell: Weights, first: bool) -> None:
    """Draw the lowest-loss run of one cell, with what is seen above it."""
    axes.set_gid(f"neurons-density-{density(cell):g}")
    both = neurons.layers(cell.W[cell.best])
    order = neurons.order(both, signed=False)
    stacks.stack(axes, both.W[order], _colours(both), _LIMITS, True, _NUMBERED)
    mono = neurons.is_monosemantic(both, signed=False)
    silent = neurons.is_silent(both, signed=False)
    for place, k in enumerate(order):
        word = "–" if silent[k] else "mono" if mono[k] else "poly"
        colour = style.INK if mono[k] else style.FAINT
        axes.text(place, _LIMITS[0] - 0.34, word, ha="center", va="top",
                  fontsize=style.SMALL - 0.8, color=colour)  # fmt: skip
    shared = int(neurons.is_represented(both, signed=False).sum())
    found = f"{int(mono.sum())} monosemantic, {shared} features"
    above = {"transform": axes.transAxes, "va": "bottom", "ha": "left"}
    axes.text(0, 1.2, f"$1 - S$ = {density(cell):g}", fontweight="bold", **above)
    axes.text(0, 1.1, found, fontsize=style.SMALL, **above)
    paper = paper_regime(cell.cell)
    if paper is not None:
        words = f"paper: {paper.monosemantic}, {paper.features}"
        axes.text(0, 1.0, words, fontsize=style.SMALL, color=style.PAPER_MARK, **above)
    axes.set_yticks([-2, -1, 0, 1, 2, 3], ["−2", "−1", "0", "1", "2", "3"] if first else [""] * 6)
    if first:
        axes.set_ylabel("weights", labelpad=1)


def _colours(both: neurons.Layers) -> list[str]:
    """Return the features' colours: grey for those that share no neuron, pale if not there."""
    shared = neurons.carried(both, signed=False) & neurons.is_polysemantic(both, False)[:, None]
    there = neurons.is_represented(both, signed=False)
    own = stacks.feature_colours(both.W.shape[1])
    return [
        colour if in_superposition else stacks.ALONE if represented else stacks.IGNORED
        for colour, in_superposition, represented in zip(
            own, shared.any(axis=0), there, strict=True
        )
    ]


def _key(figure: Figure, height: float) -> None:
    """Explain the colours at the foot."""
    axes = figure.add_axes((0.0, 0.0, 1.0, _KEY / height))
    axes.set(xlim=(0, style.WIDTH), ylim=(0, _KEY))
    axes.set_axis_off()
    entries = (
        (0.36, [stacks.ALONE], 1.0, "feature with a neuron of its own"),
        (2.45, stacks.FEATURE_COLOURS[:3], 1.0, "features in superposition"),
        (4.3, stacks.FEATURE_COLOURS[:3], 0.42, "negative weights: they only inhibit"),
    )
    for x, colours, alpha, words in entries:
        for k, colour in enumerate(colours):
            axes.bar(x + 0.13 * k, 0.1, width=0.11, bottom=0.12, color=colour, alpha=alpha)
        axes.text(x + 0.13 * len(colours), 0.17, words, va="center", fontsize=style.SMALL)
