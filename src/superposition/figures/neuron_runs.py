"""How the best of many runs depends on their number, and mono- and polysemantic neurons on S."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes

from superposition.figures import Spec, style
from superposition.figures.parts import numbers
from superposition.figures.parts.page import Page, apart, log_axis
from superposition.figures.parts.paper import paper_regime, regimes
from superposition.measure import neurons
from superposition.measure.elementary import equal_ratios
from superposition.measure.network import Network, TrainedCell, TrainedCells, dense_first, select

_ENDS = (0.1, 0.9)
"""Parts of all runs between which bars of counts go."""

_PAPER_RUNS = 1000
"""Models that the paper trains for each setting."""

SPEC = Spec(
    title="What the best of many runs depends on",
    caption="Upper left, the lowest loss to be expected of the number of runs on the axis, over "
    "the lowest of all runs: the higher a line stays, the more runs it takes to find the best. At "
    "the last run every line is at 0, because that is the loss it is compared with; more runs may "
    f"find lower losses, and the paper has {_PAPER_RUNS:,}. Lines are labelled on the left by 1 − "
    "S. Below, the number of neurons that carry a feature, in the runs with the lowest loss "
    f"(broad bars) and on average in all (narrow); a neuron counts from {neurons.CARRIES:g} of "
    "what comes back of a feature. Upper right, monosemantic neurons and features represented in "
    f"the runs with the lowest loss (dots) and in all runs (lines, mean; bars, {100 * _ENDS[0]:g} "
    f"% to {100 * _ENDS[1]:g} %), with the paper's captions in red. Below, monosemantic neurons "
    "in the runs with the lowest loss, for other thresholds of the second weight, as a part of "
    "the first, from which a neuron counts as polysemantic (bold: the one used elsewhere).",
    section="Superposition in a Privileged Basis",
    place=3,
    experiments=("neurons", "neurons_between"),
    claims=("C56", "C57"),
)
_THRESHOLDS = (0.05, 0.1, 0.2, 0.3, 0.5)
_ABOVE = 1.05
"""Where headings are, in parts of a panel's height."""
_LABEL = 0.052
"""Height of a label, likewise."""


def plot(cells: TrainedCells) -> Page:
    """The figure, of a model with a ReLU hidden layer."""
    cells = dense_first(cells)
    named = select(cells, "neurons")
    page = Page(5.4)
    if named:
        _carriers(page.add_axes((0.08, 0.1, 0.38, 0.33)), named)
        _losses(page.add_axes((0.08, 0.58, 0.38, 0.37)), named)
    _counts(page.add_axes((0.57, 0.58, 0.41, 0.37)), cells)
    _sensitivity(page.add_axes((0.57, 0.1, 0.41, 0.33)), cells)
    return page


def expected_lowest(
    losses: Float[np.ndarray, " runs"], counts: Sequence[int]
) -> Float[np.ndarray, " counts"]:
    """The mean lowest loss of so many runs, drawn without replacement from those there are.

    Of N runs in order, the k-th is the lowest of r drawn ones with probability
    C(N − k, r − 1) / C(N, r).
    """
    total, k = len(losses), np.arange(len(losses))
    # The probability that none of the first k runs is drawn, one factor after the other.
    left = np.cumprod(np.maximum(total - k - np.array(counts)[:, None], 0) / (total - k), axis=1)
    chance = -np.diff(left, prepend=1.0, axis=1)
    return np.asarray((chance * np.sort(losses)).sum(axis=1))


def _losses(axes: Axes, cells: TrainedCells) -> None:
    style.heading(axes, "Lowest loss of so many runs", _ABOVE)
    begins: list[tuple[float, str, np.ndarray]] = []
    for cell, colour in zip(cells, style.ordered(len(cells)), strict=True):
        counts, excess = _excess(cell)
        name = f"{cell.density:g}"
        axes.plot(counts, 100 * excess, color=colour, linewidth=1.3, gid=f"runs-density-{name}")
        begins.append((100 * float(excess[0]), name, colour))
    begins.sort(key=lambda begin: begin[0])
    high = 1.1 * max(begins[-1][0], 1.0)
    for _ in range(8):  # labels that are moved up make the axis longer, and need more room for it
        foot = 0.5 * _LABEL * high
        heights = apart((max(begin, foot) for begin, *_ in begins), _LABEL * high)
        high = max(high, heights[-1] + _LABEL * high)
    line: style.Look = {"linewidth": 0.5, "solid_capstyle": "butt"}
    for height, (begin, name, colour) in zip(heights, begins, strict=True):
        axes.plot([0.72, 0.95], [height, begin], color=colour, **line)
        axes.text(0.68, height, name, ha="right", va="center", **style.NOTE)
    axes.text(0.68, heights[-1] + _LABEL * high, "$1 - S$", ha="right", va="center", **style.NOTE)
    if all(len(cell) > 1 for cell in cells):
        ends = [f"{100 * end(map(_second, cells)):.2g} %" for end in (min, max)]
        words = f"the second best run is\n{ends[0]} to {ends[1]} above"
        style.note(axes, 0.99, 0.9, words, ha="right", va="top", linespacing=1.3)
    log_axis(axes, (1, 3, 10, 30, 100, 300, 1000))
    axes.set(xlim=(0.33, max(map(len, cells)) * 1.05), ylim=(0, high))
    axes.set(xlabel="runs", ylabel="best loss above the lowest, %")


def _carriers(axes: Axes, cells: TrainedCells) -> None:
    style.heading(axes, "Neurons for a feature", _ABOVE)
    n, places = cells[0].W.shape[-1], np.arange(len(cells))
    best, mean = map(np.stack, zip(*map(_carried, cells), strict=True))
    shown = np.flatnonzero(best.any(axis=0) | mean.any(axis=0)).tolist()
    colours = style.ordered(max(len(shown), 2), 0.15, 0.95)
    for number, colour in zip(shown, colours, strict=False):
        words = f"{number} neuron{'s' * (number != 1)}"
        for counts, aside, width, label in ((best, -0.12, 0.56, words), (mean, 0.31, 0.24, None)):
            floor = counts[:, :number].sum(axis=1)
            how: style.Look = {"color": colour, "width": width, "label": label}
            axes.bar(places + aside, counts[:, number], bottom=floor, **how)
    axes.set_xticks(places, [f"{cell.density:g}" for cell in cells], rotation=60)
    axes.tick_params(axis="x", length=0, pad=2)
    axes.set(ylim=(0, n * 1.4), ylabel="features", xlabel="feature density $1 - S$")
    axes.set_yticks(range(0, n + 1, 2))
    columns: style.Look = {"ncols": 3, "columnspacing": 1.0, "handlelength": 0.8}
    axes.legend(title="carried by", loc="upper left", labelspacing=0.3, **columns)


def _counts(axes: Axes, cells: TrainedCells) -> None:
    style.heading(axes, "Neurons and features", _ABOVE)
    places = [cell.density for cell in cells]
    for measure, colour, words, where in (
        (_monosemantic, style.LOST, "monosemantic neurons", (0.31, 4.0)),
        (_represented, style.DISTURBED, "features represented", (0.97, 8.6)),
    ):
        every = [[measure(run) for run in cell.networks] for cell in cells]
        bars = [np.quantile(counts, _ENDS, method="lower") for counts in every]
        axes.vlines(places, *np.transpose(bars), color=colour, linewidth=3, alpha=0.3)
        axes.plot(places, [float(np.mean(counts)) for counts in every], color=colour, linewidth=0.8)
        best = [measure(cell.best) for cell in cells]
        axes.plot(places, best, "o", color=colour, markersize=4.5, clip_on=False, zorder=2.5)
        axes.text(*where, words, color=colour, va="center")
    if any(paper_regime(cell.cell) for cell in cells):
        for regime in regimes():
            ends = [min(regime.highest * 1.05, 1.05), max(regime.lowest / 1.05, 0.0088)]
            for count in (regime.monosemantic, regime.features):
                red: style.Look = {"color": style.PAPER_MARK, "linewidth": 1.1}
                axes.plot(ends, [count, count], zorder=3, clip_on=False, **red)
        axes.text(0.0092, 7.2, "paper", color=style.PAPER_MARK, ha="right", va="center")
    log_axis(axes, (1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01))
    axes.set(xlim=(1.08, 0.0085), xlabel="feature density $1 - S$")
    axes.set(ylim=(0, 10.6), yticks=[0, 2, 4, 6, 8, 10], ylabel="number in a run")


def _sensitivity(axes: Axes, cells: TrainedCells) -> None:
    """Plot a table of counts: a row for each threshold, a column for each density."""
    style.heading(axes, "Monosemantic neurons by threshold", _ABOVE)
    counts = np.array([[_monosemantic(c.best, part) for c in cells] for part in _THRESHOLDS])
    most = max(int(counts.max()), 1)
    axes.imshow(counts, cmap=style.COUNTS, vmin=0, vmax=most, aspect="auto")
    for (row, column), count in np.ndenumerate(counts):
        how: style.Look = {"ha": "center", "va": "center_baseline", **style.NOTE}
        axes.text(column, row, f"{count}", **how)
    axes.set_xticks(range(len(cells)), [f"{cell.density:g}" for cell in cells], rotation=90)
    axes.set_yticks(range(len(_THRESHOLDS)), [f"{part:g}" for part in _THRESHOLDS])
    axes.get_yticklabels()[_THRESHOLDS.index(neurons.SECONDARY)].set_fontweight("bold")
    axes.tick_params(length=0, pad=2.5)
    axes.set(xlabel="feature density $1 - S$", ylabel="second weight / first")


def _monosemantic(network: Network, threshold: float = neurons.SECONDARY) -> int:
    return int(neurons.is_monosemantic(neurons.layers_of(network), False, threshold).sum())


def _represented(network: Network) -> int:
    return int(neurons.is_represented(neurons.layers_of(network), False).sum())


def _excess(cell: TrainedCell) -> tuple[list[int], Float[np.ndarray, " counts"]]:
    """Numbers of runs, and how far above the lowest loss the lowest of so many is expected."""
    losses = cell.loss[np.isfinite(cell.loss)]
    ends = 1.0, float(max(len(losses), 1))
    counts = np.unique(equal_ratios(*ends, 40).round().astype(int)).tolist()
    return counts, expected_lowest(losses, counts) / cell.best.loss - 1


def _second(cell: TrainedCell) -> float:
    """How far above the lowest loss the second lowest is."""
    lowest, second = np.sort(cell.loss)[:2]
    return float(second / lowest - 1)


def _carried(cell: TrainedCell) -> tuple[np.ndarray, np.ndarray]:
    """How many represented features no neuron, one, two and so on carry.

    In the lowest-loss run, and in the mean of all.
    """

    def counts(network: Network) -> np.ndarray:
        both = neurons.layers_of(network)
        carriers = neurons.carried(both, False).sum(axis=0)[neurons.is_represented(both, False)]
        return np.bincount(carriers, minlength=len(both.W) + 1)

    return counts(cell.best), np.mean([counts(run) for run in cell.networks], axis=0)


COLUMNS = numbers.columns(
    panel=(
        "name",
        "expected: the lowest loss to be expected of some runs; carried: how many "
        "features so many neurons carry; run: one, with its counts; threshold: the lowest-loss run "
        "by others",
    ),
    **numbers.RUN,
    runs=("count", "how many runs"),
    excess=(
        "ratio",
        "the lowest loss to be expected of this number of runs, over the lowest of all, less 1",
    ),
    neurons=("count", "how many neurons"),
    carried=("count", "represented features of the lowest-loss run that so many neurons carry"),
    carried_mean=("count", "the same in the mean of all runs"),
    represented=("count", "features represented"),
    monosemantic=("count", "monosemantic neurons"),
    threshold=(
        "share",
        "part of the largest weight from which a second one makes a neuron polysemantic",
    ),
)


def rows(cells: TrainedCells) -> numbers.Rows:
    """A row for each number of runs and of neurons, each run, and each threshold."""
    cells = dense_first(cells)
    for cell in select(cells, "neurons"):
        for runs, excess in zip(*_excess(cell), strict=True):
            yield {"panel": "expected", **numbers.of_cell(cell), "runs": runs, "excess": excess}
        best, mean = _carried(cell)
        row = {"panel": "carried", **numbers.of_cell(cell)}
        yield from numbers.along("neurons", row, carried=best, carried_mean=mean)
    for cell in cells:
        for place, network in enumerate(cell.networks):
            counts = {"represented": _represented(network), "monosemantic": _monosemantic(network)}
            yield {"panel": "run", **numbers.of_run(cell, place), **counts}
        for threshold in _THRESHOLDS:
            count = {"threshold": threshold, "monosemantic": _monosemantic(cell.best, threshold)}
            yield {"panel": "threshold", **numbers.of_run(cell), **count}
