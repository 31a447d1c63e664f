"""A closer look at one network of 100 absolute values in 40 neurons: both layers, with signs."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superposition import neurons
from superposition.plotting import stacks, style
from superposition.plotting.absolute import MONO, POLY, grounds, layers_of
from superposition.plotting.columns import Page, density
from superposition.weights import Weights

_SHOWN = 0.01
_LEFT, _HIGH = 0.5, 1.75
_IN, _OUT = (-3.2, 3.2), (-6.0, 5.0)
_NUMBERED = 0.12
"""Part of the axis from which on a rectangle holds its number."""


def draw(weights: Mapping[str, Weights]) -> Figure:
    """Return the figure: the lowest-loss run at 1 − S = 0.01, or at the density closest to it.

    Args:
        weights: Cells of the absolute value model.
    """
    cell = min(weights.values(), key=lambda w: abs(np.log(density(w) / _SHOWN)))
    both = layers_of(cell)
    order = neurons.order(both, signed=True)
    mono = neurons.is_monosemantic(both, signed=True)[order]
    poly = neurons.is_polysemantic(both, signed=True)[order]
    first = neurons.primary(both.W, signed=True)[order]
    colours = stacks.feature_colours(both.W.shape[1])
    with style.applied():
        page = Page.of(2 * _HIGH + 1.25)
        page.text(_LEFT, 0.2, f"$1 - S$ = {density(cell):g}", fontweight="bold")
        page.text(_LEFT + 1.1, 0.2, "number and colour: the feature", color=style.FAINT)
        _kinds(page, mono, poly)
        wide = style.WIDTH - _LEFT - 0.06
        for top, values, limits, name in (
            (0.4, both.W[order], _IN, "$W_1$, largest scaled to 1"),
            (0.4 + _HIGH + 0.25, both.W_out.T[order], _OUT, "$W_2$"),
        ):
            axes = page.axes(_LEFT, top, wide, _HIGH)
            grounds(axes, mono, poly)
            stacks.stack(axes, values, colours, limits, numbered_from=_NUMBERED * limits[1])
            axes.set_gid("zoom-in" if top < 1 else "zoom-out")
            step = 2 if limits == _IN else 4
            axes.set_yticks([-step, 0, step], [f"−{step}", "0", str(step)])
            axes.set_ylabel(name, labelpad=1)
        _axis(axes, first)
    return page.figure


def _kinds(page: Page, mono: np.ndarray, poly: np.ndarray) -> None:
    """Say how many neurons there are of each kind, in its colour."""
    axes = page.axes(3.6, 0.05, 3.1, 0.22)
    axes.set_axis_off()
    axes.set(xlim=(0, 3.1), ylim=(0, 0.22))
    entries = ((0.0, MONO, mono, "monosemantic"), (1.55, POLY, poly, "polysemantic"))
    for x, colour, which, word in entries:
        axes.bar(
            x + 0.09, 0.15, width=0.18, bottom=0.02, color=colour, edgecolor=style.GRID, lw=0.5
        )
        axes.text(x + 0.25, 0.09, f"{int(which.sum())} {word}", va="center")


def _axis(axes: Axes, first: np.ndarray) -> None:
    """Name each neuron's most important weight below it."""
    axes.set_xticks(range(len(first)), [str(i + 1) for i in first])
    axes.tick_params(axis="x", length=0, pad=8, labelsize=style.SMALL - 1.5)
    axes.set_xlabel("the feature that excites the neuron most", labelpad=2)
