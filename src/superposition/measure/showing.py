"""Short tables for notebooks, of what would fill pages as arrays."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

import numpy as np

_ROWS = 16
"""Rows that are shown; of more, the first."""


def html_table(caption: str, columns: Mapping[str, Iterable[Any]]) -> str:
    """A table in HTML, with a row for each entry of the columns."""
    rows = list(zip(*columns.values(), strict=True))
    left = len(rows) - _ROWS
    return "".join(
        [
            f"<table><caption>{escape(caption)}</caption>",
            f"<tr>{_cells('th', columns)}</tr>",
            *(f"<tr>{_cells('td', map(_shown, row))}</tr>" for row in rows[:_ROWS]),
            f'<tr><td colspan="{len(columns)}">… and {left:,} more</td></tr>' if left > 0 else "",
            "</table>",
        ]
    )


def _shown(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float | np.floating) else f"{value}"


def _cells(tag: str, texts: Iterable[str]) -> str:
    return "".join(f"<{tag}>{escape(text)}</{tag}>" for text in texts)
