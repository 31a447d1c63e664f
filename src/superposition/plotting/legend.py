"""How to read the pictures of single models, explained on one without superposition.

The paper explains its figures on such a model: twenty features in five dimensions, of which the
five most important have a dimension each and the others none.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from superposition.metrics import gram
from superposition.plotting import style
from superposition.plotting.columns import (
    FORMULAE,
    TITLES,
    Page,
    colour_scale,
    density,
    feature_axis,
    lengths,
    matrix,
)
from superposition.weights import Weights

_TOP, _SIDE, _FOOT = 0.66, 1.9, 0.62
"""Where the pictures begin, their height, and what stands below them, inches."""
_MATRIX, _BIAS, _BARS, _BARS_WIDE = 0.34, 2.29, 4.3, 1.15
"""Where they begin from the left, and how wide the bars are."""
_NOTE: dict[str, Any] = {"fontsize": style.SMALL + 0.5, "linespacing": 1.3}


def draw(weights: Mapping[str, Weights]) -> Figure:
    """Return the figure.

    Args:
        weights: Cells of an experiment; of its linear models the densest is shown.
    """
    linear = [w for w in weights.values() if w.cell.model.model == "linear"]
    shown = max(linear or weights.values(), key=density)
    W = shown.W[shown.best].astype(np.float64)
    b = shown.b[shown.best].astype(np.float64)
    with style.applied():
        page = Page.of(_TOP + _SIDE + _FOOT)
        _heading(page, shown)
        products = page.axes(_MATRIX, _TOP, _SIDE, _SIDE)
        matrix(products, gram(W), "gram")
        bias = page.axes(_BIAS, _TOP, 0.1, _SIDE)
        matrix(bias, b[:, None], "bias")
        bars = page.axes(_BARS, _TOP, _BARS_WIDE, _SIDE)
        bars.set_gid("norms")
        lengths(bars, W)
        feature_axis(bars, W.shape[1])
        _explain_products(products, bias, W, density(shown) / 2)
        _explain_lengths(bars, W)
        _scales(page)
    return page.figure


def _heading(page: Page, shown: Weights) -> None:
    """Say which model it is, and what its pictures are."""
    name, n_hidden = shown.cell.model.model, shown.cell.model.n_hidden
    page.text(0.08, 0.2, TITLES[name], **style.BOLD)
    n_features = shown.cell.features.n_features
    size = f"{n_features} features in {n_hidden} dimensions, $1 - S$ = {density(shown):g}"
    page.text(1.2, 0.2, f"{FORMULAE[name]}     {size}")
    for x, label in ((_MATRIX + _SIDE / 2, r"$W^\mathsf{T} W$"), (_BIAS + 0.05, "$b$"),
                     (_BARS + 0.8 * _BARS_WIDE / 2, r"$\Vert W_i \Vert$")):  # fmt: skip
        page.text(x, _TOP - 0.07, label, ha="center")


def _explain_products(products: Axes, bias: Axes, W: np.ndarray, mean: float) -> None:
    """Point at the diagonal, at what is off it, and at the two kinds of bias."""
    n_hidden, n_features = W.shape
    end = n_hidden - 1
    middle = (n_hidden + n_features) / 2
    _note(
        products,
        (end + 0.6, end),
        (end + 2.2, end - 2.2),
        f"diagonal 1: the first {n_hidden}\nare represented",
    )
    _note(
        products,
        (middle + 3, middle + 3),
        (middle - 9.6, middle + 2.4),
        "diagonal 0:\nthe others are not",
        (1.0, 0.5),
    )
    _note(
        products, (end + 0.5, end + 4), (end + 3.2, end + 4), "off the diagonal 0:\nno interference"
    )
    _note(bias, (0.5, end / 2), (2.2, end / 2), "0: what is read from\n$W x$ needs no shift")
    _note(
        bias,
        (0.5, middle),
        (2.2, middle),
        f"mean of $x$, {mean:g}: the\nbest guess at what is\nnot represented",
    )
    products.set_ylabel("output $i$, most important first", labelpad=3, fontsize=style.SMALL + 0.5)
    products.set_xlabel("input $j$", labelpad=3, fontsize=style.SMALL + 0.5)


def _explain_lengths(bars: Axes, W: np.ndarray) -> None:
    """Point at a long and a missing bar, and at the colour."""
    n_hidden, n_features = W.shape
    _note(bars, (1.0, 0.0), (1.36, 0.0), "long: represented")
    _note(
        bars,
        (1.0, n_hidden - 1),
        (1.36, n_hidden + 1.4),
        "dark: alone in its\ndimension; yellow\nwould be shared:\nsuperposition",
    )
    _note(
        bars,
        (0.0, (n_hidden + n_features) / 2),
        (0.17, (n_hidden + n_features) / 2),
        "none: not\nrepresented",
    )


def _note(
    axes: Axes,
    place: tuple[float, float],
    text: tuple[float, float],
    words: str,
    start: tuple[float, float] = (0.0, 0.5),
) -> None:
    """Write a note with a thin line to what it is about.

    Args:
        axes: Both places are in their data units.
        place: What it is about.
        text: Left end of the note.
        words: The note.
        start: Where the line leaves it, in parts of its width and height.
    """
    line = {"arrowstyle": "-", "color": style.FAINT, "linewidth": 0.7, "shrinkA": 2, "shrinkB": 0,
            "relpos": start}  # fmt: skip
    axes.annotate(words, place, text, va="center", arrowprops=line, annotation_clip=False, **_NOTE)


def _scales(page: Page) -> None:
    """Draw the two colour scales below the pictures."""
    y = _TOP + _SIDE + 0.38
    colour_scale(page.axes(_MATRIX, y, 1.2, 0.08), style.SIGNED, style.SIGNED_RANGE,
                 ["≤ −1", "0", "≥ 1"])  # fmt: skip
    page.text(_MATRIX + 1.3, y + 0.08, r"$W_i \cdot W_j$ and $b_i$", **_NOTE)
    colour_scale(page.axes(_BARS, y, _BARS_WIDE, 0.08), style.SHARED, style.SHARED_RANGE,
                 ["0", "½", "≥ 1"])  # fmt: skip
    page.text(_BARS + _BARS_WIDE + 0.08, y + 0.08,
              r"$\Sigma_{j \neq i} (\hat{W}_i \cdot W_j)^2$", **_NOTE)  # fmt: skip
