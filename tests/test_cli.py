"""The command line, as a person meets it."""

import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import pytest
import yaml
from cells import small
from processes import loaded, python, run

from superposition.base import environment
from superposition.base.files import write_text
from superposition.base.progress import Progress
from superposition.base.shipped import PRESETS
from superposition.base.version import VERSION
from superposition.cli import main, parser

ROOT = Path(__file__).resolve().parents[1]


def error_of(capsys, *arguments: str) -> str:
    assert main(arguments) == 1
    told = capsys.readouterr().err
    assert told.startswith("error: ")
    return told


def test_help_imports_nothing_heavy():
    heavy = {"numpy", "torch", "numba", "pandas", "matplotlib", "pydantic"}
    assert not heavy & loaded("import superposition.cli as c; c.parser()")


def test_help_lists_every_command(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    told = capsys.readouterr().out
    people, stages = told.split("\nstages, which the workflow runs")
    for command in ("train", "plot", "claims", "config", "verify", "archive", "restore"):
        assert f"\n    {command} " in people
    for command in ("data", "export", "measure", "judge", "report", "readme", "schema"):
        assert f"\n    {command} " in stages
    [choices] = (action.choices for action in parser()._actions if action.choices)
    assert all(f"\n    {name} " in told for name in choices)


def test_the_version_is_that_of_the_package_and_of_its_citation(capsys):
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"superposition {VERSION}\n"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == VERSION
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))["version"] == VERSION


def test_a_command_names_the_extra_that_it_needs(capsys, monkeypatch):
    """Of a library that no extra has, there is a traceback: something is broken."""
    monkeypatch.setattr(environment, "find_spec", lambda name: None)
    for name, extra in (("jinja2", "workflow"), ("torch.nn", "torch"), ("numpy", None)):
        error = ModuleNotFoundError(f"No module named '{name}'", name=name)
        monkeypatch.setattr("superposition.workflow.commands.schema", Mock(side_effect=error))
        if extra is None:
            with pytest.raises(ModuleNotFoundError):
                main(["schema"])
            continue
        told = error_of(capsys, "schema")
        library = name.partition(".")[0]
        assert told == (
            f"error: superposition schema needs {library}, which is not installed. Install it "
            f"with: pip install 'superposition[{extra}]'\n"
        )


def test_a_configuration_to_change_is_printed(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("config.yaml").touch()  # as a shell does that is to write it
    for preset, file in PRESETS.items():
        assert main(["config", preset]) == 0
        assert capsys.readouterr().out == (ROOT / file).read_text(encoding="utf-8")
    assert {ROOT / file for file in PRESETS.values()} == {
        ROOT / "config.yaml",
        *(ROOT / "workflow/presets").iterdir(),
    }


def test_a_mistake_ends_with_one_message_and_no_traceback():
    done = python("-m", "superposition", "train", "demonstration/relu_p0.02", cwd=ROOT)
    assert done.returncode == 1
    assert done.stderr.startswith("error: There is no cell 'demonstration/relu_p0.02'. There are ")
    assert "demonstration/relu_p0.01" in done.stderr
    assert len(done.stderr) < 300
    assert "Traceback" not in done.stderr


def test_make_leaves_it_to_snakemake_whether_a_result_is_up_to_date(tmp_path):
    file = "results/figures/intro.svg"
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).touch()
    done = run(
        "make",
        "--no-print-directory",
        "-n",
        "-f",
        ROOT / "Makefile",
        file,
        "CORES=3",
        "ARGS=-n",
        cwd=tmp_path,
    )
    assert done.stdout.endswith(f"snakemake --cores 3 -n -- {file}\n")


@pytest.mark.parametrize("command", ["judge", "constructed", "explorer"])
def test_where_a_part_is_built_the_rest_can_be_left_out(capsys, command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config, there = ["--config", str(ROOT / "config.yaml")], ["intro", "square"]
    for name in there:
        write_text(f"results/weights/{name}.safetensors", "")
    told = error_of(capsys, command, *config)
    assert " is missing, and others are there. Run make; or leave out what is not built" in told
    # What is told does it: now these are read, which are no weights.
    Path("mine.yaml").write_text(told.splitlines()[1])
    told = error_of(capsys, command, *config, "mine.yaml")
    assert "intro.safetensors: damaged, or no weights file" in told


@pytest.mark.parametrize("text", ["0", "3-1", "a-b", "-", "1-"])
def test_runs_are_two_numbers_in_order(capsys, text):
    told = error_of(capsys, "train", "intro/relu_p1", f"--runs={text}")
    assert "expected the first and the last run" in told


@pytest.mark.parametrize("text", ["0", "-2", "two"])
def test_there_is_a_thread_to_train_with(capsys, text):
    with pytest.raises(SystemExit):
        main(["train", "intro/relu_p1", f"--threads={text}"])
    assert f"argument --threads: is {text}; expected at least 1" in capsys.readouterr().err


def test_runs_that_a_cell_does_not_have_are_refused(capsys):
    told = error_of(capsys, "train", "intro/relu_p1", "--runs=60-64")
    assert "has runs 0 to 63; got --runs 60-64" in told


def test_what_another_engine_trains_stays_apart_from_the_runs_of_a_build(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_text("config.yaml", yaml.safe_dump(small(runs=2, training={"steps": 2, "batch": 16})))
    for engine, folder in (("torch", "torch"), ("fused", "runs")):
        assert main(["train", "pairs/relu_p0.1", "--engine", engine]) == 0
        assert Path(f"results/{folder}/pairs/relu_p0.1/0-1.safetensors").is_file()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--run", "64"], "has runs 0 to 63; got --run 64"),
        (["--step", "5000"], "has steps 0 to 4999; got --step 5000"),
    ],
)
def test_a_batch_that_no_run_saw_is_refused(capsys, monkeypatch, arguments, message):
    monkeypatch.chdir(ROOT)
    assert message in error_of(capsys, "batch", "intro/relu_p1", *arguments)


def test_any_batch_of_any_run_can_be_written_out(monkeypatch, tmp_path):
    import numpy as np

    monkeypatch.chdir(ROOT)
    csv, npy = tmp_path / "x.csv", tmp_path / "x.npy"
    for output in (csv, npy):
        arguments = ["intro/relu_p0.2", "--run", "3", "--step", "7"]
        assert main(["batch", *arguments, "--output", str(output)]) == 0
    x = np.load(npy)
    assert x.shape == (1024, 5)
    assert abs((x > 0).mean() - 0.2) < 0.03
    assert csv.read_text().startswith("x0,x1,x2,x3,x4\n")
    assert np.array_equal(np.loadtxt(csv, delimiter=",", skiprows=1, dtype=np.float32), x)


def test_an_outdated_schema_is_told_and_left_alone(capsys, tmp_path):
    file = tmp_path / "schema.json"
    assert main(["schema", "--check", "--output", str(file)]) == 1
    assert not file.exists()
    assert main(["schema", "--output", str(file)]) == 0
    assert main(["schema", "--check", "--output", str(file)]) == 0


def test_progress_in_a_log_is_a_line_a_second_with_a_percentage(capsys):
    clock = SimpleNamespace(now=0.0)
    progress = Progress("relu", sys.stderr, lambda: clock.now)
    for done in range(1, 41):
        clock.now += 0.25
        progress(done, 40)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 10
    assert lines[0] == "relu: 10 % after 1.0 s, 9 s to go"
    assert lines[-1] == "relu: 100 % after 10.0 s"


def test_code_or_settings_other_than_planned_are_refused(capsys, monkeypatch, tmp_path):
    from superposition.config.load import load
    from superposition.workflow.code_version import STAGES
    from superposition.workflow.plan import Plan

    config = ["--config", str(ROOT / "config.yaml"), str(ROOT / "tests/smoke.yaml")]
    plan = Plan(load(*config[1:]))
    settings = plan.settings_of_data(SimpleNamespace(experiment="intro"))
    monkeypatch.chdir(tmp_path)
    told = error_of(capsys, "data", "intro", *config, "--code", "0123456789abcdef")
    assert "The code of this stage changed while the build was running" in told
    told = error_of(capsys, "data", "intro", *config, "--settings", "0123456789abcdef")
    assert "planned with other settings than the configuration has" in told
    assert "By hand, name its files" in told
    assert not list(tmp_path.iterdir())
    planned = ["--code", STAGES["data"].code(), "--settings", settings]
    assert main(["data", "intro", *config, *planned]) == 0
    assert (tmp_path / "results/data/intro.csv").exists()


def test_the_torch_engine_is_other_code_than_the_compiled_one():
    from superposition.workflow.code_version import STAGES, training_stage

    assert training_stage("torch") is STAGES["train with torch"]
    for engine in ("cuda", "fused", "auto", None):
        assert training_stage(engine) is STAGES["train"]
