"""Two numbers packed into one by a staircase of ReLUs, and what that loses."""

from collections.abc import Mapping

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superposition.plotting import style
from superposition.theory.compression import LINEAR, error, relus, staircase
from superposition.weights import Weights

_HEIGHT = 2.9
_VALUES = (2, 3, 5, 10)
_COLOURS = [mpl.color_sequences["okabe_ito"][k] for k in (1, 6, 5, 7)]
_EXAMPLE = (3, 0.1)
_EPSILON = np.array([0.001, *np.round(np.arange(0.01, 0.301, 0.01), 3)])
_SCALE = 100


def draw(weights: Mapping[str, Weights]) -> Figure:
    """Return the figure; it is mathematics, and needs no weights."""
    with style.applied():
        figure = Figure(figsize=(style.WIDTH, _HEIGHT), facecolor="white")
        _packing(figure.add_axes((0.07, 0.16, 0.3, 0.66)))
        _errors(figure.add_axes((0.48, 0.16, 0.36, 0.66)))
    return figure


def _packing(axes: Axes) -> None:
    """Draw t over x for some y: the staircase, and what fills its steps."""
    Z, epsilon = _EXAMPLE
    x = np.linspace(0, 1, 601)
    stairs = staircase(Z * x, Z, epsilon)
    for y in (0.0, 0.25, 0.5, 0.75, 1.0):
        colour = mpl.colormaps["viridis"](0.9 * y)
        axes.plot(x, (stairs + y) / Z, color=colour, linewidth=1.2)
        axes.text(1.02, (stairs[-1] + y) / Z, f"y = {y:g}", va="center", fontsize=style.SMALL,
                  color=colour)  # fmt: skip
    for k in range(1, Z):
        axes.axvline(k / Z, color=style.GRID, linewidth=0.6, zorder=0)
        axes.axhline(k / Z, color=style.GRID, linewidth=0.6, zorder=0)
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.set_xlabel("x", labelpad=1)
    axes.set_ylabel("what both are packed into, t", labelpad=2)
    style.heading(axes, f"Z = {Z} values of x, ε = {epsilon:g}", 1.12)


def _errors(axes: Axes) -> None:
    """Draw the error against ε for several Z, in both readings of ε."""
    ends = []
    for Z, colour in zip(_VALUES, _COLOURS, strict=True):
        for by_range, dashes in ((False, "-"), (True, (0, (2, 1.5)))):
            errors = _SCALE * np.array([error(Z, e, by_range) for e in _EPSILON.tolist()])
            axes.plot(_EPSILON, errors, color=colour, linestyle=dashes, linewidth=1.2)
            if not by_range:
                ends.append((errors[-1], Z, colour))
    places = np.sort([end for end, _, _ in ends])
    for k in range(1, len(places)):
        places[k] = max(places[k], places[k - 1] + 0.42)
    for place, (_, Z, colour) in zip(places, sorted(ends), strict=True):
        text = f"Z = {Z}, {relus(Z)} ReLUs"
        axes.text(0.304, place, text, color=colour, va="center", fontsize=style.SMALL)
    axes.axhline(_SCALE * LINEAR, color=style.INK, linewidth=1.0)
    axes.text(0.002, _SCALE * LINEAR + 0.12, "best linear packing, 1/12: one number or the average",
              fontsize=style.SMALL)  # fmt: skip
    Z, epsilon = _EXAMPLE
    for by_range, mark in ((False, "o"), (True, "s")):
        axes.plot(epsilon, _SCALE * error(Z, epsilon, by_range), mark, color=style.PAPER_MARK,
                  markersize=4.5, zorder=5)  # fmt: skip
    line = {"arrowstyle": "-", "color": style.PAPER_MARK, "linewidth": 0.6}
    place = (epsilon, _SCALE * error(Z, epsilon))
    axes.annotate("the paper's example", place, (0.125, 0.75), fontsize=style.SMALL,
                  color=style.PAPER_MARK, arrowprops=line)  # fmt: skip
    for y, dashes, words in ((0.5, "-", "ε of a step"), (0.0, (0, (2, 1.5)), "ε of the range")):
        axes.plot([1.03, 1.13], [0.12 + 0.16 * y] * 2, color=style.FAINT, linestyle=dashes,
                  linewidth=1.2, transform=axes.transAxes, clip_on=False)  # fmt: skip
        axes.text(1.15, 0.12 + 0.16 * y, words, transform=axes.transAxes, va="center",
                  fontsize=style.SMALL)  # fmt: skip
    axes.set(xlim=(0, 0.3), ylim=(0, 9.2))
    axes.set_xlabel("ε, how wide the ramps are", labelpad=1)
    axes.set_ylabel("mean squared error × 100", labelpad=3)
    style.heading(axes, "What is lost of x and y together", 1.12)
