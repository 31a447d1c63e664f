"""Comparing finished weights with the committed checksums, and what is shown with the results.

The engine gives the same bytes on every machine, so a weights file either agrees or something is
wrong with it, and then the losses and norms of its runs tell by how much.
"""

import hashlib
import json
from argparse import Namespace
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np
from pydantic import ValidationError

from superposition import __version__
from superposition.config import load as load_config
from superposition.digests import versions
from superposition.errors import UserError
from superposition.files import write_text
from superposition.published import shown
from superposition.settings import Cell, Frozen, canonical_json, digest
from superposition.weights import Weights, WeightsError, load

_COMPARED = 8
"""Runs of a cell whose losses and norms are remembered, at most; the bytes are those of all."""
_LIBRARIES = ("numpy", "numba", "llvmlite")


class Fingerprint(Frozen):
    """What is remembered of one weights file."""

    sha256: str
    """Of settings, parameters and losses; not of the file, whose header names the version."""
    settings: str
    """Digest of the cell's settings; files of other settings are not comparable."""
    runs: int
    """How many runs there are; of a row, at all its points together."""
    loss: tuple[float, ...]
    """Loss of some of the runs on the evaluation sample."""
    norm: tuple[float, ...]
    """‖W‖_F of the same runs."""


class Checksums(Frozen):
    """The committed file."""

    package: str
    """Version of this package that made the weights."""
    libraries: str
    """Versions of the libraries that made them."""
    weights: dict[str, Fingerprint]
    """One entry per cell, by name."""


class State(StrEnum):
    """What became of a cell's file."""

    SAME = "same"
    DIFFERS = "differs"
    DAMAGED = "damaged"
    MISSING = "missing"
    OTHER = "other settings"
    EXTRA = "extra"
    LEFTOVER = "left over"


class Finding(NamedTuple):
    """One line of the report."""

    name: str
    state: State
    detail: str = ""


def verify_command(options: Namespace) -> int:
    """Print how the results compare; return 0 if every committed file is there and agrees.

    What the repository shows, the README's table and the figures in docs/, must agree as well. Of
    an archive, print what has become of it (`superposition.archive.checking`).
    """
    if getattr(options, "archive", None):
        from superposition.archive.checking import verify_archive

        return verify_archive(options)
    committed = read(options.checksums)
    print(
        f"Comparing {options.results}/weights with {options.checksums},"
        f" made by version {committed.package} with {committed.libraries};"
        f" here: version {__version__} with {versions(*_LIBRARIES)}."
    )
    config = load_config(*options.config)
    findings = compare(options.results, committed, config.cells())
    print(report(findings))
    print(f"What {options.readme} and docs/ show, compared with {options.results}:")
    items = shown(options.results / "claims.json", options.readme, config)
    differences = [item.difference() for item in items]
    for item, difference in zip(items, differences, strict=True):
        print(f"  {item.name}: {difference or 'same'}.")
    harmless = (State.SAME, State.EXTRA, State.LEFTOVER)
    return int(any(f.state not in harmless for f in findings) or any(differences))


def checksums_command(options: Namespace) -> None:
    """Write the checksums of finished results: of all cells of the configuration, and no others.

    Raises:
        UserError: If a cell's weights are missing, or made with other settings.
    """
    cells = load_config(*options.config).cells()
    files = _files(options.results)
    if missing := [name for name in cells if name not in files]:
        raise UserError(
            f"There are no weights of {', '.join(missing)} in {options.results}: build them with "
            "make. No checksums were written."
        )
    fingerprints = {name: fingerprint(load(files[name])) for name in sorted(cells)}
    if other := [name for name, cell in cells.items() if not _made_with(fingerprints[name], cell)]:
        raise UserError(
            f"The weights of {', '.join(other)} were made with other settings than the "
            "configuration has now: build them with make. No checksums were written."
        )
    checksums = Checksums(
        package=__version__, libraries=versions(*_LIBRARIES), weights=fingerprints
    )
    text = json.dumps(checksums.model_dump(mode="json"), indent=1, sort_keys=True)
    write_text(options.checksums, text + "\n")
    print(f"Wrote {options.checksums}: {len(fingerprints)} weights files.")
    if leftovers := sorted(files.keys() - cells):
        print(f"Left out, as the configuration does not have them: {', '.join(leftovers)}.")


def _arrays_digest(weights: Weights) -> str:
    sha = hashlib.sha256(canonical_json(weights.cell).encode())
    kept = ((f"{step} ", weights.snapshots[step]) for step in sorted(weights.snapshots))
    for step, parameters in chain([("", weights.final)], kept):
        for name, array in parameters.arrays().items():
            sha.update(f"{step}{name} {array.dtype} {array.shape}\n".encode() + array.tobytes())
    sha.update(b"" if weights.loss is None else weights.loss.tobytes())
    return sha.hexdigest()


def fingerprint(weights: Weights) -> Fingerprint:
    """Return what is remembered of a weights file."""
    some = slice(None, None, -(-len(weights.W) // _COMPARED))
    losses = () if weights.loss is None else weights.loss[some]
    norms = np.sqrt(np.square(weights.W[some].astype(np.float64)).sum(axis=(1, 2)))
    return Fingerprint(
        sha256=_arrays_digest(weights),
        settings=digest(canonical_json(weights.cell)),
        runs=len(weights.W),
        loss=tuple(float(f"{x:.9g}") for x in losses),
        norm=tuple(float(f"{x:.9g}") for x in norms),
    )


def read(path: Path) -> Checksums:
    """Read the committed file.

    Raises:
        UserError: If it is missing or something else.
    """
    try:
        return Checksums.model_validate_json(path.read_bytes())
    except OSError as error:
        raise UserError(f"Cannot read the checksums {path}: {error.strerror}.") from error
    except ValidationError as error:
        raise UserError(
            f"{path} does not hold checksums as this version writes them"
            f" ({error.error_count()} mistakes): restore it with git checkout {path}."
        ) from error


def compare(results: Path, committed: Checksums, cells: Collection[str]) -> list[Finding]:
    """Return a finding for every weights file that is committed or there.

    Args:
        results: The folder of results.
        committed: The committed checksums.
        cells: Names of the configuration's cells; files of others are left over from earlier ones.
    """
    files = _files(results)
    names = sorted(committed.weights.keys() | files.keys())
    return [
        Finding(name, State.LEFTOVER)
        if name in files and name not in cells
        else _compare(name, files.get(name), committed.weights.get(name), name in cells)
        for name in names
    ]


def report(findings: Sequence[Finding]) -> str:
    """Return one line per file, a summary, and which files belong to no cell."""
    counted = [finding for finding in findings if finding.state is not State.LEFTOVER]
    width = max((len(finding.name) for finding in counted), default=0)
    lines = [f"  {f.name:{width}}  {f.state}{f.detail and ': ' + f.detail}" for f in counted]
    counts = Counter(finding.state for finding in counted)
    summary = ", ".join(f"{counts[state]} {state}" for state in State if counts[state])
    lines.append(f"{len(counted)} weights files: {summary or 'none of the configuration'}.")
    if leftovers := [finding.name for finding in findings if finding.state is State.LEFTOVER]:
        lines.append(
            f"Not counted, as the configuration does not have them: {', '.join(leftovers)}. "
            "Nothing reads these files any more; they may be deleted."
        )
    return "\n".join(lines)


def _files(results: Path) -> dict[str, Path]:
    folder = results / "weights"
    # What a killed process has left behind begins with a dot.
    files = sorted(file for file in folder.glob("*/*.safetensors") if file.name[0] != ".")
    if not files:
        raise UserError(f"There are no weights in {folder}: build them with make.")
    return {f"{file.parent.name}/{file.stem}": file for file in files}


def _made_with(found: Fingerprint, cell: Cell) -> bool:
    return found.settings == digest(canonical_json(cell))


def _compare(name: str, file: Path | None, known: Fingerprint | None, configured: bool) -> Finding:
    if file is None:
        cure = "build it with make" if configured else "the configuration does not have it"
        return Finding(name, State.MISSING, cure)
    if known is None:
        return Finding(name, State.EXTRA, "not among the committed checksums")
    try:
        here = fingerprint(load(file))
    except WeightsError as error:
        return Finding(name, State.DAMAGED, str(error))
    if here.sha256 == known.sha256:
        return Finding(name, State.SAME)
    if here.settings != known.settings:
        return Finding(name, State.OTHER, "made with other settings: not comparable")
    return Finding(name, State.DIFFERS, _how_much(here, known))


def how_much(here: Path, known: Path) -> str:
    """Return in how many runs, and by how much, the weights in two files differ.

    Raises:
        WeightsError: If one of them is not a file of weights.
    """
    one, other = fingerprint(load(here)), fingerprint(load(known))
    if one.settings != other.settings:
        return "made with other settings"
    return _how_much(one, other)


def _how_much(here: Fingerprint, known: Fingerprint) -> str:
    """Return in how many runs, and by how much, two files of the same settings differ."""
    if here.runs != known.runs:
        return f"{here.runs} runs, expected {known.runs}"
    changes = {
        "loss": _relative(here.loss, known.loss),
        "‖W‖": _relative(here.norm, known.norm),
    }
    runs = sum(any(pair) for pair in zip(*changes.values(), strict=True))
    if not runs:
        return "in its bytes: losses and norms of the runs compared agree to 9 digits"
    most = ", ".join(f"{name} by up to {max(values):.1e}" for name, values in changes.items())
    return f"{runs} of {len(here.loss)} runs compared, {most} (relative)"


def _relative(here: Iterable[float], known: Iterable[float]) -> list[float]:
    pairs = zip(here, known, strict=True)
    return [0.0 if a == b else abs(a - b) / max(abs(a), abs(b)) for a, b in pairs]
