"""Arrays on disk behind a header that says what they are.

Such a file is a safetensors file: plain arrays behind a JSON header, readable from many languages,
and loading runs no code. All metadata is one canonical JSON text under one key: the format has a
map for it whose order means nothing, and a file is to be the same bytes whoever writes it.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from superposition.base.canonical import canonical_json
from superposition.base.errors import UserError
from superposition.base.files import write_bytes

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
        """Write a file atomically: the format, what else the header is to have, and arrays."""
        metadata = {_KEY: canonical_json({"format": self.format, **header})}
        whole = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
        write_bytes(path, save(whole, metadata))

    def read(self, path: Path | str, build: Callable[[dict[str, Any], Arrays], Record]) -> Record:
        """What `build` makes of a file's header and arrays.

        Raises:
            UserError: Of this kind, if the file is missing or damaged, or if `build` finds that
                something is not there or not what it should be.
        """
        path = Path(path)
        if path.is_dir():
            inside = "".join(f", such as {one}" for one in sorted(path.glob("*.safetensors"))[:1])
            raise self.error(f"{path}: this is a folder; expected a {self.name}{inside}.")
        if not path.is_file():
            raise self.error(f"{path}: no such {self.name}. {self.origin} first: run make.")
        try:
            with safe_open(path, framework="numpy") as file:
                metadata = file.metadata() or {}
                arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        except (SafetensorError, OSError, TypeError) as error:
            raise self.error(
                f"{path}: damaged, or no {self.name} of this package ({error}). "
                "Delete it and run make: only this file is made again."
            ) from error
        try:
            header = json.loads(metadata[_KEY])
            if header["format"] != self.format:
                raise self.error(
                    f"{path}: its format is {header['format']!r}, expected {self.format!r}; it "
                    f"was written by version {header.get('package_version', '?')} of this package."
                )
            return build(header, arrays)
        except (LookupError, TypeError, ValueError) as error:
            raise self.error(
                f"{path}: a safetensors file, but not one that this package wrote (its header "
                f"lacks the settings, or arrays are missing). Expected metadata under {_KEY!r}. If "
                "it stands among the results, delete it and run make: only this file is made again."
            ) from error
