"""Two sets of three correlated features: how training turns them into an octahedron."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.patches import Polygon

from superposition.figures import Spec, style
from superposition.figures.parts import numbers, planes
from superposition.figures.parts.page import Page, log_axis
from superposition.measure.elementary import log
from superposition.measure.geometry import trajectories
from superposition.measure.geometry.polytopes import rotation_onto
from superposition.measure.geometry.trajectories import ANTIPRISM, LINEAR, OCTAHEDRON, PAIRS
from superposition.measure.metrics import cosines, product
from superposition.measure.network import TrainedCell, TrainedCells, Trajectory

SPEC = Spec(
    title="Geometry and loss over the steps of training",
    caption="Two sets of three correlated features in three dimensions, from initial weights "
    "close to the origin. Above, the hidden space of one training at the steps marked below, "
    "always seen from the same side; triangles join the members of a set, dotted lines opposite "
    "features. In the paper each set first has one direction, as in principal component analysis; "
    "then the sets open into right-angled triangles that form an antiprism, which turns until all "
    "features are opposite one of the other set: an octahedron. The training shown has the lowest "
    "loss of the runs that go this way. Below, the loss of all runs from small initial weights, "
    "in the colours of their routes. Right, by what comes first, an antiprism or single antipodal "
    "pairs: how many runs reached the octahedron (some through both) and how many had not at the "
    "end, from small initial weights and from the usual ones of other experiments.",
    section="Learning as Geometric Transformations",
    experiments=("transformations", "transformations_large"),
    claims=("C49", "E10"),
)
_ROUTES = {
    ANTIPRISM: (style.BLUE, "antiprism first"),
    PAIRS: (style.ORANGE, "pairs first"),
    "": (style.PURPLE, "neither"),
}
"""By what comes first of the two: the claim that counts routes has those through an antiprism as
one, whenever it comes."""
_STAGES = {
    LINEAR: "as in PCA: one\ndirection for each set",
    ANTIPRISM: "antiprism of two\nright-angled triangles",
    trajectories.BASES: "two right-angled\ntriangles",
    PAIRS: "first antipodal\npairs",
    OCTAHEDRON: "octahedron",
    trajectories.BETWEEN: "each set opens",
}
_ALIKE = 0.05
"""Losses within this part of that of the run shown are as high."""
_VIEW = np.array([[0.7844645, -0.5883484, -0.1961161], [0.6173592, 0.7650577, 0.1742638],
                  [0.0475123, -0.2577779, 0.9633829]])  # fmt: skip
"""Screen right, screen up and towards the reader, who sees an octahedron that stands on a face."""

_Sets: TypeAlias = Sequence[Sequence[int]]


class Course(NamedTuple):
    """One training."""

    run: int
    """Its number in the cell."""
    loss: float
    trajectory: Trajectory
    stages: tuple[str, ...]
    """At each snapshot."""

    @property
    def route(self) -> tuple[str, ...]:
        """Its stages, each at its first time."""
        return trajectories.route(self.stages)

    @property
    def kind(self) -> str:
        """Which of an antiprism and single pairs came first; nothing if it had neither."""
        return next((name for name in self.route if name in _ROUTES), "")

    @property
    def is_there(self) -> bool:
        """Whether it ended as an octahedron."""
        return self.stages[-1] == OCTAHEDRON

    @property
    def is_papers(self) -> bool:
        """Whether it goes as in the paper's figure.

        That is from a linear solution through an antiprism, before any pair, to the octahedron.
        """
        return self.route[:1] == (LINEAR,) and self.kind == ANTIPRISM and self.is_there


def courses(cell: TrainedCell) -> list[Course]:
    """Every run of a cell with its stages; none if it has no snapshots."""
    sets = cell.cell.features.correlated
    return [
        Course(run.run, run.loss, run.trajectory, trajectories.stages(run.trajectory.W, sets))
        for run in cell.networks
        if run.trajectory is not None and len(run.trajectory.steps) > 1
    ]


def shown(runs: Sequence[Course]) -> Course:
    """The course that is shown: the lowest loss of those that go as in the paper's figure.

    If none does, of those that end as an octahedron, or of all.
    """
    return min(runs, key=lambda one: (not one.is_papers, not one.is_there, one.loss))


def moments(course: Course) -> list[int]:
    """The snapshots that are pictured: start, stages, and in between where they part."""
    chosen, loss = [0, len(course.stages) - 1], course.trajectory.loss
    for name in (LINEAR, ANTIPRISM):
        places = [k for k, stage in enumerate(course.stages) if stage == name]
        chosen += places[4 * len(places) // 5 :][:1]
        if name == LINEAR and places:
            after = places[-1]
            parted = np.flatnonzero(loss[after:] < np.sqrt(loss[-1] * loss[after]))
            chosen += (after + parted[:1]).tolist()
    return sorted(set(chosen))


def plot(cells: TrainedCells) -> Page:
    """The figure, of cells of two sets of three features; that of the smallest weights is large."""
    cells = _small_first(cells)
    groups = [courses(cell) for cell in cells]
    page = Page(4.9)
    if not all(groups):
        words = "No snapshots were kept: set training.snapshots of experiments.transformations."
        page.text(0.5, 0.5, words, ha="center", va="center")
        return page
    course = shown(groups[0])
    marks = _marks(course)
    _pictures(page, course, marks, cells[0].cell.features.correlated)
    page.text(0.985, 0.975, _chosen(groups[0], course), ha="right", va="center", **style.NOTE)
    _losses(page.add_axes((0.09, 0.1, 0.54, 0.45)), groups[0], course, marks)
    _routes(page.add_axes((0.7, 0.1, 0.285, 0.45)), groups, cells)
    return page


def _chosen(runs: Sequence[Course], course: Course) -> str:
    """Which run is shown, of how many, in words."""
    alike = sum(one.is_papers for one in runs)
    if not alike:
        return f"run {course.run} of {len(runs)}: none goes as in the paper"
    return f"run {course.run}: of {len(runs)} runs, {alike} go as in the paper"


def _pictures(page: Page, course: Course, marks: dict[str, int], sets: _Sets) -> None:
    width, W = 0.96 / len(marks), course.trajectory.W
    turn = _turn(W[-1], sets)
    heading = "Hidden space, the two sets in two colours"
    page.text(0.015, 0.975, heading, va="center", **style.BOLD)
    below: style.Look = {"ha": "center", "va": "top"}
    for place, (letter, k) in enumerate(marks.items()):
        _picture(
            page.add_axes((0.02 + place * width, 0.71, width, 0.24)), product(turn, W[k]), sets
        )
        stage = _STAGES[course.stages[k]] if k else "start"
        x, head = 0.02 + (place + 0.5) * width, f"{letter}, step {course.trajectory.steps[k]:,}"
        page.text(x, 0.7, head, fontweight="bold", **below)
        page.text(x, 0.67, stage, linespacing=1.2, **below, **style.NOTE)


def _picture(axes: Axes, W: Float[np.ndarray, "3 6"], sets: _Sets) -> None:
    planes.empty(axes, 1.2)
    one, other = map(list, sets)
    stage = trajectories.stage(W, sets)
    for i in one if stage in (ANTIPRISM, OCTAHEDRON) else ():
        opposite = other[int(cosines(W)[i, other].argmin())]
        for j in other:
            if j != opposite:
                axes.plot(*W[:2, [i, j]], color=style.FREE, linewidth=0.7, zorder=1)
            elif stage == OCTAHEDRON:
                axes.plot(*W[:2, [i, j]], ":", color=style.INK, linewidth=1.0, zorder=1)
    for k, group in enumerate((one, other)):
        colour = planes.set_colour(k)
        edge: style.Look = {"edgecolor": colour, "linewidth": 0.9, "joinstyle": "round"}
        axes.add_patch(Polygon(W[:2, group].T, facecolor=(colour, 0.18), zorder=2, **edge))
        for x, y, near in W[:, group].T:
            axes.plot([0, x], [0, y], color=colour, linewidth=0.5, zorder=2)
            dot: style.Look = {"markersize": 3.4 + 1.6 * near, "zorder": 2.5 + near / 2}
            dot |= {"markeredgecolor": style.WHITE, "markeredgewidth": 0.5}
            axes.plot(x, y, "o", color=colour, **dot)
    axes.plot(0, 0, "+", color=style.INK, markersize=4, markeredgewidth=0.7, zorder=4)


def _losses(axes: Axes, runs: Sequence[Course], shown: Course, marks: dict[str, int]) -> None:
    thin: style.Look = {"linewidth": 0.35, "alpha": 0.35, "rasterized": True, "zorder": 1}
    for course in runs:
        path = course.trajectory
        axes.plot(path.steps, path.loss, color=_ROUTES[course.kind][0], **thin)
    steps, loss = shown.trajectory.steps, shown.trajectory.loss
    axes.plot(steps, loss, color=style.INK, linewidth=1.5, zorder=3)
    ground = {"facecolor": (style.WHITE, 0.8), "edgecolor": "none", "pad": 0.5}
    for letter, k in marks.items():
        axes.plot(steps[k], loss[k], "o", color=style.INK, markersize=4, zorder=4)
        # Above the line where it is flat, and on its left where it falls: there no run is.
        before, after = max(k - 1, 0), min(k + 1, len(steps) - 1)
        falls = log(loss[before] / loss[after]) > 0.5 * log(steps[after] / steps[before])
        away, ha, va = ((-5, -1), "right", "center") if falls else ((0, 4), "center", "bottom")
        how: style.Look = {"ha": ha, "va": va, "fontweight": "bold", "zorder": 5}
        style.beside(axes, letter, (steps[k], loss[k]), away, bbox=ground, **how)
    low, high = np.nanmin(loss), np.nanmax(loss)
    log_axis(axes, [tick for tick in (0.0003, 0.001, 0.003, 0.01) if tick > low * 0.6], "y")
    log_axis(axes, (1, 10, 100, 1000, 10000))
    axes.xaxis.set_ticklabels(("1", "10", "100", "1,000", "10,000"))
    axes.set(xlim=(steps[0] * 0.8, steps[-1] * 1.25), ylim=(low * 0.7, high * 1.8), ylabel="loss")
    axes.set_xlabel("training steps", labelpad=2)
    title = f"Loss of all {len(runs)} runs from small weights"
    axes.set_title(title, loc="left", pad=5, **style.BOLD)
    told = [letter for letter, k in marks.items() if k and shown.stages[k] == LINEAR]
    lines = [f"black: run {shown.run}, as above"]
    lines += [f"at {letter} {_as_high(runs, shown, marks[letter])}" for letter in told]
    style.note(axes, 0.03, 0.05, "\n".join(lines), va="bottom", linespacing=1.3)


def _as_high(runs: Sequence[Course], shown: Course, k: int) -> str:
    """How many runs have about the same loss as that shown at a snapshot, in words."""
    loss = shown.trajectory.loss[k]
    number = sum(abs(one.trajectory.loss[k] / loss - 1) < _ALIKE for one in runs)
    return f"{number} of {len(runs)} runs are\nwithin {100 * _ALIKE:g} % of its loss"


def _routes(axes: Axes, groups: Sequence[Sequence[Course]], cells: TrainedCells) -> None:
    """Plot how many runs took which route, and how many ended where."""
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.set_axis_off()
    y = 0.98
    for runs, cell in zip(groups, cells, strict=True):
        large = "small" if cell.cell.training.initial_scale < 0.5 else "usual"
        done = Counter(course.kind for course in runs if course.is_there)
        both = sum({ANTIPRISM, PAIRS} <= {*course.route} for course in runs if course.is_there)
        linear = sum(course.route[:1] == (LINEAR,) for course in runs)
        axes.text(0, y, f"From {large} initial weights, {len(runs)} runs", va="top")
        y -= 0.085
        rows = [(colour, done[kind], words) for kind, (colour, words) in _ROUTES.items()]
        for colour, number, words in (*rows, (style.FAINT, len(runs) - done.total(), "not there")):
            share = 0.55 * number / len(runs)
            axes.barh(y - 0.02, share, height=0.055, color=colour, align="center")
            axes.text(share + 0.02, y - 0.02, f"{number}  {words}", va="center", **style.NOTE)
            y -= 0.075
        words = f"{both} went through both\n{linear} begin with a solution like PCA's"
        axes.text(0, y, words, va="top", linespacing=1.3, **style.NOTE)
        y -= 0.185
    axes.set_title("Routes to the octahedron", loc="left", pad=5, **style.BOLD)


def _small_first(cells: TrainedCells) -> list[TrainedCell]:
    """The cells by how large their initial weights are."""
    return sorted(cells, key=lambda cell: cell.cell.training.initial_scale)


def _marks(course: Course) -> dict[str, int]:
    """The snapshots that are pictured, by their letters."""
    return dict(zip("ABCDE", moments(course), strict=False))


def _turn(last: Float[np.ndarray, "3 6"], sets: _Sets) -> Float[np.ndarray, "3 3"]:
    """The rotation by which every W of a training is turned to be pictured, by its last."""
    one, other = map(list, sets)
    octahedron = np.zeros((3, 6))
    octahedron[range(3), one] = 1.0
    octahedron[cosines(last)[np.ix_(one, other)].argmin(axis=0), other] = -1.0
    return product(_VIEW, rotation_onto(last, octahedron))


COLUMNS = numbers.columns(
    panel=(
        "name",
        "picture: a feature of the training that is pictured, at a step; loss: that of a run "
        "at a step, of the cell with small initial weights; run: the way of one, of both cells",
    ),
    **numbers.common("experiment", "model", "density", "run"),
    mark=("name", "the letter of the picture"),
    step=("steps", "step of training"),
    loss=("loss", "loss on the evaluation sample; of a run, at its end"),
    stage=("name", "the stage of the geometry, at the step or at the end; empty between two"),
    route=("name", "which came first in the run, an antiprism or single antipodal pairs"),
    through=("names", "the stages of the run in the order of their first times"),
    starts_linear=(
        "True or False",
        "whether it begins with a solution like that of principal component analysis",
    ),
    **numbers.common("feature"),
    **numbers.common("x", "y"),
    depth=("length", "towards the reader, of the same"),
)


def rows(cells: TrainedCells) -> numbers.Rows:
    """A row for each feature pictured, for the loss of each run at each step, and for each run."""
    cells = _small_first(cells)
    groups = [courses(cell) for cell in cells]
    if not all(groups):
        return
    course, sets = shown(groups[0]), cells[0].cell.features.correlated
    W, steps = course.trajectory.W, course.trajectory.steps
    for letter, k in _marks(course).items():
        seen = product(_turn(W[-1], sets), W[k])
        row = {"panel": "picture", **numbers.of_cell(cells[0]), "run": course.run, "mark": letter}
        row |= {"step": steps[k], "stage": course.stages[k]}
        yield from numbers.along(
            "feature", row, **dict(zip(("x", "y", "depth"), seen, strict=True))
        )
    for run, one in zip(cells[0].weights.runs, groups[0], strict=True):
        for step, loss in zip(one.trajectory.steps, one.trajectory.loss, strict=True):
            place = {"panel": "loss", **numbers.of_cell(cells[0]), "run": run}
            yield {**place, "step": step, "loss": loss}
    for cell, group in zip(cells, groups, strict=True):
        for run, one in zip(cell.weights.runs, group, strict=True):
            its = {"loss": one.loss, "route": _ROUTES[one.kind][1], "stage": one.stages[-1]}
            its["through"] = ", ".join(one.route)
            its["starts_linear"] = one.route[:1] == (LINEAR,)
            yield {"panel": "run", **numbers.of_cell(cell), "run": run, **its}
