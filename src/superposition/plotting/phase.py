"""The paper's phase diagrams: what becomes of one feature too many, in theory and in training.

Across, the importance of that extra feature, the last, relative to the others; down, sparser and
sparser features. A colour of two dimensions, as in the paper, says how long the extra feature's
direction is and how much it is shared.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superposition.metrics import interference, norms
from superposition.plotting import style
from superposition.plotting.phase_colours import (
    ABSENT,
    ALONE,
    OTHERS_SHARE,
    SHARED,
    colour_key,
    colours,
)
from superposition.plotting.phase_theory import (
    EXACT,
    MARKS,
    SIMPLE,
    exact_boundary,
    paper_marks,
    regions,
    simple_boundaries,
)
from superposition.theory import phase
from superposition.theory.ranking import by_expected_loss
from superposition.weights import Weights

_LEFT, _GAP, _TOP, _FOOT, _KEY = 0.52, 0.2, 0.42, 0.42, 1.3
_PANEL = (style.WIDTH - _LEFT - 2 * _GAP - 0.14) / 3
_HEIGHT = _TOP + _PANEL + _FOOT + _KEY
"""Panels and what is around them, in inches."""
_PIXELS = 400
"""Of a diagram, each way. Every point is many of them, so that no viewer smooths it away."""


def draw(weights: Mapping[str, Weights]) -> Figure:
    """Return the figure of n = m + 1 features.

    Args:
        weights: Cells of one experiment, each a row of the diagram.
    """
    rows = sorted(weights.values(), key=lambda w: -w.cell.features.feature_probability[0])
    n_hidden = rows[0].W.shape[1]
    runs = len(rows[0].runs)
    readings = {
        f"trained: mean of all\nbut the worst of {runs} runs": _mean_of_all_but_the_worst,
        f"trained: the run with the\nlowest loss of {runs}": _of_lowest_loss,
    }
    with style.applied():
        figure = Figure(figsize=(style.WIDTH, _HEIGHT), facecolor="white")
        panels = [_panel(figure, column, rows) for column in range(3)]
        regions(panels[0], n_hidden)
        panels[0].set_ylabel("feature density $1 - S$", labelpad=2)
        panels[1].set_xlabel("importance of the extra feature relative to the others", labelpad=3)
        _title(panels[0], f"theory: the lowest of\n{_word(n_hidden)} simple losses")
        for axes, (title, reading) in zip(panels[1:], readings.items(), strict=True):
            _title(axes, title)
            _diagram(axes, rows, reading)
            simple_boundaries(axes, n_hidden)
        exact_boundary(panels[1:], n_hidden)
        if n_hidden == 1:
            paper_marks(panels)
        colour_key(_axes(figure, _LEFT + 0.3, 0.36, 0.86, 0.86))
        _legend(figure, n_hidden)
    return figure


def _mean_of_all_but_the_worst(points: Sequence[Weights]) -> list[tuple[float, float]]:
    """Return ‖W_extra‖ and its superposition, averaged as in the paper, point by point.

    The paper discards the model with the highest loss. It does not say what it averages: here the
    two quantities that are shown, as weights differ in sign from run to run.
    """
    means = []
    for point in points:
        assert point.loss is not None
        kept = np.argsort(point.loss, kind="stable")[: max(1, len(point.runs) - 1)]
        W = point.W[kept]
        means.append((float(norms(W)[:, -1].mean()), float(interference(W)[:, -1].mean())))
    return means


def _of_lowest_loss(points: Sequence[Weights]) -> list[tuple[float, float]]:
    """Return ‖W_extra‖ and its superposition in the run with the lowest loss, point by point.

    Of two features the lowest expected loss, which is known; of three, that on a sample.
    """
    exact = points[0].W.shape[1] == 1
    best = by_expected_loss(points) if exact else [point.best for point in points]
    chosen = [point.W[run] for point, run in zip(points, best, strict=True)]
    return [(float(norms(W)[-1]), float(interference(W)[-1])) for W in chosen]


def _panel(figure: Figure, column: int, rows: list[Weights]) -> Axes:
    """Return one diagram's axes: log10 of the relative importance, and of the density upwards."""
    x, y = _LEFT + column * (_PANEL + _GAP), _KEY + _FOOT
    axes = _axes(figure, x, y, _PANEL, _PANEL)
    across, down = _grid(rows)
    axes.set_xticks([-1, 0, 1], ["0.1×", "1×", "10×"])
    # Within the panel: the first and last of neighbouring panels would touch.
    first, _, last = axes.get_xticklabels()
    first.set_horizontalalignment("left")
    last.set_horizontalalignment("right")
    axes.set_yticks([0, -1, -2], ["1", "0.1", "0.01"] if column == 0 else [])
    axes.set(xlim=_ends(across), ylim=_ends(down)[::-1])  # last: ticks would widen them
    axes.spines[:].set(visible=True, zorder=5)
    return axes


def _axes(figure: Figure, x: float, y: float, width: float, height: float) -> Axes:
    """Return axes whose lower left corner is at (x, y), in inches."""
    page = np.array([style.WIDTH, _HEIGHT, style.WIDTH, _HEIGHT])
    return figure.add_axes(tuple(np.array([x, y, width, height]) / page))


def _grid(rows: list[Weights]) -> tuple[np.ndarray, np.ndarray]:
    """Return log10 of the relative importances and of the densities."""
    densities = [row.cell.features.feature_probability[0] for row in rows]
    relative = rows[0].cell.relative_importance or (1.0,)
    return np.log10(relative), np.log10(densities)


def _ends(places: np.ndarray) -> tuple[float, float]:
    """Return the edges of the first and the last of evenly spaced pixels."""
    half = abs(places[1] - places[0]) / 2 if places.size > 1 else 0.05
    step = half if places[-1] >= places[0] else -half
    return float(places[0] - step), float(places[-1] + step)


def _diagram(axes: Axes, rows: list[Weights], reading: Any) -> None:
    """Draw what the trained models do, each point in its colour."""
    values = np.array([reading(row.points()) for row in rows])
    across, down = _grid(rows)
    (left, right), (top, bottom) = _ends(across), _ends(down)
    fine = (np.arange(_PIXELS) + 0.5) / _PIXELS
    columns = _nearest(across, left + (right - left) * fine)
    lines = _nearest(down, top + (bottom - top) * fine)
    picture = colours(values[..., 0], values[..., 1])[np.ix_(lines, columns)]
    axes.imshow(
        np.round(picture * 255).astype(np.uint8), extent=(left, right, bottom, top),
        aspect="auto", interpolation="none", zorder=0,
    )  # fmt: skip
    axes.set(xlim=(left, right), ylim=(bottom, top))


def _nearest(places: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return the number of the place next to each wanted one."""
    return np.asarray(np.abs(places - wanted[:, None]).argmin(axis=1))


def _title(axes: Axes, text: str) -> None:
    axes.set_title(text, fontsize=style.TEXT, linespacing=1.2, pad=5)


def _word(n_hidden: int) -> str:
    return {3: "three", 4: "four"}[len(phase.solutions(n_hidden))]


def _legend(figure: Figure, n_hidden: int) -> None:
    """Explain lines, marks and the corners of the colours."""
    left, top, step = 2.15, _KEY - 0.16, 0.19
    axes = figure.add_axes((0, 0, 1, _KEY / _HEIGHT))
    axes.set(xlim=(0, style.WIDTH), ylim=(0, _KEY))
    axes.set_axis_off()
    square: dict[str, Any] = {"linestyle": "none", "marker": "s", "markersize": 7}
    entries: list[tuple[str, dict[str, Any]]] = [
        ("extra feature e not represented", {"color": tuple(ABSENT), **square}),
        ("it has a dimension of its own", {"color": tuple(ALONE), **square}),
        ("it is in superposition", {"color": tuple(SHARED), **square}),
        ("boundaries of the simple solutions", SIMPLE),
        ("boundary of the pair by the exact loss, with biases", EXACT),
    ]
    if n_hidden == 1:
        entries.append(("boundary of superposition read off the paper's figure", MARKS))
    else:
        two = "the same, and two others share (lighter in theory only)"
        entries.insert(2, (two, {"color": tuple(OTHERS_SHARE), **square}))
    for k, (text, how) in enumerate(entries):
        y = top - k * step
        if how.get("marker"):
            axes.plot([left], [y], **how)
        else:
            axes.plot([left - 0.13, left + 0.13], [y, y], **how)
        axes.text(left + 0.22, y, text, va="center_baseline")
