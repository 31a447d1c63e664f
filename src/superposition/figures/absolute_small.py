"""The paper's first model of computation: |x| of three features, as matrices, graph and stacks."""

import numpy as np
from matplotlib.axes import Axes

from superposition.figures import Spec, style
from superposition.figures.parts import numbers, stacks
from superposition.figures.parts.columns import FORMULAE, matrix
from superposition.figures.parts.page import Page, signed_scale
from superposition.measure import neurons
from superposition.measure.network import Network, TrainedCell, TrainedCells

SPEC = Spec(
    title="Absolute values of three features",
    caption="The best run, as matrices, as a graph and as stack plots, with its neurons rescaled "
    "so that the largest |W_1| of each is 1. In the paper each feature has two neurons: one "
    "computes ReLU(x), the other ReLU(−x), and their sum is |x|. The count of runs with this "
    "solution is given above.",
    section="Computation in Superposition",
    experiments=("absolute_small",),
    claims=("C59",),
)
_VISIBLE = 0.05
"""Smaller weights have no line in the graph."""


def plot(cells: TrainedCells) -> Page:
    """The figure: the lowest-loss run of an absolute value model, three ways."""
    cell = cells[0]
    _, W, W_out = _in_order(cell)
    page = Page(3.0)
    page.write(0.08, 0.2, f"{FORMULAE['absolute']},  $y$ to be $|x|$")
    what = f"{W.shape[1]} features, {len(W)} neurons, $1 - S$ = {cell.density:g}"
    page.write(3.3, 0.2, what, color=style.FAINT)
    so = sum(_in_pairs(run) for run in cell.networks)
    words = f"two neurons for each feature, one for each sign, in {so} of {len(cell)} runs"
    page.write(3.3, 0.35, words, **style.FAINT_NOTE)
    for row, (values, name, label) in enumerate(((W, "in", "$W_1$"), (W_out.T, "out", "$W_2$"))):
        axes = page.panel(0.35 + 0.2 * (W.shape[1] + 1) * row, 0.75, 0.2 * W.shape[1], 0.2 * len(W))
        matrix(axes, values, f"matrix-{name}")
        axes.set_xlabel(r"$W_2^\mathsf{T}$" if row else label, labelpad=3)
        if row == 0:
            axes.set_ylabel("neuron", labelpad=2, **style.NOTE)
        axes = page.panel(4.35, 0.62 + 1.13 * row, 2.3, 0.98, gid=f"stack-{name}")
        colours = stacks.feature_colours(W.shape[1])
        stacks.stack(axes, values, colours, (-1.25, 1.45), label, numbered_from=0.3)
        axes.set_yticks([-1, 0, 1])
    stacks.number_neurons(axes, len(W))
    signed_scale(page.panel(0.45, 2.45, 1.1, 0.07))
    _graph(page.panel(2.05, 0.62, 1.75, 2.1, gid="graph"), W, W_out)
    for x, words in ((0.95, "as matrices"), (2.92, "as a graph"), (5.45, "as stack plots")):
        page.write(x, 0.5, words, ha="center")
    return page


def _graph(axes: Axes, W: np.ndarray, W_out: np.ndarray) -> None:
    """Plot weights as lines, in the colour of their sign and as thick as they are large."""
    m, n = W.shape
    hidden = np.arange(m) - (m - 1) / 2
    ends = (np.arange(n) - (n - 1) / 2) * (m / n)
    for weights, outer in ((W, 0), (W_out.T, 2)):
        for (k, i), weight in np.ndenumerate(weights):
            if abs(weight) > _VISIBLE:
                colour = style.SIGNED(style.SIGNED_RANGE(0.85 * np.sign(weight)))
                width = 1.8 * min(abs(weight), 2)
                axes.plot([outer, 1], [ends[i], hidden[k]], color=colour, lw=width, zorder=1)
    node: style.Look = {"color": style.WHITE, "edgecolors": style.INK, "linewidths": 0.8}
    for column, places in ((0, ends), (1, hidden), (2, ends)):
        axes.scatter([column] * len(places), places, s=38, zorder=2, **node)
    for k, place in enumerate(ends, 1):
        axes.text(-0.16, place, f"$x_{k}$", va="center", ha="right")
        axes.text(2.16, place, f"$|x_{k}|$", va="center", ha="left")
    axes.set(xlim=(-0.5, 2.75), ylim=(m / 2, -m / 2))
    axes.set_axis_off()


def _in_pairs(network: Network) -> bool:
    """Whether each feature has two neurons of its own, one for each of its signs."""
    both = neurons.layers_of(network)
    first = neurons.primary(both.W, signed=True)
    signs = both.W[np.arange(len(first)), first] > 0
    pairs = set(zip(first.tolist(), signs.tolist(), strict=True))
    return bool(neurons.is_monosemantic(both, True).all()) and len(pairs) == 2 * both.W.shape[1]


def _in_order(cell: TrainedCell) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The neurons of the lowest-loss run by their features, with their weights in and out."""
    both = neurons.layers_of(cell.best)
    first = neurons.primary(both.W, signed=True)
    order = np.lexsort((-both.W[np.arange(len(both.W)), first], first))
    return order, both.W[order], both.W_out[:, order]


COLUMNS = numbers.columns(
    panel=("name", "weight: one of the lowest-loss run; run: one, and whether it is so"),
    **numbers.RUN,
    in_pairs=(
        "True or False",
        "whether each feature has two neurons of its own, one for each sign",
    ),
    **numbers.common("place", "neuron", "feature"),
    weight_in=(
        "weight",
        "W_1 of the neuron and the feature, the largest of the neuron scaled to 1",
    ),
    weight_out=("weight", "W_2 of both, scaled so that the network is the same"),
)


def rows(cells: TrainedCells) -> numbers.Rows:
    """A row for each run, and for each neuron and feature of that with the lowest loss."""
    for place, network in enumerate(cells[0].networks):
        its = {"panel": "run", **numbers.of_run(cells[0], place)}
        yield {**its, "in_pairs": _in_pairs(network)}
    order, W, W_out = _in_order(cells[0])
    for (place, feature), weight in np.ndenumerate(W):
        its = {"place": place, "neuron": int(order[place]), "feature": feature}
        weights = {"weight_in": weight, "weight_out": W_out[feature, place]}
        yield {"panel": "weight", **numbers.of_run(cells[0]), **its, **weights}
