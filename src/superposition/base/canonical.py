"""One text for one value, and its digest."""

import hashlib
import json
from typing import Any

from pydantic import BaseModel


def _plain(item: Any) -> Any:
    if isinstance(item, BaseModel):
        return item.model_dump(mode="json")
    raise TypeError(f"{type(item).__name__} has no canonical JSON")


_CANONICAL = json.JSONEncoder(
    default=_plain, sort_keys=True, separators=(",", ":"), allow_nan=False
)


def canonical_json(value: Any) -> str:
    """The one JSON text of a record: sorted keys, no spaces, shortest exact floats."""
    return _CANONICAL.encode(value)


def digest(text: str) -> str:
    """The SHA-256 of a text in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()
