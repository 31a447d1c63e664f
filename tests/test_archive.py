"""The files in an archive, and the report on one that was damaged or altered."""

import io
import json
import os
import subprocess
import time
import zipfile
from argparse import Namespace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import pytest
from processes import commit

from superposition.archive.check import check, open_archive, report
from superposition.archive.layout import Description, add, is_safe, pack
from superposition.archive.restore import restore_command
from superposition.archive.verify import verify_command
from superposition.archive.write import provenance, sources
from superposition.base.errors import UserError
from superposition.model.fingerprints import Difference, State
from superposition.workflow.provenance import record_name

DESCRIPTION = Description(commit="0" * 40, committed="", changed=(), config=(), stages={})
WEIGHTS = {name: name[::-1].encode() * 9 for name in ("results/weights/a", "results/weights/b")}
FILES = {
    "archive.json": DESCRIPTION.content(),
    "run.sh": b"#!/bin/sh\n",
    "src/empty.py": b"",
    "src/one.py": "ω = 1\n".encode(),
    **WEIGHTS,
}
ITSELF = "the archive itself"


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


def test_every_flipped_bit_and_every_cut_is_found(tmp_path):
    small = archive(tmp_path / "small.zip", {"archive.json": FILES["archive.json"], "a/b": b"W"})
    content = small.read_bytes()
    for here in range(len(content)):
        small.write_bytes(content[:here])
        assert not is_called_good(small), f"{here} bytes"
        for bit in (3 * here % 8, (3 * here + 3) % 8):
            flipped = bytearray(content)
            flipped[here] ^= 1 << bit
            small.write_bytes(flipped)
            assert not is_called_good(small), f"byte {here}, bit {bit}"


def test_damaged_files_and_checksums_are_named_alone(whole):
    content, weights = whole.read_bytes(), "results/weights/b"
    whole.write_bytes(content.replace(WEIGHTS[weights], b"x" * 153))
    assert states(whole) == {weights: State.DAMAGED}
    whole.write_bytes(content.replace(b"  run.sh\n", b"  ran.sh\n"))
    assert states(whole) == {"SHA256SUMS": State.DAMAGED}


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        (b"\n", {"SHA256SUMS": State.DAMAGED}),
        (b"0  run.sh\n", {"run.sh": State.ALTERED}),
        (sums({"run.sh": FILES["run.sh"]}), {ITSELF: State.ALTERED}),
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


def test_a_file_that_is_there_twice_is_named(tmp_path):
    for first, last, wrong in ((b"", b"other", "run.sh"), (b"other", b"", ITSELF)):
        path = archive(
            tmp_path / "a.zip", {**FILES, "run.sh": first or FILES["run.sh"]}, sums(FILES)
        )
        with zipfile.ZipFile(path, "a") as other, pytest.warns(UserWarning, match="Duplicate name"):
            add(other, "run.sh", last or FILES["run.sh"])
        assert states(path) == {wrong: State.ALTERED}


def test_what_follows_or_comes_first_is_found(whole):
    content = whole.read_bytes()
    for changed in (content + b"\n", b"#!/bin/sh\n" + content, content + content):
        whole.write_bytes(changed)
        assert not is_called_good(whole)


def test_names_outside_the_folder_are_not_safe():
    names = ["C:/out", "a\\..\\out", "a//b", "./a", "", "a\0b", "a/", "../", "a/../../out"]
    assert [name for name in names if is_safe(name)] == []


@pytest.mark.parametrize("name", ["../out", "/out", "a/../../out", "..\\out", "out/"])
def test_nothing_is_written_outside_even_if_the_checksums_agree(tmp_path, name):
    inner = tmp_path / "inner"
    inner.mkdir()
    path = archive(inner / "a.zip", {**FILES, name: b"out"})
    assert states(path) == {name: State.ALTERED}
    with pytest.raises(UserError, match="Nothing was unpacked"):
        restore(path, inner / "new/folder")
    everything = [file for file in tmp_path.rglob("*") if file != path]
    assert everything == [inner]


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, 0o120777 << 16
    return info


@pytest.mark.parametrize(
    "info",
    [*map(zipfile.ZipInfo, ["../out", "/out", "new.py", "archive.jsom"]), link("link")],
    ids=lambda info: info.filename,
)
def test_what_another_program_put_in_is_named_and_not_unpacked(tmp_path, whole, info):
    with zipfile.ZipFile(whole, "a") as other:
        other.writestr(info, "/etc/passwd")
    assert states(whole) == {info.filename: State.ALTERED}
    with pytest.raises(UserError, match="Nothing was unpacked"):
        restore(whole, tmp_path / "new")
    assert list(tmp_path.iterdir()) == [whole]


def test_a_link_in_the_list_is_not_unpacked_either(tmp_path):
    """Another program packs it with its checksum, in its place."""
    members = {**FILES, "link": b"/etc/passwd"}
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as other:
        for name in sorted(members):
            other.writestr(link(name) if name == "link" else name, members[name])
        add(other, "SHA256SUMS", sums(members))
    assert states(tmp_path / "a.zip") == {ITSELF: State.ALTERED}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_the_same_files_in_another_programs_zip_are_not_ours(whole, method):
    other = io.BytesIO()
    with zipfile.ZipFile(whole) as ours, zipfile.ZipFile(other, "w") as theirs:
        for info in ours.infolist():
            theirs.writestr(info.filename, ours.read(info), method)
    whole.write_bytes(other.getvalue())
    assert states(whole) == {ITSELF: State.ALTERED}
    assert "by another program. Its files may be good" in report(differences(whole))


def test_of_many_differences_of_a_kind_some_are_told(tmp_path):
    files = {**FILES, **{f"extra{number}": b"" for number in range(50)}}
    told = report(differences(archive(tmp_path / "a.zip", files, listed=sums(FILES)))).splitlines()
    assert told[-2:] == ["  altered: … and more", "50 altered."]
    assert len(told) == 22


def verify(path: Path) -> int:
    return verify_command(Namespace(archive=path, retrain=["none"], cores="1"))


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


def test_a_folder_with_something_in_it_is_left_alone(tmp_path, whole):
    (tmp_path / "there").mkdir()
    (tmp_path / "there/mine").write_text("mine")
    with pytest.raises(UserError, match="is there already"):
        restore(whole, tmp_path / "there")
    assert [file.name for file in (tmp_path / "there").iterdir()] == ["mine"]


def test_exit_codes_of_whole_and_damaged_archives(whole, capsys):
    assert verify(whole) == 0
    assert "Nothing is wrong with it." in capsys.readouterr().out
    whole.write_bytes(whole.read_bytes().replace(b"#!/bin/sh", b"#!/bin/ss"))
    assert verify(whole) == 1
    told = capsys.readouterr().out
    assert "damaged: run.sh: its bytes are not those that were packed.\n1 damaged." in told


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


def test_what_cannot_be_archived_is_told_with_the_cure(repository):
    (repository / "link").symlink_to("a")
    (repository / "what?").write_text("")
    with pytest.raises(UserError, match=r"cannot be archived: link, what\?\. Put the files there"):
        sources(repository)
    (repository / "below").mkdir()
    with pytest.raises(UserError, match="git init && git add"):
        sources(repository / "below")
