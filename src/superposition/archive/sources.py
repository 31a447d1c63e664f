"""What git knows of the sources: their commit, and what has changed since."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from superposition.errors import UserError


class Sources(NamedTuple):
    """The files of a repository that are not built."""

    commit: str
    committed: str
    """When, in UTC, in ISO 8601."""
    files: tuple[str, ...]
    """Paths from the top of the repository, sorted."""
    changed: tuple[str, ...]
    """Those that are not as in the commit, and those that it has and the folder has not."""


def sources(folder: Path) -> Sources:
    """Return what is in a repository's folder; what git ignores is left out.

    Raises:
        UserError: If the folder is not the top of a git repository with a commit, or has links.
    """
    top = _git(folder, "rev-parse", "--show-toplevel")
    if Path(top).resolve() != folder.resolve():
        raise UserError(
            f"{folder} is not the top of a git repository, so the sources have no commit to be "
            "named by: run this in a clone; or in an unpacked archive, after "
            "git init && git add . && git commit -m 'Unpacked'."
        )
    commit, seconds = _git(folder, "log", "-1", "--format=%H %ct").split()
    committed = datetime.fromtimestamp(int(seconds), UTC).isoformat()
    asked = ("--porcelain=v1", "-z", "--untracked-files=all", "--no-renames")
    changed = sorted(line[3:] for line in _lines(_git(folder, "status", *asked)))
    listed = _lines(_git(folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard"))
    files = tuple(sorted({name for name in listed if (folder / name).exists()}))
    if links := [name for name in listed if (folder / name).is_symlink()]:
        raise UserError(f"Links cannot be archived: {', '.join(links)}. Put the files there.")
    return Sources(commit, committed, files, tuple(changed))


def _lines(text: str) -> list[str]:
    return [line for line in text.split("\0") if line]


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, check=True, text=True)
    except FileNotFoundError:
        raise UserError("git is not installed; it tells which commit the sources are of.") from None
    except subprocess.CalledProcessError as error:
        raise UserError(
            f"git cannot tell the commit of {folder} ({error.stderr.strip()}). An archive holds "
            "the sources at their commit: run this in a clone; or in an unpacked archive, after "
            "git init && git add . && git commit -m 'Unpacked'."
        ) from error
    return done.stdout.strip("\n")
