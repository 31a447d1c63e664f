"""The paper's figure of 100 absolute values in 40 neurons, from dense to sparse, as stack plots."""

import numpy as np

from superposition.figures import Spec, style
from superposition.figures.parts import numbers, stacks
from superposition.figures.parts.page import Page, shared_scale, span
from superposition.measure import neurons
from superposition.measure.metrics import interference
from superposition.measure.network import TrainedCells, dense_first

SPEC = Spec(
    title="Absolute values of a hundred features in forty neurons",
    caption="The run with the lowest loss at each density. Each column is a neuron, with its "
    "input weights rescaled so that the largest is 1. Blue background: it responds to a single "
    "feature, and its second largest weight is less than a fifth of the largest; orange: to "
    "several; white: it does nothing. Columns that are too tall are cut, with their sum at the "
    "cut. On the left, the number of neurons of each kind, in the run shown and from the least to "
    "the most in all runs; red, how many neurons are monosemantic in the paper's figure (C60). "
    "Colours show how far a feature shares its direction with others.",
    section="Computation in Superposition",
    place=2,
    experiments=("absolute",),
    claims=("C60", "C63", "E11"),
)
_LEFT, _ROW, _NEXT, _TOP, _KEY = 1.22, 0.92, 0.24, 0.36, 0.55
_PAPER = {1.0: "all", 0.3: "all", 0.1: "some", 0.03: "some", 0.01: "some", 0.003: "some",
          0.001: "no"}  # fmt: skip
"""How many neurons are monosemantic in the paper's figure, by 1 − S; it gives no numbers."""


def plot(cells: TrainedCells) -> Page:
    """The figure: the lowest-loss run of the absolute value model at each density, a row each."""
    cells = dense_first(cells)
    end = _TOP + len(cells) * (_ROW + _NEXT)
    page = Page(end + _KEY)
    page.write(_LEFT, 0.18, "each column a neuron, its $|W_1|$ stacked, the largest scaled to 1")
    for down, cell in enumerate(cells):
        top = _TOP + down * (_ROW + _NEXT)
        both, mono, poly = stacks.in_order(cell.best)
        gid = f"absolute-density-{cell.density:g}"
        axes = page.panel(_LEFT, top, style.WIDTH - _LEFT - 0.08, _ROW, gid=gid)
        stacks.grounds(axes, mono, poly)
        colours = style.SHARED(style.SHARED_RANGE(interference(both.W)))
        stacks.stack(axes, np.abs(both.W), colours, (0.0, 4.6))
        axes.set_yticks([0, 2, 4])
        page.write(0.08, top + 0.22, f"{style.BOLD_DENSITY} = {cell.density:g}", fontweight="bold")
        page.write(0.08, top + 0.42, f"{int(mono.sum())} mono", **style.NOTE)
        page.write(0.08, top + 0.57, f"{int(poly.sum())} poly", **style.NOTE)
        every = [int(stacks.in_order(run)[1].sum()) for run in cell.networks]
        words = f"{len(every)} runs: {span(every)} mono"
        page.write(0.08, top + 0.72, words, **style.FAINT_NOTE)
        if said := _PAPER.get(cell.density):
            page.write(0.08, top + 0.87, f"paper: {said} mono", **style.PAPER_NOTE)
    words = "neurons: monosemantic ones first, then by their most important feature"
    axes.set_xlabel(words, labelpad=3)
    formula = r"$\Sigma_{j \neq i} (\hat{W}_{1,i} \cdot W_{1,j})^2$"
    page.write(_LEFT, end + 0.2, f"feature shared with others, {formula}")
    shared_scale(page.panel(_LEFT, end + 0.28, 1.6, 0.08))
    stacks.kinds_key(page.blank(3.9, end + 0.1, 2.8, 0.3), "monosemantic", "polysemantic", 1.25)
    return page


COLUMNS = numbers.columns(
    panel=("name", "weight: one plotted, of the lowest-loss run; run: one, with its counts"),
    **numbers.RUN,
    monosemantic=("count", "monosemantic neurons of the run"),
    polysemantic=("count", "polysemantic neurons of the run"),
    **numbers.common("place", "neuron"),
    kind=stacks.KIND,
    **numbers.common("feature"),
    weight=("weight", "input weight |W_1| of the neuron to the feature, the largest scaled to 1"),
)


def rows(cells: TrainedCells) -> numbers.Rows:
    """A row for each run at each density, and for each weight plotted."""
    for cell in dense_first(cells):
        for place, network in enumerate(cell.networks):
            _, mono, poly = stacks.in_order(network)
            counts = {"monosemantic": int(mono.sum()), "polysemantic": int(poly.sum())}
            yield {"panel": "run", **numbers.of_run(cell, place), **counts}
        both, mono, poly = stacks.in_order(cell.best)
        order = neurons.order(neurons.layers_of(cell.best), signed=True)
        kinds = stacks.kinds_of(mono, ~(mono | poly))
        run = {"panel": "weight", **numbers.of_run(cell)}
        yield from stacks.stack_rows(run, order, kinds, weight=np.abs(both.W))
