"""The paper's asymmetric superposition motif, as found in trained small models, and measured."""

from collections.abc import Iterator, Sequence

import numpy as np

from superposition.figures import Spec, style
from superposition.figures.parts import numbers, stacks
from superposition.figures.parts.page import Page, log_axis
from superposition.measure import neurons
from superposition.measure.network import Network, TrainedCell, TrainedCells
from superposition.measure.neurons import Asymmetric

_MOST = 100 * (1 - neurons.CANCELLED)
"""Of the interference, in %, from which on it is undone."""

SPEC = Spec(
    title="Networks searched for the asymmetric superposition motif",
    caption="Left, the trained network with the lowest loss of those that have the motif twice "
    "(or once, if none has). An asymmetric neuron serves two features of opposite signs, A with a "
    "large input and a small output weight, B the other way round, so that both come back as 1, "
    "but A interferes strongly with B. A second neuron that A excites removes this by a large "
    "negative output weight to B (columns that are too tall are cut, with their sum at the cut). "
    "Right, every asymmetric neuron of all networks: above, the ratios of its weights, reciprocal "
    "on the dashed line; below, what an active A would add to B through the neuron, and how much "
    f"of it the one other neuron that takes most takes away. Blue: that one takes {_MOST:g} % or "
    "more; grey, less.",
    section="Computation in Superposition",
    place=5,
    experiments=("motif",),
    claims=("C64",),
)
_LEAST = 0.3
"""Lower ratios of output weights, and negative ones, are plotted as this."""
_LEFT, _WIDE, _FOOT = 0.5, 3.6, 4.2
"""Of the stack plots, inches."""


def plot(cells: TrainedCells) -> Page:
    """The figure, of an absolute value model with fewer neurons than signs of features."""
    cell = cells[0]
    found = [neurons.asymmetric(neurons.layers_of(run)) for run in cell.networks]
    shown, motifs, rank = _shown(cell, found)
    number = sum(any(one.is_cancelled for one in of_run) for of_run in found)
    page = Page(4.7)
    _, m, n = cell.W.shape
    words = f"{n} features, {m} neurons, {style.BOLD_DENSITY} = {cell.density:g}"
    page.write(0.08, 0.22, words, fontweight="bold")
    which = " the one with the lowest loss" if rank == 1 else f", number {rank} by loss"
    page.write(0.08, 0.38, f"of {len(cell)} networks{which}", **style.NOTE)
    _network(page, cell[shown], motifs)
    page.write(4.5, 0.22, "In all networks", fontweight="bold")
    words = f"{number} of {len(cell)} networks\nhave an asymmetric neuron\nwhose harm is undone"
    page.write(4.5, 0.32, words, va="top", **style.NOTE)
    _measured(page, list(_with_taken(cell, found)))
    return page


def _with_taken(
    cell: TrainedCell, found: Sequence[Sequence[Asymmetric]]
) -> Iterator[tuple[Asymmetric, float]]:
    """Every asymmetric neuron, and what one other neuron takes away of its interference."""
    for run, of_run in zip(cell.networks, found, strict=True):
        for one in of_run:
            yield one, _taken_by_one(neurons.layers_of(run), one)


def _taken_by_one(both: neurons.Layers, one: Asymmetric) -> float:
    """What the neuron that takes away most takes away of an interference."""
    sign = np.sign(both.W[one.neuron, one.strong])
    excited = max(float(sign * both.W[one.inhibitor, one.strong]), 0.0)
    return max(-float(both.W_out[one.weak, one.inhibitor]) * excited, 0.0)


def _is_undone_by_one(one: Asymmetric, taken: float) -> bool:
    """Whether that is enough for the interference to be undone."""
    return taken >= (1 - neurons.CANCELLED) * one.interference


def _disjoint(found: Sequence[Asymmetric]) -> list[Asymmetric]:
    """Asymmetric neurons whose harm is undone, of which no two have a neuron in common."""
    chosen: list[Asymmetric] = []
    used: set[int] = set()
    for one in found:
        if one.is_cancelled and not used & {one.neuron, one.inhibitor}:
            chosen.append(one)
            used |= {one.neuron, one.inhibitor}
    return chosen


def _network(page: Page, network: Network, motifs: Sequence[Asymmetric]) -> None:
    """Plot both layers of one network, the neurons of the motif side by side."""
    both, order = neurons.layers_of(network), _order(network, motifs)
    others = len(order) - 2 * len(motifs)
    colours = stacks.feature_colours(both.W.shape[1])
    for top, high, values, limits, name, layer in (
        (0.75, 1.35, both.W[order], (-2.2, 2.2), "in", "$W_1$, largest scaled to 1"),
        (2.3, 1.75, both.W_out.T[order], (-7.0, 5.2), "out", "$W_2$"),
    ):
        axes = page.panel(_LEFT, top, _WIDE, high, gid=f"motif-{name}")
        numbered = 0.13 * (limits[1] - limits[0]) / 2
        stacks.stack(axes, values, colours, limits, layer, numbered_from=numbered)
        for k in range(others, len(order), 2):
            axes.axvspan(k - 0.5, k + 1.5, color=style.MOTIF, linewidth=0, zorder=0)
    # Below the columns, what the neurons do, and above them, how uneven the motifs are.
    step = _WIDE / (len(order) + 0.2)
    start = _LEFT + 0.6 * step
    below: style.Look = {"ha": "center", "va": "top", **style.NOTE}
    above: style.Look = {"fontsize": style.SMALL - 0.5}
    if others:
        page.write(start + (others - 1) / 2 * step, _FOOT, "other neurons", **below)
    for k, one in enumerate(motifs):
        x = start + (others + 2 * k) * step
        page.write(x, _FOOT, "asym-\nmetric", **below)
        page.write(x + step, _FOOT, "inhi-\nbition", **below)
        words = f"{one.strong + 1} and {one.weak + 1}: {one.ratio_in:.1f}, {one.ratio_out:.1f}"
        page.write(x + step / 2, 0.7, words, ha="center", **above)
    if motifs:
        words = "ratios of input and of output weights:"
        page.write(_LEFT, 0.7, words, color=style.FAINT, **above)


def _measured(page: Page, measured: Sequence[tuple[Asymmetric, float]]) -> None:
    """Plot the ratios of weights, and what one other neuron takes away over the interference."""
    found = [one for one, _ in measured]
    ratios = page.panel(4.75, 0.95, 1.95, 1.3, gid="motif-ratios")
    cancelled = page.panel(4.75, 2.85, 1.95, 1.3, gid="motif-cancelled")
    for one, taken in measured:
        dot: style.Look = {"markersize": 3, "markeredgewidth": 0, "alpha": 0.75}
        dot["color"] = style.LOST if _is_undone_by_one(one, taken) else style.FAINT
        ratios.plot(one.ratio_in, max(one.ratio_out, _LEAST), "o", **dot)
        cancelled.plot(one.interference, taken, "o", **dot)
    ratios.plot([2, 20], [2, 20], "--", color=style.FAINT, linewidth=0.8, zorder=0)
    ratios.plot(4, 4, "x", color=style.PAPER_MARK, markersize=7, markeredgewidth=1.6)
    style.note(ratios, 1, 1.04, "× paper's example", ha="right", color=style.PAPER_MARK)
    log_axis(ratios, (2, 3, 4, 6, 10))
    log_axis(ratios, (0.3, 1, 3, 10, 30), "y")
    across, up = (
        [4.0, *(getattr(one, ratio) for one in found)] for ratio in ("ratio_in", "ratio_out")
    )
    ratios.set(
        xlim=(1.9, 1.1 * max(10, *across)), ylim=(0.8 * max(min(1, *up), _LEAST), 1.3 * max(up))
    )
    ratios.set_ylabel("ratio of output\nweights, $W_{2B} / W_{2A}$")
    ratios.set_xlabel("ratio of input weights, $|W_{1A} / W_{1B}|$")
    most = 1.1 * max([8.0, *(one.interference for one in found)])
    cancelled.plot([0, most], [0, most], "--", color=style.FAINT, linewidth=0.8, zorder=0)
    cancelled.text(most, 0.68 * most, "all of it", ha="right", va="top", **style.FAINT_NOTE)
    cancelled.set(xlim=(0, most), xlabel="what it makes of $A$ at $B$")
    cancelled.set_ylabel("taken away by\none other neuron")
    by_one = sum(_is_undone_by_one(*one) for one in measured)
    by_all = sum(one.is_cancelled for one in found)
    words = f"blue: {by_one} of {len(found)};\nby all others\ntogether: {by_all}"
    style.note(cancelled, 1, 0.03, words, ha="right", va="bottom", linespacing=1.15)


def _shown(
    cell: TrainedCell, found: Sequence[Sequence[Asymmetric]]
) -> tuple[int, list[Asymmetric], int]:
    """The run that is shown, its motifs, and its place among all by loss, from 1."""
    ranking = np.argsort(cell.loss, kind="stable").tolist()
    motifs = [_disjoint(of_run) for of_run in found]
    most = min(max(map(len, motifs)), 2)
    shown = next(run for run in ranking if len(motifs[run]) == most)
    return shown, motifs[shown], ranking.index(shown) + 1


def _order(network: Network, motifs: Sequence[Asymmetric]) -> list[int]:
    """The neurons as they are plotted: those of the motif side by side, at the right."""
    pairs = [k for one in motifs for k in (one.neuron, one.inhibitor)]
    ordered = neurons.order(neurons.layers_of(network), True).tolist()
    return [*(k for k in ordered if k not in pairs), *pairs]


COLUMNS = numbers.columns(
    panel=(
        "name",
        "weight: a neuron and a feature of the network that is shown; motif: an asymmetric "
        "neuron of any network",
    ),
    **numbers.RUN,
    **numbers.common("place", "neuron"),
    kind=("name", "asymmetric, inhibition or other: what the neuron does in the motif"),
    **numbers.common("feature"),
    weight_in=(
        "weight",
        "W_1 of the neuron and the feature, the largest of the neuron scaled to 1",
    ),
    weight_out=("weight", "W_2 of both, scaled so that the network is the same"),
    strong=("number", "feature A, of the larger input weight of the asymmetric neuron"),
    weak=("number", "feature B, of the smaller one"),
    ratio_in=("ratio", "ratio of input weights, |W_1A / W_1B|"),
    ratio_out=("ratio", "ratio of output weights, W_2B / W_2A"),
    interference=("units of x", "what an active A adds to B through the neuron"),
    taken_away=(
        "units of x",
        "how much of it one other neuron takes away, the one that takes most",
    ),
    taken_by_all=("units of x", "how much of it all other neurons together take away"),
    is_undone_by_one=("True or False", f"whether one takes away {_MOST:g} % of it or more"),
    is_cancelled=("True or False", "whether all together do"),
)


def rows(cells: TrainedCells) -> numbers.Rows:
    """A row for each weight of the network shown, and for each asymmetric neuron of each."""
    cell = cells[0]
    found = [neurons.asymmetric(neurons.layers_of(run)) for run in cell.networks]
    shown, motifs, _ = _shown(cell, found)
    both, order = neurons.layers_of(cell[shown]), _order(cell[shown], motifs)
    kinds = ["other"] * (len(order) - 2 * len(motifs)) + ["asymmetric", "inhibition"] * len(motifs)
    layers = {"weight_in": both.W[order], "weight_out": both.W_out.T[order]}
    row = {"panel": "weight", **numbers.of_run(cell, shown)}
    yield from stacks.stack_rows(row, order, kinds, **layers)
    for place, of_one in enumerate(found):
        both = neurons.layers_of(cell[place])
        for one in of_one:
            taken = _taken_by_one(both, one)
            its = {name: getattr(one, name) for name in ("neuron", "strong", "weak", *_RATIOS)}
            its |= {"taken_away": taken, "taken_by_all": one.interference * (1 - one.rest)}
            its["is_undone_by_one"] = _is_undone_by_one(one, taken)
            row = {
                "panel": "motif",
                **numbers.of_run(cell, place),
                "is_cancelled": one.is_cancelled,
            }
            yield {**row, **its}


_RATIOS = ("ratio_in", "ratio_out", "interference")
