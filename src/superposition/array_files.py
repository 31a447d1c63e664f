"""Arrays on disk behind a header that says what they are.

Such a file is a safetensors file: plain arrays behind a JSON header, readable from many languages,
and loading runs no code. All metadata is one canonical JSON text under one key: the format has a
map for it whose order means nothing, and a file is to be the same bytes whoever writes it.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from superposition.errors import UserError
from superposition.files import atomic_path
from superposition.settings import canonical_json

Arrays = Mapping[str, NDArray[Any]]
Record = TypeVar("Record")

_KEY = "superposition"

_KINDS = {"int64": "I64", "float64": "F64", "float32": "F32", "uint32": "U32", "uint8": "U8"}
"""The format's names of numbers, in the order in which arrays of them lie in a file."""


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

        Args:
            path: Where.
            header: What stands before the arrays, beside the format.
            arrays: Arrays by name. They are asked for twice, one at a time, so that they need not
                all be in memory.

        Raises:
            OutputError: If it cannot be written.
        """
        metadata = {_KEY: canonical_json({"format": self.format, **header})}
        with atomic_path(path) as temporary, temporary.open("wb") as file:
            beginning, names = _layout(metadata, arrays)
            file.write(beginning)
            for name in names:
                array = arrays[name]
                file.write(array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes())

    def read(self, path: Path | str, build: Callable[[dict[str, Any], "Stored"], Record]) -> Record:
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
            raise self.damaged(path, error) from error
        try:
            header = json.loads(metadata[_KEY])
            if header["format"] != self.format:
                raise self.error(
                    f"{path}: its format is {header['format']!r}, expected {self.format!r}; it "
                    f"was written by version {header.get('package_version', '?')} of this package."
                )
            return build(header, Stored(self, path, file))
        except (LookupError, TypeError, ValueError) as error:
            raise self.error(
                f"{path}: a safetensors file, but not one that this package wrote (its header "
                f"lacks the settings, or arrays are missing). Expected metadata under {_KEY!r}. If "
                "it stands among the results, delete it and run make: only this file is made again."
            ) from error

    def damaged(self, path: Path, error: Exception) -> UserError:
        """Return what to raise where a file cannot be read."""
        return self.error(
            f"{path}: damaged, or not {_one(self.name)} of this package ({error}). "
            "Delete it and run make: only this file is made again."
        )


class Stored(Arrays):
    """Arrays of a file, each read when it is asked for.

    Meanwhile another file may take its place, as `write` does it; but whoever writes over the file
    itself ends this process.
    """

    def __init__(self, kind: FileKind, path: Path, file: Any) -> None:
        """Take an open file, its kind and where it is."""
        self._kind, self._path, self._file = kind, path, file
        self._names = dict.fromkeys(file.keys())

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Return an array."""
        return np.asarray(self._read(name, self._file.get_tensor))

    def __contains__(self, name: object) -> bool:
        """Return whether there is an array, without reading it."""
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        """Yield the names."""
        return iter(self._names)

    def __len__(self) -> int:
        """Return how many arrays there are."""
        return len(self._names)

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of an array, without reading it."""
        return tuple(self._read(name, self._file.get_slice).get_shape())

    def rows(self, name: str, first: int, last: int) -> NDArray[Any]:
        """Return rows first … last − 1 of an array, of which only these are read."""
        return np.asarray(self._read(name, lambda name: self._file.get_slice(name)[first:last]))

    def _read(self, name: str, action: Callable[[str], Any]) -> Any:
        if name not in self._names:
            raise KeyError(name)
        try:
            return action(name)
        except SafetensorError as error:
            raise self._kind.damaged(self._path, error) from error


def _layout(metadata: Mapping[str, str], arrays: Arrays) -> tuple[bytes, list[str]]:
    """Return how a safetensors file begins, and the names of its arrays in their order.

    The bytes are those of the safetensors library, which can only write what is all in memory: the
    length of the header, the header, spaces up to a multiple of eight.
    """
    about = {name: (array.dtype.name, array.shape, array.nbytes) for name, array in arrays.items()}
    assert {kind for kind, _, _ in about.values()} <= _KINDS.keys()
    names = sorted(about, key=lambda name: ([*_KINDS].index(about[name][0]), name))
    header: dict[str, object] = {"__metadata__": metadata}
    end = 0
    for name in names:
        kind, shape, size = about[name]
        end += size
        offsets = [end - size, end]
        header[name] = {"dtype": _KINDS[kind], "shape": shape, "data_offsets": offsets}
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text, names


def _one(name: str) -> str:
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
