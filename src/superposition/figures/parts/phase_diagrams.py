"""The paper's phase diagrams: what becomes of one feature too many, in theory and in training.

Across, the importance of that extra feature, the last, relative to the others; down, sparser and
sparser features. A colour of two dimensions, as in the paper, says how long the extra feature's
direction is and how much it is shared.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import matplotlib.patheffects as effects
import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes

from superposition.figures import style
from superposition.figures.parts import numbers
from superposition.figures.parts.page import Page
from superposition.measure import metrics
from superposition.measure.caching import cached
from superposition.measure.elementary import log10, power
from superposition.measure.metrics import interference, norms
from superposition.measure.network import TrainedCell, TrainedCells
from superposition.measure.theory import phase, two_features
from superposition.measure.theory.two_features import expected_losses
from superposition.model.weights import lowest

Reading = list[tuple[float, float]]
"""Of each cell, the length of the extra feature and how much it shares."""

_LEFT, _GAP, _TOP, _FOOT, _KEY = 0.52, 0.2, 0.42, 0.42, 1.3
_PANEL = (style.WIDTH - _LEFT - 2 * _GAP - 0.14) / 3
ROW = _TOP + _PANEL + 0.32
HEIGHT = _TOP + _PANEL + _FOOT + _KEY
"""From a row of panels to the next, and of a page with one row, in inches."""
_TITLE: style.Look = {"linespacing": 1.2, "pad": 5}
_REGION: style.Look = {"fontsize": style.SMALL - 0.5}
_LEADING = 7.4
"""Letters in the regions of theory, and points from one line of them to the next: small, for the
lowest region has just room for two lines."""
_PLACES = 41
"""At which the exact boundary is found; an odd number, so that 1× is one of them."""
_EXACT: style.Look = {"color": style.BLACK, "linewidth": 0.9}
_EXACT["path_effects"] = [effects.withStroke(linewidth=1.9, foreground=style.WHITE)]
_SIMPLE = _EXACT | {"linestyle": (0, (4, 2))}
_MARKS: style.Look = {
    "linestyle": "none", "marker": "o", "markersize": 3.0, "markerfacecolor": style.WHITE,
    "markeredgecolor": style.PAPER_MARK, "markeredgewidth": 0.9, "zorder": 4,
}  # fmt: skip
_SQUARE: style.Look = {"linestyle": "none", "marker": "s", "markersize": 7}
MEANINGS: Sequence[tuple[str, style.Look]] = (
    ("extra feature e not represented", {"color": style.PHASE_ABSENT, **_SQUARE}),
    ("it has a dimension of its own", {"color": style.PHASE_ALONE, **_SQUARE}),
    ("it is in superposition", {"color": style.PHASE_SHARED, **_SQUARE}),
)
"""What the colours mean, in words."""
_SHARES, _CLEARLY = 0.5, 1.5
"""Interference of a feature that shares its dimension, and the importance, relative to the others,
from which on a feature is so much more important that it is worth a dimension of its own."""
_PIXELS = 400
"""Of a diagram, each way. Every cell is many of them, so that no viewer smooths it away."""

_exact_boundary = cached(1)(two_features.boundary)
"""The boundary of the pair by the exact loss, for both panels and the table."""


def plot_diagrams(cells: TrainedCells) -> Page:
    """The figure of n = m + 1 features at all densities and relative importances."""
    runs, n_hidden, _ = cells[0].weights.W.shape
    page = Page(HEIGHT)
    panels = [panel(page, column, cells) for column in range(3)]
    _regions(panels[0], n_hidden)
    panels[0].set_ylabel("feature density $1 - S$", labelpad=2)
    others = "other" if n_hidden == 1 else "others"
    panels[1].set_xlabel(f"importance of the extra feature relative to the {others}", labelpad=3)
    number = {3: "three", 4: "four"}[len(phase.solutions(n_hidden))]
    panels[0].set_title(f"theory: the lowest of\n{number} simple losses", **_TITLE)
    panels[1].set_title(f"trained: mean of all\nbut the worst of {runs} runs", **_TITLE)
    diagram(panels[1], cells, mean_of_all_but_the_worst(cells))
    panels[2].set_title(f"trained: the run with the\nlowest loss of {runs}", **_TITLE)
    best = of_lowest_loss(cells)
    diagram(panels[2], cells, best)
    if n_hidden > 1:
        _name_missed(panels[2], missed(cells, best), runs)
    _boundaries(panels, n_hidden)
    key(page, _entries(n_hidden))
    return page


def key(page: Page, entries: Sequence[tuple[str, style.Look]] = MEANINGS) -> None:
    """What the colours say of the extra feature, at the foot of a page, and what else there is."""
    axes = page.panel(_LEFT + 0.3, page.height - 0.4 - 0.86, 0.86, 0.86)
    shared, norm = np.meshgrid(np.linspace(0, 1, 128), np.linspace(0, 1, 128))
    _image(axes, style.phase(norm, shared), origin="lower")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_ticks([0, 1], ["0", "≥ 1"])
    axes.spines[:].set(visible=True)
    axes.set_ylabel(r"$\Vert W_e \Vert$", labelpad=-2)
    axes.set_xlabel(r"$\Sigma_{j \neq e} (\hat{W}_e \cdot W_j)^2$", labelpad=1)
    legend = page.blank(0, page.height - _KEY, style.WIDTH, _KEY)
    left, top, step = 2.15, _KEY - 0.16, 0.19
    for k, (words, how) in enumerate(entries):
        y = top - k * step
        ends = [left] if how.get("marker") else [left - 0.13, left + 0.13]
        legend.plot(ends, [y] * len(ends), **how)
        legend.text(left + 0.22, y, words, va="center_baseline")


def mean_of_all_but_the_worst(cells: TrainedCells) -> Reading:
    """‖W_extra‖ and its superposition of each cell, averaged as in the paper.

    The paper discards the model with the highest loss. It does not say what it averages: here the
    two quantities that are shown, as weights differ in sign from run to run.
    """

    def mean(of: Callable[[np.ndarray], np.ndarray], cell: TrainedCell) -> float:
        return float(metrics.mean_of_all_but_the_worst(of(cell.W)[:, -1], cell.loss))

    return [(mean(norms, cell), mean(interference, cell)) for cell in cells]


def of_lowest_loss(cells: TrainedCells) -> Reading:
    """‖W_extra‖ and its superposition in the run of each cell with the lowest loss.

    Of two features the lowest expected loss, which is known for ReLU outputs; else that on a
    sample.
    """
    exact = cells[0].best.W.shape[0] == 1 and cells[0].model == "relu"
    losses = expected_losses(cells) if exact else [cell.loss for cell in cells]
    best = [cell.W[lowest(loss)] for cell, loss in zip(cells, losses, strict=True)]
    return [(float(norms(W)[-1]), float(interference(W)[-1])) for W in best]


def missed(cells: TrainedCells, best: Reading) -> list[TrainedCell]:
    """Cells in which the extra feature, clearly the most important, shares in every run.

    Of three features in two dimensions it has a dimension of its own in the best solution.
    """
    red = [cell for cell, (_, shared) in zip(cells, best, strict=True) if shared > _SHARES]
    important = [cell for cell in red if cell.relative > _CLEARLY]
    return [cell for cell in important if _sharing(cell) == len(cell)]


def _sharing(cell: TrainedCell) -> int:
    """In how many runs the extra feature shares its dimension."""
    return int((interference(cell.W)[:, -1] > _SHARES).sum())


def _name_missed(axes: Axes, cells: TrainedCells, runs: int) -> None:
    """Say of cells whose runs all missed the best solution that they did, and point to them."""
    words = f"none of {runs} runs\ngives it a\ndimension"
    how: style.Look = {"color": style.WHITE, "va": "center", "ha": "center", **style.NOTE}
    for cell in cells:
        place = float(log10(cell.relative)), float(log10(cell.density))
        line = style.POINTER | {"color": style.WHITE, "linewidth": 0.7, "shrinkB": 4}
        axes.annotate(words, place, (0.55, -1.45), arrowprops=line, linespacing=1.25, **how)


def _regions(axes: Axes, n_hidden: int) -> None:
    """Fill the regions in which each solution is best, and name them."""
    x = np.linspace(*axes.get_xlim(), 401)
    bottom, top = axes.get_ylim()
    edge = log10(phase.boundary(n_hidden, power(10.0, x)))
    for solution in phase.solutions(n_hidden):
        others_share = solution.name == "others_in_pair"
        shown = norms(solution.W)[-1:], interference(solution.W)[-1:]
        colour: Any = style.PHASE_OTHERS_SHARE if others_share else style.phase(*shown)[0]
        below = bool(solution.paired)
        side = x <= 0 if solution.name in ("ignore_extra", "extra_in_pair") else x >= 0
        if below and n_hidden == 1:
            side = np.ones_like(side)
        ends = (bottom, edge[side]) if below else (edge[side], top)
        axes.fill_between(x[side], *ends, color=colour, linewidth=0)
        height = (
            (bottom + edge.max()) / 2
            if below
            else (-0.16 if n_hidden == 1 else (edge.max() + top) / 2)
        )
        look: style.Look = {"ha": "center", "va": "center_baseline", **_REGION}
        look["color"] = style.letters_on(colour)
        lines = _describe(solution)
        for k, line in enumerate(lines):
            away = 0, _LEADING * ((len(lines) - 1) / 2 - k)
            style.beside(axes, line, (float(np.mean(x[side])), height), away, **look)


def _describe(solution: phase.Solution) -> list[str]:
    """A solution's W, as the paper gives it, and what it means, in lines."""
    words = {
        "ignore_extra": ["extra left out"],
        "ignore_other": ["another left out"],
        "extra_in_pair": ["extra in", "antipodal pair"],
        "others_in_pair": ["two others in", "antipodal pair"],
    }
    m, n = solution.W.shape
    if m == 1:
        entries = ", ".join(f"{w:g}".replace("-", "−") for w in solution.W[0])
        words["extra_in_pair"], words["ignore_other"] = ["antipodal pair"], ["extra alone"]
        return [f"$W = [{entries}]$", *words[solution.name]]
    silent = ("1" if i in (solution.ignored or solution.paired) else "0" for i in range(n))
    return [rf"$W \perp [{', '.join(silent)}]$", *words[solution.name]]


def _boundaries(panels: Sequence[Axes], n_hidden: int) -> None:
    """Plot those of the simple solutions, that of the pair by the exact loss, and the paper's."""
    across, (start, top) = panels[0].get_xlim(), panels[0].get_ylim()
    x, few = np.linspace(*across, 401), np.linspace(*across, _PLACES)
    if n_hidden == 1:
        start = float(log10(phase.boundary(n_hidden, np.ones(1)))[0])
    for axes in panels[1:]:
        axes.plot(x, log10(phase.boundary(n_hidden, power(10.0, x))), **_SIMPLE)
        axes.plot([0, 0], [start, top], **_SIMPLE)
        axes.plot(few, log10(_exact_boundary(power(10.0, few), n_hidden)), **_EXACT)
    if n_hidden == 1:
        papers = phase.paper_boundary("theory"), *[phase.paper_boundary("experiment")] * 2
        for axes, boundary in zip(panels, papers, strict=True):
            axes.plot(*log10(np.array(boundary)), **_MARKS)


def panel(page: Page, column: int, cells: TrainedCells, row: int = 0) -> Axes:
    """One diagram's axes: log10 of the relative importance, and of the density upwards."""
    x, y = _LEFT + column * (_PANEL + _GAP), _TOP + row * ROW
    axes = page.panel(x, y, _PANEL, _PANEL)
    axes.set_xticks([-1, 0, 1], ["0.1×", "1×", "10×"])
    # Within the panel: the first and last of neighbouring panels would touch.
    first, _, last = axes.get_xticklabels()
    first.set_horizontalalignment("left")
    last.set_horizontalalignment("right")
    axes.set_yticks([0, -1, -2], ["1", "0.1", "0.01"] if column == 0 else [])
    relative, density = {cell.relative for cell in cells}, {cell.density for cell in cells}
    # Last: ticks would widen them.
    axes.set(xlim=_ends(sorted(relative)), ylim=_ends(sorted(density, reverse=True))[::-1])
    axes.spines[:].set(visible=True, zorder=5)
    return axes


def _ends(values: Sequence[float]) -> tuple[float, float]:
    """log10 of where the pixels of evenly spaced values begin and end."""
    places = log10(values)
    half = (places[1] - places[0]) / 2 if places.size > 1 else 0.05
    return float(places[0] - half), float(places[-1] + half)


def diagram(axes: Axes, cells: TrainedCells, reading: Reading) -> None:
    """Colour a panel by the reading of cells."""
    relative, column = np.unique([cell.relative for cell in cells], return_inverse=True)
    sparsity, row = np.unique([-cell.density for cell in cells], return_inverse=True)
    values = np.full((sparsity.size, relative.size, 2), np.nan)
    values[row, column] = reading
    fine = (np.arange(_PIXELS) + 0.5) / _PIXELS
    pixels = np.ix_(*((fine * size).astype(int) for size in values.shape[:2]))
    _image(axes, style.phase(values[..., 0], values[..., 1])[pixels], zorder=0)


def _image(axes: Axes, picture: Float[np.ndarray, "rows columns 3"], **how: Any) -> None:
    """Plot a picture over all of a panel."""
    picture = np.nan_to_num(picture, nan=1.0)  # a cell that is not there stays white
    pixels, extent = np.round(picture * 255).astype(np.uint8), (*axes.get_xlim(), *axes.get_ylim())
    how |= {"aspect": "auto", "interpolation": "none"}
    axes.imshow(pixels, extent=extent, **how)


def _entries(n_hidden: int) -> list[tuple[str, style.Look]]:
    """The words and looks of all that is in the diagrams of trained models and of theory."""
    entries = [
        *MEANINGS,
        ("boundaries of the simple solutions", _SIMPLE),
        ("boundary of the pair by the exact loss, with biases", _EXACT),
    ]
    if n_hidden == 1:
        words = "boundary of superposition read off the paper's figure"
        entries.append((words, _MARKS))
    else:
        two = "the same, and two others share (lighter in theory only)"
        entries.insert(2, (two, {"color": style.PHASE_OTHERS_SHARE, **_SQUARE}))
    return entries


READINGS: Final = numbers.columns(
    norm_mean=(
        "length",
        "‖W_e‖ of the extra feature e, the last; mean of all runs but that of highest loss",
    ),
    shared_mean=("squared length", "Σ_{j≠e} (Ŵ_e · W_j)², how much it is shared; the same mean"),
    norm_best=(
        "length",
        "‖W_e‖ of the run with the lowest loss (of two features and ReLU outputs, the lowest "
        "expected loss)",
    ),
    shared_best=("squared length", "Σ_{j≠e} (Ŵ_e · W_j)² of the same run"),
)
"""The columns of what diagrams are coloured by."""
PHASE_COLUMNS = numbers.columns(
    panel=(
        "name",
        "trained: a point of the diagrams; simple boundary, exact boundary, paper's theory "
        "and paper's experiment: the density below which there is superposition, by the simple "
        "solutions, by the exact loss, and as read off the paper's figure",
    ),
    **numbers.common("experiment", "model", "density", "relative_importance"),
    **READINGS,
    sharing=(
        "count",
        f"runs in which it is above {_SHARES:g}, so that the feature shares its dimension",
    ),
    runs=("count", "runs of the cell"),
)


def phase_rows(cells: TrainedCells) -> numbers.Rows:
    """A row for each point of the diagrams, and then for each of the boundaries."""
    n_hidden = cells[0].W.shape[1]
    points = [
        row | {"panel": "trained", "sharing": _sharing(cell), "runs": len(cell)}
        for cell, row in zip(cells, reading_rows(cells), strict=True)
    ]
    yield from sorted(points, key=lambda row: (-row["density"], row["relative_importance"]))
    few = power(10.0, np.linspace(*_ends(sorted({cell.relative for cell in cells})), _PLACES))
    boundaries = {
        "simple boundary": (few, phase.boundary(n_hidden, few)),
        "exact boundary": (few, _exact_boundary(few, n_hidden)),
    }
    if n_hidden == 1:
        boundaries["paper's theory"] = phase.paper_boundary("theory")
        boundaries["paper's experiment"] = phase.paper_boundary("experiment")
    for name, (relative, density) in boundaries.items():
        for one, at in zip(relative, density, strict=True):
            yield {"panel": name, "relative_importance": one, "density": at}


def reading_rows(cells: TrainedCells) -> numbers.Rows:
    """A row for each point of the diagrams of one model, with what they are coloured by."""
    readings = zip(mean_of_all_but_the_worst(cells), of_lowest_loss(cells), strict=True)
    for cell, (mean, best) in zip(cells, readings, strict=True):
        row = {**numbers.of_cell(cell), "relative_importance": cell.relative}
        row |= dict(zip(("norm_mean", "shared_mean"), mean, strict=True))
        yield row | dict(zip(("norm_best", "shared_best"), best, strict=True))
