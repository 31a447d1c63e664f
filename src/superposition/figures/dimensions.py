"""The paper's figure of D*: hidden dimensions per feature as features become sparser."""

from collections.abc import Sequence
from itertools import cycle
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superposition.figures import Spec, style
from superposition.figures.parts import levels
from superposition.figures.parts.paper import authors_run
from superposition.measure.geometry.dimensions import PLATEAU_WIDTH, on_plateau
from superposition.measure.network import Network, TrainedCell, select

SPEC = Spec(
    title="Hidden dimensions per feature as features become sparser",
    caption="D* = m/‖W‖², roughly the number of hidden dimensions for each learned feature, of "
    "one model at each level. All features are equally important. The bands are D* within "
    "0.03 of 1 and of ½, dark where the model with n = 400 and m = 30 stays there. Curves of "
    "twice the dimensions, or half the features, lie on each other where only sparsity "
    "matters. Red crosses are the run saved in the paper's own notebook.",
    section="Uniform Superposition",
    experiments=("geometry", "geometry_wide", "geometry_notebook"),
    claims=("C23", "C24", "C25", "C32"),
)

_OPEN = {"linewidth": 0.9, "markerfacecolor": "none", "zorder": 4}
_STYLES: Sequence[dict[str, Any]] = (
    {"color": style.INK, "linewidth": 1.5, "marker": "o", "markersize": 3.0, "zorder": 3},
    {"color": style.BLUE, "marker": "s", "markersize": 5.0, **_OPEN},
    {"color": style.GREEN, "marker": "^", "markersize": 4.5, **_OPEN},
)
_AUTHORS: dict[str, Any] = {"color": style.PAPER_MARK, "linestyle": "none", "marker": "x"}
_AUTHORS |= {"markersize": 4.0, "markeredgewidth": 1.0, "zorder": 5}


def plot(cells: Sequence[TrainedCell]) -> Figure:
    """The figure: D* over 1/(1 − S), a line for each experiment."""
    names = dict.fromkeys(cell.experiment for cell in cells)
    curves = [levels.lowest(select(cells, experiment=name)) for name in names]
    figure = Figure(figsize=(style.WIDTH, 3.7))
    axes = figure.add_axes((0.08, 0.13, 0.9, 0.84))
    levels.inverse_axis(axes, [place for curve in curves for place in levels.places(curve)])
    axes.set(ylim=(0, 1.12), ylabel=r"$D^* = m / \Vert W \Vert_F^2$, dimensions per feature")
    levels.fraction_axis(axes)
    _plateau(axes, curves[0], 1.0, "sticks at 1: a dimension for each feature")
    _plateau(axes, curves[0], 0.5, "sticks at ½: antipodal pairs")
    for curve, how in zip(curves, cycle(_STYLES), strict=False):
        m, n = curve[0].W.shape
        how = how | {"label": f"{n} features in {m} dimensions"}
        gid = f"dimensions-{curve[0].experiment}"
        axes.plot(levels.places(curve), levels.stars(curve), gid=gid, **how)
    run = authors_run()
    axes.plot(run.places, run.D_star, label="the authors' own run, 200 in 20", **_AUTHORS)
    axes.legend(frameon=False, loc=(0.62, 0.62), labelspacing=0.6, handlelength=2.6)
    return figure


def _plateau(axes: Axes, curve: Sequence[Network], at: float, words: str) -> None:
    """Mark where D* sticks: a band around the plateau, darker along the levels that are on it."""
    low, high = at - PLATEAU_WIDTH, at + PLATEAU_WIDTH
    axes.axhspan(low, high, color=style.GRID, alpha=0.45, linewidth=0, zorder=0)
    there = np.array(levels.places(curve))[on_plateau(levels.stars(curve), at)]
    if there.size:
        ends = there.min(), there.max()
        axes.fill_between(ends, low, high, color=style.FAINT, alpha=0.35, linewidth=0, zorder=1)
        words += f", $1/(1-S)$ from {ends[0]:.3g} to {ends[1]:.3g}"
        style.beside(axes, words, (ends[0], high), (6, 2), va="bottom", **style.NOTE)
