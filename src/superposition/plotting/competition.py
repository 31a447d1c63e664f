"""Feature benefit against interference: why a linear model never superposes, and a ReLU model does.

Above, what one overlap costs, what one more feature is worth, and what that does to the loss.
Below, the two terms for every feature of trained models. All costs are in units of what it costs
not to represent the feature that suffers (paper: Mathematical Understanding, #demonstrating-math).
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superposition.metrics import gram, is_represented
from superposition.plotting import style
from superposition.plotting.columns import LEFT, Page, density, feature_axis
from superposition.theory.expansion import expansion, one_active, squared_error
from superposition.theory.linear import ignored, saxe_loss
from superposition.weights import Weights

_SPARSE = 0.11
"""At higher densities samples with one active feature are rare, and what they cost means little."""
_TOP, _CURVES, _NEXT, _BARS, _FOOT = 0.46, 1.5, 1.22, 1.6, 0.5
"""Above the curves, their height, between them and the bars, their height, and below, inches."""
_BIAS = -0.25
"""An example of a negative bias, as trained models at 1 − S of 0.01 and below have."""
_WIDEST = 3.15
"""Bars are drawn up to here."""
_IGNORED = 1.0 / 3.0
_NOTE: dict[str, Any] = {"fontsize": style.SMALL}


class Prices(NamedTuple):
    """What each output costs while one feature is active, where not representing it costs 1."""

    lost: Float[np.ndarray, " n"]
    """For want of its own feature."""
    paid: Float[np.ndarray, " n"]
    """By interference of the others."""
    negative: Float[np.ndarray, " n"]
    """What a linear model would pay for negative overlaps, and a ReLU does not."""
    hidden: Float[np.ndarray, " n"]
    """What it would pay for positive overlaps, and a negative bias hides."""


def draw(weights: Mapping[str, Weights]) -> Figure:
    """Return the figure.

    Args:
        weights: Cells of one experiment, of the linear and the ReLU output model.
    """
    cells = sorted(weights.values(), key=lambda w: -density(w))
    linear = [w for w in cells if w.cell.model.model == "linear"]
    relu = [w for w in cells if w.cell.model.model == "relu"]
    with style.applied():
        page = Page.of(_TOP + _CURVES + _NEXT + _BARS + _FOOT)
        wide = (style.WIDTH - LEFT - 0.12 - 2 * 0.5) / 3
        curves = [page.axes(LEFT + k * (wide + 0.5), _TOP, wide, _CURVES) for k in range(3)]
        _overlaps(curves[0], relu[-1])
        _one_more(curves[1], relu[-1])
        _losses(curves[2], linear, relu)
        sparse = [w for w in relu if density(w) <= _SPARSE] or relu[-1:]
        _features(page, [linear[-1], *sparse] if linear else sparse)
    return page.figure


def prices(W: np.ndarray, b: np.ndarray, importance: np.ndarray, model: str) -> Prices:
    """Return what each output costs while one feature is active.

    A linear model pays for the square of every overlap. Its bias is left out: at the mean of x it
    takes nothing but the mean away.
    """
    overlaps = gram(W)
    others = overlaps**2
    np.fill_diagonal(others, 0.0)
    if model == "linear":
        nothing = np.zeros(b.size)
        return Prices((1 - np.diagonal(overlaps)) ** 2, others.sum(axis=1), nothing, nothing)
    terms = one_active(W, b, importance)
    paid = terms.interference / (importance[:, None] * _IGNORED)
    saved = np.maximum(others - paid, 0.0)
    return Prices(
        terms.benefit / (importance * _IGNORED),
        paid.sum(axis=1),
        np.where(overlaps < 0, saved, 0.0).sum(axis=1),
        np.where(overlaps > 0, saved, 0.0).sum(axis=1),
    )


def _best(weights: Weights) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return W, b and importance of the lowest-loss run of a cell."""
    run = weights.best
    W, b = weights.W[run].astype(np.float64), weights.b[run].astype(np.float64)
    return W, b, np.asarray(weights.cell.model.importance)


def _title(axes: Axes, title: str, words: str) -> None:
    """Write a heading and what it says in short above a panel."""
    axes.annotate(title, (0, 1), (-14, 20), xycoords="axes fraction", textcoords="offset points",
                  **style.BOLD)  # fmt: skip
    axes.annotate(words, (0, 1), (-14, 9), xycoords="axes fraction", textcoords="offset points")


def _overlaps(axes: Axes, sparsest: Weights) -> None:
    """Draw what one overlap costs by its size, and which overlaps a sparse model has."""
    axes.set_gid("overlaps")
    _title(axes, "What an overlap costs", "output $i$, while only $j$ is active")
    x = np.linspace(-1.05, 0.75, 361)
    zero = np.zeros_like(x)
    for bias, how in ((0.0, "-"), (_BIAS, "--")):
        cost = squared_error(zero, zero, x, zero + bias) / _IGNORED
        axes.plot(x, cost, how, color=style.DISTURBED, linewidth=1.6, zorder=3)
    axes.plot(x, x**2, color=style.FAINT, linewidth=1.2, zorder=2)
    axes.text(-0.6, 0.44, "linear", color=style.FAINT, **_NOTE)
    axes.text(0.4, 0.42, "ReLU", color=style.DISTURBED, ha="right", **_NOTE)
    axes.text(
        0.78, -0.23, f"ReLU,\n$b_i$ = −{-_BIAS:g}", color=style.DISTURBED, ha="right", **_NOTE
    )
    W, _, _ = _best(sparsest)
    learned = is_represented(W)
    between = gram(W)[np.ix_(learned, learned)]
    found = between[np.triu_indices(len(between), 1)]
    axes.plot(found, np.full(found.size, -0.11), "|", color=style.INK, markersize=4.5,
              markeredgewidth=0.6, clip_on=False)  # fmt: skip
    axes.text(-1.05, -0.26, f"trained at $1 - S$ = {density(sparsest):g}", **_NOTE)
    axes.set(xlim=(-1.1, 0.8), ylim=(-0.3, 1.05), xticks=[-1, -0.5, 0, 0.5], yticks=[0, 0.5, 1])
    axes.set_xlabel(r"overlap $W_i \cdot W_j$", labelpad=2)
    axes.set_ylabel("cost", labelpad=2)


def _one_more(axes: Axes, weights: Weights) -> None:
    """Draw what it costs to add a feature opposite to the last one that has a dimension."""
    axes.set_gid("one-more")
    n_hidden = weights.cell.model.n_hidden
    importance = np.asarray(weights.cell.model.importance)
    last, more = importance[n_hidden - 1], importance[min(n_hidden, importance.size - 1)]
    _title(axes, "One feature more", f"{n_hidden + 1} opposite to {n_hidden}, one active at a time")
    a = np.linspace(0, 1.2, 241)
    lost = (1 - a**2) ** 2
    disturbed = (last + more) / more * a**2
    axes.plot(a, disturbed, color=style.FAINT, linewidth=1.2)
    axes.plot(a, lost, color=style.LOST, linewidth=1.8)
    axes.plot(a, lost + disturbed, color=style.INK, linewidth=1.8)
    axes.text(0.53, 1.62, "sum, linear:\nonly rises", ha="right", **_NOTE)
    axes.text(0.8, 1.1, "interference,\nlinear", color=style.FAINT, **_NOTE)
    axes.text(0.97, 0.4, "feature lost =\nsum, ReLU", color=style.LOST, ha="center", **_NOTE)
    axes.set(xlim=(0, 1.2), ylim=(0, 2.6), xticks=[0, 0.5, 1], yticks=[0, 1, 2])
    axes.set_xlabel(rf"its length $\Vert W_{{{n_hidden + 1}}} \Vert$", labelpad=2)


def _losses(axes: Axes, linear: Sequence[Weights], relu: Sequence[Weights]) -> None:
    """Draw the losses of trained models over density, and of the ReLU model's W without ReLU."""
    axes.set_gid("losses")
    _title(axes, "What it does to the loss", "representing nothing costs 1")
    for cells, colour, label in ((linear, style.FAINT, "linear"), (relu, style.LOST, "ReLU")):
        if cells:
            x, y = [density(w) for w in cells], [_relative_loss(w) for w in cells]
            axes.plot(x, y, "o-", color=colour, linewidth=1.6, markersize=3)
            above = label == "linear"
            axes.text(x[-1], y[-1] * (1.25 if above else 0.8), label, color=colour, ha="right",
                      va="bottom" if above else "top", **_NOTE)  # fmt: skip
    unprotected = []
    for cell in relu:
        W, _, importance = _best(cell)
        unprotected.append(float(saxe_loss(W, importance)) / importance.sum())
    x = [density(w) for w in relu]
    axes.plot(x, unprotected, "o:", color=style.DISTURBED, linewidth=1.4, markersize=3)
    axes.text(x[-1], 1.35 * unprotected[-1], "its $W$ without the ReLU", color=style.DISTURBED,
              ha="right", **_NOTE)  # fmt: skip
    axes.set(xscale="log", yscale="log", ylim=(0.01, 4))
    axes.set_xlim(1.3 * max(x), min(x) / 1.3)
    ticks = [1, 0.1, 0.01, 0.001]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_yticks([0.01, 0.1, 1], ["0.01", "0.1", "1"])
    axes.minorticks_off()
    axes.set_xlabel("$1 - S$: sparser to the right", labelpad=2)


def _relative_loss(weights: Weights) -> float:
    """Return the loss of the best run, where that of representing nothing is 1."""
    if weights.loss is None:
        raise ValueError("these runs have not been compared yet: they carry no loss")
    nothing = np.mean(weights.cell.model.importance) * ignored(density(weights))
    return float(weights.loss[weights.best] / nothing)


def _features(page: Page, cells: Sequence[Weights]) -> None:
    """Draw the terms of every feature, a column for each model."""
    top = _TOP + _CURVES + _NEXT
    page.text(0.08, top - 0.58, "Feature by feature", **style.BOLD)
    page.text(1.5, top - 0.58, "what output $i$ of a trained model costs while one feature is "
              "active; not representing it costs 1")  # fmt: skip
    _key(page, top - 0.36)
    pitch = (style.WIDTH - LEFT - 0.06) / max(len(cells), 4)
    for k, cell in enumerate(cells):
        axes = page.axes(LEFT + k * pitch, top, pitch - 0.12, _BARS)
        model = cell.cell.model.model
        axes.set_gid(f"terms-{model}-density-{density(cell):g}")
        W, b, importance = _best(cell)
        left = np.zeros(b.size)
        colours = (style.LOST, style.DISTURBED, style.HIDDEN, style.FREE)
        lost, paid, negative, hidden = prices(W, b, importance, model)
        for part, colour in zip((lost, paid, hidden, negative), colours, strict=True):
            length = np.clip(part, 0.0, _WIDEST - left)
            axes.barh(np.arange(b.size), length, 0.82, left, color=colour, linewidth=0)
            left = left + length
        axes.axvline(1, color=style.FAINT, linewidth=0.6, zorder=0)
        axes.set(xlim=(0, _WIDEST), ylim=(b.size - 0.4, -0.6), xticks=[0, 1, 2], yticks=[])
        if k == 0:
            feature_axis(axes, b.size)
            axes.set_ylabel("feature $i$", labelpad=2)
        name = "linear" if model == "linear" else f"$1 - S$ = {density(cell):g}"
        axes.set_title(name, pad=3)
        if model != "linear":
            terms = expansion(W, b, importance, density(cell), order=1)
            loss = 0.0 if cell.loss is None else float(cell.loss[cell.best]) * b.size
            share = f"one active:\n{100 * terms[1] / loss:.0f} % of the loss"
            axes.set_xlabel(share, labelpad=1.5, **_NOTE)


def _key(page: Page, y: float) -> None:
    """Explain the colours in a row."""
    x = LEFT
    for colour, words, wide in (
        (style.LOST, "feature lost", 1.0),
        (style.DISTURBED, "interference", 1.02),
        (style.HIDDEN, "hidden by a negative bias", 1.72),
        (style.FREE, "free: negative, so cut off by the ReLU", 2.0),
    ):
        swatch = page.axes(x, y - 0.09, 0.1, 0.1)
        swatch.set(facecolor=colour, xticks=[], yticks=[])
        swatch.spines[:].set_visible(False)
        page.text(x + 0.15, y, words)
        x += wide
