"""The numbers of a figure as a table: what its columns mean, and what most of its rows begin with.

A figure's module has `COLUMNS`, and `rows`, which takes cells as `plot` does and gives its numbers
by the same measures. Runs, features, neurons and dimensions count from 0, as in all tables.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
from jaxtyping import Float

from superposition.base.tables import Table
from superposition.measure.metrics import REPRESENTED, interference, norms
from superposition.measure.network import BEST, TrainedCell

Row: TypeAlias = dict[str, Any]
"""Values by the names of columns; what is not there is missing."""
Rows: TypeAlias = Iterator[Row]


class Column(NamedTuple):
    """What a column holds."""

    unit: str
    holds: str
    """A formula, or words."""


Columns: TypeAlias = Mapping[str, Column]
"""Columns by name, in order; `W_k` stands for one for each k: `W_0`, `W_1` and so on."""

COMMON: Final[Columns] = {
    name: Column(unit, holds)
    for name, unit, holds in (
        ("panel", "name", "the part of the figure that shows the row"),
        ("experiment", "name", "entry of config.yaml"),
        ("model", "name", "row of the model table, such as relu"),
        (
            "density",
            "probability",
            "1 − S of its features; if they differ, that of most of them; if they fall over the "
            "features, their mean",
        ),
        ("relative_density", "ratio", "density of the last feature over that of the others"),
        ("relative_importance", "ratio", "importance of the last feature over that of the others"),
        ("run", "number", "of the run in its cell, from 0"),
        ("loss", "loss", "on the evaluation sample, mean over features"),
        ("is_best", "True or False", "whether its loss is the lowest of its cell"),
        ("feature", "number", "i, from 0"),
        ("importance", "weight", "I_i"),
        ("norm", "length", "‖W_i‖"),
        ("bias", "units of x", "b_i of the output"),
        ("interference", "squared length", "Σ_{j≠i} (Ŵ_i · W_j)², with Ŵ_i = W_i / ‖W_i‖"),
        ("dimensionality", "dimensions", "D_i = ‖W_i‖² / Σ_j (Ŵ_i · W_j)²"),
        ("dimensions_per_feature", "dimensions", "D* = m / Σ_i ‖W_i‖², of the run"),
        ("features_per_dimension", "features", "1/D* = Σ_i ‖W_i‖² / m, of the run"),
        ("represented", "count", f"features of the run with ‖W_i‖ > {REPRESENTED:g}"),
        ("x", "length", "of W_i to the right, turned as it is plotted"),
        ("y", "length", "of W_i upwards, likewise"),
        ("W_k", "length", "of W_i in hidden dimension k; heat maps show Σ_k of products of these"),
        ("neuron", "number", "of the neuron, from 0"),
        ("place", "number", "of its column in the plot, from 0 on the left"),
        ("weight", "weight", "of the neuron to the feature"),
    )
}
"""Those of several figures."""

_NUMBERED = re.compile(r"_\d+$")


def columns(**described: tuple[str, str]) -> dict[str, Column]:
    """The columns of a figure in their order, each with its unit and what it holds."""
    return {name: Column(*one) for name, one in described.items()}


def common(*names: str) -> dict[str, Column]:
    """Some of those that figures have in common."""
    return {name: COMMON[name] for name in names}


RUN: Final = common("experiment", "model", "density", "run", "loss", "is_best")
"""The columns of `of_run`."""


def table(rows: Iterable[Row], described: Columns, swept: Iterable[str] = ()) -> Table:
    """Rows as a table of the columns described, in their order; behind density what is swept.

    Raises:
        KeyError: If a row has another column.
    """
    made = list(rows)
    there = dict.fromkeys(name for row in made for name in row)
    members: dict[str, list[str]] = {}
    for name in there:
        meant = name if name in described else _NUMBERED.sub("_k", name)
        members.setdefault(meant, []).append(name)
    names = [one for name in described for one in members.pop(name, [name])]
    place = names.index("density") + 1 if "density" in names else 0
    names[place:place] = [name for name in swept if members.pop(name, ())]
    if members:
        raise KeyError(f"columns that are not described: {', '.join(members)}")
    return {name: [_plain(row.get(name)) for row in made] for name in names}


def _plain(value: Any) -> Any:
    """A value as it is, but −0 as 0."""
    return value + 0.0 if isinstance(value, float) else value


def of_cell(cell: TrainedCell) -> Row:
    """What tells the rows of a cell from those of others."""
    place = {"experiment": cell.experiment, "model": cell.model, "density": cell.density}
    return {**place, **cell.swept}


def of_run(cell: TrainedCell, place: int = BEST) -> Row:
    """What tells a run of a cell from others, by its place among the runs; with its loss."""
    best = cell.weights.best
    place = best if place == BEST else place
    run, loss = cell.weights.runs[place], float(cell.loss[place])
    return {**of_cell(cell), "run": run, "loss": loss, "is_best": place == best}


def along(name: str, row: Row, **values: Iterable[Any]) -> Rows:
    """A row for each place along arrays of one length, which `name` counts, after `row`."""
    for place, found in enumerate(zip(*values.values(), strict=True)):
        yield {**row, name: place, **dict(zip(values, found, strict=True))}


def features(cell: TrainedCell) -> Rows:
    """A row for each feature of the lowest-loss run, with all that pictures of it show."""
    best = cell.best
    yield from along(
        "feature",
        of_run(cell),
        importance=best.importance,
        norm=norms(best.W),
        bias=best.b,
        interference=interference(best.W),
        **by_dimension(best.W),
    )


FEATURES: Final = RUN | common("feature", "importance", "norm", "bias", "interference", "W_k")
"""The columns of `features`."""


def by_dimension(W: Float[np.ndarray, "m n"]) -> dict[str, np.ndarray]:
    """The columns `W_k`: all features in each hidden dimension."""
    return {f"W_{k}": row for k, row in enumerate(W)}
