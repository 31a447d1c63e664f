"""Pictures of a hidden space of two dimensions, as small panels."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes

from superposition.config.settings import FeatureSettings
from superposition.figures import style
from superposition.measure.geometry import planar
from superposition.measure.geometry.shapes import polygon
from superposition.measure.metrics import norms

LIMIT: Final = 1.35
"""Half the side of a panel, in units of W."""


def empty(axes: Axes, limit: float) -> None:
    """Make a panel of a space: a square without anything around it, the origin in its middle."""
    ends = (-limit, limit)
    axes.set(xlim=ends, ylim=ends, xticks=[], yticks=[], aspect="equal")
    axes.spines[:].set_visible(False)


def ground(axes: Axes, limit: float = LIMIT, linewidth: float = 0.6) -> None:
    """Plot the plane: axes through the origin and a circle of radius 1."""
    empty(axes, limit)
    for x, y in (((-1, 1), (0, 0)), ((0, 0), (-1, 1))):
        axes.plot(x, y, color=style.GRID, linewidth=linewidth, zorder=0)
    x, y = polygon(180)[:, np.arange(181) % 180]
    axes.plot(x, y, "--", color=style.GRID, linewidth=linewidth, zorder=0)


def arrows(
    axes: Axes,
    W: Float[np.ndarray, "2 n"],
    colours: Sequence[str],
    width: float = 1.6,
    size: float = 4.5,
) -> None:
    """Plot every column from the origin to a dot; the longer below the shorter.

    Of features in the same direction the later, thinner one lies above, inside of the earlier.
    """
    for i, ((x, y), colour) in enumerate(zip(W.T, colours, strict=True)):
        behind = int((norms(W[:, :i] - W[:, [i]]) < 0.08).sum())
        line: style.Look = {"linewidth": width / 2**behind, "solid_capstyle": "round"}
        axes.plot([0, x], [0, y], color=colour, zorder=2 + behind, **line)
        dot: style.Look = {"markeredgecolor": style.WHITE, "markeredgewidth": 0.7}
        dot |= {"markersize": size * (0.8 if behind else 1.5), "zorder": 3 + behind}
        axes.plot(x, y, "o", color=colour, **dot)


def set_colour(k: int) -> str:
    """The colour of the k-th set of features, from 0."""
    return style.SERIES[k % 3]


def set_colours(features: FeatureSettings) -> list[str]:
    """The colour of every feature by its set; of those in none, ink."""
    colours = [style.INK] * features.n_features
    for k, members in enumerate(features.correlated or features.anticorrelated):
        for i in members:
            colours[i] = set_colour(k)
    return colours


def upright(W: Float[np.ndarray, "2 n"]) -> Float[np.ndarray, "2 n"]:
    """W turned so that the first represented feature points up."""
    return planar.canonical(W, 0)
