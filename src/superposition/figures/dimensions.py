"""The paper's figure of D*: hidden dimensions per feature as features become sparser."""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes

from superposition.figures import Spec, style
from superposition.figures.parts import levels, numbers
from superposition.figures.parts.page import Page
from superposition.figures.parts.paper import Run, authors_run
from superposition.measure.geometry.dimensions import PLATEAU_WIDTH, on_plateau
from superposition.measure.metrics import dimensions_per_feature
from superposition.measure.network import TrainedCells, dense_first, select

SPEC = Spec(
    title="Hidden dimensions per feature as features become sparser",
    caption="D* = m/‖W‖² is the number of hidden dimensions per learned feature if these have "
    "length 1. Where it is 1, ‖W‖² = m, as for m features of length 1; it can also come from "
    "parts of all features. All features are equally important. Lines with open marks join the "
    "lowest-loss runs of three sizes, among them twice the dimensions and half of everything, at "
    "the densities that all three have: they coincide where only sparsity matters. The broad grey "
    "line is a size with more densities. Dots are all runs. Bands are D* within "
    f"{PLATEAU_WIDTH:g} of 1 and of ½, dark where the size with most densities stays there. "
    "Triangles are trained as in the published notebook, and red crosses are the run saved in it.",
    section="Uniform Superposition",
    experiments=("geometry", "geometry_wide", "geometry_narrow", "geometry_notebook"),
    claims=("C23", "C24", "C25", "C32"),
)

_SIZES = ("geometry", "geometry_wide", "geometry_narrow")
"""Experiments that differ in size alone."""
_AT_ONE = r"sticks at 1: $\Vert W \Vert_F^2$ = m, as of m features of length 1"
_MARK: style.Look = {"markerfacecolor": "none", "linewidth": 1.0, "zorder": 4}
_RUN: style.Look = {"linestyle": "none", "marker": ".", "markeredgewidth": 0, "markersize": 5.0}
_FINER: style.Look = {"color": style.FAINT, "alpha": 0.45, "linewidth": 2.6, "zorder": 1}
_AUTHORS: style.Look = {"color": style.PAPER_MARK, "linestyle": "none", "marker": "x"}
_AUTHORS |= {"markersize": 4.0, "markeredgewidth": 1.0, "zorder": 5}


def plot(cells: TrainedCells) -> Page:
    """The figure: D* over 1/(1 − S), a line for each experiment."""
    given = {name: dense_first(select(cells, experiment=name)) for name in levels.LOOKS}
    given = {name: its for name, its in given.items() if its}
    sizes = [given[name] for name in _SIZES if name in given]
    common = _common(sizes)
    page = Page(3.7)
    axes = page.add_axes((0.08, 0.13, 0.9, 0.84))
    label = r"$D^* = m / \Vert W \Vert_F^2$, dimensions per feature"
    levels.dimension_axes(axes, [1 / cell.density for cell in cells], label, 0, 1.12)
    most = max(sizes or list(given.values()), key=len)
    finest = levels.measured(most)
    above, left = {"ha": "left", "va": "bottom"}, {"ha": "right", "va": "top"}
    _plateau(axes, finest, 1.0, _AT_ONE, (6, 8), **above)
    _plateau(axes, finest, 0.5, "sticks at ½: antipodal pairs", (-6, -8), **left)
    for name, its in given.items():
        _, m, n = its[0].W.shape
        shown = [cell for cell in its if name not in _SIZES or cell.density in common]
        if len(shown) < len(its):
            _finer(axes, its, f"{n} in {m} at all of its densities")
        curve, look = levels.measured(shown), levels.LOOKS[name] | _MARK
        words = f"{n} features in {m} dimensions"
        axes.plot(curve.places, curve.D_star, gid=f"dimensions-{name}", label=words, **look)
        _runs(axes, shown, color=look["color"], alpha=0.6, zorder=2)
    run = authors_run()
    axes.plot(run.places, run.D_star, label="the authors' own run, 200 in 20", **_AUTHORS)
    axes.legend(loc=(0.62, 0.5), labelspacing=0.6, handlelength=2.6, fontsize=style.TEXT)
    return page


def _common(sizes: Sequence[TrainedCells]) -> set[float]:
    """The densities that all sizes have; if there are none, all densities of all."""
    densities = [{cell.density for cell in cells} for cells in sizes]
    return set.intersection(*densities) or set.union(*densities) if densities else set()


def _finer(axes: Axes, cells: TrainedCells, words: str) -> None:
    """Plot the curve of a size at all of its densities, behind those that compare sizes."""
    curve = levels.measured(cells)
    axes.plot(curve.places, curve.D_star, label=words, **_FINER)
    _runs(axes, cells, color=style.FAINT, alpha=0.6, zorder=1)


def _runs(axes: Axes, cells: TrainedCells, **look: Any) -> None:
    for place, stars in levels.runs(cells):
        axes.plot([place] * stars.size, stars, **_RUN, **look)


def _plateau(
    axes: Axes, curve: Run, at: float, words: str, offset: tuple[float, float], **how: Any
) -> None:
    """Mark where D* sticks: a band around the plateau, darker along the levels that are on it."""
    low, high = at - PLATEAU_WIDTH, at + PLATEAU_WIDTH
    axes.axhspan(low, high, color=style.GRID, alpha=0.45, linewidth=0, zorder=0)
    there = curve.places[on_plateau(curve.D_star, at)]
    if there.size:
        ends = there.min(), there.max()
        axes.fill_between(ends, low, high, color=style.FAINT, alpha=0.35, linewidth=0, zorder=1)
        words += f",\n$1/(1-S)$ from {ends[0]:.3g} to {ends[1]:.3g}"
        style.beside(axes, words, (ends[0], at), offset, **how, **style.NOTE)


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
