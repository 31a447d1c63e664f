"""Numbers as short text: arrays in base64, of which a browser makes arrays again."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from superposition.measure.network import Network, TrainedCell

Kind: TypeAlias = Literal["f2", "f4"]
"""Floats of two or four bytes. Weights have two, which moves a D_i by less than 0.001; losses,
which are ranked, have four."""


@dataclass(frozen=True)
class Packed:
    """What a scene is given to show.

    Attributes:
        finding: What was found, a sentence whose numbers are of these results.
        data: What the scene's script shows: numbers, words, and arrays that are packed.
        notes: What is left out, a sentence each.
    """

    finding: str
    data: dict[str, Any]
    notes: tuple[str, ...] = field(default=())


def packed(values: ArrayLike, kind: Kind = "f2") -> dict[str, Any]:
    """An array for `web/unpack.js`."""
    array = np.ascontiguousarray(values, dtype=f"<{kind}")
    text = base64.b64encode(array.tobytes()).decode("ascii")
    return {"kind": kind, "shape": array.shape, "base64": text}


def ranked(cell: TrainedCell) -> list[Network]:
    """The runs of a cell from the lowest loss to the highest; those that diverged are left out."""
    return sorted(cell.finite.networks, key=lambda run: run.loss)


def diverged(cells: Sequence[TrainedCell]) -> tuple[str, ...]:
    """What to say of runs that diverged; nothing if there are none."""
    lost = {cell.name: len(cell) - len(cell.finite) for cell in cells}
    total = sum(lost.values())
    if not total:
        return ()
    where = [name for name, number in lost.items() if number]
    named = where[0] if len(where) == 1 else f"{len(where)} cells, such as {where[0]}"
    runs = "1 run diverged and is" if total == 1 else f"{total} runs diverged and are"
    return (f"{runs} left out, of {named}.",)


def count(number: int, noun: str) -> str:
    """A number of things: `1 run`, `2,000 runs`."""
    return f"{number:,} {noun}{'s' * (number != 1)}"


def with_article(shape: str) -> str:
    """The name of a shape in a sentence: `a pentagon`, `two digons`."""
    return shape if shape.startswith("two") else f"a {shape}"


def listed(words: Sequence[str]) -> str:
    """Words as a list: `a, b and c`."""
    *rest, last = words
    return f"{', '.join(rest)} and {last}" if rest else last
