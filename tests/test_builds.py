"""One build at a time: locks of the dead and of the living, results that cannot be written."""

import errno
import fcntl
import os
from pathlib import Path

import pytest

from superposition import builds
from superposition.errors import UserError


@pytest.fixture
def locked(tmp_path: Path) -> Path:
    """Return a folder in which a killed Snakemake left its lock."""
    lock = tmp_path / ".snakemake" / "locks" / "0.output.lock"
    lock.parent.mkdir(parents=True)
    lock.write_text("results/claims.json\n")
    return lock


@pytest.fixture(autouse=True)
def let_go():
    yield
    while builds._held:
        builds._held.pop().close()


def test_the_lock_of_a_killed_build_is_removed(locked, tmp_path, capsys):
    builds.hold_folder(tmp_path)
    assert not locked.exists()
    assert "its lock is removed" in capsys.readouterr().err


def test_the_lock_of_a_living_build_stays(locked, tmp_path, capsys):
    with (tmp_path / ".snakemake" / "superposition.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_SH)
        builds.hold_folder(tmp_path)
    assert locked.exists()
    assert capsys.readouterr().err == ""


def test_a_build_that_goes_on_can_be_seen_by_others(tmp_path):
    builds.hold_folder(tmp_path)
    with (tmp_path / ".snakemake" / "superposition.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_SH | fcntl.LOCK_NB)
        with pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS, errno.ENOSPC])
def test_results_that_cannot_be_written_say_why_and_what_to_do(tmp_path, monkeypatch, code):
    def refuse(*_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(Path, "write_bytes", refuse)
    with pytest.raises(UserError, match=f"{os.strerror(code)}. Nothing was computed") as raised:
        builds.check_results(tmp_path)
    assert str(tmp_path) in str(raised.value)


def test_results_that_can_be_written_are_left_as_they_are(tmp_path):
    builds.check_results(tmp_path / "new" / "results")
    assert list((tmp_path / "new" / "results").iterdir()) == []


def test_a_build_says_at_its_end_which_settings_changed_meanwhile(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a.yaml", "b.yaml"):
        Path(name).write_text("seed: 0\n")
    build = builds.Build([tmp_path / "a.yaml", "b.yaml"])
    assert build.closing_words(Path("claims.json")) == ""
    Path("a.yaml").write_text("seed: 1\n")
    assert build.closing_words(Path("claims.json")).startswith("NOTE: a.yaml changed while")
