"""Three correlated pairs from dense to sparse: from a solution like PCA's to a hexagon."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superposition.geometry import sets
from superposition.plotting import planes, style
from superposition.weights import Weights

_ACROSS = 7
_PANEL = style.WIDTH / _ACROSS
_TITLE = 0.24
_PLOT, _FOOT, _GAP, _TOP = 1.55, 0.46, 0.5, 0.32
_RANGES = ((0.5, 1.0, 3), (0.25, 0.5, 3), (0.15, 0.2, 2), (0.05, 0.15, 1), (0.0, 0.05, 0))
"""Densities 1 − S of the paper's captions, and how many pairs they say have collapsed."""
_WORDS = ("like PCA", "three collapsed", "two", "one", "none: hexagon")


def draw(weights: Mapping[str, Weights]) -> Figure:
    """Return the figure.

    Args:
        weights: Cells of one experiment with correlated pairs in two hidden dimensions.
    """
    cells = sorted(weights.values(), key=lambda w: -w.cell.features.feature_probability[0])
    rows = -(-len(cells) // _ACROSS)
    height = _TOP + rows * (_TITLE + _PANEL) + _GAP + _PLOT + _FOOT
    with style.applied():
        figure = Figure(figsize=(style.WIDTH, height), facecolor="white")
        page = np.tile([style.WIDTH, height], 2)
        _heading(figure, 1 - 0.17 / height, "Lowest-loss runs, partners in one colour, at 1 − S =")
        for place, cell in enumerate(cells):
            row, column = divmod(place, _ACROSS)
            y = height - _TOP - (row + 1) * (_TITLE + _PANEL)
            box = np.array([column * _PANEL, y, _PANEL, _PANEL]) / page
            _picture(figure.add_axes(tuple(box)), cell)
        _heading(figure, (_FOOT + _PLOT + 0.3) / height, "Collapsed pairs")
        box = np.array([0.45, _FOOT, style.WIDTH - 0.6, _PLOT]) / page
        _counts(figure.add_axes(tuple(box)), cells)
    return figure


def _heading(figure: Figure, y: float, text: str) -> None:
    figure.text(0.015, y, text, va="center", **style.BOLD)


def _picture(axes: Axes, weights: Weights) -> None:
    """Draw the lowest-loss run of one density."""
    features = weights.cell.features
    planes.ground(axes)
    W = planes.upright(weights.W[weights.best].astype(np.float64))
    colours = planes.set_colours(features.n_features, features.correlated)
    planes.arrows(axes, W, colours, width=1.3, size=3.2)
    axes.set_title(f"{features.feature_probability[0]:g}", pad=2)


def collapsed_pairs(weights: Weights) -> np.ndarray:
    """Return how many pairs have collapsed in each run."""
    pairs = weights.cell.features.correlated
    return np.array([sets.is_collapsed(W, pairs).sum() for W in weights.W.astype(np.float64)])


def _counts(axes: Axes, cells: list[Weights]) -> None:
    """Draw the number of collapsed pairs against density, from dense to sparse."""
    density = np.array([w.cell.features.feature_probability[0] for w in cells])
    counts = [collapsed_pairs(w) for w in cells]
    best = [count[w.best] for count, w in zip(counts, cells, strict=True)]
    most = len(cells[0].cell.features.correlated)
    last = density.min() / 1.3
    for (low, high, number), word in zip(_RANGES, _WORDS, strict=True):
        ends = [max(low, last), high]
        axes.plot(ends, [number, number], color=style.PAPER_MARK, linewidth=5, alpha=0.35,
                  solid_capstyle="butt", zorder=1)  # fmt: skip
        middle = float(np.sqrt(ends[0] * ends[1]))
        above = number > 0
        axes.text(middle, number + (0.17 if above else -0.17), word, ha="center",
                  va="bottom" if above else "top", color=style.PAPER_MARK,
                  fontsize=style.SMALL)  # fmt: skip
    for number in range(most + 1):
        shares = np.array([(count == number).mean() for count in counts])
        some = shares > 0
        axes.scatter(density[some], np.full(some.sum(), number), s=110 * shares[some],
                     color=style.GRID, linewidths=0, zorder=2)  # fmt: skip
    mean = [count.mean() for count in counts]
    axes.plot(density, mean, ":", color=style.FAINT, linewidth=1.0, zorder=3)
    axes.plot(density, best, "o-", color=style.INK, markersize=3.6, linewidth=1.0, zorder=4)
    axes.set_xscale("log")
    axes.set(xlim=(1.12, last), ylim=(-0.6, most + 0.75), yticks=range(most + 1))
    ticks = [tick for tick in (1, 0.5, 0.25, 0.15, 0.1, 0.05, 0.02, 0.01) if tick >= last]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.set_xlabel("feature density $1 - S$", labelpad=3)
    _key(axes)


def _key(axes: Axes) -> None:
    """Explain line, dots and marks, in the empty upper right."""
    rows: tuple[tuple[dict[str, Any], str], ...] = (
        ({"marker": "o", "color": style.INK, "markersize": 3.6}, "run with the lowest loss"),
        ({"marker": "o", "color": style.GRID, "markersize": 8, "linewidth": 0.0},
         "share of runs (by area)"),
        ({"linestyle": ":", "color": style.FAINT}, "mean over runs"),
        ({"color": style.PAPER_MARK, "alpha": 0.35, "linewidth": 5}, "the paper's captions"),
    )  # fmt: skip
    for k, (how, text) in enumerate(rows):
        y = 0.93 - 0.13 * k
        axes.plot([0.74, 0.765, 0.79][1:2] if "marker" in how else [0.75, 0.78],
                  [y] if "marker" in how else [y, y], transform=axes.transAxes, **how)  # fmt: skip
        axes.text(0.80, y, text, transform=axes.transAxes, va="center", fontsize=style.SMALL)
