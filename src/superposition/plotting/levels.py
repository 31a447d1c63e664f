"""What the figures of uniform superposition share: levels, their axis, polytope colours."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from superposition.metrics import dimensions_per_feature, feature_dimensionality
from superposition.weights import Weights

_OKABE_ITO = [to_hex(colour) for colour in mpl.color_sequences["okabe_ito"]]
COLOURS: Mapping[str, str] = {
    "tetrahedron": _OKABE_ITO[2],
    "triangle": _OKABE_ITO[3],
    "digon": _OKABE_ITO[5],
    "pentagon": _OKABE_ITO[1],
    "square antiprism": _OKABE_ITO[7],
}
"""Of the polytopes that the paper names."""
INVERSE = "$1/(1-S)$: sparser features to the right"


class Level(NamedTuple):
    """The lowest-loss run at one density."""

    place: float
    """1/(1 − S)."""
    W: Float[np.ndarray, "m n"]
    """Weights."""
    D_star: float
    """D*."""
    D: Float[np.ndarray, " n"]
    """D_i of each feature."""


def levels(cells: Iterable[Weights]) -> list[Level]:
    """Return the levels of an experiment, from dense to sparse."""
    found = []
    for cell in cells:
        W = cell.W[cell.best].astype(np.float64)
        place = 1 / max(cell.cell.features.feature_probability)
        star = float(dimensions_per_feature(W))
        found.append(Level(place, W, star, feature_dimensionality(W)))
    return sorted(found, key=lambda level: level.place)


def by_experiment(weights: Mapping[str, Weights]) -> dict[str, list[Level]]:
    """Return the levels of each experiment by its name."""
    cells: dict[str, list[Weights]] = {}
    for key, cell in weights.items():
        cells.setdefault(key.split("/")[0], []).append(cell)
    return {name: levels(group) for name, group in cells.items()}


def inverse_axis(axes: Axes, places: Sequence[float], label: str = INVERSE) -> None:
    """Make the horizontal axis that of 1/(1 − S): logarithmic, with plain numbers."""
    axes.set_xscale("log")
    axes.set_xlim(min(places) / 1.06, max(places) * 1.06)
    ticks = [1, 1.5, 2, 3, 4, 5, 7, 10, 15, 20, 50, 100, 1000]
    shown = [tick for tick in ticks if min(places) / 1.01 <= tick <= max(places) * 1.01]
    axes.set_xticks(shown, [f"{tick:g}" for tick in shown])
    axes.set_xticks([], minor=True)
    axes.set_xlabel(label)


def jitter(count: int) -> Float[np.ndarray, " {count}"]:
    """Return numbers in (−1, 1) that look random and are always the same (golden ratio)."""
    return 2.0 * (0.6180339887498949 * np.arange(1, count + 1) % 1.0) - 1.0


def dots(
    axes: Axes, place: float, D: np.ndarray, spread: float, shift: float = 0.0, **how: Any
) -> None:
    """Draw D_i of one level's features as a narrow cloud; spread and shift are logarithmic."""
    offsets = shift + spread * jitter(D.size)
    axes.plot(place * np.exp(offsets), D, "o", markeredgewidth=0, rasterized=True, **how)
