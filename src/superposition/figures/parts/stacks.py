"""Neuron stack plots: a column for each neuron, in it a rectangle for each of its weights.

Positive weights are stacked upwards from the axis and negative ones downwards, the largest next to
the axis, so that the eye sees how many features a neuron has.

Paper: Superposition in a Privileged Basis (#privileged-basis).
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from jaxtyping import Float, Int
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgba

from superposition.figures import style
from superposition.figures.parts import numbers
from superposition.measure import neurons
from superposition.measure.network import Network

_VISIBLE = 0.02
"""Smaller weights are left out: thousands of them would be."""
_WIDE = 0.8
"""Width of a column; the next one is 1 further."""
_PALE = 0.42
_FEW = 12
"""Columns up to which rectangles have wide edges, and room for numbers below them."""

Colours: TypeAlias = Sequence[str] | Float[np.ndarray, "n_features 4"]


def in_order(network: Network) -> tuple[neurons.Layers, np.ndarray, np.ndarray]:
    """An absolute value model's neurons as shown, and which have one feature, which several."""
    both = neurons.layers_of(network)
    order = neurons.order(both, signed=True)
    mono = neurons.is_monosemantic(both, signed=True)[order]
    poly = neurons.is_polysemantic(both, signed=True)[order]
    return neurons.Layers(both.W[order], both.W_out[:, order]), mono, poly


def kinds_key(axes: Axes, mono: str, poly: str, apart: float) -> None:
    """Explain the grounds behind neurons, on a canvas, `apart` inches apart."""
    for x, colour, words in ((0.0, style.MONOSEMANTIC, mono), (apart, style.POLYSEMANTIC, poly)):
        axes.bar(x + 0.1, 0.16, width=0.2, bottom=0.06, color=colour, edgecolor=style.GRID, lw=0.5)
        axes.text(x + 0.28, 0.14, words, va="center")


def grounds(axes: Axes, mono: np.ndarray, poly: np.ndarray) -> None:
    """Colour the ground behind neurons by their kind."""
    for chosen, colour in ((mono, style.MONOSEMANTIC), (poly, style.POLYSEMANTIC)):
        for k in np.flatnonzero(chosen):
            axes.axvspan(k - 0.5, k + 0.5, color=colour, linewidth=0, zorder=0)


def stack(
    axes: Axes,
    W: Float[np.ndarray, "neurons n_features"],
    colours: Colours,
    limits: tuple[float, float],
    label: str = "",
    pale_below: bool = False,
    numbered_from: float = np.inf,
    coloured: int | None = None,
) -> None:
    """Plot a stack plot; a column that goes on beyond the limits has its end written there.

    Negative weights may be pale, where they cannot excite a neuron. Rectangles that are high enough
    hold the number of their feature, from 1. If so many are `coloured`, they are the largest of
    each neuron that hold their number, and the others are grey.
    """
    boxes, fills = [], []
    for k, weights in enumerate(W):
        left, right = k - _WIDE / 2, k + _WIDE / 2
        ends = {True: 0.0, False: 0.0}
        for rank, i in enumerate(np.argsort(-np.abs(weights), kind="stable")):
            weight, up = float(weights[i]), bool(weights[i] > 0)
            if abs(weight) < _VISIBLE:
                break
            low, high = np.clip(sorted((ends[up], ends[up] + weight)), *limits)
            ends[up] += weight
            if high <= low:
                continue
            boxes.append([(left, low), (right, low), (right, high), (left, high)])
            numbered = high - low >= numbered_from
            shown = coloured is None or (rank < coloured and numbered)
            tint = colours[i] if shown else style.IGNORED
            fills.append(to_rgba(tint, _PALE if pale_below and not up else 1.0))
            if shown and numbered:
                how: style.Look = {"color": style.letters_on(fills[-1])}
                how |= {"fontsize": style.SMALL - 1, "ha": "center", "va": "center_baseline"}
                axes.text(k, (low + high) / 2, str(i + 1), **how)
        for up, limit, away, va in (
            (False, limits[0], -1.5, "top"),
            (True, limits[1], 1.5, "bottom"),
        ):
            if (ends[up] - limit) * away > 0.01:
                small: style.Look = {"ha": "center", "va": va, "fontsize": style.SMALL - 1.5}
                small |= {"rotation": 90} if len(W) > _FEW else {}
                words = f"{ends[up]:.3g}".replace("-", "−")
                style.beside(axes, words, (k, limit), (0, away), color=style.FAINT, **small)
    edge = 0.4 if len(W) <= _FEW else 0.15
    axes.add_collection(PolyCollection(boxes, facecolors=fills, edgecolors=style.WHITE, lw=edge))
    axes.axhline(0, color=style.INK, linewidth=0.6)
    axes.set(xlim=(-0.6, len(W) - 0.4), ylim=limits, xticks=[])
    axes.set_ylabel(label, labelpad=1)
    axes.spines["bottom"].set_visible(False)


def feature_colours(n_features: int) -> list[str]:
    """A colour for each feature; they repeat after ten."""
    return [style.FEATURES[i % len(style.FEATURES)] for i in range(n_features)]


def number_neurons(axes: Axes, count: int) -> None:
    """Number the neurons below their columns, from 1."""
    axes.set_xticks(range(count), [str(k + 1) for k in range(count)])
    axes.tick_params(axis="x", length=0, pad=1)
    axes.set_xlabel("neuron", labelpad=1)


def stack_rows(
    row: numbers.Row,
    neuron: Sequence[int] | Int[np.ndarray, " neurons"],
    kinds: Sequence[str],
    **layers: Float[np.ndarray, "neurons n_features"],
) -> numbers.Rows:
    """A row for each rectangle of stack plots of the same neurons, after `row`.

    Neurons come from the left, each with its number in the network and what it is; weights that are
    left out of all the plots are left out here as well.
    """
    shown = np.any([np.abs(W) >= _VISIBLE for W in layers.values()], axis=0)
    for place, feature in np.argwhere(shown).tolist():
        its = {"place": place, "neuron": int(neuron[place]), "kind": kinds[place]}
        weights = {name: W[place, feature] for name, W in layers.items()}
        yield {**row, **its, "feature": feature, **weights}


def kinds_of(mono: np.ndarray, silent: np.ndarray) -> list[str]:
    """What neurons are, in a word each."""
    words = np.where(silent, "silent", np.where(mono, "monosemantic", "polysemantic"))
    return [str(word) for word in words]


KIND = "name", "monosemantic, polysemantic, or silent: nothing comes back through the neuron"
"""The column of what `kinds_of` says."""
