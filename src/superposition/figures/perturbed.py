"""Five features in the plane, one of them denser or sparser: all good local solutions overlaid."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import FuncNorm
from matplotlib.ticker import MaxNLocator

from superposition.figures import Spec, style
from superposition.figures.parts import numbers, planes
from superposition.figures.parts.page import Page, colour_scale, log_axis
from superposition.measure.elementary import exp, log
from superposition.measure.geometry import planar
from superposition.measure.geometry.branches import PENTAGON, WITHOUT, Runs, by_relative_density
from superposition.measure.network import TrainedCells

_LOW_LOSS = 1.05
"""Runs are shown whose loss is less than this many times the lowest of their kind."""

SPEC = Spec(
    title="One feature denser or sparser than the other four",
    caption="Two kinds of local solutions for five features in two dimensions, one of them denser "
    "or sparser than the others; solutions are turned and mirrored into one orientation and laid "
    "over each other. Left, pentagons, with the varied feature pointing up: in the paper its "
    "neighbours are farther away the denser it is (yellow), and closer the sparser it is (blue). "
    "Middle, two digons, in which the varied feature is at zero: in the paper the best solution "
    "once it is sparse enough. Lines are the runs with the lowest loss of all at their density, "
    "thicker for sparser features, so that lines in the same place stay visible; small dots are "
    f"the other runs within {100 * (_LOW_LOSS - 1):.0f} % of the lowest loss of their kind. "
    "Omitted runs are counted at the bottom. Right, the angle between the varied feature and its "
    "neighbours.",
    section="Perturbing a Single Feature",
    experiments=("perturbed",),
    claims=("C36", "C37", "C38", "C40", "E9"),
)
_SIDE, _TITLE, _FOOT, _GAPS = 2.25, 0.55, 0.82, 1.5
"""Side of an overlay, room above and below it, and width of the panel of angles, inches."""
_NESTED = 5.0
"""How much thicker the sparsest of a panel is than the densest, so that equal ones show inside."""
_KINDS = (PENTAGON, WITHOUT)
_TICKS = (0.1, 0.2, 0.5, 1, 2, 4)


def plot(cells: TrainedCells) -> Page:
    """The figure, of cells that differ in the density of the last feature."""
    found = by_relative_density(run for cell in cells for run in cell.networks)
    relative = [runs.relative for runs in found]
    norm = FuncNorm((log, exp), min(*relative, 0.5), max(*relative, 2.0))
    page = Page(_TITLE + _SIDE + _FOOT)
    for x, kind, name, title, varied, offset in (
        (0.03, PENTAGON, "pentagons", "Pentagons", (0.0, 1.1), (22, 6)),
        (_SIDE + 0.05 + 0.03, WITHOUT, "digons", "Two digons, one at zero", (0.0, 0.0), (16, 24)),
    ):
        axes = page.panel(x, _TITLE, _SIDE, _SIDE, gid=f"overlay-{name}")
        planes.ground(axes, 1.36)
        _overlay(axes, found, kind, norm)
        best = [runs.relative for runs in found if _is_best(runs, kind)]
        words = "never the lowest loss"
        if best:
            words = f"lowest loss from × {min(best):.3g} to × {max(best):.3g}"
        _heading(axes, title, words)
        line = style.POINTER | {"linewidth": 0.5, "color": style.FAINT, "shrinkB": 4}
        how: style.Look = {"arrowprops": line, "va": "center", "zorder": 6, **style.NOTE}
        style.beside(axes, "varied feature ◆", varied, offset, **how)
    axes = page.panel(style.WIDTH - _GAPS - 0.08, _TITLE, _GAPS, _SIDE)
    _gaps(axes, found, norm)
    _heading(axes, "Gap to neighbours", "varied feature, pentagons")
    page.write(0.08, page.height - 0.08, _left_out(found), **style.FAINT_NOTE)
    scale, inside = page.panel(1.2, page.height - 0.68, 2.2, 0.08), "axes fraction"
    ticks = [tick for tick in _TICKS if 0 <= norm(tick) <= 1]
    colour_scale(scale, style.RELATIVE_DENSITY, norm, [f"× {t:g}" for t in ticks], ticks=ticks)
    style.beside(scale, "sparser", (0, 0.5), (-4, 0), inside, va="center", ha="right")
    style.beside(scale, "denser than the others", (1, 0.5), (4, 0), inside, va="center")
    return page


def _overlay(axes: Axes, found: Sequence[Runs], kind: str, norm: FuncNorm) -> None:
    """Plot the solutions of a kind; the lowest-loss run of all at a density with lines as well."""
    best = [runs.relative for runs in found if _is_best(runs, kind)]
    for runs in found:
        there = runs.of(kind)
        if not there.size:
            continue
        colour = style.RELATIVE_DENSITY(norm(runs.relative))
        _, turned = _overlaid(runs, kind)
        _tips(axes, turned, markersize=2.2, color=colour, alpha=0.35)
        if runs.relative in best:
            thin = _NESTED * (1.0 - best.index(runs.relative) / max(len(best) - 1, 1))
            line: style.Look = {"linewidth": 0.8 + thin, "solid_capstyle": "round"}
            for x, y in turned[0].T:
                axes.plot([0, x], [0, y], color=colour, zorder=3, **line)
            edge: style.Look = {"markeredgecolor": style.WHITE, "markeredgewidth": 0.3}
            _tips(axes, turned[:1], markersize=3.6 + thin, color=colour, zorder=5, **edge)


def _left_out(found: Sequence[Runs]) -> str:
    """How many runs are not laid over the others, and why, in words."""
    total = sum(len(runs.loss) for runs in found)
    of_both = sum(runs.of(kind).size for runs in found for kind in _KINDS)
    shown = sum(_low(runs, kind).size for runs in found for kind in _KINDS)
    return (
        f"Left and middle, {shown:,} of {total:,} runs: without {total - of_both:,} of other kinds "
        f"and {of_both - shown:,} with a higher loss"
    )


def _tips(axes: Axes, W: np.ndarray, **how: Any) -> None:
    """Plot the tips of columns of several runs, the varied feature's as diamonds."""
    options: style.Look = {"linestyle": "none", "markeredgewidth": 0, "zorder": 2} | how
    for columns, marker in ((W[..., :-1], "o"), (W[..., -1:], "D")):
        axes.plot(columns[:, 0].ravel(), columns[:, 1].ravel(), marker=marker, **options)


def _is_best(runs: Runs, kind: str) -> bool:
    """Whether the lowest loss of all is on this branch."""
    return runs.lowest(kind) <= float(runs.loss.min())


def _heading(axes: Axes, title: str, below: str) -> None:
    style.note(axes, 0.5, 1.1, title, ha="center", **style.BOLD)
    style.note(axes, 0.5, 1.02, below, ha="center", color=style.FAINT, fontsize=style.TEXT)


def _gaps(axes: Axes, found: Sequence[Runs], norm: FuncNorm) -> None:
    axes.axhline(72, **style.GUIDE)
    axes.axvline(1, **style.GUIDE)
    for runs in found:
        gaps = [_gap(W) for W in runs.W[runs.of(PENTAGON)]]
        how: style.Look = {"color": style.RELATIVE_DENSITY(norm(runs.relative))}
        x = [runs.relative] * len(gaps)
        axes.plot(x, gaps, "o", markersize=2.0, markeredgewidth=0, alpha=0.35, **how)
        how |= {"markeredgewidth": 0.3, "markeredgecolor": style.WHITE}
        axes.plot(x[:1], gaps[:1], "D", markersize=3.6, **how)
    log_axis(axes, _TICKS)
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter("{x:g}°")
    axes.set_xlabel("density / that of the others", labelpad=2)
    inside = axes.get_yaxis_transform()
    style.beside(axes, "72°, regular", (0, 72), (3, 2), inside, **style.FAINT_NOTE)


def _overlaid(runs: Runs, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Those of a kind with a low loss, the lowest first: their places, and W turned."""
    low = _low(runs, kind)
    return low, np.stack([planar.canonical(W, W.shape[1] - 1) for W in runs.W[low]])


def _low(runs: Runs, kind: str) -> np.ndarray:
    """The places of those of a kind with a low loss, the lowest first; of none if there is none."""
    there = runs.of(kind)
    return np.asarray(there[runs.loss[there] < _LOW_LOSS * runs.lowest(kind)])


def _gap(W: np.ndarray) -> float:
    """The angle between the varied feature and its neighbours, in degrees."""
    return float(planar.neighbour_gaps(W)[-1].mean())


COLUMNS = numbers.columns(
    panel=(
        "name",
        "overlay: a feature of a run that is laid over the others; gap: a run that is a pentagon",
    ),
    **numbers.common("experiment", "relative_density"),
    kind=("name", "the kind of solution"),
    rank=("number", "place of the run among those of its kind and density, by loss"),
    **numbers.common("loss"),
    is_lowest=("True or False", "whether this has the lowest loss of all runs at its density"),
    **numbers.common("feature", "x", "y"),
    gap=("degrees", "angle between the varied feature and its neighbours, mean of both"),
)


def rows(cells: TrainedCells) -> numbers.Rows:
    """A row for each feature of each run overlaid, and for each pentagon."""
    for runs in by_relative_density(run for cell in cells for run in cell.networks):
        place = {"experiment": cells[0].experiment, "relative_density": runs.relative}
        for kind in _KINDS:
            there = {**place, "kind": kind}
            if not runs.of(kind).size:
                continue
            for rank, (run, W) in enumerate(zip(*_overlaid(runs, kind), strict=True)):
                loss = float(runs.loss[run])
                is_lowest = rank == 0 and _is_best(runs, kind)
                row = {**there, "rank": rank, "loss": loss, "is_lowest": is_lowest}
                yield from numbers.along("feature", {"panel": "overlay", **row}, x=W[0], y=W[1])
        for rank, run in enumerate(runs.of(PENTAGON)):
            row = {**place, "kind": PENTAGON, "rank": rank, "loss": float(runs.loss[run])}
            yield {"panel": "gap", **row, "gap": _gap(runs.W[run])}
