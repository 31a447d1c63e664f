"""The paper's asymmetric superposition motif, as found in trained small models, and measured."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superposition import motifs, neurons
from superposition.plotting import stacks, style
from superposition.plotting.columns import Page, density
from superposition.weights import Weights

_HEIGHT = 4.7
_IN, _OUT = (-2.2, 2.2), (-7.0, 5.2)
_PAPER_RATIO = 4.0


def draw(weights: Mapping[str, Weights]) -> Figure:
    """Return the figure: the best network that has the motif, and the motif in all networks.

    Args:
        weights: Cells of one absolute value model with fewer neurons than signs of features.
    """
    cell = next(iter(weights.values()))
    every = [motifs.asymmetric(_layers(cell, run)) for run in range(len(cell.runs))]
    loss = np.zeros(len(every)) if cell.loss is None else cell.loss
    ranking = [int(r) for r in np.argsort(np.where(np.isfinite(loss), loss, np.inf), kind="stable")]
    whole = [r for r in ranking if _disjoint(every[r])]
    most = max((len(_disjoint(every[r])) for r in whole), default=0)
    shown = next((r for r in whole if len(_disjoint(every[r])) == min(most, 2)), ranking[0])
    with style.applied():
        page = Page.of(_HEIGHT)
        _network(page, cell, shown, ranking.index(shown), _disjoint(every[shown]))
        found = [one for run in every for one in run]
        runs = sum(any(one.is_cancelled for one in run) for run in every)
        words = f"{runs} of {len(every)} networks have an asymmetric neuron whose harm is undone"
        page.text(4.5, 0.22, "In all networks", fontweight="bold")
        page.text(4.5, 0.32, words.replace(" have", "\nhave").replace(" whose", "\nwhose"),
                  fontsize=style.SMALL, va="top")  # fmt: skip
        _ratios(page.axes(4.75, 0.95, 1.95, 1.3), found)
        _cancelled(page.axes(4.75, 2.85, 1.95, 1.3), found)
    return page.figure


def _layers(cell: Weights, run: int) -> neurons.Layers:
    out = None if cell.W_out is None else cell.W_out[run]
    return neurons.rescaled(neurons.layers(cell.W[run], out))


def _disjoint(found: Sequence[motifs.Asymmetric]) -> list[motifs.Asymmetric]:
    """Return asymmetric neurons whose harm is undone, of which no two have a neuron in common."""
    chosen: list[motifs.Asymmetric] = []
    used: set[int] = set()
    for one in found:
        if one.is_cancelled and not used & {one.neuron, one.inhibitor}:
            chosen.append(one)
            used |= {one.neuron, one.inhibitor}
    return chosen


def _network(
    page: Page, cell: Weights, run: int, place: int, shown: Sequence[motifs.Asymmetric]
) -> None:
    """Draw both layers of one network, the neurons of the motif side by side."""
    both = _layers(cell, run)
    pairs = [k for one in shown for k in (one.neuron, one.inhibitor)]
    order = [*(int(k) for k in neurons.order(both, True) if k not in pairs), *pairs]
    others = len(order) - len(pairs)
    m, n = both.W.shape
    rank = "lowest loss" if place == 0 else f"number {place + 1} by loss"
    page.text(0.08, 0.22, f"{n} features, {m} neurons, $1 - S$ = {density(cell):g}",
              fontweight="bold")  # fmt: skip
    page.text(
        0.08,
        0.38,
        f"of {len(cell.runs)} networks the one with the {rank}"
        if place == 0
        else f"of {len(cell.runs)} networks, {rank}",
        fontsize=style.SMALL,
    )
    colours = stacks.feature_colours(n)
    for top, high, values, limits, name in (
        (0.75, 1.35, both.W[order], _IN, "$W_1$, largest scaled to 1"),
        (2.3, 1.75, both.W_out.T[order], _OUT, "$W_2$"),
    ):
        axes = page.axes(0.5, top, 3.6, high)
        stacks.stack(
            axes, values, colours, limits, numbered_from=0.13 * (limits[1] - limits[0]) / 2
        )
        axes.set_gid("motif-in" if top < 1 else "motif-out")
        axes.set_ylabel(name, labelpad=1)
        for k in range(others, len(order), 2):
            axes.axvspan(k - 0.5, k + 1.5, color="#F3F1EA", linewidth=0, zorder=0)
    _names(page, shown, others, len(order))


def _names(page: Page, shown: Sequence[motifs.Asymmetric], others: int, total: int) -> None:
    """Say below the columns what the neurons do."""
    step = 3.6 / (total + 0.2)
    start = 0.5 + 0.6 * step
    how: dict[str, Any] = {"fontsize": style.SMALL, "ha": "center", "va": "top"}
    if others:
        page.text(start + (others - 1) / 2 * step, 4.2, "other neurons", **how)
    for k, one in enumerate(shown):
        x = start + (others + 2 * k) * step
        page.text(x, 4.2, "asym-\nmetric", **how)
        page.text(x + step, 4.2, "inhi-\nbition", **how)
        words = f"{one.strong + 1} and {one.weak + 1}: {one.ratio_in:.1f}, {one.ratio_out:.1f}"
        page.text(x + step / 2, 0.7, words, fontsize=style.SMALL - 0.5, ha="center")
    if shown:
        page.text(0.5, 0.7, "ratios of input and of output weights:", fontsize=style.SMALL - 0.5,
                  color=style.FAINT)  # fmt: skip


def _ratios(axes: Axes, found: Sequence[motifs.Asymmetric]) -> None:
    """Draw the ratio of output weights over that of input weights."""
    axes.set_gid("motif-ratios")
    for one in found:
        colour = style.LOST if one.is_cancelled else style.FAINT
        axes.plot(one.ratio_in, max(one.ratio_out, 0.3), "o", color=colour, markersize=3,
                  markeredgewidth=0, alpha=0.75)  # fmt: skip
    axes.plot([2, 20], [2, 20], "--", color=style.FAINT, linewidth=0.8, zorder=0)
    axes.plot(_PAPER_RATIO, _PAPER_RATIO, "x", color=style.PAPER_MARK, markersize=7,
              markeredgewidth=1.6)  # fmt: skip
    axes.annotate("paper's example", (_PAPER_RATIO, _PAPER_RATIO), (6, -9), color=style.PAPER_MARK,
                  textcoords="offset points", fontsize=style.SMALL)  # fmt: skip
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set(xlim=(1.9, 11), ylim=(0.8, 22), xlabel="ratio of input weights, $|W_{1A} / W_{1B}|$",
             ylabel="of output weights,\n$W_{2B} / W_{2A}$")  # fmt: skip
    for axis, ticks in ((axes.xaxis, (2, 3, 4, 6, 10)), (axes.yaxis, (1, 2, 4, 10, 20))):
        axis.set_ticks(ticks, [str(tick) for tick in ticks])
        axis.set_ticks([], minor=True)


def _cancelled(axes: Axes, found: Sequence[motifs.Asymmetric]) -> None:
    """Draw what other neurons take away over the interference."""
    axes.set_gid("motif-cancelled")
    for one in found:
        colour = style.LOST if one.is_cancelled else style.FAINT
        axes.plot(one.interference, one.interference * (1 - one.rest), "o", color=colour,
                  markersize=3, markeredgewidth=0, alpha=0.75)  # fmt: skip
    axes.plot([0, 9], [0, 9], "--", color=style.FAINT, linewidth=0.8, zorder=0)
    axes.text(6.9, 6.3, "all of it", fontsize=style.SMALL, color=style.FAINT, ha="left", va="top")
    axes.set(xlim=(0, 9), ylim=(-0.5, 12), xlabel="what it makes of $A$ at $B$",
             ylabel="taken away\nby the others")  # fmt: skip
