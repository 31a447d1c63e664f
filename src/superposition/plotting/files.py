"""Saving figures so that equal figures are equal bytes."""

from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from superposition.files import atomic_path
from superposition.plotting import style

# Each format's fields that would hold the time, or the version of the library, of the drawing.
_METADATA: dict[str, dict[str, Any]] = {
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    "png": {"Software": None},
}
FORMATS = tuple(_METADATA)


def save_figure(figure: Figure, stem: Path | str, title: str = "") -> list[Path]:
    """Write a figure as SVG, PDF and PNG; each file is there whole or not at all.

    Args:
        figure: What to save.
        stem: Path without an ending.
        title: Goes into the files' metadata, for readers who cannot see the picture.
    """
    paths = [Path(f"{stem}.{ending}") for ending in FORMATS]
    for ending, path in zip(FORMATS, paths, strict=True):
        metadata = _METADATA[ending] | ({"Title": title} if title else {})
        with style.applied(), atomic_path(path) as temporary:
            figure.savefig(temporary, format=ending, metadata=metadata)
    return paths
