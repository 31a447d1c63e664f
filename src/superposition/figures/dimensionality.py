"""The paper's figure of feature dimensionality: D_i of every feature, with feature graphs below."""

from collections import Counter
from collections.abc import Sequence
from string import ascii_lowercase

import numpy as np
from matplotlib.axes import Axes

from superposition.figures import Spec, style
from superposition.figures.parts import levels
from superposition.figures.parts.graphs import plot_graph
from superposition.figures.parts.page import Page
from superposition.figures.parts.paper import Run
from superposition.measure.geometry.dimensions import DENSE, NAMED, lines
from superposition.measure.geometry.graphs import Component
from superposition.measure.network import TrainedCells, dense_first

SPEC = Spec(
    title="Features share dimensions in fixed fractions",
    caption="Above, the dimensionality D_i of every one of 400 features at each level, moved "
    "sideways a little so that they do not hide each other, with D* as the grey line. A line "
    "at a fraction is solid if at least 10 features are within 0.005 of it and twice as many "
    "as in the windows beside it, and dotted if not. Below, features as nodes that are "
    "joined where they are not orthogonal, the thicker the larger |W_i · W_j|, in the colour "
    "of the polytope that each group is; features that are not learned are left out.",
    section="Feature Dimensionality",
    experiments=("geometry",),
    claims=("C26", "C27", "C29", "C30", "C33", "C34"),
)

_TARGETS = (1.6, 1.85, 2.6, 3.4, 4.2, 4.8)
"""1/(1 − S) of the models whose graphs are shown, or as near as there are."""
_ACROSS = 3
_TOP, _LEFT, _RIGHT, _SCATTER, _GRAPH, _BOTTOM, _GAP = 0.32, 0.5, 1.62, 3.5, 1.6, 0.42, 0.12
"""Sizes, inches."""


def plot(cells: TrainedCells) -> Page:
    """The figure: D* and all D_i over 1/(1 − S), and the graphs of some models."""
    curve = levels.measured(cells)
    shown = sorted({int(np.abs(np.log(curve.places / at)).argmin()) for at in _TARGETS})
    rows = -(-len(shown) // _ACROSS)
    page = Page(_TOP + _SCATTER + _BOTTOM + 0.1 + rows * (_GRAPH + 0.3))
    across = style.WIDTH - _LEFT - _RIGHT
    axes = page.panel(_LEFT, _TOP, across, _SCATTER, gid="dimensionality-scatter")
    _scatter(axes, curve)
    above = axes.get_xaxis_transform()
    for k, (letter, level) in enumerate(zip(ascii_lowercase, shown, strict=False)):
        place = float(curve.places[level])
        style.beside(axes, letter, (place, 1.0), (0, 6), above, ha="center", fontweight="bold")
        axes.plot(place, 1.0, "v", transform=above, color=style.INK, markersize=3, clip_on=False)
        row, column = divmod(k, _ACROSS)
        wide = (style.WIDTH - 2 * _GAP) / _ACROSS - _GAP
        x = _GAP + column * (wide + 1.5 * _GAP)
        y = _TOP + _SCATTER + _BOTTOM + 0.1 + row * (_GRAPH + 0.3) + 0.3
        panel = page.panel(x, y, wide, _GRAPH, gid=f"feature-graph-{letter}")
        parts = plot_graph(panel, dense_first(cells)[level].best.W, wide, _GRAPH)
        title = f"$1/(1-S)$ = {place:.3g}, $D^*$ = {curve.D_star[level]:.2f}"
        panel.text(0, _GRAPH + 0.19, letter, fontweight="bold", va="center")
        panel.text(0.13, _GRAPH + 0.19, title, va="center")
        panel.text(0.13, _GRAPH + 0.06, told(parts), va="center", **style.NOTE)
    return page


def told(parts: Sequence[Component]) -> str:
    """What components there are, in words: the named ones, then all others together."""
    names = Counter(part.name for part in parts if part.is_named)
    plural = {"tetrahedron": "tetrahedra"}
    words = [
        f"{number} {name if number == 1 else plural.get(name, f'{name}s')}"
        for name, number in names.most_common()
    ]
    others = [part for part in parts if not part.is_named]
    if others:
        features = sum(len(part.members) for part in others)
        words.append(f"{features} features in {len(others)} other group{'s' * (len(others) > 1)}")
    return ", ".join(words) or "no features"


def _scatter(axes: Axes, curve: Run) -> None:
    there, star, D = curve
    label = "$D_i$ of each feature (dots) and $D^*$ (line)"
    levels.dimension_axes(axes, there, label, -0.03, 1.1)
    spread = min(0.42 * float(np.diff(np.log(there)).min(initial=0.05)), 0.02)
    for place, one, is_dense in zip(there, D, star >= DENSE, strict=True):
        tint = style.FAINT if is_dense else style.INK
        levels.dots(axes, place, one, spread, color=tint, markersize=1.7, alpha=0.5)
    axes.plot(there, star, color=style.FAINT, linewidth=2.2, alpha=0.7, zorder=1)
    middle, large = len(there) // 4, {"color": style.FAINT, "fontsize": style.HEADING}
    style.beside(axes, "$D^*$", (there[middle], star[middle]), (5, 4), **large)
    if (star >= DENSE).any():
        axes.text(there[0], 1.055, "dense: any basis will do", **style.FAINT_NOTE)
    for line, fraction in zip(lines(D, star), NAMED.values(), strict=True):
        dashes, word, weight = ("-", "a", "bold") if line.is_there else (":", "no", "normal")
        how: style.Look = {"color": style.POLYTOPES[line.name], "linewidth": 1.0, "zorder": 3}
        axes.axhline(line.fraction, linestyle=dashes, **how)
        words = f"{fraction}  {line.name}: {word} line ({line.count})"
        levels.name_fraction(axes, line.name, words, 6, fontweight=weight)
    right = axes.get_yaxis_transform()
    style.beside(axes, "0  not learned", (1, 0), (6, 0), right, va="center", **style.NOTE)
