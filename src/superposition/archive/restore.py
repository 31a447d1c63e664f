"""Unpacking an archive so that nothing is left to build, and nothing is written elsewhere."""

import os
import shutil
import tempfile
import time
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from zipfile import ZipFile

from superposition.archive.check import check, open_archive, report
from superposition.archive.layout import description_of
from superposition.archive.sources import compare_sources
from superposition.base.errors import UserError
from superposition.base.files import explained
from superposition.base.stopping import tidily
from superposition.base.terminal import some, visible


@tidily()
def restore_command(options: Namespace) -> None:
    """Unpack a sound archive into a new folder, which appears when everything is in it."""
    # Without links that lead out of it, or . and .., of which the parent is another folder.
    folder = Path(os.path.abspath(options.folder))
    with open_archive(options.archive) as archive, explained(options.folder):
        _check_target(folder)
        there = next(parent for parent in folder.parents if parent.exists())
        temporary = Path(tempfile.mkdtemp(dir=there, prefix=".superposition.unfinished-"))
        try:
            if differences := check(archive):
                raise UserError(
                    f"Nothing was unpacked, because {options.archive} is damaged or was "
                    f"changed.\n{report(differences)}"
                )
            _unpack(archive, temporary)
            folder.parent.mkdir(parents=True, exist_ok=True)
            temporary.replace(folder)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        print(f"Restored {len(archive.namelist())} files in {options.folder}.")
        print(_what_runs(archive))


def _check_target(folder: Path) -> None:
    """Refuse what could not be replaced by a folder; an empty one can."""
    if folder.is_symlink():
        raise UserError(f"{folder} is a link: give the folder that it leads to, or a new one.")
    try:
        folder.stat()  # which tells what `exists` may keep to itself, as that a name is too long
    except FileNotFoundError:
        return
    if not folder.is_dir() or any(folder.iterdir()):
        raise UserError(f"{folder} is there already: choose a new or an empty folder.")
    if folder.samefile(Path.cwd()):
        raise UserError(f"{folder} is the current folder: choose a new one, such as restored.")
    # The system's own word on whether it may go: not if a file system is mounted there.
    folder.rmdir()
    folder.mkdir()


def _unpack(archive: ZipFile, folder: Path) -> None:
    folder.chmod(0o755)
    for info in archive.infolist():
        file = Path(archive.extract(info, folder))  # which never leaves the folder
        if info.external_attr >> 16 & 0o100:
            file.chmod(0o755)
    # Without it, Snakemake takes its records for those of an old version.
    (folder / ".snakemake/incomplete").mkdir(parents=True, exist_ok=True)
    now = time.time()
    # All alike, so that none seems newer than what was made of it.
    for path in folder.rglob("*"):
        os.utime(path, (now, now))


def _make(config: Sequence[str]) -> str:
    """The command that builds with the configuration of an archive."""
    # Snakemake has config.yaml below all others by itself.
    own = [name for name in config if name != "config.yaml"]
    return f"make ARGS='--configfile {visible(' '.join(own))}'" if own else "make"


def _what_runs(archive: ZipFile) -> str:
    """What make would run there, and whether anybody has compared it with anything."""
    about = description_of(archive)
    sources = compare_sources(archive, about)
    if not (sources.differences or about.changed or not sources.same):
        return f"{sources.told} There: {_make(about.config)} builds what changes."
    lines = ["NOTE: make runs the code there, so look at it first. " + sources.told]
    if about.changed:
        lines.append(f"The archive calls changed since: {some(about.changed)}.")
    if sources.differences:
        lines.append(report(sources.differences))
    return "\n".join(lines)
