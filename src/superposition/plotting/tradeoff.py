"""A penalty on hidden activations: what it does to superposition, and what it costs."""

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from superposition.metrics import LEARNED, ORTHOGONAL, gram, interference, norms
from superposition.plotting import style
from superposition.plotting.columns import matrix
from superposition.weights import Weights

_HEIGHT = 4.1
_MATRICES = 5
"""Pictures of WᵀW, of evenly spread penalties."""


def draw(weights: Mapping[str, Weights]) -> Figure:
    """Return the figure.

    Args:
        weights: Cells of experiments that differ in the penalty on hidden activations.
    """
    curves: dict[float, list[Weights]] = {}
    for cell in sorted(weights.values(), key=_penalty):
        curves.setdefault(max(cell.cell.features.feature_probability), []).append(cell)
    with style.applied():
        figure = Figure(figsize=(style.WIDTH, _HEIGHT), facecolor="white")
        panels = [figure.add_axes((left, 0.485, 0.255, 0.435)) for left in (0.07, 0.40, 0.735)]
        from_dense = sorted(curves.items(), reverse=True)
        for (density, cells), colour in zip(from_dense, cycle(style.SERIES), strict=False):
            _features(panels[0], cells, colour)
            _loss(panels[1], cells, colour, density)
            _price(panels[2], cells, colour)
        _finish(panels, next(iter(curves.values())))
        _matrices(figure, max(curves.items())[1])
    return figure


def _penalty(cell: Weights) -> float:
    return float(cell.cell.training.activation_penalty)


def _learned(cell: Weights) -> np.ndarray:
    """Return which features of the lowest-loss run are learned, `[n]`."""
    return np.asarray(norms(cell.W[cell.best]) > LEARNED)


def _shared(cell: Weights) -> int:
    """Return how many learned features share their direction with others."""
    shared = interference(cell.W[cell.best]) >= ORTHOGONAL
    return int((_learned(cell) & shared).sum())


def _places(cells: Sequence[Weights]) -> list[int]:
    """Return places of the penalties, evenly spaced: they begin with 0."""
    return list(range(len(cells)))


def _features(axes: Axes, cells: Sequence[Weights], colour: Any) -> None:
    """Draw how many features are learned, and how many of these in superposition."""
    axes.plot(_places(cells), [int(_learned(cell).sum()) for cell in cells], "o-", markersize=3,
              linewidth=1.3, color=colour)  # fmt: skip
    axes.plot(_places(cells), [_shared(cell) for cell in cells], "s:", markersize=3,
              markerfacecolor="none", linewidth=1.0, color=colour)  # fmt: skip


def _loss(axes: Axes, cells: Sequence[Weights], colour: Any, density: float) -> None:
    """Draw the loss, without the penalty, over that of the model trained without it."""
    losses = np.array([float(cell.loss[cell.best]) for cell in cells if cell.loss is not None])
    axes.plot(_places(cells)[: len(losses)], losses / losses[0], "o-", markersize=3, linewidth=1.3,
              color=colour, label=f"$1-S$ = {density:g}")  # fmt: skip


def _price(axes: Axes, cells: Sequence[Weights], colour: Any) -> None:
    """Draw the loss against the number of learned features that are in superposition."""
    losses = np.array([float(cell.loss[cell.best]) for cell in cells if cell.loss is not None])
    shared = [_shared(cell) for cell in cells][: len(losses)]
    axes.plot(shared, losses / losses[0], "o-", markersize=3, linewidth=1.0, color=colour)


def _finish(panels: Sequence[Axes], cells: Sequence[Weights]) -> None:
    """Name the axes."""
    m = cells[0].cell.model.n_hidden
    words = (
        ("Features", "features"),
        ("Loss", "loss / that without penalty"),
        ("Price", "loss / that without penalty"),
    )
    for axes, (title, label) in zip(panels, words, strict=True):
        axes.set_ylabel(label, labelpad=3)
        style.heading(axes, title)
    for axes in panels[:2]:
        axes.set_xticks(_places(cells), [f"{_penalty(cell):g}" for cell in cells], rotation=45)
        axes.set_xlabel("penalty λ", labelpad=1)
    panels[0].axhline(m, color=style.FAINT, linewidth=0.6, zorder=0)
    panels[0].text(len(cells) - 1, m, f"m = {m}", ha="right", va="bottom", fontsize=style.SMALL,
                   color=style.FAINT)  # fmt: skip
    panels[0].set_ylim(-0.3)
    for axes in panels[1:]:
        axes.set_yscale("log")
        ticks = [t for t in (1, 2, 5, 10, 20, 50, 100) if t <= axes.get_ylim()[1]]
        axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.set_yticks([], minor=True)
    panels[2].xaxis.set_major_locator(MaxNLocator(integer=True))
    panels[0].plot([], [], "o-", color=style.INK, markersize=3, linewidth=1.3, label="learned")
    panels[0].plot([], [], "s:", color=style.INK, markersize=3, markerfacecolor="none",
                   linewidth=1.0, label="in superposition")  # fmt: skip
    panels[0].legend(frameon=False, loc="upper right", fontsize=style.SMALL)
    panels[2].set_xlabel("learned features in superposition", labelpad=1)
    panels[1].legend(frameon=False, loc="upper left", fontsize=style.SMALL)


def _matrices(figure: Figure, cells: Sequence[Weights]) -> None:
    """Draw WᵀW at some penalties, of one density."""
    count = min(_MATRICES, len(cells))
    chosen = [cells[k * (len(cells) - 1) // max(count - 1, 1)] for k in range(count)]
    side = 0.165
    for k, cell in enumerate(chosen):
        axes = figure.add_axes((0.07 + k * 0.187, 0.02, side, side * style.WIDTH / _HEIGHT))
        matrix(axes, gram(cell.W[cell.best]), f"gram-{_penalty(cell):g}")
        density = max(cell.cell.features.feature_probability)
        first = f"$W^\\mathsf{{T}}W$ at $1-S$ = {density:g}, " if k == 0 else ""
        axes.set_title(f"{first}λ = {_penalty(cell):g}", fontsize=style.SMALL, pad=2)
