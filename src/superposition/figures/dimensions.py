"""The paper's figure of D*: hidden dimensions per feature as features become sparser."""

from collections.abc import Sequence
from itertools import cycle

import numpy as np
from matplotlib.axes import Axes

from superposition.figures import Spec, style
from superposition.figures.parts import levels, numbers
from superposition.figures.parts.page import Page
from superposition.figures.parts.paper import Run, authors_run
from superposition.measure.geometry.dimensions import PLATEAU_WIDTH, on_plateau
from superposition.measure.metrics import dimensions_per_feature
from superposition.measure.network import TrainedCells, select

SPEC = Spec(
    title="Hidden dimensions per feature as features become sparser",
    caption="D* = m/‖W‖², roughly the number of hidden dimensions for each learned feature. All "
    "features are equally important. Lines join the lowest-loss runs, dots are all runs. The "
    "bands are D* within 0.03 of 1 and of ½, dark where the model with n = 400 and m = 30 stays "
    "there. Large open marks are the levels at which all three of our sizes were trained; there "
    "curves of twice the dimensions, or half of everything, lie on each other where only "
    "sparsity matters. Red crosses are the run saved in the paper's own notebook.",
    section="Uniform Superposition",
    experiments=("geometry", "geometry_wide", "geometry_narrow", "geometry_notebook"),
    claims=("C23", "C24", "C25", "C32"),
)

_SIZES = ("geometry", "geometry_wide", "geometry_narrow")
"""Experiments that differ in size alone."""
_OPEN = {"markerfacecolor": "none", "zorder": 4}
_STYLES: Sequence[style.Look] = (
    {"color": style.INK, "linewidth": 0.9, "marker": "o", "markersize": 7.0, **_OPEN},
    {"color": style.BLUE, "linewidth": 0.9, "marker": "s", "markersize": 5.0, **_OPEN},
    {"color": style.ORANGE, "linewidth": 0.9, "marker": "D", "markersize": 4.0, **_OPEN},
    {"color": style.GREEN, "linewidth": 0.9, "marker": "^", "markersize": 4.5, **_OPEN},
)
_RUN: style.Look = {"markersize": 4.5, "markeredgewidth": 0, "alpha": 0.6, "zorder": 2}
_FEW = 6
"""Levels below which a line between them would say what was not measured."""
_AUTHORS: style.Look = {"color": style.PAPER_MARK, "linestyle": "none", "marker": "x"}
_AUTHORS |= {"markersize": 4.0, "markeredgewidth": 1.0, "zorder": 5}


def plot(cells: TrainedCells) -> Page:
    """The figure: D* over 1/(1 − S), a line for each experiment."""
    names = list(dict.fromkeys(cell.experiment for cell in cells))
    curves = [levels.measured(select(cells, experiment=name)) for name in names]
    sizes = [set(curve.places) for name, curve in zip(names, curves, strict=True) if name in _SIZES]
    shared = set.intersection(*sizes) if sizes else set()
    page = Page(3.7)
    axes = page.add_axes((0.08, 0.13, 0.9, 0.84))
    label = r"$D^* = m / \Vert W \Vert_F^2$, dimensions per feature"
    levels.dimension_axes(axes, np.concatenate([curve.places for curve in curves]), label, 0, 1.12)
    _plateau(axes, curves[0], 1.0, "sticks at 1: a dimension for each feature")
    _plateau(axes, curves[0], 0.5, "sticks at ½: antipodal pairs")
    for name, curve, how in zip(names, curves, cycle(_STYLES), strict=False):
        _, m, n = select(cells, experiment=name)[0].W.shape
        how = how | {"label": f"{n} features in {m} dimensions"}
        if curve.places.size < _FEW:
            how |= {"linestyle": "none"}
        if shared and name in _SIZES:
            how["markevery"] = [place in shared for place in curve.places]
        axes.plot(curve.places, curve.D_star, gid=f"dimensions-{name}", **how)
        for place, stars in levels.runs(select(cells, experiment=name)):
            axes.plot([place] * stars.size, stars, ".", color=how["color"], **_RUN)
    run = authors_run()
    axes.plot(run.places, run.D_star, label="the authors' own run, 200 in 20", **_AUTHORS)
    axes.legend(loc=(0.62, 0.54), labelspacing=0.6, handlelength=2.6, fontsize=style.TEXT)
    return page


def _plateau(axes: Axes, curve: Run, at: float, words: str) -> None:
    """Mark where D* sticks: a band around the plateau, darker along the levels that are on it."""
    low, high = at - PLATEAU_WIDTH, at + PLATEAU_WIDTH
    axes.axhspan(low, high, color=style.GRID, alpha=0.45, linewidth=0, zorder=0)
    there = curve.places[on_plateau(curve.D_star, at)]
    if there.size:
        ends = there.min(), there.max()
        axes.fill_between(ends, low, high, color=style.FAINT, alpha=0.35, linewidth=0, zorder=1)
        words += f", $1/(1-S)$ from {ends[0]:.3g} to {ends[1]:.3g}"
        style.beside(axes, words, (ends[0], high), (6, 2), va="bottom", **style.NOTE)


COLUMNS = numbers.columns(
    experiment=("name", "name of the experiment; authors for the run in the paper's notebook"),
    **numbers.common("model"),
    n_features=("count", "features n"),
    n_hidden=("count", "hidden dimensions m"),
    **numbers.common("density", "run", "loss", "is_best"),
    **numbers.common("dimensions_per_feature"),
)


def rows(cells: TrainedCells) -> numbers.Rows:
    """A row for each run of each experiment, and for each level of the authors' run."""
    for cell in sorted(cells, key=lambda cell: (cell.experiment, -cell.density)):
        _, m, n = cell.W.shape
        for place, stars in enumerate(dimensions_per_feature(cell.W)):
            row = {**numbers.of_run(cell, place), "n_features": n, "n_hidden": m}
            yield {**row, "dimensions_per_feature": stars}
    run = authors_run()
    n = run.D.shape[1]
    for place, stars in zip(run.places, run.D_star, strict=True):
        row = {"experiment": "authors", "density": 1 / place, "n_features": n}
        yield {**row, "dimensions_per_feature": stars}
