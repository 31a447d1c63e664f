"""Writing files so that a killed process leaves either the whole file or none."""

import errno
import fcntl
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from superposition.errors import UserError
from superposition.lifetime import publishing

# What is being written has a name of this kind, until it is whole.
_MARK = ".unfinished-"
_UNFINISHED = re.compile(rf"^\..*{re.escape(_MARK)}\w{{8}}(\.\w+)?$")

_CURES = {
    errno.ENOSPC: "The disk is full: free some space and run the same command again; "
    "what is finished stays.",
    errno.EDQUOT: "The disk quota is used up: free some space and run the same command again.",
    errno.EROFS: "The file system is read-only: choose another place, or mount it writable.",
    errno.EACCES: "You may not write there: change the permissions or the owner of the folder.",
    errno.EPERM: "You may not write there: change the permissions or the owner of the folder.",
    errno.ENOTDIR: "A file stands where a folder is expected: move it away.",
    errno.EEXIST: "A file stands where a folder is expected: move it away.",
}


class OutputError(UserError):
    """A result could not be written."""


@contextmanager
def explained(path: Path, action: str = "write") -> Iterator[None]:
    """Turn the operating system's refusals into messages that say what to do.

    Raises:
        OutputError: If the block raises an `OSError`.
    """
    try:
        yield
    except OSError as error:
        cure = _CURES.get(error.errno or 0, "")
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
        handle, name = tempfile.mkstemp(
            dir=path.parent, prefix=f".{path.stem}{_MARK}", suffix=path.suffix
        )
        temporary = Path(name)
        try:
            # The lock says that its writer is alive.
            with suppress(OSError):
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield temporary
            # mkstemp makes files private; results are as readable as any other file.
            umask = os.umask(0)
            os.umask(umask)
            temporary.chmod(0o666 & ~umask)
            with temporary.open("rb+") as file:
                os.fsync(file.fileno())
            with publishing():
                temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
            os.close(handle)


def clear_unfinished(folder: Path) -> None:
    """Remove what killed processes of ours have left half-written below a folder."""
    for path in folder.rglob(f".*{_MARK}*"):
        if _UNFINISHED.match(path.name):
            with suppress(OSError), path.open("rb+") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()


def cache_folder() -> Path:
    """Return where is kept what can be made again: `$NUMBA_CACHE_DIR`, or below `~/.cache`."""
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("NUMBA_CACHE_DIR") or caches / "superposition")


def write_text(path: Path | str, text: str) -> None:
    """Write a text file in UTF-8 with Unix line ends, whole or not at all."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_bytes(path: Path | str, content: bytes) -> None:
    """Write a file, whole or not at all."""
    with atomic_path(path) as temporary:
        temporary.write_bytes(content)
