"""How many neurons are monosemantic at each density, by several rules; and what they compute."""

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superposition import neurons
from superposition.plotting import style
from superposition.plotting.columns import density
from superposition.weights import Weights

_HEIGHT = 2.75
_THRESHOLDS = (0.05, 0.1, 0.2, 0.3, 0.5)
_PAPER = {1.0: 1.0, 0.3: 1.0, 0.001: 0.0}
"""The part of neurons that the paper's figure has on its ground for monosemantic ones."""


def draw(weights: Mapping[str, Weights]) -> Figure:
    """Return the figure.

    Args:
        weights: Cells of the absolute value model.
    """
    cells = sorted(weights.values(), key=lambda w: -density(w))
    with style.applied():
        figure = Figure(figsize=(style.WIDTH, _HEIGHT), facecolor="white")
        _fractions(figure.add_axes((0.08, 0.18, 0.4, 0.74)), cells)
        _shares(figure.add_axes((0.58, 0.18, 0.4, 0.74)), cells)
    return figure


def _layers(cell: Weights, run: int) -> neurons.Layers:
    out = None if cell.W_out is None else cell.W_out[run]
    return neurons.rescaled(neurons.layers(cell.W[run], out))


def _fractions(axes: Axes, cells: Sequence[Weights]) -> None:
    """Draw the part of neurons that are monosemantic, by several rules."""
    axes.set_xscale("log")
    places = [density(cell) for cell in cells]
    colours = mpl.colormaps["cividis"](np.linspace(0.0, 0.9, len(_THRESHOLDS)))
    for threshold, colour in zip(_THRESHOLDS, colours, strict=True):
        parts = [[_part(_layers(cell, run), threshold) for run in range(len(cell.runs))]
                 for cell in cells]  # fmt: skip
        chosen = threshold == neurons.SECONDARY
        axes.plot(places, [float(np.mean(one)) for one in parts], color=colour,
                  linewidth=2.0 if chosen else 0.9, label=f"{threshold:g}",
                  gid=f"monosemantic-{threshold:g}")  # fmt: skip
        if chosen:
            for place, one in zip(places, parts, strict=True):
                axes.plot([place] * len(one), one, "o", color=colour, markersize=3)
    seen = [(p, part) for p, part in _PAPER.items() if min(places) <= p <= max(places)]
    axes.plot(*zip(*seen, strict=True), "x", color=style.PAPER_MARK, markersize=6,
              markeredgewidth=1.3, clip_on=False, zorder=4)  # fmt: skip
    axes.text(0.0011, 0.05, "paper", color=style.PAPER_MARK, ha="right", va="bottom")
    axes.legend(title="polysemantic from a second\n$|W_1|$ of this part of the first",
                frameon=False, fontsize=style.SMALL, title_fontsize=style.SMALL,
                labelspacing=0.3, loc="upper right")  # fmt: skip
    axes.set(ylim=(-0.03, 1.03), ylabel="part of neurons that are monosemantic",
             xlabel="feature density $1 - S$")  # fmt: skip
    axes.set_xlim(1.3, min(places) / 1.3)
    axes.set_xticks([1, 0.1, 0.01, 0.001], ["1", "0.1", "0.01", "0.001"])


def _part(both: neurons.Layers, threshold: float) -> float:
    """Return the part of the neurons in use that are monosemantic."""
    mono = neurons.is_monosemantic(both, True, threshold).sum()
    return float(mono) / max(int((~neurons.is_silent(both, True)).sum()), 1)


def _shares(axes: Axes, cells: Sequence[Weights]) -> None:
    """Draw the second largest weights of all neurons of all runs, in order."""
    colours = mpl.colormaps["viridis"](np.linspace(0.0, 0.92, len(cells)))
    for cell, colour in zip(cells, colours, strict=True):
        every = np.sort(np.concatenate([
            neurons.second_share(_layers(cell, run).W, True) for run in range(len(cell.runs))
        ]))  # fmt: skip
        place = (np.arange(every.size) + 0.5) / every.size
        axes.plot(place, every, color=colour, linewidth=1.4, label=f"{density(cell):g}")
    axes.axhline(neurons.SECONDARY, color=style.FAINT, linewidth=0.8, linestyle="--")
    axes.legend(title="$1 - S$", frameon=False, fontsize=style.SMALL,
                title_fontsize=style.SMALL, labelspacing=0.3, loc="upper left")  # fmt: skip
    axes.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="part of all neurons, in order",
             ylabel="second largest $|W_1|$ / largest")  # fmt: skip
