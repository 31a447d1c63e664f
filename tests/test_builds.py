"""One build at a time: locks of the dead and of the living, results that cannot be written.

Jobs of a build that was killed write nothing; what they left half-written is cleared away.
"""

import ast
import errno
import fcntl
import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

import superposition
from superposition.base import build_token
from superposition.base.errors import UserError
from superposition.base.files import (
    OutputError,
    atomic_path,
    clear_unfinished,
    together,
    write_text,
)
from superposition.base.progress import Progress
from superposition.claims import to_json
from superposition.workflow import builds
from superposition.workflow.provenance import mark_missing, record_name

SOURCES = Path(superposition.__file__).parent


@pytest.fixture(autouse=True)
def let_go(monkeypatch):
    monkeypatch.setenv(build_token.VARIABLE, "")  # so that what a build sets is taken back
    monkeypatch.setattr(builds, "_PATIENCE", 0.2)
    yield
    end_build()


def end_build() -> None:
    """End the build of this process as its death would."""
    while builds._held:
        builds._held.pop().close()


@contextmanager
def living_build(folder: Path) -> Iterator[None]:
    """Another process has the folder's lock."""
    state = folder / ".snakemake"
    state.mkdir(exist_ok=True)
    with (state / "superposition.lock").open("a") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        yield


@pytest.fixture
def left(tmp_path: Path) -> tuple[Path, Path]:
    """Snakemake's lock, and a half-written result, of a build that was killed."""
    files = (
        tmp_path / ".snakemake/locks/0.output.lock",
        tmp_path / "results/weights/.intro.unfinished-ab12cd34.safetensors",
    )
    for file in files:
        file.parent.mkdir(parents=True)
        file.write_text("results/claims.json\n")
    return files


def test_what_a_killed_build_left_is_removed(left, tmp_path, capsys):
    builds.join(tmp_path, main=True)
    assert not any(file.exists() for file in left)
    assert "its lock is removed" in capsys.readouterr().err
    builds.begin(tmp_path)


def test_results_of_the_future_are_dated_to_now(tmp_path):
    """The clock was set back; Snakemake gives up where a result is older than its inputs."""
    for name, date in {"a": 1e9, "b": time.time() + 1e6}.items():
        file = tmp_path / "results/weights" / name
        write_text(file, name)
        os.utime(file, (date, date))
    builds.join(tmp_path, main=True)
    dates = [(tmp_path / "results/weights" / name).stat().st_mtime for name in "ab"]
    assert dates[0] == 1e9 < dates[1] <= time.time()


def test_results_on_a_disk_that_is_not_mounted_are_told(tmp_path):
    (tmp_path / "results").symlink_to(tmp_path / "scratch")
    with pytest.raises(OutputError, match=r"results is a link to .*scratch, which is not there"):
        builds.check_results(tmp_path / "results")
    (tmp_path / "scratch").mkdir()
    builds.check_results(tmp_path / "results")


def test_beside_a_living_build_nothing_is_removed_and_none_begins(left, tmp_path, capsys):
    with living_build(tmp_path):
        builds.join(tmp_path, main=True, results=["results/claims.json"])
        assert all(file.exists() for file in left)
        assert not (tmp_path / ".snakemake/superposition.build").exists()
        with pytest.raises(UserError, match="Another build, or a dry run, is at work"):
            builds.begin(tmp_path)
    assert capsys.readouterr().err == ""


def test_a_build_waits_for_one_that_gives_up_as_this_one_begins(tmp_path, monkeypatch):
    monkeypatch.setattr(builds, "_PATIENCE", 30)
    with ThreadPoolExecutor(1) as pool:
        with living_build(tmp_path):
            builds.join(tmp_path, main=True)
            begun = pool.submit(builds.begin, tmp_path)
            with pytest.raises(TimeoutError):
                begun.result(0.3)
        begun.result(30)
    assert os.environ[build_token.VARIABLE]


def test_a_build_keeps_others_out_for_as_long_as_it_lives_however_it_ends(tmp_path):
    code = (
        "import sys, pathlib; from superposition.workflow import builds\n"
        "builds.join(pathlib.Path(sys.argv[1]), main=True); print('held', flush=True)\n"
        "sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "held\n"
    with pytest.raises(UserError, match="Another build"):
        builds.begin(tmp_path)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    builds.begin(tmp_path)


def test_jobs_that_outlive_their_build_never_write_over_what_a_later_one_makes(
    tmp_path, monkeypatch
):
    result = tmp_path / "results" / "claims.json"
    builds.join(tmp_path, main=True)
    orphan = os.environ[build_token.VARIABLE]
    end_build()
    builds.join(tmp_path, main=True)
    write_text(result, "new")
    monkeypatch.setenv(build_token.VARIABLE, orphan)
    with pytest.raises(UserError, match="was killed"):
        write_text(result, "old")
    with pytest.raises(UserError, match="was killed"):
        builds.join(tmp_path, main=False)  # on a node of a cluster, before it begins
    assert result.read_text() == "new"
    assert list(result.parent.iterdir()) == [result]


def test_a_job_on_a_node_is_no_build(tmp_path):
    builds.join(tmp_path, main=False)
    assert list(tmp_path.iterdir()) == []
    assert not os.environ[build_token.VARIABLE]


@pytest.fixture
def no_locks(monkeypatch):
    def none(*_):
        raise OSError(errno.ENOLCK, "no locks available")

    monkeypatch.setattr(fcntl, "flock", none)


def test_without_locks_snakemakes_own_has_to_do(left, tmp_path, no_locks):
    builds.join(tmp_path, main=True)
    builds.begin(tmp_path)
    assert all(file.exists() for file in left)


@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS, errno.ENOSPC])
def test_results_that_cannot_be_written_say_why_and_what_to_do(tmp_path, monkeypatch, code):
    def refuse(**_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    told = f"Cannot write into {tmp_path}: {os.strerror(code)}. [A-Z].*: "
    with pytest.raises(OutputError, match=told):
        builds.check_results(tmp_path)


def test_builds_that_begin_at_once_all_find_that_results_can_be_written(tmp_path):
    results = tmp_path / "new" / "results"
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(builds.check_results, results) for _ in range(400)]:
            done.result()
    assert list(results.iterdir()) == []


RESULTS = ["results/a.csv", "results/b.csv"]


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A folder with results that were copied without what Snakemake knows of them."""
    (tmp_path / "results").mkdir()
    for name in RESULTS:
        (tmp_path / name).write_text("1\n")
    (tmp_path / record_name(RESULTS[0])).parent.mkdir(parents=True)
    return tmp_path


def marks(folder: Path) -> int:
    return len(list((folder / ".snakemake/incomplete").iterdir()))


def test_results_without_a_record_are_marked_until_they_have_one(copied, capsys):
    builds.join(copied, main=True, results=[*RESULTS, "results/not there.csv"])
    assert "results/a.csv and results/b.csv: these have no record" in capsys.readouterr().err
    assert marks(copied) == 2
    (copied / record_name(RESULTS[0])).write_text('{"rule": "measure"}')
    assert mark_missing(copied, RESULTS).startswith("results/b.csv: ")
    assert marks(copied) == 1
    (copied / "results/b.csv").unlink()
    assert mark_missing(copied, RESULTS) == ""
    assert marks(copied) == 0


def test_a_record_that_was_cut_short_is_none(copied):
    record = copied / record_name(RESULTS[0])
    record.write_text('{"rule": "mea')
    assert mark_missing(copied, ["results/a.csv"]).startswith("results/a.csv: ")
    assert not record.exists()


def test_marks_of_jobs_that_were_not_finished_are_left_alone(copied):
    mark = copied / record_name("results/a.csv").replace("metadata", "incomplete")
    mark.parent.mkdir(parents=True)
    mark.write_text('{"external_jobid": null}')
    assert mark_missing(copied, RESULTS).startswith("results/b.csv: ")
    assert mark.read_text() == '{"external_jobid": null}'


def test_a_build_says_at_its_end_what_it_did_and_which_settings_changed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a.yaml", "b.yaml"):
        Path(name).write_text("seed: 0\n")
    build = builds.Build([tmp_path / "a.yaml", "b.yaml"])
    assert build.closing_words(1) == "Done: 1 job in 0 s."
    Path("a.yaml").write_text("seed: 1\n")
    Path("results").mkdir()
    Path("results/report.html").touch()
    told = build.closing_words(12).splitlines()
    assert told[0] == "Done: 12 jobs in 0 s."
    assert told[1].startswith("Begin with results/report.html")
    assert told[2].startswith("NOTE: a.yaml changed while")


def test_a_build_that_judged_claims_ends_with_their_verdicts_and_no_other_does(tmp_path):
    """Whatever the clock says."""
    claims = tmp_path / "claims.json"
    claims.write_text(to_json([]))
    build = builds.Build([], tmp_path)
    assert "Claims" not in build.closing_words(3)
    os.utime(claims, (0, 0))
    assert "Claims by section" in build.closing_words(3)
    claims.write_text(to_json([]).replace("[]", '["altered"]'))
    assert "error: " in build.closing_words(3)


def test_a_build_ends_with_the_warnings_of_its_jobs_and_not_of_earlier_ones(tmp_path):
    logs = tmp_path / "logs/export"
    logs.mkdir(parents=True)
    (logs / "old.log").write_text("WARNING: old/relu_p1 diverged.\n")
    build = builds.Build([], tmp_path)
    (logs / "new.log").write_text("some\nWARNING: new/relu_p1 diverged.\n")
    assert build.closing_words(3).splitlines()[1:] == ["WARNING: new/relu_p1 diverged."]


@pytest.mark.parametrize(("limit", "is_lifted"), [("100/1s", True), ("50/1m", False)])
def test_only_snakemakes_own_limit_of_jobs_a_second_is_lifted(limit, is_lifted):
    from snakemake.scheduling.job_scheduler import JobRateLimiter
    from snakemake.settings.types import MaxJobsPerTimespan

    limiter = JobRateLimiter(MaxJobsPerTimespan.parse_choice(limit))
    scheduler = SimpleNamespace(job_rate_limiter=limiter)
    builds.lift_rate_limit(scheduler)
    assert (scheduler.job_rate_limiter is None) == is_lifted


# Jobs, and the token of their build


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


def test_what_is_written_together_appears_together_or_not_at_all(tmp_path):
    def write(*names: str) -> None:
        with together():
            for name in names:
                write_text(tmp_path / name, str(names))
            clear_unfinished(tmp_path)  # their writer is alive
            assert not list(tmp_path.glob("[!.]*")) or "b.csv/c.csv" in names

    write("a.csv", "b.csv")
    before = (tmp_path / "a.csv").read_text()
    with pytest.raises(OutputError):
        write("a.csv", "b.csv/c.csv")
    write_text(tmp_path / "d.csv", "alone")
    assert (tmp_path / "a.csv").read_text() == before
    assert {path.name for path in tmp_path.iterdir()} == {"a.csv", "b.csv", "d.csv"}


def test_a_job_whose_shell_has_died_writes_nothing(latest, tmp_path):
    """Snakemake takes such a job for failed, and keeps a record of its results all the same."""
    result, told = tmp_path / "a.csv", tmp_path / "told"
    code = (
        "import os, sys, time; from superposition.base.files import write_text\n"
        "shell = os.getppid(); print(shell, flush=True)\n"
        "while os.getppid() == shell: time.sleep(0.01)\n"
        "write_text(sys.argv[1], '1')"
    )
    command = f"{sys.executable} -c {shlex.quote(code)} {result} 2> {told}; true"
    with subprocess.Popen(["sh", "-c", command], stdout=subprocess.PIPE, text=True) as shell:
        assert int(shell.stdout.readline()) == shell.pid
        shell.kill()
        assert shell.stdout.read() == ""  # until the job has ended
    assert "The build that started this job was killed" in told.read_text()
    assert not result.exists()


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
    latest, tmp_path, unfinished, no_locks
):
    clear_unfinished(tmp_path)
    assert unfinished.exists()
    write_text(tmp_path / "a.txt", "text")
    next_build(latest)
    with pytest.raises(UserError, match="was killed"):
        write_text(tmp_path / "a.txt", "other")
