"""Theory in phase diagrams: the regions of the simple solutions, and boundaries drawn over them."""

from functools import cache
from typing import Any

import matplotlib.patheffects as effects
import numpy as np
from matplotlib.axes import Axes

from superposition.plotting import style
from superposition.plotting.paper import paper_boundary
from superposition.plotting.phase_colours import OTHERS_SHARE, colours
from superposition.theory import phase, two_features

_PLACES = 41
"""At which the exact boundary is found; an odd number, so that 1× is one of them."""
_HALO = [effects.withStroke(linewidth=1.9, foreground="white")]
SIMPLE: dict[str, Any] = {"color": "black", "linewidth": 0.9, "linestyle": (0, (4, 2))}
EXACT: dict[str, Any] = {"color": "black", "linewidth": 0.9}
MARKS: dict[str, Any] = {
    "linestyle": "none", "marker": "o", "markersize": 3.0, "markerfacecolor": "white",
    "markeredgecolor": style.PAPER_MARK, "markeredgewidth": 0.9, "zorder": 4,
}  # fmt: skip


def regions(axes: Axes, n_hidden: int) -> None:
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
            colour = OTHERS_SHARE
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


def simple_boundaries(axes: Axes, n_hidden: int) -> None:
    """Draw the boundaries between the regions of the simple solutions."""
    x = np.linspace(*axes.get_xlim(), 401)
    axes.plot(x, np.log10(phase.boundary(n_hidden, 10.0**x)), **SIMPLE, path_effects=_HALO)
    meeting = float(np.log10(phase.boundary(n_hidden, np.ones(1)))[0])
    start = meeting if n_hidden == 1 else axes.get_ylim()[0]
    axes.plot([0, 0], [start, axes.get_ylim()[1]], **SIMPLE, path_effects=_HALO)


def exact_boundary(panels: list[Axes], n_hidden: int) -> None:
    """Draw where the exact loss puts the boundary of the antipodal pair."""
    x, y = _edge(*panels[0].get_xlim(), n_hidden)
    for axes in panels:
        axes.plot(x, y, **EXACT, path_effects=_HALO)


@cache
def _edge(first: float, last: float, n_hidden: int) -> tuple[np.ndarray, np.ndarray]:
    """Return log10 of relative importances and of the exact boundary's densities."""
    x = np.linspace(first, last, _PLACES)
    return x, np.log10(two_features.boundary(10.0**x, n_hidden))


def paper_marks(panels: list[Axes]) -> None:
    """Draw the boundaries read off the paper's figure."""
    boundaries = paper_boundary("theory"), *[paper_boundary("experiment")] * 2
    for axes, (x, y) in zip(panels, boundaries, strict=True):
        axes.plot(np.log10(x), np.log10(y), **MARKS)
