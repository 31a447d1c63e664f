"""Notebooks run from the first cell to the last, as they stand but for their sizes."""

import ast
import json
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted(ROOT.glob("notebooks/*.ipynb"))
SMALL = {
    "a_first_look": {"RUNS": 2, "STEPS": 20, "POINTS": 3},
    "from_model_to_dictionary": {
        "FEATURES": 6,
        "DIMENSIONS": 3,
        "STEPS": 300,
        "SIZES": [6, 8],
        "DICTIONARY_STEPS": 20,
    },
}


def code_cells(notebook):
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


def executed(cells, **parameters):
    """What the cells show, the way a notebook shows it."""
    names, shown = {}, []
    for cell in cells:
        body = ast.parse("".join(cell["source"])).body
        shows = isinstance(body[-1], ast.Expr) and not cell["source"][-1].endswith(";")
        last = ast.Expression(body.pop().value) if shows else None
        exec(compile(ast.Module(body, []), "cell", "exec"), names)
        if "parameters" in cell["metadata"].get("tags", ()):
            assert parameters.keys() <= names.keys()
            names |= parameters
        if last:
            value = eval(compile(last, "cell", "eval"), names)
            ways = ("_repr_html_", "_repr_png_", "__repr__")
            shown.append(next(getattr(value, way)() for way in ways if hasattr(value, way)))
    plt.close("all")
    return shown


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(notebook, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    _, *cells = code_cells(notebook)
    shown = executed(cells, **SMALL[notebook.stem])
    assert len(shown) > 3
    assert all(shown)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_installs_the_package_first_and_holds_no_results(notebook):
    """What it shows is computed where it is read, and goes out of date nowhere."""
    first, *others = code_cells(notebook)
    # Never by name: on an index, others may have that of the package.
    assert [line.strip() for line in first["source"]][1:] == [
        'REPOSITORY = ".."',
        "%pip install --quiet {REPOSITORY}",
    ]
    assert not any(cell["outputs"] or cell["execution_count"] for cell in (first, *others))
