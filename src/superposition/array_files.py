"""Arrays on disk behind a header that says what they are.

Such a file is a safetensors file: plain arrays behind a JSON header, readable from many languages,
and loading runs no code. All metadata is one canonical JSON text under one key, because safetensors
writes its metadata map in random order and a file is to be the same bytes every time.
"""

import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from superposition.errors import UserError
from superposition.files import atomic_path, explained
from superposition.settings import canonical_json

Arrays = Mapping[str, NDArray[Any]]
Record = TypeVar("Record")

_KEY = "superposition"


@dataclass(frozen=True)
class FileKind:
    """One kind of file: what it is called, and how its absence is mended."""

    name: str
    """What messages call it, such as `weights file`."""
    format: str
    """Name and version of what the header and the arrays hold; stands in the header."""
    origin: str
    """How to get one, such as `Train it`."""
    error: type[UserError]
    """What is raised if a file is missing, damaged or foreign."""

    def write(self, path: Path | str, header: Mapping[str, object], arrays: Arrays) -> None:
        """Write a file, whole or not at all.

        Raises:
            OutputError: If it cannot be written.
        """
        metadata = {_KEY: canonical_json({"format": self.format, **header})}
        contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
        with atomic_path(path) as temporary:
            try:
                save_file(contiguous, temporary, metadata)
            except SafetensorError as error:
                # The library keeps the operating system's number in its words alone.
                if number := re.search(r"os error (\d+)", str(error)):
                    raise OSError(int(number[1]), os.strerror(int(number[1]))) from error
                raise

    def read(self, path: Path | str, build: Callable[[dict[str, Any], Arrays], Record]) -> Record:
        """Return what `build` makes of a file's header and arrays, which are read as it takes them.

        Raises:
            UserError: Of this kind, if the file is missing or damaged, or if it is of another kind:
                if `build` finds that something is not there or not what it should be.
        """
        path = Path(path)
        if not path.is_file():
            raise self.error(f"{path}: no such {self.name}. {self.origin} first: run make.")
        try:
            file: Any = safe_open(path, framework="numpy")
            metadata = file.metadata() or {}
        except (SafetensorError, OSError) as error:
            raise self.error(
                f"{path}: damaged, or not {_one(self.name)} of this package ({error}). "
                "Delete it and run make: only this file is made again."
            ) from error
        try:
            header = json.loads(metadata[_KEY])
            if header["format"] != self.format:
                raise self.error(
                    f"{path}: its format is {header['format']!r}, expected {self.format!r}; it "
                    f"was written by version {header.get('package_version', '?')} of this package."
                )
            return build(header, _Stored(file))
        except (LookupError, TypeError, ValueError) as error:
            raise self.error(
                f"{path}: a safetensors file, but not one that this package wrote (its header "
                f"lacks the settings, or arrays are missing). Expected metadata under {_KEY!r}. If "
                "it stands among the results, delete it and run make: only this file is made again."
            ) from error


class _Stored(Arrays):
    """Arrays of a file, each read when it is asked for; the file may be replaced meanwhile."""

    def __init__(self, file: Any) -> None:
        self._file, self._names = file, tuple(file.keys())

    def __getitem__(self, name: str) -> NDArray[Any]:
        if name not in self._names:
            raise KeyError(name)
        return np.asarray(self._file.get_tensor(name))

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def zeros_on_disk(count: int) -> NDArray[np.float32]:
    """Return float32 zeros that lie in a temporary file rather than in memory.

    The file is where temporary files are (`$TMPDIR`), has no name and ends with the array. All its
    space is taken at once, so that a full disk is told of before anything is computed.

    Raises:
        OutputError: If there is no room.
    """
    folder = Path(tempfile.gettempdir())
    with explained(folder, "keep snapshots in"), tempfile.TemporaryFile(dir=folder) as file:
        os.posix_fallocate(file.fileno(), 0, count * np.dtype(np.float32).itemsize)
        return np.asarray(np.memmap(file, np.float32, "r+", shape=(count,)))


def _one(name: str) -> str:
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
