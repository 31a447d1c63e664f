"""The real workflow on the smoke configuration: builds, edits, kills, mistakes.

One build is made per session; every test changes a copy of it. Jobs are told by the plain words of
their messages, from a dry run, or from the display of a real one.
"""

import json
import os
import re
import shutil
from pathlib import Path

import pytest
from blueprint import jobs_of, plan_in, rerun
from disks import Disk, disk
from processes import plainer_processor
from project import ROOT, SMOKE, Project, jobs_in, wait_for
from test_report_dictionary import columns, described

from superposition.base.build_token import VARIABLE
from superposition.config.load import load
from superposition.figures import FIGURES
from superposition.workflow.plan import Plan

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def place(tmp_path_factory) -> Path:
    """Return where every test builds: compiled code is kept for the path of its source."""
    return tmp_path_factory.mktemp("place") / "a build"


@pytest.fixture(scope="session")
def finished(place: Path) -> Project:
    project = Project.new(place)
    # With what macOS has. Other builds in these tests, with all of Linux, have to make the same.
    macos = os.pathsep.join([str(ROOT / "tests/macos"), *project.variables().values()])
    jobs = project.build(PYTHONPATH=macos)
    (place / "jobs.txt").write_text("\n".join(jobs))
    return project.copy(place.parent / "finished")


@pytest.fixture
def project(finished: Project, place: Path) -> Project:
    shutil.rmtree(place)
    return finished.copy(place)


CONFIG = load(ROOT / "config.yaml", ROOT / SMOKE)
KERNEL = "src/superposition/kernels/training.py"


def test_a_first_build_runs_every_job_once(finished):
    jobs = (finished.folder / "jobs.txt").read_text().split("\n")
    assert jobs == sorted(jobs_of(Plan(CONFIG)))


def test_a_build_leaves_whole_files_and_no_others_and_an_archive_holds_all_but_the_page(finished):
    contents = finished.contents()
    archived = {name.removeprefix("results/") for name in Plan(CONFIG).results()}
    assert contents.keys() - {"report.html"} == archived
    assert contents["report.html"]
    assert all(contents.values())


def test_every_link_of_the_page_leads_to_a_file_or_to_a_place_in_it(finished):
    results = finished.folder / "results"
    text = (results / "report.html").read_text(encoding="utf-8")
    links = set(re.findall(r'(?:href|src)="([^"]+)"', text))
    files = {link for link in links if not link.startswith(("#", "https:", "data:"))}
    assert {file.partition("/")[0] for file in files} >= {"figures", "weights", "metrics", "data"}
    assert [file for file in files if not (results / file).is_file()] == []
    places = {link[1:] for link in links if link.startswith("#")}
    assert [place for place in places if f'id="{place}"' not in text] == []
    assert "The machine that wrote this page" in text
    assert len(re.findall(r"<tr><th scope=\"row\">train<", text)) == 1


def test_the_data_dictionary_has_every_column_of_every_table(finished):
    results = finished.folder / "results"
    for file in results.rglob("*.csv"):
        name = file.relative_to(results).as_posix()
        if not name.startswith("figures/"):
            assert columns(file) == described(name), name


def test_snakemakes_own_report_has_every_figure_with_caption_category_and_label(project):
    project.succeeded("--cores", "1", "--report", "snakemake.html")
    text = (project.folder / "snakemake.html").read_text(encoding="utf-8")
    for name in Plan(CONFIG).figures:
        assert FIGURES[name].title in text
        section = FIGURES[name].section
        assert section in text or json.dumps(section)[1:-1] in text
    assert "in its two hidden dimensions" in text  # of a caption
    assert "W_i" not in text or "system-message" not in text
    assert not re.findall(r'<(?:script|link)[^>]+(?:src|href)="http', text)


def test_a_second_build_has_nothing_to_do(project):
    assert "nothing to compute" in project.succeeded("--cores", "2")
    assert project.planned() == []


def test_every_result_is_the_same_bytes_on_one_core_of_a_plainer_processor_by_hand(
    project, finished
):
    # The commands of a build on one core, without the time that 46 processes take to start.
    commands = project.commands("--cores", "1")
    words = [" ".join(command) for command in commands]
    threads = {match[1] for text in words if (match := re.search(r"--threads (\d+)", text))}
    assert threads == {"1"}
    shutil.rmtree(project.folder / "results")
    done = project.run(commands, **plainer_processor())
    assert done.stdout.splitlines()[-1] == str([0] * len(commands)), done.stderr
    assert project.contents() == finished.contents()


def one_of_each_stage(commands: list[list[str]]) -> list[list[str]]:
    return list({command[0]: command for command in commands}.values())


def test_no_stage_of_a_killed_build_or_of_other_code_than_planned_writes_a_result(project):
    commands = one_of_each_stage(project.commands())
    assert len(commands) == 10
    latest = project.folder / ".snakemake" / "superposition.build"
    before = project.identities()
    killed = project.run(commands, **{VARIABLE: f"killed {latest}"})
    project.append(KERNEL)
    edited = project.run(commands)
    shutil.copy(ROOT / KERNEL, project.folder / KERNEL)
    for done, told in (
        (killed, "error: The build that started this job was killed"),
        (edited, "error: The code of this stage changed while the build was"),
    ):
        assert done.stdout.splitlines()[-1] == str([1] * 10)
        assert done.stderr.count(told) == 10
    assert project.identities() == before
    # By hand the same commands do write.
    assert project.run(commands).stdout.splitlines()[-1] == str([0] * 10)
    assert project.identities() != before


def test_code_edited_while_a_build_runs_and_edited_back_leaves_no_false_record(project, finished):
    shutil.rmtree(project.folder / "results/runs/intro/relu_p1")
    (project.folder / "results/weights/intro.safetensors").unlink()
    process = project.start("--cores", "1")
    wait_for(lambda: "Building: " in project.told())
    project.append(KERNEL)
    assert process.wait(300) == 1
    shutil.copy(ROOT / KERNEL, project.folder / KERNEL)
    assert "The code of this stage changed while the build was running" in project.told()
    assert "Traceback" not in project.told()
    project.build()
    assert project.contents() == finished.contents()


DENSITY = [
    f"train demonstration {model}_p0.02 runs {runs}"
    for model in ("linear", "relu")
    for runs in ("0–1", "2–3")
]
RUNS = [f"train intro relu_{density} runs 4–5" for density in ("p0.1", "p0.2", "p1")]


@pytest.mark.parametrize(
    ("old", "new", "trained"),
    [
        ("[1.0, 0.1, 0.01]", "[1.0, 0.1, 0.02]", DENSITY),
        ("    runs: 4", "    runs: 6", RUNS),
    ],
)
def test_what_is_new_is_trained_alone_and_the_display_says_so(project, old, new, trained):
    before = project.contents()
    project.edit(SMOKE, old, new)
    expected = rerun(jobs_of(Plan(CONFIG)), jobs_of(plan_in(project)))
    assert sorted(job for job in expected if job.startswith("train ")) == trained
    told = project.succeeded("--cores", "2")
    assert jobs_in(told) == sorted(expected)
    assert f"Building: {len(expected)} jobs to run" in told
    assert "claims replicate" in told
    assert "localrule" not in told
    after = project.contents()
    assert all(after[name] == before[name] for name in before if name.startswith("runs/"))


class OnDisk(Project):
    """A project that is all there is on a small disk."""

    def __init__(self, small: Disk) -> None:
        super().__init__(Project.new(small.content).folder)
        self.disk = small

    def command(self, *arguments: str) -> list[str]:
        return self.disk.command(*super().command(*arguments))

    def variables(self) -> dict[str, str]:
        # Modules compiled to byte code would take up space, if other tests have not made them.
        return {"PYTHONPATH": str(self.disk.folder / "src"), "PYTHONDONTWRITEBYTECODE": "1"}


def test_a_build_whose_disk_is_full_time_and_again_ends_with_the_same_bytes(finished, tmp_path):
    whole, there = finished.contents(), []
    with disk(tmp_path / "disk") as small:
        project = OnDisk(small)
        # Each time some more is free, so that the build gets farther.
        for free in (20_000, 600_000, 1_500_000, 2_000_000):
            small.leave_free(free)
            told = project.failed()
            assert "The disk is full: free some space and run the same command" in told
            contents = project.contents()
            assert {name for name in contents if contents[name] != whole.get(name)} == set()
            there.append(len(contents))
        assert there[0] == 0
        assert 0 < there[-1] < len(whole)
        small.leave_free(1 << 30)
        project.build()
        assert project.contents() == whole
        assert project.planned() == []


def test_a_mistake_in_the_configuration_stops_everything_with_one_message(project):
    before = project.contents()
    project.edit(SMOKE, "[1.0, 0.1, 0.01]", "[1.0, 0.1, 1.5]")
    assert "experiments.demonstration.feature_probability[2] is 1.5" in project.failed()
    assert project.contents() == before


def test_a_failed_job_names_its_experiment_and_shows_the_end_of_its_log(project):
    damaged = project.folder / "results/runs/intro/relu_p1/0-1.safetensors"
    damaged.write_bytes(damaged.read_bytes()[:100])
    told = project.failed()
    assert "FAILED: export intro" in told
    assert "results/logs/export/intro.log, ends:\n  | error: " in told
    assert "The build failed (see above). What is finished stays" in told


@pytest.mark.parametrize(
    ("folder", "told"),
    [
        ("results/runs/intro/relu_p1", "results/runs/intro/relu_p1"),
        ("results", "Cannot write into results: File exists. A file stands"),
    ],
)
def test_a_file_in_the_place_of_a_folder_is_told_without_a_traceback(project, folder, told):
    shutil.rmtree(project.folder / folder)
    (project.folder / folder).write_text("in the way")
    assert told in project.failed()


def test_the_rules_pass_the_linter(project):
    project.succeeded("--lint")
