"""Stages whose results meet a full disk: a real one, small, that only the stage itself can see."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import processes
import pytest
from disks import Disk, disk

SPACE = 16 * 1024
ROOT = Path(__file__).parents[1]
CONFIG = ["--config", str(ROOT / "config.yaml"), str(ROOT / "tests/smoke.yaml")]


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Disk]:
    with disk(tmp_path / "disk") as small:
        small.leave_free(SPACE)
        yield small


def run(small: Disk, *command: str) -> tuple[int, str, set[str]]:
    """Run Python on the disk; return its code, its errors and the files it leaves there."""
    here = {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = processes.run(*small.command(sys.executable, *command), variables=here)
    found = {str(path.relative_to(small.content)) for path in small.content.rglob("*.*")}
    return done.returncode, done.stderr, found


def stage(small: Disk, *command: str) -> tuple[int, str, set[str]]:
    return run(small, "-m", "superposition", *command, *CONFIG)


@pytest.mark.parametrize(
    ("command", "file"),
    [
        (("batch", "demonstration/relu_p1", "--output", "x.csv"), "x.csv"),
        (("plot", "compression"), "results/figures/compression.svg"),
    ],
)
def test_a_result_that_does_not_fit_is_told_and_leaves_nothing(small, command, file):
    code, told, files = stage(small, *command)
    assert code == 1
    assert f"error: Cannot write {file}: No space left on device." in told
    assert "The disk is full: free some space and run the same command again" in told
    assert "Traceback" not in told
    assert files == set()


def test_compiled_code_that_does_not_fit_is_told_and_runs_all_the_same(small, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(small.folder / "cache"))
    code, told, files = stage(small, "data", "intro")
    assert code == 0
    compiling, warning = told.splitlines()
    assert compiling.startswith("Compiling ")
    kept = f"warning: compiled code could not be kept in {small.folder / 'cache'}"
    assert warning.startswith(kept)
    assert "No space left on device" in warning
    assert not [name for name in files if "code" in name]
    assert "results/data/intro.csv" in files
