"""The floors of the package: imports go down, and lint names one that does not."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from processes import run

ROOT = Path(__file__).resolve().parents[1]


def lint(folder: Path) -> subprocess.CompletedProcess:
    variables = {"PYTHONPATH": str(folder / "src"), "NO_COLOR": "1"}
    program = Path(sys.executable).with_name("lint-imports")
    return run(program, "--no-cache", cwd=folder, variables=variables)


@pytest.fixture(autouse=True)
def _copy(tmp_path):
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))


def test_an_import_upwards_is_named_with_both_floors(tmp_path):
    told = lint(tmp_path)
    assert told.returncode == 0, told.stdout
    settings = tmp_path / "src/superposition/config/settings.py"
    settings.write_text("import superposition.claims.claim\n" + settings.read_text())
    told = lint(tmp_path)
    assert told.returncode == 1
    assert "superposition.config is not allowed to import superposition.claims" in told.stdout
    assert "superposition.config.settings -> superposition.claims.claim" in told.stdout


def test_a_new_package_must_be_given_a_floor(tmp_path):
    (tmp_path / "src/superposition/attic").mkdir()
    (tmp_path / "src/superposition/attic/__init__.py").write_text("")
    told = lint(tmp_path)
    assert told.returncode == 1
    assert "superposition.attic" in told.stdout
