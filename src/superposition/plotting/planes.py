"""Pictures of a hidden space of two dimensions, as small panels."""

from collections.abc import Sequence
from typing import Any, Final

import matplotlib as mpl
import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes

from superposition.geometry import planar
from superposition.plotting import style

LIMIT: Final = 1.35
"""Half the side of a panel, in units of W."""
SET_COLOURS: Final = tuple(
    mpl.color_sequences["okabe_ito"][k] for k in (5, 6, 3)
)  # told apart by the colour-blind, and by lightness
"""Of the first, second and third set of features."""


def ground(axes: Axes, limit: float = LIMIT) -> None:
    """Draw the plane: axes through the origin and a circle of radius 1."""
    axes.set_facecolor(style.GROUND)
    axes.set(xlim=(-limit, limit), ylim=(-limit, limit), xticks=[], yticks=[], aspect="equal")
    axes.spines[:].set_visible(False)
    for x, y in (((-1, 1), (0, 0)), ((0, 0), (-1, 1))):
        axes.plot(x, y, color=style.GRID, linewidth=0.6, zorder=0)
    angle = np.linspace(0, 2 * np.pi, 181)
    axes.plot(np.cos(angle), np.sin(angle), "--", color=style.GRID, linewidth=0.6, zorder=0)


def arrows(
    axes: Axes,
    W: Float[np.ndarray, "2 n"],
    colours: Sequence[Any],
    width: float = 1.6,
    size: float = 4.5,
) -> None:
    """Draw every column from the origin to a dot; the longer below the shorter.

    Of features in the same direction the later, thinner one is drawn above, inside of the earlier.
    """
    drawn: list[np.ndarray] = []
    for i in range(W.shape[1]):
        tip = W[:, i]
        behind = sum(float(np.hypot(*(tip - other))) < 0.08 for other in drawn)
        drawn.append(tip)
        thin = 0.5**behind
        axes.plot(
            [0, tip[0]], [0, tip[1]], color=colours[i], linewidth=width * thin,
            solid_capstyle="round", zorder=2 + behind,
        )  # fmt: skip
        axes.plot(
            *tip, "o", color=colours[i], markersize=size * (1.5 if not behind else 0.8),
            markeredgecolor=style.GROUND, markeredgewidth=0.7, zorder=3 + behind,
        )  # fmt: skip


def set_colours(n_features: int, sets: Sequence[Sequence[int]]) -> list[Any]:
    """Return the colour of every feature by its set; of those in none, ink."""
    colours: list[Any] = [style.INK] * n_features
    for k, members in enumerate(sets):
        for i in members:
            colours[i] = SET_COLOURS[k % len(SET_COLOURS)]
    return colours


def upright(W: Float[np.ndarray, "2 n"]) -> Float[np.ndarray, "2 n"]:
    """Return W turned so that the first represented feature points up."""
    return planar.canonical(W, 0)
