"""Two sets of correlated features: two almost orthogonal bases of the same space."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from superposition.metrics import gram
from superposition.plotting import planes, style
from superposition.weights import Weights

_HEIGHT = 3.3
_SIDE = 2.6
_BINS = np.linspace(-1, 1, 81)


def draw(weights: Mapping[str, Weights]) -> Figure:
    """Return the figure, of the densest cell.

    Args:
        weights: Cells of one experiment with sets of correlated features.
    """
    cell = max(weights.values(), key=lambda w: w.cell.features.feature_probability[0])
    with style.applied():
        figure = Figure(figsize=(style.WIDTH, _HEIGHT), facecolor="white")
        page = np.tile([style.WIDTH, _HEIGHT], 2)
        axes = figure.add_axes(tuple(np.array([0.5, 0.3, _SIDE, _SIDE]) / page))
        _heatmap(axes, cell)
        scale = figure.add_axes(tuple(np.array([0.5 + _SIDE + 0.1, 0.3, 0.09, _SIDE]) / page))
        bar = figure.colorbar(ScalarMappable(style.SIGNED_RANGE, style.SIGNED), cax=scale)
        bar.set_ticks([-1, 0, 1], labels=["−1", "0", "1"])
        bar.outline.set(linewidth=0.5, edgecolor=style.FAINT)
        box = np.array([4.2, 0.45, 2.45, _SIDE - 0.15]) / page
        _overlaps(figure.add_axes(tuple(box)), cell)
    return figure


def _heatmap(axes: Axes, weights: Weights) -> None:
    """Draw WᵀW of the lowest-loss run, with a frame around each set."""
    sets = weights.cell.features.correlated
    order = [i for members in sets for i in members]
    overlaps = gram(weights.W[weights.best])[np.ix_(order, order)]
    axes.imshow(overlaps, cmap=style.SIGNED, norm=style.SIGNED_RANGE, interpolation="none")
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set(visible=True, color=style.FAINT, linewidth=0.5)
    start = 0
    for k, members in enumerate(sets):
        frame = Rectangle(
            (start - 0.5, start - 0.5), len(members), len(members), fill=False, linewidth=2.0,
            edgecolor=planes.SET_COLOURS[k % len(planes.SET_COLOURS)], clip_on=False, zorder=3,
        )  # fmt: skip
        axes.add_patch(frame)
        axes.text(-0.9, start + len(members) / 2 - 0.5, f"set {k + 1}", rotation=90, ha="right",
                  va="center")  # fmt: skip
        start += len(members)
    density = f"{weights.cell.features.feature_probability[0]:.3g}"
    axes.set_title(
        f"$W^\\mathsf{{T}} W$ of the best run, $1 - S$ = {density}", fontsize=style.HEADING, pad=6
    )


def _overlaps(axes: Axes, weights: Weights) -> None:
    """Draw how all W_i · W_j of all runs are distributed, within sets and across."""
    features = weights.cell.features
    member = np.full(features.n_features, -1)
    for k, members in enumerate(features.correlated):
        member[list(members)] = k
    upper = np.triu(np.ones((member.size, member.size), dtype=bool), 1)
    same = upper & (member[:, None] == member[None, :])
    overlaps = gram(weights.W)
    kinds = (
        (upper & ~same, style.FAINT, "different sets"),
        (same, style.INK, "the same set"),
    )
    for chosen, colour, name in kinds:
        values = np.clip(overlaps[:, chosen].ravel(), -1, 1)
        share = np.histogram(values, _BINS)[0] / max(values.size, 1)
        axes.stairs(share, _BINS, color=colour, fill=True, alpha=0.75 if name[0] == "d" else 0.9)
        top = float(share.max(initial=0.0))
        rms = float(np.sqrt((values**2).mean())) if values.size else 0.0
        text = f"{name}\nroot mean square {rms:.3f}"
        place = (0.06, top * 0.86) if name[0] == "t" else (0.1, top * 1.25 + 0.02)
        axes.text(*place, text, color=colour, fontsize=style.SMALL, linespacing=1.2)
    axes.set(
        xlim=(-1, 1),
        xlabel="$W_i \\cdot W_j$ of two features",
        yticks=[],
        xticks=[-1, -0.5, 0, 0.5, 1],
    )
    axes.set_ylabel("share of pairs")
    axes.spines["left"].set_visible(False)
    runs = len(weights.runs)
    axes.set_title(f"all pairs of features, {runs} runs", fontsize=style.HEADING, pad=6)
