"""How figures look: every colour, size and font of the package, and nothing else.

Figures are built without pyplot and under settings of their own, so that neither a reader's
matplotlibrc nor another figure changes a byte of them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LinearSegmentedColormap, Normalize

WIDTH: Final = 6.8
"""Full width of a page, inches."""

INK: Final = "#1C1B22"
"""Text and outlines."""
FAINT: Final = "#8B8A91"
"""Axes, guide lines and secondary text."""
GRID: Final = "#DDDAD2"
"""Lines that should hardly be seen."""
GROUND: Final = "#FCFBF8"
"""Ground of pictures of the hidden space, as in the paper's notebook."""
PAPER_MARK: Final = "#D62728"
"""What was read off the paper's own figures."""

SIGNED: Final = mpl.colormaps["RdBu_r"]
"""Weights and products: blue −1, white 0, red +1, as in the paper."""
SIGNED_RANGE: Final = Normalize(-1, 1)
SHARED: Final = mpl.colormaps["viridis"]
"""Interference: dark for a dimension of its own, yellow for one that is shared."""
SHARED_RANGE: Final = Normalize(0, 1, clip=True)
LOST: Final = "#0072B2"
"""What is lost because a feature is not represented (blue of Okabe and Ito)."""
DISTURBED: Final = "#D55E00"
"""What interference costs (their vermilion)."""
FREE: Final = "#D4D2CB"
"""Interference that costs nothing, as its overlap is negative."""
HIDDEN: Final = "#F2C9A5"
"""Interference that costs nothing, as a negative bias hides it."""
SERIES: Final = tuple(mpl.color_sequences["okabe_ito"][k] for k in (5, 6, 3, 1))
"""Curves beside each other: blue, vermilion, green and orange of Okabe and Ito."""
DPI: Final = 200
"""Of PNG files and of anything rasterised."""

SMALL: Final = 6.5
TEXT: Final = 8.0
HEADING: Final = 9.0
BOLD: Final[dict[str, Any]] = {"fontsize": HEADING, "fontweight": "bold"}
"""Keywords of the line above a panel or a part of a figure."""

_SETTINGS: dict[Any, Any] = {
    "font.family": "DejaVu Sans",  # ships with matplotlib, so it is the same everywhere
    "font.size": TEXT,
    "mathtext.fontset": "dejavusans",
    "axes.titlesize": TEXT,
    "axes.labelsize": TEXT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "axes.edgecolor": FAINT,
    "text.color": INK,
    "axes.labelcolor": INK,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "xtick.major.size": 2.0,
    "ytick.major.size": 2.0,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "savefig.dpi": DPI,
    "svg.hashsalt": "superposition",
    "svg.fonttype": "path",
}


@contextmanager
def applied() -> Iterator[None]:
    """Draw under the package's settings, whatever the reader's are; they come back afterwards."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_SETTINGS)
        yield


def heading(axes: Axes, text: str, height: float = 1.05) -> None:
    """Write a line above a panel; `height` is in parts of the panel's."""
    axes.text(0, height, text, transform=axes.transAxes, **BOLD)


def importance_colours() -> Colormap:
    """Return the colours of importance: yellow is the most important, as in the paper.

    The lightest end of viridis is left out: it would vanish on the light ground.
    """
    colours = mpl.colormaps["viridis"]([k / 255 * 0.95 for k in range(256)])
    return LinearSegmentedColormap.from_list("importance", colours)
