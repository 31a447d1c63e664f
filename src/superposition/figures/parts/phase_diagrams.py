"""The paper's phase diagrams: what becomes of one feature too many, in theory and in training.

Across, the importance of that extra feature, the last, relative to the others; down, sparser and
sparser features. A colour of two dimensions, as in the paper, says how long the extra feature's
direction is and how much it is shared.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superposition.figures import style
from superposition.figures.parts import phase_theory
from superposition.figures.parts.page import Page
from superposition.measure.metrics import interference, norms
from superposition.measure.network import TrainedCell
from superposition.measure.theory import phase
from superposition.measure.theory.two_features import by_expected_loss

Reading = Callable[[Sequence[TrainedCell]], list[tuple[float, float]]]
"""Of each cell, the length of the extra feature and how much it shares."""

_LEFT, _GAP, _TOP, _FOOT, _KEY = 0.52, 0.2, 0.42, 0.42, 1.3
_PANEL = (style.WIDTH - _LEFT - 2 * _GAP - 0.14) / 3
_HEIGHT = _TOP + _PANEL + _FOOT + _KEY
"""Panels and what is around them, in inches."""
_TITLE: dict[str, Any] = {"linespacing": 1.2, "pad": 5}
_PIXELS = 400
"""Of a diagram, each way. Every cell is many of them, so that no viewer smooths it away."""


def plot_diagrams(cells: Sequence[TrainedCell]) -> Figure:
    """The figure of n = m + 1 features at all densities and relative importances."""
    runs, n_hidden, _ = cells[0].weights.W.shape
    readings: dict[str, Reading] = {
        f"trained: mean of all\nbut the worst of {runs} runs": mean_of_all_but_the_worst,
        f"trained: the run with the\nlowest loss of {runs}": of_lowest_loss,
    }
    page = Page.of(_HEIGHT)
    panels = [_panel(page, column, cells) for column in range(3)]
    phase_theory.regions(panels[0], n_hidden)
    panels[0].set_ylabel("feature density $1 - S$", labelpad=2)
    panels[1].set_xlabel("importance of the extra feature relative to the others", labelpad=3)
    number = {3: "three", 4: "four"}[len(phase.solutions(n_hidden))]
    panels[0].set_title(f"theory: the lowest of\n{number} simple losses", **_TITLE)
    for axes, (title, reading) in zip(panels[1:], readings.items(), strict=True):
        axes.set_title(title, **_TITLE)
        _diagram(axes, cells, reading)
        phase_theory.simple_boundaries(axes, n_hidden)
    phase_theory.exact_boundary(panels[1:], n_hidden)
    if n_hidden == 1:
        phase_theory.paper_marks(panels)
    _colour_key(page.axes(_LEFT + 0.3, _HEIGHT - 0.36 - 0.86, 0.86, 0.86))
    _legend(page.canvas(0, _HEIGHT - _KEY, style.WIDTH, _KEY), n_hidden)
    return page.figure


def mean_of_all_but_the_worst(cells: Sequence[TrainedCell]) -> list[tuple[float, float]]:
    """‖W_extra‖ and its superposition of each cell, averaged as in the paper.

    The paper discards the model with the highest loss. It does not say what it averages: here the
    two quantities that are shown, as weights differ in sign from run to run.
    """
    kept = (np.argsort(cell.loss, kind="stable")[: max(1, len(cell) - 1)] for cell in cells)
    return [_mean(cell.W[runs]) for cell, runs in zip(cells, kept, strict=True)]


def of_lowest_loss(cells: Sequence[TrainedCell]) -> list[tuple[float, float]]:
    """‖W_extra‖ and its superposition in the run of each cell with the lowest loss.

    Of two features the lowest expected loss, which is known; of three, that on a sample.
    """
    exact = cells[0].best.W.shape[0] == 1
    best = by_expected_loss(cells) if exact else [cell.weights.best for cell in cells]
    return [_mean(cell.W[[run]]) for cell, run in zip(cells, best, strict=True)]


def _mean(W: Float[np.ndarray, "runs m n"]) -> tuple[float, float]:
    return float(norms(W)[:, -1].mean()), float(interference(W)[:, -1].mean())


def _panel(page: Page, column: int, cells: Sequence[TrainedCell]) -> Axes:
    """One diagram's axes: log10 of the relative importance, and of the density upwards."""
    across, down = _grid(cells)
    axes = page.axes(_LEFT + column * (_PANEL + _GAP), _TOP, _PANEL, _PANEL)
    axes.set_xticks([-1, 0, 1], ["0.1×", "1×", "10×"])
    # Within the panel: the first and last of neighbouring panels would touch.
    first, _, last = axes.get_xticklabels()
    first.set_horizontalalignment("left")
    last.set_horizontalalignment("right")
    axes.set_yticks([0, -1, -2], ["1", "0.1", "0.01"] if column == 0 else [])
    axes.set(xlim=_ends(across), ylim=_ends(down)[::-1])  # last: ticks would widen them
    axes.spines[:].set(visible=True, zorder=5)
    return axes


def _grid(cells: Sequence[TrainedCell]) -> tuple[np.ndarray, np.ndarray]:
    """log10 of the relative importances, rising, and of the densities, falling."""
    relative, densities = {cell.relative for cell in cells}, {cell.density for cell in cells}
    return np.log10(sorted(relative)), np.log10(sorted(densities, reverse=True))


def _ends(places: np.ndarray) -> tuple[float, float]:
    """The edges of the first and the last of evenly spaced pixels."""
    half = (places[1] - places[0]) / 2 if places.size > 1 else 0.05
    return float(places[0] - half), float(places[-1] + half)


def _diagram(axes: Axes, cells: Sequence[TrainedCell], reading: Reading) -> None:
    across, down = _grid(cells)
    column = _nearest(across, np.log10([cell.relative for cell in cells]))
    row = _nearest(down, np.log10([cell.density for cell in cells]))
    values = np.full((down.size, across.size, 2), np.nan)
    values[row, column] = reading(cells)
    (left, right), (top, bottom) = _ends(across), _ends(down)
    fine = (np.arange(_PIXELS) + 0.5) / _PIXELS
    columns = _nearest(across, left + (right - left) * fine)
    rows = _nearest(down, top + (bottom - top) * fine)
    picture = style.phase(values[..., 0], values[..., 1])[np.ix_(rows, columns)]
    _image(axes, picture, extent=(left, right, bottom, top), zorder=0)
    axes.set(xlim=(left, right), ylim=(bottom, top))


def _image(axes: Axes, picture: Float[np.ndarray, "rows columns 3"], **how: Any) -> None:
    pixels = np.round(picture * 255).astype(np.uint8)
    axes.imshow(pixels, aspect="auto", interpolation="none", **how)


def _nearest(places: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The number of the place next to each wanted one."""
    return np.asarray(np.abs(places - wanted[:, None]).argmin(axis=1))


def _colour_key(axes: Axes) -> None:
    shared, norm = np.meshgrid(np.linspace(0, 1, 128), np.linspace(0, 1, 128))
    _image(axes, style.phase(norm, shared), extent=(0, 1, 0, 1), origin="lower")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_ticks([0, 1], ["0", "≥ 1"])
    axes.spines[:].set(visible=True)
    axes.set_ylabel(r"$\Vert W_e \Vert$", labelpad=-2)
    axes.set_xlabel(r"$\Sigma_{j \neq e} (\hat{W}_e \cdot W_j)^2$", labelpad=-1)


def _legend(axes: Axes, n_hidden: int) -> None:
    left, top, step = 2.15, _KEY - 0.16, 0.19
    square: dict[str, Any] = {"linestyle": "none", "marker": "s", "markersize": 7}
    entries: list[tuple[str, dict[str, Any]]] = [
        ("extra feature e not represented", {"color": style.PHASE_ABSENT, **square}),
        ("it has a dimension of its own", {"color": style.PHASE_ALONE, **square}),
        ("it is in superposition", {"color": style.PHASE_SHARED, **square}),
        ("boundaries of the simple solutions", phase_theory.SIMPLE),
        ("boundary of the pair by the exact loss, with biases", phase_theory.EXACT),
    ]
    if n_hidden == 1:
        words = "boundary of superposition read off the paper's figure"
        entries.append((words, phase_theory.MARKS))
    else:
        two = "the same, and two others share (lighter in theory only)"
        entries.insert(2, (two, {"color": style.PHASE_OTHERS_SHARE, **square}))
    for k, (text, how) in enumerate(entries):
        y = top - k * step
        ends = [left] if how.get("marker") else [left - 0.13, left + 0.13]
        axes.plot(ends, [y] * len(ends), **how)
        axes.text(left + 0.22, y, text, va="center_baseline")
