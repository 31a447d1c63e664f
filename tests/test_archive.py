"""The bytes of an archive, and what is said of one that was damaged or altered."""

import io
import json
import subprocess
import sys
import zipfile
from argparse import Namespace
from pathlib import Path

import pytest

from superposition.archive import container
from superposition.archive.checking import State, check, report, verify_archive
from superposition.archive.container import describe, scan, size_of, write
from superposition.archive.contents import is_safe, sums
from superposition.archive.records import record, record_name
from superposition.archive.restoring import restore_command
from superposition.archive.sources import sources
from superposition.errors import UserError

WEIGHTS = {name: name[::-1].encode() * 9 for name in ("results/weights/a", "results/weights/b")}
FILES = {
    "archive.json": b"{}\n",
    "run.sh": b"#!/bin/sh\n",
    "src/empty.py": b"",
    "src/one.py": "ω = 1\n".encode(),
    **WEIGHTS,
}


def archive(path: Path, files=FILES, listed=None) -> Path:
    """Write an archive of files, with checksums of these or of others."""
    members = [describe(name, content) for name, content in sorted(files.items())]
    summed = members if listed is None else [describe(*item) for item in sorted(listed.items())]
    write(path, [describe("SHA256SUMS", sums(summed).encode()), *members])
    return path


def findings(path: Path) -> dict[str, State]:
    return {finding.name: finding.state for finding in check(scan(path))}


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    return archive(tmp_path / "whole.zip")


def test_an_archive_is_whole(whole):
    assert findings(whole) == {}
    assert [member.name for member in scan(whole).members] == ["SHA256SUMS", *sorted(FILES)]


def test_the_size_is_known_before(whole):
    members = [describe(name, content) for name, content in FILES.items()]
    sum_file = describe("SHA256SUMS", sums(members).encode())
    assert size_of([sum_file, *members]) == whole.stat().st_size


def test_zip_programs_read_it(whole):
    with zipfile.ZipFile(whole) as other:
        assert other.testzip() is None
        assert {name: other.read(name) for name in FILES} == FILES
        modes = {info.filename: info.external_attr >> 16 for info in other.infolist()}
    assert modes["run.sh"] == 0o100755
    assert modes["src/one.py"] == 0o100644


def test_an_archive_is_the_same_bytes_from_files_of_any_date_and_owner(tmp_path, whole):
    for name, content in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    members = [describe(name, tmp_path / name) for name in sorted(FILES)]
    again = tmp_path / "again.zip"
    write(again, [describe("SHA256SUMS", sums(members).encode()), *members])
    assert again.read_bytes() == whole.read_bytes()


def test_a_file_that_changes_while_it_is_archived_stops_it(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"before")
    member = describe("file", path)
    path.write_bytes(b"after!")
    with pytest.raises(UserError, match="changed while it was archived"):
        write(tmp_path / "a.zip", [member])
    assert not (tmp_path / "a.zip").exists()


def test_more_than_a_zip_file_holds_is_refused_before_writing():
    member = describe("file", b"")._replace(size=3 << 30)
    with pytest.raises(UserError, match="more than a zip file holds"):
        size_of([member, member])


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return archive(tmp_path / "small.zip", {"archive.json": b"{}\n", "a/b": b"weights"})


def test_every_flipped_byte_is_found(small):
    content = small.read_bytes()
    for here in range(len(content)):
        flipped = bytearray(content)
        flipped[here] ^= 0x10
        small.write_bytes(flipped)
        assert findings(small), f"byte {here}"


def test_a_flipped_byte_of_a_file_names_that_file_alone(whole):
    whole.write_bytes(whole.read_bytes().replace(WEIGHTS["results/weights/b"], b"x" * 153))
    assert findings(whole) == {"results/weights/b": State.DAMAGED}


def test_a_damaged_header_costs_one_file(whole):
    content = whole.read_bytes()
    here = content.index(b"src/one.py", content.index(b"PK\3\4", 500)) - 30
    assert content[here : here + 4] == b"PK\3\4"
    whole.write_bytes(content[: here + 1] + b"x" + content[here + 2 :])
    assert findings(whole) == {"the archive itself": State.DAMAGED, "src/one.py": State.MISSING}


def test_every_cut_is_found(small):
    content = small.read_bytes()
    for end in range(len(content)):
        small.write_bytes(content[:end])
        assert findings(small), f"{end} bytes"


def test_of_a_file_cut_short_the_missing_are_named(whole):
    content = whole.read_bytes()
    whole.write_bytes(content[: content.index(WEIGHTS["results/weights/b"]) + 3])
    found = findings(whole)
    assert found["results/weights/b"] is State.DAMAGED
    assert "results/weights/a" not in found
    whole.write_bytes(content[: content.index(WEIGHTS["results/weights/a"]) - 50])
    assert findings(whole)["results/weights/b"] is State.MISSING


@pytest.mark.parametrize("content", [b"", b"PK", b"not an archive at all", bytes(1000)])
def test_something_else_is_not_called_good_but_what_it_is(tmp_path, content):
    path = tmp_path / "other.zip"
    path.write_bytes(content)
    told = report(check(scan(path)))
    assert ("this is no archive, nor any other zip file" if content else "is empty") in told
    assert "1 damaged." in told


def test_a_folder_is_a_member_that_needs_no_checksum(tmp_path):
    files = {**FILES, "src/": b"", "results/weights/": b""}
    path = archive(tmp_path / "a.zip", files)
    assert findings(path) == {}
    with zipfile.ZipFile(path) as other:
        assert other.getinfo("src/").is_dir()
        assert other.getinfo("src/").external_attr >> 16 == 0o40755
    assert restore(path, tmp_path / "new") == 0
    assert (tmp_path / "new/src/one.py").read_bytes() == FILES["src/one.py"]
    done = subprocess.run(["sha256sum", "--check", "SHA256SUMS"], cwd=tmp_path / "new", check=False)
    assert done.returncode == 0


@pytest.mark.parametrize("name", ["elsewhere/", "../", "/", "src//", "a\\/", "src/../"])
def test_a_folder_of_no_file_is_named(tmp_path, name):
    path = archive(tmp_path / "a.zip", {**FILES, name: b""})
    assert list(findings(path).values()) == [State.ALTERED]


def test_a_folder_with_content_is_named(tmp_path):
    path = archive(tmp_path / "a.zip", {**FILES, "src/": b"?"})
    assert set(findings(path).values()) == {State.ALTERED}


def test_a_name_of_anything_is_told_in_a_short_line(tmp_path):
    found = check(scan(archive(tmp_path / "a.zip", {**FILES, "a\n" * 5000: b""})))
    assert all(len(line) < 300 for line in report(found).splitlines())


def test_swapped_weights_are_altered_and_it_says_whose_they_are(tmp_path):
    a, b = WEIGHTS
    path = archive(tmp_path / "a.zip", {**FILES, a: FILES[b], b: FILES[a]}, listed=FILES)
    assert findings(path) == {a: State.ALTERED, b: State.ALTERED}
    assert f"altered: {a}: it holds what belongs to {b}." in report(check(scan(path)))


def test_what_is_added_or_taken_away_is_named(tmp_path):
    files = {name: content for name, content in FILES.items() if name != "run.sh"}
    path = archive(tmp_path / "a.zip", {**files, "extra": b"?"}, listed=FILES)
    assert findings(path) == {"run.sh": State.MISSING, "extra": State.ALTERED}


def test_what_follows_or_comes_first_is_found(whole):
    content = whole.read_bytes()
    for changed in (content + b"\n", b"#!/bin/sh\n" + content, content + content):
        whole.write_bytes(changed)
        assert findings(whole)["the archive itself"] is State.DAMAGED


UNSAFE = ["../out", "a/../../out", "/out", "C:/out", "a\\..\\out", "a//b", "./a", "", "a\0b", "a/"]


@pytest.mark.parametrize("name", UNSAFE)
def test_a_name_outside_the_folder_is_not_safe(name):
    assert not is_safe(name)


@pytest.mark.parametrize("name", ["../out", "/out", "a/../../out", "..\\out"])
def test_nothing_is_written_outside_even_if_the_checksums_agree(tmp_path, name, capsys):
    inner = tmp_path / "inner"
    inner.mkdir()
    path = archive(inner / "a.zip", {**FILES, name: b"out"})
    assert findings(path) == {repr(name): State.ALTERED}
    with pytest.raises(UserError, match="Nothing was unpacked"):
        restore(path, inner / "new/folder")
    everything = [file for file in tmp_path.rglob("*") if file != path]
    assert everything == [inner]


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, 0o120777 << 16
    return info


@pytest.mark.parametrize("info", [zipfile.ZipInfo("../out"), zipfile.ZipInfo("/out"), link("link")])
def test_what_another_program_put_in_is_named_and_not_unpacked(tmp_path, whole, info):
    with zipfile.ZipFile(whole, "a") as other:
        other.writestr(info, "/etc/passwd")
    assert findings(whole)[repr(info.filename)] is State.ALTERED
    with pytest.raises(UserError, match="Nothing was unpacked"):
        restore(whole, tmp_path / "new")
    assert list(tmp_path.iterdir()) == [whole]


def test_the_same_files_in_another_programs_zip_are_not_ours(tmp_path, whole):
    other = io.BytesIO()
    with zipfile.ZipFile(whole) as ours, zipfile.ZipFile(other, "w") as theirs:
        for info in ours.infolist():
            theirs.writestr(info.filename, ours.read(info), zipfile.ZIP_DEFLATED)
    whole.write_bytes(other.getvalue())
    assert findings(whole) == {"the archive itself": State.DAMAGED}
    assert "another program has packed" in report(check(scan(whole)))


def restore(path: Path, folder: Path) -> int:
    return restore_command(Namespace(archive=path, folder=folder, without_samples=True))


def test_restoring_gives_the_files_and_their_modes(tmp_path, whole):
    folder = tmp_path / "new/folder"
    assert restore(whole, folder) == 0
    assert {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and file.name != "SHA256SUMS"
    } == FILES
    assert (folder / "run.sh").stat().st_mode & 0o111 == 0o111
    assert len({file.stat().st_mtime_ns for file in folder.rglob("*")}) == 1
    done = subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=folder, check=True)
    assert done.returncode == 0


def test_a_folder_with_something_in_it_is_left_alone(tmp_path, whole):
    (tmp_path / "there").mkdir()
    (tmp_path / "there/mine").write_text("mine")
    with pytest.raises(UserError, match="is there already"):
        restore(whole, tmp_path / "there")
    assert [file.name for file in (tmp_path / "there").iterdir()] == ["mine"]


def test_a_damaged_archive_ends_with_exit_code_one_and_builds_nothing(whole, capsys):
    whole.write_bytes(whole.read_bytes()[:-1])
    assert verify_archive(Namespace(archive=whole, retrain=["sample"], cores="1")) == 1
    told = capsys.readouterr().out
    assert "damaged: the archive itself: the directory at the end" in told
    assert "1 damaged." in told


def test_an_archive_that_is_not_there_is_told(tmp_path):
    with pytest.raises(UserError, match=r"Cannot read .*none\.zip"):
        scan(tmp_path / "none.zip")


RECORD = {
    **dict.fromkeys(("rule", "log", "code", "record_format_version", "container_img_url"), "x"),
    **{"input": [], "params": ["'a'"], "software_stack_hash": "x", "input_checksums": {}},
    **{"shellcmd": "y --threads 2", "conda_env": "bmFtZTog", "external_jobid": None},
    **{"job_hash": 7, "starttime": 1.5, "endtime": 2.5, "incomplete": False},
}


def test_a_record_is_kept_without_times_threads_and_hashes(tmp_path):
    path = tmp_path / record_name("results/a.csv")
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(RECORD))
    first = record(tmp_path, "results/a.csv")
    path.write_text(
        json.dumps({**RECORD, "job_hash": 8, "endtime": 9.0, "shellcmd": "y --threads 8"})
    )
    assert record(tmp_path, "results/a.csv") == first
    path.write_text(json.dumps({**RECORD, "params": ["'b'"]}))
    assert record(tmp_path, "results/a.csv") != first


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"incomplete": True}, "was not finished"),
        ({"new": 1}, "entries that this version does not know: new"),
        (None, "no record of results/a.csv"),
    ],
)
def test_a_record_that_says_too_little_or_too_much_is_refused(tmp_path, change, message):
    path = tmp_path / record_name("results/a.csv")
    path.parent.mkdir(parents=True)
    if change is not None:
        path.write_text(json.dumps({**RECORD, **change}))
    with pytest.raises(UserError, match=message):
        record(tmp_path, "results/a.csv")


def test_a_long_name_has_its_record_where_snakemake_keeps_it():
    from snakemake.persistence.file import FilePersistence

    snakemake = FilePersistence.__new__(FilePersistence)
    snakemake._max_len = 255
    for name in ("results/a.csv", "results/" + "a" * 300, "results/" + "b" * 700):
        assert record_name(name) == snakemake._record_path(".snakemake/metadata", name)


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run(["git", "-C", folder, *identity, *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for name, content in {"a": "1", "b c": "2", ".gitignore": "built\n", "built": "3"}.items():
        (tmp_path / name).write_text(content)
    git(tmp_path, "init")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "First")
    return tmp_path


def test_sources_are_what_git_knows_and_what_has_changed(repository):
    found = sources(repository)
    assert (found.files, found.changed) == ((".gitignore", "a", "b c"), ())
    assert len(found.commit) == 40
    assert found.committed.endswith("+00:00")
    (repository / "b c").unlink()
    (repository / "a").write_text("other")
    (repository / "new").write_text("new")
    found = sources(repository)
    assert (found.files, found.changed) == ((".gitignore", "a", "new"), ("a", "b c", "new"))


def test_a_link_among_the_sources_is_refused(repository):
    (repository / "link").symlink_to("a")
    with pytest.raises(UserError, match="Links cannot be archived: link"):
        sources(repository)


def test_a_folder_that_is_no_clone_is_told_how_to_become_one(repository):
    (repository / "below").mkdir()
    with pytest.raises(UserError, match="git init && git add"):
        sources(repository / "below")


def test_the_container_needs_nothing_but_the_standard_library():
    """The file that lays out an archive must be readable without this package's libraries."""
    code = "import sys, superposition.archive.container; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"numpy", "pydantic", "yaml", "snakemake"} & set(done.stdout.split())
    assert container.__doc__
