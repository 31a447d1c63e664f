"""Pages on which everything is placed in inches, logarithmic axes, and keys of colours."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, Normalize
from matplotlib.figure import Figure
from matplotlib.text import Text

from superposition.figures import style


class Page(Figure):
    """A figure of full width; `x` runs from the left and `y` down from the top, in inches."""

    def __init__(self, height: float, ground: str = style.WHITE) -> None:
        """Make an empty page."""
        super().__init__(figsize=(style.WIDTH, height), facecolor=ground)
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


def log_axis(axes: Axes, ticks: Sequence[float], which: Literal["x", "y"] = "x") -> None:
    """Make an axis logarithmic, with plain numbers at these places."""
    axes.set(**{f"{which}scale": "log"})
    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_ticks(ticks, [f"{tick:g}" for tick in ticks])
    axis.set_ticks([], minor=True)


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
