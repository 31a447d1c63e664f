"""The published notebook's run of uniform superposition: the authors' own beside ours."""

import numpy as np
from matplotlib.axes import Axes

from superposition.figures import Spec, style
from superposition.figures.parts import levels, numbers
from superposition.figures.parts.page import Page
from superposition.figures.parts.paper import Run, authors_run
from superposition.measure.geometry.dimensions import NAMED
from superposition.measure.metrics import dimensions_per_feature, feature_dimensionality
from superposition.measure.network import TrainedCells, dense_first

SPEC = Spec(
    title="The published notebook's run, the authors' own beside ours",
    caption="Features of equal importance, trained as in the published notebook. At each level, "
    "D_i of all features of our runs on the left, in black, and of the run saved in the notebook "
    "on the right, in red. Lines, and numbers below, are D*; for our runs, that of the "
    "lowest-loss run, with marks for all runs. Dotted lines are the fractions that the paper "
    "names.",
    section="Feature Dimensionality",
    place=2,
    experiments=("geometry_notebook",),
    claims=("C23", "C24", "C25", "C26", "C31", "C34"),
)

_SPREAD, _APART = 0.022, 0.032
"""Half the width of a cloud of dots, and its distance from its level, on the logarithmic axis."""
_ROOM = 1.02
"""How much further than other figures' the axis goes, for the clouds beside its ends."""
_OURS, _THEIRS = style.INK, style.PAPER_MARK


def plot(cells: TrainedCells) -> Page:
    """The figure: D_i and D* of both runs, and D* as numbers below."""
    ours, run = levels.measured(cells), authors_run()
    page = Page(4.1)
    axes = page.add_axes((0.085, 0.235, 0.755, 0.74), gid="dimensionality-notebook")
    label = "$D_i$ of each feature (dots) and $D^*$ (lines)"
    levels.dimension_axes(axes, [*run.places, *ours.places], label, -0.03, 1.06)
    low, high = axes.get_xlim()
    axes.set_xlim(low / _ROOM, high * _ROOM)
    for name, fraction in NAMED.items():
        colour = style.POLYTOPES[name]
        axes.axhline(float(fraction), color=colour, linewidth=0.7, linestyle=":", zorder=0)
        levels.name_fraction(axes, name, f"{fraction} {name}", 4)
    axes.plot(ours.places, ours.D_star, linewidth=1.3, zorder=4, color=_OURS)
    for place, stars in levels.runs(cells):
        axes.plot([place] * stars.size, stars, "_", color=_OURS, markersize=5, zorder=4)
    axes.plot(run.places, run.D_star, "--", linewidth=1.1, zorder=5, color=_THEIRS)
    key: style.Look = {"transform": axes.transAxes, "ha": "right", "va": "top"}
    axes.text(0.99, 0.97, "ours: left of each level, solid line", color=_OURS, **key)
    axes.text(0.99, 0.90, "the authors': right of each level, dashed line", color=_THEIRS, **key)
    every = [feature_dimensionality(cell.W).ravel() for cell in dense_first(cells)]
    ours = ours._replace(D=np.stack(every))
    _run(axes, ours, -_APART, "$D^*$ ours", -0.185, _OURS)
    _run(axes, run, _APART, "theirs", -0.235, _THEIRS)
    return page


def _run(axes: Axes, run: Run, aside: float, words: str, below: float, colour: str) -> None:
    """Plot the features of one run, on one side of each level, and write D* below."""
    number: style.Look = {"color": colour, "va": "center"}
    left = {"ha": "right", **number, **style.NOTE}
    style.beside(axes, words, (0, below), (-8, 0), "axes fraction", **left)
    number |= {"xycoords": axes.get_xaxis_transform(), "fontsize": style.SMALL - 0.5}
    for place, star, D in zip(run.places.tolist(), run.D_star, run.D, strict=True):
        levels.dots(axes, place, D, _SPREAD, aside, markersize=1.9, alpha=0.55, color=colour)
        axes.annotate(f"{star:.2f}".removeprefix("0"), (place, below), ha="center", **number)


COLUMNS = numbers.columns(
    experiment=("name", "name of the experiment; authors for the run in the paper's notebook"),
    **numbers.common("model", "density", "run", "loss", "is_best"),
    **numbers.common("dimensions_per_feature", "feature", "dimensionality"),
)


def rows(cells: TrainedCells) -> numbers.Rows:
    """A row for each feature of each run at each level, ours first."""
    for cell in dense_first(cells):
        stars = dimensions_per_feature(cell.W)
        for place, (W, one) in enumerate(zip(cell.W, stars, strict=True)):
            run = {**numbers.of_run(cell, place), "dimensions_per_feature": one}
            yield from numbers.along("feature", run, dimensionality=feature_dimensionality(W))
    theirs = authors_run()
    for level, one, D in zip(theirs.places, theirs.D_star, theirs.D, strict=True):
        run = {"experiment": "authors", "density": 1 / level, "dimensions_per_feature": one}
        yield from numbers.along("feature", run, dimensionality=D)
