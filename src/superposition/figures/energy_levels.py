"""Dimensionality of every feature in the course of training, with its jumps, and the loss."""

from collections.abc import Sequence
from itertools import cycle, groupby

import numpy as np
from jaxtyping import Float, Int
from matplotlib.axes import Axes

from superposition.figures import Spec, style
from superposition.figures.parts import numbers
from superposition.figures.parts.page import Page, log_axis
from superposition.measure.elementary import exp, log, log10
from superposition.measure.geometry import trajectories
from superposition.measure.geometry.trajectories import Drop, Event, Training, ends_in_digons
from superposition.measure.network import TrainedCell, TrainedCells, Trajectory

SPEC = Spec(
    title="Features jump between levels of dimensionality",
    caption="Twelve equally important features in six dimensions, of which most runs make "
    "digons. Above, the dimensionality D_i of every feature during one training; features that "
    "jump are coloured. A jump is a change of D_i by 0.1 or more within 250 steps, after 250 "
    "steps in which it changed by less than 0.05; jumps that overlap make one event (shaded). "
    "Below, the loss, and how many times as fast it falls in an event as in as many steps before "
    "and after it; dashed, at their pace, where that is slower. Right, the events of every run, "
    "the darker the faster the loss falls in them, compared so; red, the run on the left: of "
    "those with most events the one in which most features jump.",
    section="Discrete “Energy Level” Jumps",
    experiments=("energy_levels",),
    claims=("C48",),
)


def plot(cells: TrainedCells) -> Page:
    """The figure, of a cell with snapshots."""
    (cell,) = cells
    courses, runs = _watched(cell)
    page = Page(4.3)
    if not courses:
        words = "No snapshots were kept: set training.snapshots of experiments.energy_levels."
        page.text(0.5, 0.5, words, ha="center", va="center")
        return page
    steps = courses[0].steps
    last = max((event.last for run in runs for event in run.events), default=0)
    # Half as long again as anything jumps.
    end = min(1.5 * last, float(steps[-1])) or float(steps[-1])
    chosen = shown(runs)
    upper = page.add_axes((0.075, 0.43, 0.52, 0.5), xlim=(0, end), xticklabels=[])
    lower = page.add_axes((0.075, 0.1, 0.52, 0.27), xlim=(0, end))
    for axes in (upper, lower):
        for event in runs[chosen].events:
            axes.axvspan(event.first, event.last, color=style.EVENT, linewidth=0, zorder=0)
    _levels(upper, steps, runs[chosen], end)
    title = f"One training: {runs[chosen].D.shape[1]} features, run {chosen}"
    upper.set_title(title, loc="left", pad=5, **style.BOLD)
    _loss(lower, steps, courses[chosen].loss, runs[chosen])
    _all(page.add_axes((0.7, 0.1, 0.285, 0.8)), runs, chosen, end)
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


def _levels(axes: Axes, steps: np.ndarray, run: Training, end: float) -> None:
    for level, name in ((1.0, "1"), (2 / 3, "2/3"), (0.5, "1/2"), (0.4, "2/5")):
        axes.axhline(level, color=style.GRID, linewidth=0.7, zorder=1)
        axes.text(end, level, f" {name}", va="center", **style.FAINT_NOTE)
    axes.plot(steps, run.D, color=style.FAINT, linewidth=0.6, zorder=2)
    jumping = dict.fromkeys(feature for event in run.events for feature in event.features)
    for feature, colour in zip(jumping, cycle(style.SERIES), strict=False):
        axes.plot(steps, run.D[:, feature], color=colour, linewidth=1.5, zorder=3)
    for number, event in enumerate(run.events, 1):
        count = len(event.features)
        text = f"event {number}:\n{count} feature{'s' * (count > 1)}"
        how: style.Look = {"ha": "center", "va": "top", "linespacing": 1.2, **style.NOTE}
        axes.text((event.first + event.last) / 2, 0.98, text, **how)
    axes.set(ylim=(0, 1.06), ylabel="dimensionality $D_i$")


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


def _all(axes: Axes, runs: Sequence[Training], chosen: int, end: float) -> None:
    """Plot every run's events as bars, the darker the faster the loss falls in them."""
    ordered = sorted(runs, key=lambda run: (len(run.events), [event.first for event in run.events]))
    for row, run in enumerate(ordered):
        colour = style.PAPER_MARK if run is runs[chosen] else style.GRID
        axes.plot([0, end], [row, row], linewidth=0.5, zorder=1, color=colour)
        for event, drop in zip(run.events, run.drops, strict=True):
            pace = max(float(np.nan_to_num(drop.pace)), 1.0)
            dark = float(np.clip(0.2 + 0.8 * float(log10(pace)), 0.2, 1.0))
            bar: style.Look = {"linewidth": 2.0, "solid_capstyle": "butt", "zorder": 2}
            axes.plot([event.first, event.last], [row, row], color=style.DROP(dark), **bar)
    ground = {"facecolor": style.WHITE, "edgecolor": "none", "pad": 1}
    how: style.Look = {"ha": "right", "va": "center", "linespacing": 1.2, "zorder": 4}
    how |= {"transform": axes.get_yaxis_transform(), "bbox": ground}
    for number, group in groupby(range(len(runs)), key=lambda row: len(ordered[row].events)):
        rows = list(group)
        text = f"{len(rows)} run{'s' * (len(rows) > 1)}:\n"
        text += f"{number or 'no'} event{'s' * (number > 1)}"
        style.note(axes, 0.99, float(np.mean(rows)), text, **how)
    axes.set(xlim=(0, 1.4 * end), ylim=(-1, len(runs) * 1.06), yticks=[])
    axes.set_xticks([tick for tick in axes.get_xticks() if 0 <= tick <= end])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("training steps", labelpad=2)
    axes.set_title(f"Jumps of all {len(runs)} runs", loc="left", pad=14, **style.BOLD)
    digons = sum(ends_in_digons(run.D[-1]) for run in runs)
    words = f"{digons} of them end in digons alone;\ndarker: the loss falls faster (× 1 to × 10)"
    style.note(axes, 0, 1.03, words, va="top", linespacing=1.3)


def _watched(cell: TrainedCell) -> tuple[list[Trajectory], list[Training]]:
    """The course of every run, and its events; none if there are no snapshots."""
    found = [run.trajectory for run in cell.networks]
    courses = [one for one in found if one is not None and len(one.steps) > 1]
    watched = [trajectories.watch(one.steps, one.W, one.loss)[0] for one in courses]
    return courses, watched


COLUMNS = numbers.columns(
    panel=(
        "name",
        "dimensionality: a feature of the run that is shown large, at a step; loss: that of "
        "the run; event: one of any run; run: how one ends",
    ),
    **numbers.common("experiment", "model", "density", "run"),
    step=("steps", "step of training"),
    **numbers.common("feature", "dimensionality", "loss"),
    event=("number", "number of the event within its run, from 1"),
    first=("steps", "step before the event begins"),
    last=("steps", "step by which it is over"),
    jumping=("count", "features that jump in it"),
    pace=(
        "ratio",
        "how many times as fast the loss falls in it as in as many steps before and after",
    ),
    ends_in_digons=("True or False", "whether all features end in digons"),
)


def rows(cells: TrainedCells) -> numbers.Rows:
    """A row for each feature and step of one run, for its loss, and for each event of each."""
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
    for run, its in zip(cell.weights.runs, runs, strict=True):
        place = {**numbers.of_cell(cell), "run": run}
        yield {"panel": "run", **place, "ends_in_digons": ends_in_digons(its.D[-1])}
        for number, (event, drop) in enumerate(zip(its.events, its.drops, strict=True), 1):
            when = {"event": number, "first": event.first, "last": event.last}
            what = {"jumping": len(event.features), "pace": drop.pace}
            yield {"panel": "event", **place, **when, **what}
