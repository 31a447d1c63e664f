"""The display of a build: counts, times, estimates, failures."""

import logging
from pathlib import Path

import pytest
from snakemake.settings.types import OutputSettings
from snakemake_interface_logger_plugins.common import LogEvent

from snakemake_logger_plugin_superposition import LogHandler
from snakemake_logger_plugin_superposition.board import Board, progress
from snakemake_logger_plugin_superposition.words import (
    duration,
    explain_error,
    failure,
    rounded,
)
from superposition.config.load import load
from superposition.workflow.plan import Plan

ROOT = Path(__file__).parents[1]


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def record(jobid: int, label: str, output: str = "out", **given) -> dict:
    fields = {"jobid": jobid, "rule_name": "train", "rule_msg": label, "output": [output]}
    return {**fields, "log": ["none.log"], "threads": 1, **given}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def board(clock: Clock) -> Board:
    board = Board(clock)
    board.costs = {"train": {"a": 99.7, "b": 199.7}}
    board.begin({"train": 2, "all": 1, "total": 3})
    board.expect([("train", ["a"]), ("train", ["b"]), ("all", [])])
    return board


def test_a_build_begins_with_its_jobs_by_kind_and_says_no_more_until_one_runs(board):
    told = board.begin({"data": 3, "train": 4, "all": 1, "total": 8})
    assert told == "Building: 7 jobs to run (3 data, 4 train)."
    board.start(record(0, "", rule_name="all"))  # the target rule is no job
    assert board.finish(0) == ""
    assert board.status() == ""


def test_a_finished_job_is_a_line_with_count_elapsed_time_and_what_is_left(board, clock):
    board.start(record(1, "train a", "a"))
    clock.now = 100.0
    assert board.finish(1) == "[1/2]  1:40  train a · 100.0 s, about 3 min to go"
    board.start(record(2, "train b", "b"))
    clock.now = 300.0
    assert board.finish(2) == "[2/2]  5:00  train b · 200.0 s"


def test_nothing_is_estimated_before_it_is_known_which_jobs_will_run(clock):
    board = Board(clock)
    board.begin({"train": 2})
    board.start(record(1, "train a", "a"))
    clock.now = 100.0
    assert board.finish(1) == "[1/2]  1:40  train a · 100.0 s"


def test_a_machine_that_is_half_as_fast_is_noticed(board, clock):
    board.start(record(1, "train a", "a"))
    clock.now = 200.0
    board.finish(1)
    assert board.seconds_to_go() == pytest.approx(400, rel=0.06)  # 200 s, twice as slowly


def test_the_estimate_follows_what_a_running_training_has_written(board, clock, tmp_path):
    log = tmp_path / "a.log"
    log.write_text("relu: 20 % after 1 s\nrelu: 50 % after 5 s\n")
    board.start(record(1, "train a", "a", log=[str(log)]))
    clock.now = 40.0
    # As much again of this one, and 200 s of the other.
    assert board.status() == "  train a 50% | 0 of 2, 0:40, about 4 min to go"


def test_every_kind_of_job_counts_and_is_learned_from_the_first_of_its_kind(clock):
    board = Board(clock)
    board.costs = {"dictionaries": {f"{k}": 4.7 for k in range(11)}}
    board.begin({"dictionaries": 11})
    board.expect([("dictionaries", [f"{k}"]) for k in range(11)])
    guessed = 10 * 5.0
    board.start(record(1, "find", "0", rule_name="dictionaries"))
    clock.now = 50.0  # ten times the guess
    board.finish(1)
    assert guessed * 3 < board.seconds_to_go() < guessed * 10
    for job in range(2, 7):
        board.start(record(job, "find", f"{job}", rule_name="dictionaries"))
        clock.now += 50.0
        board.finish(job)
    assert board.seconds_to_go() == pytest.approx(5 * 50, rel=0.25)


def test_the_plan_says_how_long_dictionaries_take():
    default, full = (
        Plan(load(ROOT / "config.yaml", *more))
        for more in ([], [ROOT / "workflow/presets/full.yaml"])
    )
    costs, longer = default.costs()["dictionaries"], full.costs()["dictionaries"]
    assert [*costs] == [*longer] == default.dictionaries()
    for file, seconds in costs.items():
        assert longer[file] == pytest.approx(seconds * 10000 / 4000)  # their steps
    # On two cores; their networks take some of the time too.
    assert int(full.durations()["enumeration"].removesuffix(" min")) > sum(longer.values()) / 120


@pytest.mark.parametrize(("jobs", "threads"), [(2, 1), (1, 2), (4, 1)])
def test_jobs_side_by_side_share_the_work(clock, jobs, threads):
    board = Board(clock)
    board.costs = {"train": {f"{k}": 4.7 for k in range(100)}}
    board.begin({"train": 10 * jobs})
    board.expect([("train", [f"{k}"]) for k in range(10 * jobs)])
    for round in range(5):
        for k in range(jobs):
            number = 10 * round + k
            board.start(record(number, "train", f"{number}", threads=threads))
        clock.now += 5.0
        for k in range(jobs):
            board.finish(10 * round + k)
    assert board.seconds_to_go() == pytest.approx(25, rel=0.3)


def test_what_runs_alone_at_the_end_is_shared_by_nobody(clock):
    board = Board(clock)
    board.costs = {"train": {f"{k}": 4.7 for k in range(100)}}
    board.begin({"train": 8, "judge": 1})
    board.expect([("judge", []), *(("train", [f"{k}"]) for k in range(8))])
    for k in range(8):
        board.start(record(k, "train", f"{k}"))
    clock.now = 5.0
    for k in range(8):
        board.finish(k)
    assert board.seconds_to_go() == pytest.approx(30)  # judging, by the size of the plan


def test_times_are_minutes_and_seconds_and_what_is_left_is_told_in_rounded_words():
    times = {0: "0:00", 59.6: "1:00", 61: "1:01", 3600: "1:00:00"}
    assert {seconds: duration(seconds) for seconds in times} == times
    left = {0: "10 s", 41: "40 s", 54: "50 s", 56: "1 min", 700: "12 min", 5000: "1 h 23 min"}
    assert {seconds: rounded(seconds) for seconds in left} == left


def test_a_status_line_never_exceeds_the_terminal(board, clock, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    for job in range(9):
        board.start(record(job, f"train number {job}", "a"))
    assert len(board.status()) <= 60
    assert "…" in board.status()


def test_a_dry_run_is_an_outline_of_jobs_by_rule_with_time_and_reasons(clock, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    board = Board(clock)
    board.costs = {"train": {f"{k}": 59.7 for k in range(4)}}
    for k in range(4):
        told = "Missing output files: a" if k else "Params have changed since last execution"
        board.foresee(record(k, f"train something {k}", f"{k}", reason=told))
    follows = {"rule_name": "judge", "reason": "Input files updated by another job: a"}
    board.foresee(record(4, "judge the claims", **follows))
    board.foresee(record(5, "", rule_name="all", reason=""))
    assert board.outlook(cores=2).splitlines() == [
        "To build: 5 jobs, about 2 min on the 2 cores here.",
        "     4 train        train something 0, train something 1, t…",
        "     1 judge        judge the claims",
        "     1 because settings, code or libraries have changed",
        "     3 because results are missing",
        "     1 because of what these make, or of files that have changed",
        "Every job, and why: the same with --printshellcmds.",
    ]


SAID = [
    (LogEvent.WORKFLOW_STARTED, "Workflow has started!"),
    (None, "Select jobs to execute..."),
]


@pytest.mark.parametrize(
    ("records", "said"),
    [
        ([(None, "Building DAG of jobs..."), (None, "Unlocked working directory.")], "Unlocked"),
        ([(None, "Creating report..."), (None, "Report created: a.html.")], "Creating"),
        (SAID, ""),
    ],
)
def test_what_is_no_build_is_told_in_snakemakes_words(capsys, records, said):
    handler = LogHandler(OutputSettings(), None)
    for event, message in records:
        fields = {"msg": message, "levelno": logging.INFO, "event": event}
        handler.emit(logging.makeLogRecord(fields))
    handler.close()
    told = capsys.readouterr().err
    assert told.startswith(said)
    assert bool(told) == bool(said)
    assert "DAG" not in told


def test_a_result_that_this_build_does_not_have_is_told_why():
    plan = Plan(load(ROOT / "config.yaml", ROOT / "tests/smoke.yaml"))
    left_out = "for `only` does not list it"
    for file, said in {
        "results/figures/dimensions.svg": "The figure dimensions shows geometry. The",
        "results/figures/itro.svg": "There is no figure 'itro'. There are intro",
        "results/weights/neurons.safetensors": f"The experiment neurons is left out, {left_out}",
        "results/data/inro.csv": "There is no experiment 'inro'. There are intro",
    }.items():
        message = f"MissingRuleException:\nNo rule to produce {file} (if you use input …"
        assert explain_error(message, plan.why_not).startswith(said)
    assert plan.why_not("results/figures/intro.svg") == plan.why_not("a.svg") == ""


def test_a_failure_names_the_job_and_its_log_and_shows_how_that_ends(tmp_path):
    log = tmp_path / "x.log"
    assert "cannot be read" in failure("x", [str(log)])
    assert progress(str(log)) == progress(None) == 0
    log.write_text("\n".join(f"line {i}" for i in range(40)))
    told = failure("train intro relu p1 runs 0–31", [str(log)])
    assert told.startswith(f"FAILED: train intro relu p1 runs 0–31\n  its log, {log}, ends:\n")
    assert told.endswith("  | line 39")
    assert "line 24" not in told


FULL = "The disk is full: free some space and run the same command again"
DELETED = """WorkflowError:
Unable to obtain modification time of file results/claims.csv although it existed before. \
It could be that a concurrent process has deleted it while Snakemake was running."""
UNLOCKED = """Traceback (most recent call last):
  File "x.py", line 255, in _write_locks
FileNotFoundError: [Errno 2] No such file or directory: '/a/.snakemake/locks/0.input.lock'
"""


def unlocked(error: str) -> str:
    """Snakemake's words if its lock fails otherwise than by being missed."""
    return UNLOCKED.replace("FileNotFoundError: [Errno 2] No such file or directory", error)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ('WorkflowError in file "/a/Snakefile", line 4:\nNo such cell.\n', "No such cell."),
        ("MissingRuleException:\nNo rule to produce a.svg (if you …", "Nothing makes a.svg: ask"),
        ("RuleException:\nCalledProcessError in file x, line 1:\nCommand …", ""),
        ("Shutting down, this might take some time.", ""),
        ("Traceback (most recent call last):\n  File x\nOSError: full\n", "cannot go on: OSError"),
        ("Traceback (most recent call last):\nOSError: [Errno 28] No space left on device", FULL),
        ("WorkflowError:\nError recording metadata ([Errno 28] No space left on device).", FULL),
        ("OSError: [Errno 122] Disk quota exceeded: 'a'", "The disk quota is used up: free some"),
        ("Error: Directory cannot be locked. Please …", "or ended just as this one began"),
        (DELETED, "or ended just as this one began"),
        (UNLOCKED, "or ended just as this one began"),
        (unlocked("OSError: [Errno 39] Directory not empty"), "or ended just as this one began"),
        (unlocked("OSError: [Errno 28] No space left on device"), FULL),
        (unlocked("OSError: [Errno 30] Read-only file system"), "Read-only file system"),
        (unlocked("PermissionError: [Errno 13] Permission denied"), "PermissionError"),
        ("Traceback\nValueError: Invalid config definition: Config", "--config takes KEY=VALUE"),
        ("Exiting because a job execution failed. Look …", "The build failed (see above)"),
    ],
)
def test_snakemakes_errors_are_put_plainly_and_said_once(message, said):
    told = explain_error(message)
    assert said in told
    assert bool(told) == bool(said)
