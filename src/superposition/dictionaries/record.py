"""Trained dictionaries on disk: the only reader and writer.

A dictionary is a sparse autoencoder of hidden activations h = W x,

    f = ReLU(E h + c),   ĥ = Dᵀ f + d,

whose rows D_k, of length 1, are directions of hidden space that it takes for features; f_k are its
latents. It is trained to lower the mean of ‖h − ĥ‖² + λ Σ_k f_k: latents are to be few and small.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from superposition import __version__
from superposition.array_files import Arrays, FileKind
from superposition.errors import UserError
from superposition.settings import Cell, DictionarySettings


class DictionaryError(UserError):
    """A file of dictionaries is missing, damaged or foreign."""


_FILE = FileKind(
    "file of dictionaries", "superposition dictionaries 1", "Train them", DictionaryError
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
        """Return the arrays by name."""
        return {
            "encoder": self.encoder,
            "decoder": self.decoder,
            "encoder_bias": self.encoder_bias,
            "decoder_bias": self.decoder_bias,
            "fired": self.fired,
            "totals": self.totals,
        }


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


def save(path: Path | str, found: Dictionaries) -> None:
    """Write dictionaries to a file, whole or not at all.

    Raises:
        OutputError: If the file cannot be written.
    """
    arrays: dict[str, NDArray[Any]] = {"W": found.W}
    for number, dictionary in enumerate(found.trained):
        arrays |= {f"{number}/{name}": array for name, array in dictionary.arrays().items()}
    header = {
        "package_version": __version__,
        "cell": found.cell,
        "run": found.run,
        "settings": found.settings,
    }
    _FILE.write(path, header, arrays)


def load(path: Path | str) -> Dictionaries:
    """Read a file of dictionaries.

    Raises:
        DictionaryError: If the file is missing, damaged, or not one of ours.
    """

    def build(header: dict[str, Any], arrays: Arrays) -> Dictionaries:
        settings = DictionarySettings.model_validate(header["settings"])
        pairs = [(size, penalty) for size in settings.sizes for penalty in settings.penalties]
        names = ("encoder", "decoder", "encoder_bias", "decoder_bias", "fired", "totals")
        trained = [
            Dictionary(penalty, *(arrays[f"{number}/{name}"] for name in names))
            for number, (_, penalty) in enumerate(pairs)
        ]
        cell = Cell.model_validate(header["cell"])
        return Dictionaries(cell, int(header["run"]), arrays["W"], settings, trained)

    return _FILE.read(path, build)
