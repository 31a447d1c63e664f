"""When .venv is kept and when it is made anew, told by interpreters that only pretend."""

import shutil
import subprocess
from pathlib import Path

import pytest
from processes import run

ROOT = Path(__file__).resolve().parents[1]
PARTS = ["workflow/scripts/setup.sh", "workflow/envs/requirements.lock", "pyproject.toml"]
PYTHON = """#!/bin/sh
case "$1 $2" in
    --version*) echo "Python VERSION" ;;
    "-m venv") mkdir -p "$3/bin"; cp "$0" "$3/bin/python" ;;
    *"print("*) echo VERSION ;;
esac
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for part in PARTS:
        (tmp_path / part).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / part, tmp_path / part)
    for version in ("3.11.7", "3.12.4"):
        python = tmp_path / f"python{version}"
        python.write_text(PYTHON.replace("VERSION", version))
        python.chmod(0o755)
    return tmp_path


def setup(folder: Path, python: str = "") -> subprocess.CompletedProcess:
    variables = {"PYTHON": python and f"./{python}"}
    command = ("sh", "workflow/scripts/setup.sh")
    return run(*command, cwd=folder, variables=variables, stderr=subprocess.STDOUT)


def test_an_interpreter_of_another_version_makes_the_environment_anew(folder):
    assert "Setting up .venv with Python 3.11.7" in setup(folder, "python3.11.7").stdout
    told = setup(folder, "python3.12.4").stdout
    assert "The Python asked for is 3.12.4 and that of .venv is 3.11.7, so .venv is made" in told
    assert "Setting up .venv with Python 3.12.4" in told
    assert "echo 3.12.4" in (folder / ".venv/bin/python").read_text()


@pytest.mark.parametrize("python", ["", "python3.11.7"])
def test_the_environment_stays_if_none_or_the_same_is_asked_for(folder, python):
    setup(folder, "python3.11.7")
    done = setup(folder, python)
    assert (done.returncode, done.stdout) == (0, "")


def test_an_interpreter_that_does_not_exist_is_told_and_the_environment_stays(folder):
    setup(folder, "python3.11.7")
    done = setup(folder, "python3.99")
    assert done.returncode == 1
    assert "Python 3.11 or newer is needed" in done.stdout
    assert (folder / ".venv/complete").is_file()


def test_other_pins_make_it_anew(folder):
    setup(folder, "python3.11.7")
    with (folder / "workflow/envs/requirements.lock").open("a") as lock:
        lock.write("another==1.0\n")
    assert "Setting up .venv" in setup(folder, "python3.11.7").stdout
