"""Plotting a figure of trained cells, and the table of its numbers, whatever the figure."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from traceback import extract_tb
from typing import Any

from matplotlib.figure import Figure
from matplotlib.text import Text

from superposition.base.errors import UserError
from superposition.base.tables import Table
from superposition.figures import FOLDER, columns, spec, style
from superposition.figures.files import Plotted
from superposition.figures.parts import numbers
from superposition.measure.network import TrainedCell, said

_TOLD = 3
"""Cells that have diverged, or values of a key, that are named in a figure."""


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
        told = []
        if diverged := [cell.divergence for cell in shown if cell.divergence]:
            told.append(f"Not shown: {_some(diverged)}.")
        if alike := _untold(figure, _unknown(name, finite)):
            told.append(f"Shown without telling which is which: {', '.join(alike)}.")
        if told:
            style.remark(figure, " ".join(told))
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
    return numbers.table(rows, columns(name), _unknown(name, finite))


def plotted(name: str, cells: Sequence[TrainedCell]) -> Plotted:
    """A figure with its numbers, to be saved or shown.

    Raises:
        UserError: As `plot` does, or if it cannot show these cells.
    """
    try:
        return Plotted(plot(name, cells), spec(name).title, table(name, cells))
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # A figure knows its experiments by heart, and what it misses it cannot say; who writes one
        # needs the place.
        frames = [f for f in extract_tb(error.__traceback__) if f.filename.startswith(f"{FOLDER}")]
        raise UserError(
            f"The figure {name} cannot show these cells ({_sizes(_shown(name, cells))}): it is "
            f"made for {' and '.join(spec(name).experiments)} as in config.yaml. Its n_hidden, "
            "models, densities, sweeps or snapshots are needed. (It ended in "
            f"{Path(frames[-1].filename).name}, line {frames[-1].lineno}, with "
            f"{type(error).__name__}: {error})"
        ) from error


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


def _unknown(name: str, cells: Sequence[TrainedCell]) -> dict[str, list[float | str]]:
    """What cells sweep that a figure has no column for, and all values of it."""
    values: dict[str, dict[float | str, None]] = {}
    for key, value in (item for cell in cells for item in cell.swept.items()):
        values.setdefault(key, {})[value] = None
    return {key: [*its] for key, its in values.items() if key not in columns(name)}


def _untold(figure: Figure, swept: Mapping[str, Sequence[float | str]]) -> list[str]:
    """The values of each key, in words, that do not all stand in a figure."""
    words = {text.get_text() for text in figure.findobj(Text)}
    values = [[said(key, one) for one in its] for key, its in swept.items() if len(its) > 1]
    return [_some(its) for its in values if not words.issuperset(its)]


def _sizes(cells: Sequence[TrainedCell]) -> str:
    """The models of cells, their sizes and what they sweep, in words."""
    kinds = {(c.model, c.cell.features.n_features, c.cell.model.n_hidden): None for c in cells}
    sizes = [f"{model} of n_features {n}, n_hidden {m}" for model, n, m in kinds]
    return ", ".join(sizes + [f"swept {key}" for key in {k: None for c in cells for k in c.swept}])


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _TOLD} more" if len(names) > _TOLD else ""
    return ", ".join(names[:_TOLD]) + more
