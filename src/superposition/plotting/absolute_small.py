"""The paper's first model of computation: |x| of three features, as matrices, graph and stacks."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superposition import neurons
from superposition.plotting import stacks, style
from superposition.plotting.columns import Page, colour_scale, density, matrix
from superposition.weights import Weights

_HEIGHT = 3.0
_LIMITS = (-1.25, 1.45)


def draw(weights: Mapping[str, Weights]) -> Figure:
    """Return the figure: the lowest-loss run of one cell, three ways.

    Args:
        weights: Cells of one absolute value model.
    """
    cell = next(iter(weights.values()))
    run = cell.best
    both = neurons.rescaled(
        neurons.layers(cell.W[run], None if cell.W_out is None else cell.W_out[run])
    )
    first = neurons.primary(both.W, signed=True)
    sign = both.W[np.arange(len(both.W)), first]
    order = np.lexsort((-sign, first))
    W, W_out = both.W[order], both.W_out[:, order]
    with style.applied():
        page = Page.of(_HEIGHT)
        what = f"{W.shape[1]} features, {len(W)} neurons, $1 - S$ = {density(cell):g}"
        page.text(0.08, 0.2, r"$y = \mathrm{ReLU}(W_2\, \mathrm{ReLU}(W_1 x) + b)$,  $y$ to be "
                  r"$|x|$", fontweight="bold")  # fmt: skip
        page.text(3.3, 0.2, what, color=style.FAINT)
        _matrices(page, W, W_out)
        graph = page.axes(2.05, 0.62, 1.75, 2.1)
        _graph(graph, W, W_out)
        page.text(2.92, 0.5, "as a graph", ha="center")
        _stacks(page, W, W_out)
    return page.figure


def _matrices(page: Page, W: np.ndarray, W_out: np.ndarray) -> None:
    """Draw both layers as matrices."""
    m, n = W.shape
    page.text(0.95, 0.5, "as matrices", ha="center")
    side = 0.2
    inward = page.axes(0.35, 0.75, n * side, m * side)
    matrix(inward, W, "matrix-in")
    inward.set_xlabel("$W_1$", labelpad=3)
    inward.set_ylabel("neuron", labelpad=2, fontsize=style.SMALL)
    outward = page.axes(0.35 + n * side + 0.2, 0.75, n * side, m * side)
    matrix(outward, W_out.T, "matrix-out")
    outward.set_xlabel(r"$W_2^\mathsf{T}$", labelpad=3)
    colour_scale(page.axes(0.45, 2.45, 1.1, 0.07), style.SIGNED, style.SIGNED_RANGE,
                 ["≤ −1", "0", "≥ 1"])  # fmt: skip


def _graph(axes: Axes, W: np.ndarray, W_out: np.ndarray) -> None:
    """Draw features, neurons and outputs as nodes, and weights as lines between them."""
    m, n = W.shape
    axes.set_gid("graph")
    hidden = np.arange(m) - (m - 1) / 2
    ends = (np.arange(n) - (n - 1) / 2) * (m / n)
    for k in range(m):
        for i in range(n):
            for weight, x, y in ((W[k, i], (0, 1), (ends[i], hidden[k])),
                                 (W_out[i, k], (1, 2), (hidden[k], ends[i]))):  # fmt: skip
                if abs(weight) > 0.05:
                    colour = style.SIGNED(style.SIGNED_RANGE(0.85 * np.sign(weight)))
                    axes.plot(x, y, color=colour, linewidth=1.8 * min(abs(weight), 2), zorder=1)
    for x, places, names in (
        (0, ends, [f"$x_{i + 1}$" for i in range(n)]),
        (1, hidden, [""] * m),
        (2, ends, [f"$|x_{i + 1}|$" for i in range(n)]),
    ):
        axes.scatter([x] * len(places), places, s=38, color="white", edgecolors=style.INK,
                     linewidths=0.8, zorder=2)  # fmt: skip
        for place, name in zip(places, names, strict=True):
            axes.text(x + (0.16 if x == 2 else -0.16), place, name, va="center",
                      ha="left" if x == 2 else "right")  # fmt: skip
    axes.set(xlim=(-0.5, 2.75), ylim=(m / 2, -m / 2))
    axes.set_axis_off()


def _stacks(page: Page, W: np.ndarray, W_out: np.ndarray) -> None:
    """Draw the weights of both layers as stack plots, one above the other."""
    m, n = W.shape
    page.text(5.45, 0.5, "as stack plots", ha="center")
    for top, values, name in ((0.62, W, "$W_1$"), (1.75, W_out.T, "$W_2$")):
        axes = page.axes(4.35, top, 2.3, 0.98)
        stacks.stack(axes, values, stacks.feature_colours(n), _LIMITS, numbered_from=0.3)
        axes.set_gid("stack-in" if values is W else "stack-out")
        axes.set_yticks([-1, 0, 1], ["−1", "0", "1"])
        axes.set_ylabel(name, labelpad=1)
    axes.set_xticks(range(m), [str(k + 1) for k in range(m)])
    axes.tick_params(axis="x", length=0, pad=1)
    axes.set_xlabel("neuron", labelpad=1)
