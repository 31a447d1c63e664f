"""Plotting a figure of trained cells, and the table of its numbers, whatever the figure."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from matplotlib.figure import Figure

from superposition.base.errors import UserError
from superposition.base.tables import Table
from superposition.figures import columns, spec, style
from superposition.figures.parts import numbers
from superposition.measure.network import TrainedCell

_TOLD = 3
"""Cells that have diverged that are named in a figure."""


def plot(name: str, cells: Sequence[TrainedCell]) -> Figure:
    """A figure, not saved.

    Args:
        name: A key of `FIGURES`.
        cells: Trained cells, with their dictionaries where the figure shows those. Others than it
            needs do no harm, and a figure of mathematics needs none. Of those that have diverged
            the finite runs are shown, and the figure names them.

    Raises:
        UserError: If there is no such figure, or none of the cells that it shows.
    """
    shown = _shown(name, cells)
    finite = _finite(shown)
    with style.applied():
        plotted = finite or not spec(name).experiments
        module = _module(name)
        figure: Figure = module.plot(finite) if plotted else style.nothing()
        if diverged := [cell.divergence for cell in shown if cell.divergence]:
            style.remark(figure, f"Not shown: {_some(diverged)}.")
        style.legible(figure)
    return figure


def table(name: str, cells: Sequence[TrainedCell]) -> Table:
    """The numbers that a figure shows, as `plot` has them of the same cells.

    Raises:
        UserError: As `plot` does.
    """
    finite = _finite(_shown(name, cells))
    given = finite or not spec(name).experiments
    rows = _module(name).rows(finite) if given else ()
    return numbers.table(rows, columns(name))


def _module(name: str) -> Any:
    return import_module(f"superposition.figures.{name}")


def _shown(name: str, cells: Sequence[TrainedCell]) -> list[TrainedCell]:
    """Those cells that a figure shows, or a `UserError`."""
    its = spec(name)
    shown = [cell for cell in cells if cell.experiment in its.experiments]
    if its.shows == "dictionaries":
        shown = [cell for cell in shown if cell.dictionaries]
    if its.experiments and not shown:
        wanted = ", ".join(its.experiments)
        raise UserError(
            f"Figure {name} shows experiment {wanted}, of which no {its.shows} were given."
        )
    return shown


def _finite(cells: Sequence[TrainedCell]) -> list[TrainedCell]:
    """Cells with their finite runs; those that have none are left out."""
    return [cell.finite for cell in cells if len(cell.finite)]


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _TOLD} more" if len(names) > _TOLD else ""
    return ", ".join(names[:_TOLD]) + more
