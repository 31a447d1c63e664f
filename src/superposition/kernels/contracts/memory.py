"""Memory that Python and compiled code share: aligned arrays, and records of arrays and numbers.

Compiled code takes one argument, a *record*: a named tuple whose fields are arrays, numbers and
further records. The annotations of its class say everything about it. Here they are read to lay a
record out as a table of 64-bit words, the address of an array or a number in each; in
`kernels.records` they are read once more to get the same record back in compiled code, with a
pointer in place of each array. So one more field is one more line.
"""

from collections.abc import Iterator
from functools import cache
from struct import Struct
from typing import Any, NamedTuple, TypeAlias, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

WIDTH = 16
"""Samples in a vector: part of the definition of the results, as sums run lane by lane."""

_CACHE_LINE = 64

Record: TypeAlias = tuple[Any, ...]
"""A named tuple whose fields are arrays (`NDArray[np.float32]`), numbers and records."""


class Field(NamedTuple):
    """What a record's class says of one of its fields."""

    name: str
    record: type[Record] | None
    """Class of a record within the record; its words lie among those of the outer one."""
    dtype: np.dtype[Any]
    """Type of a number, or of an array's elements."""
    array: bool
    """Whether the word is the address of an array."""


def aligned_zeros(size: int, dtype: Any) -> NDArray[Any]:
    """Zeros that begin on a cache line, so that no vector straddles two."""
    dtype = np.dtype(dtype)
    memory = np.zeros(size * dtype.itemsize + _CACHE_LINE, dtype=np.uint8)
    start = -memory.ctypes.data % _CACHE_LINE
    return memory[start : start + size * dtype.itemsize].view(dtype)


@cache
def fields(record: type[Record]) -> tuple[Field, ...]:
    """The fields of a class of records, in order."""
    return tuple(_field(name, kind) for name, kind in get_type_hints(record).items())


def _field(name: str, kind: Any) -> Field:
    if get_origin(kind) is np.ndarray:
        (element,) = get_args(get_args(kind)[1])
        return Field(name, None, np.dtype(element), array=True)
    if issubclass(kind, tuple):
        return Field(name, kind, np.dtype(np.void), array=False)
    return Field(name, None, np.dtype(kind), array=False)


def as_words(record: Record) -> bytes:
    """A record as compiled code reads it. It holds addresses, so keep the record meanwhile.

    A number stands at the beginning of its word, in as many bytes as its type has.
    """
    values = (value for _, value in words(record))
    numbers = (value.ctypes.data if isinstance(value, np.ndarray) else value for value in values)
    return _layout(type(record)).pack(*numbers)


@cache
def _layout(record: type[Record]) -> Struct:
    return Struct("".join(_format(record)))


def _format(record: type[Record]) -> Iterator[str]:
    for field in fields(record):
        if field.record is not None:
            yield from _format(field.record)
        elif field.array:
            yield "P"
        else:
            yield f"{field.dtype.char}{8 - field.dtype.itemsize}x"


def words(record: Record, before: str = "") -> Iterator[tuple[str, Any]]:
    """The words of a record in order: the name of each, such as `tile.gradient`, and its value."""
    for field, value in zip(fields(type(record)), record, strict=True):
        name = before + field.name
        if field.record is not None:
            assert type(value) is field.record, name
            yield from words(value, f"{name}.")
            continue
        if field.array:
            assert value.dtype == field.dtype, name
            assert value.flags.c_contiguous, name
        yield name, value
