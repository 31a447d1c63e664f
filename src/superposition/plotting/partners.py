"""Pairs of correlated or anticorrelated features in the plane: five runs, and all of them.

Above, five runs at one density; below, the angle between the partners of every pair of every run at
every density.
"""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superposition.geometry import sets
from superposition.geometry.planar import AT_ZERO
from superposition.metrics import norms
from superposition.plotting import planes, style
from superposition.settings import FeatureSettings
from superposition.weights import Weights

_SHOWN = 5
_PANEL = style.WIDTH / _SHOWN
_HEAD, _UNDER, _BELOW, _FOOT = 0.62, 0.42, 2.0, 0.5
_AS_EXPECTED = 18.0
"""Degrees by which an angle may differ from the one expected, as for antipodal pairs."""
_LOST = -20.0
"""Where pairs are drawn of which a member is at zero."""
_CLOSE = 1.1
"""A loss is low if it is less than this many times the lowest."""
_MARKS = {"low": style.INK, "high": "#E69F00"}


def draw(weights: Mapping[str, Weights]) -> Figure:
    """Return the figure.

    Args:
        weights: Cells of one experiment with pairs of features in two hidden dimensions.
    """
    cells = sorted(weights.values(), key=lambda w: -w.cell.features.feature_probability[0])
    expected = expected_angle(cells[0].cell.features)
    height = _HEAD + _PANEL + _UNDER + _BELOW + _FOOT
    with style.applied():
        figure = Figure(figsize=(style.WIDTH, height), facecolor="white")
        shown = _typical_density(cells, expected)
        _five_runs(figure, height, shown)
        width = style.WIDTH - 0.6 - 1.35
        box = np.array([0.6, _FOOT, width, _BELOW]) / np.tile([style.WIDTH, height], 2)
        axes = figure.add_axes(tuple(box))
        _all_runs(axes, cells, expected)
        _key(axes, expected)
    return figure


def expected_angle(features: FeatureSettings) -> float:
    """Return the angle between partners in the paper's solution, in degrees."""
    if features.anticorrelated:
        return 180.0
    return 360.0 / features.n_features


def partner_angles(weights: Weights) -> np.ndarray:
    """Return the angle of every pair of every run, [runs, pairs]; nan if a member is at zero."""
    pairs = _sets(weights.cell.features)
    found = []
    for W in weights.W.astype(np.float64):
        angles = np.degrees(np.arccos(np.clip(sets.within(W, pairs), -1, 1)))
        length = norms(W)
        lost = [min(length[list(pair)]) < AT_ZERO for pair in pairs]
        found.append(np.where(lost, np.nan, angles))
    return np.array(found)


def as_expected(angles: np.ndarray, expected: float) -> np.ndarray:
    """Return in which runs all pairs are at the angle expected."""
    return np.asarray((np.abs(angles - expected) < _AS_EXPECTED).all(axis=1))


def _sets(features: FeatureSettings) -> tuple[tuple[int, ...], ...]:
    return features.correlated or features.anticorrelated


def _typical_density(cells: list[Weights], expected: float) -> Weights:
    """Return the densest cell whose lowest-loss run is the paper's solution, or the densest."""
    fits = (w for w in cells if as_expected(partner_angles(w), expected)[w.best])
    return next(fits, cells[0])


def _five_runs(figure: Figure, height: float, weights: Weights) -> None:
    """Draw runs evenly spread over the order of their losses, the lowest first."""
    loss = _losses(weights)
    order = np.argsort(loss, kind="stable")
    ranks = np.unique(np.linspace(0, order.size - 1, _SHOWN).round().astype(int))
    features = weights.cell.features
    colours = planes.set_colours(features.n_features, _sets(features))
    kind = "anticorrelated" if features.anticorrelated else "correlated"
    density = f"{features.feature_probability[0]:.3g}"
    page = np.tile([style.WIDTH, height], 2)
    figure.text(
        0.015, 1 - 0.2 / height,
        f"Five of {order.size} runs at $1 - S$ = {density}, by rank of loss; "
        f"features of one colour are {kind}",
        va="center", **style.BOLD,
    )  # fmt: skip
    bottom = height - _HEAD - _PANEL
    for place, rank in enumerate(ranks.tolist()):
        box = np.array([place * _PANEL, bottom, _PANEL, _PANEL]) / page
        axes = figure.add_axes(tuple(box))
        axes.set_gid(f"run-{weights.runs[order[rank]]}")
        planes.ground(axes)
        planes.arrows(axes, planes.upright(weights.W[order[rank]].astype(np.float64)), colours)
        axes.set_title(_rank_name(rank, order.size), pad=3)
        ratio = loss[order[rank]] / loss[order[0]] if loss[order[0]] > 0 else np.inf
        axes.text(0.5, -0.03, _loss_text(loss[order[rank]], ratio), transform=axes.transAxes,
                  ha="center", va="top", fontsize=style.SMALL, color=style.FAINT)  # fmt: skip


def _rank_name(rank: int, runs: int) -> str:
    if rank == 0:
        return "lowest loss"
    return "highest loss" if rank == runs - 1 else f"rank {rank + 1} of {runs}"


def _loss_text(loss: float, ratio: float) -> str:
    """Return the loss, and how many times the lowest it is if that can be said shortly."""
    if loss < 1e-7:
        return "loss 0"
    text = f"loss {loss:.3g}"
    return f"{text} (× {ratio:.3g})" if 1.005 <= ratio < 1000 else text


def _losses(weights: Weights) -> np.ndarray:
    """Return the loss of every run; infinite if it diverged."""
    loss = np.zeros(len(weights.runs)) if weights.loss is None else weights.loss
    return np.where(np.isfinite(loss), loss, np.inf)


def _all_runs(axes: Axes, cells: list[Weights], expected: float) -> None:
    """Draw the angle of every pair, a column for each density."""
    axes.axhline(expected, color=style.PAPER_MARK, linewidth=0.9, zorder=1)
    for column, weights in enumerate(cells):
        angles, loss = partner_angles(weights), _losses(weights)
        low = loss <= max(_CLOSE * loss.min(), loss.min() + 1e-7)
        order = np.argsort(loss, kind="stable")
        aside = np.empty(order.size)
        aside[order] = np.linspace(-0.34, 0.34, order.size) if order.size > 1 else 0.0
        for name, chosen in (("high", ~low), ("low", low)):
            x = np.repeat(column + aside[chosen], angles.shape[1])
            y = np.where(np.isnan(angles[chosen]), _LOST, angles[chosen]).ravel()
            axes.plot(x, y, "o", markersize=2.4, color=_MARKS[name], markeredgewidth=0, zorder=2)
        number = int(as_expected(angles, expected).sum())
        best = as_expected(angles, expected)[weights.best]
        axes.text(column, 197, f"{number}/{order.size}", ha="center", va="bottom",
                  fontsize=style.SMALL, fontweight="bold" if best else "normal")  # fmt: skip
    axes.axhline(-10, color=style.GRID, linewidth=0.6)
    labels = [f"{w.cell.features.feature_probability[0]:.3g}" for w in cells]
    axes.set_xticks(range(len(cells)), labels)
    ticks = [0, 60, 90, 120, 180]
    axes.set_yticks([_LOST, *ticks], ["at zero", *(f"{tick}°" for tick in ticks)])
    axes.set(xlim=(-0.6, len(cells) - 0.4), ylim=(-30, 195))
    of = " of the pairs" if cells[0].cell.features.anticorrelated else ""
    axes.set_xlabel(f"feature density $1 - S${of}")
    axes.set_ylabel("angle between partners")


def _key(axes: Axes, expected: float) -> None:
    """Explain the marks, to the right."""
    x = 1.02
    rows = (
        (1.045, style.INK, "← runs as in the paper", False),
        (0.72, _MARKS["low"], f"loss < {_CLOSE:g} × lowest", True),
        (0.61, _MARKS["high"], "higher loss", True),
    )
    for y, colour, text, dot in rows:
        if dot:
            axes.plot([x + 0.012], [y], "o", transform=axes.transAxes, clip_on=False,
                      markersize=3.6, markeredgewidth=0, color=colour)  # fmt: skip
        axes.text(x + 0.035 * dot, y, text, transform=axes.transAxes, va="center",
                  fontsize=style.SMALL, color=style.INK if dot else colour)  # fmt: skip
    axes.annotate(f"paper: {expected:.0f}°", (1, expected), (6, 0), va="center",
                  xycoords=axes.get_yaxis_transform(), textcoords="offset points",
                  fontsize=style.SMALL, color=style.PAPER_MARK)  # fmt: skip
