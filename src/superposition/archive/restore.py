"""Unpacking an archive so that nothing is left to build, and nothing is written elsewhere."""

import os
import shutil
import tempfile
import time
from argparse import Namespace
from pathlib import Path

from superposition.archive.check import check, open_archive, report
from superposition.base.errors import UserError
from superposition.base.files import explained


def restore_command(options: Namespace) -> None:
    """Unpack a sound archive into a new folder, which appears when everything is in it."""
    folder: Path = options.folder
    with open_archive(options.archive) as archive, explained(folder):
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UserError(f"{folder} is there already: choose a new or an empty folder.")
        if differences := check(archive):
            raise UserError(
                f"Nothing was unpacked, for {options.archive} is not sound.\n{report(differences)}"
            )
        folder.parent.mkdir(parents=True, exist_ok=True)
        prefix = f".{folder.name}.unfinished-"
        temporary = Path(tempfile.mkdtemp(dir=folder.parent, prefix=prefix))
        try:
            archive.extractall(temporary)
            temporary.chmod(0o755)
            for info in archive.infolist():
                if info.external_attr >> 16 & 0o100:
                    (temporary / info.filename).chmod(0o755)
            # Without it, Snakemake takes its records for those of an old version.
            (temporary / ".snakemake/incomplete").mkdir(parents=True, exist_ok=True)
            now = time.time()
            # All alike, so that none seems newer than what was made of it.
            for path in temporary.rglob("*"):
                os.utime(path, (now, now))
            temporary.replace(folder)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        count = len(archive.namelist())
    print(f"Restored {count} files in {folder}. There: make builds what changes.")
