"""Two sets of correlated features: two almost orthogonal bases of the same space."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from superposition.figures import Spec, style
from superposition.figures.parts import numbers, planes
from superposition.figures.parts.columns import matrix
from superposition.figures.parts.page import Page, colour_scale
from superposition.measure.metrics import gram
from superposition.measure.network import TrainedCell, TrainedCells, dense_first

SPEC = Spec(
    title="Two sets of ten correlated features in ten dimensions",
    caption="WᵀW of the run with the lowest loss: within each set (outlined), an almost "
    "orthogonal basis; all interference is between the sets. Right, all W_i · W_j of all runs.",
    section="Correlated and Anticorrelated Features",
    place=4,
    experiments=("local_bases",),
    claims=("C45",),
)
_SIDE, _TOP, _FOOT = 2.6, 0.4, 0.3
_BINS = np.linspace(-1, 1, 81)


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
    _overlaps(page.panel(4.2, _TOP, 2.45, _SIDE - 0.15), cell)
    return page


def _overlaps(axes: Axes, cell: TrainedCell) -> None:
    """Plot how all W_i · W_j of all runs are distributed, within sets and across."""
    member = _sets(cell)
    upper = np.triu(np.ones((member.size, member.size), dtype=bool), 1)
    same = member[:, None] == member
    for chosen, colour, dark, words, x, factor, above in (
        (upper & ~same, style.FAINT, 0.75, "different sets", 0.1, 1.25, 0.02),
        (upper & same, style.INK, 0.9, "the same set", 0.06, 0.86, 0.0),
    ):
        values = np.clip(gram(cell.W)[:, chosen], -1, 1)
        share = np.histogram(values, _BINS)[0] / max(values.size, 1)
        axes.stairs(share, _BINS, color=colour, fill=True, alpha=dark)
        rms = float(np.sqrt((values**2).mean())) if values.size else 0.0
        y, text = factor * float(share.max()) + above, f"{words}\nroot mean square {rms:.3f}"
        axes.text(x, y, text, color=colour, linespacing=1.2, **style.NOTE)
    axes.set(xlim=(-1, 1), yticks=[], xticks=[-1, -0.5, 0, 0.5, 1], ylabel="share of pairs")
    axes.set_xlabel("$W_i \\cdot W_j$ of two features")
    axes.spines["left"].set_visible(False)
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
