"""A penalty on hidden activations: what it does to superposition, and what it costs."""

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from superposition.figures import Spec, style
from superposition.figures.parts import numbers
from superposition.figures.parts.columns import matrix
from superposition.figures.parts.levels import curves
from superposition.figures.parts.page import LOG, Page, log_axis, signed_scale
from superposition.measure.metrics import LEARNED, gram, is_learned, is_superposed
from superposition.measure.network import TrainedCell, TrainedCells

SPEC = Spec(
    title="Superposition and loss under a penalty on activations",
    caption="Features of falling importance, trained with λ ‖h‖₁ added to the loss; the "
    "lowest-loss run for each λ, and all runs as bars or faint dots. Left, features that are "
    f"learned (‖W_i‖ > {LEARNED:g}), and how many of them share their direction with others. "
    "Middle, the loss without the penalty, over that of the model trained without one. Right, one "
    "against the other. Below, WᵀW from no penalty to the largest. Antipodal pairs cost no more "
    "activation than two dimensions would: where pairs stay while dimensions become empty, "
    "superposition disappears only together with features.",
    section="The Strategic Picture of Superposition",
    experiments=("penalised",),
    claims=("C65",),
)
_HEIGHT = 4.35
_ASIDE = 0.14
"""From the bars of one density to those of the next, in steps of the penalty."""
_MATRICES = 5
"""Pictures of WᵀW, of evenly spread penalties."""
_FULL: style.Look = {"markersize": 3, "linewidth": 1.3}
_OPEN: style.Look = {"markersize": 3, "linewidth": 1.0, "markerfacecolor": "none"}


def plot(cells: TrainedCells) -> Page:
    """The figure, of cells that differ in the penalty on hidden activations."""
    page = Page(_HEIGHT)
    for left, title in ((0.07, "Features"), (0.40, "Loss"), (0.735, "Price")):
        style.heading(page.add_axes((left, 0.515, 0.255, 0.41)), title)
    features, loss, price = page.axes
    by_density = curves(cells, "activation_penalty")
    for number, (curve, how) in enumerate(by_density):
        places = range(len(curve))
        aside = np.array(places) + _ASIDE * (number - (len(by_density) - 1) / 2)
        learned = [int(is_learned(cell.best.W).sum()) for cell in curve]
        shared = [int(is_superposed(cell.best.W).sum()) for cell in curve]
        without_penalty = [cell.best.loss / curve[0].best.loss for cell in curve]
        of_runs = [np.sum(is_learned(cell.W), axis=-1) for cell in curve]
        relative = [cell.loss / curve[0].best.loss for cell in curve]
        for axes, every in ((features, of_runs), (loss, relative)):
            ends = np.transpose([(np.min(one), np.max(one)) for one in every])
            axes.vlines(aside, *ends, color=how["color"], linewidth=3, alpha=0.3)
        features.plot(places, learned, "o-", color=how["color"], **_FULL)
        features.plot(places, shared, "s:", color=how["color"], **_OPEN)
        loss.plot(places, without_penalty, "o-", **how, **_FULL)
        of_runs = [np.sum(is_superposed(cell.W), axis=-1) for cell in curve]
        faint: style.Look = {"color": how["color"], "markeredgewidth": 0, "alpha": 0.35}
        price.plot(np.concatenate(of_runs), np.concatenate(relative), "o", markersize=2, **faint)
        price.plot(shared, without_penalty, "o-", color=how["color"], markersize=3, linewidth=1.0)
    densest = by_density[0][0]
    m, last, pictured = densest[0].cell.model.n_hidden, len(densest) - 1, _pictured(densest)
    features.axhline(m, **style.GUIDE)
    features.text(last, m, f"m = {m}", ha="right", va="bottom", **style.FAINT_NOTE)
    features.set_ylim(-0.3)
    kinds = [
        Line2D([], [], color=style.INK, label=words, **look)
        for words, look in (
            ("learned", {"marker": "o", "linestyle": "-", **_FULL}),
            ("in superposition", {"marker": "s", "linestyle": ":", **_OPEN}),
        )
    ]
    key: style.Look = {"loc": "center", "bbox_to_anchor": (0.5, 0.345), "ncols": 6}
    page.legend(handles=[*loss.get_legend_handles_labels()[0], *kinds], **key)
    signed_scale(page.panel(5.55, _HEIGHT - 1.72, 1.0, 0.08))
    features.set_ylabel("features", labelpad=3)
    for axes in (features, loss):  # penalties are evenly spaced, for they begin with 0
        axes.set_xticks(
            range(len(densest)),
            list(map(_penalty, densest)),
            rotation=45,
            ha="right",
            rotation_mode="anchor",
        )
        axes.set_xlabel("penalty λ", labelpad=1)
    for axes in (loss, price):
        axes.set_yscale(LOG)
        top = axes.get_ylim()[1]
        log_axis(axes, [tick for tick in (1, 2, 5, 10, 20, 50, 100) if tick <= top], "y")
        axes.set_ylabel("loss / that without penalty", labelpad=3)
    price.xaxis.set_major_locator(MaxNLocator(integer=True))
    price.set_xlabel("features in superposition", labelpad=1)
    side = 0.165
    for k, cell in enumerate(pictured):
        axes = page.add_axes((0.07 + k * 0.187, 0.02, side, side * style.WIDTH / _HEIGHT))
        matrix(axes, gram(cell.best.W), f"gram-{_penalty(cell)}")
        first = f"$W^\\mathsf{{T}}W$ at $1-S$ = {cell.density:g}, " if k == 0 else ""
        axes.set_title(f"{first}λ = {_penalty(cell)}", pad=3.5, **style.NOTE)
    return page


def _penalty(cell: TrainedCell) -> str:
    return f"{cell.swept['activation_penalty']:g}"


def _pictured(cells: TrainedCells) -> list[TrainedCell]:
    """Those of evenly spread penalties."""
    chosen = np.linspace(0, len(cells) - 1, min(_MATRICES, len(cells)), dtype=int)
    return [cells[i] for i in chosen]


COLUMNS = numbers.columns(
    panel=("name", "run: one; heat map: a feature of the lowest-loss run, where WᵀW is pictured"),
    activation_penalty=("factor", "λ of the penalty on hidden activations"),
    learned=("count", f"features with ‖W_i‖ > {LEARNED:g}"),
    superposed=("count", "of these, features that share their direction with others"),
    relative_loss=("ratio", "loss over that of the best run trained without a penalty"),
    **numbers.FEATURES,
)


def rows(cells: TrainedCells) -> numbers.Rows:
    """A row for each run of each cell, and for each feature of those pictured."""
    by_density = [curve for curve, _ in curves(cells, "activation_penalty")]
    for curve in by_density:
        for cell in curve:
            row = {"panel": "run", "activation_penalty": cell.swept["activation_penalty"]}
            learned, superposed = is_learned(cell.W), is_superposed(cell.W)
            for place, loss in enumerate(cell.loss):
                yield {
                    **(row | numbers.of_run(cell, place)),
                    "learned": int(learned[place].sum()),
                    "superposed": int(superposed[place].sum()),
                    "relative_loss": loss / curve[0].best.loss,
                }
    for cell in _pictured(by_density[0]):
        row = {"panel": "heat map", "activation_penalty": cell.swept["activation_penalty"]}
        yield from (row | feature for feature in numbers.features(cell))
