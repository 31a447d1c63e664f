"""Neuron stack plots: a column for each neuron, in it a rectangle for each of its weights.

Positive weights are stacked upwards from the axis and negative ones downwards, the largest next to
the axis, so that the eye sees how many features a neuron has.

Paper: Superposition in a Privileged Basis (#privileged-basis).
"""

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgba

from superposition.plotting import style

FEATURE_COLOURS: Sequence[str] = (
    *(mpl.colors.to_hex(colour) for colour in mpl.color_sequences["okabe_ito"][1:]),
    *("#7A5195", "#8C564B", "#9BC53D"),
)
"""Of ten features; which one it is stands in its rectangle as well."""
ALONE = "#77767D"
"""Of a feature whose neurons are its own."""
IGNORED = "#D8D6D0"
"""Of a feature that is not represented."""
_VISIBLE = 0.02
"""Smaller weights are not drawn: thousands of them would be."""
_WIDE = 0.8
"""Width of a column; the next one is 1 further."""
_PALE = 0.42

Colours = Sequence[str] | Float[np.ndarray, "n_features 4"]


def stack(
    axes: Axes,
    W: Float[np.ndarray, "neurons n_features"],
    colours: Colours,
    limits: tuple[float, float],
    pale_below: bool = False,
    numbered_from: float = np.inf,
) -> None:
    """Draw a stack plot.

    Args:
        axes: Where.
        W: Weights of the neurons, in the order in which they are drawn.
        colours: Of the features.
        limits: Of the vertical axis; a column that goes on below has its end written there.
        pale_below: Whether negative weights are pale, where they cannot excite a neuron.
        numbered_from: Rectangles at least this high hold the number of their feature, from 1.
    """
    boxes, fills = [], []
    for k, weights in enumerate(np.asarray(W, dtype=np.float64)):
        ends = {True: 0.0, False: 0.0}
        for i in np.argsort(-np.abs(weights), kind="stable"):
            weight, up = float(weights[i]), bool(weights[i] > 0)
            if abs(weight) < _VISIBLE:
                break
            low, high = sorted((ends[up], ends[up] + weight))
            ends[up] += weight
            low, high = max(low, limits[0]), min(high, limits[1])
            if high <= low:
                continue
            boxes.append(_box(k, low, high))
            fills.append(to_rgba(colours[i], _PALE if pale_below and not up else 1.0))
            if high - low >= numbered_from:
                axes.text(k, (low + high) / 2, str(i + 1), ha="center", va="center_baseline",
                          fontsize=style.SMALL - 1, color=_ink(fills[-1]))  # fmt: skip
        _cut(axes, k, ends[False], limits[0])
    edge = 0.4 if len(W) <= _FEW else 0.15
    axes.add_collection(PolyCollection(boxes, facecolors=fills, edgecolors="white", lw=edge))
    axes.axhline(0, color=style.INK, linewidth=0.6)
    axes.set(xlim=(-0.6, len(W) - 0.4), ylim=limits, xticks=[])
    axes.spines["bottom"].set_visible(False)


_FEW = 12


def _box(k: int, low: float, high: float) -> list[tuple[float, float]]:
    """Return the corners of a rectangle in column k."""
    left, right = k - _WIDE / 2, k + _WIDE / 2
    return [(left, low), (right, low), (right, high), (left, high)]


def _cut(axes: Axes, k: int, end: float, lowest: float) -> None:
    """Write at the foot of a column where it would end, if that is not in the picture."""
    if end < lowest - 0.01:
        axes.annotate(f"{end:.1f}".replace("-", "−"), (k, lowest), (0, -1.5),
                      textcoords="offset points", ha="center", va="top",
                      fontsize=style.SMALL - 1.5, color=style.FAINT)  # fmt: skip


def _ink(fill: tuple[float, float, float, float]) -> str:
    """Return black or white, whichever is read more easily on a colour on white ground."""
    red, green, blue, alpha = fill
    light = 0.299 * red + 0.587 * green + 0.114 * blue
    return "white" if alpha * light + 1 - alpha < 0.62 else style.INK


def feature_colours(n_features: int) -> list[str]:
    """Return a colour for each feature; they repeat after ten."""
    return [FEATURE_COLOURS[i % len(FEATURE_COLOURS)] for i in range(n_features)]
