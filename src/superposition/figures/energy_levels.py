"""Dimensionality of every feature in the course of training, with its jumps, and the loss."""

from collections.abc import Sequence
from itertools import cycle

import numpy as np
from jaxtyping import Float, Int
from matplotlib.axes import Axes
from matplotlib.colors import FuncNorm
from matplotlib.ticker import MaxNLocator

from superposition.figures import Spec, style
from superposition.figures.parts import numbers
from superposition.figures.parts.page import Page, colour_scale, log_axis
from superposition.measure.elementary import exp, log
from superposition.measure.geometry import trajectories
from superposition.measure.geometry.trajectories import (
    JUMP,
    STILL,
    WINDOW,
    Drop,
    Event,
    Training,
    ends_in_digons,
)
from superposition.measure.network import TrainedCell, TrainedCells, Trajectory

SPEC = Spec(
    title="Dimensionality of features over the steps of training",
    caption="Equally important features. Upper left, the dimensionality D_i of every feature "
    "during one training: of the runs that end in digons, if there are any, it has the most "
    "events, and of these runs the most features that jump. Features that jump are coloured, with "
    f"their numbers. A jump is a change of D_i by {JUMP:g} or more within {WINDOW} steps, after "
    f"{WINDOW} steps in which it changed by less than {STILL:g}; jumps that overlap make one "
    "event (shaded). Upper right, the features of all runs: the darker, the more of them have "
    "this D_i at this step. Lower left, the loss of the same training, and how many times as fast "
    "it falls in an event as in equally many steps before and after it; dashed, a fall at the "
    "pace of these steps, where it is slower. Lower right, all runs by their number of events: "
    "how many end in digons, how many features jump in them, and the median of how many times as "
    "fast the loss falls in events.",
    section="Discrete “Energy Level” Jumps",
    experiments=("energy_levels",),
    claims=("C48",),
)
_LEVELS = ((1.0, "1"), (2 / 3, "2/3"), (0.5, "1/2"), (0.4, "2/5"))
"""Dimensionalities of a feature alone, and of one of a triangle, digon and pentagon."""
_TOP = 1.24
"""Where the axis of D_i ends: above 1 is room for what is said of the events."""
_BINS = 100
"""Parts of D_i in which features are counted."""
_COLUMNS = (0.0, 0.29, 0.5, 0.79, 1.08)
"""Where the columns of the table end, the first begins, in parts of its width."""
_UPPER, _LOWER = (0.43, 0.5), (0.1, 0.25)
"""Foot and height of the two rows of panels, in parts of the page's height."""
_LEFT, _RIGHT = (0.075, 0.5), (0.645, 0.3)
"""Left side and width of their columns, in parts of the page's width."""


def plot(cells: TrainedCells) -> Page:
    """The figure, of a cell with snapshots."""
    (cell,) = cells
    courses, runs = _watched(cell)
    page = Page(4.6)
    if not courses:
        words = "No snapshots were kept: set training.snapshots of experiments.energy_levels."
        page.text(0.5, 0.5, words, ha="center", va="center")
        return page
    steps = courses[0].steps
    last = max((event.last for run in runs for event in run.events), default=0)
    # Half as long again as anything jumps.
    end = min(1.5 * last, float(steps[-1])) or float(steps[-1])
    chosen = shown(runs)
    upper, right, lower, table = (
        page.add_axes((x, y, width, height))
        for (y, height) in (_UPPER, _LOWER)
        for (x, width) in (_LEFT, _RIGHT)
    )
    for axes in (upper, lower):
        for event in runs[chosen].events:
            axes.axvspan(event.first, event.last, color=style.EVENT, linewidth=0, zorder=0)
    for axes in (upper, right, lower):
        axes.set_xlim(0, end)
        axes.xaxis.set_major_formatter("{x:,.0f}")
    _one(upper, steps, runs[chosen], end)
    title = f"One training: {runs[chosen].D.shape[1]} features, run {cell.weights.runs[chosen]}"
    upper.set_title(title, loc="left", pad=5, **style.BOLD)
    _loss(lower, steps, courses[chosen].loss, runs[chosen])
    _all(page, right, steps, runs)
    right.xaxis.set_major_locator(MaxNLocator(4))
    _table(table, runs)
    return page


def shown(runs: Sequence[Training]) -> int:
    """The run that is shown large: of those with most events that with most jumps in them.

    Runs in which all features end in digons come first, as the paper picks one of these; of equals
    the one whose loss drops farthest.
    """

    def rank(number: int) -> tuple[bool, int, int, float]:
        D, events, drops = runs[number]
        jumps = sum(len(event.features) for event in events)
        largest = max((drop.size for drop in drops), default=0.0)
        return ends_in_digons(D[-1]), len(events), jumps, float(np.nan_to_num(largest))

    return max(range(len(runs)), key=rank)


def as_beside(
    steps: Int[np.ndarray, " k"], loss: Float[np.ndarray, " k"], event: Event, drop: Drop
) -> Float[np.ndarray, " k"]:
    """A loss if it fell in an event at the pace of the steps before and after it."""
    first, last = np.interp([event.first, event.last], steps, log(loss))
    share = (steps - event.first) / (event.last - event.first)
    return np.asarray(exp(first + share * (last - first - log(1.0 - drop.size))))


def _level_axis(axes: Axes) -> None:
    """Make the vertical axis that of D_i, with the levels' names at the right."""
    right = axes.get_yaxis_transform()
    for level, name in _LEVELS:
        axes.axhline(level, color=style.GRID, linewidth=0.7, zorder=1)
        style.beside(axes, name, (1, level), (3, 0), right, va="center", **style.FAINT_NOTE)
    axes.set(ylim=(0, _TOP), yticks=[0, 0.2, 0.4, 0.6, 0.8, 1])


def _one(axes: Axes, steps: np.ndarray, run: Training, end: float) -> None:
    _level_axis(axes)
    axes.plot(steps, run.D, color=style.FAINT, linewidth=0.6, zorder=2)
    jumping = dict.fromkeys(feature for event in run.events for feature in event.features)
    for feature, colour in zip(jumping, cycle(style.SERIES), strict=False):
        axes.plot(steps, run.D[:, feature], color=colour, linewidth=1.5, zorder=3)
        k = _apart(steps, run.D, feature, end)
        ground = {"facecolor": style.WHITE, "edgecolor": colour, "linewidth": 0.7}
        ground |= {"boxstyle": "round,pad=0.15"}
        how: style.Look = {"ha": "center", "va": "center", "zorder": 5, **style.NOTE}
        axes.text(steps[k], run.D[k, feature], f"{feature + 1}", color=colour, bbox=ground, **how)
    for number, event in enumerate(run.events, 1):
        count = len(event.features)
        text = f"event {number}:\n{count} feature{'s' * (count > 1)}"
        above: style.Look = {"ha": "center", "va": "top", "linespacing": 1.2, **style.NOTE}
        axes.text((event.first + event.last) / 2, 0.985 * _TOP, text, **above)
    axes.set(ylabel="dimensionality $D_i$")
    axes.tick_params(labelbottom=False)


def _apart(steps: np.ndarray, D: np.ndarray, feature: int, end: float) -> int:
    """The snapshot at which a feature is farthest from all others: where to write its number."""
    others = np.abs(np.delete(D, feature, axis=1) - D[:, [feature]]).min(axis=1, initial=1.0)
    inside = (steps > 0.04 * end) & (steps < 0.96 * end)
    return int(np.where(inside, others, -1.0).argmax())


def _loss(axes: Axes, steps: np.ndarray, loss: np.ndarray, run: Training) -> None:
    axes.plot(steps, loss, color=style.INK, linewidth=1.3, zorder=3)
    low, high = np.nanmin(loss), np.nanmax(loss)
    axes.set(ylim=(low * 0.85, min(high * 1.1, low * 7)), ylabel="loss")
    ticks = (0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2)
    log_axis(axes, [tick for tick in ticks if low * 0.85 < tick < low * 7], "y")
    dashed: style.Look = {"linewidth": 1.0, "linestyle": (0, (2, 1.5)), "zorder": 3}
    above = {"transform": axes.get_xaxis_transform(), "ha": "center", "va": "top"}
    for event, drop in zip(run.events, run.drops, strict=True):
        if drop.size > 0:
            during = (steps >= event.first) & (steps <= event.last)
            usual = as_beside(steps, loss, event, drop)
            axes.plot(steps[during], usual[during], color=style.INK, **dashed)
        style.note(axes, (event.first + event.last) / 2, 0.97, f"× {drop.pace:.1f}", **above)
    if any(drop.size > 0 for drop in run.drops):
        words = "dashed: at the pace\nbefore and after"
        style.note(axes, 0.99, 0.97, words, ha="right", va="top", linespacing=1.2)
    axes.set_xlabel("training steps", labelpad=2)


def _all(page: Page, axes: Axes, steps: np.ndarray, runs: Sequence[Training]) -> None:
    """Plot how many features of all runs have which D_i at which step."""
    edges, counts = _levels(runs)
    most = max(int(counts.max()), 2)
    norm = FuncNorm((log, exp), 1, most)
    shades = style.CROWD(norm(np.maximum(counts, 1)))
    shades[counts == 0, -1] = 0.0
    columns = np.array([steps[0], *(steps[1:] + steps[:-1]) / 2, steps[-1]])
    axes.pcolormesh(columns, edges, shades, rasterized=True, zorder=2)
    _level_axis(axes)
    axes.tick_params(labelleft=False)
    axes.set_xlabel("training steps", labelpad=2)
    words = f"{len(runs) * runs[0].D.shape[1]:,} features of {len(runs)} run{'s' * (len(runs) > 1)}"
    axes.set_title(words, loc="left", pad=5, **style.BOLD)
    ticks = [tick for tick in (1, 10, 100, 1000) if tick <= most]
    (x, _), (width, height) = axes.get_position().min, axes.get_position().size
    scale = page.add_axes((x + 0.02, _UPPER[0] + 0.94 * height, 0.4 * width, 0.015))
    colour_scale(scale, style.CROWD, norm, [f"{tick:,}" for tick in ticks], ticks=ticks)
    style.beside(scale, "features", (1, 0.5), (4, 0), "axes fraction", va="center", **style.NOTE)


def _table(axes: Axes, runs: Sequence[Training]) -> None:
    """Write how many runs have how many events, and what happens in these."""
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.set_axis_off()
    rows = [("events", "runs", "in\ndigons", "features\nthat jump", "pace of\nthe loss")]
    for number in sorted({len(run.events) for run in runs}, reverse=True):
        group = [run for run in runs if len(run.events) == number]
        digons = sum(ends_in_digons(run.D[-1]) for run in group)
        jumps = sum(len(event.features) for run in group for event in run.events)
        paces = [drop.pace for run in group for drop in run.drops if np.isfinite(drop.pace)]
        pace = f"× {float(np.median(paces)):.1f}" if paces else "–"
        rows.append((f"{number or 'none'}", f"{len(group):,}", f"{digons:,}", f"{jumps:,}", pace))
    step = 1 / (len(rows) + 0.5)
    for place, row in enumerate(rows):
        y = 1 - step * (place + 0.8)
        for x, words in zip(_COLUMNS, row, strict=True):
            how: style.Look = {"ha": "right" if x else "left", **style.NOTE}
            for up, text in enumerate(reversed(words.split("\n"))):
                style.beside(axes, text, (x, y), (0, 9 * up), "axes fraction", **how)
    line: style.Look = {"color": style.FAINT, "linewidth": 0.6, "clip_on": False}
    axes.plot([0, _COLUMNS[-1]], [1 - 1.1 * step] * 2, **line)


def _watched(cell: TrainedCell) -> tuple[list[Trajectory], list[Training]]:
    """The course of every run, and its events; none if there are no snapshots."""
    found = [run.trajectory for run in cell.networks]
    courses = [one for one in found if one is not None and len(one.steps) > 1]
    watched = [trajectories.watch(one.steps, one.W, one.loss)[0] for one in courses]
    return courses, watched


def _levels(runs: Sequence[Training]) -> tuple[np.ndarray, Int[np.ndarray, "bins k"]]:
    """Ends of the bins of D_i, and how many features of all runs are in each at each snapshot."""
    edges = np.linspace(0, 1, _BINS + 1)
    D = np.minimum(np.stack([run.D for run in runs], axis=1), 1)  # it may be rounded above
    return edges, np.stack([np.histogram(at, edges)[0] for at in D], axis=1)


COLUMNS = numbers.columns(
    panel=(
        "name",
        "dimensionality: a feature of the run that is shown large, at a step; loss: that of "
        "the run; level: how many features of all runs have about this D_i at a step; run: how "
        "many events one has, and how it ends; event: one of any run",
    ),
    **numbers.common("experiment", "model", "density", "run"),
    step=("steps", "step of training"),
    **numbers.common("feature", "dimensionality", "loss"),
    least=("dimensions", f"D_i from here on, up to {1 / _BINS:g} more"),
    features=("count", "features of all runs that have it at this step; none where no row is"),
    events=("count", "events of the run"),
    ends_in_digons=("True or False", "whether all its features end in digons"),
    event=("number", "number of the event within its run, from 1"),
    first=("steps", "step before the event begins"),
    last=("steps", "step by which it is over"),
    jumping=("count", "features that jump in it"),
    pace=(
        "ratio",
        "how many times as fast the loss falls in it as in as many steps before and after",
    ),
)


def rows(cells: TrainedCells) -> numbers.Rows:
    """A row for each feature and step of one run, its loss, all runs' levels, and their events."""
    (cell,) = cells
    courses, runs = _watched(cell)
    if not courses:
        return
    chosen = shown(runs)
    steps, loss = courses[chosen].steps, courses[chosen].loss
    large = {**numbers.of_cell(cell), "run": cell.weights.runs[chosen]}
    for step, D in zip(steps, runs[chosen].D, strict=True):
        place = {"panel": "dimensionality", **large, "step": step}
        yield from numbers.along("feature", place, dimensionality=D)
    for step, one in zip(steps, loss, strict=True):
        yield {"panel": "loss", **large, "step": step, "loss": one}
    edges, counts = _levels(runs)
    for at, level in np.argwhere(counts.T).tolist():
        place = {"panel": "level", **numbers.of_cell(cell), "step": steps[at]}
        yield {**place, "least": edges[level], "features": counts[level, at]}
    for run, its in zip(cell.weights.runs, runs, strict=True):
        place = {**numbers.of_cell(cell), "run": run}
        ends = {"events": len(its.events), "ends_in_digons": ends_in_digons(its.D[-1])}
        yield {"panel": "run", **place, **ends}
        for number, (event, drop) in enumerate(zip(its.events, its.drops, strict=True), 1):
            when = {"event": number, "first": event.first, "last": event.last}
            what = {"jumping": len(event.features), "pace": drop.pace}
            yield {"panel": "event", **place, **when, **what}
