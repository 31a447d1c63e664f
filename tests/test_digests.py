"""Which edits change the digest of the code that a stage runs."""

from pathlib import Path

import pytest

from superposition.digests import closure, code_digest, versions

MODULES = {
    "__init__.py": '__version__ = "1"\n',
    "engine/__init__.py": (
        "from superposition.shapes import area\n"
        "def run(name):\n"
        "    from superposition.engine import fast, slow\n"
        "    return {'fast': fast, 'slow': slow}[name]\n"
    ),
    "engine/fast.py": (
        '"""Fast."""\n'
        "from superposition.shapes import area\n"
        "def go(x):\n"
        '    """Go."""\n'
        "    from .tables import LIMIT  # late\n"
        "    return area(x) + LIMIT\n"
    ),
    "engine/slow.py": "import json\ndef go(x):\n    return json.dumps(x)\n",
    "engine/tables.py": 'LIMIT = 3\nNAMES = "names.json"\n',
    "shapes.py": "def area(x):\n    return x * x\n",
    "other.py": "import superposition.shapes\nVALUE = 1\n",
    "names.json": "[1]",
    "unused.json": "[2]",
}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    for name, text in MODULES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return tmp_path


def fast(package: Path) -> str:
    return code_digest("superposition.engine.fast", root=package)


def edit(package: Path, name: str, old: str, new: str) -> None:
    path = package / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_stage_reaches_what_its_functions_import_but_not_what_its_parents_functions_import(
    package,
):
    names = closure("superposition.engine.fast", root=package)
    assert names == {
        "superposition",
        "superposition.engine",
        "superposition.engine.fast",
        "superposition.engine.tables",
        "superposition.shapes",
    }


def test_a_package_that_is_an_entry_itself_reaches_everything_its_functions_import(package):
    names = closure("superposition.engine", root=package)
    assert "superposition.engine.slow" in names
    assert "superposition.other" not in names


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("engine/fast.py", "+ LIMIT", "- LIMIT"),
        ("shapes.py", "x * x", "x * x * 1"),
        ("engine/tables.py", "LIMIT = 3", "LIMIT = 4"),
        ("engine/__init__.py", "'fast': fast", "'fast': slow"),
        ("names.json", "1", "9"),
    ],
)
def test_a_real_edit_of_anything_reached_changes_the_digest(package, name, old, new):
    before = fast(package)
    edit(package, name, old, new)
    assert fast(package) != before


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("engine/fast.py", "# late", "# reworded"),
        ("engine/fast.py", '"""Fast."""', '"""Faster."""'),
        ("engine/fast.py", '    """Go."""\n', ""),
        ("shapes.py", "def area(x):\n    return x * x\n", "def area(x):\n\n    return (x*x)\n"),
        ("engine/slow.py", "json.dumps(x)", "json.dumps([x])"),
        ("other.py", "VALUE = 1", "VALUE = 2"),
        ("unused.json", "2", "3"),
    ],
)
def test_rewording_reformatting_and_edits_elsewhere_change_nothing(package, name, old, new):
    before = fast(package)
    edit(package, name, old, new)
    assert fast(package) == before


def test_a_misspelt_module_is_refused(package):
    with pytest.raises(ModuleNotFoundError, match=r"superposition\.engine\.fats"):
        closure("superposition.engine.fats", root=package)


def test_versions_leave_out_the_suffix_of_a_build_and_name_what_is_missing():
    assert "+" not in versions("torch")
    assert versions("no-such-library") == "no-such-library is not installed"


def test_no_stage_reaches_the_configuration_or_the_command_line():
    from superposition.workflow import STAGES

    for name, stage in STAGES.items():
        reached = closure(*(f"superposition.{module}" for module in stage.modules))
        outside = {"superposition.cli", "superposition.stages", "superposition.config"}
        assert not reached & outside, name


def test_training_does_not_reach_the_other_engine_nor_any_figure_the_other_figures():
    from superposition.plotting import FIGURES

    fused = closure("superposition.training.fused")
    assert "superposition.training.reference" not in fused
    modules = {figure.module for figure in FIGURES.values()}
    for module in modules:
        assert closure(module) & modules == {module}
