"""Jobs of a build that was killed write nothing; what they left half-written is cleared away."""

import ast
import fcntl
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from superposition import lifetime
from superposition.cli import main
from superposition.errors import UserError
from superposition.files import atomic_path, clear_unfinished, write_text
from superposition.progress import Progress

SOURCES = Path(lifetime.__file__).parent


@pytest.fixture(autouse=True)
def let_go(monkeypatch):
    monkeypatch.setenv(lifetime.VARIABLE, "")  # so that what a build sets is taken back
    monkeypatch.delenv(lifetime.VARIABLE)
    yield
    end_build()


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / ".snakemake"
    folder.mkdir()
    return folder


def end_build() -> None:
    """End the build as the death of its process would."""
    while lifetime._held:
        lifetime._held.pop().close()


def test_a_job_writes_while_its_build_is_alive_and_not_once_it_is_killed(state, tmp_path):
    lifetime.announce(state)
    write_text(tmp_path / "a.txt", "first")
    end_build()
    with pytest.raises(UserError, match="The build that started this job was killed"):
        write_text(tmp_path / "a.txt", "second")
    assert (tmp_path / "a.txt").read_text() == "first"
    assert {file.name for file in tmp_path.iterdir()} == {".snakemake", "a.txt"}


def test_a_later_build_does_not_stand_in_for_the_one_that_was_killed(state, tmp_path, monkeypatch):
    lifetime.announce(state)
    dead = os.environ[lifetime.VARIABLE]
    end_build()
    lifetime.settle(state)
    lifetime.announce(state)
    assert lifetime.build_is_alive()
    monkeypatch.setenv(lifetime.VARIABLE, dead)
    assert not lifetime.build_is_alive()


def test_a_new_build_waits_for_what_is_being_put_in_place_and_no_longer(state):
    lifetime.announce(state)
    settled = threading.Event()

    def next_build():
        lifetime.settle(state)
        settled.set()

    with lifetime.publishing():
        thread = threading.Thread(target=next_build)
        thread.start()
        assert not settled.wait(0.3)
    assert settled.wait(30)
    thread.join()


def test_settling_forgets_dead_builds_and_no_living_one(state):
    lifetime.announce(state)
    end_build()
    lifetime.announce(state)
    alive = os.environ[lifetime.VARIABLE]
    assert len(list(state.glob("*.build"))) == 2
    lifetime.settle(state)
    assert [str(file) for file in state.glob("*.build")] == [alive]
    assert lifetime.build_is_alive()


def test_a_build_whose_folder_is_gone_counts_as_killed(state, tmp_path):
    lifetime.announce(state)
    for file in state.iterdir():
        file.unlink()
    state.rmdir()
    with pytest.raises(UserError, match="was killed"):
        write_text(tmp_path / "a.txt", "text")


def test_by_hand_nothing_is_asked_of_any_build(tmp_path):
    write_text(tmp_path / "a.txt", "text")
    assert (tmp_path / "a.txt").read_text() == "text"


def test_a_build_is_known_to_be_dead_however_it_ends(state):
    code = (
        "import os, sys, signal, pathlib; from superposition import lifetime;"
        "lifetime.announce(pathlib.Path(sys.argv[1]));"
        "print(os.environ[lifetime.VARIABLE], lifetime.build_is_alive(), flush=True);"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(state)], capture_output=True, text=True, check=False
    )
    name, _, alive = done.stdout.strip().rpartition(" ")
    assert alive == "True", done.stderr
    os.environ[lifetime.VARIABLE] = name
    assert not lifetime.build_is_alive()


def test_a_training_ends_with_the_build_that_started_it(state, capsys):
    lifetime.announce(state)
    progress = Progress("x")
    progress(2, 2)
    end_build()
    with pytest.raises(UserError, match="was killed"):
        progress(2, 2)


def test_a_command_of_a_killed_build_ends_with_one_message(state, tmp_path, capsys):
    lifetime.announce(state)
    end_build()
    settings = '{"features":{"n_features":2,"feature_probability":[1,1]},"seed":0,"samples":4}'
    output = tmp_path / "new" / "sample.safetensors"
    assert main(["data", "--settings", settings, "--output", str(output)]) == 1
    assert "error: The build that started this job was killed" in capsys.readouterr().err
    assert list(output.parent.iterdir()) == []


def test_every_file_of_the_package_is_put_in_place_by_the_same_function():
    writers = {"write_text", "write_bytes", "replace", "rename", "savetxt", "to_csv", "savefig"}
    for file in SOURCES.rglob("*.py"):
        if file.name in ("files.py", "lifetime.py", "digests.py"):
            continue  # these say how; digests keeps what is no result
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            method = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if method and node.func.attr in writers:
                assert innocent(node), f"{file.name}:{node.lineno} writes past atomic_path"


def innocent(call: ast.Call) -> bool:
    """Tell whether a call writes to a temporary path, or into a string, or no file at all."""
    texts = {node.id for node in ast.walk(call) if isinstance(node, ast.Name)}
    strings = call.func.attr == "replace" and len(call.args) >= 2
    return strings or bool(texts & {"temporary", "in_memory"}) or not call.args


@pytest.fixture
def unfinished(tmp_path: Path) -> Path:
    """Return a file that a killed process was writing."""
    code = (
        "import sys, os, signal; from superposition.files import atomic_path\n"
        "with atomic_path(sys.argv[1]) as temporary:\n"
        "    temporary.write_text('half'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    path = tmp_path / "results" / "metrics" / "intro" / "relu_p1.runs.csv"
    subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    [left] = path.parent.iterdir()
    return left


def test_what_a_killed_process_left_half_written_is_cleared(unfinished, tmp_path):
    assert unfinished.name.startswith(".relu_p1.runs.unfinished-")
    clear_unfinished(tmp_path / "results")
    assert not unfinished.exists()


def test_what_a_living_process_writes_is_left_alone(tmp_path):
    path = tmp_path / "results" / "claims.json"
    with atomic_path(path) as temporary:
        temporary.write_text("whole")
        clear_unfinished(tmp_path / "results")
        assert temporary.exists()
    assert path.read_text() == "whole"


@pytest.mark.parametrize(
    "name", [".hidden.json", ".claims-ab12cd34.json", "a.unfinished-ab12cd34.csv", ".gitkeep"]
)
def test_files_of_other_names_are_left_alone(tmp_path, name):
    (tmp_path / name).write_text("not ours")
    clear_unfinished(tmp_path)
    assert (tmp_path / name).exists()


def test_a_file_system_without_locks_clears_nothing_and_writes(tmp_path, unfinished, monkeypatch):
    def none(*_):
        raise OSError("no locks available")

    monkeypatch.setattr(fcntl, "flock", none)
    clear_unfinished(tmp_path)
    assert unfinished.exists()
    (tmp_path / ".snakemake").mkdir()
    lifetime.announce(tmp_path / ".snakemake")
    assert lifetime.VARIABLE not in os.environ
    write_text(tmp_path / "a.txt", "text")
    assert (tmp_path / "a.txt").exists()
