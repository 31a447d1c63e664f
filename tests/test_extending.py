"""The page on extensions does what it says, on a copy of the sources."""

import ast
import json
import re

import pytest
from project import ROOT, Project

from superposition.figures import FORMATS

PAGE = (ROOT / "docs/extending.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"<!-- (file|append|edit): (\S+) -->\n```\w+\n(.*?)```\n", re.DOTALL)
EXAMPLE = "only: [seven]\n"


def section(title: str) -> str:
    """The text under a heading of the page."""
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def apply(project: Project, text: str) -> list[str]:
    """Do what the blocks of a text say; return the files that they are about."""
    blocks = BLOCK.findall(text)
    for kind, name, content in blocks:
        path = project.folder / name
        if kind == "edit":
            lines = [(line[:1], line[1:]) for line in content.splitlines(keepends=True)]
            old, new = ("".join(line for sign, line in lines if sign in (s, " ")) for s in "-+")
            project.edit(name, old, new)
        elif kind == "append":
            path.write_text(path.read_text(encoding="utf-8") + content, encoding="utf-8")
        else:
            assert not path.exists()
            path.write_text(content, encoding="utf-8")
    return list(dict.fromkeys(name for _, name, _ in blocks))


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Project:
    return Project.new(tmp_path_factory.mktemp("extending") / "project")


@pytest.mark.slow
def test_an_experiment_its_figure_and_a_claim_are_built(project):
    files = apply(project, section("An experiment and its figure"))
    assert files == ["config.yaml", "src/superposition/figures/seven.py"]
    assert apply(project, section("A claim")) == [
        "src/superposition/claims/sections/introduction.py"
    ]
    (project.folder / "tests/example.yaml").write_text(EXAMPLE)
    figure, tables, claims = "figures/seven", "metrics/seven.features.csv", "claims.json"
    wanted = [f"results/{file}" for file in (f"{figure}.svg", tables, claims)]
    project.build("--configfile", "tests/example.yaml", "--", *wanted)
    results = project.folder / "results"
    assert all((results / f"{figure}.{form}").stat().st_size for form in FORMATS)
    rows = (results / tables).read_text().splitlines()
    assert len(rows) == 1 + 3 * 16 * 7
    judged = json.loads((results / claims).read_text())
    verdicts = {verdict["id"]: verdict for verdict in judged["verdicts"]}
    assert verdicts["E12"]["outcome"] == "replicates"
    assert verdicts["E12"]["checks"][0]["measured"] == [4, 5, 6]
    assert "C1" not in verdicts, "a claim about experiments that were not built"


@pytest.mark.parametrize("title", ["A nonlinearity", "An optimiser"])
def test_other_steps_fit_the_sources_and_are_as_few_as_the_table_says(project, tmp_path, title):
    copy = project.copy(tmp_path / "copy")
    files = apply(copy, section(title))
    assert len(files) == 5
    (row,) = (
        line for line in PAGE.splitlines() if line.startswith("| [") and title.lower() in line
    )
    assert {f"src/superposition/{name}" for name in re.findall("`(.*?)`", row)} == set(files)
    for name in files:
        ast.parse((copy.folder / name).read_text(encoding="utf-8"))
