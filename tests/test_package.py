"""The package that people install: what is in it, and what it runs without."""

import os
import subprocess
import sys
import tarfile
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest
from processes import output, run

from superposition.base import shipped as module
from superposition.base.git import git
from superposition.base.shipped import PRESETS, shipped

ROOT = Path(__file__).resolve().parents[1]
WITHOUT = """
import sys

sys.modules |= dict.fromkeys(["torch", "snakemake", "jinja2", "markupsafe", "beartype"])
import superposition as sp

sweep = sp.experiment("intro", models=["relu"], n_features=5, n_hidden=2, importance=1, runs=2,
                      feature_probability=[1.0, 0.1], training={"steps": 20})
trained = sp.train(sweep, progress=False)
trained.plot("intro").save("intro")
print(len(trained.feature_table()))
"""


@pytest.mark.slow
def test_the_library_trains_and_plots_without_torch_snakemake_and_jinja2(tmp_path):
    told = output("-c", WITHOUT, cwd=tmp_path, variables={"PYTHONPATH": os.pathsep.join(sys.path)})
    assert told == "20\n"
    assert (tmp_path / "intro.svg").is_file()


def test_a_file_of_the_folder_comes_before_the_one_of_the_package(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(module, "_PACKAGED", tmp_path / "packaged")
    (tmp_path / "packaged").mkdir()
    assert shipped("config.yaml") == Path("config.yaml")
    (tmp_path / "packaged/config.yaml").touch()
    assert shipped("config.yaml") == tmp_path / "packaged/config.yaml"
    (tmp_path / "config.yaml").touch()
    assert shipped("config.yaml") == Path("config.yaml")


@pytest.mark.skipif(find_spec("hatchling") is None, reason="hatchling is not installed")
def test_a_wheel_has_settings_and_presets_and_a_source_distribution_all_that_git_has(tmp_path):
    done = run(
        *(sys.executable, "-m", "hatchling", "build", "-d", tmp_path),
        cwd=ROOT,
        stderr=subprocess.STDOUT,
    )
    assert done.returncode == 0, done.stdout
    [wheel], [sdist] = tmp_path.glob("*.whl"), tmp_path.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        for file in (*PRESETS.values(), "workflow/convergence.json", "workflow/recipes.yaml"):
            content = archive.read(f"superposition/shipped/{file}")
            assert content == (ROOT / file).read_bytes()
        [points] = (name for name in names if name.endswith("entry_points.txt"))
        assert "superposition = superposition.__main__:run" in archive.read(points).decode()
    package = (file for file in (ROOT / "src").rglob("*") if file.is_file())
    there = {str(file.relative_to(ROOT / "src")) for file in package if file.suffix != ".pyc"}
    assert {name for name in there if ".egg-info/" not in name} <= names
    if not (ROOT / ".git").exists():
        return
    with tarfile.open(sdist) as archive:
        had = {name.partition("/")[2] for name in archive.getnames()}
    assert set(git(ROOT, "ls-files").splitlines()) <= had
