"""A figure that was drawn to be looked at: notebooks show it, and it can be saved."""

import io
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from superposition.plotting import style
from superposition.plotting.files import save_figure

_CSS_PIXELS = 96
"""In an inch, for browsers."""


@dataclass(frozen=True)
class Drawing:
    """A figure of the catalogue."""

    figure: Figure
    """What matplotlib knows; it is not pyplot's, so close nothing."""
    title: str
    """What it shows."""

    def save(self, stem: Path | str) -> list[Path]:
        """Write `stem` with .svg, .pdf and .png, as the workflow does, and return the paths."""
        return save_figure(self.figure, stem, self.title)

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        """Return the picture for notebooks, and its size on the screen in CSS pixels."""
        in_memory = io.BytesIO()
        with style.applied():
            self.figure.savefig(in_memory, format="png")
        width, height = (round(side * _CSS_PIXELS) for side in self.figure.get_size_inches())
        return in_memory.getvalue(), {"width": width, "height": height}
