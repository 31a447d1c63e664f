"""Two sets of three correlated features: how training turns them into an octahedron."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
from jaxtyping import Float, Int
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from superposition.geometry import trajectories as of
from superposition.geometry.polytopes import rotation_onto
from superposition.metrics import cosines
from superposition.plotting import planes, style
from superposition.weights import Weights

_HEIGHT = 4.9
_ROUTES = {
    of.THROUGH_ANTIPRISM: (mpl.color_sequences["okabe_ito"][5], "through an antiprism"),
    of.THROUGH_PAIRS: (mpl.color_sequences["okabe_ito"][1], "through single pairs"),
    of.STRAIGHT: (mpl.color_sequences["okabe_ito"][7], "through neither"),
}
_STAGES = {
    of.LINEAR: "as in PCA: one\ndirection for each set",
    of.ANTIPRISM: "antiprism of two\nright-angled triangles",
    of.BASES: "two right-angled\ntriangles",
    of.PAIRS: "first antipodal\npairs",
    of.OCTAHEDRON: "octahedron",
    of.BETWEEN: "on the way",
}
_LIMIT = 1.2
_TILT = 0.45
"""How far the common axis of the two triangles leans towards the reader, radians."""


@dataclass(frozen=True)
class Course:
    """One training."""

    steps: Int[np.ndarray, " k"]
    W: Float[np.ndarray, "k 3 6"]
    loss: Float[np.ndarray, " k"]
    stages: tuple[str, ...]
    final_loss: float

    @property
    def route(self) -> tuple[str, ...]:
        """Its stages, each at its first time."""
        return of.route(self.stages)

    @property
    def kind(self) -> str:
        """Which of the routes it took."""
        return of.kind_of_route(self.route)


def courses(weights: Weights) -> list[Course]:
    """Return every run of a cell with its stages."""
    sets = weights.cell.features.correlated
    steps = sorted(weights.snapshots)
    W = np.stack([weights.snapshots[step].W for step in steps], axis=1).astype(np.float64)
    unknown = np.full((len(steps), len(W)), np.nan)
    loss = unknown if weights.snapshot_loss is None else weights.snapshot_loss
    final = np.full(len(W), np.nan) if weights.loss is None else weights.loss
    return [
        Course(
            np.array(steps),
            one,
            loss[:, run],
            tuple(of.stage(at, sets) for at in one),
            float(final[run]),
        )
        for run, one in enumerate(W)
    ]


def shown(runs: list[Course]) -> Course:
    """Return the course that is shown: the lowest loss of those that go as in the paper's figure.

    That is from a linear solution through an antiprism, before any pair, to the octahedron.
    """

    def rank(run: Course) -> tuple[bool, bool, float]:
        route = run.route
        papers = route[:1] == (of.LINEAR,) and of.ANTIPRISM in route
        papers &= of.PAIRS not in route[: route.index(of.ANTIPRISM)] if papers else False
        return not papers, run.stages[-1] != of.OCTAHEDRON, run.final_loss

    return min(runs, key=rank)


def moments(run: Course) -> list[int]:
    """Return the snapshots that are pictured: start, stages, and in between where they part."""
    places: dict[str, list[int]] = {}
    for k, stage in enumerate(run.stages):
        places.setdefault(stage, []).append(k)
    names = [name for name in run.route if name in (of.LINEAR, of.ANTIPRISM)]
    chosen = [0, *(places[name][4 * len(places[name]) // 5] for name in names)]
    if of.LINEAR in names:
        after = places[of.LINEAR][-1]
        low, high = run.loss[-1], run.loss[after]
        parted = np.flatnonzero(run.loss[after:] < np.sqrt(low * high))
        chosen += [after + int(parted[0])] if parted.size else []
    return sorted({*chosen, len(run.steps) - 1})


def draw(weights: Mapping[str, Weights]) -> Figure:
    """Return the figure.

    Args:
        weights: Cells of two sets of three features with snapshots; the first one is shown large.
    """
    cells = [cell for _, cell in sorted(weights.items(), key=lambda item: len(item[0]))]
    with style.applied():
        figure = Figure(figsize=(style.WIDTH, _HEIGHT), facecolor="white")
        if any(len(cell.snapshots) < 2 for cell in cells):
            words = "No snapshots were kept: set training.snapshots of experiments.transformations."
            figure.text(0.5, 0.5, words, ha="center", va="center")
            return figure
        first, *others = [courses(cell) for cell in cells]
        run = shown(first)
        marks = moments(run)
        _pictures(figure, run, marks, cells[0].cell.features.correlated)
        axes = figure.add_axes((0.09, 0.1, 0.54, 0.45))
        _losses(axes, first, run, marks)
        beside = figure.add_axes((0.7, 0.1, 0.285, 0.45))
        _routes(beside, [first, *others], cells)
    return figure


def _pictures(figure: Figure, run: Course, marks: list[int], sets: Any) -> None:
    """Draw the hidden space at the marked snapshots."""
    width = 0.96 / len(marks)
    turn = _view(run.W[-1], sets)
    figure.text(0.015, 0.975, "Hidden space, the two sets in two colours", va="center",
                **style.BOLD)  # fmt: skip
    for place, k in enumerate(marks):
        axes = figure.add_axes((0.02 + place * width, 0.71, width, 0.24))
        _picture(axes, turn @ run.W[k], sets)
        stage = "start" if not k else _STAGES[run.stages[k]]
        stage = "each set opens" if k and run.stages[k] == of.BETWEEN else stage
        x = 0.02 + (place + 0.5) * width
        head = f"{chr(ord('A') + place)}, step {run.steps[k]:,}"
        figure.text(x, 0.7, head, ha="center", va="top", fontweight="bold")
        figure.text(x, 0.67, stage, ha="center", va="top", fontsize=style.SMALL, linespacing=1.2)


def _view(W: Float[np.ndarray, "3 6"], sets: Any) -> Float[np.ndarray, "3 3"]:
    """Return what turns the hidden space so that the octahedron of the end stands on a face.

    It is seen from a little above. Rows: to the right, up, and towards the reader.
    """
    one, other = (list(group) for group in sets)
    ideal = np.zeros((3, 6))
    ideal[range(3), one] = 1.0
    across = cosines(W)[np.ix_(one, other)]
    for column, feature in enumerate(other):
        ideal[int(across[:, column].argmin()), feature] = -1.0
    axis = np.ones(3) / np.sqrt(3)
    right = np.array([0.96, -0.72, -0.24]) / np.sqrt(0.96**2 + 0.72**2 + 0.24**2)
    deep = np.array([
        right[1] * axis[2] - right[2] * axis[1],
        right[2] * axis[0] - right[0] * axis[2],
        right[0] * axis[1] - right[1] * axis[0],
    ])  # fmt: skip
    cos, sin = 1 - _TILT**2 / 2, _TILT * (1 - _TILT**2 / 6)
    camera = np.stack([right, cos * axis - sin * deep, sin * axis + cos * deep])
    return np.asarray(camera @ rotation_onto(W, ideal))


def _picture(axes: Axes, W: Float[np.ndarray, "3 6"], sets: Any) -> None:
    axes.set(xlim=(-_LIMIT, _LIMIT), ylim=(-_LIMIT, _LIMIT), aspect="equal", xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    one, other = (list(group) for group in sets)
    cosine = cosines(W)
    stage = of.stage(W, sets)
    for i in one if stage in (of.ANTIPRISM, of.OCTAHEDRON) else ():
        opposite = other[int(cosine[i, other].argmin())]
        for j in other:
            if j != opposite:
                axes.plot(*W[:2, [i, j]], color=style.FREE, linewidth=0.7, zorder=1)
            elif stage == of.OCTAHEDRON:
                axes.plot(*W[:2, [i, j]], ":", color=style.INK, linewidth=1.0, zorder=1)
    for colour, group in zip(planes.SET_COLOURS, (one, other), strict=False):
        axes.add_patch(
            Polygon(W[:2, group].T, facecolor=(*mpl.colors.to_rgb(colour), 0.18),
                    edgecolor=colour, linewidth=0.9, joinstyle="round", zorder=2)
        )  # fmt: skip
        for i in group:
            near = 2 + (W[2, i] + 1) / 2
            axes.plot([0, W[0, i]], [0, W[1, i]], color=colour, linewidth=0.5, zorder=2)
            axes.plot(*W[:2, i], "o", color=colour, markersize=3.4 + 1.6 * W[2, i], zorder=near,
                      markeredgecolor="white", markeredgewidth=0.5)  # fmt: skip
    axes.plot(0, 0, "+", color=style.INK, markersize=4, markeredgewidth=0.7, zorder=4)


def _losses(axes: Axes, runs: list[Course], run: Course, marks: list[int]) -> None:
    """Draw the loss of every run, and that of the one shown with its marks."""
    for other in runs:
        axes.plot(other.steps, other.loss, color=_ROUTES[other.kind][0], linewidth=0.35, alpha=0.35,
                  zorder=1, rasterized=True)  # fmt: skip
    axes.plot(run.steps, run.loss, color=style.INK, linewidth=1.5, zorder=3)
    for place, k in enumerate(marks):
        axes.plot(run.steps[k], run.loss[k], "o", color=style.INK, markersize=4, zorder=4)
        axes.text(run.steps[k], run.loss[k] * 1.2, chr(ord("A") + place), ha="center",
                  fontweight="bold", zorder=5)  # fmt: skip
    axes.set(xscale="log", yscale="log")
    axes.set_xlim(run.steps[0] * 0.8, run.steps[-1] * 1.25)
    axes.set_ylim(np.nanmin(run.loss) * 0.7, np.nanmax(run.loss) * 1.8)
    ticks = [t for t in (0.0003, 0.001, 0.003, 0.01) if t > np.nanmin(run.loss) * 0.6]
    axes.set_yticks(ticks, [f"{t:g}" for t in ticks])
    axes.set_xticks([1, 10, 100, 1000, 10000], ["1", "10", "100", "1000", "10,000"])
    axes.minorticks_off()
    axes.set_xlabel("training steps", labelpad=2)
    axes.set_ylabel("loss")
    axes.set_title(f"Loss of all {len(runs)} runs", loc="left", pad=5, **style.BOLD)


def _routes(axes: Axes, groups: list[list[Course]], cells: list[Weights]) -> None:
    """Draw how many runs took which route, and how many ended where."""
    axes.set(xlim=(0, 1), ylim=(0, 1), xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    y = 0.98
    for runs, cell in zip(groups, cells, strict=True):
        scale = cell.cell.training.initial_scale
        large = "small" if scale < 0.5 else "usual"
        done = [run for run in runs if run.stages[-1] == of.OCTAHEDRON]
        counted = Counter(run.kind for run in done)
        linear = sum(run.route[:1] == (of.LINEAR,) for run in runs)
        axes.text(0, y, f"From {large} initial weights, {len(runs)} runs", va="top")
        y -= 0.085
        rows = [(colour, counted[kind], words) for kind, (colour, words) in _ROUTES.items()]
        for colour, number, words in (*rows, (style.FAINT, len(runs) - len(done), "not there")):
            share = number / len(runs)
            axes.barh(y - 0.02, 0.55 * share, height=0.055, color=colour, align="center")
            axes.text(0.55 * share + 0.02, y - 0.02, f"{number}  {words}", va="center",
                      fontsize=style.SMALL)  # fmt: skip
            y -= 0.075
        axes.text(0, y, f"{linear} begin with a solution like PCA's", va="top",
                  fontsize=style.SMALL)  # fmt: skip
        y -= 0.13
    axes.set_title("Routes to the octahedron", loc="left", pad=5, **style.BOLD)
