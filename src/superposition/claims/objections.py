"""Why a trained cell is no evidence for a claim: another problem, or too little training."""

from collections.abc import Iterator, Mapping

import numpy as np

from superposition.claims.claim import Cells, Task
from superposition.config.derived import falls, sets_apart
from superposition.config.settings import RecipeSettings, Schedule
from superposition.convergence.evidence import SUFFICIENT, FamilyEvidence, recipe_key, words
from superposition.measure.elementary import power
from superposition.measure.network import TrainedCell
from superposition.measure.structures.comparison import share_of_best
from superposition.sampling.schedule import samples_seen

_LEAST_PATH = 2.0
_FEWEST_SNAPSHOTS = 50
_FEWEST_RUNS = 3
"""No verdict on one network: less than this says nothing about chance."""
_MEAN_RATE: Mapping[Schedule, float] = {"constant": 1.0, "linear": 0.5, "cosine": 0.5}

_LEAST_SHARE = 0.95
"""Of what the best structure saves. With hundreds of features even the longest training tried ends
a few per cent short of it, in a mixture of structures."""


def objections(cell: TrainedCell, task: Task, cells: Cells) -> Iterator[str]:
    """Why a cell is no evidence: another problem, too little training, too little recorded."""
    name, training = cell.experiment, cell.cell.training
    n, m = cell.cell.features.n_features, cell.cell.model.n_hidden
    if (n, m) != (task.n_features, task.n_hidden):
        yield (
            f"{name} has n = {n}, m = {m}; "
            f"the claim is about n = {task.n_features}, m = {task.n_hidden}"
        )
    yield from _other_features(cell, task)
    if len(cell) < _FEWEST_RUNS:
        runs = "one run" if len(cell) == 1 else f"{len(cell)} runs"
        yield f"{runs} of {name} at 1 − S = {cell.density:g}; judging needs {_FEWEST_RUNS}"
    kept = len(training.snapshots)
    if cells.needs_snapshots and (kept < _FEWEST_SNAPSHOTS or cell.weights.snapshot_loss is None):
        yield f"{kept} snapshots of {name}; judging needs {_FEWEST_SNAPSHOTS}"
    yield from _too_brief(training.steps, training.learning_rate, training.schedule)
    if cells.needs_dictionaries:
        for network in cell.networks:
            found = network.dictionaries
            if found is None:
                run = f"run {network.run} of {name}" if cell.dictionaries else name
                yield f"no dictionaries of {run} at 1 − S = {cell.density:g}"
            elif not np.array_equal(found.W, network.W):
                yield f"the dictionaries of {name} are of other weights"
            else:
                yield from _too_brief(found.settings.steps, found.settings.learning_rate, "cosine")


def _other_features(cell: TrainedCell, task: Task) -> Iterator[str]:
    """How its features differ from those of the claim, but for one that is set apart."""
    features, alike = cell.cell.features, slice(-1 if any(map(sets_apart, cell.swept)) else None)
    importance = np.asarray(cell.cell.model.importance[alike])
    if task.importance_decay is None:
        if (np.diff(importance) >= 0).any():
            yield f"importance in {cell.experiment} does not fall from one to the next"
    else:
        expected = importance[0] * power(task.importance_decay, np.arange(len(importance)))
        if not np.allclose(importance, expected, rtol=1e-6, atol=0.0):
            yield f"importance in {cell.experiment} is not {task.importance_decay:g}^i"
    compared = ("correlated", "anticorrelated", "value_range", "normalised")
    same = all(getattr(features, key) == getattr(task, key) for key in compared)
    probabilities = set(features.feature_probability[alike])
    even = falls(cell.swept) is not None or len(probabilities) == 1
    if not (same and even):
        yield f"features in {cell.experiment} are not distributed as in the paper"


def undertrained(experiment: str, training: RecipeSettings, family: FamilyEvidence) -> str:
    """Why a longer or better training is known to get further; nothing if it is not.

    Of a recipe that was not tried only its length is known.
    """
    key = recipe_key(training)
    if key in family.trials:
        # What still moves with more steps speaks against choosing a recipe, not against its loss.
        if family.lacking(key):
            return (
                f"{experiment} is undertrained: its recipe was tried, and {family.shortcoming(key)}"
            )
        return ""
    chosen, samples = family.chosen(), samples_seen(training)
    if chosen is None or samples >= family.trials[chosen].samples:
        return ""
    least = family.trials[chosen]
    return (
        f"too little training: {experiment} sees {samples:,} samples; the cheapest recipe that "
        f"saves {100 * SUFFICIENT:g} % of what can be saved sees {least.samples:,} "
        f"({words(least.recipe)})"
    )


def below_a_structure(cell: TrainedCell) -> str:
    """Why a cell's runs are not the solution of its problem: one built by hand saves more."""
    share, structure = share_of_best(cell)
    if share >= _LEAST_SHARE:
        return ""
    return (
        f"{cell.experiment} is undertrained at 1 − S = {cell.density:g}: its best run saves "
        f"{100 * share:.3g} % of what the {structure} saves, over answering with the mean; judging "
        f"needs {100 * _LEAST_SHARE:g} %"
    )


def _too_brief(steps: int, learning_rate: float, schedule: Schedule) -> Iterator[str]:
    """Whether weights could not have come far from their random start.

    Adam moves a weight by about the learning rate a step, so the sum of the learning rates bounds
    how far it can go. To learn a feature is to move by about 1.
    """
    path = steps * learning_rate * _MEAN_RATE[schedule]
    if path < _LEAST_PATH:
        yield (
            f"too little training: {steps} steps can move a weight by {path:.2g} at most; "
            f"judging needs {_LEAST_PATH:g}"
        )
