"""Jobs of a build that was killed write nothing; what they left half-written is cleared away."""

import ast
import fcntl
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import superposition
from superposition.base import build_token
from superposition.base.errors import UserError
from superposition.base.files import atomic_path, clear_unfinished, write_text
from superposition.base.progress import Progress

SOURCES = Path(superposition.__file__).parent


@pytest.fixture(autouse=True)
def by_hand(monkeypatch):
    monkeypatch.setenv(build_token.VARIABLE, "")  # so that what a build sets is taken back


@pytest.fixture
def latest(tmp_path: Path) -> Path:
    """Where the token lies of the build that this process is a job of."""
    file = tmp_path / ".snakemake" / "superposition.build"
    file.parent.mkdir()
    build_token.take_over(file)
    return file


def next_build(latest: Path) -> None:
    """Begin another build in the folder; this process remains a job of the one before."""
    mine = os.environ[build_token.VARIABLE]
    build_token.take_over(latest)
    os.environ[build_token.VARIABLE] = mine


def test_a_job_writes_until_a_later_build_begins(latest, tmp_path):
    write_text(tmp_path / "a.txt", "first")
    next_build(latest)
    with pytest.raises(UserError, match="The build that started this job was killed"):
        write_text(tmp_path / "a.txt", "second")
    assert (tmp_path / "a.txt").read_text() == "first"
    assert {file.name for file in tmp_path.iterdir()} == {".snakemake", "a.txt"}


def test_a_later_build_waits_for_what_is_being_put_in_place_and_no_longer(latest):
    begun = threading.Event()
    mine = os.environ[build_token.VARIABLE]

    def begin():
        next_build(latest)
        begun.set()

    with build_token.publishing():
        thread = threading.Thread(target=begin)
        thread.start()
        assert not begun.wait(0.3)
        assert latest.read_text() in mine
    assert begun.wait(30)
    thread.join()


@pytest.mark.parametrize("there", [True, False])
def test_a_build_that_was_killed_as_it_began_or_whose_folder_is_gone_has_no_jobs(
    latest, tmp_path, there
):
    if there:
        latest.write_text("")
    else:
        latest.unlink()
        latest.parent.rmdir()
    with pytest.raises(UserError, match="was killed"):
        write_text(tmp_path / "a.txt", "text")


def test_a_training_ends_once_a_later_build_begins(latest, capsys):
    progress = Progress("x")
    progress(2, 2)
    next_build(latest)
    with pytest.raises(UserError, match="was killed"):
        progress(2, 2)


def test_locks_are_taken_as_network_file_systems_want_them(latest, monkeypatch):
    """Over NFS, a shared lock takes a file open for reading, an exclusive one one for writing."""
    real, taken = fcntl.flock, []

    def as_over_nfs(file, kind):
        mode = fcntl.fcntl(file, fcntl.F_GETFL) & os.O_ACCMODE
        assert mode == (os.O_RDONLY if kind & fcntl.LOCK_SH else os.O_WRONLY)
        taken.append(kind)
        real(file, kind)

    monkeypatch.setattr(fcntl, "flock", as_over_nfs)
    build_token.take_over(latest)
    build_token.check_build()
    assert taken == [fcntl.LOCK_EX, fcntl.LOCK_SH]


def test_every_file_of_the_package_is_put_in_place_by_the_same_function():
    writers = {"write_text", "write_bytes", "replace", "rename", "savetxt", "to_csv", "savefig"}
    checked = 0
    for file in SOURCES.rglob("*.py"):
        if file.name in ("files.py", "build_token.py"):
            continue  # these say how
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            method = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if method and node.func.attr in writers:
                checked += 1
                assert innocent(node), f"{file.name}:{node.lineno} writes past atomic_path"
    assert checked


def innocent(call: ast.Call) -> bool:
    """Whether a call writes to a temporary path, or into a string, or no file at all."""
    texts = {node.id for node in ast.walk(call) if isinstance(node, ast.Name)}
    strings = call.func.attr == "replace" and len(call.args) >= 2
    return strings or bool(texts & {"temporary", "in_memory"}) or not call.args


@pytest.fixture
def unfinished(tmp_path: Path) -> Path:
    """A file that a killed process was writing."""
    code = (
        "import sys, os, signal; from superposition.base.files import atomic_path\n"
        "with atomic_path(sys.argv[1]) as temporary:\n"
        "    temporary.write_text('half'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    path = tmp_path / "results" / "metrics" / "intro.runs.csv"
    done = subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    assert done.returncode == -signal.SIGKILL
    [left] = path.parent.iterdir()
    return left


def test_what_a_killed_process_left_half_written_is_cleared_and_nothing_else(unfinished, tmp_path):
    assert unfinished.name.startswith(".intro.runs.unfinished-")
    others = [".hidden.json", ".claims-ab12cd34.json", "a.unfinished-ab12cd34.csv", ".gitkeep"]
    for name in others:
        (tmp_path / name).write_text("not ours")
    with atomic_path(tmp_path / "claims.json") as temporary:  # of a living process, by hand
        temporary.write_text("whole")
        clear_unfinished(tmp_path)
        assert temporary.exists()
    assert not unfinished.exists()
    assert all((tmp_path / name).exists() for name in [*others, "claims.json"])


def test_on_a_file_system_without_locks_nothing_is_cleared_and_tokens_still_hold(
    latest, tmp_path, unfinished, monkeypatch
):
    def none(*_):
        raise OSError("no locks available")

    monkeypatch.setattr(fcntl, "flock", none)
    clear_unfinished(tmp_path)
    assert unfinished.exists()
    write_text(tmp_path / "a.txt", "text")
    next_build(latest)
    with pytest.raises(UserError, match="was killed"):
        write_text(tmp_path / "a.txt", "other")
