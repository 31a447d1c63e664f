"""The bytes of an archive: a zip file that can be written in one way only.

Nothing is compressed. What a compressor makes of the same input depends on its version (zlib, its
rival zlib-ng, liblzma); without one, the same members are the same file on every machine, and a
flipped bit costs one member instead of all that follow. Dates, owners and the order of the members
are fixed as well. The layout is written out here, so that no version of Python has a say in it; it
is plain zip (PKWARE APPNOTE 4.3), which every system opens.

That there is one way only makes damage plain: every byte of an archive is either content, which has
a checksum, or can be foretold.
"""

import mmap
import struct
import zlib
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, NamedTuple, TypeAlias

from superposition.errors import UserError
from superposition.files import atomic_path, explained

_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")
_END = struct.Struct("<4sHHHHIIH")
_LOCAL_MARK, _CENTRAL_MARK, _END_MARK = b"PK\3\4", b"PK\1\2", b"PK\5\6"

_VERSION = 20
_UNIX = 3 << 8
_UTF8 = 1 << 11
_TIME, _DATE = 0, (0 << 9) | (2 << 5) | 1
"""1980-02-01, midnight: the first month is not safe in all time zones."""
_FILE, _PROGRAM, _FOLDER = 0o100644 << 16, 0o100755 << 16, 0o40755 << 16 | 0x10
_MOST_BYTES, _MOST_MEMBERS = 2**32 - 1, 2**16 - 1
_BLOCK = 1 << 20

_Buffer: TypeAlias = "mmap.mmap | bytes"


class Content(NamedTuple):
    """What is to become a member."""

    name: str
    """Path from the top of the archive, with slashes; that of a folder ends in one."""
    source: Path | bytes
    """The file that holds it, or the bytes themselves."""
    size: int
    """Bytes."""
    crc: int
    """CRC-32, zip's own checksum."""
    sha256: str
    """SHA-256 in hexadecimal."""
    program: bool
    """Whether it can be run: it begins with `#!`."""


class Member(NamedTuple):
    """What was found in an archive."""

    name: str
    start: int
    """Where its content begins in the file."""
    size: int
    crc: int
    sha256: str
    program: bool
    whole: bool
    """Whether its content is there and has its CRC-32."""


class Scan(NamedTuple):
    """All that was found in an archive."""

    path: Path
    members: tuple[Member, ...]
    damage: tuple[str, ...]
    """What is wrong with the container: a line for each place."""

    def file_count(self) -> int:
        """Return how many files there are."""
        return sum(not is_folder(member) for member in self.members)

    def read(self, member: Member) -> bytes:
        """Return a member's content."""
        with explained(self.path, "read"), self.path.open("rb") as file:
            file.seek(member.start)
            return file.read(member.size)


def is_folder(member: Content | Member) -> bool:
    """Tell whether a member is a folder, in which there is nothing but other members."""
    return member.name.endswith("/") and not member.size


def describe(name: str, source: Path | bytes) -> Content:
    """Return a member-to-be with its checksums."""
    size, crc, sha, program = 0, 0, sha256(), None
    for block in _blocks(source):
        program = block.startswith(b"#!") if program is None else program
        size, crc = size + len(block), zlib.crc32(block, crc)
        sha.update(block)
    return Content(name, source, size, crc, sha.hexdigest(), bool(program))


def size_of(contents: Sequence[Content]) -> int:
    """Return how many bytes an archive of these members has.

    Raises:
        UserError: If that is more than a plain zip file can hold.
    """
    names = sum(len(content.name.encode()) for content in contents)
    headers = len(contents) * (_LOCAL.size + _CENTRAL.size) + 2 * names + _END.size
    size = headers + sum(content.size for content in contents)
    if size > _MOST_BYTES or len(contents) > _MOST_MEMBERS:
        raise UserError(
            f"An archive of {len(contents)} files and {size} bytes is more than a zip file holds "
            f"({_MOST_MEMBERS} files, {_MOST_BYTES} bytes): build fewer experiments (only: in the "
            "configuration) and archive them one after the other."
        )
    return size


def write(path: Path, contents: Sequence[Content]) -> str:
    """Write an archive, whole or not at all; return its SHA-256.

    Raises:
        UserError: If a file has changed since it was described.
        OutputError: If the archive cannot be written.
    """
    sha = sha256()
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        for part in _parts(contents):
            sha.update(part)
            file.write(part)
    return sha.hexdigest()


def scan(path: Path) -> Scan:
    """Read an archive from its first byte to its last, whatever has become of it.

    Raises:
        OutputError: If the file cannot be read.
    """
    with explained(path, "read"), path.open("rb") as file:
        data = _contents_of(file)
    members: list[Member] = []
    damage: list[str] = []
    here = 0
    while here < len(data) and not _is_index(data, here):
        member = _member_at(data, here)
        if member is None:
            after = _next_header(data, here + 1)
            damage.append(f"bytes {here} to {after - 1} are not of an archive as this one is made")
            here = after
            continue
        members.append(member)
        # The size in a damaged member's header may be wrong, so the next one is looked for.
        end = member.start + member.size
        here = end if member.whole else _next_header(data, member.start)
    if all(member.whole for member in members) and not damage:
        damage += _wrong_index(data, here, members)
    return Scan(path, tuple(members), tuple(damage))


def _contents_of(file: BinaryIO) -> _Buffer:
    # An empty file cannot be mapped.
    return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if file.read(1) else b""


def _parts(contents: Sequence[Content]) -> Iterator[bytes]:
    """Yield the bytes of an archive, in order."""
    for content in contents:
        yield _local_header(content.name, content.size, content.crc)
        crc, size = 0, 0
        for block in _blocks(content.source):
            crc, size = zlib.crc32(block, crc), size + len(block)
            yield block
        if (crc, size) != (content.crc, content.size):
            raise UserError(
                f"{content.name} changed while it was archived, so no archive was written: let "
                "what changes it finish, then run the same command again."
            )
    yield _index(contents)


def _blocks(source: Path | bytes) -> Iterator[bytes]:
    if isinstance(source, bytes):
        yield source
        return
    with explained(source, "read"), source.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


def _local_header(name: str, size: int, crc: int) -> bytes:
    raw = name.encode()
    common = (_VERSION, _UTF8, 0, _TIME, _DATE, crc, size, size, len(raw), 0)
    return _LOCAL.pack(_LOCAL_MARK, *common) + raw


def _index(members: Sequence[Content | Member]) -> bytes:
    """Return what follows the members: a directory of them, and the mark of the end."""
    entries, offset = [], 0
    for member in members:
        raw = member.name.encode()
        mode = _PROGRAM if member.program else _FOLDER if is_folder(member) else _FILE
        common = (_VERSION, _UTF8, 0, _TIME, _DATE, member.crc, member.size, member.size, len(raw))
        entry = _CENTRAL.pack(_CENTRAL_MARK, _UNIX | _VERSION, *common, 0, 0, 0, 0, mode, offset)
        entries.append(entry + raw)
        offset += _LOCAL.size + len(raw) + member.size
    directory = b"".join(entries)
    count = len(entries)
    return directory + _END.pack(_END_MARK, 0, 0, count, count, len(directory), offset, 0)


def _member_at(data: _Buffer, here: int) -> Member | None:
    """Return the member whose header begins here, if that is one as we write it."""
    if here + _LOCAL.size > len(data):
        return None
    *_, crc, size, _, length, _ = _LOCAL.unpack_from(data, here)
    start = here + _LOCAL.size + length
    try:
        name = data[here + _LOCAL.size : start].decode()
    except UnicodeDecodeError:
        return None
    if data[here:start] != _local_header(name, size, crc):
        return None
    content = memoryview(data)[start : start + size]
    found, sha = zlib.crc32(content), sha256(content).hexdigest()
    whole = len(content) == size and found == crc
    return Member(name, start, size, crc, sha, bytes(content[:2]) == b"#!", whole)


def _next_header(data: _Buffer, here: int) -> int:
    """Return where the next member begins, or the directory; or the end of the file."""
    while (here := data.find(b"PK", here)) >= 0:
        if _is_index(data, here) or _member_at(data, here) is not None:
            return here
        here += 1
    return len(data)


def _is_index(data: _Buffer, here: int) -> bool:
    """Tell whether the directory begins, or goes on, here."""
    common = (_VERSION, _UTF8, 0, _TIME, _DATE)
    entry = struct.pack("<4sHHHHHH", _CENTRAL_MARK, _UNIX | _VERSION, *common)
    end = struct.pack("<4sHH", _END_MARK, 0, 0)
    return data[here : here + len(entry)] == entry or data[here : here + len(end)] == end


def _wrong_index(data: _Buffer, here: int, members: Sequence[Member]) -> list[str]:
    expected = _index(members)
    if data[here:] == expected:
        return []
    what = "is cut short" if expected.startswith(data[here:]) else "is not that of the files"
    return [f"the directory at the end (from byte {here}) {what}"]
