"""A small disk: a file system as large as a test wants it, which only its own programs see."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


class Disk:
    """A disk that is mounted on a folder for as long as the process that has made it lives."""

    def __init__(self, folder: Path, keeper: int) -> None:
        """Remember where it is, and the process that has made it."""
        self.folder = folder
        self.keeper = keeper

    @property
    def content(self) -> Path:
        """The place where others see what is on it."""
        return Path(f"/proc/{self.keeper}/root{self.folder}")

    def command(self, *command: str) -> list[str]:
        """A command that runs a command on the disk."""
        enter = ["nsenter", f"--target={self.keeper}", "--user", "--mount"]
        # What was mounted over the folder is seen by those who enter it anew.
        change = ["sh", "-c", 'cd "$0" && exec "$@"', str(self.folder)]
        return [*enter, "--preserve-credentials", *change, *command]

    def leave_free(self, size: int) -> None:
        """Make the disk so large that this much of it, in bytes, is free."""
        here = os.statvfs(self.content)
        used = (here.f_blocks - here.f_bfree) * here.f_frsize
        self.remount(f"size={used + size}")

    def remount(self, option: str) -> None:
        command = self.command("mount", "-o", f"remount,{option}", str(self.folder))
        subprocess.run(command, check=True, capture_output=True)


@contextmanager
def disk(folder: Path) -> Iterator[Disk]:
    """Mount a disk of a gigabyte on a folder, or skip the test where that is not allowed."""
    if missing := [name for name in ("unshare", "nsenter") if shutil.which(name) is None]:
        pytest.skip(f"there is no {missing[0]}(1) here")
    folder.mkdir(parents=True, exist_ok=True)
    script = 'mount -t tmpfs -o size=1g tmpfs "$1" && echo mounted && read -r _'
    keeper = subprocess.Popen(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, "sh", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        if (told := keeper.stdout.readline()) != "mounted\n":
            pytest.skip(f"file systems of one's own are not allowed here: {told.strip()}")
        yield Disk(folder, keeper.pid)
    finally:
        keeper.communicate()
