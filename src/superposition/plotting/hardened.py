"""What adversarial training does to superposition."""

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any, TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superposition.plotting import style
from superposition.plotting.under_attack import Runs, under_attack
from superposition.weights import Weights

_HEIGHT = 2.7
_PAPER = 0.8
"""Attacks that the paper needs to remove superposition, in mean input lengths."""


_Curve: TypeAlias = list[tuple[float, Runs]]
"""By the length of attacks in training, in mean input lengths; all at one density."""


def draw(weights: Mapping[str, Weights]) -> Figure:
    """Return the figure.

    Args:
        weights: Cells of experiments that differ in the attacks they were trained under.
    """
    curves: dict[float, _Curve] = {}
    for cell in sorted(weights.values(), key=_attack):
        runs = under_attack(cell)
        curves.setdefault(runs.density, []).append((_attack(cell), runs))
    with style.applied():
        figure = Figure(figsize=(style.WIDTH, _HEIGHT), facecolor="white")
        width, height = 0.255, 0.72
        panels = [figure.add_axes((left, 0.165, width, height)) for left in (0.07, 0.40, 0.735)]
        for axes, name, title, label in zip(
            panels,
            ("crowding", "analytic", "clean"),
            ("Superposition", "Vulnerability", "Price"),
            (
                "features per dimension",
                r"$(L^{\prime} - L)\, /\, (L^{\prime}_0 - L_0)$",
                "clean loss / that without attacks",
            ),
            strict=True,
        ):
            _curves(axes, curves, name)
            axes.axhline(1, color=style.FAINT, linewidth=0.6, zorder=0)
            axes.axvline(_PAPER, color=style.PAPER_MARK, linewidth=0.9, linestyle="--", zorder=0)
            style.heading(axes, title)
            axes.set(xlabel="attack in training / mean input", ylabel=label)
            axes.set_ylim(0)
        _curves(panels[0], curves, "shared", linestyle=":", marker="s")
        _say(panels)
    return figure


def _attack(cell: Weights) -> float:
    return float(cell.cell.training.attack)


def _curves(
    axes: Axes,
    curves: Mapping[float, _Curve],
    name: str,
    linestyle: str = "-",
    marker: str = "o",
) -> None:
    """Draw one quantity over the size of attacks, a line for each density."""
    from_dense = sorted(curves.items(), reverse=True)
    for (density, curve), colour in zip(from_dense, cycle(style.SERIES), strict=False):
        sizes = [size for size, _ in curve]
        runs = [getattr(found, name) for _, found in curve]
        if name == "clean":
            runs = [values / np.median(runs[0]) for values in runs]
        how: dict[str, Any] = {"color": colour}
        label = f"$1-S$ = {density:g}" if linestyle == "-" else None
        axes.plot(sizes, [float(np.median(values)) for values in runs], linestyle,
                  linewidth=1.3, label=label, **how)  # fmt: skip
        for size, values in zip(sizes, runs, strict=True):
            axes.plot([size] * len(values), values, marker, markersize=2.4, markeredgewidth=0,
                      **how)  # fmt: skip


def _say(panels: Sequence[Axes]) -> None:
    """Say which line is which."""
    panels[0].plot([], [], "-", color=style.INK, linewidth=1.3, label=r"$\Vert W \Vert_F^2 / m$")
    panels[0].plot([], [], ":", color=style.INK, linewidth=1.3, label="sharing directions")
    handles, labels = panels[0].get_legend_handles_labels()
    how: dict[str, Any] = {"frameon": False, "fontsize": style.SMALL, "handlelength": 1.6}
    panels[0].legend(handles[-2:], labels[-2:], loc="upper right", **how)
    panels[2].legend(loc="lower right", **how)
    panels[1].text(_PAPER, 0.98, "paper: superposition\ngone at 0.8 ", va="top", ha="right",
                   transform=panels[1].get_xaxis_transform(), fontsize=style.SMALL,
                   color=style.PAPER_MARK)  # fmt: skip
