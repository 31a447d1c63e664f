"""What adversarial training does to superposition."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from superposition.figures import Spec, style
from superposition.figures.parts import numbers
from superposition.figures.parts.levels import curves, medians
from superposition.figures.parts.page import Page
from superposition.measure.geometry.dimensions import features_per_dimension
from superposition.measure.metrics import LEARNED, is_superposed
from superposition.measure.network import TrainedCell, TrainedCells
from superposition.measure.robustness import SIZE, under_attack, vulnerability

SPEC = Spec(
    title="Superposition after adversarial training",
    caption="Models trained with an attack on every sample, along a randomly drawn row of WᵀW, "
    f"against the length of these attacks. Left, learned features (‖W_i‖ > {LEARNED:g}) that "
    "share their direction with others, per dimension (solid), and all features, counted by ‖W‖² "
    "(dotted), which also falls where features only get shorter. Middle, vulnerability to attacks "
    f"of {100 * SIZE:g} % of the mean input, as in the figure before. Right, the loss on samples "
    "that are not attacked. Dots are runs, lines medians; grey, one feature per dimension, and "
    "the values without superposition or without attacks; dashed, the attacks at which the paper "
    "says that superposition is gone.",
    section="Superposition and Adversarial Robustness",
    place=2,
    experiments=("hardened",),
    claims=("C53",),
)
_PAPER = 0.8
"""Attacks that the paper needs to remove superposition, in mean input lengths."""
_LINE: style.Look = {"linewidth": 1.3}
_MARKS = {"linestyle": "none", "markersize": 2.4}


def plot(cells: TrainedCells) -> Page:
    """The figure, of cells that differ in the attacks they were trained under."""
    page = Page(2.95)
    for left, title, label in (
        (0.07, "Superposition", "features per dimension"),
        (0.40, "Vulnerability", r"$(L^{\prime} - L)\, /\, (L^{\prime}_0 - L_0)$"),
        (0.735, "Price", "clean loss / that without attacks"),
    ):
        axes = page.add_axes((left, 0.235, 0.255, 0.66), ylabel=label)
        axes.set_xlabel("attack in training / mean input")
        style.heading(axes, title)
        axes.axhline(1, **style.GUIDE)
        axes.axvline(_PAPER, **style.PAPER_LINE, zorder=0)
    first, middle, last = page.axes
    for curve, how in curves(cells, "attack"):
        attacks = [float(cell.swept["attack"]) for cell in curve]
        clean = list(map(_clean, curve))
        shared = list(map(_shared, curve))
        for axes, values in (
            (first, shared),
            (middle, [np.array(list(map(vulnerability, cell.networks))) for cell in curve]),
            (last, [losses / np.median(clean[0]) for losses in clean]),
        ):
            medians(axes, attacks, values, {"marker": "o", **_MARKS}, **how, **_LINE)
        squared = [features_per_dimension(cell.W) for cell in curve]
        medians(first, attacks, squared, {"marker": "s", **_MARKS}, linestyle=":", **how, **_LINE)
    for axes in page.axes:
        axes.set_ylim(0)
        axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
        axes.yaxis.set_major_formatter("{x:g}")
    _key(page, last)
    return page


def _key(page: Page, axes: Axes) -> None:
    """Name all lines of the figure in one row at its foot; these axes have those of densities."""
    densities = [line for line in axes.lines if "S$" in str(line.get_label())]
    paper = f"paper: superposition gone at {_PAPER:g}"
    kinds = [
        Line2D([], [], label=words, **look)
        for words, look in (
            ("sharing directions", _LINE | {"color": style.INK}),
            (r"$\Vert W \Vert_F^2 / m$", _LINE | {"color": style.INK, "linestyle": ":"}),
            (paper, style.PAPER_LINE),
        )
    ]
    how: style.Look = {"ncols": 3 + min(len(densities), 3), "handlelength": 1.8}
    page.legend(handles=[*densities, *kinds], loc="lower center", columnspacing=1.6, **how)


def _clean(cell: TrainedCell) -> np.ndarray:
    """The loss of each run on samples that are not attacked."""
    return np.array([under_attack(run).clean for run in cell.networks])


def _shared(cell: TrainedCell) -> np.ndarray:
    """Learned features that share their direction with others, per dimension, of each run."""
    return np.asarray(is_superposed(cell.W).sum(axis=-1) / cell.W.shape[1])


COLUMNS = numbers.columns(
    **numbers.common("experiment", "model", "density"),
    attack=("mean inputs", "length of the attacks in training, over that of the mean input"),
    **numbers.common("run", "loss", "is_best"),
    shared=(
        "features per dimension",
        f"learned features (‖W_i‖ > {LEARNED:g}) that share their direction with others, per "
        "dimension",
    ),
    **numbers.common("features_per_dimension"),
    vulnerability=("ratio", "loss added by attacks, over what they add without superposition"),
    clean_loss=(
        "ratio",
        "loss on samples that are not attacked, over the median of runs trained without",
    ),
)


def rows(cells: TrainedCells) -> numbers.Rows:
    """A row for each run of each cell."""
    for curve, _ in curves(cells, "attack"):
        without = np.median(_clean(curve[0]))
        for cell in curve:
            found = {
                "shared": _shared(cell),
                "features_per_dimension": features_per_dimension(cell.W),
                "vulnerability": [vulnerability(network) for network in cell.networks],
                "clean_loss": _clean(cell) / without,
            }
            for place, values in enumerate(zip(*found.values(), strict=True)):
                run = {**numbers.of_run(cell, place), "attack": cell.swept["attack"]}
                yield {**run, **dict(zip(found, values, strict=True))}
