"""The networks that a claim is about, found among trained cells."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from superposition.claims.claim import Cells, Claim, Control, Repetition, Task
from superposition.claims.objections import below_a_structure, objections, undertrained
from superposition.config.derived import sets_apart
from superposition.convergence.evidence import Evidence
from superposition.measure.network import BEST, Network, TrainedCell, select
from superposition.model.weights import lowest

Repetitions = Mapping[int, Repetition]
"""Repetitions by run number, `BEST` for that of the lowest-loss runs."""
Chosen = tuple[int, ...]
"""A run of each cell, by its place among its cell's."""
Drawn = tuple[np.ndarray, ...]
"""Runs of each cell."""


class MissingError(Exception):
    """Networks that a claim needs are not there or not fit for it; the message says why."""


class Library:
    """All trained cells of a build."""

    def __init__(self, cells: Iterable[TrainedCell], evidence: Evidence | None = None) -> None:
        """Take the cells, and the evidence for recipes by which they are found undertrained."""
        self._cells, self._evidence = list(cells), evidence or Evidence()
        self._told: dict[str, str] = {}

    def runs_of(self, claim: Claim) -> "Runs":
        """What there is to judge a claim on.

        Raises:
            MissingError: If a cell is missing, solves another problem, or is hardly trained.
        """
        ideal = claim.constructed() if claim.constructed is not None else ()
        cells = [cell for cells in claim.cells for cell in self._select(claim.task, cells)]
        return Runs(claim, ideal, tuple(cells))

    def cell(
        self, experiment: str, density: float, model: str = "relu", **swept: Any
    ) -> TrainedCell:
        """A cell of an experiment, by its density and what else is swept.

        Raises:
            MissingError: If it is not there.
        """
        for cell in select(self._cells, experiment, model):
            same = all(cell.swept.get(key) == value for key, value in swept.items())
            if same and math.isclose(cell.density, density):
                return _finite(cell)
        raise MissingError(f"no {model} model of {experiment} at 1 − S = {density:g}")

    def cells(self, experiment: str, model: str = "relu") -> Sequence[TrainedCell]:
        """All cells of an experiment.

        Raises:
            MissingError: If there are none.
        """
        found = select(self._cells, experiment, model)
        if not found:
            raise MissingError(f"no {model} model in experiment {experiment}")
        return [_finite(cell) for cell in found]

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
        cell = self.counterpart_cell(network, model)
        return cell.numbered(network.run) if cell else None

    def counterpart_cell(self, network: Network, model: str) -> TrainedCell | None:
        """All runs of another model in the same place, if there are any."""
        place = (network.experiment, model, network.density, *network.swept.items())
        found = self._by_place.get(place)
        return None if found is None else _finite(found)

    @cached_property
    def _by_place(self) -> dict[tuple[object, ...], TrainedCell]:
        return {(c.experiment, c.model, c.density, *c.swept.items()): c for c in self._cells}

    def closest(self, experiment: str, network: Network) -> Network | None:
        """The network of another experiment at the density closest by ratio, if there is one.

        It is of the same model and from the same repetition.
        """
        there = select(self._cells, experiment, network.model)
        near = min(
            (cell for cell in there if network.run in (BEST, *cell.weights.runs)),
            key=lambda cell: max(cell.density / network.density, network.density / cell.density),
            default=None,
        )
        return _finite(near).numbered(network.run) if near else None

    def _select(self, task: Task | None, cells: Cells) -> list[TrainedCell]:
        """The cells asked for, from dense to sparse, and at each density by what is swept."""
        task = cells.task or task
        assert task is not None, "a claim about trained cells has a task"
        selected = there = self._ordered(task.experiment, cells)
        if (levels := len({cell.density for cell in there})) < cells.fewest:
            raise MissingError(
                f"{levels} densities of {task.experiment}; judging needs {cells.fewest}"
            )
        if cells.densities is not None:
            matches = {d: [c for c in there if math.isclose(d, c.density)] for d in cells.densities}
            missing = [f"{density:g}" for density, found in matches.items() if not found]
            if missing:
                raise MissingError(f"no {cells.model} model at 1 − S = {', '.join(missing)}")
            if not cells.others:
                selected = [cell for found in matches.values() for cell in found]
        for cell in selected:
            _finite(cell)
            if objection := next(objections(cell, task, cells), "") or self._undertrained(cell):
                raise MissingError(objection)
        return selected

    def _undertrained(self, cell: TrainedCell) -> str:
        """What speaks against the training of a cell, if anything; looked for once.

        Experiments that show a recipe itself, the notebook's own, are not compared.
        """
        family = self._evidence.serving(cell.experiment, cell.cell)
        if family is None:
            return ""
        if cell.name not in self._told:
            told = undertrained(cell.experiment, cell.cell.training, family)
            self._told[cell.name] = told or below_a_structure(cell)
        return self._told[cell.name]

    def _ordered(self, experiment: str, cells: Cells) -> list[TrainedCell]:
        """The cells of a model that differ in density, and in what the claim says is swept."""
        key = cells.swept
        found = [
            cell
            for cell in select(self._cells, experiment, cells.model)
            if (key is None or key in cell.swept)
            and all(v == 1 for k, v in cell.swept.items() if k != key and sets_apart(k))
            and all(cell.swept.get(k) == v for k, v in cells.at.items())
        ]
        if not found:
            asked = [key] if key else []
            for k, v in cells.at.items():
                asked.append(f"{k} {v}" if isinstance(v, str) else f"{k} {v:g}")
            sweep = f" with {' and '.join(asked)}" if asked else ""
            raise MissingError(f"no {cells.model} model in experiment {experiment}{sweep}")
        values = {k: {cell.swept.get(k) for cell in found} for k in found[0].swept}
        if others := [k for k, there in values.items() if k != key and len(there) > 1]:
            raise MissingError(
                f"{experiment} sweeps {', '.join(others)}; the claim is about one value"
            )
        if key is not None and len(values[key]) == 1:
            raise MissingError(f"{experiment} has one value of {key}; the claim compares several")
        return sorted(found, key=lambda cell: (-cell.density, cell.swept.get(key or "", 0)))


class Runs:
    """What a claim is judged on: networks constructed for it, and the runs of trained cells."""

    def __init__(self, claim: Claim, ideal: Repetition, cells: Sequence[TrainedCell]) -> None:
        """Take what was found."""
        self.ideal, self.cells = ideal, cells
        self.reading, self._rank = claim.basis.reading, claim.basis.ranking
        self.shared = min(map(len, cells), default=0)
        """Runs that all cells have and that are judged one by one: cells of unequal numbers of runs
        are compared as far as the shortest goes."""
        self.all_runs = self.reading == "all runs"

    @cached_property
    def losses(self) -> Sequence[np.ndarray]:
        """The loss of each run of each cell by which the lowest is told."""
        return self._rank(self.cells) if self._rank else [cell.loss for cell in self.cells]

    def lowest(self, drawn: Drawn) -> Chosen:
        """Of each cell the run with the lowest loss among those drawn."""
        chosen = []
        for loss, runs in zip(self.losses, drawn, strict=True):
            there = np.unique(runs)
            chosen.append(int(there[lowest(loss[there])]))
        return tuple(chosen)

    def draw(self, generator: np.random.Generator | None = None) -> Drawn:
        """All runs of each cell, or as many drawn with replacement, as a build might have had them.

        Cells of as many runs are drawn alike: the same repetitions of the whole experiment.
        """
        if generator is None:
            return tuple(np.arange(len(cell)) for cell in self.cells)
        part = generator.random(max(map(len, self.cells)))
        return tuple((part[: len(cell)] * len(cell)).astype(int) for cell in self.cells)

    def networks(self, chosen: Chosen) -> Repetition:
        """The networks of a repetition, of which each cell's run is chosen."""
        trained = (cell.networks[run] for cell, run in zip(self.cells, chosen, strict=True))
        return (*self.ideal, *trained)

    def of_all_runs(self, drawn: Drawn) -> Repetition:
        """The networks of all runs drawn, one cell after the other."""
        cells = zip(self.cells, drawn, strict=True)
        return tuple(cell.networks[run] for cell, runs in cells for run in runs.tolist())

    def repetitions(self) -> Repetitions:
        """The repetitions as they came: `BEST`, and one for each run that is judged by itself."""
        if self.all_runs:
            return {BEST: self.of_all_runs(self.draw())}
        best = self.networks(self.lowest(self.draw()))[len(self.ideal) :]
        return {BEST: (*self.ideal, *(replace(one, run=BEST) for one in best))} | {
            run: self.networks((run,) * len(self.cells)) for run in range(self.shared)
        }


def _finite(cell: TrainedCell) -> TrainedCell:
    """The cell, if no run of it has diverged: what is left would be a choice of runs.

    Raises:
        MissingError: If one has.
    """
    if cell.divergence:
        raise MissingError(cell.divergence)
    return cell
