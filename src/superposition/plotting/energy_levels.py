"""Dimensionality of every feature in the course of training, with its jumps, and the loss."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import matplotlib as mpl
import numpy as np
from jaxtyping import Float, Int
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superposition.geometry.trajectories import (
    Event,
    drop,
    ends_in_digons,
    events,
    falls,
    quiet,
)
from superposition.metrics import feature_dimensionality
from superposition.plotting import style
from superposition.weights import Weights

_HEIGHT = 4.3
_COLOURS = [mpl.color_sequences["okabe_ito"][k] for k in (5, 6, 3, 1, 7, 2)]
"""Of the features that jump, in the order of their first jumps."""
_SHADE = "#EFE7D6"


@dataclass(frozen=True)
class Watched:
    """One training as it is drawn."""

    number: int
    steps: Int[np.ndarray, " k"]
    D: Float[np.ndarray, "k n"]
    loss: Float[np.ndarray, " k"]
    events: tuple[Event, ...]
    drops: tuple[float, ...]
    """How many times as far the loss falls in each event as in runs without one at the time; not a
    number if there are none."""
    usual: tuple[Float[np.ndarray, " k"], ...]
    """The loss at every step if, from the beginning of each event on, it fell as in the runs
    without an event at the time, in the median."""

    @property
    def ends_in_digons(self) -> bool:
        """Whether every feature ends as one of a digon."""
        return ends_in_digons(self.D[-1])


def watch(weights: Weights) -> list[Watched]:
    """Return every run of a cell with its jumps."""
    steps = np.array(sorted(weights.snapshots))
    D = np.stack([feature_dimensionality(weights.snapshots[s].W) for s in steps.tolist()])
    unknown = np.full((len(weights.runs), steps.size), np.nan)
    loss = unknown if weights.snapshot_loss is None else weights.snapshot_loss.T
    every = [events(steps, D[:, run]) for run in range(len(weights.runs))]
    others = [[quiet(event, every, loss) for event in own] for own in every]
    return [
        Watched(
            number,
            steps,
            D[:, run],
            loss[run],
            every[run],
            tuple(map(partial(drop, steps, loss, run), every[run], others[run])),
            tuple(map(partial(_as_in_others, steps, loss, run), every[run], others[run])),
        )
        for run, number in enumerate(weights.runs)
    ]


def _as_in_others(
    steps: Int[np.ndarray, " k"],
    loss: Float[np.ndarray, "runs k"],
    run: int,
    event: Event,
    others: list[int],
) -> Float[np.ndarray, " k"]:
    """Return the loss of a run if it fell as in others, in the median, from an event on."""
    if not others:
        return np.full(steps.size, np.nan)
    start = np.interp(event.first, steps, np.log(loss[run]))
    fall = np.median(falls(steps, loss[others], event.first, steps), axis=0)
    return np.asarray(np.exp(start - fall))


def shown(runs: list[Watched]) -> Watched:
    """Return the run that is shown large: of those with most events that with most jumps in them.

    Runs in which all features end in digons come first, as the paper picks one of these; of equals
    the one whose loss drops farthest.
    """

    def rank(run: Watched) -> tuple[bool, int, int, float]:
        jumps = sum(len(event.features) for event in run.events)
        farthest = max(np.nan_to_num(run.drops), default=0.0)
        return run.ends_in_digons, len(run.events), jumps, farthest

    return max(runs, key=rank)


def _end(runs: list[Watched]) -> float:
    """Return the step up to which trainings are shown: half as long again as anything jumps."""
    last = max((event.last for run in runs for event in run.events), default=0)
    return min(1.5 * last, float(runs[0].steps[-1])) or float(runs[0].steps[-1])


def draw(weights: Mapping[str, Weights]) -> Figure:
    """Return the figure.

    Args:
        weights: A cell with snapshots.
    """
    (cell,) = weights.values()
    with style.applied():
        figure = Figure(figsize=(style.WIDTH, _HEIGHT), facecolor="white")
        if len(cell.snapshots) < 2:
            words = "No snapshots were kept: set training.snapshots of experiments.energy_levels."
            figure.text(0.5, 0.5, words, ha="center", va="center")
            return figure
        runs = watch(cell)
        chosen = shown(runs)
        upper = figure.add_axes((0.075, 0.43, 0.52, 0.5))
        _levels(upper, chosen, _end(runs))
        lower = figure.add_axes((0.075, 0.1, 0.52, 0.27))
        _loss(lower, chosen, _end(runs))
        beside = figure.add_axes((0.7, 0.1, 0.285, 0.8))
        _all(beside, runs, chosen)
    return figure


def _shade(axes: Axes, run: Watched, end: float) -> None:
    for event in run.events:
        axes.axvspan(event.first, event.last, color=_SHADE, linewidth=0, zorder=0)
    axes.set_xlim(0, end)


def _levels(axes: Axes, run: Watched, end: float) -> None:
    """Draw D_i of every feature; those that jump in colour."""
    for level, name in ((1.0, "1"), (2 / 3, "2/3"), (0.5, "1/2"), (0.4, "2/5")):
        axes.axhline(level, color=style.GRID, linewidth=0.7, zorder=1)
        axes.text(end, level, f" {name}", va="center", fontsize=style.SMALL,
                  color=style.FAINT)  # fmt: skip
    jumping = list(dict.fromkeys(f for event in run.events for f in event.features))
    for feature in range(run.D.shape[1]):
        axes.plot(run.steps, run.D[:, feature], color=style.FAINT, linewidth=0.6, zorder=2)
    for place, feature in enumerate(jumping):
        axes.plot(run.steps, run.D[:, feature], color=_COLOURS[place % len(_COLOURS)],
                  linewidth=1.5, zorder=3)  # fmt: skip
    _shade(axes, run, end)
    for number, event in enumerate(run.events, 1):
        jumps = len(event.features)
        text = f"event {number}:\n{jumps} feature{'s' * (jumps > 1)}"
        axes.text((event.first + event.last) / 2, 0.98, text, ha="center", va="top",
                  fontsize=style.SMALL, linespacing=1.2)  # fmt: skip
    axes.set(ylim=(0, 1.06), xticklabels=[])
    axes.set_ylabel("dimensionality $D_i$")
    many = run.D.shape[1]
    axes.set_title(
        f"One training: {many} features, run {run.number}", loc="left", pad=5, **style.BOLD
    )


def _loss(axes: Axes, run: Watched, end: float) -> None:
    """Draw the loss, and how far it would have fallen in each event without one."""
    axes.plot(run.steps, run.loss, color=style.INK, linewidth=1.3, zorder=3)
    axes.set_yscale("log")
    low, high = np.nanmin(run.loss), np.nanmax(run.loss)
    axes.set_ylim(low * 0.85, min(high * 1.1, low * 7))
    ticks = [t for t in (0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2) if low * 0.85 < t < low * 7]
    axes.set_yticks(ticks, [f"{t:g}" for t in ticks])
    axes.minorticks_off()
    _shade(axes, run, end)
    for event, factor, usual in zip(run.events, run.drops, run.usual, strict=True):
        during = (run.steps >= event.first) & (run.steps <= event.last)
        axes.plot(run.steps[during], usual[during], color=style.INK, linewidth=1.0,
                  linestyle=(0, (2, 1.5)), zorder=3)  # fmt: skip
        words = f"× {factor:.1f}" if np.isfinite(factor) else "no run to\ncompare"
        axes.text((event.first + event.last) / 2, 0.97, words, ha="center", va="top",
                  transform=axes.get_xaxis_transform(), fontsize=style.SMALL)  # fmt: skip
    if any(np.isfinite(factor) for factor in run.drops):
        words = "dashed: as in runs\nwithout an event then"
        axes.text(0.99, 0.97, words, ha="right", va="top", transform=axes.transAxes,
                  fontsize=style.SMALL, linespacing=1.2)  # fmt: skip
    axes.set_xlabel("training steps", labelpad=2)
    axes.set_ylabel("loss")


def _all(axes: Axes, runs: list[Watched], chosen: Watched) -> None:
    """Draw every run's events as bars, the darker the farther the loss falls in them.

    Those that cannot be compared are as light as those in which it falls no farther.
    """
    order = sorted(runs, key=lambda run: (len(run.events), [e.first for e in run.events]))
    for row, run in enumerate(order):
        marked: dict[str, Any] = {"color": style.PAPER_MARK if run is chosen else style.GRID}
        axes.plot([0, _end(runs)], [row, row], linewidth=0.5, zorder=1, **marked)
        for event, factor in zip(run.events, np.nan_to_num(run.drops), strict=True):
            dark = float(np.clip(0.2 + 0.8 * np.log10(max(factor, 1.0)), 0.2, 1.0))
            axes.plot([event.first, event.last], [row, row], color=mpl.colormaps["cividis_r"](dark),
                      linewidth=2.0, solid_capstyle="butt", zorder=2)  # fmt: skip
    counts = [len(run.events) for run in order]
    for number in sorted(set(counts)):
        rows = [row for row, count in enumerate(counts) if count == number]
        word = "no event" if not number else "1 event" if number == 1 else f"{number} events"
        runs_word = f"{len(rows)} run{'s' * (len(rows) > 1)}:"
        axes.text(0.99, float(np.mean(rows)), f"{runs_word}\n{word}", ha="right", va="center",
                  transform=axes.get_yaxis_transform(), fontsize=style.SMALL,
                  linespacing=1.2, bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
                  zorder=4)  # fmt: skip
    axes.set(xlim=(0, 1.4 * _end(runs)), ylim=(-1, len(runs) * 1.06), yticks=[])
    axes.set_xticks([tick for tick in axes.get_xticks() if 0 <= tick <= _end(runs)])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("training steps", labelpad=2)
    digons = sum(run.ends_in_digons for run in runs)
    axes.set_title(f"Jumps of all {len(runs)} runs", loc="left", pad=14, **style.BOLD)
    words = f"{digons} of them end in digons alone;\ndarker: the loss falls farther (× 1 to × 10)"
    axes.text(0, 1.03, words, transform=axes.transAxes, va="top", fontsize=style.SMALL,
              linespacing=1.3)  # fmt: skip
