"""Arguments that people give to functions of the library, checked in words."""

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from superposition.base.errors import UserError

_SHOWN = 60
"""Letters of a value that a message shows."""


class ArgumentError(UserError, ValueError):
    """An argument is not what a function expects."""


def expect(name: str, value: object, is_so: object, expected: str) -> None:
    """Make sure that an argument is what is expected.

    Raises:
        ArgumentError: With what was found, and what was expected.
    """
    if not is_so:
        # Others may take pages to show themselves.
        shown = repr(value) if type(value).__module__ == "builtins" else f"a {type(value).__name__}"
        shown = shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + "…"
        raise ArgumentError(f"{name} is {shown}; expected {expected}.")


def file_or_folder(name: str, value: Any, expected: str = "a path") -> Any:
    """An argument that is a path."""
    expect(name, value, isinstance(value, str | os.PathLike), expected)
    return value


def whole(name: str, value: Any) -> int | None:
    """An argument that is a whole number of at least 1, if it is given; numpy's do as well."""
    number = value if value is None else getattr(value, "__index__", lambda: 0)()
    is_so = number is None or (number >= 1 and not isinstance(value, bool))
    expect(name, value, is_so, "a whole number, at least 1")
    return number


def numbers(name: str, value: Any, expected: str = "an array of real numbers") -> NDArray[Any]:
    """An argument that is an array of real numbers; torch's tensors do as well."""
    if hasattr(value, "detach"):
        value = value.detach().cpu()
    try:
        array = np.asarray(value)
    except (TypeError, ValueError):
        array = np.empty(0, dtype=object)
    expect(name, value, array.dtype.kind in "biuf", expected)
    return array
