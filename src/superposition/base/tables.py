"""Tidy tables on disk: CSV files, the same bytes for the same numbers.

Jobs that write a table are many and short, so they do without a library for tables.
"""

import csv
import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from superposition.base.files import write_text

Column: TypeAlias = Sequence[object] | NDArray[Any]
Table: TypeAlias = Mapping[str, Column]
"""Columns of one length, by name; None and NaN are values that are missing."""


def write_table(table: Table, path: Path | str) -> None:
    """Write a table as CSV: floats with 9 significant digits, missing values left empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table)
    plain = [c.tolist() if isinstance(c, np.ndarray) else c for c in table.values()]
    writer.writerows(map(_text, row) for row in zip(*plain, strict=True))
    write_text(path, text.getvalue())


def _text(value: object) -> str:
    if isinstance(value, float):
        # Adding 0 turns −0 into 0.
        return "" if math.isnan(value) else f"{value + 0.0:.9g}"
    return "" if value is None else str(value)
