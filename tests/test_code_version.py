"""Which edits of the package rerun which stages: shown by edits of every file and library."""

import ast
import re
import shutil
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from test_environment import imported

from superposition.base import source_digest as digests
from superposition.base.errors import UserError
from superposition.base.source_digest import ROOT, source_digest, versions
from superposition.figures import FIGURES
from superposition.workflow.code_version import STAGES, Stage, figure_stage

EVERY_STAGE = {**STAGES, **{name: figure_stage(name) for name in FIGURES}}
FILES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in ROOT.rglob("*")
    if path.suffix in (".py", ".json", ".html", ".css", ".js")
)
MODULES = [name for name in FILES if name.endswith(".py")]


@pytest.fixture(scope="module")
def package(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("copy") / "superposition"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def version(stage: Stage, package: Path) -> str:
    return source_digest(*stage.parts, omit=stage.omit, root=package)


def reached(name: str) -> set[str]:
    """Return the stages whose code an edit of a file changes, as the floors say."""
    floor, _, rest = name.partition("/")
    figures = {f for f in FIGURES if name == f"figures/{f}.py"}
    shared = set(FIGURES) if re.match(r"figures/(parts/|style|plotting|files)", name) else set()
    page, pages = {"report"}, {"report", "explorer"}
    above = {
        "kernels": set(EVERY_STAGE),
        "sampling": set(EVERY_STAGE),
        "model": set(EVERY_STAGE) - {"data"},
        "training": set(EVERY_STAGE) - {"data"},
        "measure": set(FIGURES) | {"measure", "dictionaries", "compare", "judge"} | pages,
        "reference": set(FIGURES) | {"measure", "dictionaries", "compare", "judge"} | pages,
        "claims": {"judge"} | page,
        "figures": figures | shared | pages,
        "report": page,
        "explorer": {"explorer"},
    }
    parts = ("arrays", "canonical", "portable_math", "tables", "version")
    if name in ("config/derived.py", "config/models.py", *(f"base/{part}.py" for part in parts)):
        return set(EVERY_STAGE)
    if rest.startswith("cuda/") or name == "training/memory.py":
        return set()  # the bytes of the kernels, whose code counts; no bytes
    if name == "base/sealed.py":
        return set(FIGURES) | {"judge"} | page
    if name == "convergence/evidence.py":
        return {"compare", "judge"} | page
    if re.match("convergence/(comparison|families|quantities)", name):
        return {"compare"}
    if name == "training/reference.py":
        return {"train with torch"}
    if name in ("training/evaluate.py", "model/checking.py"):
        return above["training"] - {"train", "train with torch"}
    return above.get(floor, set())


def test_an_edit_of_a_file_reaches_its_floor_and_those_above_and_no_other_stage(package):
    before = {name: version(stage, package) for name, stage in EVERY_STAGE.items()}
    assert before == {name: stage.code() for name, stage in EVERY_STAGE.items()}
    for name in FILES:
        path = package / name
        content = path.read_bytes()
        path.write_bytes(content + (b"\nUNUSED = 1\n" if path.suffix == ".py" else b" "))
        after = {
            stage for stage in EVERY_STAGE if version(EVERY_STAGE[stage], package) != before[stage]
        }
        path.write_bytes(content)
        assert after == reached(name), name


@pytest.mark.parametrize("name", MODULES)
def test_a_module_counts_as_what_it_does_and_not_as_it_is_written(name):
    source = (ROOT / name).read_text(encoding="utf-8")
    before = digests.module_digest(source)
    tree = ast.parse(source)
    assert digests.module_digest(f"{source}\n\n# A remark.\n") == before
    # Every line of code is written anew, every comment lost.
    assert digests.module_digest(ast.unparse(tree)) == before
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            node.value.value = "Reworded."
    assert digests.module_digest(ast.unparse(tree)) == before
    assert digests.module_digest(f"{source}\ndel __doc__\n") != before


@cache
def imports(name: str) -> frozenset[str]:
    """Return the package's files that a module imports, inside functions as well."""
    found = set()
    for node in ast.walk(ast.parse((ROOT / name).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("superposition"):
            modules = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            paths = ("/".join(module.split(".")[1:]) for module in modules if module)
            found |= {file for path in paths for file in (f"{path}.py", f"{path}/__init__.py")}
    return frozenset(found & set(MODULES))


@pytest.mark.parametrize("name", EVERY_STAGE)
def test_the_code_of_a_stage_imports_nothing_that_does_not_count(name):
    """But for what decides no byte: where files go, and how settings come about."""
    stage = EVERY_STAGE[name]
    inside = modules_of(stage)
    innocent = {f for f in MODULES if f.startswith(("base/", "config/"))} | set(
        f for f in MODULES if is_in(f, stage.omit)
    )
    outside = {file for module in inside for file in imports(module)} - inside - innocent
    # Packages that say what there is: importing them runs no code of other parts.
    assert outside <= {"figures/__init__.py", "figures/parts/__init__.py"}


def modules_of(stage: Stage) -> set[str]:
    return {file for file in MODULES if is_in(file, stage.parts) and not is_in(file, stage.omit)}


def is_in(file: str, parts: tuple[str, ...]) -> bool:
    return any(f"{file}/".startswith(f"{part}/") for part in parts)


def test_a_part_that_is_not_there_is_refused():
    with pytest.raises(FileNotFoundError, match=r"superposition has no kernel$"):
        source_digest("kernel")


def test_versions_leave_out_the_suffix_of_a_build_and_name_what_is_missing():
    assert "+" not in versions("torch")
    assert versions("no-such-library") == "no-such-library is not installed"


def test_a_digest_that_is_kept_is_the_one_that_is_found(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))
    expected = source_digest("kernels")
    [kept] = (tmp_path / "cache" / "digests").iterdir()
    assert kept.read_text() == expected
    with monkeypatch.context() as patch:
        patch.setattr(digests, "module_digest", lambda *_: pytest.fail("found again"))
        assert source_digest("kernels") == expected
    kept.write_bytes(b"\xff" * 16)
    assert source_digest("kernels") == expected
    (tmp_path / "in the way").write_text("")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "in the way"))
    assert source_digest("kernels") == expected


def test_code_other_than_planned_is_refused_also_if_it_cannot_be_read(monkeypatch):
    stage = STAGES["data"]
    stage.check(stage.code())

    def unfinished(_):
        raise SyntaxError("an edit halfway")

    for code in (lambda _: "another", unfinished):
        monkeypatch.setattr(Stage, "code", code)
        with pytest.raises(UserError, match="changed while the build was running"):
            stage.check("0" * 16)


# Imported by stages whose results do not depend on them.
INNOCENT = {
    "jaxtyping": "annotations",
    "pydantic": "reads the settings of weights, of which figures take numbers",
    "safetensors": "reads weights, whose numbers it cannot change",
    "matplotlib": "figures whose specs the page reads, and which it does not plot",
}
TORCH = {"train with torch"}
LIBRARIES = {
    "numpy": set(EVERY_STAGE),
    "numba": set(EVERY_STAGE),
    "llvmlite": set(EVERY_STAGE),
    "torch": TORCH,
    "safetensors": {"train", *TORCH, "export", "dictionaries", "compare"},
    "jinja2": {"report", "explorer"},
    "markupsafe": {"report", "explorer"},
    "matplotlib": {*FIGURES, "explorer"},
    "pillow": set(FIGURES),
    "fonttools": set(FIGURES),
    "pydantic": set(STAGES),
}


@pytest.mark.parametrize("library", LIBRARIES)
def test_another_version_of_a_library_reruns_the_stages_that_use_it(library, monkeypatch):
    before = {name: stage.versions() for name, stage in EVERY_STAGE.items()}
    assert all(f"{library}==" in before[name] for name in LIBRARIES[library])
    installed = digests.version
    monkeypatch.setattr(
        digests, "version", lambda name: "9" if name == library else installed(name)
    )
    after = {name for name, stage in EVERY_STAGE.items() if before[name] != stage.versions()}
    assert after == LIBRARIES[library]


@pytest.mark.parametrize("name", EVERY_STAGE)
def test_the_libraries_that_a_stage_imports_are_among_its_parameters(name):
    stage, owners = EVERY_STAGE[name], packages_distributions()
    used = {
        owner.lower()
        for file in modules_of(stage)
        for library in imported(ROOT / file) - {"superposition"}
        for owner in owners.get(library, ())
    }
    assert used - set(stage.libraries) <= INNOCENT.keys(), "a library is missing in STAGES"
