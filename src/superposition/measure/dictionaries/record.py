"""Trained dictionaries on disk: the only reader and writer.

A dictionary is a sparse autoencoder of hidden activations h = W x,

    f = σ(E h + c),   ĥ = Dᵀ f + d,

whose rows D_k, of length 1, are directions of hidden space that it takes for features; f_k are its
latents. It is trained to lower the mean of ‖h − ĥ‖², and its kind says how latents are kept few:

- `relu`: σ is a ReLU, and the loss has λ Σ_k f_k beside it: latents are to be few and small.
- `topk` (Gao et al. 2024, arXiv 2406.04093): of what a ReLU lets through the k largest are kept. It
  does without their second loss, which revives latents: the dead are to be counted.
- `jumprelu` (Rajamanoharan et al. 2024, arXiv 2407.14435): what is above a threshold θ_k is let
  through as it is. Thresholds are learned, and the loss has μ beside it for each active latent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from superposition.base.arrays import Arrays, FileKind
from superposition.base.errors import UserError
from superposition.base.version import VERSION
from superposition.config.settings import Cell, DictionarySettings


class DictionaryError(UserError):
    """A file of dictionaries is missing, damaged or foreign."""


_FILE = FileKind(
    "file of dictionaries", "superposition dictionaries 3", "Train them", DictionaryError
)


Kind = Literal["relu", "topk", "jumprelu"]


class Design(NamedTuple):
    """A dictionary as it is to be trained."""

    size: int
    """Latents."""
    kind: Kind
    level: float
    """What keeps its latents few: λ of relu, k of topk, μ of jumprelu."""


def designs(settings: DictionarySettings) -> list[Design]:
    """All dictionaries of settings, in their order: by size, then by kind, then by level."""
    levels: tuple[tuple[Kind, tuple[float, ...]], ...] = (
        ("relu", settings.penalties),
        ("topk", settings.most_active),
        ("jumprelu", settings.prices),
    )
    return [
        Design(size, kind, float(level))
        for size in settings.sizes
        for kind, of_kind in levels
        for level in of_kind
    ]


@dataclass(frozen=True)
class Dictionary:
    """One trained sparse autoencoder, and what it does on fresh samples."""

    kind: Kind
    level: float
    """What keeps its latents few: λ of relu, k of topk, μ of jumprelu."""
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
    threshold: NDArray[np.float32] | None = None
    """θ [latents]; of jumprelu alone, as others have none."""

    def __repr__(self) -> str:
        """What it is, in a line."""
        return f"<Dictionary: {self.size} latents, {LEVELS[self.kind]} = {self.level:g}>"

    @property
    def size(self) -> int:
        """Number of latents."""
        return len(self.decoder)

    def arrays(self) -> Arrays:
        """The arrays by name."""
        threshold = {} if self.threshold is None else {"threshold": self.threshold}
        return {name: getattr(self, name) for name in _ARRAYS} | threshold


LEVELS: Mapping[Kind, str] = {"relu": "λ", "topk": "k", "jumprelu": "μ"}
"""What the level of each kind is called."""
_ARRAYS = ("encoder", "decoder", "encoder_bias", "decoder_bias", "fired", "totals")
"""Those that all kinds have."""


@dataclass(frozen=True)
class Dictionaries:
    """All dictionaries of one network's hidden activations."""

    cell: Cell
    """Settings of the model."""
    run: int
    """Number of the run whose activations they were trained on."""
    W: NDArray[np.float32]
    """Weights of that run, `[m, n]`: what there was to find."""
    settings: DictionarySettings
    """How they were trained."""
    trained: Sequence[Dictionary]
    """By size, then by kind, then by level, in the order of the settings."""

    def __repr__(self) -> str:
        """What they are, in a line."""
        return f"<Dictionaries of run {self.run}: {len(self.trained)}, in .trained>"

    def of(self, kind: Kind) -> "Dictionaries":
        """Those of one kind alone."""
        return replace(self, trained=[one for one in self.trained if one.kind == kind])


OfCells = Mapping[str, Sequence[Dictionaries]]
"""Dictionaries by the names of cells, one for each run in their order."""


def save(path: Path | str, found: OfCells) -> None:
    """Write the dictionaries of cells atomically to a file.

    Raises:
        OutputError: If the file cannot be written.
    """
    arrays: dict[str, NDArray[Any]] = {}
    listed = []
    for name, its in ((name, its) for name, of_runs in found.items() for its in of_runs):
        listed.append({"name": name, "cell": its.cell, "run": its.run, "settings": its.settings})
        arrays[f"{name}/{its.run}/W"] = its.W
        for number, dictionary in enumerate(its.trained):
            named = dictionary.arrays().items()
            arrays |= {f"{name}/{its.run}/{number}/{field}": array for field, array in named}
    _FILE.write(path, {"package_version": VERSION, "cells": listed}, arrays)


def load(path: Path | str) -> OfCells:
    """Read a file of dictionaries.

    Raises:
        DictionaryError: If the file is missing, damaged, or not one of ours.
    """
    return _FILE.read(path, _of_file)


def _of_file(header: dict[str, Any], arrays: Arrays) -> OfCells:
    found: dict[str, list[Dictionaries]] = {}
    for entry in header["cells"]:
        found.setdefault(entry["name"], []).append(_of_run(entry, arrays))
    return found


def _of_run(entry: dict[str, Any], arrays: Arrays) -> Dictionaries:
    settings = DictionarySettings.model_validate(entry["settings"])
    name, run = f"{entry['name']}/{entry['run']}", int(entry["run"])
    trained = []
    for number, (_, kind, level) in enumerate(designs(settings)):
        fields = (*_ARRAYS, "threshold") if kind == "jumprelu" else _ARRAYS
        its = {field: arrays[f"{name}/{number}/{field}"] for field in fields}
        trained.append(Dictionary(kind, level, **its))
    cell = Cell.model_validate(entry["cell"])
    return Dictionaries(cell, run, arrays[f"{name}/W"], settings, trained)
