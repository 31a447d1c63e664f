"""How many neurons are monosemantic at each density, by several rules; and what they compute."""

import numpy as np
from matplotlib.axes import Axes

from superposition.figures import Spec, style
from superposition.figures.parts import numbers
from superposition.figures.parts.page import Page, log_axis
from superposition.measure import neurons
from superposition.measure.network import Network, TrainedCells, dense_first

SPEC = Spec(
    title="Monosemantic neurons, by the rule that counts them",
    caption="Left, the part of the neurons that are monosemantic, if a neuron counts as "
    "polysemantic once its second weight is at least a given part of its largest (thick: the rule "
    "of the other figures; dots are single runs). Red crosses are the paper's, where it is "
    "unmistakable. Right, the second largest weights of all neurons of all runs in order: where a "
    "curve is steep at the dashed line, the rule hardly matters.",
    section="Computation in Superposition",
    place=3,
    experiments=("absolute",),
    claims=("C60",),
)
_THRESHOLDS = (0.05, 0.1, 0.2, 0.3, 0.5)
_PAPER = {1.0: 1.0, 0.3: 1.0, 0.001: 0.0}
"""The part of neurons that the paper's figure has on its ground for monosemantic ones."""


def plot(cells: TrainedCells) -> Page:
    """The figure, of absolute value models."""
    cells = dense_first(cells)
    page = Page(3.0)
    _fractions(page.add_axes((0.08, 0.16, 0.4, 0.68)), cells)
    _shares(page.add_axes((0.58, 0.16, 0.4, 0.68)), cells)
    return page


def _fractions(axes: Axes, cells: TrainedCells) -> None:
    places = [cell.density for cell in cells]
    for threshold, colour in zip(_THRESHOLDS, style.thresholds(len(_THRESHOLDS)), strict=True):
        parts = [[_part(run, threshold) for run in cell.networks] for cell in cells]
        chosen = threshold == neurons.SECONDARY
        how: style.Look = {"label": f"{threshold:g}", "gid": f"monosemantic-{threshold:g}"}
        means = [float(np.mean(one)) for one in parts]
        axes.plot(places, means, color=colour, linewidth=2.0 if chosen else 0.9, **how)
        for place, one in zip(places, parts, strict=True) if chosen else ():
            axes.plot([place] * len(one), one, "o", color=colour, markersize=3)
    cross: style.Look = {"markersize": 6, "markeredgewidth": 1.3, "clip_on": False, "zorder": 4}
    for place, part in _PAPER.items():
        if np.isclose(places, place).any():
            axes.plot(place, part, "x", color=style.PAPER_MARK, **cross)
    axes.text(0.0011, 0.05, "paper", color=style.PAPER_MARK, ha="right", va="bottom")
    words = "polysemantic from a second\n$|W_1|$ of this part of the first"
    axes.legend(title=words, labelspacing=0.3, loc="lower left")
    log_axis(axes, (1, 0.1, 0.01, 0.001))
    axes.set(ylim=(-0.03, 1.03), xlim=(1.3, min(places) / 1.3), xlabel="feature density $1 - S$")
    axes.set_ylabel("part of neurons that are monosemantic")


def _part(run: Network, threshold: float) -> float:
    both = neurons.layers_of(run)
    mono = neurons.is_monosemantic(both, True, threshold).sum()
    return float(mono / max((~neurons.is_silent(both, True)).sum(), 1))


def _shares(axes: Axes, cells: TrainedCells) -> None:
    for cell, colour in zip(cells, style.ordered(len(cells)), strict=True):
        second = [neurons.second_share(neurons.layers_of(run).W, True) for run in cell.networks]
        every = np.sort(second, axis=None)
        place = (np.arange(every.size) + 0.5) / every.size
        axes.plot(place, every, color=colour, linewidth=1.4, label=f"{cell.density:g}")
    axes.axhline(neurons.SECONDARY, color=style.FAINT, linewidth=0.8, linestyle="--")
    row: style.Look = {"ncols": len(cells), "handlelength": 0.8, "columnspacing": 0.8}
    row |= {"handletextpad": 0.3, "loc": "lower center", "bbox_to_anchor": (0.48, 0.98)}
    axes.legend(title="$1 - S$", **row)
    axes.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="part of all neurons, in order")
    axes.set_ylabel("second largest $|W_1|$ / largest")


COLUMNS = numbers.columns(
    panel=("name", "part: of one run, by one threshold; neuron: one of one run"),
    **numbers.RUN,
    threshold=(
        "share",
        "part of the largest weight from which a second one makes a neuron polysemantic",
    ),
    monosemantic=("share", "part of the neurons with any effect that are monosemantic"),
    **numbers.common("neuron"),
    second_share=("share", "second largest |W_1| of the neuron over its largest"),
)


def rows(cells: TrainedCells) -> numbers.Rows:
    """A row for each run and threshold, and for each neuron of each run."""
    for cell in dense_first(cells):
        for place, network in enumerate(cell.networks):
            run = numbers.of_run(cell, place)
            for threshold in _THRESHOLDS:
                part = {"threshold": threshold, "monosemantic": _part(network, threshold)}
                yield {"panel": "part", **run, **part}
            shares = neurons.second_share(neurons.layers_of(network).W, True)
            yield from numbers.along("neuron", {"panel": "neuron", **run}, second_share=shares)
