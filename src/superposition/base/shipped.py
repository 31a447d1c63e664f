"""Files of the repository that an installed package has too: settings, presets, evidence."""

from pathlib import Path

PRESETS = {
    "paper": "config.yaml",
    **{name: f"workflow/presets/{name}.yaml" for name in ("quick", "full", "gpu", "follow-ups")},
}
"""Configurations to begin with, by name; all but the first are laid over it."""
_PACKAGED = Path(__file__).resolve().parents[1] / "shipped"
"""Where building the package puts them (pyproject.toml); the repository has no such folder."""


def shipped(file: Path | str, folder: Path = Path()) -> Path:
    """A file of the repository's: that of a folder if it is there, else the package's own."""
    here, packaged = folder / file, _PACKAGED / file
    return packaged if packaged.is_file() and not here.is_file() else here
