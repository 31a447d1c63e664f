"""The paper's figure of D*: hidden dimensions per feature as features become sparser."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superposition.geometry.dimensions import on_plateau
from superposition.plotting import style
from superposition.plotting.authors import authors_run
from superposition.plotting.levels import COLOURS, Level, by_experiment, inverse_axis
from superposition.weights import Weights

_HEIGHT = 3.7
_BAND = 0.03
_STYLES: Sequence[dict[str, Any]] = (
    {"color": style.INK, "linewidth": 1.5, "marker": "o", "markersize": 3.0, "zorder": 3},
    {"color": COLOURS["digon"], "linewidth": 0.9, "marker": "s", "markersize": 5.0,
     "markerfacecolor": "none", "zorder": 4},
    {"color": COLOURS["triangle"], "linewidth": 0.9, "marker": "^", "markersize": 4.5,
     "markerfacecolor": "none", "zorder": 4},
)  # fmt: skip
_AUTHORS: dict[str, Any] = {
    "color": style.PAPER_MARK, "linestyle": "none", "marker": "x", "markersize": 4.0,
    "markeredgewidth": 1.0, "zorder": 5,
}  # fmt: skip


def draw(weights: Mapping[str, Weights]) -> Figure:
    """Return the figure: D* over 1/(1 − S), a line for each experiment.

    Args:
        weights: Cells of experiments with equally important features.
    """
    curves = by_experiment(weights)
    places = [level.place for curve in curves.values() for level in curve]
    with style.applied():
        figure = Figure(figsize=(style.WIDTH, _HEIGHT), facecolor="white")
        axes = figure.add_axes((0.08, 0.13, 0.9, 0.84))
        inverse_axis(axes, places)
        axes.set(ylim=(0, 1.12), ylabel=r"$D^* = m / \Vert W \Vert_F^2$, dimensions per feature")
        axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "¼", "½", "¾", "1"])
        first = next(iter(curves.values()))
        _plateau(axes, first, 1.0, "sticks at 1: a dimension for each feature")
        _plateau(axes, first, 0.5, "sticks at ½: antipodal pairs")
        for (name, curve), how in zip(curves.items(), _cycled(len(curves)), strict=True):
            _curve(axes, name, curve, how)
        run = authors_run()
        axes.plot(run.places, run.D_star, label="the authors' own run, 200 in 20", **_AUTHORS)
        axes.legend(frameon=False, loc=(0.62, 0.62), labelspacing=0.6, handlelength=2.6)
    return figure


def _cycled(count: int) -> list[dict[str, Any]]:
    return [_STYLES[k % len(_STYLES)] for k in range(count)]


def _curve(axes: Axes, name: str, curve: Sequence[Level], how: dict[str, Any]) -> None:
    """Draw one experiment."""
    m, n = curve[0].W.shape
    label = f"{n} features in {m} dimensions"
    (line,) = axes.plot(
        [level.place for level in curve], [level.D_star for level in curve], label=label, **how
    )
    line.set_gid(f"dimensions-{name}")


def _plateau(axes: Axes, curve: Sequence[Level], at: float, words: str) -> None:
    """Mark where D* sticks: a band around the plateau, darker along the levels that are on it."""
    stars = np.array([level.D_star for level in curve])
    axes.axhspan(at - _BAND, at + _BAND, color=style.GRID, alpha=0.45, linewidth=0, zorder=0)
    there = np.array([level.place for level in curve])[on_plateau(stars, at, _BAND)]
    if there.size:
        axes.fill_between([there.min(), there.max()], at - _BAND, at + _BAND, color=style.FAINT,
                          alpha=0.35, linewidth=0, zorder=1)  # fmt: skip
        axes.annotate(
            f"{words}, $1/(1-S)$ from {there.min():.3g} to {there.max():.3g}",
            (there.min(), at + _BAND), (6, 2), textcoords="offset points", va="bottom", ha="left",
            fontsize=style.SMALL, color=style.INK,
        )  # fmt: skip
