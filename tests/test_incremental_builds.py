"""A small build that is edited, robbed of files, stopped in the middle of every stage, and resumed.

Its jobs run with an observer (`OBSERVER`), which notes what of the package each of them loads and
reads, and can hold one still while it writes a result.
"""

import ast
import base64
import json
import os
import random
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from blueprint import PAGE, Job, downstream, jobs_of, plan_in, rerun, signed
from disks import disk
from processes import python, run
from project import SMOKE, Project, wait_for

from superposition.workflow.code_version import STAGES, figure_stage
from superposition.workflow.provenance import record_name

pytestmark = pytest.mark.slow

JOB = re.compile(r"^Job \d+: (.*)$", flags=re.MULTILINE)
OBSERVER = """
import atexit, json, os, sys, time

def watched(event, arguments):
    if event != "open" or not isinstance(arguments[0], str):
        return
    path = arguments[0]
    code = path.endswith(".py") or "/__pycache__/" in path
    if "/src/superposition/" in path and not code:
        frame = sys._getframe(1)
        while frame and not frame.f_code.co_filename.endswith("source_digest.py"):
            frame = frame.f_back
        if not frame:  # source_digest reads every file, and uses none
            opened.add(path)
    # Being put in place: the file is written, under its temporary name, and asks for its turn.
    if stage == os.environ.get("HOLD") and path.endswith("superposition.build"):
        frame = sys._getframe(1)
        while frame and frame.f_code.co_name != "put_in_place":
            frame = frame.f_back
        if frame:
            hold(next(iter(frame.f_locals["self"].whole.values())))

def hold(path):
    folder = os.environ["HELD"]
    if not os.path.exists(folder):
        os.mkdir(folder)
        with open(os.path.join(folder, "job"), "w") as file:
            file.write(f"{os.getpid()} {path}")
        while not os.path.exists(os.path.join(folder, "go on")):
            time.sleep(0.05)

def note():
    modules = [name for name in sys.modules if name.partition(".")[0] == "superposition"]
    seen = {"command": command[:2], "modules": modules, "opened": sorted(opened)}
    with open(os.path.join(os.environ["SEEN"], f"{os.getpid()}.json"), "w") as file:
        json.dump(seen, file)

words = list(getattr(sys, "orig_argv", []))
if "superposition" in words and "SEEN" in os.environ:
    command, opened = words[words.index("superposition") + 1:], set()
    stage = command[0]
    sys.addaudithook(watched)
    atexit.register(note)
"""
# Parts of the package that run in jobs, and decide no byte of results: what they resolve to is in
# the settings that Snakemake compares.
GLUE = ("__init__", "cli", "base", "config", "workflow", "figures/__init__")


class Observed(Project):
    """A project whose jobs are observed."""

    def variables(self) -> dict[str, str]:
        beside = self.folder.parent / "observer"
        paths = [str(beside), str(self.folder / "src")]
        return {"PYTHONPATH": os.pathsep.join(paths), "SEEN": str(beside / "seen")}


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Observed:
    folder = tmp_path_factory.mktemp("incremental")
    (folder / "observer" / "seen").mkdir(parents=True)
    (folder / "observer" / "sitecustomize.py").write_text(OBSERVER)
    project = Observed(Project.new(folder / "finished").folder)
    # The experiments in another order than in config.yaml, which decides it.
    settings = yaml.safe_load((project.folder / SMOKE).read_text(encoding="utf-8"))
    settings["only"] = ["intro", "enumerated", "enumerated_sets"]
    settings["experiments"]["intro"]["feature_probability"] = [1.0]
    (project.folder / SMOKE).write_text(yaml.safe_dump(settings), encoding="utf-8")
    project.build()
    return project


@pytest.fixture
def project(finished: Observed) -> Iterator[Observed]:
    folder = finished.folder.parent / "build"
    yield Observed(finished.copy(folder).folder)
    shutil.rmtree(folder)


def settle(project: Project, **keys) -> None:
    """Edit the settings of a project: keys of experiments, as experiment=dict of keys."""
    settings = yaml.safe_load((project.folder / SMOKE).read_text(encoding="utf-8"))
    for name, new in keys.items():
        settings["experiments"][name].update(new)
    (project.folder / SMOKE).write_text(yaml.safe_dump(settings), encoding="utf-8")


def recorded(folder: Path) -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    """Return the inputs and the parameters that Snakemake has recorded for each file."""
    found = {}
    for file in (folder / ".snakemake/metadata").rglob("*"):
        if file.is_file():
            parts = file.relative_to(folder / ".snakemake/metadata").parts
            name = base64.b64decode("".join(part.removeprefix("@") for part in parts)).decode()
            record = json.loads(file.read_text(encoding="utf-8"))
            found[name] = (frozenset(record["input"]), frozenset(record["params"]))
    return found


def as_recorded(job: Job) -> tuple[frozenset[str], frozenset[str]]:
    """Return what Snakemake records of a job; it writes a text in quotes, as for a shell."""
    return job.inputs, frozenset(map(repr, job.params))


def test_jobs_are_given_what_was_said_that_they_are(finished):
    # With this, what test_incremental_settings derives is what Snakemake compares.
    expected = {
        file: as_recorded(job)
        for job in jobs_of(plan_in(finished), signed).values()
        for file in job.outputs
    }
    assert recorded(finished.folder) == expected


@pytest.mark.parametrize(
    "edit",
    [
        {"intro": {"description": "Reworded"}},
        {"enumerated": {"evaluation_samples": 4097}},
        {"enumerated_sets": {"models": ["relu", "linear"]}, "intro": {"runs_per_job": 3}},
    ],
)
def test_snakemake_reruns_what_was_derived(project, edit):
    before = jobs_of(plan_in(project))
    settle(project, **edit)
    expected = rerun(before, jobs_of(plan_in(project)))
    assert project.planned() == sorted(expected)


def test_no_job_loads_or_reads_more_of_the_package_than_its_digest_covers(finished):
    seen = finished.folder.parent.glob("observer/seen/*")
    jobs = [json.loads(file.read_text()) for file in seen]
    stages = {" ".join(job["command"][: 1 + (job["command"][0] == "plot")]): job for job in jobs}
    figures = {f"plot {name}" for name in plan_in(finished).figures}
    # No build has torch train or compares recipes; constructed solutions are measured as all are.
    known = {name: STAGES[name] for name in STAGES.keys() - {"train with torch", "compare"}}
    known |= {"constructed": STAGES["measure"]}
    assert stages.keys() == known.keys() | figures
    package = f"{finished.folder / 'src' / 'superposition'}{os.sep}"
    for name, each in stages.items():
        stage = figure_stage(name.split(" ")[1]) if name.startswith("plot ") else known[name]
        modules = (module.partition(".")[2] for module in each["modules"])
        loaded = {module.replace(".", "/") or "__init__" for module in modules}
        read = {path.removeprefix(package) for path in each["opened"]}
        parts = {part.removesuffix(".py") for part in (*stage.parts, *GLUE)}
        # Whoever imports a module of a package imports the package.
        parents = {str(parent) for part in parts for parent in Path(part).parents}
        outside = {
            one
            for one in (loaded | read) - parents
            if not any(f"{one}/".startswith(f"{part}/") for part in parts)
        }
        assert outside == set(), name


TOGETHER = [
    ["metrics/intro.runs.csv", "figures/enumeration.pdf", "report.html", "explorer.html"],
    ["metrics/enumerated.features.csv", "claims.md"],
    ["dictionaries/enumerated_sets.csv", "constructed.csv", "figures/intro.csv"],
    ["runs/intro/relu_p1/0-1.safetensors", "data/enumerated.csv", "figures/compression.png"],
    ["weights/enumerated.safetensors", "figures/intro.svg"],
    ["dictionaries/enumerated.safetensors", "claims.json"],
]
"""What is deleted; which jobs make it again, and what comes after those, says `blueprint`."""


def test_every_kind_of_result_is_deleted(finished):
    kinds = {kind_of(name) for name in finished.contents()}
    elsewhere = {("claims.csv", ".csv"), ("claims.numbers.csv", ".csv"), ("data", ".sample.csv")}
    assert {kind_of(name) for names in TOGETHER for name in names} == kinds - elsewhere


def kind_of(name: str) -> tuple[str, str]:
    path = Path(name)
    ending = "".join(path.suffixes) if path.parts[0] in ("metrics", "data") else path.suffix
    return path.parts[0], ending


@pytest.mark.parametrize("names", TOGETHER, ids=lambda names: names[0])
def test_a_deleted_result_is_made_again_with_what_follows_from_it(project, names):
    for name in names:
        (project.folder / "results" / name).unlink()
    jobs = jobs_of(plan_in(project))
    deleted = {f"results/{name}" for name in names}
    begun = {name for name, job in jobs.items() if job.outputs & deleted}
    assert len(begun) == len(names)
    assert project.planned() == sorted(begun | downstream(jobs, begun))


def test_a_copy_with_other_dates_and_every_module_written_anew_has_nothing_to_do(project):
    source = project.folder / "src" / "superposition"
    for file in source.rglob("*.py"):
        code = ast.unparse(ast.parse(file.read_text(encoding="utf-8")))
        file.write_text(f"# Written anew.\n{code}\n", encoding="utf-8")
    project.append("environment.yml", "# A remark.\n")
    # Results that look older than what they were made from, and than what was made from them.
    results = sorted(file for file in (project.folder / "results").rglob("*") if file.is_file())
    for k, file in enumerate(reversed(results)):
        os.utime(file, (1e9 + k, 1e9 + k))
    (project.folder / "config.yaml").touch()
    assert project.planned() == []
    project.append("src/superposition/report/__init__.py")
    assert project.planned() == [PAGE]


def test_results_copied_without_snakemakes_records_are_built_again_and_it_is_said(
    project, finished
):
    shutil.rmtree(project.folder / ".snakemake")
    # Whatever their dates, and again if asked again.
    for _ in range(2):
        done = project.snakemake("--dry-run", "--printshellcmds")
        assert "files in results/ have no record of how they were made: copied" in done.stdout
        assert "copy .snakemake/metadata from where it was built" in done.stdout
        assert set(JOB.findall(done.stdout)) == jobs_of(plan_in(project)).keys()
    # What it says to do if they are to stay; then edits are noticed.
    records = ".snakemake/metadata"
    shutil.copytree(finished.folder / records, project.folder / records, dirs_exist_ok=True)
    done = project.snakemake("--dry-run")
    assert "no record" not in done.stdout
    assert "nothing to compute" in done.stdout
    settle(project, intro={"feature_probability": [0.5]})
    assert "train intro relu_p0.5 runs 0–1" in project.planned()


def test_results_without_a_record_are_taken_as_they_are_if_asked(project):
    shutil.rmtree(project.folder / ".snakemake")
    before = project.identities()
    project.succeeded("--cores", "1", "--touch")
    assert project.identities() == before
    assert "no record" not in project.snakemake("--dry-run").stdout
    assert project.planned() == []


def test_a_result_whose_record_was_cut_short_by_a_full_disk_is_built_again(project, finished):
    record = project.folder / record_name("results/metrics/intro.runs.csv")
    record.write_bytes(record.read_bytes()[:40])
    begun = {"measure intro"}
    assert project.build() == sorted(begun | downstream(jobs_of(plan_in(project)), begun))
    assert project.contents() == finished.contents()
    assert project.planned() == []


# How a build is stopped, and whom the signal reaches. Of any three of these that lie three apart,
# no two have the same signal, and no two reach the same.
STOPS = [
    (signal.SIGINT, "parent"),
    (signal.SIGINT, "child"),
    (signal.SIGINT, "all"),
    (signal.SIGTERM, "child"),
    (signal.SIGTERM, "all"),
    (signal.SIGTERM, "parent"),
    (signal.SIGKILL, "all"),
    (signal.SIGKILL, "parent"),
    (signal.SIGKILL, "child"),
]
# Every stage in every one of these ways takes nine tests, some minutes, and this variable. Without
# it there are three tests: every signal in every stage, and everyone it can reach in every stage.
CHAINS = range(0, len(STOPS), 1 if os.environ.get("SUPERPOSITION_ALL_STOPS") else 3)
# A file of each of these stages, without which it runs.
FIRST = {
    "data": "data/intro.csv",
    "train": "runs/intro/relu_p1/0-1.safetensors",
    "export": "weights/intro.safetensors",
    "measure": "metrics/intro.runs.csv",
    "dictionaries": "dictionaries/enumerated.safetensors",
    "plot": "figures/enumeration.svg",
    "judge": "claims.json",
    "report": "report.html",
}


@pytest.mark.parametrize("first", CHAINS)
def test_a_build_stopped_in_the_middle_of_every_stage_ends_with_the_same_bytes(
    project, finished, first
):
    """Each stage is stopped in another way, and finished by the build that the next stop ends."""
    whole, killed, before = finished.contents(), False, None
    for k, stage in enumerate(FIRST):
        how, whom = STOPS[(first + k) % len(STOPS)]
        case = f"{stage}, {how.name} to {whom}"
        (project.folder / "results" / FIRST[stage]).unlink(missing_ok=True)
        told = stopped(project, stage, how, whom)
        assert ("its lock is removed" in told) == killed, (case, told)
        assert "Traceback" not in told, (case, told)
        contents = project.contents()
        # Every file is whole, and what the stop before had left undone is there again.
        wrong = {name for name, content in contents.items() if content != whole.get(name)}
        assert {name for name in wrong if ".unfinished-" not in name} == set(), case
        # Nothing waits for the data, which may come last.
        assert before in (None, FIRST["data"]) or before in contents, case
        # Asked to end, Snakemake lets jobs finish that were not asked themselves.
        finishes = how != signal.SIGKILL and whom == "parent"
        assert (FIRST[stage] in contents) == finishes, (case, told)
        killed, before = how == signal.SIGKILL and whom != "child", FIRST[stage]
    told = project.snakemake("--cores", "2").stdout
    assert ("its lock is removed" in told) == killed, told
    assert project.contents() == whole
    assert project.planned() == []


def stopped(project: Observed, stage: str, how: signal.Signals, whom: str) -> str:
    """Stop a build while a stage puts a result in place; return what the build has said."""
    held = project.folder.parent / f"held in {stage}"
    shutil.rmtree(held, ignore_errors=True)
    process = project.start("--cores", "1", HOLD=stage, HELD=str(held))
    wait_for(lambda: (held / "job").exists() and (held / "job").read_text())
    job, _, file = (held / "job").read_text().partition(" ")
    assert Path(project.folder, file).stat().st_size
    if whom == "all":
        os.killpg(process.pid, how)
    else:
        os.kill(process.pid if whom == "parent" else int(job), how)
    if how == signal.SIGKILL and whom == "parent":
        process.wait(120)
    if how == signal.SIGKILL and whom != "child":
        # A later build has begun: what is left of this one must not write, though it could.
        (project.folder / ".snakemake/superposition.build").write_text("another token")
    (held / "go on").touch()
    assert process.wait(120) != 0
    wait_for(lambda: not is_running(int(job)))
    return project.told()


def is_running(process: int) -> bool:
    state = run("ps", "-o", "state=", "-p", process).stdout.strip()
    return state != "" and not state.startswith("Z")


KILL = """
import os, signal, sys

def watched(event, arguments):
    global left
    if event in ("os.rename", "os.remove", "os.mkdir") or event == "open" and arguments[1] == "w":
        left -= 1
        if not left:
            own = os.environ["KILL_ALL"] == "0"
            (os.kill if own else os.killpg)(os.getpid(), signal.SIGKILL)

if "snakemake" in sys.orig_argv:
    left = int(os.environ["KILL_AT"])
    sys.addaudithook(watched)
"""
SEED = int(os.environ.get("SUPERPOSITION_SEED") or random.randrange(1 << 32))


def test_builds_killed_at_fifty_random_moments_end_in_the_bytes_of_an_undisturbed_one(
    project, finished, tmp_path
):
    print(f"SUPERPOSITION_SEED={SEED} kills at the same moments again")
    chance, whole = random.Random(SEED), finished.contents()
    commands, derived = project.commands(), jobs_of(plan_in(project)).values()
    jobs = []
    for stage, file in FIRST.items():
        [outputs] = [job.outputs for job in derived if f"results/{file}" in job.outputs]
        command = next(one for one in commands if makes(one, stage, file))
        jobs.append((command, sorted(outputs)))
    script = Path(__file__).with_name("random_kills.py")
    done = python(
        script, SEED, 44, cwd=project.folder, input=json.dumps(jobs), variables=project.variables()
    )
    assert done.returncode == 0, done.stderr
    assert project.contents() == whole
    (tmp_path / "sitecustomize.py").write_text(KILL)
    paths = os.pathsep.join([str(tmp_path), str(project.folder / "src")])
    for _ in range(6):
        for name in chance.sample(sorted(whole), 3):
            (project.folder / "results" / name).unlink(missing_ok=True)
        at, everyone = str(chance.randrange(1, 60)), str(chance.randrange(2))
        project.start("--cores", "2", PYTHONPATH=paths, KILL_AT=at, KILL_ALL=everyone).wait(240)
    project.build()
    assert project.contents() == whole
    assert project.planned() == []


def makes(command: list[str], stage: str, file: str) -> bool:
    """Whether a command is of this stage, and makes this file."""
    what = command[1]
    if command[0] == "train":
        what += f"/{command[command.index('--runs') + 1]}"
    return command[0] == stage and (what.startswith("--") or what in file)


def test_of_builds_that_begin_at_once_one_runs_and_the_others_say_why_not(project, finished):
    (project.folder / "results" / FIRST["measure"]).unlink()
    builds = [project.start("--cores", "1", output=f"{k}.txt") for k in range(2)]
    codes = [build.wait(240) for build in builds]
    told = [(project.folder / f"{k}.txt").read_text() for k in range(2)]
    assert 0 in codes, told
    for code, text in zip(codes, told, strict=True):
        assert "Traceback" not in text
        assert code == 0 or "Another build" in text
    assert project.contents() == finished.contents()


UNLOCK = """
import os, shutil, sys

def watched(event, arguments):
    if event == "open" and str(arguments[0]).endswith(".input.lock") and arguments[1] == "w":
        shutil.rmtree(os.path.dirname(arguments[0]))

sys.addaudithook(watched)
"""


def test_a_build_that_ends_while_another_begins_is_named_as_the_reason(project, tmp_path):
    # At its end, a build removes the folder into which this one is about to write its lock.
    (tmp_path / "sitecustomize.py").write_text(UNLOCK)
    paths = os.pathsep.join([str(tmp_path), str(project.folder / "src")])
    (project.folder / "results" / FIRST["measure"]).unlink()
    told = project.failed(PYTHONPATH=paths)
    assert "Another build seems to be running in this folder, or ended just as" in told
    project.build()
    assert project.planned() == []


@pytest.mark.parametrize("what", ["results", "."])
def test_read_only_results_are_told_before_anything_runs(project, what):
    (project.folder / "results" / FIRST["measure"]).unlink()
    with disk(project.folder / what) as small:
        shutil.copytree(small.folder, small.content, dirs_exist_ok=True)
        small.remount("ro")
        here = small.command("env", f"--chdir={project.folder}", *project.command("--cores", "1"))
        done = run(*here, variables=project.variables(), stderr=subprocess.STDOUT)
    assert done.returncode == 1
    assert "Read-only file system" in done.stdout
    assert "Traceback" not in done.stdout
