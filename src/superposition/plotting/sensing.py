"""Features per dimension that trained models reach, beside the bound of compressed sensing."""

from collections.abc import Mapping
from itertools import cycle
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superposition.geometry.dimensions import features_per_dimension
from superposition.plotting import style
from superposition.theory import sensing
from superposition.weights import Weights

_HEIGHT = 3.1
_LOOKS = tuple(zip(style.SERIES, "os^D", strict=True))
_DENSEST = 2.718
"""1/(1 − S) from which on the bound rises; in denser data nothing is sparse."""


class Reached(NamedTuple):
    """Models of one experiment, from dense to sparse."""

    name: str
    x: np.ndarray
    """1/(1 − S)."""
    features: np.ndarray
    """‖W‖² / m."""


def reached(weights: Mapping[str, Weights]) -> list[Reached]:
    """Return what each experiment's lowest-loss models reach."""
    groups: dict[str, list[Weights]] = {}
    for key, cell in weights.items():
        groups.setdefault(key.split("/")[0], []).append(cell)
    found = []
    for cells in groups.values():
        cells.sort(key=lambda cell: -cell.cell.features.feature_probability[0])
        settings = cells[0].cell
        found.append(
            Reached(
                f"n = {settings.features.n_features}, m = {settings.model.n_hidden}",
                np.array([1 / cell.cell.features.feature_probability[0] for cell in cells]),
                np.array([float(features_per_dimension(cell.W[cell.best])) for cell in cells]),
            )
        )
    return found


def draw(weights: Mapping[str, Weights]) -> Figure:
    """Return the figure.

    Args:
        weights: Models of equally important features.
    """
    found = reached(weights)
    sparsest = max(float(group.x.max()) for group in found)
    x = np.geomspace(_DENSEST, max(sparsest, 2 * _DENSEST) * 1.15, 300)
    with style.applied():
        figure = Figure(figsize=(style.WIDTH, _HEIGHT), facecolor="white")
        axes = figure.add_axes((0.075, 0.14, 0.5, 0.72))
        _features(axes, found, x)
        beside = figure.add_axes((0.68, 0.14, 0.305, 0.72))
        _constant(beside, found, x)
    return figure


def _axis(axes: Axes, x: np.ndarray) -> None:
    axes.set_xscale("log")
    ticks = [t for t in (1, 2, 5, 10, 20, 50, 100, 200) if t <= x[-1]]
    axes.set_xticks(ticks, [f"{t:g}" for t in ticks])
    axes.set_xlim(0.95, x[-1])
    axes.minorticks_off()
    axes.set_xlabel("$1 / (1 - S)$", labelpad=2)


def _features(axes: Axes, found: list[Reached], x: np.ndarray) -> None:
    """Draw features per dimension, and the bounds."""
    axes.plot(x, sensing.features_per_dimension(1 / x), color=style.INK, linewidth=1.2, zorder=2)
    exact = sensing.exact_features_per_dimension(1 / x)
    axes.plot(x, exact, "--", color=style.FAINT, linewidth=1.0, zorder=1)
    for group, (colour, mark) in zip(found, cycle(_LOOKS), strict=False):
        axes.plot(group.x, group.features, mark, color=colour, markersize=3.4, markeredgewidth=0,
                  zorder=3, label=group.name)  # fmt: skip
    axes.set_yscale("log")
    axes.set_ylim(0.8, 150)
    ticks = (1, 2, 5, 10, 20, 50, 100)
    axes.set_yticks(ticks, [f"{t:g}" for t in ticks])
    _axis(axes, x)
    axes.set_ylabel("features per dimension, $‖W‖_F^2 / m$", labelpad=2)
    axes.text(1.05, 3.6, "bound with C = 1:\n1 / ((1 − S) log(1/(1 − S)))", va="bottom",
              fontsize=style.SMALL, linespacing=1.3)  # fmt: skip
    axes.text(1.05, 55, "above: no exact recovery of\nall vectors this sparse", va="bottom",
              fontsize=style.SMALL, color=style.FAINT, linespacing=1.3)  # fmt: skip
    axes.legend(loc="lower right", fontsize=style.SMALL, frameon=False, handletextpad=0.2,
                labelspacing=0.3)  # fmt: skip
    style.heading(axes, "Trained models and the lower bound on m", 1.06)


def _constant(axes: Axes, found: list[Reached], x: np.ndarray) -> None:
    """Draw the constant C at which the bound would go through each model."""
    axes.axhline(1, color=style.INK, linewidth=1.2, zorder=1)
    for group, (colour, mark) in zip(found, cycle(_LOOKS), strict=False):
        sparse = group.x > _DENSEST
        bound = sensing.features_per_dimension(1 / group.x[sparse])
        axes.plot(group.x[sparse], bound / group.features[sparse], mark, color=colour,
                  markersize=3.4, markeredgewidth=0, zorder=3)  # fmt: skip
    axes.set_ylim(0, 2)
    _axis(axes, x)
    axes.set_xlim(2, x[-1])
    axes.set_yticks([0, 0.5, 1, 1.5, 2])
    axes.set_ylabel("C at which the bound meets the model", labelpad=2)
    style.heading(axes, "Constant of the bound", 1.06)
