"""Which polytope pays at which density, and what trained networks are made of."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from superposition.figures import Spec, style
from superposition.figures.parts import levels, numbers
from superposition.figures.parts.graphs import colour
from superposition.figures.parts.page import Page, apart, log_axis
from superposition.measure.elementary import equal_ratios, log
from superposition.measure.metrics import LEARNED, is_learned
from superposition.measure.network import TrainedCell, TrainedCells, dense_first
from superposition.measure.structures import PAYING
from superposition.measure.structures.payoff import (
    EDGE,
    OTHER,
    composition,
    payoffs,
    saved_per_dimension,
)

_FEWEST = 10
"""Learned features of a level, in all runs together, from which on it is said what they make."""

SPEC = Spec(
    title="Which polytope pays at which density",
    caption="Above, theory: the loss that a polytope of equally important features saves per "
    "dimension, over what a feature alone in a dimension saves, with lengths, angles and biases "
    "at their best. The strip has the colour of the best polytope. Dots are trained networks: "
    "what all of their dimensions save together. Below, what these networks are made of: the "
    f"share of learned features (‖W_i‖ > {LEARNED:g}) in components of each kind, over all runs "
    f"together; features are joined where |cos| > {EDGE:g}; blank where fewer than {_FEWEST} are "
    "learned. Where polytopes save about the same, training may take either.",
    section="Feature Dimensionality",
    place=4,
    experiments=("geometry",),
    claims=("C27", "C30", "E5"),
)

_LEFT, _RIGHT, _TOP = 0.5, 1.25, 0.5
_CURVES, _SHARES, _BETWEEN, _BOTTOM = 2.6, 1.25, 0.5, 0.42
"""Sizes, inches."""
_POINTS = 45
_DENSE = (1.25, 1.75)
"""The 1/(1 − S) that are shown enlarged."""
_APART = 0.053
"""Names of curves are at least so far apart, in parts of the panel's height."""


def plot(cells: TrainedCells) -> Page:
    """The figure: payoffs over 1/(1 − S), and the components of trained networks."""
    ordered = dense_first(cells)
    places = np.array([1 / cell.density for cell in ordered])
    page = Page(_TOP + _CURVES + _BETWEEN + _SHARES + _BOTTOM)
    across = style.WIDTH - _LEFT - _RIGHT
    above = page.panel(_LEFT, _TOP, across, _CURVES, gid="payoff-theory")
    below = page.panel(_LEFT, _TOP + _CURVES + _BETWEEN, across, _SHARES, gid="payoff-networks")
    saves = [saved_per_dimension(cell) for cell in ordered]
    _theory(above, places, max(float(np.nan_to_num(saved).max()) for saved in saves))
    for saved, place in zip(saves, places, strict=True):
        above.plot([place] * len(saved), saved, "o", color=style.INK, markersize=2.4, zorder=5)
    _shares(below, ordered, places)
    return page


def _theory(axes: Axes, places: np.ndarray, most: float) -> None:
    """The payoff of each polytope, and a strip that says which is largest.

    The most that a network saves is to be seen as well.
    """
    x, found = _in_theory(places)
    _curves(axes, x, found)
    ends = found[-1]
    low, high = 0.93, max(*ends.values(), most) * 1.05
    levels.inverse_axis(axes, places, label="")
    log_axis(axes, [number for number in (1, 1.2, 1.5, 2, 2.5, 3, 4) if number < high], "y")
    axes.set(ylim=(low, high), ylabel="saved per dimension (single feature: 1)")
    _name_ends(axes, ends, low, high)
    _strip(axes, x, [max(one, key=lambda name: one[name]) for one in found])
    style.note(axes, 0.98, 0.12, "dots: trained networks", ha="right")
    if places.min() < _DENSE[0] and places.max() > _DENSE[1]:
        _dense(axes.inset_axes((0.075, 0.55, 0.3, 0.38)))
    style.heading(axes, "What a dimension saves in each polytope", 1.11)


def _curves(axes: Axes, x: np.ndarray, found: Sequence[dict[str, float]]) -> None:
    for structure in PAYING:
        y = [one[structure] for one in found]
        axes.plot(x, y, color=colour(structure), linewidth=1.5)


def _dense(axes: Axes) -> None:
    """The same where features are dense, and polytopes differ by little."""
    x = equal_ratios(*_DENSE, 25)
    found = [payoffs(float(1 / place)) for place in x]
    _curves(axes, x, found)
    levels.inverse_axis(axes, x, label="", numbers=(1.3, 1.5, 1.7))
    axes.set(xlim=_DENSE, ylim=(0.99, 1.01 * max(max(one.values()) for one in found)))
    axes.set_yticks([1, 1.05, 1.1, 1.15])
    style.note(axes, 0.05, 0.87, "enlarged")


def _name_ends(axes: Axes, ends: dict[str, float], low: float, high: float) -> None:
    """Name the curves at their right ends, moved apart where they meet."""
    structures = sorted(ends, key=lambda name: ends[name])
    heights = [float(log(ends[name] / low) / log(high / low)) for name in structures]
    for structure, height in zip(structures, apart(heights, _APART), strict=True):
        style.note(axes, 1.015, height, structure, color=colour(structure), va="center")


def _strip(axes: Axes, x: np.ndarray, best: Sequence[str]) -> None:
    """A strip above the panel, in the colour of what is best at each place."""
    above = axes.get_xaxis_transform()
    middles = np.sqrt(x[1:] * x[:-1])
    edges = np.array([x[0], *middles, x[-1]])
    changes = [k for k in range(len(best)) if k == 0 or best[k] != best[k - 1]]
    for first, last in zip(changes, [*changes[1:], len(best)], strict=True):
        start, end, name = edges[first], edges[last], best[first]
        how: style.Look = {"transform": above, "clip_on": False, "linewidth": 0}
        axes.fill_between([start, end], 1.015, 1.05, color=colour(name), **how)
        if log(end / start) > 0.09 * log(x[-1] / x[0]):
            where = (float(np.sqrt(start * end)), 1.05)
            style.beside(axes, name, where, (0, 2), above, ha="center", **style.NOTE)


def _shares(axes: Axes, cells: Sequence[TrainedCell], places: np.ndarray) -> None:
    """A bar for each level: shares of learned features by kind, over all runs."""
    bounds = np.sqrt(places[1:] * places[:-1])
    left = np.array([places[0] / 1.03, *bounds])
    right = np.array([*bounds, places[-1] * 1.03])
    made = [_made_of(cell) for cell in cells]
    bottom = np.zeros(len(cells))
    for kind in (*PAYING, OTHER):
        share = np.array([one[kind] for one in made])
        tint = style.IGNORED if kind == OTHER else colour(kind)
        look: style.Look = {"color": tint, "edgecolor": style.WHITE, "linewidth": 0.3}
        axes.bar(left, share, right - left, bottom, align="edge", **look)
        bottom += share
    levels.inverse_axis(axes, places)
    axes.set(ylim=(0, 1), ylabel="share of learned features")
    axes.set_yticks([0, 0.5, 1], ["0", "½", "1"])
    words = "colours as above;\ngrey: other or\nlarger groups"
    style.note(axes, 1.015, 0.5, words, color=style.FAINT, va="center")
    style.heading(axes, "What trained networks are made of", 1.08)


def _made_of(cell: TrainedCell) -> dict[str, float]:
    """The share of learned features by kind; not numbers if there are too few to tell."""
    few = is_learned(cell.W).sum() < _FEWEST
    return composition(() if few else [network.W for network in cell.networks])


def _in_theory(places: np.ndarray) -> tuple[np.ndarray, list[dict[str, float]]]:
    """The payoff of each polytope at places from the densest level to the sparsest."""
    x = equal_ratios(places.min(), places.max(), _POINTS)
    return x, [payoffs(float(1 / place)) for place in x]


COLUMNS = numbers.columns(
    panel=(
        "name",
        "theory: the payoff of a polytope; network: what a trained network saves; share: "
        "what the networks of a level are made of",
    ),
    **numbers.RUN,
    structure=("name", "the polytope, or other"),
    saved=("ratio", "loss saved for each dimension, over that of a feature alone in one"),
    share=(
        "share",
        "share of learned features in components of this kind, over all runs; empty if there are "
        f"fewer than {_FEWEST}",
    ),
    learned=("count", "learned features of all runs together"),
)


def rows(cells: TrainedCells) -> numbers.Rows:
    """A row for each polytope at each place, for each network, and each kind at each level."""
    ordered = dense_first(cells)
    for place, found in zip(*_in_theory(np.array([1 / c.density for c in ordered])), strict=True):
        for structure, saved in found.items():
            row = {"panel": "theory", "density": 1 / place}
            yield {**row, "structure": structure, "saved": saved}
    for cell in ordered:
        for run, saved in enumerate(saved_per_dimension(cell)):
            yield {"panel": "network", **numbers.of_run(cell, run), "saved": saved}
    for cell in ordered:
        row = {"panel": "share", **numbers.of_cell(cell), "learned": int(is_learned(cell.W).sum())}
        for kind, share in _made_of(cell).items():
            yield {**row, "structure": kind, "share": share}
