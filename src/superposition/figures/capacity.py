"""Follow-up: the capacity of every feature by importance and density, and blocks of embeddings."""

from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.patches import Rectangle

from superposition.figures import Spec, style
from superposition.figures.parts import numbers
from superposition.figures.parts.columns import matrix
from superposition.figures.parts.page import Page, colour_scale, log_axis, signed_scale
from superposition.measure.geometry.capacity import (
    NONE,
    WHOLE,
    blocks_from_semi_orthogonal,
    is_sharing,
)
from superposition.measure.geometry.graphs import Component, components
from superposition.measure.metrics import feature_dimensionality, gram, norms
from superposition.measure.network import TrainedCell, TrainedCells, dense_first, select

SPEC = Spec(
    title="Capacity, by importance and density, and blocks of the embedding",
    caption="Scherlis et al. (2022) call what the paper calls dimensionality the capacity C_i of "
    "a feature. Above on the left, the capacity of each feature in the lowest-loss run at each "
    "density 1 − S, with the most important feature on the left. On the right, the part of the "
    f"total capacity that all features have, and the part that sharing features have ({NONE:g} < "
    f"C_i < {WHOLE:g}). Below, WᵀW of three networks, with features sorted into blocks that share "
    "no dimension, the largest block first, without features that are not represented. Above "
    "each, the distance of its blocks from multiples of semi-orthogonal matrices, ‖G² − λG‖ / "
    "‖λG‖ with G = WᵀW, mean over dimensions.",
    section="Follow-up: Capacity",
    experiments=("many_features", "geometry_narrow"),
    claims=("F41", "F42", "F43", "F44"),
)

_LEFT, _TOP, _MAP, _HEIGHT = 0.55, 0.3, 3.6, 1.5
"""Sizes of the upper part, inches: left of and above the map of capacities, and its own."""
_BELOW, _HEAD, _GAP = 2.75, 0.42, 0.16
"""Where matrices begin, and what is above and between them."""
_PICTURED = (("many_features", 0.1), ("geometry_narrow", 0.67), ("geometry_narrow", 0.21))
"""Networks whose blocks are shown, if they are there."""
_RANGE = Normalize(0, 1)


def plot(cells: TrainedCells) -> Page:
    """The figure: capacities by importance and density, what they sum to, and blocks."""
    varied = dense_first(select(cells, "many_features", "relu"))
    pictured = _pictured(cells)
    side = (style.WIDTH - 0.1 - 2 * _GAP) / 3
    page = Page(_BELOW + _HEAD + side + 0.5)
    _map(page, varied)
    axes = page.panel(_LEFT + _MAP + 0.75, _TOP, style.WIDTH - _LEFT - _MAP - 0.85, _HEIGHT)
    _sums(axes, varied)
    for k, cell in enumerate(pictured):
        x = 0.05 + k * (side + _GAP)
        _blocks(page.panel(x, _BELOW + _HEAD, side, side), cell)
        n, m = cell.best.W.shape[::-1]
        words = f"n = {n}, m = {m}, $1-S$ = {cell.density:g}"
        page.write(x, _BELOW + 0.12, words)
        page.write(x, _BELOW + 0.3, _told(cell), **style.NOTE)
    signed_scale(page.panel(0.3, _BELOW + _HEAD + side + 0.1, 1.4, 0.08))
    page.write(1.95, _BELOW + _HEAD + side + 0.17, r"$W_i \cdot W_j$", va="center")
    return page


def _pictured(cells: TrainedCells) -> list[TrainedCell]:
    return [
        cell
        for experiment, density in _PICTURED
        for cell in select(cells, experiment, "relu")
        if cell.density == density
    ]


def _map(page: Page, cells: TrainedCells) -> None:
    """Plot capacities as a picture: a row for each density, a column for each feature."""
    axes = page.panel(_LEFT, _TOP, _MAP, _HEIGHT, gid="capacity")
    C = np.array([feature_dimensionality(cell.best.W) for cell in cells])
    colours: style.Look = {"cmap": style.CAPACITY, "norm": _RANGE}
    axes.imshow(C, aspect="auto", interpolation="none", **colours)
    axes.set_yticks(range(len(cells)), [f"{cell.density:g}" for cell in cells])
    places = [0, *range(9, C.shape[1], 10)]
    axes.set_xticks(places, [str(place + 1) for place in places])
    axes.set(xlabel=f"feature $i${_importance(cells)}", ylabel="feature density, $1-S$")
    axes.spines[:].set(**style.FRAME)
    y = _TOP + _HEIGHT + 0.5
    colour_scale(page.panel(_LEFT, y, 1.4, 0.08), style.CAPACITY, _RANGE, ("0", "½", "1"))
    page.write(_LEFT + 1.55, y + 0.07, "capacity $C_i$: part of a dimension", va="center")


def _importance(cells: TrainedCells) -> str:
    """The importance of features in words, if it is a power."""
    importance = cells[0].best.importance
    falls = importance[1:] / importance[:-1]
    if importance[0] != 1 or not np.allclose(falls, falls[:1]):
        return ""
    return f", of importance ${falls[0]:.3g}^{{i-1}}$"


def _sums(axes: Axes, cells: TrainedCells) -> None:
    """Plot, over density, the part of all dimensions that features have, and those that share."""
    density = [cell.density for cell in cells]
    for values, words, colour in (
        ([_all(cell.best.W) for cell in cells], "all features", style.INK),
        ([_shared(cell.best.W) for cell in cells], "those that share", style.VERMILION),
    ):
        axes.plot(density, values, "o-", color=colour, markersize=3, label=words)
    log_axis(axes, density)
    axes.tick_params(axis="x", rotation=90)
    axes.invert_xaxis()
    axes.set(ylim=(0, 1.05), xlabel="feature density, $1-S$", ylabel="$\\Sigma\\, C_i \\,/\\, m$")
    axes.legend(loc="lower right")


def _all(W: Float[np.ndarray, "m n"]) -> float:
    return float(feature_dimensionality(W).sum() / len(W))


def _shared(W: Float[np.ndarray, "m n"]) -> float:
    return float(feature_dimensionality(W)[is_sharing(W)].sum() / len(W))


def _sorted(W: Float[np.ndarray, "m n"]) -> list[Component]:
    """The blocks, the largest first."""
    return sorted(components(W), key=lambda one: (-one.dimensions, -len(one.members), one.members))


def _blocks(axes: Axes, cell: TrainedCell) -> None:
    """Plot WᵀW with its features sorted into blocks, and a frame around each."""
    W, start = cell.best.W, 0
    blocks = _sorted(W)
    order = [member for block in blocks for member in block.members]
    matrix(axes, gram(W[:, order]) if order else np.zeros((1, 1)), f"blocks-{cell.density:g}")
    for block in blocks:
        size = len(block.members)
        frame: style.Look = {"fill": False, "edgecolor": style.INK, "linewidth": 0.5}
        axes.add_patch(Rectangle((start - 0.5, start - 0.5), size, size, **frame))
        start += size


def _told(cell: TrainedCell) -> str:
    """How many blocks there are, and how far from semi-orthogonal."""
    number, off = len(components(cell.best.W)), blocks_from_semi_orthogonal(cell.best.W)
    return f"{number} block{'' if number == 1 else 's'}, off by {off:.3f}"


COLUMNS = numbers.columns(
    **numbers.common("panel"),
    **numbers.RUN,
    **numbers.common("feature", "importance", "norm", "dimensionality", "W_k"),
    block=("number", "of the block that the feature is in, from 0, the largest first"),
    shares=("True or False", f"whether {NONE:g} < C_i < {WHOLE:g}"),
)


def rows(cells: TrainedCells) -> numbers.Rows:
    """A row for each feature of each network that is shown, with its capacity D_i."""
    varied = dense_first(select(cells, "many_features", "relu"))
    for panel, shown in (("capacity", varied), ("blocks", _pictured(cells))):
        for cell in shown:
            W = cell.best.W
            found: dict[str, Any] = {"importance": cell.best.importance, "norm": norms(W)}
            found |= {"dimensionality": feature_dimensionality(W), "shares": is_sharing(W)}
            if panel == "blocks":
                found |= {"block": _block_of(W), **numbers.by_dimension(W)}
            yield from numbers.along("feature", {"panel": panel} | numbers.of_run(cell), **found)


def _block_of(W: Float[np.ndarray, "m n"]) -> list[int | None]:
    """The block of each feature, if it is in one."""
    places = {i: k for k, block in enumerate(_sorted(W)) for i in block.members}
    return [places.get(i) for i in range(W.shape[1])]
