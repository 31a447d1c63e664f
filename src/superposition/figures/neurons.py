"""The paper's figure of neurons in a privileged basis, from dense to sparse, as stack plots."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from superposition.figures import Spec, style
from superposition.figures.parts import numbers, stacks
from superposition.figures.parts.page import Page, span
from superposition.figures.parts.paper import paper_regime
from superposition.measure import neurons
from superposition.measure.network import Network, TrainedCell, TrainedCells, dense_first

_MOST = 0.8
"""The part of all runs of which counts are given."""

SPEC = Spec(
    title="Neurons of ten features, from dense to sparse",
    caption="Neurons of a ReLU hidden layer, in the run with the lowest loss of many at each "
    "density. A column is a neuron, a rectangle a weight, with the number of its feature (1 is "
    "the most important). Features with a neuron of their own are grey. In the paper, the sparser "
    "features are, the fewer of these there are: two neurons hold three features, and in the end, "
    "as we read its figure, each feature excites two neurons, a different pair for each. Negative "
    "weights are pale: such a feature does not excite the neuron, and the neuron inhibits it. "
    "Columns that are too tall are cut, at the bottom or at the top, with their sum at the cut. "
    "Above each panel, how many neurons are monosemantic and how many features are represented: "
    f"in the run shown, in {100 * _MOST:g} % of all runs from least to most, and, in red, in the "
    "paper's captions.",
    section="Superposition in a Privileged Basis",
    place=2,
    experiments=("neurons",),
    claims=("C56", "C56b", "C57"),
)
_ACROSS = 4
_PANEL, _TITLE, _FOOT, _KEY = 1.5, 0.68, 0.36, 0.3
"""Inches of a panel, above it, below it, and of the key."""
_LEFT, _BETWEEN = 0.36, 0.2
_WIDE = (style.WIDTH - _LEFT - 0.06 - (_ACROSS - 1) * _BETWEEN) / _ACROSS
_LIMITS = (-2.2, 3.4)


def plot(cells: TrainedCells) -> Page:
    """The figure: the lowest-loss run at each density, of a model with a ReLU hidden layer."""
    rows, row = -(-len(cells) // _ACROSS), _TITLE + _PANEL + _FOOT
    page = Page(rows * row + _KEY)
    for place, cell in enumerate(dense_first(cells)):
        down, column = divmod(place, _ACROSS)
        x, y = _LEFT + column * (_WIDE + _BETWEEN), down * row + _TITLE
        axes = page.panel(x, y, _WIDE, _PANEL, gid=f"neurons-density-{cell.density:g}")
        _panel(axes, cell, column == 0)
    key = page.blank(0.0, rows * row, style.WIDTH, _KEY)
    for x, colours, alpha, words in (
        (0.36, (style.ALONE,), 1.0, "feature with a neuron of its own"),
        (2.45, style.FEATURES[:3], 1.0, "features in superposition"),
        (4.3, style.FEATURES[:3], 0.42, "negative weights: they only inhibit"),
    ):
        for k, colour in enumerate(colours):
            key.bar(x + 0.13 * k, 0.1, width=0.11, bottom=0.12, color=colour, alpha=alpha)
        key.text(x + 0.13 * len(colours), 0.17, words, va="center", **style.NOTE)
    return page


def _panel(axes: Axes, cell: TrainedCell, first: bool) -> None:
    """Plot the lowest-loss run of one cell, with what is seen above it."""
    both = neurons.layers_of(cell.best)
    order, represented = neurons.order(both, False), neurons.is_represented(both, False)
    mono, silent = neurons.is_monosemantic(both, False), neurons.is_silent(both, False)
    # Grey for features that share no neuron, pale if they are not represented.
    shared = neurons.carried(both, False)[neurons.is_polysemantic(both, False)].any(axis=0)
    own = np.array(stacks.feature_colours(shared.size))
    colours = np.where(represented, np.where(shared, own, style.ALONE), style.IGNORED)
    label = "weights" if first else ""
    stacks.stack(axes, both.W[order], colours.tolist(), _LIMITS, label, True, numbered_from=0.3)
    kind: style.Look = {"ha": "center", "va": "top", "fontsize": style.SMALL - 0.8}
    for place, k in enumerate(order):
        word = "–" if silent[k] else "mono" if mono[k] else "poly"
        colour = style.INK if mono[k] else style.FAINT
        axes.text(place, _LIMITS[0] - 0.4, word, color=colour, **kind)
    title: style.Look = {"fontsize": style.TEXT, "fontweight": "bold"}
    style.note(axes, 0, 1.3, f"{style.BOLD_DENSITY} = {cell.density:g}", va="bottom", **title)
    words = f"{mono.sum()} monosemantic, {represented.sum()} features"
    style.note(axes, 0, 1.2, words, va="bottom")
    if len(cell) > 1:
        words = (
            f"most runs: {', '.join(map(_most, zip(*map(_counts, cell.networks), strict=True)))}"
        )
        style.note(axes, 0, 1.11, words, va="bottom", color=style.FAINT)
    if paper := paper_regime(cell.cell):
        words = f"paper: {paper.monosemantic}, {paper.features}"
        style.note(axes, 0, 1.02, words, va="bottom", color=style.PAPER_MARK)
    axes.set_yticks([-2, -1, 0, 1, 2, 3])
    axes.tick_params(labelleft=first)


def _counts(network: Network) -> tuple[int, int]:
    """How many neurons are monosemantic, and how many features represented."""
    both = neurons.layers_of(network)
    mono, there = neurons.is_monosemantic(both, False), neurons.is_represented(both, False)
    return int(mono.sum()), int(there.sum())


def _most(counts: Sequence[int]) -> str:
    """The least and the largest of most counts, in words."""
    aside = (1 - _MOST) / 2
    return span(np.quantile(counts, (aside, 1 - aside), method="nearest").tolist())


COLUMNS = numbers.columns(
    panel=("name", "weight: one plotted, of the lowest-loss run; run: one, with its counts"),
    **numbers.RUN,
    monosemantic=("count", "monosemantic neurons of the run"),
    represented=("count", "features that are represented in the run"),
    **numbers.common("place", "neuron"),
    kind=stacks.KIND,
    **numbers.common("feature", "weight"),
)


def rows(cells: TrainedCells) -> numbers.Rows:
    """A row for each run at each density, and for each weight plotted."""
    for cell in dense_first(cells):
        for place, network in enumerate(cell.networks):
            counts = dict(zip(("monosemantic", "represented"), _counts(network), strict=True))
            yield {"panel": "run", **numbers.of_run(cell, place), **counts}
        both = neurons.layers_of(cell.best)
        order, mono = neurons.order(both, False), neurons.is_monosemantic(both, False)
        kinds = stacks.kinds_of(mono[order], neurons.is_silent(both, False)[order])
        run = {"panel": "weight", **numbers.of_run(cell)}
        yield from stacks.stack_rows(run, order, kinds, weight=both.W[order])
