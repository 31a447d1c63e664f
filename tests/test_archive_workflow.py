"""A real archive: written by the workflow, checked, restored, built upon."""

import json
import re
import shutil
import subprocess
import sys
from argparse import Namespace
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
import yaml
from disks import disk
from processes import commit, git, output, run
from project import PARTS, Project

from superposition.archive import rebuild, sources
from superposition.archive.layout import pack
from superposition.archive.restore import restore_command
from superposition.archive.verify import verify_command
from superposition.archive.write import archive_command
from superposition.base.errors import UserError
from superposition.config.load import load
from superposition.model import weights
from superposition.workflow.builds import build_in
from superposition.workflow.plan import Plan

OTHERS = ("README.md", "LICENSE", "CITATION.cff", ".gitignore")
CONFIG = ["config.yaml", "tests/smoke.yaml", "tests/pairs.yaml"]
PAIRS = "only: [correlated_pairs]\nexperiments: {correlated_pairs: {models: [relu]}}\n"
DENSITIES = ("p0.05", "p0.0025")
CELLS = [f"correlated_pairs/relu_{density}" for density in DENSITIES]
CELL = CELLS[0]
WEIGHTS = "results/weights/correlated_pairs.safetensors"

pytestmark = pytest.mark.slow


def snakemake(folder: Path, *arguments: str) -> str:
    return output(
        *("-m", "snakemake", *arguments, "--configfile", *CONFIG),
        cwd=folder,
        variables={"PYTHONPATH": str(folder / "src")},
        stderr=subprocess.STDOUT,
    )


def planned(folder: Path) -> list[str]:
    """The jobs that would run, but for the page, which tells of all of them."""
    jobs = re.findall(
        r"^Job \d+: (.*)$", snakemake(folder, "-n", "--printshellcmds"), flags=re.MULTILINE
    )
    return sorted(set(jobs) - {"write the report"})


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """A clone in which `snakemake archive` has run; its output is in output.txt."""
    folder = tmp_path_factory.mktemp("archive") / "a clone"
    Project.new(folder, *OTHERS)
    (folder / "tests/pairs.yaml").write_text(PAIRS)
    commit(folder)
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
    restore_command(Namespace(archive=archive, folder=folder))
    return folder


def options(output: Path | str, **given) -> Namespace:
    """Those of the command that archives."""
    defaults = {"config": CONFIG, "uncommitted": False, "built": None}
    return Namespace(output=Path(output), **{**defaults, **given})


def test_it_holds_what_it_should_and_its_size_is_told_before(built, archive):
    with ZipFile(archive) as opened:
        names = set(opened.namelist())
    assert {*PARTS, *OTHERS, *CONFIG} - {"profiles", "src", "workflow"} <= names
    assert {"archive.json", "ro-crate-metadata.json", "SHA256SUMS"} <= names
    assert {WEIGHTS, "results/claims.json", "results/figures/correlated_pairs.svg"} <= names
    assert any(name.startswith(".snakemake/metadata/") for name in names)
    assert not [name for name in names if name.startswith(("results/logs", "results/benchmarks"))]
    assert not [name for name in names if "__pycache__" in name or name.endswith(".zip")]
    told = (built / ".git/output.txt").read_text()
    assert told.index("Writing results/superposition-") < told.index("Wrote results/")
    count, megabytes = re.search(r"Writing .*: (\d+) files, ([\d.]+) MB\.", told).groups()
    assert int(count) == len(names)
    # Names, and the checksums, are not counted.
    assert float(megabytes) == pytest.approx(archive.stat().st_size / 1e6, rel=0.05)
    assert f"SHA-256 {sha256(archive.read_bytes()).hexdigest()}" in told


def test_archived_again_elsewhere_from_what_was_restored_it_is_the_same_bytes(
    built, archive, restored, monkeypatch
):
    shutil.copytree(built / ".git", restored / ".git")
    monkeypatch.chdir(restored)
    monkeypatch.setenv("PYTHONPATH", str(restored / "src"))
    # Without `built`, Snakemake is asked, and finds nothing to do.
    archive_command(options("again.zip"))
    assert (restored / "again.zip").read_bytes() == archive.read_bytes()


def training(model: str) -> list[str]:
    return [f"train correlated_pairs {model}_{density} runs 0–1" for density in DENSITIES]


def test_in_a_restored_archive_an_edited_entry_rebuilds_only_its_own_jobs(restored):
    smoke, pairs = restored / "tests/smoke.yaml", restored / "tests/pairs.yaml"
    assert planned(restored) == []
    after = [f"{job} correlated_pairs" for job in ("export", "measure", "plot the figure")]
    after += ["compare with constructed solutions", "judge the claims"]
    pairs.write_text(PAIRS.replace("[relu]", "[relu, linear]"))
    assert planned(restored) == sorted([*training("linear"), *after])
    pairs.write_text(PAIRS)
    before, entry, rest = smoke.read_text().partition("  correlated_pairs:")
    smoke.write_text(before + entry + rest.replace("steps: 300", "steps: 301"))
    assert planned(restored) == sorted([*training("relu"), *after])


def test_unpacked_by_another_program_it_is_up_to_date_as_well(archive, tmp_path):
    folder = tmp_path / "unzipped"
    subprocess.run([sys.executable, "-m", "zipfile", "-e", archive, folder], check=True)
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=folder, check=True)
    assert "nothing to compute" in snakemake(folder, "-n")


def verify(path: Path, *what: str) -> int:
    return verify_command(Namespace(archive=path, retrain=list(what), cores="2"))


def test_all_built_again_has_the_same_bytes(archive, capfd, monkeypatch, built):
    monkeypatch.setattr(sources, "PROJECT", built)
    assert verify(archive, "all") == 0
    told = capfd.readouterr().out
    assert "Every file is there, and agrees with its checksum." in told
    compared = re.search(r"Of (\d+) sources, (\d+) are those of commit [0-9a-f]{12}\.\n", told)
    assert compared[1] == compared[2]
    # The page tells of one machine in its last section.
    assert re.search(r"(\d+) files, of which \1 are the same, 1 of them in the part that was", told)
    _, closing = told.split("Nothing that was compared is wrong.\n")
    assert closing.splitlines()[1] == "  results: results/report.html"
    assert "sources: " not in closing
    assert closing.endswith("itself: archive.json, ro-crate-metadata.json\n")


def test_nothing_in_a_folder_is_run_when_it_is_built_in(built, tmp_path):
    settings = load(*(built / name for name in CONFIG)).model_dump(mode="json", exclude_unset=True)
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(settings))
    for name in ("snakemake", "superposition", "numpy"):
        (tmp_path / f"{name}.py").write_text(f"open('{tmp_path}/ran', 'w')")
    build_in(tmp_path, ["results/data/correlated_pairs.csv"], "1")
    assert (tmp_path / "results/data/correlated_pairs.csv").is_file()
    assert not (tmp_path / "ran").exists()


def test_cells_may_be_named_in_any_order(archive, built_again):
    for cells in (CELLS, reversed(CELLS)):
        assert verify(archive, *cells) == 0


def test_a_sample_is_named_so_that_it_can_be_had_again(archive, capfd, monkeypatch, built_again):
    monkeypatch.setattr(rebuild, "_SECONDS", 0.0)
    assert verify(archive, "sample") == 0
    told = capfd.readouterr().out
    assert re.search(r"Building 1 of 2 cells again, .*--retrain correlated_pairs/relu_p0", told)
    with pytest.raises(UserError, match="There is no cell 'nowhere'"):
        verify(archive, "nowhere")


def rewritten(path: Path, output: Path, changes: dict[str, bytes]) -> Path:
    """Write the archive with other contents, and checksums to match."""
    with ZipFile(path) as opened:
        contents = {name: opened.read(name) for name in opened.namelist()} | changes
    del contents["SHA256SUMS"]
    pack(output, contents, contents.__getitem__)
    return output


@pytest.fixture
def built_again(built, monkeypatch) -> None:
    """Have a build give what it gave before."""

    def build(folder: Path, files: list[str], cores: str) -> None:
        for file in files or [*Plan(load(folder / "config.yaml")).results(), "results/report.html"]:
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(built / file, folder / file)

    monkeypatch.setattr(rebuild, "build_in", build)


@pytest.fixture
def forged(built, built_again, archive, tmp_path) -> Path:
    """An archive with one weight altered."""
    cells = weights.load(built / WEIGHTS)
    W = cells["relu_p0.05"].W
    W[0, 0, 0] = np.nextafter(W[0, 0, 0], np.float32(1))
    weights.save(tmp_path / "forged", cells)
    changes = {WEIGHTS: (tmp_path / "forged").read_bytes()}
    return rewritten(archive, tmp_path / "forged.zip", changes)


def test_altered_weights_whose_checksum_agrees_are_found_by_training_again(forged, capfd):
    assert verify(forged, "none") == 0
    assert verify(forged, CELL) == 1
    told = capfd.readouterr().out
    assert f"altered: {WEIGHTS}: built again, it is different: relu_p0.05: in the runs" in told
    assert "Built again: 2 files, of which 1 are the same." in told
    assert verify(forged, "correlated_pairs/relu_p0.0025") == 0


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("results/metrics/correlated_pairs.runs.csv", "different"),
        ("results/figures/compression.png", "different"),
        ("results/figures/compression.csv", "different"),
        ("results/claims.json", "different"),
        ("results/report.html", "different"),
        (WEIGHTS, "different: in what is not of the cells"),
    ],
)
def test_with_all_built_again_any_altered_result_is_found(
    archive, built, built_again, tmp_path, capfd, name, message
):
    content = (built / name).read_bytes()
    changed = content.replace(b'version\\":\\"0', b'version\\":\\"9') if name == WEIGHTS else b"?"
    assert changed != content
    assert verify(archive, "all") == 0
    assert verify(rewritten(archive, tmp_path / "a.zip", {name: changed}), "all") == 1
    told = capfd.readouterr().out
    assert f"altered: {name}: built again, it is {message}." in told
    assert "1 altered." in told


def test_what_other_code_made_is_not_called_altered(forged, capfd, tmp_path):
    with ZipFile(forged) as opened:
        description = json.loads(opened.read("archive.json"))
    description["stages"]["train"]["code"] = "0123456789abcdef"
    changes = {"archive.json": json.dumps(description).encode()}
    assert verify(rewritten(forged, tmp_path / "other.zip", changes), CELL) == 3
    told = capfd.readouterr().out
    assert f"made by another version: {WEIGHTS}: built again, it is different" in told
    assert "here are other code or libraries for: train" in told


@pytest.mark.parametrize("command", ["archive", "restore"])
def test_a_full_disk_is_told_and_nothing_is_left_on_it(built, archive, tmp_path, command):
    with disk(tmp_path / "disk") as small:
        small.leave_free(1 << 20)
        output = str(small.folder / "output")
        identity = Plan(load(*(built / name for name in CONFIG))).identity()
        arguments = {
            "archive": ["--built", identity, "--output", output, "--config", *CONFIG],
            "restore": [str(archive), output],
        }[command]
        here = ["env", f"--chdir={built}", sys.executable, "-m", "superposition"]
        environment = {"PYTHONPATH": str(built / "src")}
        done = run(*small.command(*here, command, *arguments), variables=environment)
        assert done.returncode == 1
        assert done.stderr.startswith(f"error: Cannot write {output}: No space left on device. The")
        assert len(done.stderr.splitlines()) == 1
        assert list(small.content.iterdir()) == []


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
    given = {"output": tmp_path / "a.zip", "built": Plan(load(*CONFIG)).identity()}
    with pytest.raises(UserError, match=r"Not committed: README.md, new.py\..*--uncommitted"):
        archive_command(options(**given))
    assert not given["output"].exists()
    archive_command(options(**given, uncommitted=True))
    assert verify(given["output"], "none") == 0
    assert "but for changes in README.md, new.py; results of" in capsys.readouterr().out


def test_settings_that_stand_in_no_archived_file_are_refused(built, tmp_path, monkeypatch):
    monkeypatch.chdir(built)
    with pytest.raises(UserError, match="settings that are in no file"):
        archive_command(options(tmp_path / "a.zip", built="other"))
    (tmp_path / "mine.yaml").write_text("seed: 1\n")
    with pytest.raises(UserError, match=r"mine.yaml would not be in the archive"):
        archive_command(options(tmp_path / "a.zip", config=[*CONFIG, str(tmp_path / "mine.yaml")]))


def test_results_that_are_not_up_to_date_are_refused(restored, built, monkeypatch):
    shutil.copytree(built / ".git", restored / ".git")
    (restored / "tests/pairs.yaml").write_text(PAIRS + "seed: 1\n")
    git(restored, "commit", "--all", "-m", "Another seed")
    monkeypatch.chdir(restored)
    monkeypatch.setenv("PYTHONPATH", str(restored / "src"))
    with pytest.raises(UserError, match=r"The results are not up to date: .*correlated_pairs"):
        archive_command(options("a.zip"))


@pytest.mark.parametrize("how", ["as it is", "unpacked"])
def test_roc_validator_finds_a_workflow_run_crate(archive, tmp_path, how, request):
    """In a process of its own, as it changes how libraries behave; without a network."""
    # The validator stumbles over spaces in paths.
    if how == "unpacked":
        crate = request.getfixturevalue("restored").rename(tmp_path / "crate")
    else:
        crate = shutil.copy(archive, tmp_path / "crate.zip")
    issues = json.loads(output(Path(__file__).with_name("validate_crate.py"), crate, tmp_path))
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
