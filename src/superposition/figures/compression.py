"""Two numbers packed into one by a staircase of ReLUs, and what that loses."""

from functools import cache
from typing import Final

import numpy as np
from matplotlib.axes import Axes

from superposition.figures import Spec, style
from superposition.figures.parts import numbers
from superposition.figures.parts.page import Page
from superposition.measure.network import TrainedCells
from superposition.measure.theory.compression import LINEAR, relus, staircase
from superposition.measure.theory.compression import error as exact_error

_EXAMPLE = (3, 0.1)
"""Z and ε of the paper's example."""

SPEC = Spec(
    title="Two numbers packed into one by a staircase",
    caption="Nonlinear compression: x is rounded to one of Z values, and y fills the gap between "
    "two of them. Ramps made of ReLUs replace the jumps. Left, the number t that x and y are "
    "packed into; where x is on a ramp, both are lost. Right, the error of x and y after "
    "unpacking, against the width ε of the ramps: as a part of a step, so that t climbs with "
    "slope 1/ε (solid), or as a part of the whole range, for both packing and unpacking (dashed); "
    f"the paper's words allow both readings. Its example, ε = {_EXAMPLE[1]:g} and Z = "
    f"{_EXAMPLE[0]}, is red.",
    section="Nonlinear Compression",
    claims=("C66",),
)
_VALUES = {2: style.ORANGE, 3: style.VERMILION, 5: style.BLUE, 10: style.PURPLE}
"""Z, and its colour."""
_EPSILON = np.array([0.001, *np.round(np.arange(0.01, 0.301, 0.01), 3)])
_SCALE = 100
_READINGS: Final = ((False, "-", "o"), (True, (0, (2, 1.5)), "s"))
"""ε of a step, or of the whole range; the line, and the mark of the example."""

error = cache(exact_error)
"""The error of both numbers, for the curves and the table."""


def plot(cells: TrainedCells) -> Page:
    """The figure; it is mathematics, and needs no cells."""
    page = Page(2.9)
    _packing(page.add_axes((0.07, 0.16, 0.3, 0.66)))
    _errors(page.add_axes((0.49, 0.16, 0.35, 0.66)))
    return page


def _packing(axes: Axes) -> None:
    Z, epsilon = _EXAMPLE
    x = np.linspace(0, 1, 601)
    stairs = staircase(Z * x, Z, epsilon)
    for y, colour in zip((0.0, 0.25, 0.5, 0.75, 1.0), style.ordered(5, 0.0, 0.9), strict=True):
        axes.plot(x, (stairs + y) / Z, color=colour, linewidth=1.2)
        end = (stairs[-1] + y) / Z
        axes.text(1.02, end, f"y = {y:g}", va="center", color=colour, **style.NOTE)
    for k in range(1, Z):
        for guide in (axes.axvline, axes.axhline):
            guide(k / Z, color=style.GRID, linewidth=0.6, zorder=0)
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.set_xlabel("x", labelpad=1)
    axes.set_ylabel("what both are packed into, t", labelpad=2)
    style.heading(axes, f"Z = {Z} values of x, ε = {epsilon:g}", 1.12)


def _errors(axes: Axes) -> None:
    for Z, colour in _VALUES.items():
        for by_range, dashes, _ in _READINGS:
            errors = [_SCALE * error(Z, e, by_range) for e in _EPSILON.tolist()]
            axes.plot(_EPSILON, errors, color=colour, linestyle=dashes, linewidth=1.2)
    place = -np.inf
    for end, Z in sorted((_SCALE * error(Z, float(_EPSILON[-1])), Z) for Z in _VALUES):
        place = max(end, place + 0.52)
        words = f"Z = {Z}, {relus(Z)} ReLUs"
        axes.text(0.304, place, words, color=_VALUES[Z], va="center", **style.NOTE)
    axes.axhline(_SCALE * LINEAR, color=style.INK, linewidth=1.0)
    words = "best linear packing, 1/12: one or the average"
    axes.text(0.005, _SCALE * LINEAR + 0.12, words, **style.NOTE)
    Z, epsilon = _EXAMPLE
    for by_range, dashes, mark in _READINGS:
        height = _SCALE * error(Z, epsilon, by_range)
        axes.plot(epsilon, height, mark, color=style.PAPER_MARK, markersize=4.5, zorder=5)
        y, words = (0.12, "ε of the range") if by_range else (0.2, "ε of a step")
        key: style.Look = {"color": style.FAINT, "linestyle": dashes, "linewidth": 1.2}
        axes.plot([1.03, 1.13], [y, y], clip_on=False, transform=axes.transAxes, **key)
        style.note(axes, 1.15, y, words, va="center")
    line = style.POINTER | {"color": style.PAPER_MARK, "linewidth": 0.6}
    example = (epsilon, _SCALE * error(Z, epsilon))
    how: style.Look = {"color": style.PAPER_MARK, "arrowprops": line, **style.NOTE}
    axes.annotate("the paper's example", example, (0.125, 0.75), **how)
    axes.set(xlim=(0, 0.3), ylim=(0, 9.2))
    axes.set_xlabel("ε, how wide the ramps are", labelpad=1)
    axes.set_ylabel("mean squared error × 100", labelpad=3)
    style.heading(axes, "What is lost of x and y together", 1.12)


COLUMNS = numbers.columns(
    panel=("name", "packing: what two numbers are packed into; error: of both, unpacked"),
    Z=("count", "values that x is rounded to"),
    relus=("count", "ReLUs that the packing takes"),
    epsilon=("share", "ε, how wide the ramps are"),
    of_range=("True or False", "whether ε is a part of the whole range, or else of a step"),
    x=("number in [0, 1]", "the number that is rounded"),
    y=("number in [0, 1]", "the number that fills the gap between two of its values"),
    t=("number in [0, 1]", "what both are packed into"),
    error=("squared error", "mean squared error of x and y after unpacking"),
    linear=("squared error", "the same for the best linear packing"),
)


def rows(_: TrainedCells) -> numbers.Rows:
    """A row for each of some places of the staircase, and for each error."""
    Z, epsilon = _EXAMPLE
    x = np.linspace(0, 1, 61)
    for y in (0.0, 0.25, 0.5, 0.75, 1.0):
        for one, t in zip(x, (staircase(Z * x, Z, epsilon) + y) / Z, strict=True):
            yield {"panel": "packing", "Z": Z, "epsilon": epsilon, "x": one, "y": y, "t": t}
    for Z in _VALUES:
        for by_range, _line, _mark in _READINGS:
            for epsilon in _EPSILON.tolist():
                row = {"panel": "error", "Z": Z, "relus": relus(Z), "epsilon": epsilon}
                lost = {"error": error(Z, epsilon, by_range), "linear": LINEAR}
                yield {**row, "of_range": by_range, **lost}
