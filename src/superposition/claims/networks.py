"""The networks that a claim is about: found among trained cells, and refused if no evidence."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import numpy as np

from superposition.claims.claim import Cells, Claim, Control, Repetition, Task
from superposition.config.settings import Schedule
from superposition.measure.network import BEST, Network, TrainedCell, select

_LEAST_PATH = 2.0
_FEWEST_SNAPSHOTS = 50
_MEAN_RATE: Mapping[Schedule, float] = {"constant": 1.0, "linear": 0.5, "cosine": 0.5}

Repetitions = Mapping[int, Repetition]
"""Repetitions by run number, `BEST` for that of the lowest-loss runs."""


class MissingError(Exception):
    """Networks that a claim needs are not there or not fit for it; the message says why."""


class Library:
    """All trained cells of a build."""

    def __init__(self, cells: Iterable[TrainedCell]) -> None:
        """Take the cells."""
        self._cells = list(cells)

    def repetitions(self, claim: Claim) -> Repetitions:
        """The repetitions on which a claim is judged, `BEST` and one for each run.

        Cells of unequal numbers of runs are compared as far as the shortest goes. What is
        constructed is there once, and so are all runs if a claim is judged on them together: as
        `BEST`, the runs of each cell one after the other.

        Raises:
            MissingError: If a cell is missing, solves another problem, or is hardly trained.
        """
        ideal = claim.constructed() if claim.constructed is not None else ()
        if not claim.cells:
            return {BEST: ideal}
        found = [cell for cells in claim.cells for cell in self._select(claim.task, cells)]
        if claim.basis.reading == "all runs":
            return {BEST: tuple(network for cell in found for network in cell.networks)}
        dictionaries = any(cells.needs_dictionaries for cells in claim.cells)
        shared = range(0 if dictionaries else min(map(len, found)))
        rank = claim.basis.ranking
        best = rank(found) if rank else [cell.weights.best for cell in found]
        chosen = (replace(cell[run], run=BEST) for cell, run in zip(found, best, strict=True))
        return {BEST: (*ideal, *chosen)} | {
            run: (*ideal, *(cell[run] for cell in found)) for run in shared
        }

    def controls(self, control: Control, repetitions: Repetitions) -> Repetitions:
        """The control's counterpart of every repetition that has one.

        Raises:
            MissingError: If the lowest-loss networks have none.
        """
        found = {}
        for run, networks in repetitions.items():
            built = [control.build(one, self) for one in networks]
            if all(one is not None for one in built):
                found[run] = tuple(one for one in built if one is not None)
            elif run == BEST:
                raise MissingError(f"its control, {control.name}, is not there")
        return found

    def counterpart(self, network: Network, model: str) -> Network | None:
        """The network of another model in the same place, from the same repetition, if any."""
        for cell in select(self._cells, network.experiment, model):
            same = math.isclose(cell.density, network.density) and cell.swept == network.swept
            if same and network.run < len(cell):
                return cell[network.run]
        return None

    def closest(self, experiment: str, network: Network) -> Network | None:
        """The network of another experiment at the density closest by ratio, if there is one.

        It is of the same model and from the same repetition.
        """
        there = select(self._cells, experiment, network.model)
        near = min(
            (cell for cell in there if network.run < len(cell)),
            key=lambda cell: abs(math.log(cell.density / network.density)),
            default=None,
        )
        return near[network.run] if near else None

    def _select(self, task: Task | None, cells: Cells) -> list[TrainedCell]:
        """The cells asked for, from dense to sparse, and at each density by what is swept."""
        task = cells.task or task
        assert task is not None, "a claim about trained cells has a task"
        selected = there = self._ordered(task.experiment, cells)
        if cells.densities is not None:
            matches = {d: [c for c in there if math.isclose(d, c.density)] for d in cells.densities}
            missing = [f"{density:g}" for density, found in matches.items() if not found]
            if missing:
                raise MissingError(f"no {cells.model} model at 1 − S = {', '.join(missing)}")
            if not cells.others:
                selected = [cell for found in matches.values() for cell in found]
        for cell in selected:
            if objection := next(_objections(cell, task, cells), ""):
                raise MissingError(objection)
        return selected

    def _ordered(self, experiment: str, cells: Cells) -> list[TrainedCell]:
        """The cells of a model that differ in density, and in what the claim says is swept."""
        key = cells.swept
        found = [
            cell
            for cell in select(self._cells, experiment, cells.model)
            if (key is None or key in cell.swept)
            and all(v == 1 for k, v in cell.swept.items() if k != key and _sets_apart(k))
        ]
        if not found:
            sweep = "" if key is None else f" with {key}"
            raise MissingError(f"no {cells.model} model in experiment {experiment}{sweep}")
        values = {k: {cell.swept.get(k) for cell in found} for k in found[0].swept}
        if others := [k for k, there in values.items() if k != key and len(there) > 1]:
            raise MissingError(
                f"{experiment} sweeps {', '.join(others)}; the claim is about one value"
            )
        if key is not None and len(values[key]) == 1:
            raise MissingError(f"{experiment} has one value of {key}; the claim compares several")
        return sorted(found, key=lambda cell: (-cell.density, cell.swept.get(key or "", 0)))


def _sets_apart(key: str) -> bool:
    """Whether what is swept sets the last feature apart from the others."""
    return key.startswith("relative_")


def _objections(cell: TrainedCell, task: Task, cells: Cells) -> Iterator[str]:
    """Why a cell is no evidence: another problem, too little training, too little recorded."""
    name, training = cell.experiment, cell.cell.training
    n, m = cell.cell.features.n_features, cell.cell.model.n_hidden
    if (n, m) != (task.n_features, task.n_hidden):
        yield (
            f"{name} has n = {n}, m = {m}; "
            f"the claim is about n = {task.n_features}, m = {task.n_hidden}"
        )
    yield from _other_features(cell, task)
    kept = len(training.snapshots)
    if cells.needs_snapshots and (kept < _FEWEST_SNAPSHOTS or cell.weights.snapshot_loss is None):
        yield f"{kept} snapshots of {name}; judging needs {_FEWEST_SNAPSHOTS}"
    yield from _too_brief(training.steps, training.learning_rate, training.schedule)
    if cells.needs_dictionaries:
        found = cell.dictionaries
        if found is None:
            yield f"no dictionaries of {name} at 1 − S = {cell.density:g}"
        elif not np.array_equal(found.W, cell.weights.W[cell.weights.best]):
            yield f"the dictionaries of {name} are of other weights"
        else:
            yield from _too_brief(found.settings.steps, found.settings.learning_rate, "cosine")


def _other_features(cell: TrainedCell, task: Task) -> Iterator[str]:
    """How its features differ from those of the claim, but for one that is set apart."""
    features, alike = cell.cell.features, slice(-1 if any(map(_sets_apart, cell.swept)) else None)
    importance = np.asarray(cell.cell.model.importance[alike])
    if task.importance_decay is None:
        if (np.diff(importance) >= 0).any():
            yield f"importance in {cell.experiment} does not fall from one to the next"
    else:
        expected = importance[0] * task.importance_decay ** np.arange(len(importance))
        if not np.allclose(importance, expected, rtol=1e-6, atol=0.0):
            yield f"importance in {cell.experiment} is not {task.importance_decay:g}^i"
    given = (features.correlated, features.anticorrelated, features.value_range)
    same = given == (task.correlated, task.anticorrelated, task.value_range)
    if not same or len(set(features.feature_probability[alike])) > 1:
        yield f"features in {cell.experiment} are not distributed as in the paper"


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
