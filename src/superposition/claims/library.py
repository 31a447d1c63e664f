"""Finding the networks that a claim is about among the weights that there are."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from superposition.claims.records import (
    BEST,
    Cells,
    Claim,
    Network,
    Reading,
    Repetition,
    Task,
)
from superposition.settings import TrainingSettings
from superposition.weights import Weights

_MINIMAL_PATH = 2.0
_MEAN_RATE = {"constant": 1.0, "linear": 0.5, "cosine": 0.5}


class MissingError(Exception):
    """Weights that a claim needs are not there or not fit for it; the message says why."""


@dataclass(frozen=True)
class _Point:
    """Weights of one point of a cell, with what sets its last feature apart."""

    experiment: str
    weights: Weights
    density: float
    relative: float
    is_apart: bool


class Library:
    """All weights of a build."""

    def __init__(self, weights: Mapping[str, Weights]) -> None:
        """Take trained cells, keyed `experiment/model_density`."""
        self.points = [
            point for key, cell in weights.items() for point in _points(key.split("/")[0], cell)
        ]

    def repetitions(self, claim: Claim) -> dict[int, Repetition]:
        """Return the repetitions on which a claim is judged, `BEST` and one per run.

        Cells of unequal numbers of runs are compared as far as the shortest goes. What is
        constructed is there once, and so are all runs if a claim is judged on them together: as
        `BEST`, the runs of each cell one after the other.

        Raises:
            MissingError: If a cell is missing, solves another problem, or is hardly trained.
        """
        ideal = claim.constructed() if claim.constructed is not None else ()
        if not claim.cells:
            return {BEST: ideal}
        found = [point for cells in claim.cells for point in self._select(claim.task, cells)]
        for point in found:
            _require_training(point.weights.cell.training)
        if claim.basis.reading is Reading.ALL_RUNS:
            runs = ((point, run) for point in found for run in range(len(point.weights.runs)))
            return {BEST: tuple(_network(point, run) for point, run in runs)}
        shortest = min(len(point.weights.runs) for point in found)
        return {
            repetition: ideal + tuple(_network(point, repetition) for point in found)
            for repetition in (BEST, *range(shortest))
        }

    def counterpart(self, network: Network, model: str) -> Network | None:
        """Return the network of another model at the same density, from the same repetition."""
        for point in self._of(network.experiment, model, relative=True):
            same = math.isclose(point.density, network.density)
            same &= math.isclose(point.relative, network.relative)
            if same and network.repetition < len(point.weights.runs):
                return _network(point, network.repetition)
        return None

    def closest(
        self, experiment: str, model: str, density: float, repetition: int
    ) -> Network | None:
        """Return a network of another experiment at the density closest by ratio, if any."""
        there = [
            point
            for point in self._of(experiment, model, relative=False)
            if repetition < len(point.weights.runs)
        ]
        if not there:
            return None
        near = min(
            there, key=lambda point: max(point.density, density) / min(point.density, density)
        )
        return _network(near, repetition)

    def _select(self, task: Task, cells: Cells) -> list[_Point]:
        """Return the points asked for, from dense to sparse."""
        task = cells.task or task
        experiment = cells.experiment or task.experiment
        there = self._of(experiment, cells.model, cells.relative)
        if not there:
            raise MissingError(f"no {cells.model} model in experiment {experiment}")
        selected = there
        if cells.densities is not None:
            matches = {d: [p for p in there if math.isclose(d, p.density)] for d in cells.densities}
            missing = [f"{density:g}" for density, points in matches.items() if not points]
            if missing:
                raise MissingError(f"no {cells.model} model at 1 − S = {', '.join(missing)}")
            selected = [point for points in matches.values() for point in points]
        for point in selected:
            _require_task(point, task)
        return selected

    def _of(self, experiment: str, model: str, relative: bool) -> list[_Point]:
        """Return the points of a model, from dense to sparse, then by what sets them apart.

        Those that set the last feature apart are left out unless `relative` asks for all.
        """
        found = [
            point
            for point in self.points
            if (point.experiment, point.weights.cell.model.model) == (experiment, model)
            and (relative or not point.is_apart)
        ]
        return sorted(found, key=lambda point: (-point.density, point.relative))


def _points(experiment: str, weights: Weights) -> Iterator[_Point]:
    """Yield the points of a cell; none if its features' densities differ in other ways."""
    *others, last = weights.cell.features.feature_probability
    if len(set(others)) > 1:
        return
    density = others[0] if others else last
    rows = weights.cell.relative_importance
    relatives = rows or (last / density,)
    for relative, point in zip(relatives, weights.points(), strict=True):
        yield _Point(experiment, point, density, relative, bool(rows) or last != density)


def _network(point: _Point, repetition: int) -> Network:
    """Return one run of a point; the lowest-loss one for `BEST`."""
    weights = point.weights
    run = weights.best if repetition == BEST else repetition
    return Network(
        W=weights.W[run].astype(np.float64),
        b=weights.b[run].astype(np.float64),
        experiment=point.experiment,
        model=weights.cell.model.model,
        density=point.density,
        repetition=repetition,
        relative=point.relative,
        loss=math.nan if weights.loss is None else float(weights.loss[run]),
        features=weights.cell.features,
        importance=np.asarray(weights.cell.model.importance),
        W_out=None if weights.W_out is None else weights.W_out[run].astype(np.float64),
    )


def _require_task(point: _Point, task: Task) -> None:
    """Refuse weights that were trained on another problem than the claim's."""
    features, model = point.weights.cell.features, point.weights.cell.model
    shape = (features.n_features, model.n_hidden)
    if shape != (task.n_features, task.n_hidden):
        raise MissingError(
            f"{task.experiment} has n = {shape[0]}, m = {shape[1]}; "
            f"the claim is about n = {task.n_features}, m = {task.n_hidden}"
        )
    importance = np.asarray(model.importance)
    # What sets the last feature apart may be its importance.
    _require_importance(importance[:-1] if point.is_apart else importance, task)
    sets = (features.correlated, features.anticorrelated)
    if sets != (task.correlated, task.anticorrelated) or features.value_range != task.value_range:
        raise MissingError(f"features in {task.experiment} are not distributed as in the paper")


def _require_importance(importance: np.ndarray, task: Task) -> None:
    """Refuse weights whose importances are not those of the claim."""
    if task.importance_decay is None:
        if (np.diff(importance) >= 0).any():
            raise MissingError(
                f"importance in {task.experiment} does not fall from one to the next"
            )
        return
    expected = importance[0] * task.importance_decay ** np.arange(len(importance))
    if not np.allclose(importance, expected, rtol=1e-6, atol=0.0):
        raise MissingError(f"importance in {task.experiment} is not {task.importance_decay:g}^i")


def _require_training(training: TrainingSettings) -> None:
    """Refuse weights that could not have come far from their random start.

    Adam moves a weight by about the learning rate a step, so the sum of the learning rates bounds
    how far it can go. To learn a feature is to move by about 1.
    """
    path = training.steps * training.learning_rate * _MEAN_RATE[training.schedule]
    if path < _MINIMAL_PATH:
        raise MissingError(
            f"too little training: {training.steps} steps can move a weight by {path:.2g} at most; "
            f"judging needs {_MINIMAL_PATH:g}"
        )
