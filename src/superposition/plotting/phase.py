"""The paper's phase diagrams: what becomes of one feature too many, in theory and in training.

Across, the importance of that extra feature, the last, relative to the others; down, sparser and
sparser features. A colour of two dimensions, as in the paper, says how long the extra feature's
direction is and how much it is shared.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.patheffects as effects
import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from superposition.metrics import interference, norms
from superposition.plotting import style
from superposition.plotting.paper import paper_boundary
from superposition.theory import phase, two_features
from superposition.theory.ranking import by_expected_loss
from superposition.weights import Weights

_ABSENT, _ALONE, _SHARED = (np.array(to_rgb(c)) for c in ("#DDDDDD", "#003399", "#DD4444"))
"""Corners of the colours: of no length; of length 1, with a dimension of its own or sharing one."""
_OTHERS_SHARE = np.array(to_rgb("#2255BB"))
"""In theory: the extra feature alone, while two others share."""

_LEFT, _GAP, _TOP, _FOOT, _KEY = 0.52, 0.2, 0.42, 0.42, 1.3
_PANEL = (style.WIDTH - _LEFT - 2 * _GAP - 0.14) / 3
_HEIGHT = _TOP + _PANEL + _FOOT + _KEY
"""Panels and what is around them, in inches."""
_PLACES = 41
"""At which the exact boundary is found; an odd number, so that 1× is one of them."""
_PIXELS = 400
"""Of a diagram, each way. Every point is many of them, so that no viewer smooths it away."""

Plane = Float[np.ndarray, "density importance"]


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
        _theory(panels[0], n_hidden)
        panels[0].set_ylabel("feature density $1 - S$", labelpad=2)
        panels[1].set_xlabel("importance of the extra feature relative to the others", labelpad=3)
        _title(panels[0], f"theory: the lowest of\n{_word(n_hidden)} simple losses")
        for axes, (title, reading) in zip(panels[1:], readings.items(), strict=True):
            _title(axes, title)
            _diagram(axes, rows, reading)
            _boundary(axes, n_hidden)
        if n_hidden == 1:
            importance = 10.0 ** np.linspace(*panels[0].get_xlim(), _PLACES)
            edge = two_features.boundary(importance)
            for axes in panels:
                _exact(axes, importance, edge)
            _paper_marks(panels)
        _colour_key(figure)
        _legend(figure, n_hidden)
    return figure


def colours(
    norm: Float[np.ndarray, "*shape"], shared: Float[np.ndarray, "*shape"]
) -> Float[np.ndarray, "*shape 3"]:
    """Return the colour of a feature's length and superposition, both clipped at 1.

    Grey if it has no length, whatever its direction; else from blue, if it has a dimension of its
    own, to red, if it shares one.
    """
    length, mix = (np.clip(v, 0.0, 1.0)[..., None] for v in (norm, shared))
    hue = (1.0 - mix) * _ALONE + mix * _SHARED
    mixed: np.ndarray = (1.0 - length) * _ABSENT + length * hue
    return mixed


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
    axes = figure.add_axes((x / style.WIDTH, y / _HEIGHT, _PANEL / style.WIDTH, _PANEL / _HEIGHT))
    across, down = _grid(rows)
    axes.set_xticks([-1, 0, 1], ["0.1×", "1×", "10×"])
    axes.set_yticks([0, -1, -2], ["1", "0.1", "0.01"] if column == 0 else [])
    axes.set(xlim=_ends(across), ylim=_ends(down)[::-1])  # last: ticks would widen them
    axes.spines[:].set(visible=True, zorder=5)
    return axes


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


def _theory(axes: Axes, n_hidden: int) -> None:
    """Fill the regions in which each solution is best, and name them."""
    x = np.linspace(*axes.get_xlim(), 401)
    bottom, top = axes.get_ylim()
    edge = np.log10(phase.boundary(n_hidden, 10.0**x))
    for solution in phase.solutions(n_hidden):
        colour = colours(np.array(solution.extra_norm), np.array(solution.extra_superposition))
        below = bool(solution.paired)
        side = x <= 0 if solution.name in ("ignore_extra", "extra_in_pair") else x >= 0
        if below and n_hidden == 1:
            side = np.ones_like(side)
        if solution.name == "others_in_pair":
            colour = _OTHERS_SHARE
        low, high = (np.full_like(x, bottom), edge) if below else (edge, np.full_like(x, top))
        axes.fill_between(x[side], low[side], high[side], color=colour, linewidth=0)
        place = (
            float(np.mean(x[side])),
            (bottom + edge.max()) / 2 if below else (-0.16 if n_hidden == 1 else -0.1),
        )
        light = solution.name == "ignore_extra"
        axes.text(
            *place, _describe(solution), ha="center", va="center", fontsize=style.SMALL,
            color=style.INK if light else "white", linespacing=1.25,
        )  # fmt: skip


def _describe(solution: phase.Solution) -> str:
    """Return a solution's W, as the paper gives it, and what it means."""
    words = {
        "ignore_extra": "extra left out",
        "ignore_other": "another left out",
        "extra_in_pair": "extra in\nantipodal pair",
        "others_in_pair": "two others in\nantipodal pair",
    }
    m, n = solution.W.shape
    if m == 1:
        entries = ", ".join(f"{w:g}".replace("-", "−") for w in solution.W[0])
        words["extra_in_pair"], words["ignore_other"] = "antipodal pair", "extra alone"
        return f"$W = [{entries}]$\n{words[solution.name]}"
    silent = [0] * n
    for i in solution.ignored or solution.paired:
        silent[i] = 1
    return rf"$W \perp [{', '.join(map(str, silent))}]$" f"\n{words[solution.name]}"


def _boundary(axes: Axes, n_hidden: int) -> None:
    """Draw where theory puts the boundaries of its regions."""
    x = np.linspace(*axes.get_xlim(), 401)
    axes.plot(x, np.log10(phase.boundary(n_hidden, 10.0**x)), **_SIMPLE, path_effects=_HALO)
    meeting = float(np.log10(phase.boundary(n_hidden, np.ones(1)))[0])
    start = meeting if n_hidden == 1 else axes.get_ylim()[0]
    axes.plot([0, 0], [start, axes.get_ylim()[1]], **_SIMPLE, path_effects=_HALO)


def _exact(axes: Axes, importance: np.ndarray, edge: np.ndarray) -> None:
    """Draw where the exact loss puts the boundary of the antipodal pair."""
    axes.plot(np.log10(importance), np.log10(edge), **_EXACT, path_effects=_HALO)


_HALO = [effects.withStroke(linewidth=1.9, foreground="white")]
_SIMPLE: dict[str, Any] = {"color": "black", "linewidth": 0.9, "linestyle": (0, (4, 2))}
_EXACT: dict[str, Any] = {"color": "black", "linewidth": 0.9}
_MARKS: dict[str, Any] = {
    "linestyle": "none", "marker": "o", "markersize": 3.0, "markerfacecolor": "white",
    "markeredgecolor": style.PAPER_MARK, "markeredgewidth": 0.9, "zorder": 4,
}  # fmt: skip


def _paper_marks(panels: list[Axes]) -> None:
    """Draw the boundaries read off the paper's figure."""
    boundaries = paper_boundary("theory"), *[paper_boundary("experiment")] * 2
    for axes, (x, y) in zip(panels, boundaries, strict=True):
        axes.plot(np.log10(x), np.log10(y), **_MARKS)


def _title(axes: Axes, text: str) -> None:
    axes.set_title(text, fontsize=style.TEXT, linespacing=1.2, pad=5)


def _word(n_hidden: int) -> str:
    return {3: "three", 4: "four"}[len(phase.solutions(n_hidden))]


def _colour_key(figure: Figure) -> None:
    """Draw the colours of two dimensions."""
    side, x, y = 0.86, _LEFT + 0.3, 0.36
    axes = figure.add_axes((x / style.WIDTH, y / _HEIGHT, side / style.WIDTH, side / _HEIGHT))
    shared, norm = np.meshgrid(np.linspace(0, 1, 128), np.linspace(0, 1, 128))
    axes.imshow(
        np.round(colours(norm, shared) * 255).astype(np.uint8), origin="lower", extent=(0, 1, 0, 1),
        interpolation="none", aspect="auto",
    )  # fmt: skip
    axes.set_xticks([0, 1], ["0", "≥ 1"])
    axes.set_yticks([0, 1], ["0", "≥ 1"])
    axes.spines[:].set(visible=True)
    axes.set_ylabel(r"$\Vert W_e \Vert$", labelpad=-2)
    axes.set_xlabel(r"$\Sigma_{j \neq e} (\hat{W}_e \cdot W_j)^2$", labelpad=-1)


def _legend(figure: Figure, n_hidden: int) -> None:
    """Explain lines, marks and the corners of the colours."""
    left, top, step = 2.15, _KEY - 0.16, 0.19
    axes = figure.add_axes((0, 0, 1, _KEY / _HEIGHT))
    axes.set(xlim=(0, style.WIDTH), ylim=(0, _KEY))
    axes.set_axis_off()
    square: dict[str, Any] = {"linestyle": "none", "marker": "s", "markersize": 7}
    entries: list[tuple[str, dict[str, Any]]] = [
        ("extra feature e not represented", {"color": tuple(_ABSENT), **square}),
        ("it has a dimension of its own", {"color": tuple(_ALONE), **square}),
        ("it is in superposition", {"color": tuple(_SHARED), **square}),
        ("boundaries of the simple solutions", _SIMPLE),
    ]
    if n_hidden == 1:
        entries.append(("boundary of the pair by the exact loss, with biases", _EXACT))
        entries.append(("boundary of superposition read off the paper's figure", _MARKS))
    else:
        two = "the same, and two others share (lighter in theory only)"
        entries.insert(2, (two, {"color": tuple(_OTHERS_SHARE), **square}))
    for k, (text, how) in enumerate(entries):
        y = top - k * step
        if how.get("marker"):
            axes.plot([left], [y], **how)
        else:
            axes.plot([left - 0.13, left + 0.13], [y, y], **how)
        axes.text(left + 0.22, y, text, va="center_baseline")
