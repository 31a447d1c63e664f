"""What a build's display says: counts, times, estimates, failures."""

from pathlib import Path

import pytest

from snakemake_logger_plugin_superposition.board import Board, progress
from snakemake_logger_plugin_superposition.words import duration, explain_error, failure


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def record(jobid: int, label: str, output: str = "out", log: Path | str = "none.log") -> dict:
    return {
        "jobid": jobid,
        "rule_name": "train",
        "rule_msg": label,
        "output": [output],
        "log": [str(log)],
        "wildcards": {},
    }


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def board(clock: Clock) -> Board:
    board = Board(clock)
    board.plan({"a": 8.5, "b": 18.5})
    board.begin({"train": 2, "all": 1, "total": 3})
    return board


def test_a_build_begins_with_its_jobs_by_kind(board):
    told = board.begin({"data": 3, "train": 4, "all": 1, "total": 8})
    assert told == "Building: 7 jobs to run (3 data, 4 train)."


def test_a_finished_job_is_a_line_with_count_elapsed_time_and_what_is_left(board, clock):
    board.start(record(1, "train a", "a"))
    clock.now = 10.0
    assert board.finish(1) == "[1/2]  0:10  train a · 10.0 s, about 0:20 to go"
    board.start(record(2, "train b", "b"))
    clock.now = 30.0
    assert board.finish(2) == "[2/2]  0:30  train b · 20.0 s"


def test_the_estimate_follows_what_a_running_training_has_written(board, clock, tmp_path):
    log = tmp_path / "a.log"
    log.write_text("relu: 20 % after 1 s\nrelu: 50 % after 5 s\n")
    board.start(record(1, "train a", "a", log))
    clock.now = 5.0
    # Half of 10 s of 30 s are done after 5 s.
    assert board.status() == "  train a 50% | 0 of 2, 0:05, about 0:25 to go"


def test_a_status_line_never_exceeds_the_terminal(board, clock, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    for job in range(9):
        board.start(record(job, f"train number {job}", "a"))
    assert len(board.status()) <= 60
    assert "…" in board.status()


def test_nothing_runs_nothing_is_said(board):
    assert board.status() == ""


def test_the_target_rule_is_no_job(board):
    board.start({**record(0, ""), "rule_name": "all"})
    assert board.finish(0) == ""


def test_an_unreadable_log_means_no_progress_yet(tmp_path):
    assert progress(tmp_path / "missing.log") == 0
    assert progress(None) == 0


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (59.6, "1:00"), (61, "1:01"), (3600, "1:00:00")]
)
def test_durations_are_minutes_and_seconds(seconds, text):
    assert duration(seconds) == text


def test_a_failure_names_the_job_and_its_log_and_shows_how_that_ends(tmp_path):
    log = tmp_path / "x.log"
    log.write_text("\n".join(f"line {i}" for i in range(40)))
    told = failure("train intro relu p1 runs 0–31", [str(log)])
    assert told.startswith(f"FAILED: train intro relu p1 runs 0–31\n  its log, {log}, ends:\n")
    assert told.endswith("  | line 39")
    assert "line 24" not in told


def test_a_missing_log_is_said_to_be_missing(tmp_path):
    assert "cannot be read" in failure("x", [str(tmp_path / "no.log")])


FULL = "The disk is full: free some space and run the same command again"
DELETED = """WorkflowError:
Unable to obtain modification time of file results/claims.csv although it existed before. \
It could be that a concurrent process has deleted it while Snakemake was running."""
UNLOCKED = """Traceback (most recent call last):
  File "x.py", line 255, in _write_locks
FileNotFoundError: [Errno 2] No such file or directory: '/a/.snakemake/locks/0.input.lock'
"""
MISSING = "FileNotFoundError: [Errno 2] No such file or directory"


def unlocked(error: str) -> str:
    """Return what Snakemake says if its lock fails otherwise than by being missed."""
    assert MISSING in UNLOCKED
    return UNLOCKED.replace(MISSING, error)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ('WorkflowError in file "/a/Snakefile", line 4:\nNo such cell.\n', "No such cell."),
        ("RuleException:\nCalledProcessError in file x, line 1:\nCommand …", ""),
        ("Shutting down, this might take some time.", ""),
        ("Traceback (most recent call last):\n  File x\nOSError: full\n", "cannot go on: OSError"),
        ("Traceback (most recent call last):\nOSError: [Errno 28] No space left on device", FULL),
        ("WorkflowError:\nError recording metadata ([Errno 28] No space left on device).", FULL),
        ("OSError: [Errno 122] Disk quota exceeded: 'a'", "The disk quota is used up: free some"),
        ("Error: Directory cannot be locked. Please …", "snakemake --unlock"),
        (DELETED, "or ended just as this one began"),
        (UNLOCKED, "or ended just as this one began"),
        (unlocked("OSError: [Errno 39] Directory not empty"), "or ended just as this one began"),
        (unlocked("OSError: [Errno 28] No space left on device"), FULL),
        (unlocked("OSError: [Errno 30] Read-only file system"), "Read-only file system"),
        (unlocked("PermissionError: [Errno 13] Permission denied"), "PermissionError"),
        ("Exiting because a job execution failed. Look …", "3 jobs failed (see above)"),
    ],
)
def test_snakemakes_errors_are_put_plainly_and_said_once(message, said):
    told = explain_error(message, failed=3)
    assert said in told
    assert bool(told) == bool(said)
