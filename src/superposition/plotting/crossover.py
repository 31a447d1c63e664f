"""Loss of every local solution as one feature gets sparser: two branches that cross."""

from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superposition.geometry.branches import (
    ARM_SHARED,
    NEAR,
    OTHER,
    PENTAGON,
    WITHOUT,
    WITHOUT_ANOTHER,
    Crossing,
)
from superposition.plotting import style
from superposition.plotting.varied import Point, crossing, points
from superposition.weights import Weights

_HEIGHT = 3.3
_PAPER = 0.4
"""Relative density below which digons are best according to the paper: about 2.5 times sparser."""
_OKABE = mpl.color_sequences["okabe_ito"]
_KINDS: dict[str, tuple[Any, str, str]] = {
    PENTAGON: (_OKABE[5], "o", "pentagon"),
    WITHOUT: (_OKABE[6], "s", "two digons, varied feature at zero"),
    WITHOUT_ANOTHER: (_OKABE[1], "D", "two digons, another at zero"),
    ARM_SHARED: (_OKABE[3], "^", "two digons, one arm shared"),
    OTHER: (style.FAINT, "x", "other"),
}
"""Colour, mark and name of each kind of solution."""
_LEGEND = 0.5
"""Left edge of the legend, as a part of the width."""
_SCALE = 1e3
_ROOM = 1.1
_MARK = 0.72
"""Up to where the crossing is marked, as a part of the height."""


def draw(weights: Mapping[str, Weights]) -> Figure:
    """Return the figure.

    Args:
        weights: Cells that differ in the density of the last feature.
    """
    found = points(weights)
    there = crossing(found)
    with style.applied():
        figure = Figure(figsize=(style.WIDTH, _HEIGHT), facecolor="white")
        axes = figure.add_axes((0.075, 0.13, 0.55, 0.72))
        _losses(axes, found)
        _marks(axes, there)
        style.heading(axes, "Loss of every run", 1.12)
        beside = figure.add_axes((0.72, 0.13, 0.265, 0.72))
        _difference(beside, found, there)
        style.heading(beside, "Pentagon − digons", 1.12)
    return figure


def _losses(axes: Axes, found: list[Point]) -> None:
    """Draw the loss of each run, and join the lowest of each kind."""
    most = 0.0
    for kind, (colour, mark, _) in _KINDS.items():
        runs = [(p.relative, loss) for p in found for loss in p.loss[p.of(kind)].tolist()]
        if not runs:
            continue
        q, loss = np.array(runs).T
        axes.plot(q, _SCALE * loss, mark, markersize=2.6, color=colour, alpha=0.45,
                  markeredgewidth=0.6 if mark == "x" else 0, zorder=2)  # fmt: skip
        if kind == OTHER:
            continue
        lowest = np.array([p.lowest(kind) for p in found])
        relative = np.array([p.relative for p in found])
        axes.plot(relative, _SCALE * lowest, color=colour, linewidth=1.1, zorder=3)
        most = max(most, _SCALE * float(np.nanmax(lowest)))
    axes.set_ylim(0, _ROOM * most if most else None)
    _relative_axis(axes)
    axes.set_ylabel("loss × 1000", labelpad=3)
    _legend(axes, found)


def _legend(axes: Axes, found: list[Point]) -> None:
    """Name the kinds that there are, with the number of runs."""
    total = sum(len(p.kinds) for p in found)
    y = 0.3
    axes.text(_LEGEND, y, f"Of {total} runs", transform=axes.transAxes, va="center",
              fontsize=style.SMALL)  # fmt: skip
    for kind, (colour, mark, name) in _KINDS.items():
        number = sum(p.kinds.count(kind) for p in found)
        if not number:
            continue
        y -= 0.053
        axes.plot([_LEGEND + 0.015], [y], mark, transform=axes.transAxes, color=colour,
                  markersize=4, markeredgewidth=1 if mark == "x" else 0)  # fmt: skip
        axes.text(_LEGEND + 0.04, y, f"{number}  {name}", transform=axes.transAxes, va="center",
                  fontsize=style.SMALL)  # fmt: skip


def _relative_axis(axes: Axes) -> None:
    axes.set_xscale("log")
    ticks = [0.1, 0.2, 0.3, 0.4, 0.6, 1, 2, 4]
    low, high = axes.get_xlim()
    shown = [tick for tick in ticks if low <= tick <= high]
    axes.set_xticks(shown, [f"{tick:g}" for tick in shown])
    axes.minorticks_off()
    axes.set_xlabel("density of the varied feature / that of the others", labelpad=2)


def _marks(axes: Axes, there: Crossing | None) -> None:
    """Mark where the branches cross, here and in the paper."""
    above = axes.get_xaxis_transform()
    axes.axvline(_PAPER, 0, _MARK, color=style.PAPER_MARK, linewidth=0.9, linestyle="--", zorder=1)
    axes.text(_PAPER, _MARK, f" paper ≈ {_PAPER:g}", transform=above, ha="left", va="top",
              color=style.PAPER_MARK, fontsize=style.SMALL)  # fmt: skip
    if there is None:
        return
    axes.axvspan(there.low, there.high, 0, _MARK, color=style.GRID, zorder=0, linewidth=0)
    axes.text(there.low, _MARK, f"here {there.relative:.3f} ", transform=above, ha="right",
              va="top", fontsize=style.SMALL)  # fmt: skip


def _difference(axes: Axes, found: list[Point], there: Crossing | None) -> None:
    """Draw by how much the best pentagon's loss is above that of the best digons."""
    relative = np.array([p.relative for p in found])
    values = _SCALE * np.array([p.lowest(PENTAGON) - p.lowest(WITHOUT) for p in found])
    middle = there.relative if there else _PAPER
    near = np.isfinite(values) & (relative > middle / NEAR / 1.2) & (relative < middle * NEAR * 1.2)
    axes.axhline(0, color=style.INK, linewidth=0.6)
    axes.plot(relative[near], values[near], "o", markersize=3.4, color=style.INK,
              markeredgewidth=0, zorder=3)  # fmt: skip
    axes.axvline(_PAPER, color=style.PAPER_MARK, linewidth=0.9, linestyle="--", zorder=1)
    if there:
        axes.axvspan(there.low, there.high, color=style.GRID, zorder=0, linewidth=0)
        axes.plot(there.curve[0], _SCALE * there.curve[1], color=style.FAINT, linewidth=0.9)
        text = (
            f"zero at {there.relative:.3f}\n95 %: {there.low:.3f} to {there.high:.3f}\n"
            f"trained at {there.below:.3g}, {there.above:.3g}"
        )
        ground = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
        axes.text(0.99, 0.99, text, transform=axes.transAxes, fontsize=style.SMALL, va="top",
                  ha="right", linespacing=1.25, bbox=ground, zorder=6)  # fmt: skip
    axes.set_xlabel("relative density", labelpad=2)
    axes.set_ylabel("difference of lowest losses × 1000", labelpad=1)
