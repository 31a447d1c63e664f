"""Trained dictionaries on disk: the only reader and writer.

A dictionary is a sparse autoencoder of hidden activations h = W x,

    f = ReLU(E h + c),   ĥ = Dᵀ f + d,

whose rows D_k, of length 1, are directions of hidden space that it takes for features; f_k are its
latents. It is trained to lower the mean of ‖h − ĥ‖² + λ Σ_k f_k: latents are to be few and small.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from superposition.base.arrays import Arrays, FileKind
from superposition.base.errors import UserError
from superposition.base.version import VERSION
from superposition.config.settings import Cell, DictionarySettings


class DictionaryError(UserError):
    """A file of dictionaries is missing, damaged or foreign."""


_FILE = FileKind(
    "file of dictionaries", "superposition dictionaries 2", "Train them", DictionaryError
)


@dataclass(frozen=True)
class Dictionary:
    """One trained sparse autoencoder, and what it does on fresh samples."""

    penalty: float
    """λ."""
    encoder: NDArray[np.float32]
    """E `[latents, m]`."""
    decoder: NDArray[np.float32]
    """D `[latents, m]`: row k, of length 1, is the direction of latent k."""
    encoder_bias: NDArray[np.float32]
    """c [latents]."""
    decoder_bias: NDArray[np.float32]
    """d [m]."""
    fired: NDArray[np.int64]
    """In how many of the fresh samples each latent is active, [latents]."""
    totals: NDArray[np.float64]
    """Over the fresh samples: Σ ‖h − ĥ‖², Σ ‖h‖², Σ f, and how many there are, [4]."""

    @property
    def size(self) -> int:
        """Number of latents."""
        return len(self.decoder)

    def arrays(self) -> Arrays:
        """The arrays by name."""
        return {name: getattr(self, name) for name in _ARRAYS}


_ARRAYS = tuple(field.name for field in fields(Dictionary) if field.name != "penalty")


@dataclass(frozen=True)
class Dictionaries:
    """All dictionaries of one model's hidden activations."""

    cell: Cell
    """Settings of the model."""
    run: int
    """Number of the run whose activations they were trained on."""
    W: NDArray[np.float32]
    """Weights of that run, `[m, n]`: what there was to find."""
    settings: DictionarySettings
    """How they were trained."""
    trained: Sequence[Dictionary]
    """By size, then by penalty, in the order of the settings."""


def save(path: Path | str, found: Mapping[str, Dictionaries]) -> None:
    """Write the dictionaries of cells, by the names of the cells, atomically to a file.

    Raises:
        OutputError: If the file cannot be written.
    """
    arrays: dict[str, NDArray[Any]] = {}
    for cell, its in found.items():
        arrays[f"{cell}/W"] = its.W
        for number, dictionary in enumerate(its.trained):
            named = dictionary.arrays().items()
            arrays |= {f"{cell}/{number}/{name}": array for name, array in named}
    listed = [
        {"name": name, "cell": its.cell, "run": its.run, "settings": its.settings}
        for name, its in found.items()
    ]
    _FILE.write(path, {"package_version": VERSION, "cells": listed}, arrays)


def load(path: Path | str) -> dict[str, Dictionaries]:
    """Read a file of dictionaries, by the names of the cells.

    Raises:
        DictionaryError: If the file is missing, damaged, or not one of ours.
    """
    return _FILE.read(
        path, lambda header, arrays: {one["name"]: _of_file(one, arrays) for one in header["cells"]}
    )


def _of_file(entry: dict[str, Any], arrays: Arrays) -> Dictionaries:
    name, settings = entry["name"], DictionarySettings.model_validate(entry["settings"])
    pairs = [(size, penalty) for size in settings.sizes for penalty in settings.penalties]
    trained = [
        Dictionary(penalty, *(arrays[f"{name}/{number}/{field}"] for field in _ARRAYS))
        for number, (_, penalty) in enumerate(pairs)
    ]
    cell = Cell.model_validate(entry["cell"])
    return Dictionaries(cell, int(entry["run"]), arrays[f"{name}/W"], settings, trained)
