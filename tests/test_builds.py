"""One build at a time: locks of the dead and of the living, results that cannot be written."""

import errno
import fcntl
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

from superposition import builds, lifetime
from superposition.archive.records import record_name
from superposition.errors import UserError
from superposition.unrecorded import mark_unrecorded


@pytest.fixture
def locked(tmp_path: Path) -> Path:
    """Return a folder in which a killed Snakemake left its lock."""
    lock = tmp_path / ".snakemake" / "locks" / "0.output.lock"
    lock.parent.mkdir(parents=True)
    lock.write_text("results/claims.json\n")
    return lock


@pytest.fixture(autouse=True)
def let_go(monkeypatch):
    monkeypatch.setenv(lifetime.VARIABLE, "")  # so that what a build sets is taken back
    monkeypatch.delenv(lifetime.VARIABLE)
    yield
    for held in (builds._held, lifetime._held):
        while held:
            held.pop().close()


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
    def refuse(**_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    with pytest.raises(UserError, match=f"{os.strerror(code)}. Nothing was computed") as raised:
        builds.check_results(tmp_path)
    assert str(tmp_path) in str(raised.value)


def test_results_that_can_be_written_are_left_as_they_are(tmp_path):
    builds.check_results(tmp_path / "new" / "results")
    assert list((tmp_path / "new" / "results").iterdir()) == []


def test_builds_that_begin_at_once_all_find_that_results_can_be_written(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(builds.check_results, tmp_path) for _ in range(400)]:
            done.result()


def leave_half_written(folder: Path) -> Path:
    left = folder / "results" / "weights" / ".relu_p1.unfinished-ab12cd34.safetensors"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    return left


def test_a_build_clears_what_killed_ones_left_half_written(tmp_path):
    left = leave_half_written(tmp_path)
    builds.hold_folder(tmp_path)
    assert not left.exists()


def test_a_build_beside_a_living_one_clears_nothing(tmp_path):
    left = leave_half_written(tmp_path)
    (tmp_path / ".snakemake").mkdir()
    with (tmp_path / ".snakemake" / "superposition.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_SH)
        builds.hold_folder(tmp_path)
    assert left.exists()


RESULTS = ["results/a.csv", "results/b.csv"]


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """Return a folder with results that were copied without what Snakemake knows of them."""
    (tmp_path / "results").mkdir()
    for name in RESULTS:
        (tmp_path / name).write_text("1\n")
    return tmp_path


def marks(folder: Path) -> int:
    return len(list((folder / ".snakemake/incomplete").iterdir()))


def test_results_without_a_record_are_marked_to_be_built_again(copied, capsys):
    builds.hold_folder(copied, [*RESULTS, "results/not there.csv"])
    assert "results/a.csv and results/b.csv: these have no record" in capsys.readouterr().err
    assert marks(copied) == 2


def test_results_with_a_record_are_not_and_marks_go_once_there_is_one(copied):
    mark_unrecorded(copied, RESULTS)
    record = copied / record_name("results/a.csv")
    record.parent.mkdir(parents=True)
    record.write_text('{"rule": "measure"}')
    assert mark_unrecorded(copied, RESULTS) == ["results/b.csv"]
    assert marks(copied) == 1
    (copied / "results/b.csv").unlink()
    assert mark_unrecorded(copied, RESULTS) == []
    assert marks(copied) == 0


def test_a_record_that_was_cut_short_is_none(copied):
    record = copied / record_name("results/a.csv")
    record.parent.mkdir(parents=True)
    record.write_text('{"rule": "mea')
    assert mark_unrecorded(copied, ["results/a.csv"]) == ["results/a.csv"]
    assert not record.exists()


def test_marks_of_jobs_that_were_not_finished_are_left_alone(copied):
    mark = copied / record_name("results/a.csv").replace("metadata", "incomplete")
    mark.parent.mkdir(parents=True)
    mark.write_text('{"external_jobid": null}')
    assert mark_unrecorded(copied, RESULTS) == ["results/b.csv"]
    assert mark.read_text() == '{"external_jobid": null}'


def test_beside_a_living_build_nothing_is_marked(copied, capsys):
    (copied / ".snakemake").mkdir()
    with (copied / ".snakemake" / "superposition.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_SH)
        builds.hold_folder(copied, RESULTS)
    assert not (copied / ".snakemake/incomplete").exists()
    assert capsys.readouterr().err == ""


def test_the_jobs_of_a_build_know_it(tmp_path):
    builds.hold_folder(tmp_path)
    assert os.environ[lifetime.VARIABLE].startswith(str(tmp_path / ".snakemake"))
    assert lifetime.build_is_alive()


def test_a_build_says_at_its_end_which_settings_changed_meanwhile(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a.yaml", "b.yaml"):
        Path(name).write_text("seed: 0\n")
    build = builds.Build([tmp_path / "a.yaml", "b.yaml"])
    assert build.closing_words(Path("claims.json")) == ""
    Path("a.yaml").write_text("seed: 1\n")
    assert build.closing_words(Path("claims.json")).startswith("NOTE: a.yaml changed while")


@pytest.mark.parametrize(("limit", "is_lifted"), [("100/1s", True), ("50/1m", False)])
def test_only_snakemakes_own_limit_of_jobs_a_second_is_lifted(limit, is_lifted):
    from snakemake.scheduling.job_scheduler import JobRateLimiter
    from snakemake.settings.types import MaxJobsPerTimespan

    limiter = JobRateLimiter(MaxJobsPerTimespan.parse_choice(limit))
    scheduler = SimpleNamespace(job_rate_limiter=limiter)
    builds.lift_rate_limit(scheduler)
    assert (scheduler.job_rate_limiter is None) == is_lifted


def test_the_configuration_that_the_workflow_names_lies_below_the_others(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert builds.laid_over(["config.yaml"]) == ["config.yaml"]
    assert builds.laid_over([tmp_path / "b", "c", "config.yaml"]) == ["config.yaml", "b", "c"]
    assert builds.laid_over(["config.yaml", "b", "config.yaml"]) == ["config.yaml", "b"]
