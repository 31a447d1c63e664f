"""The paper's figure of feature dimensionality: D_i of every feature, with feature graphs below."""

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superposition.geometry.dimensions import DENSE, NAMED, Line, lines
from superposition.geometry.graphs import Component
from superposition.plotting import style
from superposition.plotting.feature_graphs import draw_graph
from superposition.plotting.levels import COLOURS, Level, dots, inverse_axis, levels
from superposition.weights import Weights

_TARGETS = (1.6, 1.85, 2.6, 3.4, 4.2, 4.8)
"""1/(1 − S) of the models whose graphs are drawn, or as near as there are."""
_ACROSS = 3
_TOP, _LEFT, _RIGHT, _SCATTER, _GRAPH = 0.32, 0.5, 1.62, 3.5, 1.6
_BOTTOM = 0.42
"""Sizes, inches."""
_GAP = 0.12


def draw(weights: Mapping[str, Weights]) -> Figure:
    """Return the figure: D* and all D_i over 1/(1 − S), and the graphs of some models.

    Args:
        weights: Cells of one experiment with equally important features.
    """
    curve = levels(weights.values())
    shown = _chosen(curve)
    rows = -(-len(shown) // _ACROSS)
    height = _TOP + _SCATTER + _BOTTOM + 0.1 + rows * (_GRAPH + 0.3)
    with style.applied():
        figure = Figure(figsize=(style.WIDTH, height), facecolor="white")
        across = style.WIDTH - _LEFT - _RIGHT
        box = (_LEFT, height - _TOP - _SCATTER, across, _SCATTER)
        axes = figure.add_axes(_share(box, height))
        axes.set_gid("dimensionality-scatter")
        _scatter(axes, curve)
        _mark_chosen(axes, shown)
        for place, level in enumerate(shown):
            row, column = divmod(place, _ACROSS)
            wide = (style.WIDTH - 2 * _GAP) / _ACROSS - _GAP
            x = _GAP + column * (wide + 1.5 * _GAP)
            y = height - _TOP - _SCATTER - _BOTTOM - 0.1 - (row + 1) * (_GRAPH + 0.3)
            panel = figure.add_axes(_share((x, y, wide, _GRAPH), height))
            panel.set_gid(f"feature-graph-{chr(ord('a') + place)}")
            parts = draw_graph(panel, level.W, wide, _GRAPH)
            panel.text(0, _GRAPH + 0.19, f"{chr(ord('a') + place)}", fontweight="bold", va="center")
            panel.text(
                0.13, _GRAPH + 0.19, f"$1/(1-S)$ = {level.place:.3g}, $D^*$ = {level.D_star:.2f}",
                va="center",
            )  # fmt: skip
            panel.text(0.13, _GRAPH + 0.06, told(parts), va="center", fontsize=style.SMALL)
    return figure


def told(parts: Sequence[Component]) -> str:
    """Return what components there are, in words: the named ones, then all others together."""
    names = Counter(part.name for part in parts if part.is_named)
    words = [_plural(name, number) for name, number in names.most_common()]
    others = [part for part in parts if not part.is_named]
    if others:
        features = sum(len(part.members) for part in others)
        words.append(f"{features} features in {len(others)} other group{'s' * (len(others) > 1)}")
    return ", ".join(words) or "no features"


def _plural(name: str, number: int) -> str:
    if number == 1:
        return f"1 {name}"
    return f"{number} {'tetrahedra' if name == 'tetrahedron' else name + 's'}"


def _share(
    box: tuple[float, float, float, float], height: float
) -> tuple[float, float, float, float]:
    """Return inches as parts of the page."""
    x, y, wide, high = box
    return (x / style.WIDTH, y / height, wide / style.WIDTH, high / height)


def _chosen(curve: Sequence[Level]) -> list[Level]:
    """Return the levels nearest to those of which graphs are wanted, each once."""
    near = {
        min(range(len(curve)), key=lambda k: abs(np.log(curve[k].place / target)))
        for target in _TARGETS
    }
    return [curve[k] for k in sorted(near)]


def _scatter(axes: Axes, curve: Sequence[Level]) -> None:
    """Draw every feature, D*, and the lines at the paper's fractions."""
    places = [level.place for level in curve]
    inverse_axis(axes, places)
    axes.set(ylim=(-0.03, 1.1), ylabel="$D_i$ of each feature (dots) and $D^*$ (line)")
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "¼", "½", "¾", "1"])
    spread = 0.42 * float(np.diff(np.log(places)).min(initial=0.05))
    for level in curve:
        dense = level.D_star >= DENSE
        tint = style.FAINT if dense else style.INK
        dots(axes, level.place, level.D, min(spread, 0.02), color=tint, markersize=1.7, alpha=0.5)
    stars = np.array([level.D_star for level in curve])
    axes.plot(places, stars, color=style.FAINT, linewidth=2.2, alpha=0.7, zorder=1)
    middle = len(curve) // 4
    axes.annotate("$D^*$", (places[middle], stars[middle]), (5, 4), textcoords="offset points",
                  color=style.FAINT, fontsize=style.HEADING)  # fmt: skip
    dense_until = max((level.place for level in curve if level.D_star >= DENSE), default=None)
    if dense_until is not None:
        axes.text(
            places[0], 1.055, "dense: any basis will do", fontsize=style.SMALL, color=style.FAINT
        )
    found = lines(np.stack([level.D for level in curve]), stars)
    for line, fraction in zip(found, NAMED.values(), strict=True):
        _line(axes, line, fraction)
    _label(axes, 0.0, "0  not learned", style.INK, bold=False)


def _line(axes: Axes, line: Line, fraction: Fraction) -> None:
    """Draw a line at a fraction, solid if features are on it, with what was found beside it."""
    colour = COLOURS[line.name]
    how = "-" if line.is_there else ":"
    axes.axhline(line.fraction, color=colour, linestyle=how, linewidth=1.0, zorder=3)
    words = f"{fraction}  {line.name}: {'a' if line.is_there else 'no'} line ({line.count})"
    _label(axes, line.fraction, words, colour, bold=line.is_there)


def _label(axes: Axes, y: float, words: str, colour: object, bold: bool) -> None:
    offset = {0.375: -4, 0.4: 4}.get(y, 0)
    axes.annotate(
        words, (1, y), (6, offset), xycoords=axes.get_yaxis_transform(), va="center",
        textcoords="offset points", fontsize=style.SMALL,
        color=colour, fontweight="bold" if bold else "normal",
    )  # fmt: skip


def _mark_chosen(axes: Axes, shown: Sequence[Level]) -> None:
    """Mark the models whose graphs are below with their letters."""
    for place, level in enumerate(shown):
        letter = chr(ord("a") + place)
        axes.annotate(letter, (level.place, 1.0), (0, 6), xycoords=axes.get_xaxis_transform(),
                      textcoords="offset points", ha="center", fontweight="bold")  # fmt: skip
        axes.plot(level.place, 1.0, "v", transform=axes.get_xaxis_transform(), color=style.INK,
                  markersize=3, clip_on=False)  # fmt: skip
