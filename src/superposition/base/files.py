"""Writing files so that a killed process leaves either the whole file or none."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from superposition.base.build_token import publishing
from superposition.base.errors import UserError

# What is being written has this in its name, and a dot before it, until it is whole.
_MARK = ".unfinished-"

CURES = {
    errno.ENOSPC: "The disk is full: free some space and run the same command again; "
    "what is finished stays.",
    errno.EDQUOT: "The disk quota is used up: free some space and run the same command again; "
    "what is finished stays.",
    errno.EROFS: "The file system is read-only: choose another place, or mount it writable.",
    errno.EACCES: "You may not write there: change the permissions or the owner of the folder.",
    errno.EPERM: "You may not write there: change the permissions or the owner of the folder.",
    errno.EBUSY: "It is in use, or a file system is mounted there: choose another place.",
    errno.ENOTDIR: "A file stands where a folder is expected: move it away.",
    errno.EEXIST: "A file stands where a folder is expected: move it away.",
}
"""The cure for what the operating system refuses, by error number."""


class OutputError(UserError):
    """A result could not be written."""


@contextmanager
def explained(path: Path, action: str = "write") -> Iterator[None]:
    """Turn the operating system's refusals into an `OutputError` that says what to do."""
    try:
        yield
    except OSError as error:
        cure = CURES.get(error.errno or 0, "")
        for part in (path, *path.parents):
            if part.is_symlink() and not part.exists():
                cure = (
                    f"{part} is a link to {part.readlink()}, which is not there: mount or make "
                    "that, or remove the link."
                )
        message = f"Cannot {action} {path}: {error.strerror or error}. {cure}"
        raise OutputError(message.rstrip()) from error


@contextmanager
def atomic_path(path: Path | str) -> Iterator[Path]:
    """Yield a temporary path beside `path`, which replaces `path` once the block has succeeded.

    Raises:
        OutputError: If the folder cannot be made, or the file not written or moved into place.
        UserError: If this is a job of a build that was killed.
    """
    path = Path(path)
    with explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.stem}{_MARK}{uuid4().hex[:8]}{path.suffix}")
        with temporary.open("xb") as file:
            try:
                # The lock says that its writer is alive.
                with suppress(OSError):
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                yield temporary
                os.fsync(file.fileno())
                with publishing():
                    temporary.replace(path)
            finally:
                temporary.unlink(missing_ok=True)


def clear_unfinished(folder: Path) -> None:
    """Remove what killed processes of ours have left half-written below a folder."""
    for path in folder.rglob(f".*{_MARK}????????*"):
        with suppress(OSError), path.open("rb+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()


def cache_folder() -> Path:
    """The folder of what can be made again: `$NUMBA_CACHE_DIR`, or one below `~/.cache`."""
    try:
        home = Path.home()
    except RuntimeError:  # a container's user; the Makefile has the same place
        home = Path(".snakemake/home").absolute()
    caches = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return Path(os.environ.get("NUMBA_CACHE_DIR") or caches / "superposition")


def read_bytes(path: Path) -> bytes:
    """The content of a file, or an `OutputError` if it cannot be read."""
    with explained(path, "read"):
        return path.read_bytes()


def write_text(path: Path | str, text: str) -> None:
    """Write a text file atomically, in UTF-8 with line ends as they are."""
    write_bytes(path, text.encode())


def write_bytes(path: Path | str, content: bytes) -> None:
    """Write a file atomically."""
    with atomic_path(path) as temporary:
        temporary.write_bytes(content)
