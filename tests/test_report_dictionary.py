"""The data dictionary: that it has every column of every table, and that its formulae hold."""

import re
from pathlib import Path

import ideal
import numpy as np
import pandas as pd
import pytest
from small_results import VERDICTS
from test_dictionaries import handmade

from superposition.base.tables import write_table
from superposition.claims import write_all
from superposition.config.settings import RecipeSettings
from superposition.measure.network import TrainedCell
from superposition.measure.structures.comparison import comparison
from superposition.measure.tables import dictionaries_table, features_table, runs_table
from superposition.report.dictionary import SWEPT, TABLES, swept, text
from superposition.sampling.statistics import describe

ROOT = Path(__file__).resolve().parents[1]


def pattern(file: str) -> str:
    return file.replace(".", r"\.").replace("EXPERIMENT", r"\w+")


def described(file: str) -> list[str]:
    """What the dictionary says of a file: its columns, those of swept keys as one."""
    (table,) = (one for one in TABLES if re.fullmatch(pattern(one.file), file))
    return [column.name for column in table.columns]


def columns(file: Path) -> list[str]:
    """The columns of a file, those of swept keys as one."""
    names = list(pd.read_csv(file, nrows=0))
    others = {column.name for column in swept()}
    if file.parent.name == "metrics":
        place = names.index("density") + 1
        own = [name for name in names if name not in others]
        return [*own[:place], SWEPT, *own[place:]]
    return names


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> Path:
    """A table of each kind, as the workflow writes them."""
    folder = tmp_path_factory.mktemp("results")
    W, b = ideal.polygon(5, radius=1.1), [-0.2] * 5
    found = [
        TrainedCell("intro/relu_p0.1", ideal.weights("relu", W, b, 0.1, 0.9)),
        TrainedCell("intro/relu_p0.2", ideal.weights("relu", 0.5 * W, b, 0.2, 0.9)),
    ]
    hardened = ideal.weights("relu", W, b, 0.1, 0.9, swept={"attack": 0.1, "schedule": "cosine"})
    statistics, samples = describe({"relu_p0.1": found[0].cell})
    dictionary = handmade(np.array([[1.0, 0.0], [0.6, 0.8]]), [3, 5], np.eye(2))
    for name, table in {
        "metrics/intro.runs": runs_table(found),
        "metrics/intro.features": features_table(found),
        "metrics/hardened.runs": runs_table([TrainedCell("hardened/a", hardened)]),
        "metrics/hardened.features": features_table([TrainedCell("hardened/a", hardened)]),
        "data/intro": statistics,
        "data/intro.sample": samples,
        "constructed": comparison(found),
        "dictionaries/enumerated": dictionaries_table({"relu_p1": [dictionary]}),
    }.items():
        (folder / name).parent.mkdir(exist_ok=True)
        write_table(table, folder / f"{name}.csv")
    write_all(VERDICTS, folder)
    return folder


def test_it_has_every_column_of_every_table_in_their_order(results):
    files = [file.relative_to(results).as_posix() for file in results.rglob("*.csv")]
    assert {name: columns(results / name) for name in files} == {
        name: described(name) for name in files
    }
    for table in TABLES:
        assert any(re.fullmatch(pattern(table.file), name) for name in files), table.file


def test_its_formulae_are_those_of_the_tables(results):
    runs = pd.read_csv(results / "metrics/intro.runs.csv").set_index(["density", "run"])
    features = pd.read_csv(results / "metrics/intro.features.csv")
    features["squared"] = features["norm"] ** 2
    ratio = features["squared"] / (features["squared"] + features["interference"])
    np.testing.assert_allclose(features["dimensionality"], ratio, rtol=1e-6)
    features["represented"] = features["norm"] > 0.9
    features["orthogonal"] = features["represented"] & (features["interference"] < 0.1)
    by_run = features.groupby(["density", "run"])
    of_runs = {
        "n_represented": by_run["represented"].sum(),
        "n_orthogonal": by_run["orthogonal"].sum(),
        "total_dimensionality": by_run["dimensionality"].sum(),
        "dimensions_per_feature": runs["n_hidden"] / by_run["squared"].sum(),
        "feature_probability": by_run["feature_probability"].mean(),
        "n_features": by_run.size(),
    }
    for name, expected in of_runs.items():
        np.testing.assert_allclose(runs[name].sort_index(), expected.sort_index(), rtol=1e-6)
    lowest = runs.groupby("density")["loss"].transform("min")
    assert (runs["is_best"] == (runs["loss"] == lowest)).all()


def test_every_key_that_can_be_swept_is_told():
    names = [column.name for column in swept()]
    axes = {"relative_density", "relative_importance", "frequency_exponent", "frequency_law"}
    assert set(names) == axes | set(RecipeSettings.model_fields)
    assert all(column.holds for column in swept())


def test_the_page_of_the_documentation_is_as_it_is_made():
    assert (ROOT / "docs/results.md").read_text(encoding="utf-8") == text(), (
        "docs/results.md is not as the dictionary has it: python -m superposition readme"
    )
