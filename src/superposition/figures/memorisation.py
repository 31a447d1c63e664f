"""Follow-up: what networks keep of a finite data set, its examples or features."""

from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes

from superposition.figures import Spec, style
from superposition.figures.parts import numbers, planes
from superposition.figures.parts.page import LOG, Page, log_axis
from superposition.measure.memorisation import (
    dimensions_of_examples,
    dimensions_of_features,
    hidden_vectors,
    training_loss,
)
from superposition.measure.metrics import norms
from superposition.measure.network import Network, TrainedCell, TrainedCells

_SHOWN = 300
"""Examples in a panel, at most."""
_LEAST = 1e-4
"""Lower losses, in parts of that of answering with 0, are plotted as this: a few examples in two
dimensions are learned as far as numbers go."""

SPEC = Spec(
    title="What networks store of a finite data set: examples or features",
    caption="After Henighan et al. (2023): ReLU output models in two hidden dimensions, trained "
    "on T examples of many sparse features, each scaled to unit length. Above, features W_i and "
    f"the hidden vectors W x of the examples (the first {_SHOWN}) of the run with the lowest "
    "training loss, for some T, each panel at a scale of its own. Below on the left, the fraction "
    "of a hidden dimension that an example or a feature gets, the largest of each run, with lines "
    "through medians; dashed, the fraction if T examples share the plane evenly. On the right, in "
    "the same way, the loss on the examples and on fresh samples over that of answering with 0 "
    f"(dashed); smaller values than {_LEAST:g} are plotted there.",
    section="Follow-up: Memorisation",
    experiments=("memorisation",),
    claims=("F11", "F12", "F13", "F14"),
)

_PANELS = 6
_DECADES = (1, 10, 100, 1000, 10_000, 100_000, 1_000_000)
_KINDS = {"features": style.BLUE, "examples": style.VERMILION}


def plot(cells: TrainedCells) -> Page:
    """The figure: two planes for some sizes of data sets, and what changes over all sizes."""
    cells = _by_size(cells)
    pictured = _pictured(cells)
    side, gap, left = 0.92, 0.13, 0.62
    page = Page(2 * side + 3.0)
    for row, kind in enumerate(_KINDS):
        y = 0.3 + row * (side + 0.05)
        page.write(0.02, y + side / 2, kind, va="center")
        for k, cell in enumerate(pictured):
            axes = page.panel(left + k * (side + gap), y, side, side, gid=f"{kind}-{k}")
            _plane(axes, _vectors(_lowest(cell), kind), _KINDS[kind])
            if row == 0:
                words = f"T = {_size(cell):,}"
                page.write(left + k * (side + gap) + side / 2, 0.2, words, ha="center")
    top, height = 2 * side + 0.75, 1.65
    _dimensions(page.panel(0.55, top, 2.7, height), cells)
    _losses(page.panel(4.0, top, 2.7, height), cells)
    return page


def _size(cell: TrainedCell) -> int:
    return cell.cell.training.examples


def _by_size(cells: TrainedCells) -> list[TrainedCell]:
    return sorted((cell for cell in cells if _size(cell)), key=_size)


def _pictured(cells: Sequence[TrainedCell]) -> list[TrainedCell]:
    """Some of the cells, evenly spread, both ends included."""
    places = np.linspace(0, len(cells) - 1, min(_PANELS, len(cells)))
    return [cells[round(place)] for place in places.tolist()]


def _lowest(cell: TrainedCell) -> Network:
    """The run with the lowest loss on its own examples."""
    return min(cell.networks, key=training_loss)


def _vectors(network: Network, kind: str) -> Float[np.ndarray, "2 k"]:
    return network.W if kind == "features" else hidden_vectors(network)[:, :_SHOWN]


def _plane(axes: Axes, vectors: Float[np.ndarray, "2 k"], colour: str) -> None:
    """Plot vectors as lines from the origin that end in dots."""
    planes.empty(axes, 1.12 * max(float(norms(vectors).max(initial=0)), 1e-6))
    x, y = (np.ravel(np.stack([0 * part, part, part * np.nan], axis=1)) for part in vectors)
    faint: style.Look = {"linewidth": 0.5, "alpha": 0.35}
    axes.plot(x, y, color=colour, zorder=2, **faint)
    axes.plot(*vectors, ".", color=colour, markersize=2.2, markeredgewidth=0, zorder=3)


def _dimensions(axes: Axes, cells: Sequence[TrainedCell]) -> None:
    sizes = [_size(cell) for cell in cells]
    measures: dict[str, Callable[[Network], np.ndarray]] = {
        "features": dimensions_of_features,
        "examples": dimensions_of_examples,
    }
    for kind, measure in measures.items():
        largest = [[measure(run).max() for run in cell.networks] for cell in cells]
        _every_run(axes, sizes, largest, _KINDS[kind], f"{kind}, the largest")
    axes.plot(sizes, [2 / size for size in sizes], "--", color=style.FAINT, linewidth=0.8)
    axes.set(ylim=(0, 1), xlabel="examples T", ylabel="fraction of a dimension")
    _axis(axes, sizes)
    axes.legend(loc="upper center")


def _losses(axes: Axes, cells: Sequence[TrainedCell]) -> None:
    sizes = [_size(cell) for cell in cells]
    training, fresh = map(list, zip(*map(_relative, cells), strict=True))
    for losses, colour, words in (
        (training, style.FAINT, "the examples"),
        (fresh, style.INK, "fresh samples"),
    ):
        shown = [np.maximum(of_runs, _LEAST).tolist() for of_runs in losses]
        _every_run(axes, sizes, shown, colour, words)
    axes.axhline(1, color=style.FAINT, linestyle="--", linewidth=0.8)
    axes.set(xlabel="examples T", ylabel="loss / that of answering with 0")
    _axis(axes, sizes)
    ticks = {tick: f"{tick:g}" for tick in (_LEAST, 0.001, 0.01, 0.1, 1, 10)}
    ticks[_LEAST] = f"≤ {ticks[_LEAST]}"
    log_axis(axes, list(ticks), "y")
    axes.set_yticks(list(ticks), ticks.values())
    axes.set_ylim(_LEAST / 1.6, 2 * max(10.0, *map(max, fresh)))
    axes.legend(loc="lower right")
    words = f"fresh samples at\nT = {sizes[-1]:,}: {np.median(fresh[-1]):.3g}"
    style.note(axes, 0.97, 0.36, words, ha="right", linespacing=1.3)


def _relative(cell: TrainedCell) -> tuple[list[float], list[float]]:
    """The loss of each run on its examples and on fresh samples, over that of answering with 0.

    Examples are of unit length, so that this is one over the number of features.
    """
    n = cell.W.shape[2]
    return [n * training_loss(run) for run in cell.networks], (n * cell.loss).tolist()


def _every_run(
    axes: Axes, sizes: list[int], values: list[list[float]], colour: str, label: str
) -> None:
    """Plot the median over runs as a line, and each run as a dot."""
    axes.plot(sizes, [np.median(one) for one in values], color=colour, linewidth=1, label=label)
    for size, of_runs in zip(sizes, values, strict=True):
        axes.plot([size] * len(of_runs), of_runs, ".", color=colour, markersize=4, alpha=0.6)


def _axis(axes: Axes, sizes: list[int]) -> None:
    ticks = [one for one in _DECADES if min(sizes) <= one <= max(sizes)]
    axes.set(xscale=LOG)
    log_axis(axes, ticks or [min(sizes), max(sizes)])


COLUMNS = numbers.columns(
    **numbers.common("panel"),
    **numbers.RUN,
    examples=("count", "samples T of the data set"),
    training_loss=("loss", "on these, mean over features"),
    relative_training_loss=("ratio", "the same over the loss of answering with 0"),
    relative_loss=("ratio", "loss on the evaluation sample over that of answering with 0"),
    largest_of_features=("dimensions", "the largest D_i of the run"),
    largest_of_examples=("dimensions", "the largest ‖h‖² / Σ_j (ĥ · h_j)² of its examples"),
    number=("number", "of the feature or of the example, from 0"),
    x=("length", "of W_i, or of the hidden vector W x, in hidden dimension 0"),
    y=("length", "likewise in hidden dimension 1"),
)


def rows(cells: TrainedCells) -> numbers.Rows:
    """A row for each run; then one for each vector in the panels."""
    cells = _by_size(cells)
    for cell in cells:
        relative = zip(*_relative(cell), strict=True)
        for place, (run, (training, fresh)) in enumerate(zip(cell.networks, relative, strict=True)):
            yield {
                **{"panel": "run", **numbers.of_run(cell, place), "examples": _size(cell)},
                "training_loss": training_loss(run),
                "relative_training_loss": training,
                "relative_loss": fresh,
                "largest_of_features": dimensions_of_features(run).max(),
                "largest_of_examples": dimensions_of_examples(run).max(),
            }
    for cell in _pictured(cells):
        lowest = _lowest(cell)
        for kind in _KINDS:
            row = {
                "panel": kind,
                **numbers.of_run(cell, cell.weights.runs.index(lowest.run)),
                "examples": _size(cell),
            }
            x, y = _vectors(lowest, kind)
            yield from numbers.along("number", row, x=x, y=y)
