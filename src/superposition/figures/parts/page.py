"""Pages on which everything is placed in inches, logarithmic axes, and keys of colours."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, Normalize
from matplotlib.figure import Figure
from matplotlib.scale import InvertedLogTransform, LogScale, LogTransform, register_scale
from matplotlib.text import Text

from superposition.figures import style
from superposition.measure.elementary import log10, power

LOG: Final = "the same logarithm everywhere"
"""The scale of logarithmic axes."""


class Page(Figure):
    """A figure of full width; `x` runs from the left and `y` down from the top, in inches."""

    def __init__(self, height: float) -> None:
        """Make an empty page."""
        super().__init__(figsize=(style.WIDTH, height), facecolor=style.WHITE)
        self.height = height

    def panel(self, x: float, y: float, width: float, height: float, **how: Any) -> Axes:
        """Axes whose upper left corner is at (x, y), and what else is to be set of them."""
        box = np.array([x, self.height - y - height, width, height])
        return self.add_axes(tuple(box / ((style.WIDTH, self.height) * 2)), **how)

    def blank(self, x: float, y: float, width: float, height: float) -> Axes:
        """Axes of which nothing is seen, with inches from their lower left corner as units."""
        axes = self.panel(x, y, width, height, xlim=(0, width), ylim=(0, height))
        axes.set_axis_off()
        return axes

    def write(self, x: float, y: float, text: str, **how: Any) -> Text:
        """Write at (x, y)."""
        return self.text(x / style.WIDTH, 1 - y / self.height, text, **how)


class _Logarithm(LogTransform):
    """Decimal logarithms that are the same on every processor, as pictures show the difference."""

    def transform_non_affine(self, values: Any) -> np.ndarray:
        """The logarithms; far below all others what has none, as matplotlib's."""
        values = np.asarray(values, dtype=np.float64)
        below = values <= 0
        return np.where(below, -1000.0, log10(np.where(below, 1.0, values)))

    def inverted(self) -> "_Power":
        """Its inverse."""
        return _Power(10)


class _Power(InvertedLogTransform):
    def transform_non_affine(self, values: Any) -> np.ndarray:
        """The powers of ten."""
        return power(10.0, np.asarray(values, dtype=np.float64))

    def inverted(self) -> _Logarithm:
        """Its inverse."""
        return _Logarithm(10)


class _Logarithmic(LogScale):
    name = LOG

    def __init__(self) -> None:
        super().__init__(None)

    def get_transform(self) -> _Logarithm:
        """From data to places on the axis."""
        return _Logarithm(10)


register_scale(_Logarithmic)


def log_axis(axes: Axes, ticks: Sequence[float], which: Literal["x", "y"] = "x") -> None:
    """Make an axis logarithmic, with plain numbers at these places."""
    axes.set(**{f"{which}scale": LOG})
    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_ticks(ticks, [f"{tick:g}" for tick in ticks])
    axis.set_ticks([], minor=True)


def apart(heights: Iterable[float], least: float) -> list[float]:
    """Rising heights of labels, moved up where they would be less than `least` apart."""
    placed: list[float] = []
    for height in heights:
        placed.append(max([height, *(below + least for below in placed[-1:])]))
    return placed


def span(counts: Iterable[int]) -> str:
    """The least and the largest of some counts, or the one that there is."""
    ordered = sorted(counts)
    low, high = ordered[0], ordered[-1]
    return f"{low}" if low == high else f"{low}–{high}"


def colour_scale(
    axes: Axes,
    colours: Colormap,
    norm: Normalize,
    labels: Sequence[str],
    orientation: Literal["horizontal", "vertical"] = "horizontal",
    ticks: Sequence[float] | None = None,
) -> None:
    """Plot a colour scale, its labels at the ticks or evenly spread."""
    bar = axes.figure.colorbar(ScalarMappable(norm, colours), cax=axes, orientation=orientation)
    places = ticks or np.linspace(norm.vmin or 0, norm.vmax or 1, len(labels)).tolist()
    bar.set_ticks(places, labels=labels)
    bar.minorticks_off()
    bar.outline.set(linewidth=0.5, edgecolor=style.FAINT)


def signed_scale(axes: Axes) -> None:
    """Plot the colours of weights and products."""
    colour_scale(axes, style.SIGNED, style.SIGNED_RANGE, style.SIGNED_ENDS)


def shared_scale(axes: Axes) -> None:
    """Plot the colours of interference."""
    colour_scale(axes, style.SHARED, style.SHARED_RANGE, style.SHARED_ENDS)
