"""Figures as parts of a page: images that are in the page itself."""

import base64
import re
from pathlib import Path
from typing import NamedTuple

from superposition.base.files import read_bytes

LARGE = 300_000
"""Bytes of SVG above which the PNG is shown, if that is smaller by half: the page stays quick."""

_SIZE = re.compile(rb'viewBox="0 0 ([\d.]+) ([\d.]+)"')
_POINT = 4 / 3
"""CSS pixels."""


class Picture(NamedTuple):
    """A figure as a part of the page."""

    source: str
    """The picture itself, a data URL."""
    width: int
    """CSS pixels."""
    height: int
    """CSS pixels."""
    raster: bool
    """Whether it is the PNG."""


def picture(name: str, folder: Path) -> Picture:
    """A figure as a part of the page.

    Args:
        name: The figure's name.
        folder: Holds `NAME.svg` and `NAME.png`.

    Raises:
        UserError: If these cannot be read.
    """
    drawn, printed = (read_bytes(folder / f"{name}.{ending}") for ending in ("svg", "png"))
    found = _SIZE.search(drawn)
    width, height = (float(found[1]), float(found[2])) if found else (489.6, 300.0)
    raster = len(drawn) > LARGE and 2 * len(printed) < len(drawn)
    kind, content = ("png", printed) if raster else ("svg+xml", drawn)
    source = f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
    return Picture(source, round(width * _POINT), round(height * _POINT), raster)
