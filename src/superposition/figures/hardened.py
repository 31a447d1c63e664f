"""What adversarial training does to superposition."""

import numpy as np

from superposition.figures import Spec, style
from superposition.figures.parts.levels import curves, medians
from superposition.figures.parts.page import Page
from superposition.measure.geometry.dimensions import features_per_dimension
from superposition.measure.metrics import is_superposed
from superposition.measure.network import TrainedCells
from superposition.measure.robustness import under_attack, vulnerability

SPEC = Spec(
    title="Adversarial training reduces superposition",
    caption="Models that were shown every sample under an attack along a row of WᵀW, drawn at "
    "random, against the length of these attacks. Left, learned features (‖W_i‖ > 0.5) that "
    "share their direction with others, per dimension (full), and all features, counted by ‖W‖² "
    "(dotted), which falls as well where they only get shorter. Middle, vulnerability to attacks "
    "of a tenth of the mean input, as in the figure before. Right, what it costs on samples that "
    "are not attacked. "
    "Dots are runs, lines medians; the paper needs attacks of 0.8 (red).",
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
    page = Page(2.7)
    for left, title, label in (
        (0.07, "Superposition", "features per dimension"),
        (0.40, "Vulnerability", r"$(L^{\prime} - L)\, /\, (L^{\prime}_0 - L_0)$"),
        (0.735, "Price", "clean loss / that without attacks"),
    ):
        axes = page.add_axes((left, 0.165, 0.255, 0.72), ylabel=label)
        axes.set_xlabel("attack in training / mean input")
        style.heading(axes, title)
        axes.axhline(1, **style.GUIDE)
        axes.axvline(_PAPER, **style.PAPER_LINE, zorder=0)
    first, middle, last = page.axes
    for curve, how in curves(cells, "attack"):
        attacks = [float(cell.swept["attack"]) for cell in curve]
        clean = [np.array([under_attack(run).clean for run in cell.networks]) for cell in curve]
        shared = [is_superposed(cell.W).sum(axis=-1) / cell.W.shape[1] for cell in curve]
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
    lines = [
        first.plot([], [], marks, color=style.INK, label=words, **_LINE)[0]
        for marks, words in (("-", "sharing directions"), (":", r"$\Vert W \Vert_F^2 / m$"))
    ]
    first.legend(handles=lines, loc="upper right", handlelength=1.6)
    last.legend(loc="lower right", handlelength=1.6)
    above, words = middle.get_xaxis_transform(), "paper: superposition\ngone at 0.8 "
    middle.text(_PAPER, 0.98, words, transform=above, va="top", ha="right", **style.PAPER_NOTE)
    return page
