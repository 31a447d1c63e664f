"""How runs lie in a GPU's memory: one piece each, and a row of words that says what is where.

A run's arrays lie in the order in which they deserve a place on the chip, so that the part that
goes there is the beginning. Tables that runs share (`_SHARED`) are stored once.
"""

from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from superposition.kernels.contracts.memory import as_words, words
from superposition.kernels.contracts.training import Training

_SHARED = ("recipe.", "distribution.", "steps")
"""Arrays that are the same for all runs of a cell."""

_ORDER = (
    *("p", "tile.gradient", "tile.h", "tile.gh", "scratch.", "attack.norm", "tile.error_scale"),
    *("tile.g", "tile.x", "tile.by_sample", "mean", "square"),
)
"""Arrays in the order of how often a step reads them, where that matters."""

_LINE = 64


class Plan(NamedTuple):
    """Where the arrays of one run lie; the same for all runs of models of one size."""

    places: dict[str, int]
    """Byte at which each array begins."""
    size: int
    """Bytes of a run."""
    resident: int
    """Bytes of it, from the first, that have a place on the chip."""


def arrays(run: Training, shared: bool) -> dict[str, NDArray[Any]]:
    """The arrays of a run by name: those that all runs of a cell have in common, or its own."""
    return {
        name: value
        for name, value in words(run)
        if isinstance(value, np.ndarray) and name.startswith(_SHARED) == shared
    }


def plan(run: Training, chip: int) -> Plan:
    """Lay out the arrays of a run, with up to `chip` bytes of them on the chip."""
    own = arrays(run, shared=False)
    names: dict[int, str] = {}
    # What the network is given may be x itself: then it is one array by two names.
    first_name = {
        name: names.setdefault(array.ctypes.data, name) if array.size else name
        for name, array in own.items()
    }
    on_chip: list[str] = []
    elsewhere: list[str] = []
    left = chip
    for name in sorted(dict.fromkeys(first_name.values()), key=_rank):
        size = _lines(own[name])
        (on_chip if size <= left else elsewhere).append(name)
        left -= size if size <= left else 0
    places, size = _one_after_the_other({name: own[name] for name in (*on_chip, *elsewhere)})
    resident = sum(_lines(own[name]) for name in on_chip)
    return Plan({name: places[first] for name, first in first_name.items()}, size, resident)


def _rank(name: str) -> int:
    """Where an array comes among those that want a place on the chip."""
    ranks = (rank for rank, start in enumerate(_ORDER) if name.startswith(start))
    return next(ranks, len(_ORDER))


def _lines(array: NDArray[Any]) -> int:
    """The bytes that an array takes, in whole cache lines."""
    return -(-array.nbytes // _LINE) * _LINE


def _one_after_the_other(found: dict[str, NDArray[Any]]) -> tuple[dict[str, int], int]:
    """Where each of these arrays begins, and the bytes of all."""
    ends = list(accumulate((_lines(array) for array in found.values()), initial=0))
    return dict(zip(found, ends, strict=False)), ends[-1]


def _filled(found: dict[str, NDArray[Any]], places: dict[str, int], size: int) -> NDArray[np.uint8]:
    """A piece of memory that holds these arrays."""
    memory = np.zeros(size, dtype=np.uint8)
    for name, array in found.items():
        memory[places[name] : places[name] + array.nbytes] = array.view(np.uint8)
    return memory


def image(run: Training, layout: Plan) -> NDArray[np.uint8]:
    """What a run's memory holds."""
    return _filled(arrays(run, shared=False), layout.places, layout.size)


def shared(run: Training) -> tuple[NDArray[np.uint8], dict[str, int]]:
    """The tables that the runs of a cell share as one piece, and where each begins."""
    tables = arrays(run, shared=True)
    places, size = _one_after_the_other(tables)
    return _filled(tables, places, size), places


def rows(
    run: Training,
    layout: Plan,
    tables: dict[str, int],
    keys: list[np.uint64],
    homes: NDArray[np.uint64],
) -> NDArray[np.uint64]:
    """The rows of words of runs that differ from `run` in their keys and places alone.

    They are `[runs, 2 + words]`: address, words on the chip, and the record. `tables` has the
    address of each shared table, `homes` that of each run's memory.
    """
    record = np.frombuffer(as_words(run), dtype=np.uint64)
    out = np.empty((len(keys), 2 + len(record)), dtype=np.uint64)
    out[:, 0] = homes
    out[:, 1] = layout.resident // 8
    out[:, 2:] = record
    for column, (name, value) in enumerate(words(run), start=2):
        if name == "key":
            out[:, column] = keys
        elif name in tables:
            out[:, column] = tables[name]
        elif isinstance(value, np.ndarray):
            place = layout.places[name]
            out[:, column] = place if place < layout.resident else homes + np.uint64(place)
    return out
