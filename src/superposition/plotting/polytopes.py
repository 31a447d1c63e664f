"""The paper's table of polytopes: solutions, their graphs, their matrices, what these send to zero.

One row for each small model: the columns of W of its lowest-loss run, turned onto the ideal
polytope and drawn with the edges of their hull; the feature graph; WᵀW; a basis of the vectors that
WᵀW sends to zero; and the dimensionality of each kind of vertex.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from superposition.geometry.graphs import Component, components
from superposition.geometry.hulls import hull
from superposition.geometry.polytopes import match, null_vectors, rotation_onto
from superposition.geometry.singular import product
from superposition.metrics import feature_dimensionality, gram
from superposition.plotting import style
from superposition.plotting.feature_graphs import colour, draw_component, layout
from superposition.theory.polytopes import POLYTOPES
from superposition.weights import Weights

_ROW, _HEAD = 1.2, 0.36
_NAME, _PICTURE, _GRAPH, _MATRIX, _NULL = 0.08, 1.3, 2.58, 3.72, 4.88
"""Height of a row and of the headings, and where columns begin, inches."""
_SIDE = 1.05
_LIMIT = 1.32
_VIEW = np.array([[0.94, 0.342, 0.0], [-0.075, 0.206, 0.9757], [0.3337, -0.917, 0.2193]])
"""Screen right, screen up and towards the reader, seen from a little above."""


@dataclass(frozen=True)
class Solution:
    """A found polytope, its features in the order of the ideal's vertices.

    Attributes:
        name: The polytope.
        W: Weights, turned onto the ideal.
        density: 1 − S.
        parts: Components of its graph.
        kinds: Fraction of a dimension of each vertex of the ideal, as text.
    """

    name: str
    W: Float[np.ndarray, "m n"]
    density: float
    parts: tuple[Component, ...]
    kinds: tuple[str, ...]


def draw(weights: Mapping[str, Weights]) -> Figure:
    """Return the figure: a row for each small model.

    Args:
        weights: Cells whose experiments are named like their polytopes.
    """
    found = [solve(key.split("/")[0].replace("_", " "), cell) for key, cell in weights.items()]
    order = list(_ORDER)
    found.sort(key=lambda solution: order.index(solution.name))
    height = _HEAD + _ROW * len(found) + 0.1
    with style.applied():
        figure = Figure(figsize=(style.WIDTH, height), facecolor="white")
        for x, words in _HEADINGS:
            figure.text(x / style.WIDTH, 1 - 0.2 / height, words, fontweight="bold")
        for row, solution in enumerate(found):
            top = height - _HEAD - row * _ROW
            line = np.full(2, (top + 0.02) / height)
            figure.add_artist(_rule(line))
            _row(figure, solution, top, height)
    return figure


_ORDER = (
    "triangle", "square", "tetrahedron", "triangular bipyramid", "octahedron",
    "pentagonal bipyramid", "square antiprism",
)  # fmt: skip
_HEADINGS = (
    (_NAME, "polytope"),
    (_PICTURE, "columns of W"),
    (_GRAPH, "feature graph"),
    (_MATRIX, r"$\mathbf{W^\mathsf{T} W}$"),
    (_NULL, "what it sends to zero"),
)


def solve(name: str, cell: Weights) -> Solution:
    """Return the lowest-loss run of a cell, held against the polytope of this name."""
    W = cell.W[cell.best].astype(np.float64)
    ideal = POLYTOPES[name].build()
    if name == "tetrahedron":
        ideal = np.roll(ideal, -1, axis=0)  # its first vertex up
    order = list(match(W, ideal).order)
    turned = product(rotation_onto(W[:, order], ideal), W[:, order])
    fractions = POLYTOPES[name].fractions
    nearest = np.abs(
        feature_dimensionality(ideal)[:, None] - np.array([float(f) for f in fractions])
    ).argmin(axis=1)
    return Solution(
        name=name,
        W=turned,
        density=max(cell.cell.features.feature_probability),
        parts=components(turned),
        kinds=tuple(str(fractions[k]) for k in nearest),
    )


def _rule(y: Float[np.ndarray, "2"]) -> Line2D:
    """Return a line across the page."""
    return Line2D([0.012, 0.988], y.tolist(), color=style.GRID, linewidth=0.8)


def _row(figure: Figure, solution: Solution, top: float, height: float) -> None:
    """Draw one polytope."""
    m, n = solution.W.shape

    def panel(x: float, side: float = _SIDE) -> Axes:
        y = top - (_ROW + side) / 2
        axes = figure.add_axes((x / style.WIDTH, y / height, side / style.WIDTH, side / height))
        axes.set(xticks=[], yticks=[])
        return axes

    def write(x: float, down: float, words: str, **how: Any) -> None:
        figure.text(x / style.WIDTH, (top - down) / height, words, va="top", **how)

    write(_NAME, 0.16, solution.name.replace(" ", "\n", 1), fontweight="bold", linespacing=1.3)
    down = 0.16 + 0.16 * (1 + solution.name.count(" "))
    write(_NAME, down + 0.04, f"{n} features\nin {m} dimensions\n$1-S$ = {solution.density:g}",
          fontsize=style.SMALL, color=style.FAINT, linespacing=1.35)  # fmt: skip
    picture = panel(_PICTURE)
    picture.set_gid(f"polytope-{solution.name.replace(' ', '-')}")
    _picture(picture, solution)
    _graph(panel(_GRAPH), solution)
    matrix = panel(_MATRIX, 0.9)
    matrix.imshow(gram(solution.W), cmap=style.SIGNED, norm=style.SIGNED_RANGE,
                  interpolation="none")  # fmt: skip
    matrix.spines[:].set(visible=True, color=style.FAINT, linewidth=0.5)
    vectors = null_vectors(solution.W)
    write(_NULL, 0.16, "\n".join(written(vector) for vector in vectors), fontsize=style.SMALL,
          linespacing=1.35)  # fmt: skip
    write(_NULL, 0.16 + 0.125 * len(vectors) + 0.08, dimensionalities(solution),
          fontsize=style.SMALL, linespacing=1.35, color=style.FAINT)  # fmt: skip


def written(vector: Float[np.ndarray, " n"]) -> str:
    """Return a vector as text, integers as such and other numbers with one decimal."""
    rounded = (round(v) if abs(v - round(v)) < 0.05 else round(v, 1) for v in vector.tolist())
    return f"({', '.join(f'{v:g}'.replace('-', '−') for v in rounded)})"


def dimensionalities(solution: Solution) -> str:
    """Return how many vertices of each kind there are, the ideal's fraction, and what was found."""
    found = feature_dimensionality(solution.W)
    words = []
    for kind in dict.fromkeys(solution.kinds):
        of_kind = found[[k == kind for k in solution.kinds]]
        low, high = f"{of_kind.min():.3f}", f"{of_kind.max():.3f}"
        words.append(f"{of_kind.size} × {kind}: {low if low == high else f'{low} to {high}'}")
    return "$D_i$ of " + "\nand ".join(words)


def _vertex_colours(solution: Solution) -> list[Any]:
    """Return the colour of each vertex: of the component that it is in."""
    colours: list[Any] = [style.INK] * solution.W.shape[1]
    for part in solution.parts:
        for member in part.members:
            colours[member] = colour(part.name)
    return colours


def _graph(axes: Axes, solution: Solution) -> None:
    """Draw the components side by side."""
    axes.set(xlim=(0, _SIDE), ylim=(0, _SIDE))
    axes.spines[:].set_visible(False)
    spots = [layout(solution.W[:, list(p.members)], p) for p in solution.parts]
    wide = [float(np.ptp(spot[:, 0])) + 1.0 for spot in spots]
    space = min(0.3, _SIDE / sum(wide))
    x = (_SIDE - space * sum(wide)) / 2
    for part, spot, across in zip(solution.parts, spots, wide, strict=True):
        middle = (spot.max(axis=0) + spot.min(axis=0)) / 2
        placed = (spot - middle) * space + [x + across * space / 2, _SIDE / 2]
        draw_component(axes, solution.W[:, list(part.members)], placed, part.name, 5.0)
        x += across * space


def _picture(axes: Axes, solution: Solution) -> None:
    """Draw the columns of W as vertices: in the plane as they are, in space seen from the side."""
    axes.set(xlim=(-_LIMIT, _LIMIT), ylim=(-_LIMIT, _LIMIT), aspect="equal")
    axes.set_facecolor(style.GROUND)
    axes.spines[:].set_visible(False)
    if solution.W.shape[0] == 2:
        seen = np.vstack([_upright(solution.W), np.zeros((1, solution.W.shape[1]))])
        around = np.argsort(np.arctan2(seen[1], seen[0]), kind="stable").tolist()
        edges = list(zip(around, [*around[1:], around[0]], strict=True))
        behind: set[tuple[int, int]] = set()
        axes.fill(*seen[:2, around], color=style.GRID, alpha=0.5, linewidth=0)
    else:
        seen = product(_VIEW, solution.W)
        shape = hull(solution.W, flat=0.12)
        edges, behind = list(shape.edges), _hidden(seen, shape.faces, shape.edges)
        for face in shape.faces:
            axes.fill(*seen[:2, list(face)], color=style.FAINT, alpha=0.08, linewidth=0)
    for i, j in edges:
        how = {"linestyle": ":", "linewidth": 0.7} if (i, j) in behind else {"linewidth": 0.9}
        axes.plot(*seen[:2, [i, j]], color=style.FAINT, zorder=1, **how)
    for (x, y, depth), tint in zip(seen.T, _vertex_colours(solution), strict=True):
        axes.plot([0, x], [0, y], color=tint, linewidth=1.4, zorder=2, solid_capstyle="round")
        axes.plot(x, y, "o", color=tint, markersize=5.0 + 1.0 * depth, markeredgecolor="white",
                  markeredgewidth=0.6, zorder=3 + depth)  # fmt: skip


def _upright(W: Float[np.ndarray, "2 n"]) -> Float[np.ndarray, "2 n"]:
    """Return W turned so that the first vertex points up."""
    x, y = W[:, 0] / np.sqrt((W[:, 0] ** 2).sum())
    return np.stack([y * W[0] - x * W[1], x * W[0] + y * W[1]])


def _hidden(
    seen: Float[np.ndarray, "3 n"],
    faces: tuple[tuple[int, ...], ...],
    edges: tuple[tuple[int, int], ...],
) -> set[tuple[int, int]]:
    """Return the edges of which no face looks at the reader."""
    visible: set[tuple[int, int]] = set()
    for face in faces:
        a, b, c = (seen[:, k] for k in face[:3])
        if float(np.cross(b - a, c - a)[2]) > 0:
            around = zip(face, (*face[1:], face[0]), strict=True)
            visible |= {(min(pair), max(pair)) for pair in around}
    return set(edges) - visible
