"""The paper's table of polytopes: solutions, their graphs and matrices, what these send to zero."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from superposition.figures import Spec, style
from superposition.figures.parts import numbers
from superposition.figures.parts.columns import matrix
from superposition.figures.parts.graphs import colour, plot_graph
from superposition.figures.parts.page import Page, signed_scale
from superposition.figures.parts.planes import empty, upright
from superposition.measure.elementary import degrees
from superposition.measure.geometry.graphs import components
from superposition.measure.geometry.hulls import hull
from superposition.measure.geometry.polytopes import match, null_vectors, rotation_onto
from superposition.measure.geometry.shapes import POLYTOPES
from superposition.measure.metrics import feature_dimensionality, gram, product
from superposition.measure.network import TrainedCell, TrainedCells

SPEC = Spec(
    title="Polytopes, and how many runs of small models find them",
    caption="Each row is the lowest-loss run of a small model, at a density chosen for it, with "
    "the number of runs that found the polytope's components. From left to right: the columns of "
    "W as vertices, in three dimensions with the edges of their hull, hidden ones dotted; the "
    "features as a graph, joined where they are not orthogonal; WᵀW, with its colours below; and "
    "a basis of the vectors that WᵀW sends to zero, with the dimensionalities found beside the "
    "ideal fractions. Colours are the components of the graph: a bipyramid is a polygon and a "
    "digon at right angles, an octahedron three digons, a square two.",
    section="Feature Dimensionality",
    place=3,
    experiments=(
        "triangle",
        "square",
        "tetrahedron",
        "triangular_bipyramid",
        "octahedron",
        "pentagonal_bipyramid",
        "square_antiprism",
    ),
    claims=("C28", "C29", "C30", "C35"),
)
_ROW, _HEAD = 1.2, 0.36
_NAME, _PICTURE, _GRAPH, _MATRIX, _NULL = 0.08, 1.3, 2.58, 3.72, 4.88
"""Height of a row and of the headings, and where columns begin, inches."""
_SIDE = 1.05
_VIEW = np.array([[0.94, 0.342, 0.0], [-0.075, 0.206, 0.9757], [0.3337, -0.917, 0.2193]])
"""Screen right, screen up and towards the reader, seen from a little above."""


def plot(cells: TrainedCells) -> Page:
    """The figure: a row for each small model, whose experiment is named like its polytope."""
    page = Page(_HEAD + _ROW * len(cells) + 0.3)
    for x, words in (
        (_NAME, "polytope"),
        (_PICTURE, "columns of W"),
        (_GRAPH, "feature graph"),
        (_MATRIX, r"$\mathbf{W^\mathsf{T} W}$"),
        (_NULL, "what it sends to zero"),
    ):
        page.write(x, 0.2, words, fontweight="bold")
    for row, cell in enumerate(_in_order(cells)):
        _row(page, cell, _HEAD + row * _ROW)
    signed_scale(page.panel(_MATRIX, page.height - 0.28, 0.9, 0.07))
    return page


def solve(cell: TrainedCell) -> tuple[Float[np.ndarray, "m n"], list[str]]:
    """W of the lowest-loss run, turned onto the polytope of the experiment's name.

    Its features come in the order of the ideal's vertices, each with the fraction of a dimension
    that it should have.
    """
    name = cell.experiment.replace("_", " ")
    ideal, fractions = POLYTOPES[name].build(), POLYTOPES[name].fractions
    if name == "tetrahedron":
        ideal = np.roll(ideal, -1, axis=0)  # its first vertex up
    W = cell.best.W[:, list(match(cell.best.W, ideal).order)]
    kinds = [min(fractions, key=lambda f: abs(D - float(f))) for D in feature_dimensionality(ideal)]
    return product(rotation_onto(W, ideal), W), list(map(str, kinds))


def found(cell: TrainedCell) -> str:
    """How many runs have the components of the polytope of the experiment's name, in words."""
    return f"{_finding(cell)} of {len(cell)} runs"


def _finding(cell: TrainedCell) -> int:
    ideal = _names(POLYTOPES[cell.experiment.replace("_", " ")].build())
    return sum(_names(W) == ideal for W in cell.W)


def _in_order(cells: TrainedCells) -> list[TrainedCell]:
    return sorted(cells, key=lambda cell: SPEC.experiments.index(cell.experiment))


def _names(W: Float[np.ndarray, "m n"]) -> list[str]:
    return sorted(part.name for part in components(W))


def _row(page: Page, cell: TrainedCell, top: float) -> None:
    W, kinds = solve(cell)
    (m, n), name = W.shape, cell.experiment.replace("_", "-")

    def panel(x: float, side: float = _SIDE, **how: Any) -> Axes:
        return page.panel(x, top + (_ROW - side) / 2, side, side, xticks=[], yticks=[], **how)

    across = [1 - (top - 0.02) / page.height] * 2
    page.add_artist(Line2D([0.012, 0.988], across, color=style.GRID, linewidth=0.8))
    title = cell.experiment.split("_")
    page.write(_NAME, top + 0.16, "\n".join(title), va="top", fontweight="bold", linespacing=1.3)
    small: style.Look = {"va": "top", "linespacing": 1.35, **style.NOTE}
    words = f"{n} features\nin {m} dimensions\n$1-S$ = {cell.density:g}\n{found(cell)}"
    down = top + 0.16 * (1 + len(title)) + 0.04
    page.write(_NAME, down, words, color=style.FAINT, **small)
    _picture(panel(_PICTURE, gid=f"polytope-{name}"), W)
    plot_graph(panel(_GRAPH), W, _SIDE, _SIDE, space=0.3)
    matrix(panel(_MATRIX, 0.9), gram(W), f"gram-{name}")
    vectors = null_vectors(W)
    page.write(_NULL, top + 0.16, "\n".join(map(written, vectors)), **small)
    down = top + 0.16 + 0.125 * len(vectors) + 0.08
    page.write(_NULL, down, _dimensionalities(W, kinds), color=style.FAINT, **small)


def written(vector: Float[np.ndarray, " n"]) -> str:
    """A vector as text, integers as such and other numbers with one decimal."""
    rounded = (round(v) if abs(v - round(v)) < 0.05 else round(v, 1) for v in vector.tolist())
    return f"({', '.join(f'{v:g}'.replace('-', '−') for v in rounded)})"


def _dimensionalities(W: Float[np.ndarray, "m n"], kinds: list[str]) -> str:
    words = []
    for kind in dict.fromkeys(kinds):
        of_kind = feature_dimensionality(W)[[k == kind for k in kinds]]
        low, high = f"{of_kind.min():.3f}", f"{of_kind.max():.3f}"
        words.append(f"{of_kind.size} × {kind}: {low if low == high else f'{low} to {high}'}")
    return "$D_i$ of " + "\nand ".join(words)


def _picture(axes: Axes, W: Float[np.ndarray, "m n"]) -> None:
    """Plot the columns of W as vertices: in the plane as they are, in space seen from the side."""
    empty(axes, 1.32)
    behind: set[tuple[int, int]] = set()
    if len(W) == 2:
        seen = np.vstack([upright(W), np.zeros(W.shape[1])])
        around = np.argsort(degrees(seen[1], seen[0]), kind="stable").tolist()
        edges = _sides(around)
        axes.fill(*seen[:2, around], color=style.GRID, alpha=0.5, linewidth=0)
    else:
        seen, shape = product(_VIEW, W), hull(W)
        edges, behind = list(shape.edges), set(shape.edges)
        for face in shape.faces:
            axes.fill(*seen[:2, list(face)], color=style.FAINT, alpha=0.08, linewidth=0)
            a, b, c = seen[:, face[:3]].T
            if float(np.cross(b - a, c - a)[2]) > 0:  # it looks at the reader
                behind -= {(min(side), max(side)) for side in _sides(face)}
    for i, j in edges:
        how = {"linestyle": ":", "linewidth": 0.7} if (i, j) in behind else {"linewidth": 0.9}
        axes.plot(*seen[:2, [i, j]], color=style.FAINT, zorder=1, **how)
    tints = {i: colour(part.name) for part in components(W) for i in part.members}
    for i, (x, y, depth) in enumerate(seen.T):
        tint = tints.get(i, style.INK)
        axes.plot([0, x], [0, y], color=tint, linewidth=1.4, zorder=2, solid_capstyle="round")
        edge: style.Look = {"markeredgecolor": style.WHITE, "markeredgewidth": 0.6}
        axes.plot(x, y, "o", color=tint, markersize=5.0 + depth, zorder=3 + depth, **edge)


def _sides(face: Sequence[int]) -> list[tuple[int, int]]:
    """The vertices of a face two by two, around it."""
    return list(zip(face, (*face[1:], face[0]), strict=True))


COLUMNS = numbers.columns(
    **numbers.RUN,
    runs_found=("count", "how many runs have the components of the polytope"),
    vertex=("number", "number of the feature, in the order of the ideal's vertices"),
    component=("name", "the component of the graph that the feature is in"),
    **numbers.common("dimensionality"),
    ideal=("dimensions", "the part of a dimension that it has in the ideal polytope"),
    W_k=("length", "W_i in hidden dimension k, turned onto the ideal polytope"),
)


def rows(cells: TrainedCells) -> numbers.Rows:
    """A row for each feature of the lowest-loss run of each small model."""
    for cell in _in_order(cells):
        W, kinds = solve(cell)
        names = {i: part.name for part in components(W) for i in part.members}
        yield from numbers.along(
            "vertex",
            {**numbers.of_run(cell), "runs_found": _finding(cell)},
            component=[names.get(i) for i in range(W.shape[1])],
            dimensionality=feature_dimensionality(W),
            ideal=kinds,
            **numbers.by_dimension(W),
        )
