"""Making an archive of finished results."""

import json
import os
import re
import subprocess
import sys
from argparse import Namespace
from collections.abc import Sequence
from hashlib import file_digest
from pathlib import Path
from typing import NamedTuple

from superposition.archive.crate import crate
from superposition.archive.layout import CRATE, NAME, Description, pack, signatures
from superposition.base.errors import UserError
from superposition.base.files import atomic_path, read_bytes
from superposition.base.git import git
from superposition.base.stopping import tidily
from superposition.base.terminal import some
from superposition.base.version import VERSION
from superposition.claims import Verdict, read_json, read_record
from superposition.claims.seeds import record_text
from superposition.workflow.configuration import resolve
from superposition.workflow.confirmation import FOLDER, RECORD, files
from superposition.workflow.plan import Plan
from superposition.workflow.provenance import record_name

_CLONE = (
    "run this in a clone; or in an unpacked archive, after git init && git add . && "
    "git commit -m 'Unpacked'"
)

# What stands in Snakemake's records for what differs from one build of the same to the next: times,
# numbers of threads, Python's hashes, and the text of environment.yml, of which only the versions
# count, and those are among the parameters. Snakemake's own report calculates with the numbers.
_FIXED = {
    **{"shellcmd": None, "conda_env": None, "external_jobid": None},
    **{"job_hash": 0, "starttime": 0.0, "endtime": 0.0},
}


class Sources(NamedTuple):
    """The sources, as git knows them: paths from the top of the repository."""

    commit: str
    committed: str
    files: tuple[str, ...]
    changed: tuple[str, ...]
    """Those that are not as in the commit, and those that it has and the folder has not."""


@tidily()
def archive_command(options: Namespace) -> None:
    """Write an archive of the results of this folder, which is a clone, if they are up to date."""
    found = sources(Path.cwd())
    config = [os.path.relpath(file) for file in options.config or ["config.yaml"]]
    _check_sources(found, config, options.uncommitted)
    plan = Plan(resolve(options))
    if not options.built:
        _check_up_to_date(config)
    elif options.built != plan.identity():
        raise UserError(
            "These results were built with settings that are in no file (Snakemake's --config): "
            "write them into a file, commit it, and give it with --configfile."
        )
    description = Description(
        commit=found.commit,
        committed=found.committed,
        changed=found.changed,
        config=tuple(config),
        stages=signatures(plan),
    )
    results = [*plan.results(), "results/report.html"]
    if missing := [name for name in results if not Path(name).is_file()]:
        raise UserError(
            f"These are missing: {some(missing)}. Build them: snakemake --cores all {missing[0]}"
        )
    _check_confirmation(read_json(Path("results/claims.json")))  # refuses what was altered since
    # What is not a file as it is in the folder.
    made = {record_name(name): provenance(Path(), name) for name in results}
    made[NAME] = description.content()
    made[CRATE] = crate(description, {*found.files, *results, *made})
    names = {*found.files, *results, *made}
    size = sum(len(made[name]) if name in made else Path(name).stat().st_size for name in names)
    mark = "-changed" if found.changed else ""
    name = f"results/superposition-{VERSION}-{found.commit[:7]}{mark}.zip"
    output = options.output or Path(name)
    print(f"Writing {output}: {len(names) + 1} files, {size / 1e6:.1f} MB.", flush=True)
    with atomic_path(output) as temporary:
        pack(temporary, names, lambda name: made.get(name) or read_bytes(Path(name)))
        with temporary.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
    print(f"Wrote {output}, SHA-256 {digest}.\nCheck it: python -m superposition verify {output}")


def sources(folder: Path) -> Sources:
    """The sources in a folder, the top of a git repository; what git ignores is left out."""
    if Path(_git(folder, "rev-parse", "--show-toplevel")).resolve() != folder.resolve():
        raise UserError(
            f"{folder} is not the top of a git repository, so the sources have no commit to be "
            f"named by: {_CLONE}."
        )
    commit, committed = _git(folder, "log", "-1", "--format=%H %cI").split()
    asked = ("--porcelain=v1", "-z", "--untracked-files=all", "--no-renames")
    status = filter(None, _git(folder, "status", *asked).split("\0"))
    listed = _git(folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    names = sorted(set(filter(None, listed.split("\0"))))
    return Sources(
        commit,
        committed,
        tuple(name for name in names if (folder / name).exists()),
        tuple(sorted(line[3:] for line in status)),
    )


def provenance(folder: Path, result: str) -> bytes:
    """Snakemake's record of a result, by which it tells that the result is up to date."""
    path = folder / record_name(result)
    content = json.loads(read_bytes(path)) if path.is_file() else None
    if content is None or content["incomplete"]:
        raise UserError(
            f"Snakemake has no record of a finished {result}, so it cannot be known to be up to "
            "date: delete it and run make."
        )
    # Builds with other seeds are not archived.
    inputs = [file for file in content["input"] if not Path(file).is_relative_to(FOLDER)]
    return json.dumps({**content, **_FIXED, "input": inputs}, sort_keys=True).encode() + b"\n"


def _check_sources(found: Sources, config: Sequence[str], uncommitted: bool) -> None:
    if found.changed and not uncommitted:
        raise UserError(
            f"Not committed: {some(found.changed)}. An archive names the commit of its sources: "
            "commit these first; or archive them as they are, recorded as changed, with "
            f"python -m superposition archive --uncommitted --config {' '.join(config)}."
        )
    if outside := [name for name in config if name not in found.files]:
        raise UserError(
            f"{some(outside)} would not be in the archive, for git does not know it: move it into "
            "this folder, and commit it."
        )


def _check_confirmation(verdicts: Sequence[Verdict]) -> None:
    if files() and record_text(verdicts, read_record(RECORD)) != read_bytes(RECORD).decode():
        raise UserError(
            f"The verdicts use builds with other seeds, in {FOLDER}, which an archive does not "
            f"hold. To keep their outcomes: python -m superposition readme, commit {RECORD}, "
            f"make. To archive without them: delete {FOLDER}, make."
        )


def _check_up_to_date(config: Sequence[str]) -> None:
    """Ask Snakemake whether there is anything to build."""
    command = [sys.executable, "-P", "-m", "snakemake", "--dry-run", "--printshellcmds"]
    command += ["--configfile", *config]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    told = done.stdout + done.stderr
    if "Nothing to be done" not in told:
        jobs = re.findall(r"^Job \d+: (.*)$", told, flags=re.MULTILINE)
        raise UserError(
            f"The results are not up to date: {some(jobs) or told.strip()}. Build them first: "
            "make archive does."
        )


def _git(folder: Path, *arguments: str) -> str:
    try:
        return git(folder, *arguments).strip("\n")
    except (OSError, subprocess.SubprocessError) as error:
        detail = os.fsdecode(getattr(error, "stderr", None) or str(error)).strip()
        raise UserError(
            f"git cannot tell the commit of {folder} ({detail}). An archive holds the sources at "
            f"their commit: {_CLONE}."
        ) from error
