"""Columns of pictures of single models: WᵀW with the bias beside it, the features' lengths below.

A block of columns is one model at several densities, in one row or more. Everything is placed in
inches, so that pictures keep their size whatever the number of densities.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, Normalize
from matplotlib.figure import Figure
from matplotlib.text import Text

from superposition.metrics import REPRESENTED, gram, interference, norms
from superposition.plotting import style
from superposition.plotting.paper import paper_norms
from superposition.weights import Weights

TITLES = {
    "linear": "Linear model",
    "relu": "ReLU output model",
    "relu_hidden": "ReLU hidden layer model",
    "relu_hidden_biased": "ReLU hidden layer model with hidden biases",
    "absolute": "Absolute value model (input weights)",
}
FORMULAE = {
    "linear": r"$x' = W^\mathsf{T} W x + b$",
    "relu": r"$x' = \mathrm{ReLU}(W^\mathsf{T} W x + b)$",
    "relu_hidden": r"$x' = \mathrm{ReLU}(W^\mathsf{T}\, \mathrm{ReLU}(W x) + b)$",
    "relu_hidden_biased": r"$x' = \mathrm{ReLU}(W^\mathsf{T}\, \mathrm{ReLU}(W x + c) + b)$",
    "absolute": r"$y = \mathrm{ReLU}(W_2\, \mathrm{ReLU}(W_1 x) + b)$",
}
LEFT, RIGHT, TITLE, KEY = 0.46, 0.06, 0.46, 0.56
"""Inches left and right of all columns, above a block, and for the key of the colours."""
_BARS, _FOOT, _NEXT = 1.16, 0.36, 0.22
"""Inches of the lengths, of what stands below them, and between two rows of a block."""
_BIAS, _GAP, _APART, _BETWEEN = 0.055, 0.035, 0.07, 0.10
_TALLEST = 1.25
"""Norms are drawn up to here."""
_SEPARATE = 40
"""The bars of more features than this touch: gaps would be thinner than a pixel."""
_PAPER_RESOLUTION = 0.02
"""Shorter bars of the paper's figure cannot be told from none."""
_PAPER_MARK: dict[str, Any] = {
    "linestyle": "none",
    "marker": "|",
    "markersize": 3.2,
    "markeredgewidth": 1.1,
    "color": style.PAPER_MARK,
    "zorder": 3,
    "clip_on": False,
}


@dataclass(frozen=True)
class Page:
    """A figure on which things are placed in inches; `y` runs down from the top."""

    figure: Figure
    height: float

    @classmethod
    def of(cls, height: float) -> "Page":
        """Return an empty page of full width."""
        return cls(Figure(figsize=(style.WIDTH, height), facecolor="white"), height)

    def axes(self, x: float, y: float, width: float, height: float) -> Axes:
        """Return axes whose upper left corner is at (x, y)."""
        page = np.array([style.WIDTH, self.height, style.WIDTH, self.height])
        box = np.array([x, self.height - y - height, width, height]) / page
        return self.figure.add_axes(tuple(box))

    def text(self, x: float, y: float, text: str, **how: str | float) -> Text:
        """Write at (x, y)."""
        options: dict[str, Any] = {**how}
        return self.figure.text(x / style.WIDTH, 1 - y / self.height, text, **options)


@dataclass(frozen=True)
class Block:
    """One model at several densities.

    Attributes:
        cells: Its cells, from dense to sparse.
        across: How many columns of the page's width stand in a row.
    """

    cells: Sequence[Weights]
    across: int

    @property
    def pitch(self) -> float:
        """From one column to the next."""
        return min((style.WIDTH - LEFT - RIGHT) / self.across, 1.57)

    @property
    def heatmap(self) -> float:
        """Side of a heatmap."""
        return self.pitch - _BIAS - _GAP - _BETWEEN

    @property
    def row(self) -> float:
        """Height of a row of columns."""
        return self.heatmap + _APART + _BARS + _FOOT

    @property
    def height(self) -> float:
        """Height of the block."""
        rows = -(-len(self.cells) // self.across)
        return TITLE + rows * self.row + (rows - 1) * _NEXT

    def draw(self, page: Page, top: float) -> None:
        """Draw a title and the columns, each with the lowest-loss run at one density."""
        model = self.cells[0].cell.model.model
        title = page.text(0.08, top + 0.2, TITLES.get(model, model), **style.BOLD)
        formula: dict[str, Any] = {"xycoords": title, "textcoords": "offset points"}
        for k, weights in enumerate(self.cells):
            row, column = divmod(k, self.across)
            x, y = LEFT + column * self.pitch, top + TITLE + row * (self.row + _NEXT)
            value = f"{density(weights):.3g}"
            label = f"$1 - S$ = {value}" if column == 0 else value
            page.text(x + self.heatmap / 2, y - 0.06, label, ha="center")
            heatmap, bars = self._column(page, x, y, weights)
            if k == 0:
                heatmap.annotate(FORMULAE.get(model, ""), (1, 0), (8, 0), va="bottom", **formula)
            if column == 0:
                heatmap.set_ylabel(r"$W^\mathsf{T} W$", labelpad=4)
                feature_axis(bars, weights.W.shape[-1])
            if column == self.across - 1 or weights is self.cells[-1]:
                beside = x + self.heatmap + _GAP + _BIAS / 2
                page.text(beside, y - 0.06, "$b$", ha="center")

    def _column(self, page: Page, x: float, y: float, weights: Weights) -> tuple[Axes, Axes]:
        """Draw the lowest-loss run of one cell; return the axes of WᵀW and of the norms."""
        run = weights.best
        W, b = weights.W[run].astype(np.float64), weights.b[run].astype(np.float64)
        name = f"{weights.cell.model.model}-density-{density(weights):g}"
        size = self.heatmap
        heatmap = page.axes(x, y, size, size)
        matrix(heatmap, gram(W), f"gram-{name}")
        matrix(page.axes(x + size + _GAP, y, _BIAS, size), b[:, None], f"bias-{name}")
        bars = page.axes(x, y + size + _APART, size, _BARS)
        bars.set_gid(f"norms-{name}")
        lengths(bars, W, paper_norms(weights.cell))
        count = int((norms(W) > REPRESENTED).sum())
        bars.set_xlabel(f"{count} represented", fontsize=style.SMALL, labelpad=1.5)
        return heatmap, bars


def density(weights: Weights) -> float:
    """Return 1 − S of a cell whose features share it."""
    return float(np.mean(weights.cell.features.feature_probability))


def matrix(axes: Axes, values: np.ndarray, name: str) -> None:
    """Draw a signed matrix; values beyond the colour scale get its ends."""
    axes.set_gid(name)
    axes.imshow(values, cmap=style.SIGNED, norm=style.SIGNED_RANGE, aspect="auto",
                interpolation="none")  # fmt: skip
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set(visible=True, color=style.FAINT, linewidth=0.5)


def lengths(axes: Axes, W: np.ndarray, reference: np.ndarray | None = None) -> None:
    """Draw the features' lengths, most important at the top, coloured by interference."""
    length = norms(W)
    places = np.arange(length.size)
    colours = style.SHARED(style.SHARED_RANGE(interference(W)))
    thickness = 0.82 if length.size <= _SEPARATE else 1.0
    axes.axvline(1, color=style.FAINT, linewidth=0.6, zorder=0)
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
    axes.set_yticks([number - 1 for number in numbers], [str(number) for number in numbers])
    axes.set_ylabel(r"$\Vert W_i \Vert$ of feature $i$", labelpad=2)


def colour_key(page: Page, y: float) -> None:
    """Draw the two colour scales, from y down."""
    place, wide, high = LEFT, 1.4, 0.08
    page.text(place, y + 0.17, r"$W_i \cdot W_j$ and bias $b_i$")
    colour_scale(page.axes(place, y + 0.25, wide, high), style.SIGNED, style.SIGNED_RANGE,
                 ["≤ −1", "0", "≥ 1"])  # fmt: skip
    place += wide + 0.5
    page.text(place, y + 0.17, r"shared with others, $\Sigma_{j \neq i} (\hat{W}_i \cdot W_j)^2$")
    colour_scale(page.axes(place, y + 0.25, wide, high), style.SHARED, style.SHARED_RANGE,
                 ["0", "½", "≥ 1"])  # fmt: skip


def paper_key(page: Page, y: float) -> None:
    """Explain the marks of the paper's norms, from y down."""
    place = LEFT + 4.25
    marks = page.axes(place, y + 0.1, 0.1, 0.1)
    marks.set_axis_off()
    marks.plot([0], [0], **_PAPER_MARK)
    page.text(place + 0.13, y + 0.17, "in the paper's figure")
    page.text(place + 0.13, y + 0.31, "(lengths clipped at 1)", color=style.FAINT)


def colour_scale(axes: Axes, colours: Colormap, norm: Normalize, labels: list[str]) -> None:
    """Draw a colour scale, its labels evenly spread."""
    bar = axes.figure.colorbar(ScalarMappable(norm, colours), cax=axes, orientation="horizontal")
    bar.set_ticks(np.linspace(norm.vmin or 0, norm.vmax or 1, len(labels)).tolist(), labels=labels)
    bar.outline.set(linewidth=0.5, edgecolor=style.FAINT)
