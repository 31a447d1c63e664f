"""How to read the pictures of single models, explained as in the paper on a linear one."""

import numpy as np
from matplotlib.axes import Axes

from superposition.figures import Spec, style
from superposition.figures.parts import numbers
from superposition.figures.parts.columns import FORMULAE, TITLES, feature_axis, lengths, matrix
from superposition.figures.parts.page import Page, shared_scale, signed_scale
from superposition.measure.metrics import ORTHOGONAL, gram, interference, is_represented
from superposition.measure.network import TrainedCell, TrainedCells, dense_first, select

SPEC = Spec(
    title="How to read the figures that follow",
    caption="A linear model has no superposition: it represents as many features as it has "
    "dimensions, the most important ones. Left, WᵀW: row i shows how output i depends on every "
    "input j; the column beside it is the bias. Right, the same model in short: the length of "
    "every feature's direction, coloured by how much the other features share it, summed as in "
    "the paper's text.",
    section="Demonstrating Superposition",
    experiments=("demonstration",),
    claims=("C4", "C5"),
)
_TOP, _SIDE, _FOOT = 0.66, 1.9, 0.62
"""Where the pictures begin, their height, and what stands below them, inches."""
_MATRIX, _BIAS, _BARS, _BARS_WIDE = 0.34, 2.29, 4.3, 1.15
"""Where they begin from the left, and how wide the bars are."""
_NOTE: style.Look = {"fontsize": style.SMALL + 0.5, "linespacing": 1.3}


def plot(cells: TrainedCells) -> Page:
    """The figure: the densest of the linear models."""
    shown = _shown(cells).best
    n_hidden, n_features = shown.W.shape
    page = Page(_TOP + _SIDE + _FOOT)
    page.write(0.08, 0.2, TITLES[shown.model], **style.BOLD)
    size = f"{n_features} features in {n_hidden} dimensions, $1 - S$ = {shown.density:g}"
    page.write(1.2, 0.2, f"{FORMULAE[shown.model]}     {size}")
    for x, label in (
        (_MATRIX + _SIDE / 2, r"$W^\mathsf{T} W$"),
        (_BIAS + 0.05, "$b$"),
        (_BARS + 0.4 * _BARS_WIDE, r"$\Vert W_i \Vert$"),
    ):
        page.write(x, _TOP - 0.07, label, ha="center")
    products = page.panel(_MATRIX, _TOP, _SIDE, _SIDE)
    matrix(products, gram(shown.W), "gram")
    bias = page.panel(_BIAS, _TOP, 0.1, _SIDE)
    matrix(bias, shown.b[:, None], "bias")
    bars = page.panel(_BARS, _TOP, _BARS_WIDE, _SIDE, gid="norms")
    lengths(bars, shown.W)
    feature_axis(bars, n_features)

    # Point at the diagonal, at what is off it, and at the two kinds of bias.
    end, middle = n_hidden - 1, (n_hidden + n_features) / 2
    overlaps, there = gram(shown.W), is_represented(shown.W)
    diagonal, off = np.diagonal(overlaps), overlaps[~np.eye(n_features, dtype=bool)]
    number = int(there.sum())
    which = f"the first {number}" if there[:number].all() else f"{number}"
    words = f"diagonal {_ends(diagonal[there])}: {which}\nare represented"
    _note(products, (end + 0.6, end), (end + 2.2, end - 2.2), words)
    is_free = (interference(shown.W)[there] < ORTHOGONAL).all()
    words = f"off the diagonal {_ends(off)}:\n{'no interference' if is_free else 'interference'}"
    _note(products, (end + 0.5, end + 4), (end + 3.2, end + 4), words)
    words = f"diagonal {_ends(diagonal[~there])}:\nthe others are not"
    _note(products, (middle + 3, middle + 3), (middle - 9.6, middle + 2.4), words, (1.0, 0.5))
    read = _ends(shown.b[there])
    words = f"{read}: what is read from\n$W x$ {'needs no shift' if read == '0' else 'is shifted'}"
    _note(bias, (0.5, end / 2), (2.2, end / 2), words)
    words = f"{_ends(shown.b[~there])}: mean of $x$ ({shown.density / 2:g}),\n"
    words += "the best guess at what\nis not represented"
    _note(bias, (0.5, middle), (2.2, middle), words)
    products.set_ylabel("output $i$, most important first", labelpad=3, fontsize=style.SMALL + 0.5)
    products.set_xlabel("input $j$", labelpad=3, fontsize=style.SMALL + 0.5)

    # At a long and a missing bar, and at the colour.
    words = "dark: alone in its\ndimension; yellow\nwould be shared:\nsuperposition"
    _note(bars, (1.0, 0.0), (1.36, 0.0), "long: represented")
    _note(bars, (1.0, end), (1.36, end + 2.4), words)
    _note(bars, (0.0, middle), (0.17, middle), "none: not\nrepresented")
    y = _TOP + _SIDE + 0.38
    signed_scale(page.panel(_MATRIX, y, 1.2, 0.08))
    page.write(_MATRIX + 1.3, y + 0.08, r"$W_i \cdot W_j$ and $b_i$", **_NOTE)
    shared_scale(page.panel(_BARS, y, _BARS_WIDE, 0.08))
    words = r"$\Sigma_{j \neq i} (\hat{W}_i \cdot W_j)^2$"
    page.write(_BARS + _BARS_WIDE + 0.08, y + 0.08, words, **_NOTE)
    return page


def _note(
    axes: Axes,
    place: tuple[float, float],
    text: tuple[float, float],
    words: str,
    start: tuple[float, float] = (0.0, 0.5),
) -> None:
    """Write a note with a thin line to what it is about; `start` is in parts of the note's size."""
    line = {"color": style.FAINT, "linewidth": 0.7, "shrinkA": 2, "shrinkB": 0, "relpos": start}
    how: style.Look = {"arrowprops": style.POINTER | line, "annotation_clip": False}
    axes.annotate(words, place, text, va="center", **how, **_NOTE)


def _ends(values: np.ndarray) -> str:
    """The least and the largest of some values to a hundredth, or the one that there is."""
    if not values.size:
        return "none"
    ends = (round(float(end), 2) + 0.0 for end in (values.min(), values.max()))
    return " to ".join(dict.fromkeys(f"{end:g}" for end in ends))


def _shown(cells: TrainedCells) -> TrainedCell:
    return dense_first(select(cells, model="linear") or cells)[0]


COLUMNS = numbers.columns(
    **numbers.FEATURES,
)


def rows(cells: TrainedCells) -> numbers.Rows:
    """A row for each feature of the model shown."""
    return numbers.features(_shown(cells))
