"""The command line, as a person meets it."""

import subprocess
import sys
from pathlib import Path

import pytest

from superposition.cli import main
from superposition.progress import Progress

ROOT = Path(__file__).resolve().parents[1]


def run(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "superposition", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def error_of(capsys, *arguments: str) -> str:
    assert main(arguments) == 1
    told = capsys.readouterr().err
    assert told.startswith("error: ")
    return told


def test_help_imports_nothing_heavy():
    code = "import sys, superposition.cli as c; c.parser(); print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"numpy", "torch", "numba", "pandas", "matplotlib", "pydantic"}
    assert not heavy & set(found.stdout.split())


def test_help_lists_every_command(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    told = capsys.readouterr().out
    for command in ("data", "train", "export", "measure", "plot", "judge", "claims", "verify"):
        assert f"\n    {command} " in told


def test_a_mistake_ends_with_one_message_and_no_traceback():
    done = run("train", "--cell", "demonstration/relu_p0.02")
    assert done.returncode == 1
    assert done.stderr.startswith("error: There is no cell 'demonstration/relu_p0.02'. There are ")
    assert "demonstration/relu_p0.01" in done.stderr
    assert len(done.stderr) < 300
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("text", ["0", "3-1", "a-b", "-", "1-"])
def test_runs_are_two_numbers_in_order(capsys, text):
    told = error_of(capsys, "train", "--cell", "intro/relu_p1", "--runs", text)
    assert "expected the first and the last run" in told


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--run", "0"], "--batch and --run go together"),
        (["--run", "64", "--batch", "0"], "has runs 0 to 63"),
        (["--run", "0", "--batch", "10000"], "has steps 0 to 9999"),
    ],
)
def test_a_batch_that_was_never_drawn_is_refused(capsys, monkeypatch, arguments, message):
    monkeypatch.chdir(ROOT)
    assert message in error_of(capsys, "data", "--cell", "intro/relu_p1", *arguments)


def test_any_batch_of_any_run_can_be_written_out(monkeypatch, tmp_path):
    import numpy as np

    monkeypatch.chdir(ROOT)
    csv, npy = tmp_path / "x.csv", tmp_path / "x.npy"
    for output in (csv, npy):
        arguments = ["--cell", "intro/relu_p0.2", "--run", "3", "--batch", "7"]
        assert main(["data", *arguments, "--output", str(output)]) == 0
    x = np.load(npy)
    assert x.shape == (1024, 5)
    assert abs((x > 0).mean() - 0.2) < 0.03
    assert csv.read_text().startswith("x0,x1,x2,x3,x4\n")
    assert np.array_equal(np.loadtxt(csv, delimiter=",", skiprows=1, dtype=np.float32), x)


def test_an_unknown_figure_is_answered_with_those_there_are(capsys):
    assert "expected one of intro, " in error_of(capsys, "plot", "no such figure")


def test_missing_verdicts_say_how_to_get_them(capsys, tmp_path):
    assert "Run make" in error_of(capsys, "claims", str(tmp_path / "claims.json"))


def test_an_outdated_schema_is_told_and_left_alone(capsys, tmp_path):
    file = tmp_path / "schema.json"
    assert main(["schema", "--check", "--output", str(file)]) == 1
    assert not file.exists()
    assert main(["schema", "--output", str(file)]) == 0
    assert main(["schema", "--check", "--output", str(file)]) == 0


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_progress_in_a_log_is_a_line_a_second_with_a_percentage(capsys):
    clock = Clock()
    progress = Progress("relu", sys.stderr, clock)
    for done in range(1, 41):
        clock.now += 0.25
        progress(done, 40)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 10
    assert lines[0] == "relu: 10 % after 1.0 s, 9 s to go"
    assert lines[-1] == "relu: 100 % after 10.0 s"


def test_a_command_by_hand_may_name_the_code_it_must_be_and_no_other_is_run(capsys, tmp_path):
    from superposition.signatures import STAGES

    output = tmp_path / "sample.safetensors"
    arguments = ["data", "--output", str(output), "--settings"]
    arguments.append(
        '{"features":{"n_features":2,"feature_probability":[1,1]},"seed":0,"samples":4}'
    )
    told = error_of(capsys, *arguments, "--code", "0123456789abcdef")
    assert "The code of this stage changed while the build was running" in told
    assert "run make again" in told
    assert not output.exists()
    assert main([*arguments, "--code", STAGES["data"].code()]) == 0
    assert output.exists()


def test_the_torch_engine_is_other_code_than_the_compiled_one():
    from superposition.cli import parser
    from superposition.signatures import STAGES, stage_of

    stages = (
        ("torch", "train with torch"),
        ("torch-cuda", "train with torch-cuda"),
        ("cuda", "train"),
        ("fused", "train"),
        ("auto", "train"),
    )
    for engine, stage in stages:
        assert stage_of(parser().parse_args(["train", "--engine", engine])) is STAGES[stage]
