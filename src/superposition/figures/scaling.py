"""Follow-up: how the loss and overlaps go with the number of hidden dimensions."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from superposition.config.derived import FALLING, falls
from superposition.figures import Spec, style
from superposition.figures.parts import numbers
from superposition.figures.parts.page import Page, log_axis
from superposition.measure.network import Network, TrainedCell, TrainedCells
from superposition.measure.scaling import (
    fitted,
    mean_squared_overlap,
    represented_share,
    straightness,
    unrepresented_frequency,
    unrepresented_worth,
)

_DECADES, _PARTS = (
    tuple(float(f"{c}e{k}") for k in range(-6, 4) for c in parts) for parts in ((1,), (1, 2, 5))
)
"""Where the axis of losses may be marked: at decades, or if there is one at most, at parts."""
SIZES = ("scaling_10", "scaling_18", "scaling_32", "scaling_56")
"""Experiments that differ in hidden dimensions alone."""
LAWS = tuple(f"scaling_laws_{m}" for m in (2, 4, 8, 16, 32))
"""The same, with three laws by which densities fall."""
_WORDS = {"power": "power law", "exponential": "exponential", "linear": "linear"}

SPEC = Spec(
    title="Loss over hidden dimensions, in weak and in strong superposition",
    caption="After Liu, Liu and Gore (2025): the densities of features fall as i^−a, one is "
    "active at a time on average, and weights decay (weak superposition) or are drawn to unit "
    "length (strong). Above, the loss, summed over features, against m, for every run, with lines "
    "through means. Dashed on the left, the density of all features except the m most "
    "frequent, scaled to the first point; dotted on the right, 1/m, scaled likewise. In the "
    "middle, the same of fewer features, whose densities fall by a power law, exponentially or "
    "linearly; dotted, the power of m that fits best, and the median R² of runs. Below on the left "
    "is the mean squared cosine of every two strongly represented features (‖W_i‖ > 1), and 1/m. "
    "On the right, the share of features that are represented (‖W_i‖ > ½) against the decay, which "
    "below 0 draws features to unit length.",
    section="Follow-up: Scaling",
    experiments=(*SIZES, *LAWS, "scaling_decay"),
    claims=tuple(f"F{k}" for k in range(1, 10)),
)


def plot(cells: TrainedCells) -> Page:
    """The figure: loss over m on both sides, overlaps, and the share that is represented."""
    page = Page(8.3)
    width, height = 2.65, 1.9
    sides = (
        (0.6, 1.0, "weights decay", unrepresented_frequency),
        (4.0, -1.0, "drawn to unit length", _inverse),
    )
    for x, sign, words, guide in sides:
        axes = page.panel(x, 0.35, width, height)
        style.heading(axes, f"Loss: {words}")
        _over_m(axes, _decaying(cells, sign, SIZES), _loss, guide)
        axes.set(ylabel="loss, summed over features")
        axes = page.panel(x, 3.15, width, height)
        style.heading(axes, f"Three laws: {words}")
        _over_m(axes, _decaying(cells, sign, LAWS), _loss)
        axes.set(ylabel="loss, summed over features")
    axes = page.panel(0.6, 5.95, width, height)
    style.heading(axes, "Overlaps: drawn to unit length")
    _over_m(axes, _decaying(cells, -1.0, SIZES), mean_squared_overlap, _inverse, at_height=True)
    axes.set(ylabel="mean of $(\\hat W_i \\cdot \\hat W_j)^2$")
    axes = page.panel(4.0, 5.95, width, height)
    style.heading(axes, "Features represented")
    _over_decay(axes, [cell for cell in cells if cell.experiment == "scaling_decay"])
    return page


def _decaying(
    cells: TrainedCells, sign: float, experiments: Collection[str]
) -> Sequence[TrainedCell]:
    """The cells of some experiments with a decay of that sign."""
    its = [cell for cell in cells if cell.experiment in experiments]
    return [cell for cell in its if float(cell.swept["weight_decay"]) * sign > 0]


def _in_order(cell: TrainedCell) -> tuple[float, ...]:
    place = SPEC.experiments.index(cell.experiment)
    return place, _rank(falls(cell.swept)), float(cell.swept["weight_decay"])


def _loss(network: Network) -> float:
    return network.loss * network.b.size


def _inverse(network: Network) -> float:
    return 1.0 / len(network.W)


def _rank(law: Any) -> float:
    return [*_WORDS].index(law) if isinstance(law, str) else float(law)


def _over_m(
    axes: Axes,
    cells: Sequence[TrainedCell],
    measure: Callable[[Network], float],
    guide: Callable[[Network], float] | None = None,
    *,
    at_height: bool = False,
) -> None:
    """Plot a measure over m, a curve for each way in which densities fall.

    Beside each is how it should go, or without a guide the power of m that fits its means best.
    """
    sizes = sorted({cell.W.shape[1] for cell in cells})
    ways = sorted({falls(cell.swept) for cell in cells}, key=_rank)
    for way, colour in zip(ways, style.SERIES, strict=False):
        its = sorted(
            (cell for cell in cells if falls(cell.swept) == way), key=lambda cell: cell.W.shape[1]
        )
        m = [cell.W.shape[1] for cell in its]
        values = [[measure(run) for run in cell.networks] for cell in its]
        means = [float(np.mean(one)) for one in values]
        label, how = f"$a$ = {way:g}" if isinstance(way, float) else _WORDS[way], ":"
        if guide is None:
            runs = zip(*(cell.networks for cell in its), strict=False)
            fits = [straightness([measure(one) for one in run], run) for run in runs]
            label += f", R² = {np.median(fits):.2f}"
            expected = fitted(means, [cell.networks[0] for cell in its])
        else:
            expected = np.array([guide(cell.networks[0]) for cell in its])
            expected *= 1.0 if at_height else means[0] / expected[0]
            how = ":" if guide is _inverse else "--"
        axes.plot(m, means, color=colour, linewidth=1, label=label)
        for place, of_runs in zip(m, values, strict=True):
            axes.plot([place] * len(of_runs), of_runs, ".", color=colour, markersize=4)
        axes.plot(m, expected, how, color=style.INK if at_height else colour, linewidth=0.8)
    log_axis(axes, sizes)
    axes.set(yscale=axes.get_xscale(), xlabel="hidden dimensions m")
    low, high = axes.get_ylim()
    decades, parts = ([one for one in ticks if low <= one <= high] for ticks in (_DECADES, _PARTS))
    log_axis(axes, decades if len(decades) > 1 else parts or [low, high], "y")
    axes.legend(loc="lower left")


def _over_decay(axes: Axes, cells: Sequence[TrainedCell]) -> None:
    cells = sorted(cells, key=lambda cell: float(cell.swept["weight_decay"]))
    decay = [float(cell.swept["weight_decay"]) for cell in cells]
    shares = [[represented_share(run) for run in cell.networks] for cell in cells]
    axes.plot(decay, [np.mean(one) for one in shares], color=style.INK, linewidth=1)
    for place, of_runs in zip(decay, shares, strict=True):
        axes.plot([place] * len(of_runs), of_runs, ".", color=style.INK, markersize=4)
    axes.axvline(0, color=style.GRID, linewidth=0.8, zorder=0)
    axes.set(ylim=(0, 1.05), xlabel="weight decay", ylabel=r"share with $\|W_i\|$ > ½")
    axes.set_xticks([-1, -0.5, 0, 0.5, 1])


COLUMNS = numbers.columns(
    **numbers.RUN,
    frequency_exponent=("number", "a, where densities fall as i^−a"),
    frequency_law=("name", "the law by which densities fall, where it is not by a"),
    weight_decay=("number", "below 0, vectors of features are drawn to unit length"),
    n_hidden=("count", "hidden dimensions m"),
    total_loss=("loss", "Σ_i (x_i − y_i)², mean over samples"),
    represented_share=("share", "features with ‖W_i‖ > ½"),
    squared_overlap=("squared cosine", "mean of (Ŵ_i · Ŵ_j)² over every two with ‖W_i‖ > 1"),
    unrepresented=("probability", "Σ p_i of all but the m most frequent features"),
    unrepresented_worth=("loss", "Σ_i Var(x_i) of features that are not represented"),
)


def rows(cells: TrainedCells) -> numbers.Rows:
    """A row for each run."""
    for cell in sorted(cells, key=_in_order):
        for place, run in enumerate(cell.networks):
            yield {
                **numbers.of_run(cell, place),
                **{key: cell.swept[key] for key in FALLING if key in cell.swept},
                "weight_decay": float(cell.swept["weight_decay"]),
                "n_hidden": len(run.W),
                "total_loss": _loss(run),
                "represented_share": represented_share(run),
                "squared_overlap": mean_squared_overlap(run),
                "unrepresented": unrepresented_frequency(run),
                "unrepresented_worth": run.b.size * unrepresented_worth(run),
            }
