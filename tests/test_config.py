"""The configuration: what config.yaml says and what its cells are."""

import copy
import math
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from superposition.config import (
    Config,
    Training,
    density_label,
    from_mapping,
    load,
)
from superposition.config_values import Decay, Geometric
from superposition.settings import TrainingSettings, canonical_json

ROOT = Path(__file__).parents[1]
CONFIG = ROOT / "config.yaml"
SMOKE = ROOT / "tests" / "smoke.yaml"

SMALL: dict[str, Any] = {
    "seed": 7,
    "experiments": {
        "pairs": {
            "models": ["linear", "relu"],
            "n_features": 4,
            "n_hidden": 2,
            "importance": 1,
            "feature_probability": [1.0, 0.1],
        }
    },
}


def small(**pairs: Any) -> dict[str, Any]:
    """Return a small configuration whose one experiment has these keys as well."""
    mapping = copy.deepcopy(SMALL)
    mapping["experiments"]["pairs"].update(pairs)
    return mapping


# What config.yaml says


def test_demonstration_is_the_papers_figure():
    experiment = load(CONFIG).experiments["demonstration"]
    assert experiment.models == ("linear", "relu")
    assert (experiment.n_features, experiment.n_hidden) == (20, 5)
    assert experiment.feature_probability == (1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001)
    assert experiment.importances() == pytest.approx([0.7**i for i in range(20)], rel=1e-15)
    assert experiment.value_range == "unit"


def test_intro_is_the_papers_opening_picture():
    experiment = load(CONFIG).experiments["intro"]
    assert experiment.models == ("relu",)
    assert (experiment.n_features, experiment.n_hidden) == (5, 2)
    assert experiment.feature_probability == (1.0, 0.2, 0.1)
    assert experiment.importances() == pytest.approx([0.9**i for i in range(5)], rel=1e-15)


def test_recipe_is_that_of_the_published_notebook():
    recipe = load(CONFIG).training
    assert (recipe.optimizer, recipe.learning_rate, recipe.schedule) == ("adamw", 1e-3, "constant")
    assert (recipe.weight_decay, recipe.beta1, recipe.beta2) == (0.01, 0.9, 0.999)
    assert (recipe.epsilon, recipe.batch, recipe.steps) == (1e-8, 1024, 10_000)


def test_config_yaml_states_every_general_setting():
    content = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    assert set(content) == set(Config.model_fields) - {"only"}
    assert set(content["training"]) == set(Training.model_fields)


def test_recipe_has_the_keys_and_defaults_of_the_resolved_settings():
    assert Training().model_dump() == TrainingSettings().model_dump()


def test_smoke_has_every_kind_of_cell_in_small():
    smoke = load(CONFIG, SMOKE)
    cells = smoke.cells().values()
    assert any(cell.relative_importance for cell in cells)
    assert any(len(set(cell.features.feature_probability)) > 1 for cell in cells)
    assert any(cell.features.correlated for cell in cells)
    for name, cell in smoke.cells().items():
        assert cell.runs <= 4
        assert cell.training.steps <= 300
        assert len(smoke.jobs(name)) in (1, 2)


# Cells


def test_a_cell_is_a_model_at_a_density_in_config_order():
    assert list(from_mapping(SMALL).cells()) == [
        "pairs/linear_p1",
        "pairs/linear_p0.1",
        "pairs/relu_p1",
        "pairs/relu_p0.1",
    ]


def test_cells_are_fully_resolved():
    cell = from_mapping(small(correlated=[[0, 1]], value_range="signed")).cells()["pairs/relu_p0.1"]
    assert cell.features.feature_probability == (0.1, 0.1, 0.1, 0.1)
    assert cell.features.correlated == ((0, 1),)
    assert cell.features.value_range == "signed"
    assert cell.model.model == "relu"
    assert cell.model.importance == (1.0, 1.0, 1.0, 1.0)
    assert (cell.seed, cell.runs, cell.evaluation_samples) == (7, 32, 327_680)


def test_sparser_features_get_more_evaluation_samples_and_as_many_active_features():
    cells = from_mapping(small(feature_probability=[1.0, 0.01], evaluation_samples=500)).cells()
    assert cells["pairs/relu_p1"].evaluation_samples == 500
    assert cells["pairs/relu_p0.01"].evaluation_samples == 50_000


def test_whole_and_decimal_numbers_give_the_same_cell():
    whole = from_mapping(small(importance=1, feature_probability=[1])).cells()
    decimal = from_mapping(small(importance=1.0, feature_probability=[1.0])).cells()
    assert canonical_json(whole) == canonical_json(decimal)


def test_experiment_overrides_the_general_settings_key_by_key():
    mapping = small(training={"steps": 50}, runs=3, seed=1, evaluation_samples=10)
    mapping["training"] = {"steps": 20, "batch": 64, "learning_rate": 0.01}
    cell = from_mapping(mapping).cells()["pairs/relu_p1"]
    assert (cell.training.steps, cell.training.batch) == (50, 64)
    assert cell.training.learning_rate == 0.01
    assert (cell.runs, cell.seed, cell.evaluation_samples) == (3, 1, 10)


def test_experiment_can_override_a_general_setting_with_its_default():
    mapping = small(training={"optimizer": "adamw"})
    mapping["training"] = {"optimizer": "adam"}
    assert from_mapping(mapping).cells()["pairs/relu_p1"].training.optimizer == "adamw"


@pytest.mark.parametrize("key", ["engine", "runs_per_job", "description"])
def test_what_cannot_change_a_result_is_no_part_of_a_cell(key):
    before, after = copy.deepcopy(SMALL), copy.deepcopy(SMALL)
    section = after["experiments"]["pairs"] if key == "description" else after
    section[key] = {"engine": "torch", "runs_per_job": 1, "description": "other"}[key]
    assert canonical_json(from_mapping(before).cells()) == canonical_json(
        from_mapping(after).cells()
    )


def test_jobs_share_out_all_runs_in_order():
    config = from_mapping(small(runs=7, runs_per_job=3))
    assert config.jobs("pairs/relu_p1") == (range(3), range(3, 6), range(6, 7))


def test_snapshots_in_equal_ratios_are_dense_early_and_whole():
    spaced = {"first": 1, "last": 1000, "points": 31}
    mapping = small(training={"steps": 1000, "snapshots": spaced})
    steps = from_mapping(mapping).cells()["pairs/relu_p1"].training.snapshots
    assert steps[:4] == (1, 2, 3, 4)
    assert steps[-4:] == (501, 631, 794, 1000)
    # A general range does not replace an experiment's own list.
    mapping["training"] = {"snapshots": spaced}
    mapping["experiments"]["pairs"]["training"] = {"snapshots": [5]}
    assert from_mapping(mapping).cells()["pairs/relu_p1"].training.snapshots == (5,)


def test_snapshots_are_sorted_and_kept_once():
    mapping = small(training={"steps": 10, "snapshots": [10, 0, 5, 5]})
    assert from_mapping(mapping).cells()["pairs/relu_p1"].training.snapshots == (0, 5, 10)


def test_more_hidden_dimensions_than_features_are_legitimate():
    config = from_mapping(small(n_features=3, n_hidden=6, models=["absolute"]))
    assert config.cells()["pairs/absolute_p1"].model.n_hidden == 6


def test_configuration_cannot_be_changed_after_the_check():
    with pytest.raises(ValueError, match="frozen"):
        from_mapping(SMALL).seed = 1


# Labels, importances


@pytest.mark.parametrize(
    ("density", "label"),
    [(1.0, "p1"), (1, "p1"), (0.01, "p0.01"), (0.003, "p0.003"), (0.00001, "p1e-05")],
)
def test_label_is_the_density_as_it_is_written(density, label):
    assert density_label(density) == label


def test_label_of_unequal_densities_shows_the_commonest_and_a_digest():
    label = density_label((0.02, 0.05, 0.05))
    assert label.startswith("p0.05+")
    assert len(label) == len("p0.05+") + 8
    assert label == density_label((0.02, 0.05, 0.05))
    assert label != density_label((0.05, 0.02, 0.05))


def test_equal_densities_in_a_list_are_labelled_as_one():
    assert density_label((0.1, 0.1)) == density_label(0.1)


def test_density_can_differ_between_features():
    cells = from_mapping(small(feature_probability=[[0.1, 0.1, 0.2, 0.1]])).cells()
    name = f"pairs/linear_{density_label((0.1, 0.1, 0.2, 0.1))}"
    assert cells[name].features.feature_probability == (0.1, 0.1, 0.2, 0.1)


def test_decay_is_a_running_product():
    values = Decay(decay=0.7).values(20)
    assert values[0] == 1.0
    assert all(after == before * 0.7 for before, after in pairwise(values))


@pytest.mark.parametrize(("first", "last", "n"), [(1.0, 0.01, 100), (0.1, 10.0, 50), (2.0, 2.0, 5)])
def test_geometric_importance_has_equal_ratios_and_exact_ends(first, last, n):
    values = Geometric(first=first, last=last).values(n)
    assert len(values) == n
    assert (values[0], values[-1]) == (first, last)
    expected = [first * math.exp(math.log(last / first) * i / (n - 1)) for i in range(n)]
    assert values == pytest.approx(expected, rel=1e-12)


def test_geometric_importance_of_one_or_two_features_is_its_ends():
    assert Geometric(first=1.0, last=0.5).values(1) == (1.0,)
    assert Geometric(first=1.0, last=0.5).values(2) == (1.0, 0.5)
    assert Geometric(first=0.5, last=1.0).values(1) == (0.5,)
    assert Geometric(first=0.5, last=1.0).values(2) == (0.5, 1.0)


def test_geometric_ratio_is_as_close_as_a_float_can_be():
    values = Geometric(first=1.0, last=0.01).values(100)
    ratio = Fraction(values[1]) / Fraction(values[0])
    assert abs(ratio**99 - Fraction(0.01)) < Fraction(1, 10**15)


# Ranges, and cells that set the last feature apart


def test_range_of_densities_has_equal_ratios_and_short_names():
    config = from_mapping(small(feature_probability={"first": 1.0, "last": 0.01, "points": 5}))
    assert config.experiments["pairs"].densities() == (1.0, 0.3162, 0.1, 0.03162, 0.01)
    assert "pairs/relu_p0.03162" in config.cells()


def test_relative_density_makes_cells_in_which_the_last_feature_differs():
    config = from_mapping(small(feature_probability=[0.05], relative_density=[0.4, 1, 3.0]))
    cells = config.cells()
    assert [name for name in cells if "relu" in name] == [
        "pairs/relu_p0.05+last0.02",
        "pairs/relu_p0.05",
        "pairs/relu_p0.05+last0.15",
    ]
    assert cells["pairs/relu_p0.05+last0.02"].features.feature_probability == (
        *(0.05, 0.05, 0.05),
        0.02,
    )


def test_relative_importance_makes_every_cell_a_row_of_points():
    row = {"first": 0.1, "last": 10.0, "points": 3}
    cell = from_mapping(small(importance=2, relative_importance=row)).cells()["pairs/relu_p1"]
    assert [point.model.importance for point in cell.points()] == [
        (2.0, 2.0, 2.0, 0.2),
        (2.0, 2.0, 2.0, 2.0),
        (2.0, 2.0, 2.0, 20.0),
    ]
    assert all(point.points() == (point,) for point in cell.points())


def test_a_point_has_the_random_numbers_of_the_same_model_elsewhere():
    row = from_mapping(small(relative_importance=[0.5])).cells()["pairs/relu_p1"]
    alone = from_mapping(small(importance=[1, 1, 1, 0.5])).cells()["pairs/relu_p1"]
    assert row.points()[0].run_identity(3) == alone.run_identity(3)
    assert row.trained_with() != alone.trained_with()


def test_only_the_chosen_experiments_are_built():
    mapping = small()
    mapping["experiments"]["other"] = mapping["experiments"]["pairs"]
    assert len(from_mapping(mapping).cells()) == 8
    assert {name.split("/")[0] for name in from_mapping(mapping | {"only": ["other"]}).cells()} == {
        "other"
    }
