"""Fingerprints of trained weights, by which anybody can tell whether they have the same.

The compiled engines give the same bytes on every machine, so that the weights of a cell either
agree or something is wrong with them, and then the losses and norms of its runs tell by how much.
Cells that differ only in what is swept beside density, thousands in a phase diagram, share one
fingerprint.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import StrEnum
from math import ceil, inf, isfinite
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
from pydantic import ValidationError

from superposition.base.canonical import canonical_json, digest
from superposition.base.errors import UserError
from superposition.base.files import read_bytes
from superposition.config.settings import Cell, Frozen
from superposition.model.weights import Weights

_COMPARED = 8
"""Runs whose losses and norms a fingerprint has, at most; the bytes are those of all."""
_T = TypeVar("_T")


class Fingerprint(Frozen):
    """The fingerprint of the weights of a cell, or of the cells that share it."""

    sha256: str
    """Of settings, parameters and losses; not of the file, whose header names the version."""
    settings: str
    """Digest of the settings; weights of other settings are not comparable."""
    loss: tuple[float | None, ...]
    """Loss of some of the runs on the evaluation sample; None if it is not finite."""
    norm: tuple[float | None, ...]
    """‖W‖_F of the same runs."""


class Checksums(Frozen):
    """The committed file."""

    package: str
    """Version of this package that made the weights."""
    libraries: str
    """Versions of the libraries that made them."""
    weights: dict[str, Fingerprint]
    """By `experiment/model_density`."""


class State(StrEnum):
    """What became of something that was compared, the worst first."""

    DIFFERS = "differs"
    DAMAGED = "damaged"
    MISSING = "missing"
    ALTERED = "altered"
    OTHER_VERSION = "made by another version"
    EXTRA = "extra"


class Difference(NamedTuple):
    """Something that is not as expected: a row of what `verify` prints."""

    name: str
    state: State
    detail: str


def by_density(cells: Mapping[str, _T]) -> dict[str, list[_T]]:
    """Cells that share a fingerprint, in the order of their names, by what these begin with."""
    shared: dict[str, list[_T]] = {}
    for name in sorted(cells):
        shared.setdefault(name.partition("+")[0], []).append(cells[name])
    return shared


def fingerprint(*cells: Weights) -> Fingerprint:
    """The fingerprint of the weights of a cell, or of several together."""
    sha = hashlib.sha256()
    for weights in cells:
        sha.update(canonical_json(weights.cell).encode())
        for name, array in sorted(weights.arrays().items()):
            sha.update(f"{name} {array.dtype} {array.shape}\n".encode() + array.tobytes())
    losses = [loss for weights in cells if weights.loss is not None for loss in weights.loss]
    norms = [float(np.linalg.norm(W)) for weights in cells for W in weights.W.astype(np.float64)]
    some = slice(None, None, ceil(len(norms) / _COMPARED))
    return Fingerprint(
        sha256=sha.hexdigest(),
        settings=settings_digest(*(weights.cell for weights in cells)),
        loss=tuple(map(_rounded, losses[some])),
        norm=tuple(map(_rounded, norms[some])),
    )


def settings_digest(*cells: Cell) -> str:
    """The digest of the settings of cells that share a fingerprint, as they are configured."""
    configured = (cell.model_copy(update={"start": ""}) for cell in cells)
    return digest("".join(map(canonical_json, configured)))


def read(path: Path) -> Checksums:
    """The committed checksums.

    Raises:
        UserError: If the file is missing or something else.
    """
    try:
        return Checksums.model_validate_json(read_bytes(path))
    except ValidationError as error:
        raise UserError(
            f"{path} does not hold checksums as this version writes them"
            f" ({error.error_count()} mistakes): restore it with git checkout {path}."
        ) from error


def compare(
    found: Mapping[str, Fingerprint], known: Mapping[str, Fingerprint], cells: Collection[str]
) -> Iterator[Difference]:
    """Where fingerprints, by `experiment/model_density`, are not those that are known.

    `cells` are those to be compared; weights of others are left over from earlier.
    """
    dropped = "the configuration does not build it"
    for name in sorted(found.keys() | known.keys()):
        if name not in found:
            cure = "build it with make" if name in cells else dropped
            yield Difference(name, State.MISSING, cure)
        elif name not in cells:
            yield Difference(name, State.EXTRA, dropped)
        elif name not in known:
            yield Difference(name, State.EXTRA, "not among the committed checksums")
        elif detail := how_much(found[name], known[name]):
            yield Difference(name, State.DIFFERS, detail)


def how_much(here: Fingerprint, known: Fingerprint) -> str:
    """By how much weights differ; nothing if they do not."""
    if here.sha256 == known.sha256:
        return ""
    if here.settings != known.settings:
        return "made with other settings, so not comparable"
    loss, norm = _change(here.loss, known.loss), _change(here.norm, known.norm)
    if not loss and not norm:
        return "in its bytes: losses and norms of the runs compared agree to 9 digits"
    return f"in the runs compared, loss by up to {loss:.1e}, ‖W‖ by up to {norm:.1e} (relative)"


def _rounded(value: float) -> float | None:
    return float(f"{value:.9g}") if isfinite(value) else None


def _change(here: Iterable[float | None], known: Iterable[float | None]) -> float:
    """The largest relative change."""
    changes = (
        inf if a is None or b is None else abs(a - b) / max(a, b)
        for a, b in zip(here, known, strict=False)
        if a != b
    )
    return max(changes, default=0.0)
