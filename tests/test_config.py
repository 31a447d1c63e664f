"""The configuration: what config.yaml says and what its cells are."""

import copy
import math
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import get_args

import pytest
import yaml
from cells import SMALL, small

from superposition.base.canonical import canonical_json
from superposition.config.derived import density
from superposition.config.load import from_mapping, load
from superposition.config.recipe import Recipe, RecipeSweep
from superposition.config.schema import Config
from superposition.config.settings import TrainingSettings
from superposition.config.values import Decay, FrequencyLaw, Geometric, density_label, falling
from superposition.sampling.philox import run_identity

ROOT = Path(__file__).parents[1]
CONFIG = ROOT / "config.yaml"
SMOKE = ROOT / "tests" / "smoke.yaml"

# What config.yaml says


@pytest.mark.parametrize(
    ("name", "models", "n", "m", "densities", "decay"),
    [
        ("demonstration", ("linear", "relu"), 20, 5, (1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001), 0.7),
        ("intro", ("relu",), 5, 2, (1, 0.2, 0.1), 0.9),
    ],
)
def test_the_first_experiments_are_the_papers(name, models, n, m, densities, decay):
    experiment = load(CONFIG).experiments[name]
    assert experiment.models == models
    assert (experiment.n_features, experiment.n_hidden) == (n, m)
    assert experiment.feature_probability == densities
    assert experiment.importances() == pytest.approx([decay**i for i in range(n)], rel=1e-15)
    assert experiment.value_range == "unit"


def test_recipe_is_that_of_the_published_notebook():
    recipe = load(CONFIG).training
    assert (recipe.optimizer, recipe.learning_rate, recipe.schedule) == ("adamw", 1e-3, "constant")
    assert (recipe.weight_decay, recipe.beta1, recipe.beta2) == (0.01, 0.9, 0.999)
    assert (recipe.epsilon, recipe.batch, recipe.steps) == (1e-8, 1024, 10_000)


def test_config_yaml_states_every_general_setting():
    content = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    assert set(content) == set(Config.model_fields) - {"only"}
    assert set(content["training"]) == set(Recipe.model_fields)


def test_recipe_has_the_keys_and_defaults_of_the_resolved_settings():
    resolved = TrainingSettings().model_dump()
    assert Recipe().model_dump() == resolved
    assert {key: getattr(RecipeSweep(), key) for key in resolved} == resolved


def test_smoke_has_every_kind_of_cell_in_small():
    smoke = load(CONFIG, SMOKE)
    cells = smoke.cells().values()
    assert any("relative_importance" in cell.swept for cell in cells)
    assert any(len(set(cell.features.feature_probability)) > 1 for cell in cells)
    assert any(cell.features.correlated for cell in cells)
    for name, cell in smoke.cells().items():
        assert cell.runs <= 4
        assert cell.training.steps <= 300
        assert len(smoke.jobs(name.partition("/")[0])) in (1, 2)


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
    # A half, which the sum of ten rounded numbers misses in Python 3.11 and not in later ones.
    odd = small(n_features=10, importance=1, feature_probability=[0.64], evaluation_samples=1000)
    assert from_mapping(odd).cells()["pairs/relu_p0.64"].evaluation_samples == 1562


def test_whole_and_decimal_numbers_give_the_same_cell():
    whole = from_mapping(small(importance=1, feature_probability=[1])).cells()
    decimal = from_mapping(small(importance=1.0, feature_probability=[1.0])).cells()
    assert canonical_json(whole) == canonical_json(decimal)


def test_experiment_overrides_the_general_settings_key_by_key():
    mapping = small(training={"steps": 50}, runs=3, seed=1, evaluation_samples=10)
    mapping["experiments"]["pairs"]["training"]["optimizer"] = "adamw"  # the default
    mapping["training"] = {"steps": 20, "batch": 64, "learning_rate": 0.01, "optimizer": "adam"}
    cell = from_mapping(mapping).cells()["pairs/relu_p1"]
    assert (cell.training.steps, cell.training.batch) == (50, 64)
    assert (cell.training.learning_rate, cell.training.optimizer) == (0.01, "adamw")
    assert (cell.runs, cell.seed, cell.evaluation_samples) == (3, 1, 10)


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
    assert config.jobs("pairs") == (range(3), range(3, 6), range(6, 7))


def test_snapshots_in_equal_ratios_are_dense_early_and_whole_and_those_of_a_list_sorted():
    spaced = {"first": 1, "last": 1000, "points": 31}
    mapping = small(training={"steps": 1000, "snapshots": spaced})
    steps = from_mapping(mapping).cells()["pairs/relu_p1"].training.snapshots
    assert steps[:4] == (1, 2, 3, 4)
    assert steps[-4:] == (501, 631, 794, 1000)
    # A general range does not replace an experiment's own list, of which each is kept once.
    mapping["training"] = {"snapshots": spaced}
    mapping["experiments"]["pairs"]["training"] = {"snapshots": [10, 0, 5, 5]}
    assert from_mapping(mapping).cells()["pairs/relu_p1"].training.snapshots == (0, 5, 10)


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
    assert label != density_label((0.05, 0.02, 0.05))
    assert density_label((0.1, 0.1)) == density_label(0.1)


def test_density_can_differ_between_features():
    cells = from_mapping(small(feature_probability=[[0.1, 0.1, 0.2, 0.1]])).cells()
    name = f"pairs/linear_{density_label((0.1, 0.1, 0.2, 0.1))}"
    assert cells[name].features.feature_probability == (0.1, 0.1, 0.2, 0.1)


def test_decay_is_a_running_product():
    values = Decay(decay=0.7).values(20)
    assert values[0] == 1.0
    assert all(after == before * 0.7 for before, after in pairwise(values))


@pytest.mark.parametrize(
    ("first", "last", "n"), [(1.0, 0.01, 100), (0.1, 10.0, 50), (2.0, 2.0, 5), (0.5, 1.0, 2)]
)
def test_geometric_importance_has_equal_ratios_and_exact_ends(first, last, n):
    values = Geometric(first=first, last=last).values(n)
    assert (values[0], values[-1]) == (first, last)
    expected = [first * math.exp(math.log(last / first) * i / (n - 1)) for i in range(n)]
    assert values == pytest.approx(expected, rel=1e-12)
    assert Geometric(first=first, last=last).values(1) == (first,)


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
    cells = {name: cell for name, cell in config.cells().items() if "relu" in name}
    assert {name: cell.features.feature_probability[-1] for name, cell in cells.items()} == {
        "pairs/relu_p0.05+relative_density0.4": 0.02,
        "pairs/relu_p0.05+relative_density1": 0.05,
        "pairs/relu_p0.05+relative_density3": 0.15,
    }
    for cell in cells.values():
        assert density(cell) == 0.05
        assert cell.features.feature_probability[:3] == (0.05, 0.05, 0.05)


def test_relative_importance_makes_cells_in_which_the_last_feature_differs():
    row = {"first": 0.1, "last": 10.0, "points": 3}
    cells = from_mapping(small(importance=2, relative_importance=row)).cells()
    assert {name: cell.model.importance for name, cell in cells.items() if "relu_p1+" in name} == {
        "pairs/relu_p1+relative_importance0.1": (2.0, 2.0, 2.0, 0.2),
        "pairs/relu_p1+relative_importance1": (2.0, 2.0, 2.0, 2.0),
        "pairs/relu_p1+relative_importance10": (2.0, 2.0, 2.0, 20.0),
    }


# Sweeps of the recipe


@pytest.mark.parametrize("key", sorted(set(Recipe.model_fields) - {"snapshots"}))
def test_every_key_of_the_recipe_can_be_swept(key):
    values = {"optimizer": ["adam", "adamw"], "schedule": ["linear", "cosine"], "attack": [0, 0.5]}
    values |= {"initial_density": [0, 1], "density_fall": [0.5, 1]}
    values |= {"beta1": [0.5, 0.9], "beta2": [0.5, 0.9], "batch": [5, 10], "steps": [5, 10]}
    values |= {
        "warm_up": [0, 5],
        "decay_biases": [True, False],
        "examples": [3, 5],
        "initial_batch": [64, 128],
    }
    given = values.get(key, [0.25, 1.5])
    config = from_mapping(small(models=["relu"], training={key: given, "snapshots": [1]}))
    cells = [cell for cell in config.cells().values() if density(cell) == 0.1]
    assert [cell.swept for cell in cells] == [{key: value} for value in given]
    assert [getattr(cell.training, key) for cell in cells] == given
    assert all(cell.training.snapshots == (1,) for cell in cells)
    others = {cell.training.model_copy(update={key: None}).model_dump_json() for cell in cells}
    assert len(others) == 1


def test_sweeps_multiply_and_are_named_in_the_order_of_the_recipe():
    training = {"attack": [0, 0.2], "optimizer": ["adam", "adamw"]}
    keys = {"models": ["relu"], "feature_probability": [0.1], "relative_importance": [2.0]}
    assert list(from_mapping(small(**keys, training=training)).cells()) == [
        f"pairs/relu_p0.1+optimizer-{optimizer}+attack{attack}+relative_importance2"
        for optimizer in ("adam", "adamw")
        for attack in ("0", "0.2")
    ]


@pytest.mark.parametrize(
    ("swept", "label", "alone"),
    [
        ({"training": {"attack": [0, 0.2]}}, "attack0.2", {"training": {"attack": 0.2}}),
        ({"relative_importance": [0.5]}, "relative_importance0.5", {"importance": [1, 1, 1, 0.5]}),
    ],
)
def test_a_swept_value_makes_the_weights_of_the_same_value_alone(swept, label, alone):
    cell = from_mapping(small(**swept)).cells()[f"pairs/relu_p1+{label}"]
    same = from_mapping(small(**alone)).cells()["pairs/relu_p1"]
    assert cell.model_copy(update={"swept": {}}) == same
    assert run_identity(cell, 3) == run_identity(same, 3)


def test_only_the_chosen_experiments_are_built():
    mapping = small()
    mapping["experiments"]["other"] = mapping["experiments"]["pairs"]
    assert len(from_mapping(mapping).cells()) == 8
    assert {name.split("/")[0] for name in from_mapping(mapping | {"only": ["other"]}).cells()} == {
        "other"
    }


def test_densities_fall_by_the_laws_that_are_named():
    n = 320
    power, exponential, linear = (falling(1 / n, law, n) for law in get_args(FrequencyLaw))
    assert power[0] / power[-1] == pytest.approx(n**1.2, rel=1e-5)
    assert exponential[0] / exponential[-1] == pytest.approx(math.exp(10 * (n - 1) / n), rel=1e-5)
    assert linear[0] / linear[-1] == pytest.approx(n, rel=1e-5)
    assert falling(1 / n, 1.2, n) == power
    assert [sum(one) for one in (power, exponential, linear)] == pytest.approx([1, 1, 1], rel=1e-5)
    made = from_mapping(small(feature_probability=[0.1], frequency_law=["power", "linear"]))
    assert {density(cell) for cell in made.cells().values()} == {0.1}


def test_a_sweep_of_how_densities_fall_can_be_taken_away():
    given = small(feature_probability=[0.1], frequency_law=["linear"], frequency_exponent=[])
    assert [name for name in from_mapping(given).cells() if "relu" in name] == [
        "pairs/relu_p0.1+frequency_law-linear"
    ]
    given = small(feature_probability=[0.1], frequency_law=[], frequency_exponent=[1])
    assert all("frequency_exponent1" in name for name in from_mapping(given).cells())
