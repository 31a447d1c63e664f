"""The paper's demonstration of superposition: WᵀW and the features' lengths, density by density.

Each model of the experiment is a block of columns, one for each density; each column holds the
lowest-loss run of its cell. Everything is placed in inches, so that panels keep their size whatever
the number of densities.
"""

from collections.abc import Mapping, Sequence
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

_TITLES = {
    "linear": "Linear model",
    "relu": "ReLU output model",
    "relu_hidden": "ReLU hidden layer model",
    "absolute": "Absolute value model (input weights)",
}
_FORMULAE = {
    "linear": r"$x' = W^\mathsf{T} W x + b$",
    "relu": r"$x' = \mathrm{ReLU}(W^\mathsf{T} W x + b)$",
    "relu_hidden": r"$x' = \mathrm{ReLU}(W^\mathsf{T}\, \mathrm{ReLU}(W x) + b)$",
    "absolute": r"$y = \mathrm{ReLU}(W_2\, \mathrm{ReLU}(W_1 x) + b)$",
}
_TALLEST = 1.25
"""Norms are drawn up to here."""
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
class Layout:
    """Where things go, in inches; `y` runs down from the top of the page."""

    columns: int
    blocks: int
    left: float = 0.46
    right: float = 0.06
    title: float = 0.46
    bars: float = 1.16
    foot: float = 0.36
    key: float = 0.56
    bias: float = 0.055
    gap: float = 0.035
    apart: float = 0.07
    between: float = 0.10

    @property
    def pitch(self) -> float:
        """From one column to the next."""
        return min((style.WIDTH - self.left - self.right) / self.columns, 1.3)

    @property
    def heatmap(self) -> float:
        """Side of a heatmap."""
        return self.pitch - self.bias - self.gap - self.between

    @property
    def block(self) -> float:
        """Height of a model's block."""
        return self.title + self.heatmap + self.apart + self.bars + self.foot

    @property
    def height(self) -> float:
        """Height of the page."""
        return self.blocks * self.block + self.key

    def axes(self, figure: Figure, x: float, y: float, width: float, height: float) -> Axes:
        """Return axes whose upper left corner is at (x, y)."""
        page = np.array([style.WIDTH, self.height, style.WIDTH, self.height])
        return figure.add_axes(tuple(np.array([x, self.height - y - height, width, height]) / page))

    def text(self, figure: Figure, x: float, y: float, text: str, **how: str | float) -> Text:
        """Write at (x, y)."""
        options: dict[str, Any] = {**how}
        return figure.text(x / style.WIDTH, 1 - y / self.height, text, **options)


def draw(weights: Mapping[str, Weights]) -> Figure:
    """Return the figure.

    Args:
        weights: Cells of one experiment, of one model or several.
    """
    models: dict[str, list[Weights]] = {}
    for cell in weights.values():
        models.setdefault(cell.cell.model.model, []).append(cell)
    layout = Layout(max(len(cells) for cells in models.values()), len(models))
    with style.applied():
        figure = Figure(figsize=(style.WIDTH, layout.height), facecolor="white")
        for place, (model, cells) in enumerate(models.items()):
            cells.sort(key=lambda w: -_density(w))
            _block(figure, layout, place * layout.block, model, cells)
        _colour_key(figure, layout)
        if any(paper_norms(w.cell) is not None for w in weights.values()):
            _paper_key(figure, layout)
    return figure


def _density(weights: Weights) -> float:
    return float(np.mean(weights.cell.features.feature_probability))


def _block(
    figure: Figure, layout: Layout, top: float, model: str, cells: Sequence[Weights]
) -> None:
    """Draw one model: a title, and a column for each density."""
    heading: dict[str, Any] = {"fontsize": style.HEADING, "fontweight": "bold"}
    title = layout.text(figure, 0.08, top + 0.2, _TITLES.get(model, model), **heading)
    y = top + layout.title
    for k, weights in enumerate(cells):
        x = layout.left + k * layout.pitch
        density = f"{_density(weights):g}"
        label = f"$1 - S$ = {density}" if k == 0 else density
        layout.text(figure, x + layout.heatmap / 2, y - 0.06, label, ha="center")
        heatmap, bars = _column(figure, layout, x, y, weights)
        if k == 0:
            heatmap.set_ylabel(r"$W^\mathsf{T} W$", labelpad=4)
            heatmap.annotate(_FORMULAE.get(model, ""), (1, 0), (8, 0), va="bottom",
                             xycoords=title, textcoords="offset points")  # fmt: skip
            _feature_axis(bars, weights.W.shape[-1])
    beside = x + layout.heatmap + layout.gap + layout.bias / 2
    layout.text(figure, beside, y - 0.06, "$b$", ha="center")


def _column(
    figure: Figure, layout: Layout, x: float, y: float, weights: Weights
) -> tuple[Axes, Axes]:
    """Draw the lowest-loss run of one cell; return the axes of WᵀW and of the norms."""
    run = weights.best
    W, b = weights.W[run].astype(np.float64), weights.b[run].astype(np.float64)
    name = f"{weights.cell.model.model}-density-{_density(weights):g}"
    size = layout.heatmap
    heatmap = layout.axes(figure, x, y, size, size)
    _matrix(heatmap, gram(W), f"gram-{name}")
    bias = layout.axes(figure, x + size + layout.gap, y, layout.bias, size)
    _matrix(bias, b[:, None], f"bias-{name}")
    bars = layout.axes(figure, x, y + size + layout.apart, size, layout.bars)
    bars.set_gid(f"norms-{name}")
    _bars(bars, W, paper_norms(weights.cell))
    return heatmap, bars


def _matrix(axes: Axes, matrix: np.ndarray, name: str) -> None:
    """Draw a signed matrix; values beyond the colour scale get its ends."""
    axes.set_gid(name)
    axes.imshow(matrix, cmap=style.SIGNED, norm=style.SIGNED_RANGE, aspect="auto",
                interpolation="none")  # fmt: skip
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set(visible=True, color=style.FAINT, linewidth=0.5)


def _bars(axes: Axes, W: np.ndarray, reference: np.ndarray | None) -> None:
    """Draw the features' lengths, most important at the top, coloured by interference."""
    length = norms(W)
    places = np.arange(length.size)
    colours = style.SHARED(style.SHARED_RANGE(interference(W)))
    axes.axvline(1, color=style.FAINT, linewidth=0.6, zorder=0)
    axes.barh(places, np.minimum(length, _TALLEST), height=0.82, color=colours, zorder=1)
    if reference is not None:
        seen = reference > _PAPER_RESOLUTION
        axes.plot(reference[seen], places[seen], **_PAPER_MARK)
    axes.set(xlim=(0, _TALLEST), ylim=(length.size - 0.4, -0.6), xticks=[0, 1], yticks=[])
    axes.tick_params(axis="x", pad=1.5)
    count = int((length > REPRESENTED).sum())
    axes.set_xlabel(f"{count} represented", fontsize=style.SMALL, labelpad=1.5)


def _feature_axis(axes: Axes, n_features: int) -> None:
    """Number the features, counted from 1."""
    step = max(5, n_features // 20 * 5) if n_features > 9 else 1
    numbers = sorted({1, *range(step, n_features + 1, step)})
    axes.set_yticks([number - 1 for number in numbers], [str(number) for number in numbers])
    axes.set_ylabel(r"$\Vert W_i \Vert$ of feature $i$", labelpad=2)


def _colour_key(figure: Figure, layout: Layout) -> None:
    """Draw the two colour scales."""
    y = layout.height - layout.key
    place, wide, high = layout.left, 1.4, 0.08
    layout.text(figure, place, y + 0.17, r"$W_i \cdot W_j$ and bias $b_i$")
    scale = layout.axes(figure, place, y + 0.25, wide, high)
    _scale(scale, style.SIGNED, style.SIGNED_RANGE, ["≤ −1", "0", "≥ 1"])
    place += wide + 0.5
    shared = r"shared with others, $\Sigma_{j \neq i} (\hat{W}_i \cdot W_j)^2$"
    layout.text(figure, place, y + 0.17, shared)
    scale = layout.axes(figure, place, y + 0.25, wide, high)
    _scale(scale, style.SHARED, style.SHARED_RANGE, ["0", "½", "≥ 1"])


def _paper_key(figure: Figure, layout: Layout) -> None:
    """Explain the marks of the paper's norms."""
    place, y = layout.left + 4.25, layout.height - layout.key
    marks = layout.axes(figure, place, y + 0.1, 0.1, 0.1)
    marks.set_axis_off()
    marks.plot([0], [0], **_PAPER_MARK)
    layout.text(figure, place + 0.13, y + 0.17, "in the paper's figure")
    layout.text(figure, place + 0.13, y + 0.31, "(lengths clipped at 1)", color=style.FAINT)


def _scale(axes: Axes, colours: Colormap, norm: Normalize, labels: list[str]) -> None:
    """Draw a colour scale, its labels evenly spread."""
    bar = axes.figure.colorbar(ScalarMappable(norm, colours), cax=axes, orientation="horizontal")
    bar.set_ticks(np.linspace(norm.vmin or 0, norm.vmax or 1, len(labels)).tolist(), labels=labels)
    bar.outline.set(linewidth=0.5, edgecolor=style.FAINT)
