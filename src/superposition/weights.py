"""Trained weights on disk: the only reader and writer.

A weights file is a safetensors file: plain arrays behind a JSON header, readable from many
languages, and loading runs no code. All metadata is one canonical JSON text under one key, because
safetensors writes its metadata map in random order and the file is to be the same bytes every time.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as serialize

from superposition import __version__
from superposition.errors import UserError
from superposition.files import write_bytes
from superposition.model import MODELS
from superposition.settings import Cell, canonical_json

_FORMAT = "superposition weights 1"
_KEY = "superposition"


class WeightsError(UserError):
    """A weights file is missing, damaged, foreign or not what was asked for."""


@dataclass(frozen=True)
class Parameters:
    """Parameters of several runs of one model."""

    W: NDArray[np.float32]
    """Weights `[runs, m, n]`; column W_i is the direction of feature i."""
    b: NDArray[np.float32]
    """Output bias `[runs, n]`."""
    W_out: NDArray[np.float32] | None = None
    """Output weights `[runs, n, m]` of an untied model."""

    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """Return the arrays by name."""
        named = {"W": self.W, "b": self.b, "W_out": self.W_out}
        return {name: array for name, array in named.items() if array is not None}


def join(parts: Sequence[Parameters]) -> Parameters:
    """Put the runs of one model one behind the other."""
    outputs = [part.W_out for part in parts if part.W_out is not None]
    return Parameters(
        np.concatenate([part.W for part in parts]),
        np.concatenate([part.b for part in parts]),
        np.concatenate(outputs) if outputs else None,
    )


@dataclass(frozen=True)
class Weights:
    """The trained runs of a cell, or some of them."""

    cell: Cell
    """The settings that decide these weights."""
    runs: tuple[int, ...]
    """Number of each run."""
    final: Parameters
    """Parameters after the last step."""
    loss: NDArray[np.float64] | None = None
    """Loss of each run on the evaluation sample, `[runs]`; None before they were compared."""
    snapshots: Mapping[int, Parameters] = field(default_factory=dict)
    """Parameters after earlier steps, by step."""

    @property
    def W(self) -> NDArray[np.float32]:
        """Weights `[runs, m, n]` after the last step."""
        return self.final.W

    @property
    def b(self) -> NDArray[np.float32]:
        """Output bias `[runs, n]` after the last step."""
        return self.final.b

    @property
    def W_out(self) -> NDArray[np.float32] | None:
        """Output weights `[runs, n, m]` after the last step, of an untied model."""
        return self.final.W_out

    @property
    def best(self) -> int:
        """Index of the run with the lowest loss, the first if they tie; never a diverged one."""
        if self.loss is None:
            raise ValueError("these runs have not been compared yet: they carry no loss")
        if not np.isfinite(self.loss).any():
            raise WeightsError("All runs of this cell have diverged: try a lower learning rate.")
        return int(np.nanargmin(np.where(np.isfinite(self.loss), self.loss, np.nan)))


def save(path: Path | str, weights: Weights) -> None:
    """Write weights to a file, whole or not at all.

    Raises:
        OutputError: If the file cannot be written.
    """
    tensors: dict[str, NDArray[Any]] = dict(weights.final.arrays())
    for step, parameters in weights.snapshots.items():
        tensors |= {f"step {step}/{name}": a for name, a in parameters.arrays().items()}
    if weights.loss is not None:
        tensors["loss"] = weights.loss
    header = {
        "format": _FORMAT,
        "package_version": __version__,
        "cell": weights.cell,
        "runs": weights.runs,
    }
    contiguous = {name: np.ascontiguousarray(array) for name, array in tensors.items()}
    write_bytes(path, serialize(contiguous, metadata={_KEY: canonical_json(header)}))


def load(path: Path | str) -> Weights:
    """Read a weights file.

    Raises:
        WeightsError: If the file is missing, damaged, or not one of ours.
    """
    path = Path(path)
    if not path.is_file():
        raise WeightsError(f"{path}: no such weights file. Train it first: run make.")
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise WeightsError(
            f"{path}: not a readable safetensors file ({error}); it is damaged or cut short. "
            "Delete it and run make: only this file is made again."
        ) from error
    return _assemble(path, metadata, tensors)


def _assemble(path: Path, metadata: Mapping[str, str], tensors: dict[str, Any]) -> Weights:
    """Build the record from a file's contents, or say what is wrong with them."""
    try:
        header = json.loads(metadata[_KEY])
        if header["format"] != _FORMAT:
            raise WeightsError(
                f"{path}: its format is {header['format']!r}, expected {_FORMAT!r}; "
                f"it was written by version {header.get('package_version')} of this package."
            )
        cell = Cell.model_validate(header["cell"])
        runs = tuple(int(run) for run in header["runs"])
    except (KeyError, TypeError, ValueError, ValidationError) as error:
        raise WeightsError(
            f"{path}: a safetensors file, but not one that this package wrote "
            f"(its header lacks the settings). Expected metadata under {_KEY!r}."
        ) from error
    loss = tensors.pop("loss", None)
    steps = sorted({int(name.split("/")[0][5:]) for name in tensors if name.startswith("step ")})
    snapshots = {step: _parameters(path, cell, runs, tensors, f"step {step}/") for step in steps}
    return Weights(cell, runs, _parameters(path, cell, runs, tensors, ""), loss, snapshots)


def _parameters(
    path: Path, cell: Cell, runs: tuple[int, ...], tensors: dict[str, Any], prefix: str
) -> Parameters:
    """Return the parameters whose names begin with `prefix`, checked against the settings."""
    n, m = cell.features.n_features, cell.model.n_hidden
    expected = {"W": (len(runs), m, n), "b": (len(runs), n)}
    if not MODELS[cell.model.model].tied:
        expected["W_out"] = (len(runs), n, m)
    for name, shape in expected.items():
        found = tensors.get(prefix + name)
        if found is None or found.shape != shape:
            has = "is missing" if found is None else f"has shape {list(found.shape)}"
            raise WeightsError(
                f"{path}: array {prefix + name!r} {has}; its settings ask for {list(shape)}. "
                "The file was altered: delete it and run make."
            )
    return Parameters(**{name: tensors[prefix + name] for name in expected})
