"""How runs lie in a GPU's memory: one piece each, and a row of words that says what is where.

A run's arrays lie in the order in which they deserve a place on the chip, so that the part that
goes there is the beginning. Tables that runs share (`recipe`, `draws`, `steps`) are stored once.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from superposition.memory import Record, as_words, fields
from superposition.training.kernel import Training

_SHARED = ("recipe.", "draws.", "steps")
"""Arrays that are the same for all runs of a cell."""

_FIRST = ("p", "tile.gradient", "tile.h", "tile.gh", "room.", "attack.norm", "tile.error_scale")
_THEN = ("tile.g", "tile.x", "tile.by_sample", "mean", "square")
"""Arrays in the order of how often a step reads them, where that matters."""

_LINE = 64


class Word(NamedTuple):
    """A word of a record: a number, or where an array lies."""

    name: str
    """Such as `tile.gradient`."""
    array: NDArray[Any] | None
    """The array, if it is one."""

    @property
    def shared(self) -> bool:
        """Return whether all runs of a cell have the same."""
        return self.name.startswith(_SHARED)


class Plan(NamedTuple):
    """Where the arrays of one run lie; the same for all runs of models of one size."""

    places: dict[str, int]
    """Byte at which each array begins."""
    size: int
    """Bytes of a run."""
    resident: int
    """Bytes of it, from the first, that have a place on the chip."""


def words_of(record: Record, before: str = "") -> Iterator[Word]:
    """Yield the words of a record, in order."""
    for field, value in zip(fields(type(record)), record, strict=True):
        name = before + field.name
        if field.record is not None:
            yield from words_of(value, f"{name}.")
        else:
            yield Word(name, value if field.array else None)


def plan(run: Training, chip: int) -> Plan:
    """Lay out the arrays of a run, with up to `chip` bytes of them on the chip."""
    own = {word.name: word.array for word in words_of(run) if not word.shared}
    arrays = {name: array for name, array in own.items() if array is not None}
    names: dict[int, str] = {}
    # What the network is given may be x itself: then it is one array by two names.
    first_name = {
        name: names.setdefault(array.ctypes.data, name) if array.size else name
        for name, array in arrays.items()
    }
    on_chip: list[str] = []
    elsewhere: list[str] = []
    left = chip
    for name in sorted(dict.fromkeys(first_name.values()), key=_rank):
        size = _lines(arrays[name])
        (on_chip if size <= left else elsewhere).append(name)
        left -= size if size <= left else 0
    places, at = {}, 0
    for name in (*on_chip, *elsewhere):
        places[name] = at
        at += _lines(arrays[name])
    resident = sum(_lines(arrays[name]) for name in on_chip)
    return Plan({name: places[first] for name, first in first_name.items()}, at, resident)


def _rank(name: str) -> int:
    """Return where an array comes among those that want a place on the chip."""
    order = (*_FIRST, *_THEN)
    for rank, start in enumerate(order):
        if name == start or (start.endswith(".") and name.startswith(start)):
            return rank
    return len(order)


def _lines(array: NDArray[Any]) -> int:
    """Return the bytes that an array takes, in whole cache lines."""
    return -(-array.nbytes // _LINE) * _LINE


def image(run: Training, layout: Plan) -> NDArray[np.uint8]:
    """Return what a run's memory holds."""
    memory = np.zeros(layout.size, dtype=np.uint8)
    for word in words_of(run):
        if word.array is not None and not word.shared:
            at = layout.places[word.name]
            memory[at : at + word.array.nbytes] = word.array.view(np.uint8)
    return memory


def shared(run: Training) -> tuple[NDArray[np.uint8], dict[str, int]]:
    """Return the tables that the runs of a cell share as one piece, and where each begins."""
    places, at = {}, 0
    tables = [(word.name, word.array) for word in words_of(run) if word.shared]
    arrays = [(name, array) for name, array in tables if array is not None]
    for name, array in arrays:
        places[name] = at
        at += _lines(array)
    memory = np.zeros(at, dtype=np.uint8)
    for name, array in arrays:
        memory[places[name] : places[name] + array.nbytes] = array.view(np.uint8)
    return memory, places


def rows(
    run: Training,
    layout: Plan,
    tables: dict[str, int],
    keys: list[np.uint64],
    homes: NDArray[np.uint64],
) -> NDArray[np.uint64]:
    """Return the rows of words of runs that differ from `run` in their keys and places alone.

    Args:
        run: One of them.
        layout: Where a run's arrays lie.
        tables: Address of each shared table.
        keys: Philox keys of the runs.
        homes: Address of each run's memory.

    Returns:
        uint64 `[runs, 2 + words]`: address, words on the chip, and the record.
    """
    record = np.frombuffer(as_words(run), dtype=np.uint64)
    out = np.empty((len(keys), 2 + len(record)), dtype=np.uint64)
    out[:, 0] = homes
    out[:, 1] = layout.resident // 8
    out[:, 2:] = record
    for column, word in enumerate(words_of(run), start=2):
        if word.name == "key":
            out[:, column] = keys
        elif word.array is None:
            continue
        elif word.shared:
            out[:, column] = tables[word.name]
        elif (place := layout.places[word.name]) < layout.resident:
            out[:, column] = place
        else:
            out[:, column] = homes + np.uint64(place)
    return out
