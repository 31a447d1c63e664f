"""Whether the sources in an archive are those of the commit that it names.

Git tells, if the repository in which this package is has that commit; nothing of the archive is
unpacked. What an archive says of itself, its results and their records are no sources.
"""

import subprocess
from collections.abc import Mapping
from hashlib import new
from typing import NamedTuple
from zipfile import ZipFile

from superposition.archive.layout import CRATE, NAME, SUMS, Description
from superposition.base.git import git
from superposition.model.fingerprints import Difference, State
from superposition.workflow.builds import PROJECT


class Comparison(NamedTuple):
    """Parts of an archive compared with what they should be."""

    told: str
    """A sentence on what was compared."""
    differences: list[Difference]
    same: frozenset[str]
    """The files that are in all their bytes as they should be."""


def sources_of(archive: ZipFile) -> set[str]:
    """The names of the sources in an archive."""
    others = ("results/", ".snakemake/")
    names = {name for name in archive.namelist() if not name.startswith(others)}
    return names - {NAME, CRATE, SUMS}


def compare_sources(archive: ZipFile, about: Description) -> Comparison:
    """The sources of a sound archive compared with its commit, but for those it calls changed."""
    names = sources_of(archive)
    commit = about.commit[:12]
    there = _blobs(about.commit)
    if there is None:
        told = f"No repository here has commit {commit}: its sources were compared with nothing."
        return Comparison(told, [], frozenset())
    differences = []
    for name in sorted((names | there.keys()) - {*about.changed}):
        if name not in there:
            differences.append(Difference(name, State.ALTERED, f"commit {commit} has no such file"))
        elif name not in names:
            differences.append(Difference(name, State.MISSING, f"commit {commit} has it"))
        elif _blob(archive.read(name), about.commit) != there[name]:
            detail = f"it is not what commit {commit} has"
            differences.append(Difference(name, State.ALTERED, detail))
    same = frozenset(names) - {row.name for row in differences} - {*about.changed}
    told = f"Of {len(names)} sources, {len(same)} are those of commit {commit}."
    return Comparison(told, differences, same)


def _blobs(commit: str) -> Mapping[str, str] | None:
    """The identity of each file of a commit, by name; None if the repository here lacks it."""
    try:
        listed = git(PROJECT, "ls-tree", "-rz", "--full-tree", f"{commit}^{{commit}}")
    except (OSError, subprocess.SubprocessError):
        return None
    entries = (entry.partition("\t") for entry in listed.split("\0") if entry)
    return {name: kind.split()[2] for kind, _, name in entries}


def _blob(content: bytes, commit: str) -> str:
    """The identity of a file's content in a repository with such names of commits."""
    digest = new("sha1" if len(commit) == 40 else "sha256", usedforsecurity=False)
    digest.update(b"blob %d\0" % len(content))
    digest.update(content)
    return digest.hexdigest()
