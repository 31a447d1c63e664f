"""Results without provenance, which Snakemake would take for up to date.

Of a file without a record in `.snakemake` Snakemake compares dates alone. So results that were
copied without it would stay as they are whatever the settings are here. They get the mark that
Snakemake gives to files of unfinished jobs, so that they are built again.
"""

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from pathlib import Path

from superposition.base.files import write_text

_LONGEST = 254
"""Longest file name that Snakemake uses there; what goes beyond is put into folders."""
_METADATA, _INCOMPLETE = ".snakemake/metadata/", ".snakemake/incomplete/"
# What tells our marks from Snakemake's own; it reads but the first entry.
_MARK = json.dumps({"external_jobid": None, "superposition": "no record"})
_NAMED = 3


def record_name(result: str) -> str:
    """The path of Snakemake's record of a file."""
    name = urlsafe_b64encode(result.encode()).decode()
    *folders, last = (name[i : i + _LONGEST] for i in range(0, len(name), _LONGEST))
    return _METADATA + "/".join([*(f"@{folder}" for folder in folders), last])


def mark_missing(folder: Path, results: Iterable[str]) -> str:
    """Mark results without provenance as incomplete, and take the mark from those that have it now.

    To be called while no other build is alive in the folder. Returns a message about them, if there
    are any.
    """
    found = []
    for result in results:
        name = record_name(result)
        record, mark = folder / name, folder / name.replace(_METADATA, _INCOMPLETE, 1)
        recorded = record.is_file() and record.read_bytes().rstrip().endswith(b"}")
        if not recorded:
            record.unlink(missing_ok=True)  # cut short by a full disk
        marked = mark.is_file()
        if marked and mark.read_text(encoding="utf-8") != _MARK:
            continue  # Snakemake's own: its job was begun, and not finished
        if recorded or not (folder / result).is_file():
            mark.unlink(missing_ok=True)
            continue
        if not marked:
            write_text(mark, _MARK)
        found.append(result)
    if not found:
        return ""
    few = f"{' and '.join(found)}: these have"
    return (
        f"{few if len(found) <= _NAMED else f'{len(found)} files in results/ have'} no record of "
        "how they were made: copied without .snakemake, or made by hand. They are built again, as "
        "nobody can tell whether they fit the settings and the code here. To keep what was copied, "
        "stop this, copy .snakemake/metadata from where it was built to the same place here, and "
        "run the same command again."
    )
