"""Finding the networks that a claim is about among the weights that there are."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from superposition.claims.records import BEST, Cells, Claim, Network, Repetition, Task
from superposition.settings import TrainingSettings
from superposition.weights import Weights

_MINIMAL_PATH = 2.0
_MEAN_RATE = {"constant": 1.0, "linear": 0.5, "cosine": 0.5}


class MissingError(Exception):
    """Weights that a claim needs are not there or not fit for it; the message says why."""


@dataclass(frozen=True)
class Library:
    """All weights of a build, keyed `experiment/model_density`."""

    weights: Mapping[str, Weights]

    def repetitions(self, claim: Claim) -> dict[int, Repetition]:
        """Return the repetitions on which a claim is judged, `BEST` and one per run.

        Cells of unequal numbers of runs are compared as far as the shortest goes.

        Raises:
            MissingError: If a cell is missing, solves another problem, or is hardly trained.
        """
        found = [weights for cells in claim.cells for weights in self._select(claim.task, cells)]
        for weights in found:
            _require_training(weights.cell.training)
        shortest = min(len(weights.runs) for weights in found)
        return {
            repetition: tuple(_network(claim.task.experiment, w, repetition) for w in found)
            for repetition in (BEST, *range(shortest))
        }

    def counterpart(self, network: Network, model: str) -> Network | None:
        """Return the network of another model at the same density, from the same repetition."""
        cells = self._cells(network.experiment, model)
        for density, weights in cells.items():
            if math.isclose(density, network.density) and network.repetition < len(weights.runs):
                return _network(network.experiment, weights, network.repetition)
        return None

    def _select(self, task: Task, cells: Cells) -> list[Weights]:
        """Return the cells asked for, from dense to sparse."""
        there = self._cells(task.experiment, cells.model)
        if not there:
            raise MissingError(f"no {cells.model} model in experiment {task.experiment}")
        densities = sorted(there, reverse=True) if cells.densities is None else cells.densities
        matches = [_match(density, there) for density in densities]
        missing = [f"{d:g}" for d, match in zip(densities, matches, strict=True) if match is None]
        if missing:
            raise MissingError(f"no {cells.model} model at 1 − S = {', '.join(missing)}")
        selected = [there[match] for match in matches if match is not None]
        for weights in selected:
            _require_task(weights, task)
        return selected

    def _cells(self, experiment: str, model: str) -> dict[float, Weights]:
        """Return the weights of a model by density, where all features have the same."""
        return {
            weights.cell.features.feature_probability[0]: weights
            for key, weights in self.weights.items()
            if key.split("/")[0] == experiment
            and weights.cell.model.model == model
            and len(set(weights.cell.features.feature_probability)) == 1
        }


def _match(density: float, there: Mapping[float, Weights]) -> float | None:
    """Return the density as it is written in the settings."""
    return next((other for other in there if math.isclose(density, other)), None)


def _network(experiment: str, weights: Weights, repetition: int) -> Network:
    """Return one run of a cell; the lowest-loss one for `BEST`."""
    run = weights.best if repetition == BEST else repetition
    return Network(
        W=weights.W[run].astype(np.float64),
        b=weights.b[run].astype(np.float64),
        experiment=experiment,
        model=weights.cell.model.model,
        density=weights.cell.features.feature_probability[0],
        repetition=repetition,
    )


def _require_task(weights: Weights, task: Task) -> None:
    """Refuse weights that were trained on another problem than the claim's."""
    features, model = weights.cell.features, weights.cell.model
    shape = (features.n_features, model.n_hidden)
    if shape != (task.n_features, task.n_hidden):
        raise MissingError(
            f"{task.experiment} has n = {shape[0]}, m = {shape[1]}; "
            f"the claim is about n = {task.n_features}, m = {task.n_hidden}"
        )
    _require_importance(np.asarray(model.importance), task)
    if features.correlated or features.anticorrelated or features.value_range != "unit":
        raise MissingError(f"features in {task.experiment} are not independent and in [0, 1]")


def _require_importance(importance: np.ndarray, task: Task) -> None:
    """Refuse weights whose importances are not those of the claim."""
    if task.importance_decay is None:
        if (np.diff(importance) >= 0).any():
            raise MissingError(
                f"importance in {task.experiment} does not fall from one to the next"
            )
        return
    expected = importance[0] * task.importance_decay ** np.arange(task.n_features)
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
