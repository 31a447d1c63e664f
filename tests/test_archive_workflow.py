"""A real archive: written by the workflow, checked, restored, built upon."""

import json
import os
import re
import shutil
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import pytest

from superposition.archive import recomputing
from superposition.archive.checking import verify_archive
from superposition.archive.container import describe, scan, write
from superposition.archive.contents import sums
from superposition.archive.restoring import restore_command
from superposition.archive.writing import archive_command
from superposition.config import load
from superposition.errors import UserError
from superposition.workflow import Plan

ROOT = Path(__file__).resolve().parents[1]
PARTS = ["Snakefile", "config.yaml", "environment.yml", "profiles", "src", "workflow"]
PARTS += ["README.md", "LICENSE", "CITATION.cff", ".gitignore"]
CONFIG = ["config.yaml", "tests/smoke.yaml", "tests/pairs.yaml"]
PAIRS = "only: [correlated_pairs]\nexperiments: {correlated_pairs: {models: [relu]}}\n"
CELL = "correlated_pairs/relu_p0.05"
WEIGHTS = f"results/weights/{CELL}.safetensors"

pytestmark = pytest.mark.slow


def snakemake(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "snakemake", *arguments, "--configfile", *CONFIG]
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def planned(folder: Path) -> list[str]:
    """Return the jobs that would run, but for the page, which tells of all of them."""
    jobs = re.findall(r"^Job \d+: (.*)$", snakemake(folder, "-n"), flags=re.MULTILINE)
    return sorted(set(jobs) - {"write the page to read"})


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run(["git", "-C", folder, *identity, *arguments], check=True, capture_output=True)


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """Return a clone in which `snakemake archive` has run; what it said is in output.txt."""
    folder = tmp_path_factory.mktemp("archive") / "a clone"
    folder.mkdir()
    for part in PARTS:
        if (ROOT / part).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / part, folder / part, ignore=ignored)
        else:
            shutil.copy2(ROOT / part, folder / part)
    (folder / "tests").mkdir()
    shutil.copy2(ROOT / "tests/smoke.yaml", folder / "tests")
    (folder / "tests/pairs.yaml").write_text(PAIRS)
    git(folder, "init")
    git(folder, "add", ".")
    git(folder, "commit", "-m", "All of it")
    told = snakemake(folder, "--cores", "2", "archive")
    (folder / ".git/output.txt").write_text(told)
    return folder


@pytest.fixture
def archive(built: Path) -> Path:
    [path] = (built / "results").glob("*.zip")
    return path


@pytest.fixture
def restored(archive: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "somewhere else"
    options = Namespace(archive=archive, folder=folder, without_samples=False)
    assert restore_command(options) == 0
    return folder


def test_the_size_is_told_before_writing_and_the_checksum_after(built, archive):
    told = (built / ".git/output.txt").read_text()
    before, after = told.index("Writing results/superposition-"), told.index("Wrote results/")
    assert before < after
    megabytes = re.search(r"Writing .*: \d+ files, ([\d.]+) MB \(", told)[1]
    assert float(megabytes) == pytest.approx(archive.stat().st_size / 1e6, abs=0.05)
    assert f"SHA-256 {describe('', archive).sha256}" in told


def test_it_holds_what_it_should(archive):
    names = {member.name for member in scan(archive).members}
    assert {*PARTS, *CONFIG} - {"profiles", "src", "workflow"} <= names
    assert {"archive.json", "ro-crate-metadata.json", "SHA256SUMS"} <= names
    assert {WEIGHTS, "results/claims.json", "results/figures/correlated_pairs.svg"} <= names
    assert any(name.startswith(".snakemake/metadata/") for name in names)
    kinds = {name.split("/")[1] for name in names if name.startswith("results/")}
    assert not kinds & {"logs", "benchmarks"}
    assert not [name for name in names if "__pycache__" in name or name.endswith(".zip")]


def test_archived_again_elsewhere_from_what_was_restored_it_is_the_same_bytes(
    built, archive, restored, monkeypatch
):
    shutil.copytree(built / ".git", restored / ".git")
    monkeypatch.chdir(restored)
    monkeypatch.setenv("PYTHONPATH", str(restored / "src"))
    options = Namespace(config=CONFIG, uncommitted=False, built=None, output=Path("again.zip"))
    # Without `built`, Snakemake is asked, and finds nothing to do.
    archive_command(options)
    assert (restored / "again.zip").read_bytes() == archive.read_bytes()


def pair_jobs(model: str) -> list[str]:
    return [
        f"{job} correlated_pairs {model} {density}{runs}"
        for density in ("p0.05", "p0.0025")
        for job, runs in (("train", " runs 0–1"), ("gather", ""))
    ]


def test_in_a_restored_archive_an_edited_entry_rebuilds_only_its_own_jobs(restored):
    smoke, pairs = restored / "tests/smoke.yaml", restored / "tests/pairs.yaml"
    after = ["measure correlated_pairs", "draw the figure correlated_pairs", "judge the claims"]
    pairs.write_text(PAIRS.replace("[relu]", "[relu, linear]"))
    assert planned(restored) == sorted([*pair_jobs("linear"), *after])
    pairs.write_text(PAIRS)
    before, entry, rest = smoke.read_text().partition("  correlated_pairs:")
    smoke.write_text(before + entry + rest.replace("steps: 300", "steps: 301"))
    assert planned(restored) == sorted([*pair_jobs("relu"), *after])


def test_unpacked_by_another_program_it_is_up_to_date_as_well(archive, tmp_path):
    folder = tmp_path / "unzipped"
    subprocess.run([sys.executable, "-m", "zipfile", "-e", archive, folder], check=True)
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=folder, check=True)
    assert "Nothing to be done" in snakemake(folder, "-n")


def verify(path: Path, *what: str) -> int:
    return verify_archive(Namespace(archive=path, retrain=list(what), cores="2"))


def test_a_cell_trained_again_has_the_same_bytes(archive, capfd):
    assert verify(archive, CELL) == 0
    told = capfd.readouterr().out
    assert "Every file is there, and agrees with its checksum." in told
    assert "Built again: 4 files, of which 4 are the same." in told
    assert "Nothing is wrong with it." in told


def rewritten(path: Path, output: Path, changes: dict[str, bytes]) -> Path:
    """Write the archive with other contents, and checksums to match."""
    found = scan(path)
    contents = {member.name: found.read(member) for member in found.members} | changes
    del contents["SHA256SUMS"]
    members = [describe(name, content) for name, content in contents.items()]
    write(output, [describe("SHA256SUMS", sums(members).encode()), *members])
    return output


@pytest.fixture
def forged(built, archive, tmp_path, monkeypatch) -> Path:
    """Return an archive with one weight altered; building again gives what it was."""

    def build(folder: Path, *_: object) -> None:
        (folder / WEIGHTS).parent.mkdir(parents=True)
        shutil.copy2(built / WEIGHTS, folder / WEIGHTS)

    monkeypatch.setattr(recomputing, "_build", build)
    weights = bytearray((built / WEIGHTS).read_bytes())
    weights[-1] ^= 1
    return rewritten(archive, tmp_path / "forged.zip", {WEIGHTS: bytes(weights)})


def test_altered_weights_whose_checksum_agrees_are_found_by_training_again(forged, capfd):
    assert verify(forged, "none") == 0
    assert verify(forged, CELL) == 1
    told = capfd.readouterr().out
    assert f"altered: {WEIGHTS}: built again, it is different: " in told


def test_what_other_code_made_is_not_called_altered(forged, capfd, tmp_path):
    found = scan(forged)
    [member] = [member for member in found.members if member.name == "archive.json"]
    description = json.loads(found.read(member))
    description["stages"]["train"]["code"] = "0123456789abcdef"
    changes = {"archive.json": json.dumps(description).encode()}
    assert verify(rewritten(forged, tmp_path / "other.zip", changes), CELL) == 3
    told = capfd.readouterr().out
    assert f"made by another version: {WEIGHTS}: built again, it is different" in told
    assert "here are other code or libraries for: train" in told


def test_a_cell_that_is_not_there_is_refused(archive):
    with pytest.raises(UserError, match="There is no cell 'nowhere'"):
        verify(archive, "nowhere")


@pytest.fixture
def changed(built, monkeypatch) -> Path:
    readme = (built / "README.md").read_bytes()
    (built / "README.md").write_text("Changed.")
    (built / "new.py").write_text("")
    monkeypatch.chdir(built)
    yield built
    (built / "README.md").write_bytes(readme)
    (built / "new.py").unlink()


def test_changes_that_are_not_committed_are_refused_or_recorded(changed, tmp_path, capsys):
    options = Namespace(config=CONFIG, uncommitted=False, output=tmp_path / "a.zip")
    options.built = Plan(load(*CONFIG)).identity()
    with pytest.raises(UserError, match=r"Not committed: README.md, new.py\..*--uncommitted"):
        archive_command(options)
    assert not options.output.exists()
    options.uncommitted = True
    archive_command(options)
    assert "Recorded as changed since commit" in capsys.readouterr().out
    assert verify(options.output, "none") == 0
    assert "not committed in README.md, new.py" in capsys.readouterr().out


def test_settings_that_stand_in_no_archived_file_are_refused(built, tmp_path, monkeypatch):
    monkeypatch.chdir(built)
    options = Namespace(config=CONFIG, uncommitted=False, output=tmp_path / "a.zip", built="other")
    with pytest.raises(UserError, match="settings that stand in no file"):
        archive_command(options)
    (tmp_path / "mine.yaml").write_text("seed: 1\n")
    options.config = [*CONFIG, str(tmp_path / "mine.yaml")]
    with pytest.raises(UserError, match=r"mine.yaml would not be in the archive"):
        archive_command(options)


def test_results_that_are_not_up_to_date_are_refused(restored, built, monkeypatch):
    shutil.copytree(built / ".git", restored / ".git")
    (restored / "tests/pairs.yaml").write_text(PAIRS + "seed: 1\n")
    git(restored, "commit", "--all", "-m", "Another seed")
    monkeypatch.chdir(restored)
    monkeypatch.setenv("PYTHONPATH", str(restored / "src"))
    options = Namespace(config=CONFIG, uncommitted=False, built=None, output=Path("a.zip"))
    with pytest.raises(UserError, match=r"The results are not up to date: .*correlated_pairs"):
        archive_command(options)


@pytest.mark.parametrize("how", ["as it is", "unpacked"])
def test_roc_validator_finds_a_workflow_run_crate(archive, tmp_path, how, request):
    """In a process of its own, as it changes how libraries behave; without a network."""
    # The validator stumbles over spaces in paths.
    if how == "unpacked":
        crate = request.getfixturevalue("restored").rename(tmp_path / "crate")
    else:
        crate = shutil.copy(archive, tmp_path / "crate.zip")
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("validate_crate.py"), crate, tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    issues = json.loads(done.stdout)
    assert [issue for issue in issues if issue["severity"] == "REQUIRED"] == []
    # Recommended and left out: addresses on the web, for there are none; and when the results were
    # built, for the same results are the same archive whenever they were.
    told = sorted({issue["message"] for issue in issues})
    assert told == [
        "The Action SHOULD have an endTime in ISO 8601 format",
        "The Application SHOULD have a url",
        "The SoftwareApplication id SHOULD be an absolute URI",
        "The organization SHOULD have a URL.",
    ]
