"""Five features in the plane, one of them denser or sparser: all good local solutions overlaid."""

from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, LinearSegmentedColormap, LogNorm
from matplotlib.figure import Figure

from superposition.geometry import planar
from superposition.geometry.branches import PENTAGON, WITHOUT
from superposition.plotting import planes, style
from superposition.plotting.varied import Point, points
from superposition.weights import Weights

_SIDE, _TITLE, _FOOT = 2.25, 0.55, 0.62
_GAPS = 1.5
_LOW_LOSS = 1.05
"""Runs are shown whose loss is less than this many times the lowest of their kind."""
_EVEN = 72.0
_NESTED = 2.6
"""How much thicker the sparsest is drawn than the densest, so that equal ones show inside it."""
_LIMIT = 1.36


def draw(weights: Mapping[str, Weights]) -> Figure:
    """Return the figure.

    Args:
        weights: Cells that differ in the density of the last feature.
    """
    found = points(weights)
    relative = [point.relative for point in found]
    norm = LogNorm(min(*relative, 0.5), max(*relative, 2.0))
    height = _TITLE + _SIDE + _FOOT
    with style.applied():
        figure = Figure(figsize=(style.WIDTH, height), facecolor="white")
        page = np.tile([style.WIDTH, height], 2)
        titles = ((PENTAGON, "Pentagons", True), (WITHOUT, "Two digons, one at zero", False))
        for place, (kind, title, is_pentagon) in enumerate(titles):
            box = np.array([place * (_SIDE + 0.05) + 0.03, _FOOT, _SIDE, _SIDE]) / page
            axes = figure.add_axes(tuple(box))
            axes.set_gid(f"overlay-{'pentagons' if is_pentagon else 'digons'}")
            planes.ground(axes, _LIMIT)
            _overlay(axes, found, kind, norm)
            _heading(axes, title, _best_at(found, kind))
            _explain(axes, is_pentagon)
        box = np.array([style.WIDTH - _GAPS - 0.08, _FOOT, _GAPS, _SIDE]) / page
        axes = figure.add_axes(tuple(box))
        _gaps(axes, found, norm)
        _heading(axes, "Gap to neighbours", "varied feature, pentagons")
        scale = figure.add_axes(tuple(np.array([1.2, 0.4, 2.2, 0.08]) / page))
        _scale(figure, scale, norm)
    return figure


def _colours() -> Colormap:
    """Return blue for sparse to yellow for dense, as in the paper; legible on a light ground."""
    shades = mpl.colormaps["viridis"](np.linspace(0.2, 0.97, 256))
    return LinearSegmentedColormap.from_list("relative density", shades)


def _overlay(axes: Axes, found: list[Point], kind: str, norm: LogNorm) -> None:
    """Draw the solutions of a kind; the lowest-loss run of all at a density with lines as well."""
    colours = _colours()
    for point in found:
        colour = colours(norm(point.relative))
        ordered = point.of(kind)
        if not ordered.size:
            continue
        low = ordered[point.loss[ordered] < _LOW_LOSS * point.loss[ordered[0]]]
        varied = point.W.shape[2] - 1
        turned = np.stack([planar.canonical(point.W[run], varied) for run in low])
        _dots(axes, turned[..., :varied], marker="o", markersize=2.2, color=colour, alpha=0.35)
        _dots(axes, turned[..., varied:], marker="D", markersize=2.2, color=colour, alpha=0.35)
        if point.lowest(kind) > point.loss.min():
            continue
        best, thin = turned[0], 1.0 - norm(point.relative)
        for tip in best.T:
            axes.plot([0, tip[0]], [0, tip[1]], color=colour, linewidth=0.8 + _NESTED * thin,
                      solid_capstyle="round", zorder=3)  # fmt: skip
        edge: dict[str, Any] = {"markeredgecolor": style.GROUND, "zorder": 5, "color": colour}
        edge |= {"markeredgewidth": 0.3}
        size = 3.6 + _NESTED * thin
        _dots(axes, best[None, :, :varied], marker="o", markersize=size, **edge)
        _dots(axes, best[None, :, varied:], marker="D", markersize=size, **edge)


def _dots(axes: Axes, W: np.ndarray, **how: Any) -> None:
    """Draw the tips of columns of several runs."""
    options: dict[str, Any] = {"linestyle": "none", "markeredgewidth": 0, "zorder": 2} | how
    axes.plot(W[:, 0].ravel(), W[:, 1].ravel(), **options)


def _best_at(found: list[Point], kind: str) -> str:
    """Return at which relative densities a kind has the lowest loss, in words."""
    best = [p.relative for p in found if p.lowest(kind) <= p.loss.min()]
    if not best:
        return "never the lowest loss"
    return f"lowest loss from × {min(best):.3g} to × {max(best):.3g}"


def _heading(axes: Axes, title: str, below: str) -> None:
    axes.text(0.5, 1.1, title, transform=axes.transAxes, ha="center", **style.BOLD)
    axes.text(0.5, 1.02, below, transform=axes.transAxes, ha="center", color=style.FAINT)


def _explain(axes: Axes, is_pentagon: bool) -> None:
    """Point at the varied feature."""
    where = (0.0, 1.1) if is_pentagon else (0.0, 0.0)
    offset = (22, 6) if is_pentagon else (16, 24)
    axes.annotate("varied feature ◆", where, offset, textcoords="offset points",
                  fontsize=style.SMALL, va="center", zorder=6,
                  arrowprops={"arrowstyle": "-", "linewidth": 0.5, "color": style.FAINT,
                              "shrinkB": 4})  # fmt: skip


def _gaps(axes: Axes, found: list[Point], norm: LogNorm) -> None:
    """Draw the mean angle between the varied feature and its neighbours in pentagons."""
    axes.axhline(_EVEN, color=style.FAINT, linewidth=0.6, zorder=0)
    axes.axvline(1, color=style.FAINT, linewidth=0.6, zorder=0)
    colours = _colours()
    for point in found:
        gaps = [planar.neighbour_gaps(point.W[run])[-1].mean() for run in point.of(PENTAGON)]
        if not gaps:
            continue
        colour = colours(norm(point.relative))
        x = np.full(len(gaps), point.relative)
        axes.plot(x, gaps, "o", markersize=2.0, color=colour, markeredgewidth=0, alpha=0.35)
        axes.plot(x[:1], gaps[:1], "D", markersize=3.6, color=colour, markeredgewidth=0.3,
                  markeredgecolor=style.GROUND)  # fmt: skip
    axes.set_xscale("log")
    _relative_axis(axes)
    axes.yaxis.set_major_formatter("{x:g}°")
    axes.set_xlabel("relative density", labelpad=2)


def _relative_axis(axes: Axes) -> None:
    ticks = [0.1, 0.2, 0.5, 1, 2, 4]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()


def _scale(figure: Figure, axes: Axes, norm: LogNorm) -> None:
    """Draw the colours of relative density."""
    bar = figure.colorbar(ScalarMappable(norm, _colours()), cax=axes, orientation="horizontal")
    ticks = [tick for tick in (0.1, 0.2, 0.5, 1, 2, 4) if 0 <= norm(tick) <= 1]
    bar.set_ticks(ticks, labels=[f"× {tick:g}" for tick in ticks])
    bar.minorticks_off()
    bar.outline.set(linewidth=0.5, edgecolor=style.FAINT)
    axes.annotate("sparser", (0, 0.5), (-4, 0), xycoords="axes fraction", va="center", ha="right",
                  textcoords="offset points")  # fmt: skip
    axes.annotate("denser than the others", (1, 0.5), (4, 0), xycoords="axes fraction",
                  va="center", textcoords="offset points")  # fmt: skip
