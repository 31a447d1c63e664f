"""Stages whose results meet a full disk: a real one, small, that only the stage itself can see."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import ideal
import pytest

from superposition.weights import save

SPACE = 16 * 1024
SAMPLE = json.dumps(
    {
        "features": {"n_features": 5, "feature_probability": [1, 1, 1, 1, 1]},
        "seed": 0,
        "samples": 4096,
    }
)


def in_a_namespace(script: str, *arguments: str) -> subprocess.CompletedProcess:
    """Run a shell script as the owner of a world of mounts of its own, which goes with it."""
    unshare = ["unshare", "--user", "--map-root-user", "--mount"]
    return subprocess.run(
        [*unshare, "sh", "-c", script, "sh", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


@pytest.fixture(scope="module", autouse=True)
def allowed(tmp_path_factory) -> None:
    if shutil.which("unshare") is None:
        pytest.skip("there is no unshare(1) here")
    script = 'mount -t tmpfs -o size=16k tmpfs "$1"'
    done = in_a_namespace(script, str(tmp_path_factory.mktemp("tried")))
    if done.returncode:
        pytest.skip(f"file systems of one's own are not allowed here: {done.stderr.strip()}")


def run(folder: Path, *command: str) -> tuple[int, str, list[str]]:
    """Run a command with a full disk at `folder`; return its code, its errors and the files."""
    script = (
        f'mount -t tmpfs -o size={SPACE} tmpfs "$1"; cd "$1"; shift; "$@"; code=$?;'
        " ls -A -R; exit $code"
    )
    done = in_a_namespace(script, str(folder), sys.executable, "-m", "superposition", *command)
    return done.returncode, done.stderr, done.stdout.split()


@pytest.fixture
def weights(tmp_path: Path) -> list[str]:
    paths = []
    for name, cell in ideal.intro().items():
        paths.append(tmp_path / "weights" / f"{name}.safetensors")
        save(paths[-1], cell)
    return [str(path) for path in paths]


def test_a_sample_that_does_not_fit_is_told_and_leaves_nothing(tmp_path):
    code, told, files = run(
        tmp_path, "data", "--settings", SAMPLE, "--output", "sample.safetensors"
    )
    assert code == 1
    assert told.startswith("error: Cannot write sample.safetensors: No space left on device.")
    assert "The disk is full: free some space and run the same command again" in told
    assert "Traceback" not in told
    assert files == [".:"]


def test_a_figure_that_does_not_fit_is_told_and_leaves_only_whole_files(tmp_path, weights):
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["plot", "intro", "--weights", *weights, "--folder", "figures"]
    code, told, files = run(folder, *command)
    assert code == 1
    assert "error: Cannot write figures/intro.svg: No space left on device. The disk is" in told
    assert "Traceback" not in told
    assert files == [".:", "figures", "./figures:"]


def test_a_stage_that_fits_is_not_disturbed(tmp_path):
    settings = SAMPLE.replace("4096", "64")
    code, told, files = run(tmp_path, "data", "--settings", settings, "--output", "s.safetensors")
    assert (code, told) == (0, "")
    assert files == [".:", "s.csv", "s.safetensors"]


def test_compiled_code_that_does_not_fit_is_told_and_runs_all_the_same(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "cache").mkdir()
    settings = SAMPLE.replace("4096", "64")
    output = tmp_path / "s.safetensors"
    command = ["data", "--settings", settings, "--output", str(output)]
    code, told, files = run(tmp_path / "cache", *command)
    assert code == 0
    assert told.startswith(f"warning: compiled code could not be kept in {tmp_path / 'cache'}")
    assert "No space left on device" in told
    assert len(told.splitlines()) == 1
    assert not [name for name in files if "code" in name]
    assert output.exists()


def test_a_build_is_stopped_before_anything_is_computed(tmp_path):
    script = (
        f'mount -t tmpfs -o size={SPACE} tmpfs "$1"; cd "$1"; cat /dev/zero >filler 2>/dev/null;'
        ' mkdir results; "$2" -c "$3"; code=$?; ls -A results; exit $code'
    )
    check = "from pathlib import Path; from superposition.builds import check_results\n"
    check += "check_results(Path('results'))"
    done = in_a_namespace(script, str(tmp_path), sys.executable, check)
    assert done.returncode == 1
    assert "Cannot write into results: No space left on device. Nothing was computed" in done.stderr
    assert done.stdout == ""
