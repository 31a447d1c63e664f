"""Whether weights are evidence: trained long enough, on the problem that a claim is about."""

import numpy as np

from superposition.claims.points import Point
from superposition.claims.records import Task
from superposition.settings import Schedule, TrainingSettings

_MINIMAL_PATH = 2.0
_FEWEST_SNAPSHOTS = 50
_MEAN_RATE = {"constant": 1.0, "linear": 0.5, "cosine": 0.5}


class MissingError(Exception):
    """Weights that a claim needs are not there or not fit for it; the message says why."""


def require_task(point: Point, task: Task) -> None:
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


def require_snapshots(point: Point) -> None:
    """Refuse weights of which too few snapshots were kept, or none, to see how training went."""
    kept = len(point.weights.snapshots)
    if kept < _FEWEST_SNAPSHOTS or point.weights.snapshot_loss is None:
        raise MissingError(
            f"{kept} snapshots of {point.experiment}; judging needs {_FEWEST_SNAPSHOTS}"
        )


def require_dictionaries(point: Point) -> None:
    """Refuse weights whose hidden activations have no dictionaries, or hardly trained ones."""
    found, weights = point.dictionaries, point.weights
    if found is None:
        raise MissingError(f"no dictionaries of {point.experiment} at 1 − S = {point.density:g}")
    if not np.array_equal(found.W, weights.W[weights.best]):
        raise MissingError(f"the dictionaries of {point.experiment} are of other weights")
    training = found.settings
    _require_path(training.steps, training.learning_rate, "cosine")


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


def require_training(training: TrainingSettings) -> None:
    """Refuse weights that could not have come far from their random start.

    Adam moves a weight by about the learning rate a step, so the sum of the learning rates bounds
    how far it can go. To learn a feature is to move by about 1.
    """
    _require_path(training.steps, training.learning_rate, training.schedule)


def _require_path(steps: int, learning_rate: float, schedule: Schedule) -> None:
    path = steps * learning_rate * _MEAN_RATE[schedule]
    if path < _MINIMAL_PATH:
        raise MissingError(
            f"too little training: {steps} steps can move a weight by {path:.2g} at most; "
            f"judging needs {_MINIMAL_PATH:g}"
        )
