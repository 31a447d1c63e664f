"""Training from given weights: the library, the commands, and what does not fit."""

import numpy as np
import pytest
from cells import ROWS, cell, train_cell

import superposition as sp
from superposition.config.load import from_mapping
from superposition.model import weights
from superposition.model.parameters import Parameters
from superposition.model.start import from_arrays, started
from superposition.model.weights import WeightsError
from superposition.training import train
from superposition.workflow.plan import Plan

KEYS = {
    "models": ["relu"],
    "n_features": 4,
    "n_hidden": 2,
    "importance": 1.0,
    "feature_probability": [0.5, 0.1],
    "runs": 3,
    "evaluation_samples": 256,
    "training": {"steps": 60, "batch": 64, "learning_rate": 0.01},
}
STEPS_0 = {"steps": 0}


def trained(start=None, **changes):
    config = sp.experiment("next", **{**KEYS, **changes})
    return sp.train(config, progress=False, start=start, threads=1)


@pytest.fixture(scope="module")
def first():
    return sp.train(sp.experiment("first", **KEYS, seed=3), progress=False)


@pytest.mark.parametrize("engine", ["fused", "torch"])
@pytest.mark.parametrize("name", ["relu", "relu_hidden_biased", "absolute"])
def test_runs_begin_at_the_runs_given_and_go_round(name, engine) -> None:
    settings = cell(name, steps=25, learning_rate=0.01)
    given = train_cell(settings, range(2)).final
    untrained = settings.training.model_copy(update={"steps": 0})
    begun, start = started(settings.model_copy(update={"training": untrained}), given, "here")
    (found,) = train([begun], range(5), engine=engine, starts=[start])
    for key, array in found.final.arrays().items():
        np.testing.assert_array_equal(array, given.arrays()[key][[0, 1, 0, 1, 0]])


def test_engines_agree_on_what_they_make_of_a_start() -> None:
    given = train_cell(ROWS["relu_hidden_biased"], range(1)).final
    begun, start = started(ROWS["relu_hidden_biased"], given, "here")
    fused, torch = (
        train([begun], range(2), engine=engine, starts=[start])[0] for engine in ("fused", "torch")
    )
    for key, array in fused.final.arrays().items():
        np.testing.assert_allclose(array, torch.final.arrays()[key], atol=2e-4)
        assert np.abs(array[0] - given.arrays()[key][0]).max() > 1e-3


def test_a_start_at_the_random_weights_trains_as_without(first) -> None:
    """The samples that a run sees, and the optimiser's first step, are the same."""
    begin = trained(training=STEPS_0)
    plain, again = trained(), trained(begin)
    for name, found in again.items():
        assert found.W.tobytes() == plain[name].W.tobytes()
        assert found.cell.start
        assert not plain[name].cell.start
        assert found.cell.trained_with() != plain[name].cell.trained_with()
    other = trained(first)
    assert other["relu_p0.1"].cell.start != again["relu_p0.1"].cell.start


def test_cells_take_that_of_their_name_or_the_only_one(first, tmp_path) -> None:
    (file,) = first.save(tmp_path)
    for start in (first, file, str(file)):
        found = trained(start, training=STEPS_0)
        for name in ("relu_p0.5", "relu_p0.1"):
            np.testing.assert_array_equal(found[name].W, first[name].W)
    by_key = sp.train(
        sp.experiment("next", **{**KEYS, "training": STEPS_0}, start=str(file)), progress=False
    )
    np.testing.assert_array_equal(by_key["relu_p0.1"].W, first["relu_p0.1"].W)
    one = trained(None, feature_probability=[0.2])
    found = trained(one, training=STEPS_0)
    np.testing.assert_array_equal(found["relu_p0.5"].W, one["relu_p0.2"].W)
    with pytest.raises(WeightsError, match=r"has no cell relu_p0\.3 to start from, but relu_p"):
        trained(first, feature_probability=[0.3])


def test_of_several_experiments_each_takes_its_own_cells(first) -> None:
    other = sp.train(sp.experiment("next", **KEYS, seed=4), progress=False)
    both = sp.Trained([*other.values(), *first.values()])
    found = trained(both, training=STEPS_0)
    np.testing.assert_array_equal(found["relu_p0.1"].W, other["relu_p0.1"].W)
    elsewhere = sp.experiment("third", **{**KEYS, "training": STEPS_0})
    with pytest.raises(ValueError, match="cells of several experiments have one name"):
        sp.train(elsewhere, progress=False, start=both)


def test_arrays_of_one_run_or_of_several_do(first) -> None:
    W = np.arange(8.0).reshape(2, 4) / 8
    found = trained({"W": W}, training=STEPS_0)["relu_p0.1"]
    assert (found.W == W).all()
    assert not found.b.any()
    several = trained({"W": [W, -W], "b": [1, 2, 3, 4]}, training=STEPS_0)["relu_p0.1"]
    np.testing.assert_array_equal(several.W, [W, -W, W])
    np.testing.assert_array_equal(several.b[2], [1, 2, 3, 4])


def test_what_was_started_from_is_kept_with_the_weights(first, tmp_path) -> None:
    (file,) = trained(first).save(tmp_path)
    again = weights.load(file)["relu_p0.1"].cell.start
    assert again == started(first["relu_p0.1"].cell, first["relu_p0.1"].weights.final, "")[0].start
    moved = Parameters(first["relu_p0.1"].weights.final.W + 1, first["relu_p0.1"].weights.final.b)
    assert started(first["relu_p0.1"].cell, moved, "")[0].start != again


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"n_features": 5}, r"W of a run has shape \[2, 4\]; expected \[2, 5\] .* n = 5 features"),
        ({"models": ["gelu"]}, "has no cell gelu_p0.5 to start from, but relu_p0.5, relu_p0.1"),
    ],
)
def test_weights_that_do_not_fit_are_refused(first, changes, said) -> None:
    with pytest.raises(WeightsError, match=said):
        trained(first, **changes)


def test_files_that_do_not_fit_are_refused_with_the_key(first, tmp_path) -> None:
    def refused(file) -> str:
        config = sp.experiment("next", **KEYS, start=str(file))
        with pytest.raises(WeightsError) as error:
            sp.train(config, progress=False)
        return str(error.value)

    place = "experiments.next.start: "
    assert refused(tmp_path / "none").startswith(f"{place}{tmp_path}/none: no such weights file.")
    (tmp_path / "text").write_text("weights")
    assert "damaged, or no weights file" in refused(tmp_path / "text")
    one = trained(None, feature_probability=[0.2], models=["linear"])
    (file,) = one.save(tmp_path)
    assert f"{file}: linear_p0.2 is of the model linear; expected relu" in refused(file)


@pytest.mark.parametrize(
    ("model", "arrays", "said"),
    [
        ("relu", {"V": np.zeros((2, 4))}, "has V; expected arrays W, b of a relu model"),
        ("relu", {"b": np.zeros(7)}, r"W of a run has shape \[0\]; expected \[3, 7\]"),
        ("relu", {"W": np.zeros((4, 3, 7)), "b": np.zeros((2, 7))}, r"of \[2, 4\] runs; expected"),
        ("relu", {"W": np.full((3, 7), np.nan)}, "W has diverged"),
        ("absolute", {"W": np.zeros((3, 7))}, r"W_out of a run has shape \[0\]; expected \[7, 3\]"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(model, arrays, said) -> None:
    with pytest.raises(WeightsError, match=said):
        from_arrays(cell(model), arrays, "start")


def test_weights_of_another_experiment_are_no_start_if_their_file_was_exchanged(
    first, tmp_path, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = "results/weights/first.safetensors"
    experiments = {"first": {**KEYS, "seed": 3}, "next": {**KEYS, "start": file}}
    plan = Plan(from_mapping({"seed": 0, "experiments": experiments}))
    first.save("results/weights")
    cells, starts = plan.started("next", plan.cells_of("next"))
    assert len(starts) == 2
    assert plan.planned(["next"])["next"].cells == cells
    others = weights.load(file)
    weights.save(file, dict(zip(others, reversed(others.values()), strict=True)))
    with pytest.raises(
        WeightsError, match=r"first\.safetensors: relu_p0\.5 was trained with other"
    ):
        plan.started("next", plan.cells_of("next"))
