"""Weights of a linear and of a ReLU hidden layer, side by side; and how to read a stack plot."""

import numpy as np
from matplotlib.axes import Axes

from superposition.figures import Spec, style
from superposition.figures.parts import numbers, stacks
from superposition.figures.parts.columns import FORMULAE, matrix
from superposition.figures.parts.page import Page, colour_scale
from superposition.measure import neurons
from superposition.measure.network import TrainedCell, TrainedCells, dense_first, select

SPEC = Spec(
    title="Weights of hidden layers with and without a ReLU",
    caption="W of the best run, a row for each hidden dimension and a column for each feature, "
    "the most important first; blue −1, white 0, red +1. With a linear hidden layer, any rotation "
    "of it is equally good. In the paper, a ReLU makes features align with single dimensions, now "
    "neurons, or with simple codes of a few; if the hidden layer also has biases, these make its "
    "units linear. Below each, every run, from the highest loss up to the lowest (the large dot, "
    "shown above): the share of random rotations of the hidden space after which features align "
    "less with single dimensions, by Σ Ŵ⁴. An ordinary basis would have one half; from "
    f"{neurons.SPECIAL:g} (line) on, the basis is special. At the bottom, how the same matrix "
    "becomes a stack plot, which shows how many features a neuron has.",
    section="Superposition in a Privileged Basis",
    experiments=("privileged",),
    claims=("C55", "C58"),
)
_NAMES = {
    "relu": "Linear hidden layer",
    "relu_hidden": "ReLU hidden layer",
    "relu_hidden_biased": "the same with bias",
}
_LEFT, _TOP, _WIDE, _HIGH, _ROW, _LEGEND = 1.5, 0.3, 1.6, 0.8, 1.4, 2.72
_APART, _RUNS = 0.07, 0.34
"""Between W and the runs below it, and the height of these, inches."""


def plot(cells: TrainedCells) -> Page:
    """The figure: W of each model at each density, and one W as a stack plot."""
    rows = {model: dense_first(select(cells, model=model)) for model in _NAMES}
    shown = [model for model in _NAMES if rows[model]]
    page = Page(_TOP + len(shown) * _ROW + _LEGEND)
    for down, model in enumerate(shown):
        top = _TOP + down * _ROW
        page.write(0.08, top + 0.28, _NAMES[model], fontweight="bold")
        page.write(0.08, top + 0.5, FORMULAE[model], fontsize=style.SMALL - 0.8)
        if down == 0:
            words = "every run, the lowest\nloss at the top"
            middle = top + _HIGH + _APART + _RUNS / 2
            page.write(0.08, middle, words, va="center", linespacing=1.2, **style.FAINT_NOTE)
        for k, cell in enumerate(rows[model]):
            x, W = _LEFT + k * (_WIDE + 0.18), _shown(cell)
            if down == 0:
                value = f"{style.BOLD_DENSITY} = {cell.density:g}"
                page.write(x + _WIDE / 2, top - 0.08, value, ha="center", fontweight="bold")
            gid = f"privileged-{model}-density-{cell.density:g}"
            matrix(page.panel(x, top, _WIDE, _HIGH), W, gid)
            runs = page.panel(x, top + _HIGH + _APART, _WIDE, _RUNS, gid=f"runs-{model}")
            _runs(runs, cell)
            if down == len(shown) - 1:
                runs.set_xticks([0, 0.5, neurons.SPECIAL], ["0", "½", f"{neurons.SPECIAL:g}"])
                label = "share of random bases\nwhere features align less"
                runs.set_xlabel(label if k == 1 else "", labelpad=1.5, **style.NOTE)
    if example := rows["relu_hidden"]:
        _legend(page, _TOP + len(shown) * _ROW + 0.34, example[len(example) // 2])
    return page


def _runs(axes: Axes, cell: TrainedCell) -> None:
    """Plot how special the basis of every run is, those of lower loss above."""
    special = np.array([neurons.privilege(run.W) for run in cell.networks])
    order, best = np.argsort(-cell.loss, kind="stable"), cell.weights.best
    axes.axvline(neurons.SPECIAL, **style.GUIDE)
    dot: style.Look = {"linestyle": "none", "marker": "o", "markeredgewidth": 0, "clip_on": False}
    places = np.arange(1, len(order) + 1) / len(order)
    axes.plot(special[order], places, color=style.FAINT, markersize=1.8, **dot)
    axes.plot(special[best], 1, color=style.VERMILION, markersize=4.5, **dot)
    axes.set(xlim=(0, 1), ylim=(-0.05, 1.1), xticks=[], yticks=[])
    axes.spines["left"].set_visible(False)


def _shown(cell: TrainedCell) -> np.ndarray:
    """W of the best run; of a ReLU hidden layer, its neurons in the order of stack plots."""
    both = neurons.layers_of(cell.best)
    return both.W[neurons.order(both, signed=False)] if cell.model == "relu_hidden" else both.W


def _legend(page: Page, top: float, cell: TrainedCell) -> None:
    W = _shown(cell)
    m, n = W.shape
    page.write(0.08, top, "How a stack plot is made", fontweight="bold")
    page.write(0.08, top + 0.18, f"ReLU hidden layer at $1 - S$ = {cell.density:g}", **style.NOTE)
    heat = page.panel(0.5, top + 0.62, 2.1, 1.05)
    matrix(heat, W, "stack-matrix")
    heat.set_xticks(range(n), [str(i + 1) for i in range(n)])
    heat.set_yticks(range(m), [str(k + 1) for k in range(m)])
    heat.tick_params(length=0, pad=3)
    heat.set_title("a row of $W$ is a neuron …", pad=4)
    heat.set_xlabel("feature", labelpad=1)
    heat.set_ylabel("neuron", labelpad=3)
    # The last neuron's row, framed.
    across, down = np.array([0, n, n, 0, 0]) - 0.5, np.array([-0.5, -0.5, 0.5, 0.5, -0.5]) + m - 1
    heat.plot(across, down, color=style.INK, linewidth=1.2, clip_on=False, zorder=4)
    scale = page.panel(2.7, top + 0.62, 0.07, 1.05)
    colour_scale(scale, style.SIGNED, style.SIGNED_RANGE, style.SIGNED_ENDS, "vertical")
    axes = page.panel(3.55, top + 0.3, 1.9, 1.55, gid="stack-legend")
    colours = stacks.feature_colours(n)
    most = float(np.clip(W, 0, None).sum(axis=1).max())
    limits = (-1.3, max(2.0, 1.02 * most))
    stacks.stack(axes, W, colours, limits, "weights", pale_below=True, numbered_from=0.25)
    stacks.number_neurons(axes, m)
    axes.tick_params(axis="x", pad=9)
    axes.set_title("… and becomes a column", pad=4)
    beside: style.Look = {"va": "center", "linespacing": 1.25, **style.NOTE}
    words = "A rectangle is a weight:\nits height is |w|, its\ncolour and number the\nfeature. "
    words += "A column that\nis too tall is cut, with\nits sum at the cut."
    page.write(5.58, top + 0.62, words, **beside)
    words = "Below the axis weights\nare negative: pale, as\nfor $x \\geq 0$ they only\ninhibit."
    page.write(5.58, top + 1.48, words, **beside)


COLUMNS = numbers.columns(
    **numbers.RUN,
    privilege=("share", "share of random bases with which the features of the run align less"),
    feature=("number", "number of the feature; empty in rows of a run that is not pictured"),
    W_k=("weight", "W_i in the hidden unit at place k from above, as pictured"),
)


def rows(cells: TrainedCells) -> numbers.Rows:
    """A row for each feature of the lowest-loss run, and one for each other run."""
    for cell in (cell for model in _NAMES for cell in dense_first(select(cells, model=model))):
        for place, network in enumerate(cell.networks):
            run = {**numbers.of_run(cell, place), "privilege": neurons.privilege(network.W)}
            if run["is_best"]:
                yield from numbers.along("feature", run, **numbers.by_dimension(_shown(cell)))
            else:
                yield run
