"""Unpacking an archive so that nothing is left to build, and nothing is written elsewhere."""

import os
import shutil
import tempfile
import time
from argparse import Namespace
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from superposition.archive.checking import Finding, State, check, describe, report
from superposition.archive.container import Scan, is_folder, scan
from superposition.archive.container import describe as describe_file
from superposition.archive.contents import has_safe_name
from superposition.config import load
from superposition.config_errors import ConfigError
from superposition.errors import UserError
from superposition.files import explained, write_bytes
from superposition.stages import draw_sample
from superposition.workflow import Plan


def restore_command(options: Namespace) -> int:
    """Unpack a sound archive into a new folder, and draw the samples it was archived without.

    The folder appears when everything is in it. Returns 3 if other code or libraries than those
    here drew the samples, which are left out then; else 0.

    Raises:
        UserError: If anything is wrong with the archive, or the folder is not empty.
    """
    folder: Path = options.folder
    with explained(folder):
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UserError(f"{folder} is there already: choose a new or an empty folder.")
    found = scan(options.archive)
    if findings := check(found):
        raise UserError(
            f"Nothing was unpacked, for {options.archive} is not sound.\n{report(findings)}"
        )
    differing: list[Finding] = []
    with explained(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}.unfinished-"))
        try:
            unpack(found, temporary)
            if not options.without_samples:
                differing = _draw_samples(found, temporary)
            # Without it, Snakemake takes its records for those of an old version.
            (temporary / ".snakemake/incomplete").mkdir(parents=True, exist_ok=True)
            _date_all_alike(temporary)
            temporary.chmod(0o755)
            temporary.replace(folder)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    if differing:
        print(report(differing))
    print(f"Restored {found.file_count()} files in {folder}. There: make builds what changes.")
    return 3 if differing else 0


def unpack(found: Scan, folder: Path) -> None:
    """Write the files of a sound archive into an empty folder: regular files, below it."""
    for member in found.members:
        if not has_safe_name(member):
            raise AssertionError(f"{member.name} was not checked")
        path = folder / member.name
        if is_folder(member):
            path.mkdir(parents=True, exist_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, found.read(member))
        if member.program:
            path.chmod(0o755)


def _draw_samples(found: Scan, folder: Path) -> list[Finding]:
    """Draw the evaluation samples; return those that are not what they were, and leave them out."""
    description = describe(found)
    try:
        plan = Plan(load(*(folder / name for name in description.config)))
    except ConfigError as error:
        detail = f"not drawn, for its configuration is not one for this version ({error})"
        return [Finding("evaluation samples", State.OTHER, detail)]
    settings = {
        file: plan.drawn_with(path.parent.name, path.stem)
        for file in plan.samples()
        for path in [Path(file)]
        if file in description.left_out
    }
    print(f"Drawing {len(settings)} evaluation samples …", flush=True)
    differing = []
    for file, digest in _drawn(settings, folder).items():
        if digest != description.left_out[file]:
            (folder / file).unlink()
            detail = "drawn again it is different, and left out; jobs that need it draw it anew"
            differing.append(Finding(file, State.OTHER, detail))
    return differing


def _drawn(settings: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Draw samples on all cores; return the SHA-256 of each file."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    with ProcessPoolExecutor(cores, mp_context=get_context("spawn")) as workers:
        paths = [folder / file for file in settings]
        digests = workers.map(_draw, settings.values(), paths)
        return dict(zip(settings, digests, strict=True))


def _draw(settings: str, path: Path) -> str:
    # Some features are as good as never the first active one: their 1/gap is rightly infinite.
    with np.errstate(over="ignore"):
        sample = draw_sample(settings)
    sample.save(path)
    return describe_file(path.name, path).sha256


def _date_all_alike(folder: Path) -> None:
    """Give all files one date, so that none seems newer than what was made of it."""
    now = time.time()
    for path in folder.rglob("*"):
        os.utime(path, (now, now))
