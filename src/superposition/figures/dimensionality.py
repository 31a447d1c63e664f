"""The paper's figure of feature dimensionality: D_i of every feature, with feature graphs below."""

import textwrap
from collections import Counter
from collections.abc import Sequence
from string import ascii_lowercase

import numpy as np
from matplotlib.axes import Axes

from superposition.figures import Spec, style
from superposition.figures.parts import levels, numbers
from superposition.figures.parts.graphs import plot_graph
from superposition.figures.parts.page import Page
from superposition.measure.elementary import log
from superposition.measure.geometry.dimensions import DENSE, FEWEST, NAMED, members
from superposition.measure.geometry.graphs import SINGLE, Component, components
from superposition.measure.metrics import dimensions_per_feature, feature_dimensionality
from superposition.measure.network import Network, TrainedCells, dense_first

SPEC = Spec(
    title="The dimensionality of every feature, and graphs of features",
    caption="Above, the dimensionality D_i of every feature in all runs at each level, shifted "
    "sideways a little so that dots do not hide each other. The grey line is D* of the "
    "lowest-loss runs; grey marks are D* of all runs. A line at a fraction is solid if at least "
    f"{FEWEST} features of the lowest-loss runs (number in brackets) are in components of the "
    "polytope's size and dimensions, and their mean D_i is nearer to this fraction than to the "
    "others. They may lie a little lower, because features that are hardly learned take a little "
    "of every dimension. Below, each joined to its level, the networks with most of each "
    "polytope: features are nodes, joined where they are not orthogonal, with thicker lines for "
    "larger |W_i · W_j|, in the colour of the polytope of their component; features that are not "
    "learned are left out.",
    section="Feature Dimensionality",
    experiments=("geometry",),
    claims=("C26", "C27", "C29", "C30", "C33", "C34", "E8"),
)

_TOP, _LEFT, _RIGHT, _SCATTER, _FAN, _HEAD, _GRAPH, _GAP = (
    0.45,
    0.5,
    1.95,
    3.5,
    0.34,
    0.66,
    2.1,
    0.1,
)
"""Sizes, inches; between scatter and graphs lines fan out, from each level to its graph."""
_NOTED = 0.93
"""Part of the scatter's height above which notes stand."""
_WIDEST = 2.0
"""Width of a graph where there are few."""
_NARROW = 25
"""Letters in a line above a graph."""


def plot(cells: TrainedCells) -> Page:
    """The figure: D* and all D_i over 1/(1 − S), and the graphs of networks with polytopes."""
    networks = lettered(cells)
    page = Page(_TOP + _SCATTER + _FAN + _HEAD + _GRAPH + _GAP)
    across = style.WIDTH - _LEFT - _RIGHT
    axes = page.panel(_LEFT, _TOP, across, _SCATTER, gid="dimensionality-scatter")
    _scatter(axes, cells)
    low, high = axes.get_xlim()
    fan = page.blank(0, _TOP + _SCATTER, style.WIDTH, _FAN)
    column = style.WIDTH / max(1, len(networks))
    wide = min(column - _GAP, _WIDEST)
    for k, (letter, network) in enumerate(networks.items()):
        middle = (k + 0.5) * column
        axes.axvline(1 / network.density, ymax=_NOTED, **style.GUIDE)
        place = float(log(1 / network.density / low) / log(high / low))
        fan.plot([_LEFT + place * across, middle], [_FAN, 0.05], **style.GUIDE)
        _graph(page, letter, network, middle - wide / 2, wide)
    return page


def _graph(page: Page, letter: str, network: Network, x: float, wide: float) -> None:
    """Plot the graph of a network, and above it its level, its D* and what it is made of."""
    y = _TOP + _SCATTER + _FAN
    panel = page.panel(x, y + _HEAD, wide, _GRAPH, gid=f"feature-graph-{letter}")
    parts = plot_graph(panel, network.W, wide, _GRAPH)
    D_star = float(dimensions_per_feature(network.W))
    page.write(x, y + 0.09, letter, fontweight="bold", va="center")
    page.write(x + 0.13, y + 0.09, f"$1/(1-S)$ = {1 / network.density:.3g}", va="center")
    words = [f"$D^*$ = {D_star:.2f}", *textwrap.wrap(told(parts), _NARROW)]
    page.write(x + 0.13, y + 0.19, "\n".join(words), va="top", linespacing=1.3, **style.NOTE)


def shown(cells: TrainedCells) -> list[Network]:
    """Of each polytope that the paper names a network with most of them, from dense to sparse.

    No two are of the same level; the rarest polytopes are looked for first.
    """
    there = [one for cell in dense_first(cells) for one in cell.networks]
    there = [one for one in there if float(dimensions_per_feature(one.W)) < DENSE]
    counts = [Counter(part.name for part in components(one.W)) for one in there]
    chosen: dict[float, Network] = {}
    for name in sorted(NAMED, key=lambda name: sum(count[name] for count in counts)):
        left = [k for k, one in enumerate(there) if one.density not in chosen and counts[k][name]]
        if left:
            most = there[max(left, key=lambda k: counts[k][name])]
            chosen[most.density] = most
    return [chosen[density] for density in sorted(chosen, reverse=True)]


def told(parts: Sequence[Component]) -> str:
    """What components there are, in words: the paper's, then all others together."""
    papers = (part.name for part in parts if part.name in (*NAMED, SINGLE))
    names = Counter(name.removeprefix("square ") for name in papers)
    plural = {"tetrahedron": "tetrahedra"}
    words = [
        f"{number} {name if number == 1 else plural.get(name, f'{name}s')}"
        for name, number in names.most_common()
    ]
    others = len(parts) - names.total()
    if others:
        words.append(f"{others} other{'s' * (others > 1)}")
    return ", ".join(words) or "no features"


def _scatter(axes: Axes, cells: TrainedCells) -> None:
    there, star, _ = levels.measured(cells)
    label = "$D_i$ of each feature (dots) and $D^*$ (line)"
    levels.dimension_axes(axes, there, label, -0.03, 1.1)
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    axes.spines["top"].set_visible(True)
    axes.spines["bottom"].set_visible(False)
    spread = min(0.42 * float(np.diff(log(there)).min(initial=0.05)), 0.02)
    for cell, (place, stars) in zip(dense_first(cells), levels.runs(cells), strict=True):
        for W, one in zip(cell.W, stars, strict=True):
            tint = style.FAINT if one >= DENSE else style.INK
            D = feature_dimensionality(W)
            levels.dots(axes, place, D, spread, color=tint, markersize=1.5, alpha=0.35)
        mark: style.Look = {"color": style.FAINT, "markersize": 4.0, "alpha": 0.7, "zorder": 1}
        axes.plot([place] * stars.size, stars, "_", **mark)
    axes.plot(there, star, color=style.FAINT, linewidth=2.2, alpha=0.7, zorder=1)
    middle, large = len(there) // 4, {"color": style.FAINT, "fontsize": style.HEADING}
    style.beside(axes, "$D^*$", (there[middle], star[middle]), (5, 4), **large)
    if (star >= DENSE).any():
        axes.text(there[0], 1.055, "dense: any basis will do", **style.FAINT_NOTE)
    for its in members(cell.best.W for cell in cells):
        dashes, word, weight = ("-", "a", "bold") if its.make_a_line else (":", "no", "normal")
        how: style.Look = {"color": style.POLYTOPES[its.name], "linewidth": 1.0, "zorder": 3}
        axes.axhline(float(its.fraction), linestyle=dashes, **how)
        words = f"{its.fraction}  {its.name}: {word} line ({its.D.size})"
        levels.name_fraction(axes, its.name, words, 6, fontweight=weight)
    right = axes.get_yaxis_transform()
    style.beside(axes, "0  not learned", (1, 0), (6, 0), right, va="center", **style.NOTE)


COLUMNS = numbers.columns(
    **numbers.RUN,
    **numbers.common("dimensions_per_feature", "feature", "dimensionality"),
    graph=("name", "the letter of the graph that shows the run, if there is one"),
)


def rows(cells: TrainedCells) -> numbers.Rows:
    """A row for each feature of each run at each level."""
    letters = {(one.density, one.run): letter for letter, one in lettered(cells).items()}
    for cell in dense_first(cells):
        stars = dimensions_per_feature(cell.W)
        for place, (W, one) in enumerate(zip(cell.W, stars, strict=True)):
            run = {**numbers.of_run(cell, place), "dimensions_per_feature": one}
            run["graph"] = letters.get((cell.density, place))
            yield from numbers.along("feature", run, dimensionality=feature_dimensionality(W))


def lettered(cells: TrainedCells) -> dict[str, Network]:
    """The networks of which the graphs are shown, by their letters."""
    return dict(zip(ascii_lowercase, shown(cells), strict=False))
