"""The paper's first figure: five features in two dimensions, from dense to sparse."""

import textwrap
from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superposition.metrics import (
    antipodal_pairs,
    is_orthogonal,
    is_represented,
    norms,
    uneven_angle,
)
from superposition.plotting import style
from superposition.weights import Weights

_LIMIT = 1.42
_ACROSS, _MANY_ACROSS = 3, 5
"""Most panels in a row, and where they would fill more than two rows."""
_KEY = 0.34
"""Height of the colours' key, inches."""
_NARROW = 23
"""Letters in a line above a narrow panel."""
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_POLYGONS = {3: "a triangle", 5: "a pentagon", 6: "a hexagon", 7: "a heptagon", 8: "an octagon"}
_EVEN = 10.0
"""Degrees by which the angles of a polygon may be off."""
_VISIBLE = 0.1
"""Shorter directions are dots at the origin."""
_IN_THE_WAY = 1.1
"""√2 times the cosine of 39°: a feature this close to a diagonal is in the way of what is there."""

Plane = Float[np.ndarray, "2 n_features"]


def draw(weights: Mapping[str, Weights]) -> Figure:
    """Return the figure: one panel for each density, from dense to sparse.

    Args:
        weights: Cells of models with two hidden dimensions.
    """
    cells = sorted(weights.values(), key=lambda w: -max(w.cell.features.feature_probability))
    across = _ACROSS if len(cells) <= 2 * _ACROSS else _MANY_ACROSS
    panel = style.WIDTH / across
    with style.applied():
        rows = -(-len(cells) // across)
        title = 0.62 if across == _ACROSS else 0.7
        height = rows * (title + panel) + _KEY
        figure = Figure(figsize=(style.WIDTH, height), facecolor=style.GROUND)
        for place, cell in enumerate(cells):
            row, column = divmod(place, across)
            in_row = min(across, len(cells) - row * across)
            x = (style.WIDTH - in_row * panel) / 2 + column * panel
            y = height - (row + 1) * (title + panel)
            box = np.array([x, y, panel, panel]) / np.tile([style.WIDTH, height], 2)
            _panel(figure.add_axes(tuple(box)), cell, across == _ACROSS)
        _importance_key(figure, height, cells[0].W.shape[-1])
    return figure


def upright(W: Plane) -> Plane:
    """Return W turned, and mirrored if need be, into the one orientation in which it is drawn.

    The loss does not change under rotations and reflections of hidden space, so two runs that found
    the same solution differ by one. Here the most important represented feature points up, and the
    next that is not in line with it to the right.
    """
    length = norms(W)
    learned = np.flatnonzero(length > _VISIBLE)
    if not learned.size:
        return W
    x, y = W[:, learned[0]] / length[learned[0]]
    turned = np.stack([y * W[0] - x * W[1], x * W[0] + y * W[1]])
    aside = learned[np.abs(turned[0, learned]) > _VISIBLE]
    mirrored = aside.size > 0 and turned[0, aside[0]] < 0
    turned[0] *= -1.0 if mirrored else 1.0
    return turned


def describe(W: Plane) -> tuple[str, str]:
    """Return what is seen in a panel as two short lines: the geometry, and who is left out."""
    learned = is_represented(W)
    number = int(learned.sum())
    pairs, own = int(antipodal_pairs(W)), int(is_orthogonal(W).sum())
    ignored = learned.size - number
    shape = f"{_word(number)} feature{'' if number == 1 else 's'} in two dimensions"
    if number in _POLYGONS and uneven_angle(W[:, learned]) < _EVEN:
        shape = f"{_word(number)} features as {_POLYGONS[number]}"
    elif pairs and 2 * pairs + own == number:
        shape = f"{_word(pairs)} antipodal pair{'s' if pairs > 1 else ''}"
        shape += f" and {_word(own)} alone" if own else ""
    elif own == number > 1:
        shape = f"{_word(own)} features, a dimension each"
    left_out = f"{_word(ignored)} not represented" if ignored else "all represented"
    return shape, left_out


def _word(number: int) -> str:
    return _NUMBERS[number] if number < len(_NUMBERS) else str(number)


def _panel(axes: Axes, weights: Weights, wide: bool) -> None:
    """Draw the lowest-loss run of one cell, with what is seen above it."""
    W = upright(weights.W[weights.best].astype(np.float64))
    density = max(weights.cell.features.feature_probability)
    axes.set_gid(f"intro-density-{density:g}")
    _ground(axes)
    colours = style.importance_colours()(np.linspace(1, 0, W.shape[1]))
    for i in reversed(range(W.shape[1])):
        _feature(axes, W[:, i], colours[i], str(i + 1), 0.17 if wide else 0.23)
    _at_origin(axes, W)
    shape, left_out = describe(W)
    sparsity = f"{100 * (1 - density):.3g} % sparsity"
    middle: dict[str, Any] = {"transform": axes.transAxes, "ha": "center", "va": "bottom"}
    if wide:
        axes.text(0.5, 1.155, sparsity, **middle, **style.BOLD)
        axes.text(0.5, 1.075, shape, **middle)
        axes.text(0.5, 1.0, left_out, **middle, color=style.FAINT)
        return
    lines = [*textwrap.wrap(shape, _NARROW), left_out]
    axes.text(0.5, 1.38, sparsity, **middle, **style.BOLD)
    for k, line in enumerate(lines):
        colour = style.FAINT if line is left_out else style.INK
        axes.text(0.5, 1.265 - 0.1 * k, line, **middle, color=colour, fontsize=style.SMALL + 0.5)


def _at_origin(axes: Axes, W: Plane) -> None:
    """Name the features of no length beside the origin, where no other feature is in the way."""
    length = norms(W)
    hidden = [str(i + 1) for i in np.flatnonzero(length <= _VISIBLE)]
    seen = W[:, length > _VISIBLE] / length[length > _VISIBLE]
    if not hidden:
        return
    corners = [(-1, -1), (1, -1), (-1, 1), (1, 1)]
    nearest = [float((x * seen[0] + y * seen[1]).max(initial=-2)) for x, y in corners]
    free = [c for c, near in zip(corners, nearest, strict=True) if near < _IN_THE_WAY]
    x, y = free[0] if free else corners[int(np.argmin(nearest))]
    axes.annotate(
        ", ".join(hidden), (0, 0), (7 * x, 9 * y), textcoords="offset points",
        ha="left" if x > 0 else "right", va="bottom" if y > 0 else "top",
        color=style.INK, fontsize=style.TEXT,
    )  # fmt: skip


def _ground(axes: Axes) -> None:
    """Draw the plane: axes through the origin and a circle of radius 1."""
    axes.set_facecolor(style.GROUND)
    axes.set(xlim=(-_LIMIT, _LIMIT), ylim=(-_LIMIT, _LIMIT), xticks=[], yticks=[], aspect="equal")
    axes.spines[:].set_visible(False)
    for x, y in (((-1, 1), (0, 0)), ((0, 0), (-1, 1))):
        axes.plot(x, y, color=style.GRID, linewidth=0.8, zorder=0)
    angle = np.linspace(0, 2 * np.pi, 181)
    axes.plot(np.cos(angle), np.sin(angle), "--", color=style.GRID, linewidth=0.8, zorder=0)


def _feature(axes: Axes, tip: np.ndarray, colour: np.ndarray, label: str, beyond: float) -> None:
    """Draw one column of W from the origin, with its place in importance beyond the tip."""
    length = float(np.hypot(*tip))
    axes.plot(
        [0, tip[0]], [0, tip[1]], color=colour, linewidth=2.6, solid_capstyle="round", zorder=2
    )
    axes.plot(*tip, "o", color=colour, markersize=7, markeredgecolor=style.GROUND, zorder=3)
    if length > _VISIBLE:
        x, y = tip * (1 + beyond / length)
        axes.text(x, y, label, ha="center", va="center", fontsize=style.TEXT, zorder=4)


def _importance_key(figure: Figure, height: float, n_features: int) -> None:
    """Draw the colours of the features in a row below the panels."""
    axes = figure.add_axes((0.0, 0.0, 1.0, _KEY / height))
    axes.set(xlim=(0, style.WIDTH), ylim=(0, _KEY))
    axes.set_axis_off()
    colours = style.importance_colours()(np.linspace(1, 0, n_features))
    step = 0.2
    start = style.WIDTH / 2 - step * (n_features - 1) / 2
    places = start + step * np.arange(n_features)
    middle = 0.6 * _KEY
    axes.scatter(places, np.full(n_features, middle), s=38, c=colours, linewidths=0)
    axes.text(places[0] - 0.13, middle, "most important feature", ha="right", va="center")
    axes.text(places[-1] + 0.13, middle, "least important", ha="left", va="center")
