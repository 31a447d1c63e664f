"""Results that nobody can tell the making of: Snakemake would take them for up to date.

Snakemake compares parameters, code and inputs with its record of each file, in `.snakemake`. Of a
file without a record it compares dates alone. So results that were copied without `.snakemake`
would stay as they are whatever the settings are here, or be built again in part, by the order in
which they were copied. Here they get the mark that Snakemake gives to files of jobs that were not
finished, so that they are built again, all of them; and it is said how to keep them.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from superposition.archive.records import record_name
from superposition.files import write_text

_METADATA, _INCOMPLETE = ".snakemake/metadata/", ".snakemake/incomplete/"
# What tells our marks from Snakemake's own; it reads but the first entry.
_MARK = json.dumps({"external_jobid": None, "superposition": "no record"})
_NAMED = 3


def mark_unrecorded(folder: Path, results: Iterable[str]) -> list[str]:
    """Have results without a record built again, and those that have one by now no more.

    Args:
        folder: Where Snakemake runs, and where no other build is alive.
        results: Every file that a build leaves, as paths from there.

    Returns:
        Those that are there, but have no record.
    """
    found = []
    for result in results:
        record = record_name(result)
        recorded = _is_whole(folder / record)
        if not recorded:
            (folder / record).unlink(missing_ok=True)
        mark = folder / record.replace(_METADATA, _INCOMPLETE, 1)
        marked = mark.is_file()
        if marked and mark.read_text(encoding="utf-8") != _MARK:
            continue  # Snakemake's own: its job was begun, and not finished
        if recorded or not (folder / result).is_file():
            mark.unlink(missing_ok=True)
            continue
        if not marked:
            write_text(mark, _MARK)
        found.append(result)
    return found


def words(unrecorded: Sequence[str]) -> str:
    """Return what there is to say of results without a record."""
    many = f"{len(unrecorded)} files in results/ have"
    what = many if len(unrecorded) > _NAMED else f"{' and '.join(unrecorded)}: these have"
    return (
        f"{what} no record of how they were made: copied without .snakemake, or made by hand. They "
        "are built again, as nobody can tell whether they fit the settings and the code here. To "
        "keep what was copied, stop this, copy .snakemake/metadata from where it was built to the "
        "same place here, and run the same command again."
    )


def _is_whole(record: Path) -> bool:
    """Tell whether a record was written to its end; a full disk can cut one short."""
    try:
        return record.read_bytes().rstrip().endswith(b"}")
    except OSError:
        return False
