"""What Snakemake has to know of a result to tell that it is up to date: its own records.

Snakemake keeps one for each file, in .snakemake/metadata under the file's name in base 64. Without
them, results look up to date whatever changes. They go into the archive without what differs from
one build of the same results to the next: times, numbers of threads, Python's hashes, and the text
of environment.yml, of which only the versions count, and those stand among the parameters.
"""

import json
from base64 import urlsafe_b64encode
from pathlib import Path

from superposition.errors import UserError
from superposition.files import explained

_FOLDER = ".snakemake/metadata"
_LONGEST = 254
"""Longest file name in use there; what goes beyond is put into folders."""
_KEPT = (
    "rule",
    "input",
    "log",
    "params",
    "code",
    "record_format_version",
    "container_img_url",
    "software_stack_hash",
    "incomplete",
    "input_checksums",
)
# Snakemake's own report does arithmetic with these.
_FIXED = {
    "shellcmd": None,
    "conda_env": None,
    "external_jobid": None,
    "job_hash": 0,
    "starttime": 0.0,
    "endtime": 0.0,
}


def record_name(result: str) -> str:
    """Return where Snakemake keeps the record of a file."""
    name = urlsafe_b64encode(result.encode()).decode()
    *folders, last = (name[i : i + _LONGEST] for i in range(0, len(name), _LONGEST))
    return "/".join([_FOLDER, *(f"@{folder}" for folder in folders), last])


def record(folder: Path, result: str) -> bytes:
    """Return Snakemake's record of a result, without what a result does not depend on.

    Raises:
        UserError: If there is none, or it is not finished.
    """
    path = folder / record_name(result)
    if not path.is_file():
        raise UserError(
            f"Snakemake has no record of {result}, so nobody could tell that it is up to date: "
            "delete it and run make."
        )
    with explained(path, "read"):
        content = json.loads(path.read_bytes())
    if content["incomplete"]:
        raise UserError(f"{result} was not finished: run make first.")
    if unknown := content.keys() - {*_KEPT, *_FIXED}:
        raise UserError(
            f"Snakemake's record of {result} has entries that this version does not know: "
            f"{', '.join(sorted(unknown))}. It was made by another version of Snakemake."
        )
    kept = {key: content[key] for key in _KEPT}
    return (json.dumps({**kept, **_FIXED}, sort_keys=True) + "\n").encode()
