"""What has become of an archive: of each file in it, and of the weights when built again.

The exit code of `verify ARCHIVE` is 0 if all is as it was computed, 1 if anything is damaged,
missing or altered, and 3 if nothing is, but what was built again differs and other code or other
libraries than those here had made it.
"""

from argparse import Namespace
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile, ZipFile, is_zipfile

from superposition import __version__
from superposition.archive.container import Member, Scan, is_folder, scan
from superposition.archive.contents import has_safe_name
from superposition.archive.description import NAME, SUMS, Description, read
from superposition.errors import UserError

_TOLD = 20
"""Findings of one kind that are printed, at most."""
_LONGEST = 200
"""Characters of a name that are printed, at most."""


class State(StrEnum):
    """What became of a file."""

    DAMAGED = "damaged"
    MISSING = "missing"
    ALTERED = "altered"
    OTHER = "made by another version"


class Finding(NamedTuple):
    """One line of the report."""

    name: str
    state: State
    detail: str


def verify_archive(options: Namespace) -> int:
    """Print what has become of an archive; return the exit code."""
    from superposition.archive.recomputing import recompute

    found = scan(options.archive)
    findings = check(found)
    print(f"{options.archive}: {found.file_count()} files.")
    if not findings:
        description = describe(found)
        print(_about(description))
        print("Every file is there, and agrees with its checksum.")
        findings = recompute(found, description, options.retrain, options.cores)
    elif options.retrain != ["none"]:
        print("Nothing is built again from it; get a whole copy first:")
    print(report(findings))
    states = {finding.state for finding in findings}
    return (3 if states == {State.OTHER} else 1) if states else 0


def describe(found: Scan) -> Description:
    """Return what a checked archive says of itself."""
    [member] = [member for member in found.members if member.name == NAME]
    return read(found.read(member))


def check(found: Scan) -> list[Finding]:
    """Return everything that is wrong with an archive's files; nothing is unpacked or built."""
    if not found.members:
        return [Finding("the archive itself", State.DAMAGED, _what_else(found.path))]
    findings = [Finding("the archive itself", State.DAMAGED, text) for text in found.damage]
    try:
        sums = _sums(found)
    except UserError as error:
        return [*findings, *_check_names(found, ()), Finding(SUMS, State.DAMAGED, str(error))]
    findings += _check_names(found, sums)
    members = {member.name: member for member in found.members}
    owners = {digest: name for name, digest in sums.items()}
    for name, digest in sums.items():
        findings += _check_content(name, digest, members.get(name), owners)
    findings += [
        Finding(name, State.ALTERED, f"not among the files of {SUMS}")
        for name, member in members.items()
        if name not in sums and name != SUMS and has_safe_name(member)
        # A folder, of files that are.
        if not (is_folder(member) and any(file.startswith(name) for file in sums))
    ]
    if not findings and NAME not in members:
        findings.append(Finding(NAME, State.MISSING, "so this is no archive of this package"))
    return sorted(findings, key=lambda finding: list(State).index(finding.state))


def report(findings: Sequence[Finding]) -> str:
    """Return a line for each finding, and a summary."""
    lines, told = [], Counter[State]()
    for name, state, detail in findings:
        told[state] += 1
        if told[state] <= _TOLD:
            lines.append(f"  {state}: {name}: {detail}.")
        elif told[state] == _TOLD + 1:
            lines.append(f"  {state}: … and more")
    counts = ", ".join(f"{told[state]} {state}" for state in State if told[state])
    return "\n".join([*lines, f"{counts}." if counts else "Nothing is wrong with it."])


def _about(description: Description) -> str:
    changed = description.changed
    mark = f", with changes that were not committed in {', '.join(changed)}" if changed else ""
    return (
        f"Sources are of commit {description.commit} ({description.committed}){mark}; results of "
        f"{' and '.join(description.config)}, by version {description.package} (here: version "
        f"{__version__})."
    )


def _what_else(path: Path) -> str:
    """Return what a file is in which there is nothing of ours."""
    if path.stat().st_size == 0:
        return "the file is empty"
    if is_zipfile(path):
        return (
            "this is a zip file that another program has packed. If its files are of an archive, "
            f"unpack them, and see what sha256sum -c {SUMS} says there"
        )
    return "this is no archive, nor any other zip file"


def _check_names(found: Scan, expected: Collection[str]) -> Iterator[Finding]:
    names = Counter(member.name for member in found.members)
    unsafe = {member.name for member in found.members if not has_safe_name(member)}
    for name, count in names.items():
        if name in unsafe:
            yield Finding(_shown(name), State.ALTERED, "not a path within a folder; never unpacked")
        if count > 1:
            yield Finding(name, State.ALTERED, f"there {count} times")
    if not found.damage:
        return
    # Another program may have put in what is not ours; by its directory it can be named.
    try:
        with ZipFile(found.path) as other:
            listed = {info.filename for info in other.infolist()}
    except (BadZipFile, OSError, ValueError, NotImplementedError):
        return  # the directory is damaged, which is among what is reported; it can name nothing
    for name in sorted(listed - names.keys() - set(expected)):
        yield Finding(_shown(name), State.ALTERED, "put in by another program; never unpacked")


def _shown(name: str) -> str:
    """Return a name that may hold anything, as one short line."""
    text = repr(name)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _sums(found: Scan) -> dict[str, str]:
    """Return the checksum of each file.

    Raises:
        UserError: If they are not there, or not as they are written.
    """
    members = [member for member in found.members if member.name == SUMS]
    if not members or not members[0].whole:
        raise UserError("is not there, or not whole, so that no file can be checked")
    try:
        lines = found.read(members[0]).decode().splitlines()
        sums = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    except ValueError:
        raise UserError("has lines that are not a checksum and a name") from None
    if any(len(digest) != 64 for digest in sums.values()) or len(sums) != len(lines):
        raise UserError("has lines that are not a checksum and a name, or one name twice")
    return sums


def _check_content(
    name: str, digest: str, member: Member | None, owners: dict[str, str]
) -> Iterator[Finding]:
    if member is None:
        yield Finding(name, State.MISSING, f"{SUMS} has it")
    elif not member.whole:
        yield Finding(name, State.DAMAGED, "its bytes are not those that were written")
    elif member.sha256 != digest:
        owner = owners.get(member.sha256)
        what = f"it holds what belongs to {owner}" if owner else f"it is not what {SUMS} says"
        yield Finding(name, State.ALTERED, what)
