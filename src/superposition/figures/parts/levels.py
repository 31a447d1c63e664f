"""Models of equally important features at many densities: levels of 1/(1 − S), D* and D_i."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import cycle, groupby
from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes

from superposition.figures import style
from superposition.figures.parts.page import log_axis
from superposition.measure.geometry.dimensions import NAMED
from superposition.measure.metrics import dimensions_per_feature
from superposition.measure.network import Network, TrainedCell, dense_first


def lowest(cells: Iterable[TrainedCell]) -> list[Network]:
    """The lowest-loss run of each cell, from dense to sparse."""
    return [cell.best for cell in dense_first(cells)]


def places(curve: Iterable[Network]) -> list[float]:
    """1/(1 − S) of each level."""
    return [1 / network.density for network in curve]


def stars(curve: Iterable[Network]) -> Float[np.ndarray, " levels"]:
    """D* of each level."""
    return np.array([float(dimensions_per_feature(network.W)) for network in curve])


def inverse_axis(
    axes: Axes,
    shown: Sequence[float],
    label: str = "$1/(1-S)$: sparser features to the right",
    numbers: Sequence[float] = (1, 1.5, 2, 3, 4, 5, 7, 10, 15, 20, 50, 100, 1000),
) -> None:
    """Make the horizontal axis that of 1/(1 − S): logarithmic, with plain numbers."""
    low, high = min(shown), max(shown)
    log_axis(axes, [number for number in numbers if low / 1.01 <= number <= high * 1.01])
    axes.set(xlim=(low / 1.06, high * 1.06), xlabel=label)


def fraction_axis(axes: Axes) -> None:
    """Make the vertical axis that of parts of a dimension, from 0 to 1."""
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "¼", "½", "¾", "1"])


def name_fraction(axes: Axes, name: str, words: str, offset: float, **how: Any) -> None:
    """Write to the right of the panel what a polytope's fraction of a dimension is."""
    # 3/8 and 2/5 are so close that one is moved down, the other up.
    up = {"square antiprism": -4, "pentagon": 4}.get(name, 0)
    place, colour = (1, float(NAMED[name])), style.POLYTOPES[name]
    how |= {"color": colour, "va": "center", **style.NOTE}
    style.beside(axes, words, place, (offset, up), axes.get_yaxis_transform(), **how)


def jitter(count: int) -> Float[np.ndarray, " {count}"]:
    """Numbers in (−1, 1) that look random and are always the same (golden ratio)."""
    return 2.0 * (0.6180339887498949 * np.arange(1, count + 1) % 1.0) - 1.0


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
    offsets = shift + spread * jitter(D.size)
    axes.plot(place * np.exp(offsets), D, "o", markeredgewidth=0, rasterized=True, **how)


def curves(cells: Iterable[TrainedCell], swept: str) -> list[tuple[str, list[TrainedCell]]]:
    """The cells of each density, dense first, by rising values of what is swept; with a colour."""
    ordered = sorted(cells, key=lambda cell: (-cell.density, float(cell.swept[swept])))
    found = (list(curve) for _, curve in groupby(ordered, key=lambda cell: cell.density))
    return list(zip(cycle(style.SERIES), found, strict=False))
