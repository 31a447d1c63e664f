"""Loss of every local solution as one feature gets sparser: two branches that cross."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from superposition.figures import Spec, style
from superposition.figures.parts import numbers
from superposition.figures.parts.page import LOG, Page, log_axis
from superposition.measure.geometry import branches
from superposition.measure.geometry.branches import PENTAGON, WITHOUT, Runs
from superposition.measure.network import TrainedCells
from superposition.measure.structures.crossing import exact_crossing

_PAPER = 0.4
"""Relative density below which digons are best according to the paper."""

SPEC = Spec(
    title="The losses of pentagons and of digons, run by run",
    caption="Loss of every run, by the kind of solution it found, against the density of the "
    "varied feature relative to that of the others. Lines join the lowest losses of a kind. A "
    "kind that runs find on both sides of the crossing is a local minimum on both sides: then the "
    "change of the best solution is of first order. Right, the difference of the two lowest "
    "losses; the parabola fitted to it gives the crossing. The exact crossing, where both kinds "
    "at their best have the same expected loss, is grey. The paper finds the change at about "
    f"{1 / _PAPER:g} times sparser (red).",
    section="Perturbing a Single Feature",
    place=2,
    experiments=("perturbed",),
    claims=("C38", "C39"),
)
_KINDS: dict[str, tuple[str, str, str]] = {
    PENTAGON: (style.BLUE, "o", "pentagon"),
    WITHOUT: (style.VERMILION, "s", "two digons, varied feature at zero"),
    branches.WITHOUT_ANOTHER: (style.ORANGE, "D", "two digons, another at zero"),
    branches.ARM_SHARED: (style.GREEN, "^", "two digons, one arm shared"),
    branches.OTHER: (style.FAINT, "x", "other"),
}
"""Colour, mark and name of each kind of solution."""
_SCALE = 1e3
_MARK = 0.66
"""Up to where the crossing is marked, as a part of the height: below the legend."""
_MARK_BESIDE = 0.88
"""The same of the panel beside it."""


def plot(cells: TrainedCells) -> Page:
    """The figure, of cells that differ in the density of the last feature."""
    found = branches.by_relative_density(run for cell in cells for run in cell.networks)
    there = branches.crossing_of(found)
    page = Page(3.3)
    axes = page.add_axes((0.075, 0.13, 0.55, 0.77))
    beside = page.add_axes((0.72, 0.13, 0.265, 0.77))
    _losses(axes, found)
    exact = exact_crossing(cells[0].density)
    _difference(beside, found, there, exact)
    for panel, top in ((axes, _MARK), (beside, _MARK_BESIDE)):
        panel.axvline(exact, 0, top, color=style.FAINT, linewidth=0.9, zorder=1)
    axes.axvline(_PAPER, 0, _MARK, **style.PAPER_LINE, zorder=1)
    how: style.Look = {"coordinates": axes.get_xaxis_transform(), "va": "top"}
    style.beside(axes, f"paper ≈ {_PAPER:g}", (_PAPER, _MARK), (3, 0), **how, **style.PAPER_NOTE)
    how |= {"ha": "right", **style.NOTE}
    style.beside(axes, f"exactly {exact:.3f}", (exact, _MARK), (-3, 0), **how)
    style.heading(axes, "Loss of every run", 1.04)
    style.heading(beside, "Pentagon − digons", 1.04)
    return page


def _losses(axes: Axes, found: Sequence[Runs]) -> None:
    most = 0.0
    relative = np.array([one.relative for one in found])
    for kind, (colour, mark, _) in _KINDS.items():
        how: style.Look = {"color": colour, "markersize": 2.6, "alpha": 0.45, "zorder": 2}
        for one in found:
            losses = _SCALE * one.loss[one.of(kind)]
            places = np.full(losses.size, one.relative)
            axes.plot(places, losses, mark, markeredgewidth=0.6 if mark == "x" else 0, **how)
        if kind != branches.OTHER:
            lowest = _SCALE * np.array([one.lowest(kind) for one in found])
            axes.plot(relative, lowest, color=colour, linewidth=1.1, zorder=3)
            most = float(np.nanmax([most, *lowest]))
    axes.set_ylim(0, 1.1 * most if most else None)
    axes.set_xscale(LOG)
    low, high = axes.get_xlim()
    log_axis(axes, [tick for tick in (0.1, 0.2, 0.3, 0.4, 0.6, 1, 2, 4) if low <= tick <= high])
    axes.set_xlabel("density of the varied feature / that of the others", labelpad=2)
    axes.set_ylabel("loss × 1000", labelpad=3)
    # The legend.
    counts = Counter(kind for one in found for kind in one.kinds)
    style.note(axes, 0.02, 0.97, f"Of {counts.total():,} runs", va="center")
    for row, kind in enumerate((kind for kind in _KINDS if counts[kind]), 1):
        (colour, mark, name), y = _KINDS[kind], 0.97 - 0.053 * row
        dot: style.Look = {"color": colour, "markeredgewidth": 1 if mark == "x" else 0}
        axes.plot(0.035, y, mark, transform=axes.transAxes, markersize=4, **dot)
        style.note(axes, 0.06, y, f"{counts[kind]:,}  {name}", va="center")


def _difference(
    axes: Axes, found: Sequence[Runs], there: branches.Crossing | None, exact: float
) -> None:
    relative = np.array([one.relative for one in found])
    values = _SCALE * _differences(found)
    middle, factor = there.relative if there else _PAPER, branches.NEAR * 1.2
    near = np.isfinite(values) & (relative > middle / factor) & (relative < middle * factor)
    axes.axhline(0, color=style.INK, linewidth=0.6)
    dots: style.Look = {"color": style.INK, "markersize": 3.4, "markeredgewidth": 0, "zorder": 3}
    axes.plot(relative[near], values[near], "o", **dots)
    axes.axvline(_PAPER, 0, _MARK_BESIDE, **style.PAPER_LINE, zorder=1)
    foot: style.Look = {"coordinates": axes.get_xaxis_transform(), "rotation": 90}
    style.beside(axes, "paper", (_PAPER, 0.03), (3, 0), **foot, **style.PAPER_NOTE)
    style.beside(axes, "exact", (exact, 0.03), (3, 0), **foot, **style.FAINT_NOTE)
    if there:
        axes.plot(there.curve[0], _SCALE * there.curve[1], color=style.FAINT, linewidth=0.9)
        text = f"fit: zero at {there.relative:.3f}\n"
        text += f"runs: between {there.below:.3g} and {there.above:.3g}"
        ground = {"facecolor": style.WHITE, "edgecolor": "none", "pad": 1.5}
        how: style.Look = {"linespacing": 1.25, "bbox": ground, "zorder": 6}
        style.note(axes, 0.99, 0.99, text, va="top", ha="right", **how)
    axes.set_xlabel("relative density", labelpad=2)
    axes.set_ylabel("difference of lowest losses × 1000", labelpad=4)


def _differences(found: Sequence[Runs]) -> np.ndarray:
    """The lowest loss of pentagons less that of digons, at each density."""
    return np.array([one.lowest(PENTAGON) - one.lowest(WITHOUT) for one in found])


COLUMNS = numbers.columns(
    panel=(
        "name",
        "run: one; difference: of the two lowest losses; fit: the parabola fitted to it; "
        "crossing: where that is 0; exact: where both kinds have the same expected loss",
    ),
    **numbers.common("experiment", "relative_density"),
    kind=("name", "the kind of solution that the run found"),
    **numbers.common("loss"),
    difference=(
        "loss",
        "lowest loss of pentagons less that of digons with the varied feature at zero",
    ),
)


def rows(cells: TrainedCells) -> numbers.Rows:
    """A row for each run, for the difference at each density, and for its fit."""
    found = branches.by_relative_density(run for cell in cells for run in cell.networks)
    place = {"experiment": cells[0].experiment}
    for one in found:
        for kind, loss in sorted(zip(one.kinds, one.loss, strict=True)):
            row = {"panel": "run", **place, "relative_density": one.relative}
            yield {**row, "kind": kind, "loss": loss}
    for one, difference in zip(found, _differences(found), strict=True):
        row = {"panel": "difference", **place, "relative_density": one.relative}
        yield {**row, "difference": difference}
    if there := branches.crossing_of(found):
        for relative, difference in there.curve.T:
            yield {"panel": "fit", "relative_density": relative, "difference": difference}
        yield {"panel": "crossing", "relative_density": there.relative, "difference": 0.0}
    yield {"panel": "exact", "relative_density": exact_crossing(cells[0].density)}
