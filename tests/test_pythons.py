"""The same bytes from every Python: a small build under others than this one.

They have to have the libraries, and are named by a variable:
SUPERPOSITION_PYTHONS=/somewhere/.venv/bin/python:/elsewhere/.venv/bin/python
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from processes import run
from project import SMOKE, Project

PYTHONS = [one for one in os.environ.get("SUPERPOSITION_PYTHONS", "").split(os.pathsep) if one]


def built(folder: Path, python: str | Path) -> dict[str, bytes]:
    """All results of a build."""
    project = Project.new(folder)
    done = run(
        *(python, "-m", "snakemake", "--cores", "2", "--configfile", SMOKE),
        cwd=folder,
        variables=project.variables(),
        stderr=subprocess.STDOUT,
    )
    assert done.returncode == 0, done.stdout
    return project.contents()


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    return built(tmp_path_factory.mktemp("here") / "project", sys.executable)


@pytest.mark.slow
@pytest.mark.parametrize("python", PYTHONS)
def test_another_python_makes_the_same_bytes(here, tmp_path, python):
    there = built(tmp_path / "project", python)
    assert set(there) == set(here)
    assert [name for name in here if there[name] != here[name]] == []
