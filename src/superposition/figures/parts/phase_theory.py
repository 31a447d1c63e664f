"""Theory in phase diagrams: the regions of the simple solutions, and boundaries over them."""

from typing import Any

import matplotlib.patheffects as effects
import numpy as np
from matplotlib.axes import Axes

from superposition.figures import style
from superposition.measure.metrics import interference, norms
from superposition.measure.theory import phase, two_features

_PLACES = 41
"""At which the exact boundary is found; an odd number, so that 1× is one of them."""
_HALO = [effects.withStroke(linewidth=1.9, foreground=style.WHITE)]
SIMPLE: dict[str, Any] = {"color": style.BLACK, "linewidth": 0.9, "linestyle": (0, (4, 2))}
EXACT: dict[str, Any] = {"color": style.BLACK, "linewidth": 0.9}
MARKS: dict[str, Any] = {
    "linestyle": "none", "marker": "o", "markersize": 3.0, "markerfacecolor": style.WHITE,
    "markeredgecolor": style.PAPER_MARK, "markeredgewidth": 0.9, "zorder": 4,
}  # fmt: skip


def regions(axes: Axes, n_hidden: int) -> None:
    """Fill the regions in which each solution is best, and name them."""
    x = np.linspace(*axes.get_xlim(), 401)
    bottom, top = axes.get_ylim()
    edge = np.log10(phase.boundary(n_hidden, 10.0**x))
    for solution in phase.solutions(n_hidden):
        others_share = solution.name == "others_in_pair"
        shown = norms(solution.W)[-1:], interference(solution.W)[-1:]
        colour: Any = style.PHASE_OTHERS_SHARE if others_share else style.phase(*shown)
        below = bool(solution.paired)
        side = x <= 0 if solution.name in ("ignore_extra", "extra_in_pair") else x >= 0
        if below and n_hidden == 1:
            side = np.ones_like(side)
        ends = (bottom, edge[side]) if below else (edge[side], top)
        axes.fill_between(x[side], *ends, color=colour, linewidth=0)
        height = (bottom + edge.max()) / 2 if below else (-0.16 if n_hidden == 1 else -0.1)
        ink = style.INK if solution.name == "ignore_extra" else style.WHITE
        middle: dict[str, Any] = {"ha": "center", "va": "center", "linespacing": 1.25, "color": ink}
        axes.text(float(np.mean(x[side])), height, _describe(solution), **middle, **style.NOTE)


def _describe(solution: phase.Solution) -> str:
    """A solution's W, as the paper gives it, and what it means."""
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
    silent = ("1" if i in (solution.ignored or solution.paired) else "0" for i in range(n))
    return rf"$W \perp [{', '.join(silent)}]$" f"\n{words[solution.name]}"


def simple_boundaries(axes: Axes, n_hidden: int) -> None:
    """Plot the boundaries between the regions of the simple solutions."""
    x, (bottom, top) = np.linspace(*axes.get_xlim(), 401), axes.get_ylim()
    axes.plot(x, np.log10(phase.boundary(n_hidden, 10.0**x)), **SIMPLE, path_effects=_HALO)
    if n_hidden == 1:
        bottom = float(np.log10(phase.boundary(n_hidden, np.ones(1)))[0])
    axes.plot([0, 0], [bottom, top], **SIMPLE, path_effects=_HALO)


def exact_boundary(panels: list[Axes], n_hidden: int) -> None:
    """Plot where the exact loss puts the boundary of the antipodal pair."""
    x = np.linspace(*panels[0].get_xlim(), _PLACES)
    y = np.log10(two_features.boundary(10.0**x, n_hidden))
    for axes in panels:
        axes.plot(x, y, **EXACT, path_effects=_HALO)


def paper_marks(panels: list[Axes]) -> None:
    """Plot the boundaries read off the paper's figure."""
    boundaries = phase.paper_boundary("theory"), *[phase.paper_boundary("experiment")] * 2
    for axes, (x, y) in zip(panels, boundaries, strict=True):
        axes.plot(np.log10(x), np.log10(y), **MARKS)
