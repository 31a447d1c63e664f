"""Saving figures so that equal figures are equal bytes, and showing them in notebooks."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from superposition.base.files import atomic_path
from superposition.figures import style

# Each format's fields that would hold the time, or the version of the library, of the saving.
_METADATA: dict[str, dict[str, Any]] = {
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    "png": {"Software": None},
}
_CSS_PIXELS = 96
"""In an inch, for browsers."""


@dataclass(frozen=True)
class Plotted:
    """A plotted figure: notebooks show it, and it can be saved."""

    figure: Figure
    """matplotlib's; it is not pyplot's, so close nothing."""
    title: str
    """What it shows, for readers who cannot see it: it goes into the files' metadata."""

    def save(self, stem: Path | str) -> list[Path]:
        """Write `stem` with .svg, .pdf and .png, each atomically, and return the paths."""
        paths = [Path(f"{stem}.{ending}") for ending in _METADATA]
        for (ending, fields), path in zip(_METADATA.items(), paths, strict=True):
            metadata = fields | {"Title": self.title}
            with style.applied(), atomic_path(path) as temporary:
                self.figure.savefig(temporary, format=ending, metadata=metadata)
        return paths

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        """The picture for notebooks, and its size on the screen in CSS pixels."""
        in_memory = io.BytesIO()
        with style.applied():
            self.figure.savefig(in_memory, format="png")
        width, height = (round(side * _CSS_PIXELS) for side in self.figure.get_size_inches())
        return in_memory.getvalue(), {"width": width, "height": height}
