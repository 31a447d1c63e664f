"""Finding the networks that a claim is about among the weights that there are."""

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple

from superposition.claims.evidence import (
    MissingError,
    require_dictionaries,
    require_snapshots,
    require_task,
    require_training,
)
from superposition.claims.points import Point, by_sample, network, of_repetition, points
from superposition.claims.records import (
    BEST,
    Basis,
    Cells,
    Claim,
    Control,
    Network,
    Reading,
    Repetition,
    Task,
)
from superposition.dictionaries.record import Dictionaries
from superposition.weights import Weights

_KEPT = 3
"""Sets of networks that are kept, as claims that follow each other are often about the same."""

Repetitions = Mapping[int, Repetition]


class _Subject(NamedTuple):
    """What decides a claim's networks: claims that share it look at the same ones."""

    task: Task
    cells: tuple[Cells, ...]
    constructed: Callable[[], Repetition] | None
    ranking: Callable[..., list[int]] | None
    together: bool


class Library:
    """All weights of a build, and the dictionaries of some of them."""

    def __init__(
        self, weights: Mapping[str, Weights], dictionaries: Mapping[str, Dictionaries] | None = None
    ) -> None:
        """Take trained cells and dictionaries, both keyed `experiment/model_density`."""
        found = dictionaries or {}
        self.points = [
            point
            for key, cell in weights.items()
            for point in points(key.split("/")[0], cell, found.get(key))
        ]
        self._of = lru_cache(maxsize=None)(self._ordered)
        self._repetitions = lru_cache(_KEPT)(self._find)
        self._controls = lru_cache(_KEPT)(self._build)

    def repetitions(self, claim: Claim) -> Repetitions:
        """Return the repetitions on which a claim is judged, `BEST` and one per run.

        Cells of unequal numbers of runs are compared as far as the shortest goes. What is
        constructed is there once, and so are all runs if a claim is judged on them together: as
        `BEST`, the runs of each cell one after the other.

        Raises:
            MissingError: If a cell is missing, solves another problem, or is hardly trained.
        """
        return self._repetitions(_subject(claim))

    def controls(self, claim: Claim) -> Repetitions:
        """Return the control's counterpart of every repetition that has one.

        Raises:
            MissingError: If the lowest-loss networks have none.
        """
        return self._controls(claim.control, _subject(claim))

    def _find(self, subject: _Subject) -> Repetitions:
        ideal = subject.constructed() if subject.constructed is not None else ()
        if not subject.cells:
            return {BEST: ideal}
        found = [point for cells in subject.cells for point in self._select(subject.task, cells)]
        for point in found:
            require_training(point.weights.cell.training)
        if subject.together:
            runs = ((point, run) for point in found for run in range(len(point.weights.runs)))
            return {BEST: tuple(network(point, run) for point, run in runs)}
        shared = range(min(len(point.weights.runs) for point in found))
        if any(cells.enumerated for cells in subject.cells):
            shared = range(0)
        best = (subject.ranking or by_sample)([point.weights for point in found])
        chosen = [network(point, run, BEST) for point, run in zip(found, best, strict=True)]
        return {BEST: ideal + tuple(chosen)} | {
            run: ideal + tuple(network(point, run) for point in found) for run in shared
        }

    def _build(self, control: Control, subject: _Subject) -> Repetitions:
        found = {}
        for repetition, networks in self._repetitions(subject).items():
            built = [control.build(one, self) for one in networks]
            if all(one is not None for one in built):
                found[repetition] = tuple(one for one in built if one is not None)
            elif repetition == BEST:
                raise MissingError(f"its control, {control.name}, is not there")
        return found

    def counterpart(self, network: Network, model: str) -> Network | None:
        """Return the network of another model at the same density, from the same repetition."""
        for point in self._of(network.experiment, model, True):
            same = math.isclose(point.density, network.density)
            same &= math.isclose(point.relative, network.relative)
            if same and network.repetition < len(point.weights.runs):
                return of_repetition(point, network.repetition)
        return None

    def closest(
        self, experiment: str, model: str, density: float, repetition: int
    ) -> Network | None:
        """Return a network of another experiment at the density closest by ratio, if any."""
        there = [
            point
            for point in self._of(experiment, model, False)
            if repetition < len(point.weights.runs)
        ]
        if not there:
            return None
        near = min(
            there, key=lambda point: max(point.density, density) / min(point.density, density)
        )
        return of_repetition(near, repetition)

    def _select(self, task: Task, cells: Cells) -> list[Point]:
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
            if not cells.others:
                selected = [point for points in matches.values() for point in points]
        for point in selected:
            require_task(point, task)
            if cells.watched:
                require_snapshots(point)
            if cells.enumerated:
                require_dictionaries(point)
        return selected

    def _ordered(self, experiment: str, model: str, relative: bool) -> list[Point]:
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


def _subject(claim: Claim) -> _Subject:
    basis: Basis = claim.basis
    together = basis.reading is Reading.ALL_RUNS
    return _Subject(claim.task, claim.cells, claim.constructed, basis.ranking, together)
