"""Feature benefit against interference: why a linear model never superposes, and a ReLU model does.

Above, what one overlap costs, what one more feature is worth, and what that does to the loss.
Below, the two terms for every feature of trained models. All costs are in units of what it costs
not to represent the feature that suffers (paper: Mathematical Understanding, #demonstrating-math).
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes

from superposition.figures import Spec, style
from superposition.figures.parts import numbers
from superposition.figures.parts.columns import LEFT, feature_axis
from superposition.figures.parts.page import Page, log_axis
from superposition.measure.metrics import gram, is_represented
from superposition.measure.network import Network, TrainedCell, TrainedCells, dense_first, select
from superposition.measure.theory.expansion import expansion, one_active, squared_error
from superposition.measure.theory.linear import ignored, saxe_loss

SPEC = Spec(
    title="Feature benefit against interference",
    caption="In the paper every feature wants to be represented, and pays for it by overlaps with "
    "others. Left: a linear model pays for the square of every overlap. While one feature is "
    "active, a ReLU model pays only for positive overlaps, and with a negative bias not for small "
    "ones. Ticks are the overlaps of represented features in the sparsest trained model. Middle: "
    "if a feature is added opposite to the least important represented one, a linear model loses "
    "more by interference than it gains, at any length; with a ReLU, interference is free, and "
    "the cost of the feature lost falls to nothing. Right: the loss of trained models, and of the "
    "ReLU model's weights without ReLU; above 1 they are worse than no weights (bars: all runs). "
    "Below, the terms of L_1 for every output, most important first: the feature lost (blue) and "
    "interference (red); pale colours show what a linear model would pay for the same weights and "
    "a ReLU does not. Ignored outputs whose bias is the mean of x pay for that bias. Below each "
    "column: the part of the model's loss that comes from samples with one active feature.",
    section="Mathematical Understanding",
    experiments=("demonstration",),
    claims=("C13", "C14", "C15"),
)

_SPARSE = 0.11
"""At higher densities samples with one active feature are rare, and what they cost means little."""
_TOP, _CURVES, _NEXT, _BARS, _FOOT = 0.46, 1.5, 1.22, 1.6, 0.5
"""Inches above the curves, of them, between them and the bars, of these, and below."""
_ASIDE = 0.54
"""Between two curves, inches."""
_BIAS = -0.25
"""An example of a negative bias, as trained models at 1 − S of 0.01 and below have."""
_LONGEST = 1.1
"""Up to which length one more feature is shown."""
_WIDEST = 3.15
"""Bars end here."""
_IGNORED = 1.0 / 3.0
_LINEAR, _RELU, _BARE = style.FAINT, style.BLUE, style.VERMILION
"""A linear model, a ReLU model, and its weights without the ReLU, in the curves above."""
_KEY = (
    (style.LOST, "feature lost", 0.0),
    (style.DISTURBED, "interference", 1.0),
    (style.HIDDEN, "hidden by a negative bias", 2.02),
    (style.FREE, "free: negative, so cut off by the ReLU", 3.74),
)
"""Colour, meaning and place of each of the prices."""


class Prices(NamedTuple):
    """What each output costs while one feature is active, where not representing it costs 1."""

    lost: Float[np.ndarray, " n"]
    """For want of its own feature."""
    paid: Float[np.ndarray, " n"]
    """By interference of the others."""
    hidden: Float[np.ndarray, " n"]
    """What a linear model would pay for positive overlaps, and a negative bias hides."""
    negative: Float[np.ndarray, " n"]
    """What it would pay for negative overlaps, and a ReLU does not."""


def plot(cells: TrainedCells) -> Page:
    """The figure, of an experiment with the linear and the ReLU output model."""
    linear, relu = (select(dense_first(cells), model=model) for model in ("linear", "relu"))
    page = Page(_TOP + _CURVES + _NEXT + _BARS + _FOOT)
    if not relu:
        return page
    wide = (style.WIDTH - LEFT - 0.12 - 2 * _ASIDE) / 3
    first, second, third = (
        page.panel(LEFT + k * (wide + _ASIDE), _TOP, wide, _CURVES, gid=gid)
        for k, gid in enumerate(("overlaps", "one-more", "losses"))
    )
    _overlaps(first, relu[-1])
    _one_more(second, relu[-1])
    _losses(third, linear, relu)
    _features(page, _of_features(linear, relu))
    return page


def prices(W: np.ndarray, b: np.ndarray, importance: np.ndarray, model: str) -> Prices:
    """What each output costs while one feature is active.

    A linear model pays for the square of every overlap. Its bias is left out: at the mean of x it
    takes nothing but the mean away.
    """
    overlaps = gram(W)
    others = overlaps**2 * (1 - np.eye(b.size))
    if model == "linear":
        nothing = np.zeros(b.size)
        return Prices((1 - np.diagonal(overlaps)) ** 2, others.sum(axis=1), nothing, nothing)
    terms = one_active(W, b, importance)
    paid = terms.interference / (importance[:, None] * _IGNORED)
    saved = np.maximum(others - paid, 0.0)
    return Prices(
        terms.benefit / (importance * _IGNORED),
        paid.sum(axis=1),
        np.where(overlaps > 0, saved, 0.0).sum(axis=1),
        np.where(overlaps < 0, saved, 0.0).sum(axis=1),
    )


def _title(axes: Axes, title: str, words: str) -> None:
    style.beside(axes, title, (0, 1), (-14, 20), "axes fraction", **style.BOLD)
    style.beside(axes, words, (0, 1), (-14, 9), "axes fraction")


def _overlaps(axes: Axes, sparsest: TrainedCell) -> None:
    _title(axes, "What an overlap costs", "output $i$, while only $j$ is active")
    x = np.linspace(-1.05, 0.75, 361)
    for bias, how in ((0.0, "-"), (_BIAS, "--")):
        axes.plot(x, _cost(x, bias), how, color=_RELU, linewidth=1.6, zorder=3)
    axes.plot(x, x**2, color=_LINEAR, linewidth=1.2, zorder=2)
    axes.text(-0.6, 0.44, "linear", **style.FAINT_NOTE)
    relu: style.Look = {"color": _RELU, "ha": "right", **style.NOTE}
    axes.text(0.4, 0.42, "ReLU", **relu)
    axes.text(0.78, 0.72, f"dashed: ReLU, $b_i$ = −{-_BIAS:g}", **relu)
    found = _represented_overlaps(sparsest)
    tick: style.Look = {"markersize": 4.5, "markeredgewidth": 0.6, "clip_on": False}
    axes.plot(found, np.full(found.size, -0.11), "|", color=style.INK, **tick)
    axes.text(-1.05, -0.26, f"trained at $1 - S$ = {sparsest.density:g}", **style.NOTE)
    axes.set(xlim=(-1.1, 0.8), ylim=(-0.3, 1.15), xticks=[-1, -0.5, 0, 0.5], yticks=[0, 0.5, 1])
    axes.set_xlabel(r"overlap $W_i \cdot W_j$", labelpad=2)
    axes.set_ylabel("cost", labelpad=2)


def _one_more(axes: Axes, cell: TrainedCell) -> None:
    n_hidden = cell.best.W.shape[0]
    _title(axes, "One feature more", f"{n_hidden + 1} opposite to {n_hidden}, one active at a time")
    a = np.linspace(0, _LONGEST, 221)
    lost, disturbed = _terms_of_one_more(cell, a)
    axes.plot(a, disturbed, color=_LINEAR, linewidth=1.2)
    axes.plot(a, lost, color=_RELU, linewidth=1.8)
    axes.plot(a, lost + disturbed, color=style.INK, linewidth=1.8)
    axes.text(0.5, 1.75, "sum, linear:\nonly rises", ha="right", **style.NOTE)
    axes.text(0.77, 0.98, "interference,\nlinear", **style.FAINT_NOTE)
    axes.text(0.88, 0.42, "feature lost =\nsum, ReLU", color=_RELU, ha="center", **style.NOTE)
    most = 1.03 * float((lost + disturbed).max())
    axes.set(xlim=(0, _LONGEST), ylim=(0, most), xticks=[0, 0.5, 1], ylabel="cost")
    axes.set_yticks(range(int(most) + 1))
    axes.set_xlabel(rf"its length $\Vert W_{{{n_hidden + 1}}} \Vert$", labelpad=2)


def _losses(axes: Axes, linear: TrainedCells, relu: TrainedCells) -> None:
    _title(axes, "What it does to the loss", "representing nothing costs 1")
    bare = "its $W$ without the ReLU"
    ends = [0.02, 2.0]
    for cells, loss, colour, (line, width), words, va in (
        (linear, _relative, _LINEAR, ("o-", 1.6), "linear", "bottom"),
        (relu, _relative, _RELU, ("o-", 1.6), "ReLU", "top"),
        (relu, _without_relu, _BARE, ("o:", 1.4), bare, "bottom"),
    ):
        if cells:
            x, y = [cell.density for cell in cells], [loss(cell.best) for cell in cells]
            axes.plot(x, y, line, color=colour, linewidth=width, markersize=3)
            every = [[loss(run) for run in cell.networks] for cell in cells]
            low, high = ([end(of_cell) for of_cell in every] for end in (min, max))
            span: style.Look = {"color": colour, "alpha": 0.3, "linewidth": 3, "zorder": 1}
            axes.vlines(x, low, high, **span)
            place = 0.85 * min(low) if va == "top" else 1.15 * max(high)
            how: style.Look = {"color": colour, "ha": "right", "va": va}
            axes.text(x[-1], place, words, **how, **style.NOTE)
            ends += low + high
    log_axis(axes, [1, 0.1, 0.01, 0.001])
    log_axis(axes, [0.01, 0.1, 1], "y")
    axes.set(xlim=(1.3 * max(x), min(x) / 1.3), ylim=(min(ends) / 2, 2 * max(ends)))
    axes.set_xlabel("$1 - S$: sparser to the right", labelpad=2)
    axes.set_ylabel("loss", labelpad=1)


def _features(page: Page, cells: TrainedCells) -> None:
    top = _TOP + _CURVES + _NEXT
    page.write(0.08, top - 0.58, "Feature by feature", **style.BOLD)
    words = "what output $i$ of a trained model costs while one feature is active; "
    page.write(1.5, top - 0.58, f"{words}not representing it costs 1")
    for colour, words, x in _KEY:
        key = page.panel(LEFT + x, top - 0.45, 0.1, 0.1, facecolor=colour, xticks=[], yticks=[])
        key.spines[:].set_visible(False)
        page.write(LEFT + x + 0.15, top - 0.36, words)
    pitch = (style.WIDTH - LEFT - 0.06) / max(len(cells), 4)
    for k, cell in enumerate(cells):
        gid = f"terms-{cell.model}-density-{cell.density:g}"
        axes = page.panel(LEFT + k * pitch, top, pitch - 0.12, _BARS, gid=gid)
        W, b, importance = cell.best.W, cell.best.b, cell.best.importance
        left = np.zeros(b.size)
        for part, (colour, *_) in zip(prices(W, b, importance, cell.model), _KEY, strict=True):
            length = np.clip(part, 0.0, _WIDEST - left)
            axes.barh(np.arange(b.size), length, 0.82, left, color=colour, linewidth=0)
            left = left + length
        axes.axvline(1, **style.GUIDE)
        axes.set(xlim=(0, _WIDEST), ylim=(b.size - 0.4, -0.6), xticks=[0, 1, 2], yticks=[])
        if k == 0:
            feature_axis(axes, b.size)
            axes.set_ylabel("feature $i$", labelpad=2)
        axes.set_title("linear", pad=3)
        if cell.model != "linear":
            axes.set_title(f"$1 - S$ = {cell.density:g}", pad=3)
            share = 100 * _share_of_one_active(cell)
            axes.set_xlabel(f"one active:\n{share:.0f} % of the loss", labelpad=1.5, **style.NOTE)


def _of_features(linear: TrainedCells, relu: TrainedCells) -> list[TrainedCell]:
    """Those of which the terms of every feature are shown."""
    sparse = [cell for cell in relu if cell.density <= _SPARSE] or relu[-1:]
    return [*linear[-1:], *sparse]


def _cost(overlap: np.ndarray, bias: float) -> np.ndarray:
    """What an overlap costs with a ReLU."""
    zero = np.zeros_like(overlap)
    return np.asarray(squared_error(zero, zero, overlap, zero + bias) / _IGNORED)


def _represented_overlaps(cell: TrainedCell) -> np.ndarray:
    """W_i · W_j of every two represented features of the lowest-loss run."""
    W = cell.best.W
    learned = gram(W[:, is_represented(W)])
    return np.asarray(learned[np.triu_indices(len(learned), 1)])


def _terms_of_one_more(cell: TrainedCell, a: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What one more feature costs at a length: for want of it, and by interference if linear."""
    n_hidden, importance = cell.best.W.shape[0], cell.best.importance
    last, more = importance[n_hidden - 1], importance[min(n_hidden, importance.size - 1)]
    return (1 - a**2) ** 2, (last + more) / more * a**2


def _relative(run: Network) -> float:
    """Its loss, where representing nothing costs 1."""
    return float(run.loss / (run.importance.mean() * ignored(run.density)))


def _without_relu(run: Network) -> float:
    """The same of its W without the ReLU."""
    return float(saxe_loss(run.W, run.importance)) / float(run.importance.sum())


def _share_of_one_active(cell: TrainedCell) -> float:
    """The part of the loss that samples with one active feature make up."""
    best = cell.best
    terms = expansion(best.W, best.b, best.importance, cell.density, order=1)
    return float(terms[1] / (best.loss * best.b.size))


COLUMNS = numbers.columns(
    panel=(
        "name",
        "overlap: what one costs; found: those of represented features of the sparsest; "
        "one more: a feature added opposite to the last; loss: of a trained model; "
        "feature: the terms of every output",
    ),
    **numbers.RUN,
    **numbers.common("feature"),
    overlap=("product of lengths", "W_i · W_j"),
    length=("length", "length ‖W_i‖ of the feature that is added"),
    linear=("cost", "cost of the overlap in a linear model"),
    relu=("cost", "cost of the overlap with a ReLU"),
    relu_biased=("cost", f"cost of the overlap with a ReLU and a bias of {_BIAS:g}"),
    relative_loss=("ratio", "loss over that of representing nothing"),
    without_relu=("ratio", "the same for its W without the ReLU"),
    share=("share", "part of the loss that samples with one active feature make up"),
    lost=(
        "cost",
        "cost of the feature lost, where not representing it costs 1, while one is active",
    ),
    interference=("cost", "cost by interference of the others"),
    hidden=(
        "cost",
        "what a linear model would pay for positive overlaps, and a negative bias hides",
    ),
    free=("cost", "what it would pay for negative overlaps, and a ReLU does not"),
)


def rows(cells: TrainedCells) -> numbers.Rows:
    """A row for each of some places of the curves, for each run, and each feature of some."""
    linear, relu = (select(dense_first(cells), model=model) for model in ("linear", "relu"))
    if not relu:
        return
    x = np.linspace(-1.05, 0.75, 37)
    for one, cost, biased in zip(x, _cost(x, 0.0), _cost(x, _BIAS), strict=True):
        costs = {"linear": one**2, "relu": cost, "relu_biased": biased}
        yield {"panel": "overlap", "overlap": one, **costs}
    for one in _represented_overlaps(relu[-1]):
        yield {"panel": "found", **numbers.of_run(relu[-1]), "overlap": one}
    a = np.linspace(0, _LONGEST, 23)
    for one, lost, disturbed in zip(a, *_terms_of_one_more(relu[-1], a), strict=True):
        yield {"panel": "one more", "length": one, "lost": lost, "interference": disturbed}
    for cell in (*linear, *relu):
        for place, run in enumerate(cell.networks):
            row = {"panel": "loss", **numbers.of_run(cell, place)}
            row["relative_loss"] = _relative(run)
            if cell.model != "linear":
                row["without_relu"] = _without_relu(run)
            if row["is_best"] and cell.model != "linear":
                row["share"] = _share_of_one_active(cell)
            yield row
    for cell in _of_features(linear, relu):
        found = prices(cell.best.W, cell.best.b, cell.best.importance, cell.model)
        names = ("lost", "interference", "hidden", "free")
        its = {"panel": "feature", **numbers.of_run(cell)}
        yield from numbers.along("feature", its, **dict(zip(names, found, strict=True)))
