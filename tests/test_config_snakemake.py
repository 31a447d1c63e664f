"""The configuration as Snakemake is given it: what is refused before it is read, and handed on."""

import json
import os
import random
import string
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from cells import SMALL, small
from processes import run
from project import Project

from superposition.base.errors import UserError
from superposition.base.shipped import PRESETS
from superposition.config.load import load
from superposition.config.messages import ConfigError
from superposition.workflow.configuration import hand_on, laid_over, resolve
from superposition.workflow.plan import Plan

ROOT = Path(__file__).parents[1]

BUILD = SimpleNamespace(config=None)
"""Options of a command that a build calls."""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SUPERPOSITION_CONFIG", "")
    write("config.yaml", SMALL)
    return tmp_path


def write(name: str, content: object) -> None:
    Path(name).write_text(yaml.safe_dump(content), encoding="utf-8")


def given(*files: str, config: tuple[str, ...] = (), replace: bool = False) -> SimpleNamespace:
    """Snakemake's workflow with these options, as its Snakefile has it after `configfile:`."""
    absolute = [Path(file).absolute() for file in files]
    settings = SimpleNamespace(
        configfiles=absolute, config_args=list(config), replace_workflow_config=replace
    )
    return SimpleNamespace(config_settings=settings, configfiles=[*absolute, "config.yaml"])


def test_settings_to_lay_over_others_that_are_given_alone_are_told_how(folder):
    write("mine.yaml", {"runs": 3})
    with pytest.raises(ConfigError, match=r"\n.*: --config config\.yaml mine\.yaml$"):
        resolve(SimpleNamespace(config=["mine.yaml"]))


def test_files_are_laid_over_each_other_in_the_order_of_the_command(folder):
    write("one.yaml", {"runs": 1})
    write("two.yaml", {"runs": 2})
    assert laid_over(given("one.yaml", "two.yaml")) == ["config.yaml", "one.yaml", "two.yaml"]
    assert hand_on(given("two.yaml", "one.yaml")).runs == 1
    # The Snakefile's own once more, first or last
    assert laid_over(given("config.yaml", "one.yaml")) == ["config.yaml", "one.yaml"]
    write("config.yaml", SMALL | {"runs": 3})
    assert hand_on(given("one.yaml", "config.yaml")).runs == 3
    # --replace-workflow-config
    write("one.yaml", SMALL)
    assert hand_on(given("one.yaml", replace=True)).runs == 32
    assert hand_on(given("one.yaml")).runs == 3


def test_option_is_read_as_a_file_would_be(folder):
    pairs = ('training={"steps": 50, "batch": 8}', "explanations=true", "only=[pairs]", "runs=2")
    config = hand_on(given(config=pairs))
    assert (config.training.steps, config.training.batch, config.runs) == (50, 8, 2)
    assert (config.explanations, config.only) == (True, ("pairs",))


@pytest.mark.parametrize(
    ("pair", "told"),
    [
        ("runs=", "--config: runs is empty. Give a value, or remove it."),
        ("runs=010", "--config runs, line 1, column 1: 010 is 8 to some readers of YAML only"),
        ("training={steps: 1, steps: 2}", "the key steps is given twice in one section"),
        ("training={steps: 0.5}", "--config: training.steps is 0.5; expected a whole number."),
        ("training={steps", "--config training, line 2, column 1: this is not valid YAML"),
        ("a=3", "--config: a is not a key here; expected one of engine"),
    ],
)
def test_mistake_in_an_option_is_explained(folder, pair, told):
    write("config.yaml", small(runs=100_000))
    with pytest.raises(ConfigError) as error:
        hand_on(given(config=(pair,)))
    assert told in str(error.value)


def test_more_jobs_than_can_be_planned_are_refused_and_no_preset_has_them(folder):
    write("config.yaml", small(runs=100_000))
    told = "make 400,000 training jobs, 400,000 of them for experiments.pairs; "
    with pytest.raises(UserError, match=told):
        Plan(hand_on(given(config=("runs_per_job=1",)))).check_jobs()
    for preset in PRESETS.values():
        Plan(load(ROOT / "config.yaml", ROOT / preset)).check_jobs()


def test_jobs_are_told_settings_of_any_size_as_they_were_read(folder):
    noise = random.Random(0).choices(string.ascii_letters + '{}"%$\\\n é', k=300_000)
    content = small(description="".join(noise), n_features=10_000, importance=[0.1] * 10_000)
    write("config.yaml", content)
    config = hand_on(given())
    write("config.yaml", SMALL)
    assert resolve(BUILD) == config
    # No string of an environment or a command may be longer than 128 KiB.
    assert len(os.environ["SUPERPOSITION_CONFIG"]) < 1000
    # Another build or dry run of the folder does not change what these jobs are told.
    told = os.environ["SUPERPOSITION_CONFIG"]
    hand_on(given())
    assert json.loads(Path(told).read_text(encoding="utf-8")) == content


CODE = """__use_yte__: true
__definitions__:
  - import pathlib; pathlib.Path("ran").touch()
runs: 4
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    project = Project.new(tmp_path_factory.mktemp("project") / "project")
    (project.folder / "code.yaml").write_text(CODE, encoding="utf-8")
    (project.folder / "other").mkdir()
    (project.folder / "other/config.yaml").write_text("configfile: code.yaml\n", encoding="utf-8")
    return project


@pytest.mark.parametrize(
    ("options", "file"),
    [
        (("--configfile", "code.yaml"), "code.yaml"),
        (("--profile", "other"), "code.yaml"),
        (("--workflow-profile", "none", "--configfile", "code.yaml"), "code.yaml"),
        (("--directory", "elsewhere"), "config.yaml"),
    ],
)
def test_code_in_a_configuration_is_refused_and_not_run(project, options, file):
    elsewhere = project.folder / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    (elsewhere / "config.yaml").write_text(CODE, encoding="utf-8")
    command = [*project.command()[:3], "--dry-run", *options]
    done = run(*command, cwd=project.folder, variables=project.variables())
    assert done.returncode == 1
    assert f"error: {file}: __use_yte__ has Snakemake run code" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(project.folder.rglob("ran"))


def test_workflow_runs_in_another_folder_with_its_own_configuration(project, tmp_path):
    command = [*project.command()[:3], "--dry-run", "--snakefile", f"{project.folder}/Snakefile"]
    command += ["--printshellcmds", "--configfile", f"{project.folder}/tests/smoke.yaml"]
    done = run(*command, cwd=tmp_path, variables=project.variables())
    assert done.returncode == 0, done.stderr
    assert "train intro relu_p0.1 runs 0–1" in done.stdout + done.stderr
