"""The figures there are: found by listing the package, in the paper's order, each on its own."""

import ast
import re
from pathlib import Path

import pytest
from processes import loaded

import superposition.figures
from superposition import figures
from superposition.base.errors import UserError
from superposition.config.load import load
from superposition.figures import FIGURES, SECTIONS, plotting

FOLDER = Path(superposition.figures.__file__).parent
MODULES = sorted(FOLDER.rglob("*.py"))


def test_no_figure_is_imported_before_it_is_asked_for():
    assert "matplotlib" not in loaded("import superposition.figures")
    modules = loaded("import superposition.figures; superposition.figures.spec('intro')")
    assert {name for name in FIGURES if f"superposition.figures.{name}" in modules} == {"intro"}


def test_figures_stand_in_the_papers_order():
    specs = list(FIGURES.values())
    places = [(SECTIONS.index(spec.section), spec.place) for spec in specs]
    assert places == sorted(set(places))
    assert {spec.section for spec in specs} == set(SECTIONS)


@pytest.mark.parametrize("name", FIGURES)
def test_a_spec_says_what_the_figure_shows(name):
    spec = FIGURES[name]
    assert spec.title
    assert spec.caption.endswith(".")
    assert set(spec.experiments) <= set(load("config.yaml").experiments)


def test_numbers_in_captions_are_constants_that_they_are_written_from():
    """A number that stands there itself would stay when the setting or what is found changes."""
    number = re.compile(r"(?<![\w^√])\d+(\.\d+)?")
    for module in MODULES:
        for node in ast.parse(module.read_text(encoding="utf-8")).body:
            names = {ast.unparse(name) for name in getattr(node, "targets", ())}
            if names & {"SPEC", "RUNS"}:
                written = [one.value for one in ast.walk(node) if isinstance(one, ast.Constant)]
                words = " ".join(one for one in written if isinstance(one, str))
                words = re.sub(r"\(\d{4}\)", "", words)  # years of papers
                there = {found[0] for found in number.finditer(words)}
                assert there <= {"0", "1"}, module


def test_a_figure_that_there_is_not_or_without_its_cells_is_refused():
    with pytest.raises(UserError, match=r"no figure 'itro'; did you mean intro\?"):
        figures.spec("itro")
    with pytest.raises(UserError, match="there are intro, intro_notebook, legend"):
        plotting.plot("0", [])
    assert "style" not in FIGURES
    with pytest.raises(UserError, match="Figure intro shows experiment intro"):
        plotting.plot("intro", [])


def test_a_new_figure_is_a_new_module(tmp_path, monkeypatch):
    text = (FOLDER / "intro.py").read_text(encoding="utf-8")
    text = text.replace('section="Introduction"', 'section="Our own"')
    (tmp_path / "own_figure.py").write_text(text, encoding="utf-8")
    monkeypatch.setattr(figures, "__path__", [*figures.__path__, str(tmp_path)])
    monkeypatch.setattr(figures, "_names", figures._names.__wrapped__)
    assert list(FIGURES)[-1] == "own_figure"
    assert figures.spec("own_figure").experiments == ("intro",)


def test_a_figures_code_is_its_own_module_and_what_all_share():
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                names = {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
                assert not names & {f"superposition.figures.{name}" for name in FIGURES}, module


def test_colours_are_named_in_one_module():
    literal = re.compile(r"#[0-9A-Fa-f]{6}|colormaps|color_sequences|\"(white|black|gr[ae]y|red)\"")
    for module in MODULES:
        if module.name != "style.py":
            found = literal.search(module.read_text(encoding="utf-8"))
            assert not found, f"{module.name}: {found}"
