"""Measures of an experiment's trained cells as tidy tables, and of what dictionaries have found.

`report.dictionary` says of every column what it holds.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from superposition.base.tables import Table
from superposition.config.derived import density
from superposition.measure import metrics
from superposition.measure.dictionaries.measures import Match, matches
from superposition.measure.dictionaries.record import OfCells
from superposition.measure.network import TrainedCell
from superposition.model.weights import diverged


def runs_table(cells: Sequence[TrainedCell]) -> Table:
    """A row for each run: its loss, whether it is the lowest, and counts over its features.

    Of a run that has diverged all that is measured is missing.
    """
    return _join(cells, _of_runs)


def features_table(cells: Sequence[TrainedCell]) -> Table:
    """A row for each run and feature: importance, density, norm, bias, sharing."""
    return _join(cells, _of_features)


def dictionaries_table(found: OfCells) -> Table:
    """A row for each dictionary, with what it has found."""
    rows = [
        (name, its.cell.model.model, density(its.cell), its.run, *match)
        for name, of_runs in found.items()
        for its in of_runs
        for match in matches(its)
    ]
    columns = ("cell", "model", "density", "run", *Match._fields)
    return {name: [row[k] for row in rows] for k, name in enumerate(columns)}


def _join(cells: Sequence[TrainedCell], tabulate: Callable[[TrainedCell], Table]) -> Table:
    """The tables of cells, one below the other, each with what tells its cell from others."""
    columns: dict[str, list[Any]] = defaultdict(list)
    for cell in cells:
        place: dict[str, Any] = {
            "experiment": cell.experiment,
            "model": cell.model,
            "n_features": cell.weights.W.shape[2],
            "n_hidden": cell.weights.W.shape[1],
            "seed": cell.cell.seed,
            "density": cell.density,
            **cell.swept,
        }
        table = tabulate(cell)
        for column, values in {**place, **table}.items():
            columns[column].append(np.broadcast_to(values, len(table["run"])))
    return {column: np.concatenate(parts) for column, parts in columns.items()}


def _of_runs(cell: TrainedCell) -> Table:
    weights = cell.weights
    lost, W = _diverged(cell)
    best = np.zeros(len(cell), dtype=bool)
    if weights.loss is not None and not lost.all():
        best[weights.best] = True
    measured = {
        "n_represented": metrics.is_represented(W).sum(axis=-1),
        "n_orthogonal": metrics.is_orthogonal(W).sum(axis=-1),
        "n_antipodal_pairs": metrics.antipodal_pairs(W),
        "dimensions_per_feature": metrics.dimensions_per_feature(W),
        "total_dimensionality": metrics.feature_dimensionality(W).sum(axis=-1),
    }
    probability = cell.cell.features.feature_probability
    return {
        "feature_probability": np.full(len(cell), math.fsum(probability) / len(probability)),
        "run": np.asarray(weights.runs, dtype=np.int64),
        "loss": cell.loss,
        "is_best": best,
        **{name: _but_for(lost, values) for name, values in measured.items()},
    }


def _of_features(trained: TrainedCell) -> Table:
    weights, cell = trained.weights, trained.cell
    runs, _, n_features = weights.W.shape
    lost, W = _diverged(trained)
    measured = {
        "norm": metrics.norms(W),
        "bias": trained.b,
        "interference": metrics.interference(W),
        "dimensionality": metrics.feature_dimensionality(W),
    }
    return {
        "run": np.repeat(np.asarray(weights.runs, dtype=np.int64), n_features),
        "feature": np.tile(np.arange(n_features), runs),
        "importance": np.tile(np.asarray(cell.model.importance), runs),
        "feature_probability": np.tile(np.asarray(cell.features.feature_probability), runs),
        **{name: _but_for(lost[:, None], values).ravel() for name, values in measured.items()},
    }


def _diverged(cell: TrainedCell) -> tuple[np.ndarray, np.ndarray]:
    """Which runs have diverged, `[runs]`, and all W, zero in their place."""
    lost = diverged(cell.weights)
    return lost, np.where(lost[:, None, None], 0.0, cell.W)


def _but_for(lost: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Values with those missing that are lost; whole numbers stay so where none is."""
    return np.where(lost, np.nan, values) if lost.any() else values
