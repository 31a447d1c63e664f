"""The files in an archive, and the report on one that was damaged or altered."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from argparse import Namespace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import pytest
import yaml
from disks import disk
from processes import commit, git, run
from project import wait_for

from superposition.archive import rebuild
from superposition.archive import restore as restoring
from superposition.archive import sources as compared
from superposition.archive.check import check, open_archive, report
from superposition.archive.layout import (
    Description,
    add,
    description_of,
    other_stages,
    pack,
    signatures,
)
from superposition.archive.restore import restore_command
from superposition.archive.sources import compare_sources
from superposition.archive.verify import verify_command
from superposition.archive.write import provenance, sources
from superposition.base.errors import UserError
from superposition.base.terminal import visible
from superposition.cli import main
from superposition.config.load import from_mapping
from superposition.model.fingerprints import Difference, State
from superposition.workflow.plan import Plan
from superposition.workflow.provenance import record_name

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = {
    "config.yaml": (ROOT / "config.yaml").read_bytes(),
    "one.yaml": b"only: [correlated_pairs, intro]\n",
}
PLAN = Plan(from_mapping(yaml.safe_load(b"\n".join(SETTINGS.values()))))
RESULTS = [*PLAN.results(), "results/report.html"]
DESCRIPTION = Description(
    commit="0" * 40,
    committed="2026-01-31T12:00:00+01:00",
    changed=(),
    config=tuple(SETTINGS),
    stages=signatures(PLAN),
)
WEIGHTS = [name for name in RESULTS if name.startswith("results/weights/")][:2]
FILES = {
    "archive.json": DESCRIPTION.content(),
    "run.sh": b"#!/bin/sh\n",
    "src/empty.py": b"",
    "src/one.py": "ω = 1\n".encode(),
    **SETTINGS,
    **{name: name[::-1].encode() * 9 for name in RESULTS},
}
ONE = DESCRIPTION.model_copy(update={"config": ("a.yaml",), "stages": {}}).content()


def sums(files: dict[str, bytes]) -> bytes:
    lines = (f"{sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    return "".join(lines).encode()


def archive(path: Path, files=FILES, listed=b"") -> Path:
    """Write an archive of files, with their checksums or with others."""
    with zipfile.ZipFile(path, "w") as opened:
        for name in sorted(files):
            add(opened, name, files[name])
        add(opened, "SHA256SUMS", listed or sums(files))
    return path


def differences(path: Path) -> list[Difference]:
    with open_archive(path) as opened:
        return check(opened)


def states(path: Path) -> dict[str, State]:
    return {difference.name: difference.state for difference in differences(path)}


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    return archive(tmp_path / "whole.zip")


def test_a_whole_archive_is_the_same_bytes_at_any_time_for_any_zip_program(
    tmp_path, whole, monkeypatch
):
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    monkeypatch.setattr(time, "time", lambda: 0.0)
    pack(tmp_path / "again.zip", FILES, FILES.__getitem__)
    assert (tmp_path / "again.zip").read_bytes() == whole.read_bytes()
    assert states(whole) == {}
    with zipfile.ZipFile(whole) as other:
        assert other.testzip() is None
        assert other.namelist() == [*sorted(FILES), "SHA256SUMS"]
        assert {name: other.read(name) for name in FILES} == FILES
        modes = {info.filename: info.external_attr >> 16 for info in other.infolist()}
    assert modes["run.sh"] == 0o100755
    assert modes["src/one.py"] == 0o100644


def is_called_good(path: Path) -> bool:
    try:
        return not differences(path)
    except UserError:
        return False


def test_every_flipped_bit_of_a_file_and_every_cut_is_found(tmp_path):
    small = archive(tmp_path / "small.zip", {"archive.json": ONE, "a.yaml": b"W" * 9})
    content = small.read_bytes()
    assert is_called_good(small)
    files = range(content.index(b"W" * 9), content.index(b"W" * 9) + 9)
    for here in range(len(content)):
        small.write_bytes(content[:here])
        assert not is_called_good(small), f"{here} bytes"
        for bit in range(8 * (here in files)):
            flipped = bytearray(content)
            flipped[here] ^= 1 << bit
            small.write_bytes(flipped)
            assert not is_called_good(small), f"byte {here}, bit {bit}"


def test_damaged_files_and_checksums_are_named_alone(whole):
    content, weights = whole.read_bytes(), WEIGHTS[1]
    whole.write_bytes(content.replace(FILES[weights], b"x" * len(FILES[weights])))
    assert states(whole) == {weights: State.DAMAGED}
    whole.write_bytes(content.replace(b"  run.sh\n", b"  ran.sh\n"))
    assert states(whole) == {"SHA256SUMS": State.DAMAGED}


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        (b"\n", {"SHA256SUMS": State.DAMAGED}),
        (b"0  run.sh\n", {"run.sh": State.ALTERED}),
    ],
)
def test_checksums_with_another_line_are_wrong(tmp_path, line, wrong):
    assert states(archive(tmp_path / "a.zip", listed=sums(FILES) + line)) == wrong


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is no archive, or cut short"),
        (b"not an archive at all", "is no archive, or cut short"),
        (b"PK\3\4" + bytes(1000), "is no archive, or cut short"),
        (None, "Cannot read .*other.zip: No such file"),
    ],
)
def test_something_else_is_told_in_a_line(tmp_path, content, message):
    path = tmp_path / "other.zip"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match=message) as told:
        open_archive(path)
    assert len(str(told.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"readme": b""}, r"but no archive of this package: it has no archive\.json"),
        ({"archive.json": b"{}"}, r"another format: archive\.json is not as this version"),
        (
            {"archive.json": FILES["archive.json"].replace(b"archive 2", b"archive 1")},
            "sha256sum -c SHA256SUMS checks it there, and what archive.json names as its commit",
        ),
    ],
)
def test_a_zip_file_that_this_version_cannot_read_is_told(tmp_path, files, message):
    path = archive(tmp_path / "a.zip", files)
    for command in (verify, lambda path: restore(path, tmp_path / "new")):
        with pytest.raises(UserError, match=message):
            command(path)


def test_a_name_of_anything_is_told_in_a_short_line(tmp_path):
    path = archive(tmp_path / "a.zip", {**FILES, "a\n" * 5000: b""})
    assert all(len(line) < 300 for line in report(differences(path)).splitlines())


def test_swapped_weights_are_altered_and_it_says_whose_they_are(tmp_path):
    a, b = WEIGHTS
    path = archive(tmp_path / "a.zip", {**FILES, a: FILES[b], b: FILES[a]}, listed=sums(FILES))
    assert states(path) == {a: State.ALTERED, b: State.ALTERED}
    assert f"altered: {a}: it holds what belongs to {b}." in report(differences(path))


def test_what_is_added_or_taken_away_is_named(tmp_path):
    files = {name: content for name, content in FILES.items() if name != "run.sh"}
    path = archive(tmp_path / "a.zip", {**files, "extra": b"?"}, listed=sums(FILES))
    assert states(path) == {"run.sh": State.MISSING, "extra": State.ALTERED}


def test_of_many_differences_of_a_kind_some_are_told(tmp_path):
    files = {**FILES, **{f"extra{number}": b"" for number in range(50)}}
    told = report(differences(archive(tmp_path / "a.zip", files, listed=sums(FILES)))).splitlines()
    assert told[-2:] == ["  altered: … and more", "50 altered."]
    assert len(told) == 22


def verify(path: Path, what: str = "none") -> int:
    return verify_command(Namespace(archive=path, retrain=[what], cores="1"))


def restore(path: Path, folder: Path) -> None:
    restore_command(Namespace(archive=path, folder=folder))


def test_restoring_gives_the_files_and_their_modes(tmp_path, whole):
    folder = tmp_path / "new/folder"
    restore(whole, folder)
    assert {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and file.name != "SHA256SUMS"
    } == FILES
    assert os.access(folder / "run.sh", os.X_OK)
    assert not os.access(folder / "src/one.py", os.X_OK)
    assert len({file.stat().st_mtime_ns for file in folder.rglob("*")}) == 1
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=folder, check=True)


def test_exit_codes_of_whole_and_damaged_archives(whole, capsys):
    assert verify(whole) == 0
    assert (
        "Nothing that was compared is wrong.\nNot compared, or in part" in capsys.readouterr().out
    )
    whole.write_bytes(whole.read_bytes().replace(b"#!/bin/sh", b"#!/bin/ss"))
    assert verify(whole) == 1
    told = capsys.readouterr().out
    assert "damaged: run.sh: its bytes are not those that were packed.\n1 damaged." in told


# What an archive may say whose checksums all agree.


def described(**changes) -> dict[str, bytes]:
    """The description of an archive with other values, which are not checked."""
    content = json.loads(DESCRIPTION.content())
    return {"archive.json": json.dumps({**content, **changes}).encode()}


def configured(text: str) -> dict[str, bytes]:
    return {"one.yaml": text.encode()}


UNTRUE = [
    # Configurations: what they run, and open.
    (configured('__use_yte__: true\n__definitions__: [\'open("out", "w")\']\n'), "__use_yte__"),
    (
        configured("a: !!python/object/apply:os.system ['touch out']\n"),
        "one.yaml, line 1, column 4",
    ),
    (configured("unknown: 1\n"), "configuration is not one for this version (one.yaml: unknown"),
    # Results that no configuration makes, and none that it does.
    ({"results/weights/mine.safetensors": b""}, "its configuration makes no such file"),
    ({"results/report.html": None}, "missing: results/report.html: not there."),
]


@pytest.mark.parametrize(("changes", "words"), UNTRUE, ids=lambda case: ascii(case)[:60])
def test_what_an_archive_cannot_hold_is_named_and_nothing_of_it_runs(
    tmp_path, capsys, monkeypatch, changes, words
):
    changed = {name: content for name, content in (FILES | changes).items() if content is not None}
    assert words in refused(tmp_path, capsys, monkeypatch, changed)
    assert {*tmp_path.rglob("*")} == {tmp_path / "inner", tmp_path / "inner/a.zip"}


def refused(folder: Path, capsys, monkeypatch, files: dict[str, bytes]) -> str:
    """What verify says of an archive that it must find fault with, in a terminal."""
    (folder / "inner").mkdir()
    monkeypatch.chdir(folder / "inner")
    archive(Path("a.zip"), files)
    assert main(["verify", "a.zip", "--retrain", "none"]) == 1
    told = "".join(capsys.readouterr())
    assert visible(told, keep="\n") == told
    return told


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("experiments: {intro: {start: /etc/passwd}}", "intro.start is /etc/passwd, which is no"),
        ("experiments: {intro: {start: ../a.safetensors}}", "which is no result of the archive"),
    ],
)
def test_nothing_outside_an_archive_is_built_from(tmp_path, monkeypatch, settings, words):
    monkeypatch.setattr(rebuild, "build_in", pytest.fail)
    text = f"{SETTINGS['one.yaml'].decode()}{settings}"
    path = archive(tmp_path / "a.zip", FILES | configured(text))
    with pytest.raises(UserError, match=words):
        verify(path, "sample")


def test_a_build_of_nothing_is_no_check(whole, monkeypatch):
    monkeypatch.setattr(rebuild, "build_in", lambda *_: None)
    with pytest.raises(UserError, match="Nothing was built, so nothing can be compared"):
        verify(whole, "all")


# Sources, and the commit that they are said to be of.


@pytest.fixture
def cloned(tmp_path: Path, monkeypatch) -> dict[str, bytes]:
    """The sources of a commit of the repository that this package is said to be in."""
    there = {name: FILES[name] for name in FILES if not name.startswith(("results/", "archive"))}
    for name, content in there.items():
        (tmp_path / "clone" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "clone" / name).write_bytes(content)
    commit(tmp_path / "clone")
    monkeypatch.setattr(compared, "PROJECT", tmp_path / "clone" / "src")
    return described(commit=git(tmp_path / "clone", "rev-parse", "HEAD").strip())


@pytest.mark.parametrize(
    ("changes", "changed", "found", "count"),
    [
        ({}, [], {}, 5),
        ({"src/one.py": b"", "run.sh": None}, ["src/one.py", "run.sh"], {}, 3),
        ({"src/one.py": b""}, [], {"src/one.py": State.ALTERED}, 4),
        ({"src/two.py": b"", "Src.py": b""}, ["Src.py"], {"src/two.py": State.ALTERED}, 5),
        ({"run.sh": None}, [], {"run.sh": State.MISSING}, 4),
    ],
)
def test_sources_are_compared_with_their_commit(
    tmp_path, cloned, capsys, changes, changed, found, count
):
    about = described(**json.loads(cloned["archive.json"]) | {"changed": changed})
    files = {name: text for name, text in (FILES | about | changes).items() if text is not None}
    path = archive(tmp_path / "a.zip", files)
    with open_archive(path) as opened:
        told, differences, same = compare_sources(opened, description_of(opened))
    assert {row.name: row.state for row in differences} == found
    assert len(same) == count
    assert verify(path) == bool(found)
    here = [name for name in changed if name in files]
    assert re.findall("sources: (.*)", capsys.readouterr().out) == here
    restore(path, tmp_path / "new")
    told = capsys.readouterr().out
    assert all(name in told for name in [*found, *changed])
    assert ("NOTE: make runs the code there, so look at it first." in told) == bool(changes)


def test_without_the_commit_all_sources_are_as_trustworthy_as_where_they_come_from(
    tmp_path, whole, capsys
):
    assert verify(whole) == 0
    told = capsys.readouterr().out
    assert "No repository here has commit 000000000000: its sources were compared" in told
    assert "sources: config.yaml, one.yaml, run.sh, src/empty.py, src/one.py\n" in told
    restore(whole, tmp_path / "new")
    assert "NOTE: make runs the code there" in capsys.readouterr().out


# Where an archive can be unpacked, and what is left of it half-way.


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("there", "there is there already"),
        ("there/mine", "mine is there already"),
        (".", "is the current folder"),
        ("../current", "is the current folder"),
        ("link", "is a link: give the folder"),
        ("link/", "is a link: give the folder"),
        ("dangling", "is a link: give the folder"),
        ("there/mine/new", "Cannot write there/mine/new: Not a directory"),
        ("a" * 256, "File name too long"),
    ],
)
def test_a_folder_that_cannot_be_replaced_is_refused_before_anything_is_read(
    tmp_path, whole, monkeypatch, target, words
):
    (tmp_path / "current/there").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "current")
    if target not in (".", "../current"):
        Path("there/mine").write_text("mine")
        Path("empty").mkdir()
        Path("link").symlink_to("empty")
        Path("dangling").symlink_to("nowhere")
    else:
        Path("there").rmdir()
    before = {*tmp_path.rglob("*")}
    monkeypatch.setattr(restoring, "check", pytest.fail)
    with pytest.raises(UserError, match=re.escape(words)):
        restore(whole, Path(target))
    assert {*tmp_path.rglob("*")} == before


def test_a_folder_on_which_a_disk_is_mounted_is_refused(tmp_path, whole):
    with disk(tmp_path / "disk") as small:
        here = ["env", "--chdir=/", sys.executable, "-m", "superposition"]
        told = run(*small.command(*here, "restore", str(whole), str(small.folder)))
        assert told.returncode == 1
        assert "a file system is mounted there: choose another place" in told.stderr
        assert list(small.content.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_told_to_stop_restoring_leaves_nothing(tmp_path, whole, monkeypatch, number):
    def stopped(archive: zipfile.ZipFile, folder: Path) -> None:
        archive.extract("run.sh", folder)
        signal.raise_signal(number)

    monkeypatch.setattr(restoring, "_unpack", stopped)
    signal.signal(number, signal.SIG_DFL)  # under nohup, one is ignored
    assert main(["restore", str(whole), str(tmp_path / "new/folder")]) == 130
    assert list(tmp_path.iterdir()) == [whole]
    assert signal.getsignal(number) == signal.SIG_DFL


def test_told_to_stop_verifying_ends_its_build_and_all_jobs(tmp_path, whole, monkeypatch):
    build, started, wait = tmp_path / "build", tmp_path / "job", subprocess.Popen.wait
    job = f"sleep 600 & echo $! > {started}.part; mv {started}.part {started}"
    build.write_text(f"#!/bin/sh\n{job}\nwait\n")
    build.chmod(0o755)

    def stopped(process: subprocess.Popen, timeout: float | None = None) -> int:
        if process.args[0] == str(build) and timeout is None:
            wait_for(started.exists)
            signal.raise_signal(signal.SIGTERM)
        return wait(process, timeout)

    monkeypatch.setattr(subprocess.Popen, "wait", stopped)
    monkeypatch.setattr(sys, "executable", str(build))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    assert main(["verify", str(whole), "--retrain", "all"]) == 130
    assert list((tmp_path / "temporary").iterdir()) == []
    job = Path("/proc", started.read_text().strip(), "cmdline")
    wait_for(lambda: not job.exists() or not job.read_bytes())


RECORD = {
    **dict.fromkeys(("rule", "log", "code", "record_format_version", "container_img_url"), "x"),
    **{"input": [], "params": ["'a'"], "software_stack_hash": "x", "input_checksums": {}},
    **{"shellcmd": "y --threads 2", "conda_env": "bmFtZTog", "external_jobid": None},
    **{"job_hash": 7, "starttime": 1.5, "endtime": 2.5, "incomplete": False},
}


@pytest.fixture
def record(tmp_path: Path) -> Path:
    path = tmp_path / record_name("results/a.csv")
    path.parent.mkdir(parents=True)
    return path


def test_a_record_is_kept_without_times_threads_and_hashes(tmp_path, record):
    changes = [{}, {"job_hash": 8, "endtime": 9.0, "shellcmd": "y --threads 8"}, {"params": ["b"]}]
    kept = []
    for change in changes:
        record.write_text(json.dumps({**RECORD, **change}))
        kept.append(provenance(tmp_path, "results/a.csv"))
    assert kept[0] == kept[1] != kept[2]
    # Builds with other seeds are not in the archive, and nothing there is to ask for them.
    beside = {"input": ["results/confirmation/seed-1/config.yaml"]}
    record.write_text(json.dumps({**RECORD, **beside}))
    assert provenance(tmp_path, "results/a.csv") == kept[0]


def test_what_other_code_made_is_told_as_that_and_the_page_is_made_by_every_figures():
    here = signatures(PLAN)
    figure = next(stage for stage in here if stage.startswith("plot "))
    for stage in ("report", figure):
        there = {**here, stage: {**here[stage], "libraries": "matplotlib==1"}}
        assert other_stages("results/report.html", there, here) == [stage]
    assert other_stages("results/report.html", here, here) == []
    assert other_stages("results/claims.csv", there, here) == []


def test_a_result_that_was_not_finished_is_refused(tmp_path, record):
    for _ in range(2):
        with pytest.raises(UserError, match=r"no record of a finished results/a\.csv"):
            provenance(tmp_path, "results/a.csv")
        record.write_text(json.dumps({**RECORD, "incomplete": True}))


def test_a_long_name_has_its_record_where_snakemake_keeps_it():
    from snakemake.persistence.file import FilePersistence

    snakemake = FilePersistence.__new__(FilePersistence)
    snakemake._max_len = 255
    for name in ("results/a.csv", "results/" + "a" * 300, "results/" + "b" * 700):
        assert record_name(name) == snakemake._record_path(".snakemake/metadata", name)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for name, content in {"a": "1", "b c": "2", ".gitignore": "built\n", "built": "3"}.items():
        (tmp_path / name).write_text(content)
    commit(tmp_path)
    return tmp_path


def test_sources_are_what_git_knows_and_what_has_changed(repository):
    found = sources(repository)
    assert (found.files, found.changed) == ((".gitignore", "a", "b c"), ())
    assert len(found.commit) == 40
    assert datetime.fromisoformat(found.committed).tzinfo
    (repository / "b c").unlink()
    (repository / "a").write_text("other")
    (repository / "new").write_text("new")
    found = sources(repository)
    assert (found.files, found.changed) == ((".gitignore", "a", "new"), ("a", "b c", "new"))


def test_what_is_not_the_top_of_a_repository_is_told_with_the_cure(repository):
    (repository / "below").mkdir()
    with pytest.raises(UserError, match="git init && git add"):
        sources(repository / "below")
