"""Phase diagrams of two features in one dimension with other output activations than ReLU."""

from collections.abc import Callable, Sequence

from superposition.figures import Spec
from superposition.figures.parts import numbers
from superposition.figures.parts.page import Page
from superposition.figures.parts.phase_diagrams import (
    HEIGHT,
    READINGS,
    ROW,
    Reading,
    diagram,
    key,
    mean_of_all_but_the_worst,
    of_lowest_loss,
    panel,
    reading_rows,
)
from superposition.measure.network import TrainedCells, select

SPEC = Spec(
    title="Two features in one dimension, with other output activations",
    caption="What becomes of the second feature, by its importance relative to the first and by "
    "the density of both, as in the first diagram: grey if it is left out, blue if it has the "
    "dimension to itself, red if both share it; the lighter, the shorter. Above, the run with the "
    "lowest loss at each point: the expected loss with ReLU outputs, otherwise that on the "
    "evaluation sample. Below, all runs, averaged as in the paper: colours are mixed where runs "
    "end in different solutions.",
    section="Superposition as a Phase Change",
    place=4,
    experiments=("phase_activations",),
    claims=("C22",),
)


_READINGS: Sequence[tuple[str, Callable[[TrainedCells], Reading]]] = (
    ("the run with the\nlowest loss of {}", of_lowest_loss),
    ("mean of all\nbut the worst of {} runs", mean_of_all_but_the_worst),
)
"""Of the runs of a cell, a row each."""


def plot(cells: TrainedCells) -> Page:
    """The figure: a row of diagrams for each reading, in it one for each of three models."""
    page = Page(HEIGHT + ROW)
    for row, (words, reading) in enumerate(_READINGS):
        for column, name in enumerate(("ReLU", "GELU", "tanh")):
            shown = select(cells, model=name.lower())
            axes = panel(page, column, cells, row)
            axes.set_title(f"{name} output: {words.format(len(cells[0]))}", pad=5, linespacing=1.2)
            if shown:
                diagram(axes, shown, reading(shown))
            if column == 0:
                axes.set_ylabel("feature density $1 - S$", labelpad=2)
            if (row, column) == (len(_READINGS) - 1, 1):
                label = "importance of the extra feature relative to the other"
                axes.set_xlabel(label, labelpad=3)
    key(page)
    return page


COLUMNS = numbers.columns(
    **numbers.common("experiment", "model", "density", "relative_importance"),
    **READINGS,
)


def rows(cells: TrainedCells) -> numbers.Rows:
    """A row for each point of each diagram."""
    ordered = sorted(cells, key=lambda cell: (cell.model, -cell.density, cell.relative))
    for model in dict.fromkeys(cell.model for cell in ordered):
        yield from reading_rows(select(ordered, model=model))
