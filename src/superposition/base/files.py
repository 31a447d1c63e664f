"""Writing files so that a killed process leaves either the whole file or none.

What one job makes appears together: nothing of it is in place before all of it is written.
"""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar
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
            if os.path.islink(part) and not os.path.exists(part):
                cure = (
                    f"{part} is a link to {part.readlink()}, which is not there: mount or make "
                    "that, or remove the link."
                )
        message = f"Cannot {action} {path}: {error.strerror or error}. {cure}"
        raise OutputError(message.rstrip()) from error


class _Files(ExitStack):
    """Files that are being written; leaving it removes what is not in place."""

    def __init__(self) -> None:
        """Begin without any."""
        super().__init__()
        self.whole: dict[Path, Path] = {}
        """The temporary path of each file that is written, by its path."""

    def put_in_place(self) -> None:
        """Give all files that are whole their names, one right after the other."""
        if self.whole:
            with publishing():
                for path, temporary in self.whole.items():
                    with explained(path):
                        temporary.replace(path)


_TOGETHER: ContextVar[_Files | None] = ContextVar("together", default=None)


@contextmanager
def together() -> Iterator[None]:
    """Put the files written within the block in place at its end, once all of them are whole."""
    with _Files() as files:
        mark = _TOGETHER.set(files)
        try:
            yield
        finally:
            _TOGETHER.reset(mark)
        files.put_in_place()


@contextmanager
def atomic_path(path: Path | str) -> Iterator[Path]:
    """Yield a temporary path beside `path`, which replaces `path` once the block has succeeded.

    Within `together`, it replaces `path` with the others.

    Raises:
        OutputError: If the folder cannot be made, or the file not written or moved into place.
        UserError: If this is a job whose build is gone.
    """
    path = Path(path)
    with explained(path), _Files() as alone:
        files = _TOGETHER.get() or alone
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.stem}{_MARK}{uuid4().hex[:8]}{path.suffix}")
        file = files.enter_context(temporary.open("xb"))
        files.callback(temporary.unlink, missing_ok=True)
        # The lock says that its writer is alive.
        with suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield temporary
        os.fsync(file.fileno())
        files.whole[path] = temporary
        alone.put_in_place()


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
