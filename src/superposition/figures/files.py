"""Saving figures and their numbers, equal ones as equal bytes, and showing them in notebooks."""

import io
import logging
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from matplotlib.figure import Figure

from superposition.base.files import together, write_bytes
from superposition.base.sealed import Sources, seal_figure
from superposition.base.tables import Table, write_table
from superposition.figures import style

# Each format's fields that would hold the time, or the version of the library, of the saving.
_METADATA: dict[str, dict[str, Any]] = {
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    "png": {"Software": None},
}
# It remarks on the dates in the fonts that matplotlib brings.
logging.getLogger("fontTools.ttLib.tables._h_e_a_d").setLevel(logging.ERROR)

_CSS_PIXELS = 96
"""In an inch, for browsers."""


@dataclass(frozen=True)
class Plotted:
    """A plotted figure: notebooks show it, and it can be saved."""

    figure: Figure
    """matplotlib's; it is not pyplot's, so close nothing."""
    title: str
    """What it shows, for readers who cannot see it: it goes into the files' metadata."""
    table: Table
    """The numbers that it shows: columns by name, which `pandas.DataFrame` takes."""

    def save(self, stem: Path | str, came_from: Sources = MappingProxyType({})) -> list[Path]:
        """Write `stem` with .svg, .pdf, .png and, its numbers, .csv, all or none; return the paths.

        The SVG has a seal of itself and the PNG, with the digests of what it `came_from`.
        """
        made = {ending: self._content(ending) for ending in _METADATA}
        made["svg"] = seal_figure(Path(stem).name, made["svg"], made["png"], came_from)
        paths = {ending: Path(f"{stem}.{ending}") for ending in made}
        with together():
            for ending, content in made.items():
                write_bytes(paths[ending], content)
            write_table(self.table, table := Path(f"{stem}.csv"))
        return [*paths.values(), table]

    def _content(self, ending: str) -> bytes:
        in_memory = io.BytesIO()
        metadata = _METADATA[ending] | {"Title": self.title}
        with style.applied():
            self.figure.savefig(in_memory, format=ending, metadata=metadata)
        return in_memory.getvalue()

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        """The picture for notebooks, and its size on the screen in CSS pixels."""
        in_memory = io.BytesIO()
        with style.applied():
            self.figure.savefig(in_memory, format="png")
        width, height = (round(side * _CSS_PIXELS) for side in self.figure.get_size_inches())
        return in_memory.getvalue(), {"width": width, "height": height}
