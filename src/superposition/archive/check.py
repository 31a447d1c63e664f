"""Whether the files of an archive are what was packed; nothing is unpacked or built."""

import filecmp
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from hashlib import sha256
from pathlib import Path
from stat import S_ISREG
from zipfile import ZIP_STORED, ZipFile

from superposition.archive.layout import (
    NAME,
    SUMS,
    description_of,
    is_configuration,
    is_safe,
    pack,
    twins,
)
from superposition.base.errors import UserError
from superposition.base.files import explained
from superposition.base.terminal import short
from superposition.model.fingerprints import Difference, State
from superposition.workflow.provenance import record_name

_ITSELF = "the archive itself"
_TOLD = 20
"""Differences of one kind that are printed at most."""
_BY_ANOTHER = (
    "by another program. Its files may be good all the same: unpack them, and see what "
    f"sha256sum -c {SUMS} says there"
)


def open_archive(path: Path) -> ZipFile:
    """An archive, whatever has become of its files; a `UserError` if it is something else."""
    with explained(path, "read"):
        if not S_ISREG(path.stat().st_mode):
            raise UserError(f"{path} is no file: an archive is one, written by make archive.")
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
    if not any(_repacked(archive)) and _read(archive, NAME) is not None:
        description_of(archive)
    return archive


def check(archive: ZipFile) -> list[Difference]:
    """Everything that is wrong with the files of an archive."""
    names = {*archive.namelist()}
    if unsafe := [*_repacked(archive), *_unsafe(names)]:
        return unsafe
    try:
        lines = (_read(archive, SUMS) or b"damaged").decode().removesuffix("\n").split("\n")
        sums = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    except ValueError:
        detail = "no file can be checked, for it is damaged or not there"
        return [Difference(SUMS, State.DAMAGED, detail)]
    names -= {SUMS}
    differences = list(_wrong_files(archive, names, sums))
    if not differences:
        differences += _wrong_configuration(description_of(archive).config, names)
    if not differences and not _is_as_packed(archive, names):
        detail = f"damaged between its files, or {_BY_ANOTHER}"
        differences.append(Difference(_ITSELF, State.ALTERED, detail))
    return differences


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


def _repacked(archive: ZipFile) -> Iterator[Difference]:
    """Why reading an archive could take much more time or memory than its size tells."""
    infos = archive.infolist()
    if any(info.compress_type != ZIP_STORED or info.flag_bits & 1 for info in infos):
        yield Difference(_ITSELF, State.ALTERED, f"compressed or encrypted {_BY_ANOTHER}")
    elif sum(info.file_size for info in infos) > Path(str(archive.filename)).stat().st_size:
        yield Difference(_ITSELF, State.ALTERED, "its files overlap, being larger than all of it")


def _unsafe(names: Set[str]) -> Iterator[Difference]:
    """Files that are not even read."""
    records = {record_name(name) for name in names if name.startswith("results/")}
    # Records have names in which case counts, and have to be here exactly.
    same = set(twins(names - records))
    for name in sorted(names):
        if not is_safe(name):
            detail = "not the name of a mere file in a folder on every system; never unpacked"
        elif name in same:
            detail = "some systems take it for another file of the archive; never unpacked"
        elif name.casefold().startswith(".snakemake/") and name not in records:
            detail = "no record of a result of the archive; never unpacked"
        else:
            continue
        yield Difference(name, State.ALTERED, detail)


def _wrong_configuration(config: Sequence[str], names: Set[str]) -> Iterator[Difference]:
    for name in dict.fromkeys(config):
        if name not in names or not is_configuration(name):
            yield Difference(NAME, State.ALTERED, f"its configuration is {name}, no YAML file here")
    if len(set(config)) < len(config):
        yield Difference(NAME, State.ALTERED, "a file of its configuration is named twice")


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


def _is_as_packed(archive: ZipFile, names: Iterable[str]) -> bool:
    """Whether an archive is what its files make, byte for byte."""
    with tempfile.TemporaryDirectory(prefix="superposition-") as folder:
        again = Path(folder, "again.zip")
        with explained(again):
            pack(again, names, archive.read)
        return filecmp.cmp(str(archive.filename), again, shallow=False)
