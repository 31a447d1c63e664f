"""How figures look: every colour, colour map, line style and size that they share, and no other.

Figures are built without pyplot and under settings of their own, so that neither a reader's
matplotlibrc nor another figure changes a byte of them.
"""

import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, TypeAlias

import matplotlib as mpl
import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.colors import (
    Colormap,
    LinearSegmentedColormap,
    Normalize,
    to_hex,
    to_rgb,
    to_rgba,
)
from matplotlib.figure import Figure
from matplotlib.text import Text

from superposition.measure.elementary import power

Look: TypeAlias = dict[str, Any]
"""How something is plotted: keyword arguments of matplotlib."""

WIDTH: Final = 6.8
"""Full width of a page, inches."""
SMALL, TEXT, HEADING = 6.5, 8.0, 9.0
"""Sizes of letters, points."""
_LINE: Final = 110
"""Small letters in a line of full width, about."""

# The palette: Okabe and Ito's colours, told apart by the colour-blind and by lightness, and greys.
ORANGE, SKY, GREEN, YELLOW, BLUE, VERMILION, PURPLE = (
    to_hex(colour) for colour in mpl.color_sequences["okabe_ito"][1:]
)
WHITE: Final = "#ffffff"
"""Ground of every page; edges of marks that lie on others; letters on dark colours."""
BLACK: Final = "#000000"
INK: Final = "#1C1B22"
"""Text and outlines."""
FAINT: Final = "#8B8A91"
"""Axes, guide lines and, darkened by `legible`, secondary text."""
GRID: Final = "#DDDAD2"
"""Lines that should hardly be seen."""
PAPER_MARK: Final = "#D62728"
"""What was read off the paper's own figures, or stands in its text."""

SERIES: Final = (BLUE, VERMILION, GREEN, ORANGE, PURPLE, SKY)
"""Curves, or sets of features, beside each other."""
LOST: Final = BLUE
"""What is lost because a feature is not represented."""
DISTURBED: Final = VERMILION
"""What interference costs."""
FREE: Final = "#D4D2CB"
"""Interference that costs nothing, as its overlap is negative."""
HIDDEN: Final = "#F2C9A5"
"""Interference that costs nothing, as a negative bias hides it."""
POLYTOPES: Final[Mapping[str, str]] = {
    "tetrahedron": SKY,
    "triangle": GREEN,
    "digon": BLUE,
    "pentagon": ORANGE,
    "square antiprism": PURPLE,
}
"""The polytopes that the paper names."""
FEATURES: Final = (
    *(ORANGE, SKY, GREEN, YELLOW, BLUE, VERMILION, PURPLE),
    *("#7A5195", "#8C564B", "#9BC53D"),
)
"""Ten features; which one it is stands in its rectangle as well."""
ALONE: Final = "#6B6A71"
"""A feature whose neurons are its own."""
IGNORED: Final = "#D8D6D0"
"""A feature that is not represented."""
MONOSEMANTIC, POLYSEMANTIC = "#E4EEF5", "#FBEDE2"
"""Grounds behind neurons of one feature and of several."""
MOTIF: Final = "#F3F1EA"
"""Ground behind the neurons of an asymmetric motif."""
EVENT: Final = "#EFE7D6"
"""Ground behind the steps in which features jump."""
PHASE_ABSENT, PHASE_ALONE, PHASE_SHARED = "#DDDDDD", "#003399", "#DD4444"
"""A feature of a phase diagram that has no length, a dimension of its own, or shares one."""
PHASE_OTHERS_SHARE: Final = "#2255BB"
"""In theory: it has a dimension of its own, while two others share."""

SIGNED: Final = mpl.colormaps["RdBu_r"]
"""Weights and products: blue −1, white 0, red +1, as in the paper."""
SIGNED_RANGE: Final = Normalize(-1, 1)
SIGNED_ENDS: Final = ("≤ −1", "0", "≥ 1")
SHARED: Final = mpl.colormaps["viridis"]
"""Interference: dark for a dimension of its own, yellow for one that is shared."""
SHARED_RANGE: Final = Normalize(0, 1, clip=True)
SHARED_ENDS: Final = ("0", "½", "≥ 1")
HEIGHT: Final = mpl.colormaps["viridis_r"]
"""Loss as a surface: light where it is low."""
COUNTS: Final = LinearSegmentedColormap.from_list("counts", [WHITE, SKY])
"""Counts in a table: white for none; letters are read on all."""
CAPACITY: Final = LinearSegmentedColormap.from_list("capacity", [WHITE, SKY, BLUE, INK])
"""Part of a dimension: white for none, dark for all of one."""
CROWD: Final = mpl.colormaps["cividis_r"]
"""How many features are at a place: the more, the darker."""


LEGIBLE: Final = 4.55
"""The contrast that letters have with what is behind them, or more. Guidelines ask for 4.5; what is
above is for the rounding of colours."""


def ordered(count: int, first: float = 0.0, last: float = 0.92) -> np.ndarray:
    """Colours of things in an order, dark to light; ends are places on the map, 0 to 1."""
    return SHARED(np.linspace(first, last, count))


def thresholds(count: int) -> np.ndarray:
    """Colours of what a count depends on, beside those of `ordered`."""
    return mpl.colormaps["cividis"](np.linspace(0.0, 0.9, count))


def phase(
    norm: Float[np.ndarray, "*shape"], shared: Float[np.ndarray, "*shape"]
) -> Float[np.ndarray, "*shape 3"]:
    """The colour of a feature's length and superposition, both clipped at 1, in phase diagrams.

    Grey if it has no length, whatever its direction; else from blue, if it has a dimension of its
    own, to red, if it shares one.
    """
    length, mix = (np.clip(v, 0.0, 1.0)[..., None] for v in (norm, shared))
    absent, alone, sharing = map(np.array, map(to_rgb, (PHASE_ABSENT, PHASE_ALONE, PHASE_SHARED)))
    hue = (1.0 - mix) * alone + mix * sharing
    return np.asarray((1.0 - length) * absent + length * hue)


def luminance(colour: Any) -> float:
    """How light a colour is, from 0 to 1, by the definition of the web's accessibility guidelines.

    Of a colour that lets what is behind shine through, on the ground.
    """
    *rgb, alpha = to_rgba(colour)
    over = alpha * np.array(rgb) + 1.0 - alpha
    linear = np.where(over <= 0.04045, over / 12.92, power((over + 0.055) / 1.055, 2.4))
    return float((linear * (0.2126, 0.7152, 0.0722)).sum())


def contrast(one: Any, other: Any) -> float:
    """How far two colours are from each other, by the same guidelines: from 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def letters_on(colour: Any) -> str:
    """Black or white, whichever is read more easily on a colour; always more than `LEGIBLE`."""
    return max(WHITE, BLACK, key=lambda letters: contrast(letters, colour))


def legible(figure: Figure) -> None:
    """Darken letters in the colours of what they name until they are read on the ground.

    White ones stay, for they stand on colours.
    """
    for text in figure.findobj(Text):
        rgb: Any = np.array(to_rgb(text.get_color()))
        while contrast(rgb, WHITE) < LEGIBLE and (rgb < 1).any():
            rgb = 0.97 * rgb
        text.set_color(to_hex(rgb))


def _part(name: str, first: float, last: float) -> Colormap:
    return LinearSegmentedColormap.from_list(name, ordered(256, first, last).tolist())


IMPORTANCE: Final = _part("importance", 0.0, 0.95)
"""Importance: yellow is the most, as in the paper; without viridis' lightest end, which would
vanish on the ground."""
RELATIVE_DENSITY: Final = _part("relative density", 0.2, 0.97)
"""One feature's density: blue for sparser, yellow for denser than the others, as in the paper."""

BOLD: Final[Look] = {"fontsize": HEADING, "fontweight": "bold"}
"""The line above a panel or a part of a figure."""
BOLD_DENSITY: Final = r"$\mathbf{1}\;\mathbf{-}\;\mathbfit{S}$"
"""1 − S among bold letters, which those of formulae are not by themselves."""
NOTE: Final[Look] = {"fontsize": SMALL}
FAINT_NOTE: Final[Look] = {"fontsize": SMALL, "color": FAINT}
PAPER_NOTE: Final[Look] = {"fontsize": SMALL, "color": PAPER_MARK}
GUIDE: Final[Look] = {"color": FAINT, "linewidth": 0.6, "zorder": 0}
"""A value to compare with."""
PAPER_LINE: Final[Look] = {"color": PAPER_MARK, "linewidth": 0.9, "linestyle": "--"}
"""A value that the paper gives."""
POINTER: Final[Look] = {"arrowstyle": "-", "connectionstyle": "arc"}
"""The line from a note to what it is about. Straight: matplotlib's usual one is a curve without a
bend, of which processors make different points."""
FRAME: Final[Look] = {"visible": True, "color": FAINT, "linewidth": 0.5}
"""All four sides of a picture of a matrix."""

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
    "legend.frameon": False,
    "legend.fontsize": SMALL,
    "legend.title_fontsize": SMALL,
    "savefig.dpi": 200,  # of PNG files and of anything rasterised
    "svg.hashsalt": "superposition",
    # Letters of an SVG are outlines: the programs in which figures are edited (Inkscape, office
    # suites, LaTeX) ignore fonts that a file brings, and would set other letters in their place.
    # As text, in a font of its own, they are in the PDF.
    "svg.fonttype": "path",
    # Fonts as they are: outlines, which matplotlib would compute, differ between processors.
    "pdf.fonttype": 42,
}


@contextmanager
def applied() -> Iterator[None]:
    """Plot under the package's settings, whatever the reader's are; they come back afterwards."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_SETTINGS)
        yield


def heading(axes: Axes, text: str, height: float = 1.05) -> None:
    """Write a line above a panel; `height` is in parts of the panel's."""
    axes.text(0, height, text, transform=axes.transAxes, **BOLD)


def beside(
    axes: Axes,
    text: str,
    place: tuple[float, float],
    offset: tuple[float, float],
    coordinates: Any = "data",
    **how: Any,
) -> None:
    """Write some points beside a place, which is in data or any other of matplotlib's units."""
    axes.annotate(text, place, offset, coordinates, "offset points", **how)


def note(axes: Axes, x: float, y: float, text: str, **how: Any) -> None:
    """Write in small letters; x and y are parts of a panel's width and height."""
    axes.text(x, y, text, **({"transform": axes.transAxes, **NOTE} | how))


def nothing() -> Figure:
    """A figure for want of anything to plot."""
    return Figure(figsize=(WIDTH, 1.0))


def remark(figure: Figure, text: str) -> None:
    """Write at the foot of a figure, over whatever is there."""
    ground = {"facecolor": WHITE, "edgecolor": VERMILION, "linewidth": 0.6}
    words = textwrap.fill(text, _LINE)
    how: Look = {"ha": "center", "va": "bottom", "bbox": ground, "zorder": 10, **NOTE}
    figure.text(0.5, 0.01, words, **how)
