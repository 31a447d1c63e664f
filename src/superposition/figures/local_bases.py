"""Two sets of correlated features: two almost orthogonal bases of the same space."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from superposition.figures import Spec, style
from superposition.figures.parts import numbers, planes
from superposition.figures.parts.columns import matrix
from superposition.figures.parts.page import Page, colour_scale, log_axis
from superposition.measure.metrics import gram
from superposition.measure.network import TrainedCell, TrainedCells, dense_first

SPEC = Spec(
    title="Two sets of ten correlated features in ten dimensions",
    caption="Left, WᵀW of the run with the lowest loss, each set outlined: with an orthogonal "
    "basis of its own, it would be white except for the diagonal. Right, the overlaps |W_i · W_j| "
    "of all pairs of features from the largest to the smallest, within sets and across, with a "
    "line for each run (thick: the one on the left); their root mean squares are medians over "
    "runs, with the least and the most.",
    section="Correlated and Anticorrelated Features",
    place=4,
    experiments=("local_bases",),
    claims=("C45",),
)
_SIDE, _TOP, _FOOT = 2.6, 0.4, 0.3
_LEAST = 1e-3
"""Smaller overlaps are below the axis."""


def plot(cells: TrainedCells) -> Page:
    """The figure, of the densest cell of an experiment with sets of correlated features."""
    cell = dense_first(cells)[0]
    page = Page(_TOP + _SIDE + _FOOT)
    # WᵀW of the lowest-loss run, with a frame around each set.
    sets, start = cell.cell.features.correlated, -0.5
    axes = page.panel(0.5, _TOP, _SIDE, _SIDE)
    matrix(axes, gram(cell.best.W[:, [i for members in sets for i in members]]), "gram")
    for k, size in enumerate(map(len, sets)):
        edge: style.Look = {"linewidth": 2.0, "edgecolor": planes.set_colour(k), "zorder": 3}
        axes.add_patch(Rectangle((start, start), size, size, fill=False, clip_on=False, **edge))
        middle = start + size / 2
        axes.text(-0.9, middle, f"set {k + 1}", rotation=90, ha="right", va="center")
        start += size
    title = f"$W^\\mathsf{{T}} W$ of the best run, $1 - S$ = {cell.density:.3g}"
    axes.set_title(title, fontsize=style.HEADING, pad=6)
    scale = page.panel(0.5 + _SIDE + 0.1, _TOP, 0.09, _SIDE)
    colour_scale(scale, style.SIGNED, style.SIGNED_RANGE, ("−1", "0", "1"), "vertical")
    _overlaps(page.panel(4.3, _TOP, 2.4, _SIDE - 0.15), cell)
    return page


def _overlaps(axes: Axes, cell: TrainedCell) -> None:
    """Plot all |W_i · W_j| of each run in their order, within sets and across."""
    member = _sets(cell)
    upper = np.triu(np.ones((member.size, member.size), dtype=bool), 1)
    same = member[:, None] == member
    for chosen, colour, words, height in (
        (upper & ~same, style.FAINT, "different sets", 0.17),
        (upper & same, style.INK, "the same set", 0.04),
    ):
        values = np.sort(np.abs(gram(cell.W)[:, chosen]), axis=1)[:, ::-1]
        if not values.size:
            continue
        places = (np.arange(values.shape[1]) + 0.5) / values.shape[1]
        for run, of_run in enumerate(values):
            width = 1.6 if run == cell.weights.best else 0.6
            axes.plot(places, np.maximum(of_run, _LEAST / 2), color=colour, linewidth=width)
        squares = np.sqrt((values**2).mean(axis=1))
        spread = f"{np.median(squares):.3f} ({squares.min():.3f}–{squares.max():.3f})"
        style.note(axes, 0.03, height, f"{words}: root mean\nsquare {spread}", color=colour)
    log_axis(axes, (0.001, 0.01, 0.1, 1), "y")
    axes.set(xlim=(0, 1), ylim=(_LEAST, 1.3), ylabel="overlap $|W_i \\cdot W_j|$")
    axes.set_xticks([0, 0.5, 1], ["0", "½", "all"])
    axes.set_xlabel("pairs of features, largest overlap first")
    axes.set_title(f"all pairs of features, {len(cell)} runs", fontsize=style.HEADING, pad=6)


def _sets(cell: TrainedCell) -> np.ndarray:
    """The set that each feature is in; −1 if it is in none."""
    member = np.full(cell.cell.features.n_features, -1)
    for k, members in enumerate(cell.cell.features.correlated):
        member[list(members)] = k
    return member


COLUMNS = numbers.columns(
    **numbers.RUN,
    feature=("number", "number of a feature i"),
    other=("number", "number of a feature j, i or a later one"),
    same_set=("True or False", "whether both are in one set"),
    overlap=("product of lengths", "W_i · W_j"),
)


def rows(cells: TrainedCells) -> numbers.Rows:
    """A row for every two features, and each with itself, in each run of the densest cell."""
    cell = dense_first(cells)[0]
    member = _sets(cell)
    for place, overlaps in enumerate(gram(cell.W)):
        for i, j in zip(*np.triu_indices(member.size), strict=True):
            pair = {"feature": i, "other": j, "same_set": member[i] == member[j]}
            yield {**numbers.of_run(cell, place), **pair, "overlap": overlaps[i, j]}
