"""Results that carry a seal: digests of what they came from, and of themselves.

Dates tell nothing of a file that was exchanged, edited or copied from another build. Whoever reads
a sealed result refuses it if it was altered, or if what it came from is another now.
"""

import json
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

from superposition.base.canonical import canonical_json
from superposition.base.errors import UserError
from superposition.base.files import read_bytes

Sources = Mapping[str, str]
"""SHA-256 of files by their paths from the folder of results."""


def sources(files: Iterable[Path | str], folder: Path) -> dict[str, str]:
    """What a result in a folder of results comes from."""
    return {Path(file).relative_to(folder).as_posix(): _sha256(file) for file in files}


def seal(content: bytes, came_from: Sources) -> dict[str, Any]:
    """The seal of a content that came from some files."""
    return {"came_from": dict(came_from), "sha256": _digest(content, came_from)}


def check(path: Path, content: bytes, its_seal: Mapping[str, Any], folder: Path) -> None:
    """Make sure that a file's content is as it was sealed and what it came from is still there.

    Of what it came from, files that are not in the folder of results are not asked for.

    Raises:
        UserError: If the content or the seal was altered, or a file that it came from is another.
        LookupError: If it is no seal.
    """
    came_from = its_seal["came_from"]
    if its_seal["sha256"] != _digest(content, came_from):
        raise UserError(
            f"{path}: was altered or exchanged after it was made: its digest does not fit. "
            "Delete it and run make, which makes it again."
        )
    other = [
        name
        for name, digest in came_from.items()
        if (folder / name).is_file() and _sha256(folder / name) != digest
    ]
    if other:
        more = f" and {len(other) - 1} more" if len(other) > 1 else ""
        raise UserError(
            f"{path}: came from another {other[0]}{more} than there is in {folder} now. Delete it "
            "and run make, which makes it again."
        )


def _digest(content: bytes, came_from: Sources) -> str:
    return sha256(canonical_json(dict(came_from)).encode() + b"\n" + content).hexdigest()


def _sha256(file: Path | str) -> str:
    with open(file, "rb") as opened:
        return file_digest(opened, "sha256").hexdigest()


_COMMENT = re.compile(rb"<!-- sealed: (\{.*\}) -->\n$")


def seal_figure(name: str, svg: bytes, png: bytes, came_from: Sources) -> bytes:
    """The SVG of a figure with a seal of both as a comment at its end."""
    told = canonical_json(seal(_of_figure(name, svg, png), came_from))
    return svg + f"<!-- sealed: {told} -->\n".encode()


def read_figure(folder: Path, name: str) -> tuple[bytes, bytes]:
    """The SVG, without its seal, and the PNG of a figure in a folder below that of results.

    Raises:
        UserError: If a file is missing, was altered, or came from other files than are there now.
    """
    path = folder / f"{name}.svg"
    svg, png = read_bytes(path), read_bytes(folder / f"{name}.png")
    if found := _COMMENT.search(svg):
        with suppress(LookupError, TypeError, ValueError):
            svg = svg[: found.start()]
            check(path, _of_figure(name, svg, png), json.loads(found[1]), folder.parent)
            return svg, png
    raise UserError(f"{path}: has no seal of this version. Delete it and run make to plot it.")


def _of_figure(name: str, svg: bytes, png: bytes) -> bytes:
    return b"\n".join([name.encode(), svg, png])
