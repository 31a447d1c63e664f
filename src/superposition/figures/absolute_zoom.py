"""A closer look at one network of 100 absolute values in 40 neurons: both layers, with signs."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from superposition.figures import Spec, style
from superposition.figures.parts import numbers, stacks
from superposition.figures.parts.page import Page, span
from superposition.measure import neurons
from superposition.measure.network import TrainedCell, TrainedCells

_DENSITY = 0.01
"""That of the network shown, or the density closest to it."""
_COLOURED = 5
"""Of a neuron's weights in a layer, the largest."""

SPEC = Spec(
    title="The neurons of one network, in both of its layers",
    caption=f"The best network at 1 − S = {_DENSITY:g}, with its neurons as in the figure of all "
    "densities, with signs and feature numbers (1 is the most important); in brackets, the number "
    "of neurons of each kind in all runs. A monosemantic neuron (blue background) has one large "
    "input weight; a polysemantic one (orange) has a primary weight and secondary ones. Of the "
    f"{_COLOURED} largest weights of a neuron in each layer, those with room for their number are "
    f"coloured, and all others are grey; colours repeat after {len(style.FEATURES)} features. The "
    "paper's network has both kinds.",
    section="Computation in Superposition",
    place=4,
    experiments=("absolute",),
    claims=("C61", "C62"),
)
_LEFT, _ABOVE, _BELOW = 0.5, 1.5, 2.9
"""Margin, and heights of the two layers, inches: output weights are larger."""
_KINDS = ("monosemantic", "polysemantic")
_ROOM = 0.06
"""Of a layer's height, above the highest column and below the lowest."""
_NUMBER = 0.09
"""Inches from which on a rectangle has room for its number."""


def plot(cells: TrainedCells) -> Page:
    """The figure: the lowest-loss run at 1 − S = 0.01, or at the density closest to it."""
    cell = _shown(cells)
    both, mono, poly = stacks.in_order(cell.best)
    colours = stacks.feature_colours(both.W.shape[1])
    page = Page(_ABOVE + _BELOW + 0.95)
    page.write(_LEFT, 0.2, f"{style.BOLD_DENSITY} = {cell.density:g}", fontweight="bold")
    words = "number and colour: the feature"
    page.write(_LEFT + 0.95, 0.2, words, **style.FAINT_NOTE)
    every = zip(*(stacks.in_order(run)[1:] for run in cell.networks), strict=True)
    one, many = (
        f"{shown.sum()} {words} ({span(int(one.sum()) for one in runs)})"
        for shown, words, runs in zip((mono, poly), _KINDS, every, strict=True)
    )
    stacks.kinds_key(page.blank(3.0, 0.02, 3.7, 0.3), one, many, 1.9)
    for top, high, values, name, layer in (
        (0.4, _ABOVE, both.W, "in", "$W_1$, largest scaled to 1"),
        (0.6 + _ABOVE, _BELOW, both.W_out.T, "out", "$W_2$"),
    ):
        axes = page.panel(_LEFT, top, style.WIDTH - _LEFT - 0.06, high, gid=f"zoom-{name}")
        stacks.grounds(axes, mono, poly)
        low, most = (float(np.clip(side * values, 0, None).sum(axis=1).max()) for side in (-1, 1))
        room = _ROOM * (low + most)
        numbered = _NUMBER / high * (low + most)
        limits = (-low - room, most + room)
        stacks.stack(axes, values, colours, limits, layer, False, numbered, _COLOURED)
        axes.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    first = neurons.primary(both.W, signed=True)
    axes.set_xticks(range(len(first)), [str(i + 1) for i in first])
    axes.tick_params(axis="x", length=0, pad=2, labelsize=style.SMALL - 1.5)
    axes.set_xlabel("the feature that excites the neuron most", labelpad=2)
    return page


def _shown(cells: TrainedCells) -> TrainedCell:
    """The cell at 1 − S = 0.01, or at the density closest to it."""
    return min(cells, key=lambda cell: max(cell.density / _DENSITY, _DENSITY / cell.density))


COLUMNS = numbers.columns(
    **numbers.RUN,
    **numbers.common("place", "neuron"),
    kind=stacks.KIND,
    **numbers.common("feature"),
    weight_in=(
        "weight",
        "W_1 of the neuron and the feature, the largest of the neuron scaled to 1",
    ),
    weight_out=("weight", "W_2 of both, scaled so that the network is the same"),
)


def rows(cells: TrainedCells) -> numbers.Rows:
    """A row for each neuron and feature of which a weight is plotted."""
    cell = _shown(cells)
    both, mono, poly = stacks.in_order(cell.best)
    order = neurons.order(neurons.layers_of(cell.best), signed=True)
    kinds = stacks.kinds_of(mono, ~(mono | poly))
    layers = {"weight_in": both.W, "weight_out": both.W_out.T}
    return stacks.stack_rows(numbers.of_run(cell), order, kinds, **layers)
