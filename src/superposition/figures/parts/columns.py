"""Columns of pictures of single models: WᵀW with the bias beside it, the features' lengths below.

A block of columns is one model at several densities, in one row or more. Pictures keep their size
whatever the number of densities.
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from superposition.figures import style
from superposition.figures.parts import numbers
from superposition.figures.parts.page import Page, shared_scale, signed_scale, span
from superposition.figures.parts.paper import paper_norms
from superposition.measure.metrics import gram, interference, is_represented, norms
from superposition.measure.network import TrainedCell, TrainedCells, dense_first, select

TITLES = {
    "linear": "Linear model",
    "relu": "ReLU output model",
    "gelu": "GELU output model",
    "tanh": "tanh output model",
    "relu_hidden": "ReLU hidden layer model",
    "relu_hidden_biased": "ReLU hidden layer model with hidden biases",
    "absolute": "Absolute value model (input weights)",
}
FORMULAE = {
    "linear": r"$x' = W^\mathsf{T} W x + b$",
    "relu": r"$x' = \mathrm{ReLU}(W^\mathsf{T} W x + b)$",
    "gelu": r"$x' = \mathrm{GELU}(W^\mathsf{T} W x + b)$",
    "tanh": r"$x' = \tanh(W^\mathsf{T} W x + b)$",
    "relu_hidden": r"$x' = \mathrm{ReLU}(W^\mathsf{T}\, \mathrm{ReLU}(W x) + b)$",
    "relu_hidden_biased": r"$x' = \mathrm{ReLU}(W^\mathsf{T}\, \mathrm{ReLU}(W x + c) + b)$",
    "absolute": r"$y = \mathrm{ReLU}(W_2\, \mathrm{ReLU}(W_1 x) + b)$",
}
LEFT, RIGHT, TITLE, KEY = 0.46, 0.06, 0.46, 0.56
"""Inches left and right of all columns, above a block, and for the key of the colours."""
_BARS, _FOOT, _NEXT = 1.16, 0.46, 0.22
"""Inches of the lengths, of what stands below them, and between two rows of a block."""
_BIAS, _GAP, _APART, _BETWEEN = 0.055, 0.035, 0.07, 0.10
_TALLEST = 1.25
"""Longer bars end here."""
_SEPARATE = 40
"""The bars of more features than this touch: gaps would be thinner than a pixel."""
_PAPER_RESOLUTION = 0.02
"""Shorter bars of the paper's figure cannot be told from none."""
_MANY = 40
"""With more features than this, heatmaps must be larger than seven in a row can be."""
_LARGE = 4
"""Columns in a row of large heatmaps."""
_PAPER_MARK: style.Look = {"linestyle": "none", "marker": "|", "color": style.PAPER_MARK}
_PAPER_MARK |= {"markersize": 3.2, "markeredgewidth": 1.1, "zorder": 3, "clip_on": False}


@dataclass(frozen=True)
class Block:
    """One model at several densities."""

    cells: TrainedCells
    """From dense to sparse."""
    across: int
    """How many columns of the page's width stand in a row."""
    once: bool = False
    """Whether the densest stands for all, and words beside it say how far the others differ."""

    @property
    def pitch(self) -> float:
        """From one column to the next."""
        return min((style.WIDTH - LEFT - RIGHT) / self.across, 1.57)

    @property
    def row(self) -> float:
        """Height of a row of columns."""
        return self.pitch - _BIAS - _GAP - _BETWEEN + _APART + _BARS + _FOOT

    @property
    def height(self) -> float:
        """Height of the block."""
        rows = -(-len(self._shown) // self.across)
        return TITLE + rows * self.row + (rows - 1) * _NEXT

    @property
    def _shown(self) -> TrainedCells:
        return self.cells[:1] if self.once else self.cells

    def plot(self, page: Page, top: float) -> None:
        """Plot a title and the columns, each with the lowest-loss run at one density."""
        model = self.cells[0].model
        size = self.pitch - _BIAS - _GAP - _BETWEEN
        title = page.write(0.08, top + 0.2, TITLES.get(model, model), **style.BOLD)
        if self.once and len(self.cells) > 1:
            x, y = LEFT + self.pitch + 0.2, top + TITLE + 0.02
            page.write(x, y, differences(self.cells), va="top", linespacing=1.6)
        for k, cell in enumerate(self._shown):
            row, column = divmod(k, self.across)
            x, y = LEFT + column * self.pitch, top + TITLE + row * (self.row + _NEXT)
            label = "$1 - S$ = " * (column == 0) + f"{cell.density:.3g}"
            name = f"{cell.model}-density-{cell.density:g}"
            page.write(x + size / 2, y - 0.06, label, ha="center")
            heatmap = page.panel(x, y, size, size)
            matrix(heatmap, gram(cell.best.W), f"gram-{name}")
            beside = x + size + _GAP
            matrix(page.panel(beside, y, _BIAS, size), cell.best.b[:, None], f"bias-{name}")
            bars = page.panel(x, y + size + _APART, size, _BARS, gid=f"norms-{name}")
            lengths(bars, cell.best.W, paper_norms(cell.cell))
            counts = f"{is_represented(cell.best.W).sum()} represented"
            if len(cell) > 1:
                counts += f"\nall runs: {span(is_represented(cell.W).sum(axis=-1))}"
            bars.set_xlabel(counts, labelpad=1.5, linespacing=1.1, **style.NOTE)
            if k == 0:
                formula = FORMULAE.get(model, "")
                style.beside(heatmap, formula, (1, 0), (8, 0), title, va="bottom")
            if column == 0:
                heatmap.set_ylabel(r"$W^\mathsf{T} W$", labelpad=4)
                feature_axis(bars, cell.best.b.size)
            if column == self.across - 1 or cell is self._shown[-1]:
                page.write(beside + _BIAS / 2, y - 0.06, "$b$", ha="center")


def plot_columns(cells: TrainedCells) -> Page:
    """The figure of an experiment: a block for each model, in it a column for each density.

    The linear model is shown once: what it represents does not depend on the density.
    """
    models = {cell.model: select(dense_first(cells), model=cell.model) for cell in cells}
    most = max(map(len, models.values()))
    large = _LARGE if cells[0].best.b.size > _MANY and most > _LARGE else most
    blocks = [
        Block(of_model, most, once=True) if model == "linear" else Block(of_model, large)
        for model, of_model in models.items()
    ]
    page = Page(sum(block.height for block in blocks) + KEY)
    top = 0.0
    for block in blocks:
        block.plot(page, top)
        top += block.height
    colour_key(page, top)
    if any(paper_norms(cell.cell) is not None for cell in cells):
        place = LEFT + 4.25
        page.blank(place, top + 0.1, 0.1, 0.1).plot([0.05], [0.05], **_PAPER_MARK)
        page.write(place + 0.13, top + 0.17, "in the paper's figure")
        page.write(place + 0.13, top + 0.31, "(lengths clipped at 1)", color=style.FAINT)
    return page


def differences(cells: TrainedCells) -> str:
    """How far the lowest-loss runs at other densities differ from that at the first, in words."""
    grams = np.stack([gram(cell.best.W) for cell in cells])
    counts = [is_represented(cell.best.W).sum() for cell in cells]
    largest = [float(cell.best.b.max()) for cell in cells]
    furthest = float(np.abs(grams - grams[0]).max())
    return (
        f"Shown once. At all {len(cells)} densities, down to $1 - S$ = {cells[-1].density:.3g}:\n"
        f"{span(counts)} features are represented;\n"
        rf"no entry of $W^\mathsf{{T}} W$ differs by more than {furthest:.2g} from that shown;"
        "\n"
        f"the largest entry of $b$ goes from {largest[0]:.2g} to {largest[-1]:.2g}."
    )


def matrix(axes: Axes, values: np.ndarray, name: str) -> None:
    """Plot a signed matrix; values beyond the colour scale get its ends."""
    colours: style.Look = {"cmap": style.SIGNED, "norm": style.SIGNED_RANGE}
    axes.imshow(values, aspect="auto", interpolation="none", **colours)
    axes.set(xticks=[], yticks=[], gid=name)
    axes.spines[:].set(**style.FRAME)


def lengths(axes: Axes, W: np.ndarray, reference: np.ndarray | None = None) -> None:
    """Plot the features' lengths, most important at the top, coloured by interference."""
    length, places = norms(W), np.arange(W.shape[1])
    colours = style.SHARED(style.SHARED_RANGE(interference(W)))
    thickness = 0.82 if length.size <= _SEPARATE else 1.0
    axes.axvline(1, **style.GUIDE)
    axes.barh(places, np.minimum(length, _TALLEST), height=thickness, color=colours, zorder=1)
    if reference is not None:
        seen = reference > _PAPER_RESOLUTION
        axes.plot(reference[seen], places[seen], **_PAPER_MARK)
    axes.set(xlim=(0, _TALLEST), ylim=(length.size - 0.4, -0.6), xticks=[0, 1], yticks=[])
    axes.tick_params(axis="x", pad=1.5)


def feature_axis(axes: Axes, n_features: int) -> None:
    """Number the features, counted from 1."""
    step = max(5, n_features // 20 * 5) if n_features > 9 else 1
    numbers = sorted({1, *range(step, n_features + 1, step)})
    axes.set_yticks(np.array(numbers) - 1, list(map(str, numbers)))
    axes.set_ylabel(r"$\Vert W_i \Vert$ of feature $i$", labelpad=2)


def colour_key(page: Page, y: float) -> None:
    """Plot the two colour scales, from y down."""
    page.write(LEFT, y + 0.17, r"$W_i \cdot W_j$ and bias $b_i$")
    signed_scale(page.panel(LEFT, y + 0.25, 1.4, 0.08))
    place = LEFT + 1.9
    page.write(place, y + 0.17, r"shared with others, $\Sigma_{j \neq i} (\hat{W}_i \cdot W_j)^2$")
    shared_scale(page.panel(place, y + 0.25, 1.4, 0.08))


LENGTH_COLUMNS = numbers.columns(
    panel=("name", "feature: one of the lowest-loss run; run: one, with its count"),
    **numbers.FEATURES,
    **numbers.common("represented"),
    paper_norm=("length", "‖W_i‖ read off the paper's figure, where it has this model"),
)


def length_rows(cells: TrainedCells) -> numbers.Rows:
    """A row for each run and each feature of the lowest-loss run, for each model and density."""
    for cell in dense_first(cells):
        yield from represented_rows(cell)
        paper = paper_norms(cell.cell)
        for row, read in zip(
            numbers.features(cell),
            [None] * cell.b.shape[1] if paper is None else paper,
            strict=True,
        ):
            yield {"panel": "feature", **row, "paper_norm": read}


def represented_rows(cell: TrainedCell) -> numbers.Rows:
    """A row for each run of a cell, with how many features it represents."""
    for place, count in enumerate(is_represented(cell.W).sum(axis=-1)):
        yield {"panel": "run", **numbers.of_run(cell, place), "represented": int(count)}
