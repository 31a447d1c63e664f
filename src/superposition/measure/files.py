"""Trained cells from files of weights and of dictionaries, which have to be what was planned."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from superposition.base.errors import UserError
from superposition.config.settings import Cell, DictionarySettings
from superposition.measure.dictionaries import record
from superposition.measure.network import TrainedCell
from superposition.model.checking import load_planned
from superposition.model.weights import Weights, load


class Planned(NamedTuple):
    """What the weights of an experiment, and dictionaries of them, have to be of."""

    cells: Mapping[str, Cell]
    """Settings by the names of cells within the experiment."""
    dictionaries: DictionarySettings | None = None


def read(
    files: Iterable[Path | str],
    dictionaries: Iterable[Path | str] = (),
    planned: Mapping[str, Planned] | None = None,
) -> list[TrainedCell]:
    """The trained cells of weights files, in their order.

    Args:
        files: Paths `…/experiment.safetensors`, whose stems name the experiments.
        dictionaries: Files of dictionaries of some of them, named likewise.
        planned: What each experiment has to be; by default whatever there is.

    Raises:
        UserError: If a file is missing, damaged, or not one of ours, or not what was planned; or if
            dictionaries are not of these weights.
    """
    files = [*files]
    experiments = [Path(file).stem for file in files]
    of_weights: dict[str, Path | str] = {}
    for file in dictionaries:
        stem = Path(file).stem
        if stem not in experiments or stem in of_weights:
            raise UserError(
                f"{file}: dictionaries belong to the weights of the same name; expected one file "
                f"for each of some of {', '.join(experiments)}."
            )
        of_weights[stem] = file
    cells = []
    for file in files:
        experiment = Path(file).stem
        plan = planned[experiment] if planned is not None else None
        weights = load_planned(file, plan.cells) if plan else load(file)
        found: record.OfCells = {}
        if experiment in of_weights:
            found = record.load(of_weights[experiment])
            settings = plan.dictionaries if plan else None
            _check(of_weights[experiment], found, weights, settings)
        cells += [
            TrainedCell(f"{experiment}/{name}", its, found.get(name, ()))
            for name, its in weights.items()
        ]
    return cells


def _check(
    file: Path | str,
    found: record.OfCells,
    weights: Mapping[str, Weights],
    settings: DictionarySettings | None,
) -> None:
    """Make sure that dictionaries were trained as planned, and on these weights."""
    for name, its in ((name, its) for name, of_runs in found.items() for its in of_runs):
        theirs = weights.get(name)
        same = (
            theirs is not None
            and theirs.cell == its.cell
            and its.run in theirs.runs
            and np.array_equal(theirs.W[theirs.runs.index(its.run)], its.W)
        )
        planned = settings is None or its.settings.model_dump() == settings.model_dump()
        if not (same and planned):
            other = "with other settings" if same else "on other weights"
            raise record.DictionaryError(
                f"{file}: the dictionaries of {name}, run {its.run}, were trained {other} than "
                "those of this build. Delete it and run make: only this file is made again."
            )
