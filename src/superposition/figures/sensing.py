"""Features per dimension that trained models reach, beside the bound of compressed sensing."""

import numpy as np

from superposition.figures import Spec, style
from superposition.figures.parts import levels, numbers
from superposition.figures.parts.page import Page, log_axis
from superposition.measure.elementary import equal_ratios
from superposition.measure.geometry.dimensions import features_per_dimension
from superposition.measure.network import TrainedCells, dense_first, select
from superposition.measure.theory.compression import exact_sensing_bound, sensing_bound

SPEC = Spec(
    title="The lower bound of compressed sensing and what trained models reach",
    caption="To recover n features of which n (1 − S) are active takes at least m = C n (1 − S) "
    "log(1/(1 − S)) dimensions. Left, features per dimension of models of equally important "
    "features, for every run, and the most that the bound allows with C = 1; the paper gives no "
    "constant. Dashed: with more features per dimension, not all vectors this sparse can be "
    "recovered exactly by the smallest sum of absolute values; models like ours read each feature "
    "by its own direction alone. Right, the constant with which the bound would go through each "
    "model.",
    section="Compressed Sensing",
    experiments=("geometry", "geometry_wide", "geometry_narrow", "sensing"),
)
_DENSEST = 2.718
"""1/(1 − S) from which on the bound rises; in denser data nothing is sparse."""


def plot(cells: TrainedCells) -> Page:
    """The figure, of models of equally important features."""
    page = Page(3.1)
    axes = page.add_axes((0.075, 0.14, 0.5, 0.72))
    beside = page.add_axes((0.68, 0.14, 0.305, 0.72), ylim=(0, 2), yticks=[0, 0.5, 1, 1.5, 2])
    for name, look in levels.LOOKS.items():
        of_size = dense_first(select(cells, experiment=name))
        runs = [run for cell in of_size for run in cell.networks]
        if not runs:
            continue
        inverse = np.array([1 / network.density for network in runs])
        features = features_per_dimension(np.stack([network.W for network in runs]))
        m, n = runs[0].W.shape
        dots: style.Look = look | {"linestyle": "none", "zorder": 3}
        dots |= {"markersize": 3.4, "markeredgewidth": 0}
        axes.plot(inverse, features, label=f"n = {n}, m = {m}", **dots)
        sparse = inverse > _DENSEST
        beside.plot(inverse[sparse], _constant(inverse[sparse], features[sparse]), **dots)
    sparsest = max(1 / cell.density for cell in cells)
    x = equal_ratios(_DENSEST, max(sparsest, 2 * _DENSEST) * 1.15, 300)
    axes.plot(x, sensing_bound(1 / x), color=style.INK, linewidth=1.2, zorder=2)
    axes.plot(x, exact_sensing_bound(1 / x), "--", color=style.FAINT, linewidth=1.0, zorder=1)
    words = "bound with C = 1:\n1 / ((1 − S) log(1/(1 − S)))"
    axes.text(1.05, 3.6, words, va="bottom", linespacing=1.3, **style.NOTE)
    words = "above: no exact recovery of\nall vectors this sparse"
    axes.text(1.05, 55, words, va="bottom", linespacing=1.3, **style.FAINT_NOTE)
    axes.legend(loc="lower right", handletextpad=0.2, labelspacing=0.3)
    beside.axhline(1, color=style.INK, linewidth=1.2, zorder=1)
    for panel, first, label, title in (
        (axes, 0.95, "features per dimension, $‖W‖_F^2 / m$",
         "Trained models and the lower bound on m"),
        (beside, 2, "C at which the bound meets the model", "Constant of the bound"),
    ):  # fmt: skip
        log_axis(panel, [tick for tick in (1, 2, 5, 10, 20, 50, 100, 200) if tick <= x[-1]])
        panel.set_xlim(first, x[-1])
        panel.set_xlabel("$1 / (1 - S)$", labelpad=2)
        panel.set_ylabel(label, labelpad=2)
        style.heading(panel, title, 1.06)
    log_axis(axes, (1, 2, 5, 10, 20, 50, 100), "y")
    axes.set_ylim(0.8, 150)
    return page


def _constant(inverse: np.ndarray, features: np.ndarray) -> np.ndarray:
    """The constant with which the bound would go through models, at 1/(1 − S)."""
    return np.asarray(sensing_bound(1 / inverse) / features)


COLUMNS = numbers.columns(
    **numbers.common("experiment", "model"),
    n_features=("count", "features n"),
    n_hidden=("count", "hidden dimensions m"),
    **numbers.common("density", "run", "loss", "is_best"),
    **numbers.common("features_per_dimension"),
    constant=(
        "factor",
        "c with which the bound goes through the run; empty where features are not sparse",
    ),
    bound=(
        "features per dimension",
        "the most features per dimension that the bound with C = 1 allows; empty likewise",
    ),
    exact_bound=(
        "features per dimension",
        "the most with which all vectors so sparse can be recovered exactly; likewise",
    ),
)


def rows(cells: TrainedCells) -> numbers.Rows:
    """A row for each run of each experiment."""
    for cell in sorted(cells, key=lambda cell: (cell.experiment, -cell.density)):
        (_, m, n), features = cell.W.shape, features_per_dimension(cell.W)
        of_level: numbers.Row = {"n_features": n, "n_hidden": m}
        constant = np.full(len(cell), np.nan)
        if 1 / cell.density > _DENSEST:
            at = np.full(1, cell.density)
            of_level["bound"] = sensing_bound(at)[0]
            of_level["exact_bound"] = exact_sensing_bound(at)[0]
            constant = _constant(1 / at, features)
        for place, (one, C) in enumerate(zip(features, constant, strict=True)):
            row = {**numbers.of_run(cell, place), **of_level}
            yield {**row, "features_per_dimension": one, "constant": C}
