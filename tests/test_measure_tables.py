"""Tables of trained cells: a row for each run, each feature, each dictionary."""

from dataclasses import replace

import ideal
import numpy as np
import pytest
from test_dictionaries import handmade

from superposition.base.errors import UserError
from superposition.base.tables import write_table
from superposition.config.settings import DictionarySettings
from superposition.measure import metrics
from superposition.measure.dictionaries import record
from superposition.measure.files import Planned, read
from superposition.measure.network import TrainedCell
from superposition.measure.tables import dictionaries_table, features_table, runs_table
from superposition.model.weights import save

PENTAGON = ideal.polygon(5, radius=1.1)
DENSITIES = (0.5, 0.1)
PLACE = ("experiment", "model", "n_features", "n_hidden", "seed", "density")


def trained(swept: dict[str, float | str]) -> list[TrainedCell]:
    """Cells of pentagons at two densities, three runs each, of which the middle one is the best."""
    found = []
    for density in DENSITIES:
        weights = ideal.weights("relu", PENTAGON, [-0.2] * 5, density, 0.9, swept=swept)
        found.append(TrainedCell(f"some/relu_p{density}", weights))
    return found


def test_runs_are_counted_cell_by_cell() -> None:
    table = runs_table(trained({}))
    assert list(table) == [
        *PLACE, "feature_probability", "run", "loss", "is_best", "n_represented", "n_orthogonal",
        "n_antipodal_pairs", "dimensions_per_feature", "total_dimensionality",
    ]  # fmt: skip
    assert {len(column) for column in table.values()} == {6}
    assert list(table["density"]) == list(table["feature_probability"]) == [0.5] * 3 + [0.1] * 3
    of_all = [table[name][0] for name in ("experiment", "model", "n_features", "n_hidden", "seed")]
    assert of_all == ["some", "relu", 5, 2, 0]
    assert list(table["run"]) == [0, 1, 2] * 2
    assert list(table["loss"]) == [2, 1, 2] * 2
    assert list(table["is_best"]) == [False, True, False] * 2
    assert set(table["n_represented"]) == {5}
    assert set(table["n_orthogonal"]) == set(table["n_antipodal_pairs"]) == {0}
    np.testing.assert_allclose(table["dimensions_per_feature"], 2 / 5 / 1.1**2, rtol=1e-6)
    np.testing.assert_allclose(table["total_dimensionality"], 2)


def test_features_have_what_they_were_given_and_what_became_of_them() -> None:
    cells = trained({})
    table = features_table(cells)
    assert list(table) == [
        *PLACE, "run", "feature", "importance", "feature_probability", "norm", "bias",
        "interference", "dimensionality",
    ]  # fmt: skip
    assert {len(column) for column in table.values()} == {2 * 3 * 5}
    assert list(table["run"]) == [run for _ in DENSITIES for run in range(3) for _ in range(5)]
    assert list(table["feature"]) == list(range(5)) * 6
    np.testing.assert_allclose(table["importance"], np.tile(0.9 ** np.arange(5), 6))
    np.testing.assert_array_equal(table["feature_probability"], table["density"])
    np.testing.assert_allclose(table["norm"], 1.1, rtol=1e-6)
    np.testing.assert_allclose(table["bias"], -0.2, rtol=1e-6)
    np.testing.assert_allclose(table["dimensionality"], 2 / 5, rtol=1e-6)
    expected = np.concatenate([metrics.interference(cell.W).ravel() for cell in cells])
    np.testing.assert_array_equal(table["interference"], expected)


@pytest.mark.parametrize("tabulate", [runs_table, features_table])
def test_what_is_swept_has_columns_of_its_own_behind_the_density(tabulate) -> None:
    swept = {"relative_importance": 0.5, "schedule": "cosine"}
    table = tabulate(trained(swept))
    assert list(table)[:8] == [*PLACE, *swept]
    for name, value in swept.items():
        assert set(table[name]) == {value}


def test_of_runs_that_were_not_compared_none_is_the_best() -> None:
    compared, other = trained({})
    table = runs_table([compared, TrainedCell(other.name, replace(other.weights, loss=None))])
    assert list(table["is_best"]) == [False, True] + [False] * 4
    np.testing.assert_array_equal(np.isnan(table["loss"]), [False] * 3 + [True] * 3)


@pytest.mark.parametrize("lost", [[1], [0, 1, 2]], ids=["the best", "all"])
def test_of_a_run_that_diverged_nothing_is_measured(lost) -> None:
    whole, other = trained({})
    loss = whole.loss.copy()
    loss[lost] = np.nan
    W = whole.weights.W.copy()
    W[lost] = np.nan
    spoilt = replace(whole.weights, final=replace(whole.weights.final, W=W), loss=loss)
    cells = [TrainedCell(whole.name, spoilt), other]
    runs, features = runs_table(cells), features_table(cells)
    missing = np.isin(np.arange(6), lost)
    for name in ("loss", "n_represented", "n_antipodal_pairs", "total_dimensionality"):
        np.testing.assert_array_equal(np.isnan(runs[name]), missing)
    for name in ("norm", "bias", "interference", "dimensionality"):
        np.testing.assert_array_equal(np.isnan(features[name]), np.repeat(missing, 5))
    assert list(runs["is_best"][:3]) == ([True, False, False] if lost == [1] else [False] * 3)
    assert runs["n_represented"][5] == 5


def files(folder) -> tuple[dict[str, Planned], list, list]:
    """Weights of two experiments and dictionaries of one, as planned."""
    settings = DictionarySettings(sizes=[2], penalties=[0.1], steps=1)
    planned, found = {}, []
    for name, density in (("some", 0.5), ("others", 0.1)):
        its = ideal.weights("relu", PENTAGON, [0] * 5, density, 0.9)
        save(folder / f"{name}.safetensors", {"relu": its})
        planned[name] = Planned({"relu": its.cell}, settings)
        of_it = handmade(its.W[0], [3, 5], np.eye(2))
        of_runs = [
            replace(of_it, cell=its.cell, run=run, W=its.W[run], settings=settings)
            for run in its.runs
        ]
        record.save(folder / f"dictionaries/{name}.safetensors", {"relu": of_runs})
        found.append(folder / f"dictionaries/{name}.safetensors")
    return planned, [folder / f"{name}.safetensors" for name in planned], found


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (
            0,
            r"some.*: relu was .* other settings .*probability 0\.1 instead of 0\.5",
        ),
        (1, "dictionaries/some.* of relu, run 0, were trained on other weights"),
    ],
    ids=["weights", "dictionaries"],
)
def test_files_that_were_exchanged_are_refused(tmp_path, kind, told) -> None:
    planned, *both = files(tmp_path)
    assert [cell.experiment for cell in read(*both, planned)] == ["some", "others"]
    one, other = both[kind]
    content = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(content)
    with pytest.raises(UserError, match=told):
        read(*both, planned)


def test_dictionaries_of_other_settings_are_refused(tmp_path) -> None:
    planned, *both = files(tmp_path)
    other = DictionarySettings(sizes=[2], penalties=[0.2], steps=1)
    with pytest.raises(UserError, match="with other settings"):
        read(*both, {name: its._replace(dictionaries=other) for name, its in planned.items()})


def test_dictionaries_are_listed_with_what_they_have_found() -> None:
    found = handmade(np.array([[1.0, 0.0], [0.6, 0.8]]), [3, 5], np.eye(2))
    table = dictionaries_table({"relu_p1": [found], "relu_p0.1": [found]})
    assert list(table["cell"]) == ["relu_p1", "relu_p0.1"]
    assert list(table["size"]) == list(table["represented"]) == [2, 2]
    assert list(table["found"]) == list(table["nothings"]) == [1, 1]
    assert set(map(len, table.values())) == {2}


@pytest.mark.parametrize(
    ("columns", "text"),
    [
        ({"I": np.array([0.9**3, 1 / 3, 1e-12, 1e9]), "run": range(4)},
         b"I,run\n0.729,0\n0.333333333,1\n1e-12,2\n1e+09,3\n"),
        ({"a": [None, 1.5, float("nan")], "b": np.array([np.nan, np.inf, 0.0])},
         b"a,b\n,\n1.5,inf\n,0\n"),
        ({"best": np.array([True, False]), "n": [10**10, 2], "text": ["plain", "a, b"]},
         b'best,n,text\nTrue,10000000000,plain\nFalse,2,"a, b"\n'),
    ],
    ids=["floats of nine digits", "missing and infinite", "truths, counts and texts"],
)  # fmt: skip
def test_tables_are_written_with_unix_ends(columns, text, tmp_path):
    write_table(columns, tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_bytes() == text


def test_columns_of_different_lengths_are_no_table(tmp_path):
    with pytest.raises(ValueError, match="shorter"):
        write_table({"a": [1, 2], "b": [1]}, tmp_path / "t.csv")
    assert not list(tmp_path.iterdir())
