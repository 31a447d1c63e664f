"""Models of equally important features at many densities: levels of 1/(1 − S), D* and D_i."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import cycle, groupby
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes

from superposition.figures import style
from superposition.figures.parts.page import log_axis
from superposition.figures.parts.paper import Run
from superposition.measure.elementary import exp
from superposition.measure.geometry.dimensions import NAMED
from superposition.measure.metrics import dimensions_per_feature, feature_dimensionality
from superposition.measure.network import TrainedCell, dense_first

LOOKS: Final[Mapping[str, style.Look]] = {
    "geometry": {"color": style.BLUE, "marker": "o", "markersize": 7.0},
    "geometry_wide": {"color": style.PURPLE, "marker": "s", "markersize": 5.0},
    "geometry_narrow": {"color": style.ORANGE, "marker": "D", "markersize": 4.0},
    "geometry_notebook": {"color": style.GREEN, "marker": "^", "markersize": 4.5},
    "sensing": {"color": style.VERMILION, "marker": "v", "markersize": 4.5},
}
"""Colours and marks of the experiments, wherever several are in one panel."""


def measured(cells: Iterable[TrainedCell]) -> Run:
    """D* and D_i of the lowest-loss run at each level, from dense to sparse."""
    best = [cell.best for cell in dense_first(cells)]
    places, W = (np.array([1 / run.density for run in best]), np.stack([run.W for run in best]))
    return Run(places, dimensions_per_feature(W), feature_dimensionality(W))


def runs(cells: Iterable[TrainedCell]) -> list[tuple[float, np.ndarray]]:
    """1/(1 − S) and D* of every run at each level, from dense to sparse."""
    return [(1 / cell.density, dimensions_per_feature(cell.W)) for cell in dense_first(cells)]


def inverse_axis(
    axes: Axes,
    shown: Iterable[float],
    label: str = "$1/(1-S)$: sparser features to the right",
    numbers: Sequence[float] = (1, 1.5, 2, 3, 4, 5, 7, 10, 15, 20, 50, 100, 1000),
) -> None:
    """Make the horizontal axis that of 1/(1 − S): logarithmic, with plain numbers."""
    low, high = min(shown), max(shown)
    log_axis(axes, [number for number in numbers if low / 1.01 <= number <= high * 1.01])
    axes.set(xlim=(low / 1.06, high * 1.06), xlabel=label)


def dimension_axes(axes: Axes, shown: Iterable[float], label: str, *ends: float) -> None:
    """Make the axes those of 1/(1 − S) and, upwards, of parts of a dimension."""
    inverse_axis(axes, shown)
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "¼", "½", "¾", "1"])
    axes.set(ylim=ends, ylabel=label)


def name_fraction(axes: Axes, name: str, words: str, offset: float, **how: Any) -> None:
    """Write to the right of the panel what a polytope's fraction of a dimension is."""
    # 3/8 and 2/5 are so close that one is moved down, the other up.
    up = {"square antiprism": -4, "pentagon": 4}.get(name, 0)
    place, colour = (1, float(NAMED[name])), style.POLYTOPES[name]
    how |= {"color": colour, "va": "center", **style.NOTE}
    style.beside(axes, words, place, (offset, up), axes.get_yaxis_transform(), **how)


def medians(
    axes: Axes,
    places: Sequence[float],
    values: Sequence[np.ndarray],
    marks: Mapping[str, Any],
    **how: Any,
) -> None:
    """Plot medians over runs as a line, and every run as a mark of the same colour."""
    axes.plot(places, [float(np.median(runs)) for runs in values], **how)
    for place, runs in zip(places, values, strict=True):
        axes.plot([place] * len(runs), runs, color=how["color"], markeredgewidth=0, **marks)


def dots(
    axes: Axes, place: float, D: np.ndarray, spread: float, shift: float = 0.0, **how: Any
) -> None:
    """Plot D_i of one level's features as a narrow cloud; spread and shift are logarithmic."""
    # Numbers in (−1, 1) that look random and are always the same (golden ratio).
    offsets = 2.0 * (0.6180339887498949 * np.arange(1, D.size + 1) % 1.0) - 1.0
    axes.plot(
        place * exp(shift + spread * offsets), D, "o", markeredgewidth=0, rasterized=True, **how
    )


def curves(cells: Iterable[TrainedCell], swept: str) -> list[tuple[list[TrainedCell], style.Look]]:
    """The cells of each density, dense first, by rising values of what is swept; with a look."""
    ordered = sorted(cells, key=lambda cell: (-cell.density, float(cell.swept[swept])))
    found = groupby(ordered, key=lambda cell: cell.density)
    return [
        (list(curve), {"color": colour, "label": f"$1-S$ = {density:g}"})
        for (density, curve), colour in zip(found, cycle(style.SERIES), strict=False)
    ]
