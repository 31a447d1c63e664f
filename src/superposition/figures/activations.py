"""Follow-up: what models with other output activations than ReLU learn."""

import textwrap

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from superposition.config.models import Activation
from superposition.figures import Spec, style
from superposition.figures.parts import levels, numbers, planes
from superposition.figures.parts.page import Page
from superposition.figures.parts.panels import alike, describe
from superposition.measure.geometry import planar
from superposition.measure.geometry.dimensions import NAMED
from superposition.measure.metrics import REPRESENTED, feature_dimensionality, norms
from superposition.measure.network import TrainedCell, TrainedCells, dense_first, select
from superposition.model.forward import ACTIVATIONS

SPEC = Spec(
    title="Other output activations than ReLU",
    caption="Above, five features in two dimensions, as in the paper's first figure: columns of W "
    "of the lowest-loss run at each density 1 − S, coloured by importance (yellow: the most "
    "important), turned so that the most important one points up; the dashed circle has radius 1. "
    f"The words count features with ‖W_i‖ > {REPRESENTED:g}, and say in how many runs the result "
    "is the same. Below on the left, the activations; on the right, the dimensionality of each of "
    "many equally important features, in all runs, shifted sideways so that models do not hide "
    "each other. Features in antipodal pairs are at ½, those of pentagons at ⅖.",
    section="Follow-up: Other Activations",
    experiments=("activations", "activations_many"),
    claims=("F31", "F32", "F33", "F34", "F35", "F36", "F37"),
)

_MODELS: dict[Activation, str] = {"relu": "ReLU", "gelu": "GELU", "tanh": "tanh"}
_COLOURS = dict(zip(_MODELS, style.SERIES, strict=False))
_NAMES, _TOP, _GAP, _TITLE = 0.45, 0.2, 0.4, 0.42
"""Sizes, inches: left of planes, above them, between both parts, and for words above a plane."""
_BELOW, _LEFT = 1.9, 1.7
"""Height of the lower part, and width of its left panel."""
_NARROW = 17
"""Letters in a line above a plane."""
_REACH = 2.0
"""Activations are plotted from minus this to this."""
_SPREAD, _ASIDE = 0.035, 0.09
"""Logarithmic width of a cloud, and distance of the next model's."""


def plot(cells: TrainedCells) -> Page:
    """The figure: planes of five features above, activations and 40 features below."""
    few, many = (_of(cells, name) for name in SPEC.experiments)
    across = max(map(len, few.values()), default=1)
    side = (style.WIDTH - _NAMES) / max(across, 4)
    above = _TOP + len(few) * (side + _TITLE)
    page = Page(above + _GAP + _BELOW + 0.45)
    for row, (model, its) in enumerate(few.items()):
        y = _TOP + row * (side + _TITLE)
        middle = {"ha": "center", "va": "center", "rotation": 90}
        page.write(0.2, y + _TITLE + side / 2, _MODELS[model], **middle, **style.BOLD)
        for column, cell in enumerate(its):
            x = _NAMES + column * side
            if row == 0:
                page.write(x + side / 2, 0.1, f"$1-S$ = {cell.density:g}", ha="center")
            lines = textwrap.wrap(describe(cell.best.W)[0], _NARROW)
            words = "\n".join([*lines, f"in {alike(cell)} of {len(cell)} runs"])
            how = {"ha": "center", "va": "center", "linespacing": 1.1, **style.NOTE}
            page.write(x + side / 2, y + _TITLE / 2 + 0.03, words, **how)
            _plane(page.panel(x, y + _TITLE, side, side), cell)
    y = above + _GAP
    _functions(page.panel(_NAMES + 0.1, y, _LEFT, _BELOW, gid="activations"))
    x = _NAMES + _LEFT + 0.75
    axes = page.panel(x, y, style.WIDTH - x - 0.75, _BELOW, gid="dimensionality")
    _dimensionalities(axes, many)
    return page


def _of(cells: TrainedCells, experiment: str) -> dict[Activation, list[TrainedCell]]:
    """An experiment's cells of each model, dense first."""
    found = {m: dense_first(select(cells, experiment, m)) for m in _MODELS}
    return {model: its for model, its in found.items() if its}


def _plane(axes: Axes, cell: TrainedCell) -> None:
    W = _turned(cell)
    planes.ground(axes, 1.42)
    colours = [to_hex(one) for one in style.IMPORTANCE(np.linspace(0, 1, W.shape[1]))]
    planes.arrows(axes, W[:, ::-1], colours, width=1.8, size=3.0)


def _turned(cell: TrainedCell) -> np.ndarray:
    """The lowest-loss run as it is shown."""
    return np.asarray(planar.canonical(cell.best.W, at_zero=0.1) * [[-1.0], [1.0]])


def _functions(axes: Axes) -> None:
    v = np.linspace(-_REACH, _REACH, 161)
    axes.axhline(0, **style.GUIDE)
    axes.axvline(0, **style.GUIDE)
    for model, name in _MODELS.items():
        axes.plot(v, ACTIVATIONS[model](v), color=_COLOURS[model], label=name)
    axes.set(xlabel="before the activation", ylabel="output", xlim=(-_REACH, _REACH))
    axes.legend(loc="upper left")


def _dimensionalities(axes: Axes, models: dict[Activation, list[TrainedCell]]) -> None:
    shown = [1 / cell.density for its in models.values() for cell in its]
    levels.dimension_axes(axes, shown or [1, 2], "dimensionality $D_i$", 0, 1.05)
    low, high = axes.get_xlim()
    axes.set_xlim(low / 1.1, high * 1.1)
    for name, words in (("digon", "½  pair"), ("pentagon", "⅖  pentagon")):
        axes.axhline(float(NAMED[name]), **style.GUIDE)
        levels.name_fraction(axes, name, words, 4)
    for k, (model, its) in enumerate(models.items()):
        for cell in its:
            D = feature_dimensionality(cell.W).ravel()
            how = {"color": _COLOURS[model], "markersize": 1.6}
            levels.dots(axes, 1 / cell.density, D, _SPREAD, (k - 1) * _ASIDE, **how)


COLUMNS = numbers.columns(
    **numbers.common("panel"),
    **numbers.RUN,
    alike=("count", "runs of the cell with the same result in words as the one pictured"),
    **numbers.common("feature", "importance", "norm", "x", "y", "dimensionality"),
)


def rows(cells: TrainedCells) -> numbers.Rows:
    """A row for each feature: of the lowest-loss runs in two dimensions, and of all others."""
    few, many = (_of(cells, name) for name in SPEC.experiments)
    for cell in (cell for its in few.values() for cell in its):
        (x, y), best = _turned(cell), cell.best
        found = {"importance": best.importance, "norm": norms(best.W), "x": x, "y": y}
        found["dimensionality"] = feature_dimensionality(best.W)
        row = {"panel": "plane", **numbers.of_run(cell), "alike": alike(cell)}
        yield from numbers.along("feature", row, **found)
    for cell in (cell for its in many.values() for cell in its):
        for run, W in enumerate(cell.W):
            found = {"norm": norms(W), "dimensionality": feature_dimensionality(W)}
            row = {"panel": "dimensionality"} | numbers.of_run(cell, run)
            yield from numbers.along("feature", row, **found)
