"""Weights that training starts from, in the place of random ones.

Run r of a cell starts from run r of what is given for it, modulo how many there are; the optimiser
starts anew. A cell that is trained so has the digest of these weights among its settings.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from superposition.config.settings import Cell
from superposition.model.parameters import Parameters, shapes_of
from superposition.model.weights import Weights, WeightsError, load


def starting(
    cells: Mapping[str, Cell], given: Mapping[str, Weights], where: str
) -> dict[str, tuple[Cell, Parameters]]:
    """Cells by their names within an experiment, each with the digest of its start, and the start.

    Args:
        cells: What is to be trained.
        given: Trained cells by their names: that of the same name, or the only one.
        where: What messages call it.

    Raises:
        WeightsError: If a cell is missing, or is of another model or size.
    """
    found = {}
    for name, cell in cells.items():
        one = next(iter(given)) if len(given) == 1 else name
        if one not in given:
            raise WeightsError(
                f"{where}: has no cell {name} to start from, but {', '.join(given)}. "
                "Give weights with a cell of that name, or with one cell for all."
            )
        theirs, model = given[one].cell.model.model, cell.model.model
        if theirs != model:
            raise WeightsError(
                f"{where}: {one} is of the model {theirs}; expected {model}, as {name} is, which "
                "starts from it."
            )
        found[name] = started(cell, given[one].final, f"{where}: {one}")
    return found


def started(cell: Cell, start: Parameters, where: str) -> tuple[Cell, Parameters]:
    """A cell with the digest of what it starts from, and that.

    Raises:
        WeightsError: If an array is missing, has another shape or holds what is not a number.
    """
    sha, arrays = hashlib.sha256(), start.arrays()
    for name, shape in shapes_of(cell).items():
        array = arrays.get(name)
        if array is None or array.shape[1:] != shape:
            has = "has none" if array is None else f"has shape {[*array.shape[1:]]}"
            raise WeightsError(
                f"{where}: {name} of a run {has}; expected {[*shape]} to start from, for n = "
                f"{cell.features.n_features} features and m = {cell.model.n_hidden} dimensions."
            )
        if not np.isfinite(array).all():
            raise WeightsError(f"{where}: {name} has diverged; expected finite numbers.")
        sha.update(f"{name} {array.shape}\n".encode() + array.tobytes())
    return cell.model_copy(update={"start": sha.hexdigest()}), start


def from_file(
    cells: Mapping[str, Cell], file: Path | str, where: str
) -> dict[str, tuple[Cell, Parameters]]:
    """The same as `starting`, of the cells in a file.

    Raises:
        WeightsError: If it is missing, damaged or no weights file of ours as well.
    """
    try:
        given = load(file)
    except WeightsError as error:
        raise WeightsError(f"{where}: {error}") from None
    return starting(cells, given, f"{where}: {file}")


def from_arrays(cell: Cell, arrays: Mapping[str, Any], where: str) -> tuple[Cell, Parameters]:
    """The same as `started`, of arrays by name, of one run or with an axis of runs before.

    Biases that are not among them are 0.

    Raises:
        WeightsError: If there are others than those of the model, or of unequal numbers of runs, as
            well.
    """
    shapes = shapes_of(cell)
    if unknown := arrays.keys() - shapes.keys():
        raise WeightsError(
            f"{where}: has {', '.join(sorted(unknown))}; expected arrays {', '.join(shapes)} of a "
            f"{cell.model.model} model."
        )
    zeros = {name: np.zeros(shapes[name]) for name in {"b", "hidden_bias"} & shapes.keys()}
    given = {name: np.asarray(array, np.float32) for name, array in {**zeros, **arrays}.items()}
    given = {
        name: array if array.ndim > len(shapes[name]) else array[None]
        for name, array in given.items()
    }
    runs = max(map(len, given.values()))
    if any(len(array) not in (1, runs) for array in given.values()):
        counts = sorted({len(array) for array in given.values()})
        raise WeightsError(f"{where}: arrays are of {counts} runs; expected as many of each.")
    missing = {name: np.zeros((runs, 0), np.float32) for name in {"W", "W_out"} & shapes.keys()}
    whole = {name: np.repeat(a, runs // len(a), axis=0) for name, a in given.items()}
    return started(cell, Parameters(**(missing | whole)), where)
