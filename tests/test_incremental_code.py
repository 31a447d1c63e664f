"""Every module of the package and every library: whose results hang on it, and on what of it.

Which modules a stage can reach is found by `digests`; that no stage loads others is seen on a real
build, in `test_incremental_builds`. Here it is seen what becomes of an edit of each.
"""

import ast
from functools import cache

import pytest

from superposition import digests
from superposition.digests import ROOT, closure, module_digest
from superposition.plotting import FIGURES
from superposition.signatures import STAGES, Stage, figure_stage

FILES = digests._read(ROOT)
MODULES = sorted(name for name in FILES if name.endswith(".py"))
DATA = sorted(name for name in FILES if not name.endswith(".py"))
EVERY_STAGE = [*STAGES, *FIGURES]

# What no stage reaches, since it decides no byte of a result: one may edit it and nothing reruns.
BESIDE = {
    *("__main__.py", "builds.py", "cli.py", "config.py", "config_errors.py"),
    *("config_files.py", "config_models.py", "config_values.py", "interactive.py", "progress.py"),
    *("public.py", "published.py", "signatures.py", "stages.py", "telling.py", "trained.py"),
    *("unrecorded.py", "verify.py", "workflow.py", "plotting/drawing.py"),
}


def stage_named(name: str) -> Stage:
    return STAGES[name] if name in STAGES else figure_stage(name)


@cache
def reached(name: str) -> frozenset[str]:
    """Return the files of the package on which a stage's digest hangs."""
    modules = closure(*(f"superposition.{module}" for module in stage_named(name).modules))
    files = {digests._file(module, FILES) for module in modules}
    return frozenset(files | digests._data_files(modules, FILES))


def reaching(file: str) -> set[str]:
    return {name for name in EVERY_STAGE if file in reached(name)}


@pytest.mark.parametrize("name", MODULES)
def test_a_module_counts_as_what_it_does_and_not_as_it_is_written(name):
    source = FILES[name].decode()
    before = module_digest(source)
    tree = ast.parse(source)
    assert module_digest(f"{source}\n\n# A remark.\n") == before
    # Every line of code is written anew, every comment lost.
    assert module_digest(ast.unparse(tree)) == before
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            node.value.value = "Reworded."
    assert module_digest(ast.unparse(tree)) == before
    assert module_digest(f"{source}\nUNUSED = 1\n") != before
    assert module_digest(f"{source}\ndel __doc__\n") != before
    if edited := with_another_constant(source):
        assert module_digest(edited) != before


def with_another_constant(source: str) -> str:
    """Return the source with one number or text changed, if it has any that counts."""
    tree = ast.parse(source)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and type(node.value) in (int, str):
            if id(node) in docstrings:
                continue
            node.value = node.value + type(node.value)(1)
            return ast.unparse(tree)
    return ""


@pytest.mark.parametrize("name", EVERY_STAGE)
def test_the_digest_of_a_stage_takes_in_every_file_that_it_reaches(name, monkeypatch):
    taken: list[str] = []
    by_text = {FILES[file].decode(): file for file in MODULES}
    monkeypatch.setattr(digests, "module_digest", lambda text: taken.append(text) or "")
    digests._digest(stage_named(name)._names(), FILES)
    modules = {file for file in reached(name) if file.endswith(".py")}
    assert {FILES[file].decode() for file in modules} == set(taken)
    assert {by_text[text] for text in taken} >= modules - empty_modules()


def empty_modules() -> set[str]:
    return {name for name in MODULES if not FILES[name].strip()}


def test_every_module_and_data_file_is_reached_by_a_stage_or_known_to_decide_nothing():
    # The arithmetic of `cuda/` is that of `kernels/`, and so are its bytes.
    apart = ("archive/", "benchmarks/", "cuda/")
    beside = {name for name in MODULES if not reaching(name) and not name.startswith(apart)}
    assert beside - BESIDE == set(), "which stage runs this? else it decides nothing: say so"
    assert BESIDE - beside == set(), "a stage reaches this now: any edit of it reruns the stage"
    assert [name for name in DATA if not reaching(name)] == []


TORCH = {"train with torch", "train with torch-cuda"}

# Which stages an edit reaches, of a few modules whose reach is known without any closure.
FEW = {
    "data.py": {"data", *TORCH},
    "training/fused.py": {"train", *TORCH},  # all begin with the same weights
    "training/reference.py": TORCH,
    "training/recorded.py": {"train with torch-cuda"},
    "kernels/training.py": {"train", *TORCH},
    "evaluation.py": {"export"},
    "kernels/evaluation.py": {"export"},
    "metrics.py": None,
    "dictionaries/training.py": {"dictionaries"},
    "kernels/dictionaries.py": {"dictionaries"},
    "claims/introduction.py": {"judge", "report"},
    "reporting/__init__.py": {"report"},
    "plotting/intro.py": {"intro", "intro_notebook"},
    "plotting/demonstration.py": {"demonstration", "many_features"},
    "plotting/phase.py": {"phase_two", "phase_three"},
    "plotting/style.py": set(FIGURES),
    "plotting/files.py": set(FIGURES),
    "__init__.py": set(EVERY_STAGE),
    "settings.py": set(EVERY_STAGE),
    "files.py": None,
}


@pytest.mark.parametrize("name", FEW)
def test_an_edit_of_a_module_reaches_the_stages_that_run_it(name):
    stages = FEW[name]
    assert reaching(name) if stages is None else reaching(name) == stages


def test_each_figure_is_redrawn_with_its_own_module_and_not_with_those_of_others():
    for name, figure in FIGURES.items():
        own = figure.module.removeprefix("superposition.").replace(".", "/") + ".py"
        same = {other for other, that in FIGURES.items() if that.module == figure.module}
        assert name in same == reaching(own)


LIBRARIES = {
    "numpy": set(EVERY_STAGE),
    "torch": TORCH,
    "safetensors": {"data", "train", *TORCH, "export", "dictionaries"},
    "jinja2": {"report"},
    "markupsafe": {"report"},
    "matplotlib": set(FIGURES),
    "pillow": set(FIGURES),
    "fonttools": set(FIGURES),
    "pydantic": set(STAGES) - {"measure"},
}


@pytest.mark.parametrize("library", LIBRARIES)
def test_another_version_of_a_library_reruns_the_stages_that_use_it(library, monkeypatch):
    before = {name: stage_named(name).versions() for name in EVERY_STAGE}
    installed = digests.version
    monkeypatch.setattr(
        digests, "version", lambda name: "999.0" if name == library else installed(name)
    )
    after = {name: stage_named(name).versions() for name in EVERY_STAGE}
    assert {name for name in EVERY_STAGE if before[name] != after[name]} == LIBRARIES[library]


def test_every_library_of_a_stage_is_tried():
    compiled = {"numba", "llvmlite"}
    named = {library for name in EVERY_STAGE for library in stage_named(name).libraries}
    assert named == LIBRARIES.keys() | compiled
