"""The exact loss of two features in one dimension as a surface, and how its minimum jumps.

Without biases the loss is a closed form (`theory.bias_free`), so that the whole landscape can be
seen, as in McGrath's comment on the paper. Nothing is trained for this figure.
"""

from collections.abc import Sequence
from functools import cache
from operator import itemgetter

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize

from superposition.figures import Spec, style
from superposition.figures.parts import numbers
from superposition.figures.parts.page import Page, colour_scale, log_axis
from superposition.measure.elementary import equal_ratios
from superposition.measure.network import TrainedCells
from superposition.measure.theory import bias_free

SPEC = Spec(
    title="The loss of two features in one dimension, as a surface",
    caption="The exact loss without biases over both weights, light where it is low, at densities "
    "before, at and after the phase change. As on a map, all points of a white line are at the "
    "same height, here the same loss; from one line to the next, the square root of the loss "
    "above its lowest rises by the same amount. When features are dense, the lowest minimum has "
    "both in one direction, confused; when they are sparse, in opposite directions, an antipodal "
    "pair. (W and −W are the same model.) At the change, both minima exist, equally low and far "
    "from each other, and the best weights jump from one to the other (below). Until then they "
    "move continuously, towards the more important feature.",
    section="Superposition as a Phase Change",
    place=3,
    claims=("C19b",),
)
_IMPORTANCE = (1.0, 0.5)
"""r of the second feature, a row each."""
_LIMIT = 1.4
_POINTS = 281
"""Of a surface each way: a hundredth apart, with 0 among them."""
_EVERY = 4
"""Height lines go through every so many points."""
_BANDS = 14
"""Of colour, between the lowest loss and that of W = 0 above it, in steps of its root."""
_ON_AXIS = 0.02
"""Closer to an axis than this, weights are on it."""
_LEFT, _TOP, _GAP, _BETWEEN, _FOOT = 0.5, 0.5, 0.1, 0.8, 0.45
_CURVES, _KEY = 1.35, 0.52
_COLUMNS = 4
_PANEL = (style.WIDTH - _LEFT - (_COLUMNS - 1) * _GAP - 0.06) / _COLUMNS
_BELOW = _TOP + 2 * (_PANEL + _BETWEEN) - 0.16
_HEIGHT = _BELOW + _CURVES + _FOOT + _KEY
"""Panels and what is around them, in inches."""
_FIRST, _SECOND, *_ = style.SERIES
_MARK: style.Look = {"markeredgecolor": style.WHITE, "markeredgewidth": 1.1, "markersize": 4.5}
_TICKS = [-1, 0, 1]


def plot(cells: TrainedCells) -> Page:
    """The figure. No cells are looked at: what is shown is mathematics."""
    page = Page(_HEIGHT)
    wide = (style.WIDTH - _LEFT - 0.5 - 0.16) / 2
    flips = _flips()
    for row, (r, flip) in enumerate(zip(_IMPORTANCE, flips, strict=True)):
        y = _TOP + row * (_PANEL + _BETWEEN)
        words = "both features equally important" if r == 1 else f"the second {r:g}× as important"
        page.write(_LEFT, y - 0.24, words, fontweight="bold")
        for column, density in enumerate(_densities(flip)):
            axes = page.panel(_LEFT + column * (_PANEL + _GAP), y, _PANEL, _PANEL)
            _surface(axes, r, density)
            at = f"{density:.3g}" + (": both as low" if density == flip else "")
            axes.set_title(f"$1 - S$ = {at}", pad=3)
            if column == 0:
                axes.set_yticks(_TICKS)
                axes.set_ylabel("weight $W_2$", labelpad=0)
        _curves(page.panel(_LEFT + row * (wide + 0.5), _BELOW, wide, _CURVES), r, flip)
    bar = page.panel(_LEFT, _HEIGHT - 0.32, 1.5, 0.08)
    colour_scale(bar, style.HEIGHT, Normalize(0, 1), ["0", "¼", "≥ 1"])
    words = "loss above its lowest, in losses of $W = 0$"
    bar.set_title(words, pad=3, loc="left", **style.NOTE)
    marks = page.blank(0, _HEIGHT - _KEY, style.WIDTH, _KEY)
    line: style.Look = {"marker": "_", "markersize": 9, "color": style.WHITE}
    kinds: Sequence[tuple[float, str, style.Look]] = (
        (2.85, "the same loss", line),
        (4.05, "lowest minimum", _MARK | {"marker": "o", "markerfacecolor": style.WHITE}),
        (5.35, "other sign's minimum", _MARK | {"marker": "o", "markerfacecolor": "none"}),
    )
    for x, words, how in kinds:
        marks.plot([x], [0.3], "s", markersize=9, color=style.HEIGHT(0.6))
        marks.plot([x], [0.3], linestyle="none", **how)
        marks.text(x + 0.13, 0.3, words, va="center_baseline", **style.NOTE)
    return page


def minima(r: float, density: float) -> list[tuple[float, float, float]]:
    """(w_1, w_2, loss) of the lowest minimum with w_2 of each sign, lowest first.

    w_1 ≥ 0, as (−w_1, −w_2) is the same model. Where the loss falls right up to the change of sign
    there is no minimum on that side.
    """
    found = [bias_free.optimum_with_sign(sign, np.array(r), np.array(density)) for sign in (1, -1)]
    there = [(float(w_1), float(w_2), float(loss)) for w_1, w_2, loss in found]
    return sorted((one for one in there if min(one[0], abs(one[1])) > _ON_AXIS), key=itemgetter(2))


def _surface(axes: Axes, r: float, density: float) -> None:
    """Plot the loss over both weights as height lines, with its minima."""
    w, loss = _landscape(r, density)
    step = 2 * _LIMIT / (_POINTS - 1)
    nothing = (1.0 + r) * density / 3.0
    height = np.sqrt(np.maximum(loss - loss.min(), 0.0) / nothing)
    band = np.clip(np.floor(height * _BANDS) + 0.5, 0.5, _BANDS - 0.5) / _BANDS
    ends = (-_LIMIT - step / 2, _LIMIT + step / 2) * 2
    picture = np.round(style.HEIGHT(band)[..., :3] * 255).astype(np.uint8)
    axes.imshow(picture, origin="lower", extent=ends, interpolation="none")
    few, lines = slice(None, None, _EVERY), np.arange(1, _BANDS) / _BANDS
    white: style.Look = {"colors": style.WHITE, "linewidths": 0.3, "alpha": 0.6}
    axes.contour(w[few], w[few], height[few, few], levels=lines, **white)
    found = minima(r, density)
    for w_1, w_2, value in found:
        face = style.WHITE if value < found[0][2] + 1e-6 else "none"
        axes.plot([w_1, -w_1], [w_2, -w_2], "o", **_MARK, markerfacecolor=face)
    axes.set(xticks=_TICKS, yticks=[], aspect="equal")
    axes.set(xlim=(-_LIMIT, _LIMIT), ylim=(-_LIMIT, _LIMIT))
    axes.set_xlabel("weight $W_1$", labelpad=1)
    axes.spines[:].set(visible=True)


def _curves(axes: Axes, r: float, flip: float) -> None:
    for density, found in _best(r, flip):
        axes.plot(density, found.w_1, color=_FIRST)
        axes.plot(density, found.w_2, color=_SECOND)
    axes.axvline(flip, linestyle="--", **(style.GUIDE | {"linewidth": 0.7}))
    axes.axhline(0, color=style.GRID, linewidth=0.7, zorder=0)
    log_axis(axes, [1, 0.5, 0.2, 0.1])
    axes.set(xlim=(1.0, 0.1), ylim=(-1.3, 1.45), yticks=_TICKS)
    axes.set_xlabel("feature density $1 - S$", labelpad=1)
    axes.set_ylabel("best weights", labelpad=0)
    for x, y, words in (
        (0.96, 1.16, "confused"),
        (flip * 0.97, 1.16, "antipodal pair"),
        (flip * 0.97, 0.15, f"jump at {flip:.3g}"),
    ):
        axes.text(x, y, words, va="bottom", **style.NOTE)
    axes.text(0.12, 0.72, "$W_1$", color=_FIRST, ha="right", va="center")
    axes.text(0.12, -0.7, "$W_2$", color=_SECOND, ha="right", va="center")


def _densities(flip: float) -> tuple[float, ...]:
    """Those of a row: before, at and after the density at which both minima are as low."""
    return 1.0, (1.0 + flip) / 2.0, flip, 0.2


def _landscape(r: float, density: float) -> tuple[np.ndarray, np.ndarray]:
    """Weights each way, and the loss of every two, that of the second feature down."""
    w = np.linspace(-_LIMIT, _LIMIT, _POINTS)
    return w, bias_free.loss(w[None, :], w[:, None], np.array(r), np.array(density))


@cache
def _flips() -> list[float]:
    """The density of each row at which both minima are as low."""
    found: list[float] = bias_free.flip_density(np.array(_IMPORTANCE)).tolist()
    return found


@cache
def _best(r: float, flip: float) -> list[tuple[np.ndarray, bias_free.Optimum]]:
    """The best weights of either sign, at the densities at which they are."""
    halves = (1, equal_ratios(1.0, flip, 25)), (-1, equal_ratios(flip, 0.1, 40))
    return [(s, bias_free.optimum_with_sign(sign, np.array(r), s)) for sign, s in halves]


_TENTH = 10
"""The table has every so many points of a surface each way."""

COLUMNS = numbers.columns(
    panel=(
        "name",
        "surface: at a tenth of the points each way; minimum: its minima, the lowest first; "
        "best weights: the curves below",
    ),
    **numbers.common("density"),
    relative_importance=("ratio", "importance of the second feature over that of the first"),
    w_1=("weight", "weight of the first feature; (−w_1, −w_2) is the same model"),
    w_2=("weight", "weight of the second feature"),
    loss=("loss", "expected loss without biases, the sum over both features"),
)


def rows(_: TrainedCells) -> numbers.Rows:
    """A row for each of some points of each surface, for its minima, and for each best model."""
    flips = _flips()
    for r, flip in zip(_IMPORTANCE, flips, strict=True):
        for density in _densities(flip):
            place = {"relative_importance": r, "density": density}
            w, loss = (values[..., ::_TENTH] for values in _landscape(r, density))
            for w_2, along in zip(w, loss[::_TENTH], strict=True):
                for w_1, value in zip(w, along, strict=True):
                    yield {"panel": "surface", **place, "w_1": w_1, "w_2": w_2, "loss": value}
            for w_1, w_2, value in minima(r, density):
                yield {"panel": "minimum", **place, "w_1": w_1, "w_2": w_2, "loss": value}
        for densities, found in _best(r, flip):
            for density, *best in zip(densities, *found, strict=True):
                of_both = dict(zip(("w_1", "w_2", "loss"), best, strict=True))
                yield {
                    "panel": "best weights",
                    "relative_importance": r,
                    "density": density,
                    **of_both,
                }
