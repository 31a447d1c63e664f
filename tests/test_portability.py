"""The same results on other processors, and on systems that are not Linux."""

import ast
import os
import re
import sys
from pathlib import Path

import derived
import numpy as np
import pytest
from processes import output, plainer_processor, run

from superposition.measure import elementary

ROOT = Path(__file__).resolve().parents[1]
MACOS = str(ROOT / "tests/macos")
SOURCE = ROOT / "src/superposition"

# What differs between processors is only to be had of `elementary` and `portable_math`.
FUNCTIONS = """angle arccos arcsin arctan arctan2 cbrt cos cosh dot einsum exp exp2 expm1
float_power geomspace hypot inner linalg log log10 log1p log2 logspace matmul power sin sinh tan
tanh tensordot acos asin atan atan2 dist erf gamma pow
standard_normal"""


@pytest.mark.slow
def test_claims_tables_and_figures_are_the_same_bytes_on_a_plainer_processor(tmp_path):
    """Of networks by hand: what a small build trains is too little for some claims."""
    if not (plainer := plainer_processor()):
        pytest.skip("numpy has one code for this processor and for the plainest of its kind")
    files, found = derived.networks(tmp_path), []
    for variables in ({}, plainer):
        folder = tmp_path / str(len(variables))
        folder.mkdir()
        paths = {"PYTHONPATH": os.pathsep.join(sys.path)}
        program = ROOT / "tests/derived.py"
        found.append(output(program, *files, cwd=folder, variables={**variables, **paths}))
    assert len(found[0].splitlines()) == 3 + 4 + 4 * 4
    assert found[0].splitlines() == found[1].splitlines()


def differing(node: ast.AST) -> bool:
    """Whether a piece of code gives other digits on other processors."""
    match node:
        case ast.Attribute(attr=name, value=ast.Name(id="np" | "math" | "generator" | "random")):
            return name in FUNCTIONS.split()
        case ast.BinOp(op=ast.MatMult()):
            return True
        case ast.BinOp(op=ast.Pow(), right=ast.Constant(value=2)):
            return False
        case ast.BinOp(op=ast.Pow(), left=left):
            return not (isinstance(left, ast.Constant) and left.value == 2)
    return False


@pytest.mark.parametrize(
    "floor", ["measure", "convergence", "claims", "figures", "report", "explorer"]
)
def test_what_differs_between_processors_is_not_used(floor):
    found = [
        f"{file.relative_to(SOURCE)}, line {node.lineno}: {ast.unparse(node)}"
        for file in sorted((SOURCE / floor).rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if differing(node)
    ]
    assert found == [], "take these from measure/elementary.py, or metrics.product"


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (elementary.log10([0.001, 3.0, 1e9]), np.log10([0.001, 3.0, 1e9])),
        (elementary.power([0.3, 2.0, 9.0], -1.7), np.array([0.3, 2.0, 9.0]) ** -1.7),
        (elementary.equal_ratios(20.0, 0.3, 7), np.geomspace(20.0, 0.3, 7)),
        (elementary.sin_of_turns([-0.7, 0.0, 0.1]), np.sin(2 * np.pi * np.array([-0.7, 0.0, 0.1]))),
        (elementary.degrees([0.0, -0.0, 0.0], [1.0, -1.0, 0.0]), [0.0, -180.0, 0.0]),
        (elementary.degrees(1.0, [1.0, 0.0, -1.0]), [45.0, 90.0, 135.0]),
    ],
)
def test_elementary_functions_are_those_of_numpy(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-14, atol=1e-15)


def test_angles_are_those_of_numpy():
    y, x = np.random.default_rng(0).normal(size=(2, 10_000))
    np.testing.assert_allclose(elementary.degrees(y, x), np.degrees(np.arctan2(y, x)), atol=1e-13)


@pytest.mark.slow
def test_the_library_and_the_tests_run_with_what_macos_has():
    """All of a build does too: the one that the tests of the workflow start from is made so."""
    some = ("library", "cli", "builds", "memory", "full_disk", "benchmarks", "report")
    files = [f"tests/test_{name}.py" for name in some]
    paths = {"PYTHONPATH": os.pathsep.join([MACOS, str(SOURCE.parent)])}
    code = "import os; assert not hasattr(os, 'sched_getaffinity'); open('/proc/stat').close()"
    done = run(sys.executable, "-c", code, variables=paths)
    assert done.returncode == 0, done.stderr
    done = run(
        *(sys.executable, "-m", "pytest", "-n", "0", "-q", "-p", "no:cacheprovider", *files),
        cwd=ROOT,
        variables=paths,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("script", ["Makefile", "workflow/scripts/setup.sh", ".ci/run"])
def test_scripts_use_what_macos_has(script):
    """GNU make 3.81, bash 3.2, and BSD's tools, whose options are fewer."""
    lines = (ROOT / script).read_text(encoding="utf-8").splitlines()
    newer = (
        r"^\.ONESHELL|^\w+ *(!=|:::?=)|^(define \w+ *=|undefine|private) |\$\(file |&:",
        r"\$\{\w+(,,|\^\^|@)|\b(mapfile|readarray|coproc)\b|declare -[An]|&>>",
        r"\b(sed (-i|-r|--)|date (-d|--)|readlink -|stat -|cp (-a|--)|xargs -\w*r)",
        r"\b(grep -\w*P|nproc|timeout|realpath|tac)\b",
    )
    found = [line for line in lines if any(re.search(one, line) for one in newer)]
    assert [line for line in found if not line.lstrip().startswith("#")] == []
