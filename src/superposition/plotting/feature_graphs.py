"""Drawing feature graphs: where nodes go, and their edges.

Components that are a polytope are laid out as its picture in the plane; others by springs, from a
start that is always the same. Nothing is drawn at random, and sizes are in inches.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from superposition.geometry.graphs import SINGLE, Component, components, edge_weights
from superposition.geometry.polytopes import fit
from superposition.geometry.shapes import candidates, polygon
from superposition.geometry.singular import singular_values
from superposition.metrics import cosines, norms
from superposition.plotting import style
from superposition.plotting.levels import COLOURS

THICKEST = 2.0
"""Width of an edge of |W_i · W_j| = 1, points."""

_SPACE = 0.26
"""Distance of neighbouring nodes, inches, where there is room."""
_STEPS = 150
_FIT = 0.2
"""Looser than for a name, to find the order of the vertices only."""

Plane = Float[np.ndarray, "k 2"]


def draw_graph(
    axes: Axes, W: Float[np.ndarray, "m n"], width: float, height: float
) -> tuple[Component, ...]:
    """Draw the feature graph of a network into axes of this size, and return its components.

    Args:
        axes: Their data coordinates become inches.
        W: Weights.
        width: Inches.
        height: Inches.
    """
    axes.set(xlim=(0, width), ylim=(0, height), xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    parts = sorted(components(W), key=lambda part: (-len(part.members), part.name))
    pictures = [layout(W[:, list(part.members)], part) for part in parts]
    space = _SPACE
    while (placed := _packed(pictures, space, width, height)) is None:
        space *= 0.96
    size = min(5.0, 25.0 * space)
    for part, spots in zip(parts, placed, strict=True):
        draw_component(axes, W[:, list(part.members)], spots, part.name, size)
    return tuple(parts)


def draw_component(
    axes: Axes, W: Float[np.ndarray, "m k"], spots: Plane, name: str, size: float
) -> None:
    """Draw the nodes and edges of one component.

    Args:
        axes: Where.
        W: Its columns.
        spots: Where each of them is.
        name: What it is, which decides its colour.
        size: Diameter of a node, points.
    """
    weights = np.minimum(edge_weights(W), 1.0)
    pairs = [(i, j) for i in range(len(weights)) for j in range(i) if weights[i, j] > 0.02]
    axes.add_collection(
        LineCollection(
            [spots[list(pair)] for pair in pairs],
            linewidths=[THICKEST * weights[pair] for pair in pairs],
            colors=style.FAINT,
            alpha=0.8,
            capstyle="round",
            zorder=1,
        ),
        autolim=False,
    )
    axes.plot(
        *spots.T, "o", color=colour(name), markersize=size, markeredgecolor="white",
        markeredgewidth=min(0.6, size / 8), zorder=2,
    )  # fmt: skip


def colour(name: str) -> str:
    """Return the colour of a component's nodes."""
    if name == SINGLE:
        return style.INK
    return COLOURS.get(name, style.FAINT)


def layout(W: Float[np.ndarray, "m k"], part: Component) -> Plane:
    """Return where the nodes of a component go, neighbours about 1 apart."""
    k = len(part.members)
    if k == 1:
        return np.zeros((1, 2))
    if k == 2:
        return np.array([[0.0, 0.0], [0.0, 1.0]])
    if k > 8:
        return _springs(edge_weights(W))
    ring = 0.6 / np.sin(np.pi / k) * _upright(k)
    spots = np.zeros((k, 2))
    spots[_order(W, part)] = ring
    return spots


def _upright(k: int) -> Plane:
    """Return a regular polygon that stands on an edge."""
    spots = polygon(k).T
    turn = np.pi / 2 if k % 2 else np.pi / 2 - np.pi / k
    c, s = np.cos(turn), np.sin(turn)
    return np.stack([c * spots[:, 0] - s * spots[:, 1], s * spots[:, 0] + c * spots[:, 1]], axis=1)


def _order(W: Float[np.ndarray, "m k"], part: Component) -> list[int]:
    """Return the columns in the order in which they go around."""
    k, d = W.shape[1], part.dimensions
    axes = singular_values(W / norms(W))
    for name, ideal in candidates(k, d, axes):
        found = fit(cosines(W), cosines(ideal), _FIT) if name == part.name else None
        if found is not None:
            around = list(range(k))
            if "antiprism" in name:  # upper and lower vertices in turn
                around = [i // 2 + k // 2 * (i % 2) for i in range(k)]
            return [found[0][i] for i in around]
    return list(range(k))


def _springs(weights: Float[np.ndarray, "k k"]) -> Plane:
    """Return a layout in which edges pull and all nodes push (Fruchterman and Reingold 1991)."""
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
    scaled: np.ndarray = spots * (1.15 * np.sqrt(k) / spread)
    return scaled


def _packed(
    pictures: Sequence[Plane], space: float, width: float, height: float
) -> list[Plane] | None:
    """Return the pictures side by side in rows, or None if they do not fit.

    Args:
        pictures: Layouts, in units of `space`; the tallest come first.
        space: Inches.
        width: Of the box, inches.
        height: Of the box, inches.
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
