"""The paper's figure of feature dimensionality: D_i of every feature, with feature graphs below."""

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
from superposition.measure.geometry.dimensions import DENSE, NAMED, members
from superposition.measure.geometry.graphs import SINGLE, Component, components
from superposition.measure.metrics import dimensions_per_feature, feature_dimensionality
from superposition.measure.network import Network, TrainedCells, dense_first

SPEC = Spec(
    title="Features share dimensions in fixed fractions",
    caption="Above, the dimensionality D_i of every one of 400 features in all runs at each level, "
    "moved sideways a little so that they do not hide each other. The grey line is D* of the "
    "lowest-loss runs, the grey marks that of all. A line at a fraction is solid if at least 10 "
    "features of the lowest-loss runs (in brackets, how many) are in components of the polytope's "
    "size and dimensions, and their mean D_i is nearer to it than to the others; they may lie a "
    "little lower, for features that are hardly learned take a little of every dimension. "
    "Below, networks with most of each polytope: features as nodes that are joined where they are "
    "not orthogonal, the thicker the larger |W_i · W_j|, in the colour of the polytope that each "
    "component is; features that are not learned are left out.",
    section="Feature Dimensionality",
    experiments=("geometry",),
    claims=("C26", "C27", "C29", "C30", "C33", "C34", "E8"),
)

_ACROSS = 3
_TOP, _LEFT, _RIGHT, _SCATTER, _GRAPH, _BOTTOM, _GAP = 0.32, 0.5, 1.8, 3.5, 1.6, 0.42, 0.12
"""Sizes, inches."""


def plot(cells: TrainedCells) -> Page:
    """The figure: D* and all D_i over 1/(1 − S), and the graphs of networks with polytopes."""
    networks = lettered(cells)
    down = -(-len(networks) // _ACROSS)
    page = Page(_TOP + _SCATTER + _BOTTOM + 0.1 + down * (_GRAPH + 0.3))
    across = style.WIDTH - _LEFT - _RIGHT
    axes = page.panel(_LEFT, _TOP, across, _SCATTER, gid="dimensionality-scatter")
    _scatter(axes, cells)
    above = axes.get_xaxis_transform()
    for k, (letter, network) in enumerate(networks.items()):
        place = 1 / network.density
        style.beside(axes, letter, (place, 1.0), (0, 6), above, ha="center", fontweight="bold")
        axes.plot(place, 1.0, "v", transform=above, color=style.INK, markersize=3, clip_on=False)
        row, column = divmod(k, _ACROSS)
        wide = (style.WIDTH - 2 * _GAP) / _ACROSS - _GAP
        x = _GAP + column * (wide + 1.5 * _GAP)
        y = _TOP + _SCATTER + _BOTTOM + 0.1 + row * (_GRAPH + 0.3) + 0.3
        panel = page.panel(x, y, wide, _GRAPH, gid=f"feature-graph-{letter}")
        parts = plot_graph(panel, network.W, wide, _GRAPH)
        D_star = float(dimensions_per_feature(network.W))
        panel.text(0, _GRAPH + 0.19, letter, fontweight="bold", va="center")
        title = f"$1/(1-S)$ = {place:.3g}, $D^*$ = {D_star:.2f}"
        panel.text(0.13, _GRAPH + 0.19, title, va="center")
        panel.text(0.13, _GRAPH + 0.06, told(parts), va="center", **style.NOTE)
    return page


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
    graph=("name", "the letter of the graph that the run is shown as, if it is"),
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
