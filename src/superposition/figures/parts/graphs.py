"""Feature graphs: where nodes go, and their edges.

Components that are a polytope are laid out as its picture in the plane; others by springs, from a
start that is always the same. Nothing is random, and sizes are in inches.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from superposition.figures import style
from superposition.measure.elementary import cos_of_turns, sin_of_turns
from superposition.measure.geometry.graphs import SINGLE, Component, components, edge_weights
from superposition.measure.geometry.polytopes import fit
from superposition.measure.geometry.shapes import candidates, polygon
from superposition.measure.metrics import cosines

THICKEST = 2.0
"""Width of an edge of |W_i · W_j| = 1, points."""

_STEPS = 150
_FIT = 0.2
"""Looser than for a name, to find the order of the vertices only."""

Plane = Float[np.ndarray, "k 2"]


def plot_graph(
    axes: Axes, W: Float[np.ndarray, "m n"], width: float, height: float, space: float = 0.26
) -> tuple[Component, ...]:
    """Plot the feature graph of a network into axes of this size, and return its components.

    Data coordinates become inches, as all sizes are; neighbouring nodes are `space` apart where
    there is room.
    """
    axes.set(xlim=(0, width), ylim=(0, height), xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    parts = sorted(components(W), key=lambda part: (-len(part.members), part.name))
    pictures = [layout(W[:, list(part.members)], part) for part in parts]
    while (placed := _packed(pictures, space, width, height)) is None:
        space *= 0.96
    size = min(5.0, 25.0 * space)  # a node's diameter, points
    for part, spots in zip(parts, placed, strict=True):
        weights = np.minimum(edge_weights(W[:, list(part.members)]), 1.0)
        pairs = np.argwhere(np.tril(weights, -1) > 0.02)
        lines: style.Look = {"linewidths": [THICKEST * weights[i, j] for i, j in pairs]}
        lines |= {"colors": style.FAINT, "alpha": 0.8, "capstyle": "round", "zorder": 1}
        axes.add_collection(LineCollection([*spots[pairs]], **lines), autolim=False)
        dots: style.Look = {"color": colour(part.name), "markersize": size, "zorder": 2}
        dots |= {"markeredgecolor": style.WHITE, "markeredgewidth": min(0.6, size / 8)}
        axes.plot(*spots.T, "o", **dots)
    return tuple(parts)


def colour(name: str) -> str:
    """The colour of a component's nodes."""
    return style.INK if name == SINGLE else style.POLYTOPES.get(name, style.FAINT)


def layout(W: Float[np.ndarray, "m k"], part: Component) -> Plane:
    """Where the nodes of a component go, neighbours about 1 apart."""
    k = len(part.members)
    if k <= 2:
        return np.array([[0.0, 0.0], [0.0, 1.0]])[:k]
    if k > 8:
        return _springs(edge_weights(W))
    # A regular polygon that stands on an edge.
    turns = 0.25 if k % 2 else 0.25 - 0.5 / k
    c, s = cos_of_turns(turns), sin_of_turns(turns)
    x, y = polygon(k)
    radius = 0.6 / sin_of_turns(0.5 / k)
    spots = np.zeros((k, 2))
    spots[_order(W, part)] = radius * np.stack([c * x - s * y, s * x + c * y], 1)
    return spots


def _order(W: Float[np.ndarray, "m k"], part: Component) -> list[int]:
    """The columns in the order in which they go around."""
    k = W.shape[1]
    for name, ideal in candidates(W, part.dimensions):
        found = fit(cosines(W), cosines(ideal), _FIT) if name == part.name else None
        if found is not None:
            around = list(range(k))
            if "antiprism" in name:  # upper and lower vertices in turn
                around = [i // 2 + k // 2 * (i % 2) for i in range(k)]
            return [found[i] for i in around]
    return list(range(k))


def _springs(weights: Float[np.ndarray, "k k"]) -> Plane:
    """A layout in which edges pull and all nodes push (Fruchterman and Reingold 1991)."""
    k = len(weights)
    spots = polygon(k).T * np.sqrt(k) / 2
    pull = np.minimum(weights, 1.0)[:, :, None]
    for step in range(_STEPS):
        apart = spots[:, None] - spots[None]
        squared = (apart**2).sum(axis=-1, keepdims=True) + 1e-6
        force = (apart / squared - pull * apart * np.sqrt(squared)).sum(axis=1)
        force -= 0.02 * spots  # keeps the parts together
        length = np.sqrt((force**2).sum(axis=1, keepdims=True)) + 1e-9
        heat = 0.5 * (1 - step / _STEPS)
        spots = spots + force / length * np.minimum(length, heat)
    spread = (spots.max(axis=0) - spots.min(axis=0)).max()
    return np.asarray(spots * (1.15 * np.sqrt(k) / spread))


def _packed(
    pictures: Sequence[Plane], space: float, width: float, height: float
) -> list[Plane] | None:
    """The pictures, the tallest first, side by side in rows; None if they do not fit.

    They come in units of `space`, and are placed in inches, as `width` and `height` are.
    """
    boxes = [(p.max(axis=0) - p.min(axis=0) + 1.0) * space for p in pictures]
    rows: list[list[int]] = []
    room = 0.0
    for k, (wide, _) in enumerate(boxes):
        if not rows or wide > room:
            rows.append([])
            room = width
        rows[-1].append(k)
        room -= wide
    tall = [max(boxes[k][1] for k in row) for row in rows]
    if sum(tall) > height or any(box[0] > width for box in boxes):
        return None
    placed: list[Plane] = [np.zeros((0, 2))] * len(pictures)
    top = (height + sum(tall)) / 2
    for row, high in zip(rows, tall, strict=True):
        x = (width - sum(boxes[k][0] for k in row)) / 2
        for k in row:
            middle = (pictures[k].max(axis=0) + pictures[k].min(axis=0)) / 2
            placed[k] = (pictures[k] - middle) * space + [x + boxes[k][0] / 2, top - high / 2]
            x += boxes[k][0]
        top -= high
    return placed
