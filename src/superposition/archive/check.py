"""Whether the files of an archive are what was packed; nothing is unpacked or built."""

from collections.abc import Iterator, Mapping, Sequence, Set
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile

from superposition.archive.layout import NAME, SUMS, description_of
from superposition.base.errors import UserError
from superposition.base.files import explained
from superposition.base.terminal import short
from superposition.model.fingerprints import Difference, State

_TOLD = 20
"""Differences of one kind that are printed at most."""


def open_archive(path: Path) -> ZipFile:
    """An archive, whatever has become of its files; a `UserError` if it is something else."""
    with explained(path, "read"):
        path.open("rb").close()
    try:
        archive = ZipFile(path)
    except Exception as error:
        raise UserError(
            f"{path} is no archive, or cut short, or damaged at its end, where zip files list "
            f"their content ({error})."
        ) from error
    if NAME not in archive.namelist():
        raise UserError(f"{path} is a zip file, but no archive of this package: it has no {NAME}.")
    if _read(archive, NAME) is not None:
        description_of(archive)
    return archive


def check(archive: ZipFile) -> list[Difference]:
    """Everything that is wrong with the files of an archive."""
    try:
        lines = (_read(archive, SUMS) or b"damaged").decode().removesuffix("\n").split("\n")
        sums = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    except ValueError:
        detail = "no file can be checked, for it is damaged or not there"
        return [Difference(SUMS, State.DAMAGED, detail)]
    return list(_wrong_files(archive, {*archive.namelist()} - {SUMS}, sums))


def report(differences: Sequence[Difference]) -> str:
    """A line for each difference, the worst first, and a line that counts them."""
    lines, counts = [], []
    for state in State:
        rows = [row for row in differences if row.state is state]
        for name, _, detail in rows[:_TOLD]:
            lines.append(f"  {state}: {short(name)}: {short(detail).rstrip('.')}.")
        if len(rows) > _TOLD:
            lines.append(f"  {state}: … and more")
        if rows:
            counts.append(f"{len(rows)} {state}")
    return "\n".join([*lines, f"{', '.join(counts)}."])


def _read(archive: ZipFile, name: str) -> bytes | None:
    """The content of a file; None if it is damaged, which zipfile tells by errors of many types."""
    try:
        return archive.read(name)
    except Exception:
        return None


def _wrong_files(
    archive: ZipFile, names: Set[str], sums: Mapping[str, str]
) -> Iterator[Difference]:
    owners = {digest: name for name, digest in sums.items()}
    for name in sorted(sums.keys() | names):
        if name not in names:
            yield Difference(name, State.MISSING, f"{SUMS} has it")
        elif name not in sums:
            yield Difference(name, State.ALTERED, f"not among the files of {SUMS}")
        elif (content := _read(archive, name)) is None:
            yield Difference(name, State.DAMAGED, "its bytes are not those that were packed")
        elif (found := sha256(content).hexdigest()) != sums[name]:
            owner = owners.get(found)
            what = f"it holds what belongs to {owner}" if owner else f"it is not what {SUMS} says"
            yield Difference(name, State.ALTERED, what)
