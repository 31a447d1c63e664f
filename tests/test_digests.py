"""Which edits change the digest of the code that a stage runs."""

import ast
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from superposition.digests import (
    PACKAGE,
    ROOT,
    closure,
    code_digest,
    code_digest_as_last_read,
    versions,
)
from superposition.errors import UserError
from superposition.plotting import FIGURES
from superposition.signatures import STAGES, Stage, figure_stage

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
    for name, stage in STAGES.items():
        reached = closure(*(f"superposition.{module}" for module in stage.modules))
        outside = {"superposition.cli", "superposition.stages", "superposition.config"}
        assert not reached & outside, name


def test_training_does_not_reach_the_other_engine_nor_any_figure_the_other_figures():
    fused = closure("superposition.training.fused")
    assert "superposition.training.reference" not in fused
    modules = {figure.module for figure in FIGURES.values()}
    for module in modules:
        assert closure(module) & modules == {module}


def test_code_that_is_imported_only_to_be_compiled_counts_where_it_decides_bytes():
    drawing = {"drawing", "philox", "lanes", "records", "workers"}
    training = drawing | {"training", "tiles", "backprop", "entries", "products", "shuffles"}
    training |= {"attacks", "options"}
    compiled = {
        "data": drawing,
        "train": training,
        "train with torch": training,
        "train with torch-cuda": training,
        "export": {"evaluation", "lanes", "records", "shuffles", "workers"},
        "measure": set(),
        "dictionaries": drawing | {"dictionaries", "shuffles"},
        "judge": drawing | {"robustness"},
        "report": drawing | {"robustness"},
    }
    for name, stage in STAGES.items():
        reached = closure(*(f"superposition.{module}" for module in stage.modules))
        kernels = {m.rpartition(".")[2] for m in reached if m.startswith("superposition.kernels.")}
        assert kernels == compiled[name], name


def test_what_was_read_last_stays_the_same_until_it_is_read_again(monkeypatch):
    entry = "superposition.philox"
    as_it_is = code_digest(entry)
    monkeypatch.setattr("superposition.digests._read", lambda _: pytest.fail("read again"))
    assert code_digest_as_last_read(entry) == as_it_is


def test_a_digest_that_is_kept_is_the_one_that_is_found(package, tmp_path, monkeypatch):
    caches = [tmp_path.parent / "empty cache", tmp_path.parent / "spoilt cache"]
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(caches[0]))
    expected = fast(package)
    [kept] = (caches[0] / "digests").iterdir()
    assert kept.read_text() == expected == fast(package)
    monkeypatch.setattr("superposition.digests._digest", lambda *_: pytest.fail("found again"))
    assert fast(package) == expected
    monkeypatch.undo()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(caches[0]))
    kept.write_bytes(b"\xff")
    assert fast(package) == expected


def test_without_a_place_to_keep_digests_they_are_found_anew(package, tmp_path, monkeypatch):
    expected = fast(package)
    (tmp_path.parent / "in the way").write_text("")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path.parent / "in the way"))
    assert fast(package) == expected


def test_code_edited_between_the_plan_and_the_job_is_refused_also_if_it_is_edited_back(monkeypatch):
    stage = Stage(("claims",), ())
    planned = stage.code()
    stage.load(planned)
    with pytest.raises(UserError, match="changed while the build was running"):
        stage.load("0" * 16)
    for seen in (["another", planned], [planned, "another"]):
        found = iter(seen)
        monkeypatch.setattr(Stage, "code", lambda _, found=found: next(found))
        with pytest.raises(UserError, match="changed while the build was running"):
            stage.load(planned)


def test_code_that_cannot_be_read_is_not_what_was_planned(monkeypatch):
    def unfinished(_):
        raise SyntaxError("an edit halfway")

    monkeypatch.setattr(Stage, "code", unfinished)
    with pytest.raises(UserError, match="changed while the build was running"):
        STAGES["data"].load("0" * 16)


# Imported by stages whose results do not depend on them.
INNOCENT = {
    "jaxtyping": "annotations",
    "pydantic": "reads the settings of weights, of which measures and figures take numbers",
    "safetensors": "reads weights, whose numbers it cannot change",
}


@pytest.mark.parametrize("name", [*STAGES, *FIGURES])
def test_the_libraries_that_a_stage_imports_are_among_its_parameters(name):
    stage = STAGES[name] if name in STAGES else figure_stage(name)
    owners = packages_distributions()
    imported = {
        owner.lower()
        for module in closure(*(f"superposition.{entry}" for entry in stage.modules))
        for library in libraries_of(module)
        for owner in owners[library]
    }
    assert imported - set(stage.libraries) <= INNOCENT.keys(), "a library is missing in STAGES"
    assert not [pin for pin in stage.versions().split(" ") if "==" not in pin]


@pytest.mark.parametrize("name", ["data", "train", "train with torch", "export", "judge"])
def test_what_writes_settings_or_verdicts_hangs_on_the_libraries_that_lay_them_out(name):
    assert "pydantic" in STAGES[name].libraries
    assert ("safetensors" in STAGES[name].libraries) == (name != "judge")


def libraries_of(module: str) -> set[str]:
    """Return the top-level names of what a module of ours imports from others."""
    path = ROOT.joinpath(*module.split(".")[1:])
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add((node.module or "").partition(".")[0])
    return found - {PACKAGE} - set(sys.stdlib_module_names)
