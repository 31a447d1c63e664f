"""The profile for clusters: on a real SLURM of one node, and what of it can be told without one."""

import importlib.util
import os
import re
import shutil
import signal
import subprocess

import pytest
import yaml
from processes import output
from project import ROOT, Project, wait_for

from superposition.config.load import load
from superposition.workflow.plan import Plan

PROFILE = "workflow/profiles/slurm"
NODE = ROOT / "tests" / "slurm" / "one_node.sh"
PLUGIN = "snakemake_executor_plugin_slurm"
# One density of the introduction, and as many steps as there can be: it trains until it is stopped.
ENDLESS = "only: [intro]\nruns_per_job: 32\nexperiments:\n  intro: {runs: 2, "
ENDLESS += "feature_probability: [1.0], training: {steps: 50000000}}\n"
# There is no accounting, and jobs of seconds are asked for more often than those of minutes.
HERE = ["--slurm-status-command", "squeue", "--slurm-init-seconds-before-status-checks", "5"]
HERE += ["--latency-wait", "5", "--slurm-keep-successful-logs"]
# A job is up to eight trainings of an experiment of the smoke configuration, or of dictionaries.
JOBS_OF_SLURM = 10 + 2
THERE = ("train", "find the features")


def why_not() -> str:
    """Return what a SLURM lacks here, or nothing."""
    if importlib.util.find_spec(PLUGIN) is None:
        return "Snakemake's plugin is not installed (make slurm)"
    missing = [name for name in ("slurmctld", "slurmd", "munged") if not shutil.which(name)]
    if missing:
        return f"{', '.join(missing)} not installed (Debian: slurmctld slurmd slurm-client munge)"
    if os.geteuid() != 0:
        return "only root can start one"
    return ""


@pytest.fixture(scope="module")
def slurm(tmp_path_factory):
    if reason := why_not():
        pytest.skip(f"No SLURM here: {reason}.")
    folder = tmp_path_factory.mktemp("slurm")
    # To files: the daemons inherit them, and a pipe would stay open for as long as they live.
    with (folder / "started.txt").open("w") as output:
        command = ["bash", NODE, "start", folder, "4"]
        code = subprocess.run(command, stdout=output, stderr=output, check=False).returncode
    said = (folder / "started.txt").read_text()
    if code == 3:
        pytest.skip(f"No SLURM of our own here: {said}")
    try:
        assert code == 0, said
        yield folder
    finally:
        subprocess.run(["bash", NODE, "stop", folder], check=False, capture_output=True)


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Project:
    return Project.new(tmp_path_factory.mktemp("cluster") / "project")


def on_slurm(*more: str) -> list[str]:
    return ["--profile", PROFILE, *HERE, *more]


@pytest.mark.slow
def test_all_that_is_built_on_slurm_is_the_same_bytes_as_here(slurm, project, tmp_path):
    local, remote = project.copy(tmp_path / "local"), project.copy(tmp_path / "remote")
    commands, planned = local.commands("--cores", "2"), local.planned()
    remote.succeeded(*on_slurm())
    logs = list((remote.folder / ".snakemake" / "slurm_logs").rglob("*.log"))
    assert len(logs) == JOBS_OF_SLURM
    ran = "".join(log.read_text() for log in logs)
    there = {job for job in planned if job.startswith(THERE)}
    assert set(re.findall(r"^Job \d+: (.*)$", ran, flags=re.MULTILINE)) == there
    for arguments in ([], on_slurm()):
        assert "nothing to compute" in remote.snakemake("--dry-run", *arguments).stdout
    # The jobs of a local build, without the time that sixty processes take to start.
    done = local.run(commands)
    assert done.stdout.splitlines()[-1] == str([0] * len(commands)), done.stderr
    assert remote.contents() == local.contents()


@pytest.mark.slow
def test_jobs_that_outlive_their_build_on_slurm_publish_nothing(slurm, project, tmp_path):
    killed = project.copy(tmp_path / "killed")
    (killed.folder / "tests" / "endless.yaml").write_text(ENDLESS)
    wanted = ["--", "results/weights/intro.safetensors"]
    build = killed.start("tests/endless.yaml", *on_slurm(*wanted))
    try:
        log = killed.folder / "results/logs/train/intro/relu_p1/0-1.log"
        wait_for(lambda: log.is_file() and "%" in log.read_text(), 240)
    finally:
        os.killpg(build.pid, signal.SIGKILL)
        build.wait()
    killed.planned()  # whatever Snakemake does next, it takes over the folder
    wait_for(lambda: not queue(), 240)
    assert "The build that started this job was killed" in log.read_text()
    assert list((killed.folder / "results" / "runs").rglob("*.safetensors")) == []


def queue() -> str:
    command = ["squeue", "--noheader", "--states=PENDING,RUNNING"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_the_profile_groups_what_is_quick_and_says_what_the_rest_needs():
    profile = yaml.safe_load((ROOT / PROFILE / "config.yaml").read_text())
    grouped = {rule.partition("=")[0] for rule in profile["groups"]}
    local = (ROOT / "Snakefile").read_text().partition("localrules:")[2].partition("\n\n")[0]
    here = set(re.findall(r"\w+", local))
    rules = "".join(file.read_text() for file in (ROOT / "workflow/rules").glob("*.smk"))
    parts = {part.split(":")[0]: part for part in re.split(r"^rule ", rules, flags=re.M)[1:]}
    computing = {name for name, part in parts.items() if "shell:" in part}
    assert grouped == {"train"}
    # A group with trainings of several experiments may hold one that starts from another's weights.
    assert profile["group-components"] == ["cells_{experiment}=8"]
    assert computing - here == grouped | {"dictionaries", "trial"}
    for name in computing - here:
        assert {"mem_mb", "runtime"} <= set(re.findall(r"^        (\w+)=", parts[name], re.M))


def test_a_second_try_of_a_training_gets_twice_the_time():
    class Wanted:
        experiment, group, first, last = "intro", "relu_p1", "0", "31"

    plan = Plan(load(ROOT / "config.yaml"))
    minutes = plan.minutes_of_training(Wanted())
    assert minutes >= 4
    assert plan.minutes_of_training(Wanted(), attempt=2) == 2 * minutes
    assert plan.threads_of(None)(Wanted()) == 1


def test_what_is_pinned_for_clusters_fits_what_is_installed_beside_it():
    pins = (ROOT / "workflow/envs/slurm.lock").read_text()
    names = set(re.findall(r"^([a-z-]+)==[\d.]+ \\$", pins, re.M))
    asked = (ROOT / "workflow/envs/slurm.in").read_text()
    assert names == set(re.findall(r"^[a-z-]+", asked, re.M))
    if importlib.util.find_spec(PLUGIN) is None:
        pytest.skip("Snakemake's plugin is not installed (make slurm).")
    code = "import sys; from importlib.metadata import requires, version\n"
    code += "from packaging.requirements import Requirement\n"
    code += "for name in sys.argv[1:]:\n"
    code += "    for wanted in map(Requirement, requires(name) or []):\n"
    code += "        assert wanted.specifier.contains(version(wanted.name)), wanted\n"
    output("-c", code, *sorted(names))
