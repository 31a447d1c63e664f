"""How the best of many runs depends on their number, and mono- and polysemantic neurons on S."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superposition import neurons
from superposition.plotting import style
from superposition.plotting.columns import density
from superposition.plotting.paper_neurons import paper_regime, regimes
from superposition.weights import Weights

_HEIGHT = 4.3
_THRESHOLDS = (0.05, 0.1, 0.2, 0.3, 0.5)


def draw(weights: Mapping[str, Weights]) -> Figure:
    """Return the figure.

    Args:
        weights: Cells of a ReLU hidden layer model.
    """
    cells = sorted(weights.values(), key=lambda w: -density(w))
    with style.applied():
        figure = Figure(figsize=(style.WIDTH, _HEIGHT), facecolor="white")
        _losses(figure.add_axes((0.08, 0.11, 0.36, 0.82)), cells)
        upper = figure.add_axes((0.56, 0.56, 0.42, 0.37))
        lower = figure.add_axes((0.56, 0.11, 0.42, 0.33))
        _counts(upper, cells)
        _sensitivity(lower, cells)
    return figure


def expected_lowest(
    losses: Float[np.ndarray, " runs"], counts: Sequence[int]
) -> Float[np.ndarray, " counts"]:
    """Return the mean lowest loss of so many runs, drawn without replacement from those there are.

    Of N runs in order, the k-th is the lowest of r drawn ones with probability
    C(N − k, r − 1) / C(N, r).
    """
    ordered = np.sort(losses)
    total = len(ordered)
    found = []
    for r in counts:
        # The probability that none of the first k runs is drawn, one factor after the other.
        left = np.cumprod([max(total - r - k, 0) / (total - k) for k in range(total)])
        chance = np.diff(np.append(1.0, left)) * -1.0
        found.append(float((chance * ordered).sum()))
    return np.array(found)


def _losses(axes: Axes, cells: Sequence[Weights]) -> None:
    """Draw how the best loss falls with the number of runs."""
    colours = mpl.colormaps["viridis"](np.linspace(0.0, 0.92, len(cells)))
    ends = []
    for cell, colour in zip(cells, colours, strict=True):
        losses = np.zeros(1) if cell.loss is None else cell.loss[np.isfinite(cell.loss)]
        total = len(losses)
        counts = sorted({int(c) for c in np.geomspace(1, total, 40).round()})
        excess = expected_lowest(losses, counts) / losses.min() - 1
        axes.plot(counts, 100 * excess, color=colour, linewidth=1.3,
                  gid=f"runs-density-{density(cell):g}")  # fmt: skip
        ends.append((float(100 * excess[0]), f"{density(cell):g}", colour))
    axes.set_xscale("log")
    axes.set(ylim=(0, 45), xlabel="runs", ylabel="best loss above the lowest of all runs, %")
    ticks = [1, 3, 10, 30, 100, 300, 1000]
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.set_xticks([], minor=True)
    most = max(len(cell.runs) for cell in cells)
    axes.set_xlim(0.95, most * 1.05)
    handles = [mpl.lines.Line2D([], [], color=colour, linewidth=2.5) for _, _, colour in ends]
    axes.legend(handles, [label for _, label, _ in ends], title="$1 - S$", frameon=False,
                fontsize=style.SMALL, title_fontsize=style.SMALL, ncols=2, loc="upper right",
                handlelength=1.0, labelspacing=0.3)  # fmt: skip


def _density_axis(axes: Axes, label: str) -> None:
    """Make the horizontal axis that of densities, dense ones left."""
    axes.set_xscale("log")
    axes.set_xlim(1.08, 0.0085)
    ticks = [1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_xticks([], minor=True)
    axes.set_xlabel(label)


def _counts(axes: Axes, cells: Sequence[Weights]) -> None:
    """Draw counts of the best run and of all runs, with the paper's."""
    _density_axis(axes, "")
    for measure, colour, words, where in (
        (_monosemantic, style.LOST, "monosemantic neurons", (0.31, 4.0)),
        (_represented, style.DISTURBED, "features represented", (0.97, 8.6)),
    ):
        places = [density(cell) for cell in cells]
        every = [np.array([measure(cell, run) for run in range(len(cell.runs))]) for cell in cells]
        best = [measure(cell, cell.best) for cell in cells]
        low, high = (np.array([np.sort(e)[int(q * (len(e) - 1))] for e in every])
                     for q in (0.1, 0.9))  # fmt: skip
        axes.vlines(places, low, high, color=colour, linewidth=3, alpha=0.3)
        axes.plot(places, [float(e.mean()) for e in every], color=colour, linewidth=0.8)
        axes.plot(places, best, "o", color=colour, markersize=4.5)
        axes.text(*where, words, color=colour, va="center")
    if any(paper_regime(cell.cell) for cell in cells):
        for regime in regimes():
            for count in (regime.monosemantic, regime.features):
                ends = [min(regime.highest * 1.05, 1.05), max(regime.lowest / 1.05, 0.0088)]
                axes.plot(ends, [count, count], color=style.PAPER_MARK, linewidth=1.1, zorder=3)
        axes.text(0.0092, 7.2, "paper", color=style.PAPER_MARK, ha="right", va="center")
    axes.set(ylim=(-0.4, 10.6), yticks=[0, 2, 4, 6, 8, 10], ylabel="count")


def _sensitivity(axes: Axes, cells: Sequence[Weights]) -> None:
    """Draw the monosemantic neurons of the best runs by several rules."""
    _density_axis(axes, "feature density $1 - S$")
    places = [density(cell) for cell in cells]
    colours = mpl.colormaps["cividis"](np.linspace(0.0, 0.9, len(_THRESHOLDS)))
    for k, (threshold, colour) in enumerate(zip(_THRESHOLDS, colours, strict=True)):
        counts = [_monosemantic(cell, cell.best, threshold) for cell in cells]
        shift = 0.09 * (k - 2)
        how: dict[str, Any] = {"linewidth": 1.8} if threshold == neurons.SECONDARY else {}
        axes.plot(places, np.array(counts) + shift, "o-", color=colour, markersize=2.5,
                  label=f"{threshold:g}", **({"linewidth": 0.9} | how))  # fmt: skip
    axes.legend(title="polysemantic from a second\nweight of this part of the first",
                frameon=False, fontsize=style.SMALL, title_fontsize=style.SMALL, ncols=2,
                handlelength=1.2, labelspacing=0.3, loc="upper right")  # fmt: skip
    axes.set(ylim=(-0.4, 5.6), ylabel="monosemantic", yticks=[0, 1, 2, 3, 4, 5])


def _monosemantic(cell: Weights, run: int, threshold: float = neurons.SECONDARY) -> int:
    both = neurons.layers(cell.W[run])
    return int(neurons.is_monosemantic(both, False, threshold).sum())


def _represented(cell: Weights, run: int) -> int:
    return int(neurons.is_represented(neurons.layers(cell.W[run]), False).sum())
