"""The exact loss of two features in one dimension as a surface, and how its minimum jumps.

Without biases the loss is a closed form (`theory.bias_free`), so that the whole landscape can be
seen, as in McGrath's comment on the paper. Nothing is trained for this figure.
"""

from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from superposition.plotting import style
from superposition.theory import bias_free
from superposition.weights import Weights

_IMPORTANCE = (1.0, 0.5)
"""r of the second feature, a row each."""
_LIMIT = 1.4
_POINTS = 281
"""Of a surface each way: a hundredth apart, with 0 among them."""
_EVERY = 4
"""Height lines are drawn through every so many points."""
_BANDS = 14
"""Of colour, between the lowest loss and that of W = 0 above it, in steps of its root."""
_ON_AXIS = 0.02
"""Closer to an axis than this, weights are on it."""
_LEFT, _TOP, _GAP, _BETWEEN, _FOOT = 0.5, 0.5, 0.1, 0.8, 0.45
_CURVES, _KEY = 1.35, 0.52
_COLUMNS = 4
_PANEL = (style.WIDTH - _LEFT - (_COLUMNS - 1) * _GAP - 0.06) / _COLUMNS
_HEIGHT = _TOP + 2 * (_PANEL + _BETWEEN) - 0.16 + _CURVES + _FOOT + _KEY
"""Panels and what is around them, in inches."""
_COLOURS = mpl.colormaps["viridis_r"]
_FIRST, _SECOND = mpl.color_sequences["okabe_ito"][5], mpl.color_sequences["okabe_ito"][6]


def draw(weights: Mapping[str, Weights]) -> Figure:
    """Return the figure.

    Args:
        weights: Not looked at: what is drawn is mathematics.
    """
    del weights
    flips = bias_free.flip_density(np.array(_IMPORTANCE)).tolist()
    with style.applied():
        figure = Figure(figsize=(style.WIDTH, _HEIGHT), facecolor="white")
        for row, r in enumerate(_IMPORTANCE):
            y = _TOP + row * (_PANEL + _BETWEEN)
            flip = flips[row]
            for column, density in enumerate((1.0, (1.0 + flip) / 2.0, flip, 0.2)):
                axes = _axes(figure, _LEFT + column * (_PANEL + _GAP), y, _PANEL, _PANEL)
                _surface(axes, r, density)
                at = f"{density:.3g}" + (": both as low" if density == flip else "")
                axes.set_title(f"$1 - S$ = {at}", pad=3)
                if column == 0:
                    axes.set_yticks([-1, 0, 1], ["−1", "0", "1"])
                    axes.set_ylabel("weight $W_2$", labelpad=0)
            _heading(figure, y - 0.24, r)
        wide = (style.WIDTH - _LEFT - 0.5 - 0.16) / 2
        for column, r in enumerate(_IMPORTANCE):
            x = _LEFT + column * (wide + 0.5)
            y = _TOP + 2 * (_PANEL + _BETWEEN) - 0.16
            _curves(_axes(figure, x, y, wide, _CURVES), r, flips[column])
        _keys(figure)
    return figure


def minima(r: float, density: float) -> list[tuple[float, float, float]]:
    """Return (w_1, w_2, loss) of the lowest minimum with w_2 of each sign, lowest first.

    w_1 ≥ 0, as (−w_1, −w_2) is the same model. Where the loss falls right up to the change of sign
    there is no minimum on that side.
    """
    found = [
        tuple(float(value) for value in bias_free.optimum_with_sign(sign, r_, density_))
        for sign in (1, -1)
        for r_, density_ in [(np.array(r), np.array(density))]
    ]
    there = [(w_1, w_2, loss) for w_1, w_2, loss in found if min(w_1, abs(w_2)) > _ON_AXIS]
    return sorted(there, key=lambda minimum: minimum[2])


def _axes(figure: Figure, x: float, y: float, width: float, height: float) -> Axes:
    """Return axes whose upper left corner is at (x, y), in inches from the page's."""
    page = np.array([style.WIDTH, _HEIGHT, style.WIDTH, _HEIGHT])
    return figure.add_axes(tuple(np.array([x, _HEIGHT - y - height, width, height]) / page))


def _heading(figure: Figure, y: float, r: float) -> None:
    words = "both features equally important" if r == 1 else f"the second {r:g}× as important"
    figure.text(
        _LEFT / style.WIDTH, 1 - y / _HEIGHT, words, fontweight="bold", fontsize=style.TEXT,
    )  # fmt: skip


def _surface(axes: Axes, r: float, density: float) -> None:
    """Draw the loss over both weights as height lines, with its minima."""
    w = np.linspace(-_LIMIT, _LIMIT, _POINTS)
    loss = bias_free.loss(w[None, :], w[:, None], np.array(r), np.array(density))
    nothing = (1.0 + r) * density / 3.0
    height = np.sqrt(np.maximum(loss - loss.min(), 0.0) / nothing)
    band = np.clip(np.floor(height * _BANDS) + 0.5, 0.5, _BANDS - 0.5) / _BANDS
    half = w[1] - w[0]
    axes.imshow(
        np.round(_COLOURS(band)[..., :3] * 255).astype(np.uint8), origin="lower",
        extent=(w[0] - half / 2, w[-1] + half / 2, w[0] - half / 2, w[-1] + half / 2),
        interpolation="none",
    )  # fmt: skip
    sparse = slice(None, None, _EVERY)
    axes.contour(
        w[sparse], w[sparse], height[sparse, sparse], levels=np.arange(1, _BANDS) / _BANDS,
        colors="white", linewidths=0.3, alpha=0.6,
    )  # fmt: skip
    found = minima(r, density)
    for w_1, w_2, value in found:
        face = "white" if value < found[0][2] + 1e-6 else "none"
        axes.plot([w_1, -w_1], [w_2, -w_2], "o", **_MARK, markerfacecolor=face)
    axes.set(xlim=(-_LIMIT, _LIMIT), ylim=(-_LIMIT, _LIMIT), aspect="equal", yticks=[])
    axes.set_xticks([-1, 0, 1], ["−1", "0", "1"])
    axes.set_xlabel("weight $W_1$", labelpad=1)
    axes.spines[:].set(visible=True)


_MARK: dict[str, Any] = {"markersize": 4.5, "markeredgecolor": "white", "markeredgewidth": 1.1}


def _curves(axes: Axes, r: float, flip: float) -> None:
    """Draw the weights of the lowest minimum by density; they jump where the sign changes."""
    for density, sign in (
        (np.geomspace(1.0, flip, 25), 1),
        (np.geomspace(flip, 0.1, 40), -1),
    ):
        found = bias_free.optimum_with_sign(sign, np.array(r), density)
        axes.plot(density, found.w_1, color=_FIRST)
        axes.plot(density, found.w_2, color=_SECOND)
    axes.axvline(flip, color=style.FAINT, linewidth=0.7, linestyle="--", zorder=0)
    axes.axhline(0, color=style.GRID, linewidth=0.7, zorder=0)
    axes.set(xscale="log", xlim=(1.0, 0.1), ylim=(-1.3, 1.45))
    axes.set_xticks([1, 0.5, 0.2, 0.1], ["1", "0.5", "0.2", "0.1"])
    axes.set_xticks([], minor=True)
    axes.set_yticks([-1, 0, 1], ["−1", "0", "1"])
    axes.set_xlabel("feature density $1 - S$", labelpad=1)
    axes.set_ylabel("best weights", labelpad=0)
    words: dict[str, Any] = {"fontsize": style.SMALL, "va": "bottom"}
    axes.text(0.96, 1.16, "confused", **words)
    axes.text(flip * 0.97, 1.16, "antipodal pair", **words)
    axes.text(0.12, 0.72, "$W_1$", color=_FIRST, ha="right", va="center")
    axes.text(0.12, -0.7, "$W_2$", color=_SECOND, ha="right", va="center")
    axes.text(flip * 0.97, 0.15, f"jump at {flip:.3g}", **words)


def _keys(figure: Figure) -> None:
    """Explain colours and marks."""
    bar = _axes(figure, _LEFT, _HEIGHT - 0.32, 1.5, 0.08)
    scale = figure.colorbar(
        ScalarMappable(Normalize(0, 1), _COLOURS), cax=bar, orientation="horizontal"
    )
    scale.set_ticks([0, 0.5, 1], labels=["0", "¼", "≥ 1"])
    scale.outline.set(linewidth=0.5, edgecolor=style.FAINT)
    bar.set_title(
        "loss above the lowest / loss of $W = 0$", fontsize=style.SMALL, pad=3, loc="left"
    )
    marks = _axes(figure, 0, _HEIGHT - _KEY, style.WIDTH, _KEY)
    marks.set(xlim=(0, style.WIDTH), ylim=(0, _KEY))
    marks.set_axis_off()
    for x, face, text in ((3.2, "white", "lowest minimum"), (4.7, "none", "other sign's minimum")):
        marks.plot([x], [0.3], "s", markersize=9, color=_COLOURS(0.3))
        marks.plot([x], [0.3], "o", **_MARK, markerfacecolor=face)
        marks.text(x + 0.15, 0.3, text, va="center_baseline")
