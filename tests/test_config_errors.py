"""Mistakes in the configuration: where, what was found, what is expected, the likely cause."""

import math
from typing import Any

import pytest
from cells import SMALL, small

from superposition.base.errors import UserError
from superposition.config.load import from_mapping
from superposition.config.messages import ConfigError

PLACE = "config.yaml: experiments.pairs"


def message(mapping: dict[str, Any]) -> str:
    with pytest.raises(ConfigError) as error:
        from_mapping(mapping)
    return str(error.value)


def test_the_error_is_for_the_user_and_a_value_error():
    assert issubclass(ConfigError, UserError)
    assert issubclass(ConfigError, ValueError)
    with pytest.raises(ConfigError, match=r"^mine\.json: seed is missing") as error:
        from_mapping({}, source="mine.json")
    assert error.value.__context__ is None


def test_every_problem_gets_a_line_of_one_message():
    mapping = small(n_features=0, models=["rleu"], runs=None) | {"training": {"batch": 0, "z": 1}}
    lines = message(mapping).splitlines()
    assert [line.split()[1] for line in lines] == [
        "training.z",
        "experiments.pairs.models[0]",
        "experiments.pairs.n_features",
        "experiments.pairs.runs",
    ]


def test_thousands_of_problems_are_told_in_twenty_lines():
    for mapping in (dict.fromkeys(map(str, range(100_000))), small(feature_probability=[2] * 100)):
        lines = message(mapping).splitlines()
        assert len(lines) == 21
        assert lines[-1] in ("… and 99,980 more.", "… and 80 more.")


def test_misspelt_key_gets_a_suggestion_and_is_not_missed_as_well():
    mapping = small(n_feature=20)
    del mapping["experiments"]["pairs"]["n_features"]
    assert message(mapping) == f"{PLACE}.n_feature is not a key here; did you mean n_features?"


RANGE = {"first": 1, "last": 6, "points": 3}
WIDE = {"first": 0.1, "last": 1, "points": 1000}
POWER_LAW = {"feature_probability": [0.03], "frequency_exponent": [1.0]}
LINES = [
    # Keys
    ({"learning_rate": 0.1}, ".learning_rate is not a key here; did you mean training.learning_r"),
    ({"zzz": 1}, ".zzz is not a key here; expected one of description, models, n_features,"),
    ({"training": {"attak": [0.1]}}, ".training.attak is not a key here; did you mean attack?"),
    ({"training": {"seed": [1, 2]}}, ".training.seed is not a key here; expected one of optimizer"),
    ({"importance": {"decay": 0.7, "x": 1}}, ".importance.x is not a key here; expected one of de"),
    ({"importance": {"first": 1}}, ".importance.last is missing."),
    # Numbers
    ({"n_features": 0}, ".n_features is 0; expected at least 1."),
    ({"n_features": [4, 5]}, ".n_features is [4, 5]; expected a whole number."),
    ({"n_hidden": 2.0}, ".n_hidden is 2.0; expected a whole number."),
    ({"n_hidden": None}, ".n_hidden is empty. Give a value, or remove it."),
    ({"runs": True}, ".runs is true; expected a whole number. YAML reads yes, no, on and off as t"),
    ({"runs": "1e3"}, ".runs is '1e3'; expected a whole number. YAML has it as text: write 1000."),
    ({"seed": "x"}, ".seed is 'x'; expected a whole number."),
    ({"training": {"learning_rate": "1e-3"}}, "YAML reads 1e-3 as text: write 1.0e-3."),
    ({"training": {"learning_rate": "2.5e4"}}, "YAML reads 2.5e4 as text: write 2.5e+4."),
    ({"training": {"learning_rate": "0.1"}}, "as text: write 0.1 without quotes."),
    ({"training": {"learning_rate": 0}}, ".training.learning_rate is 0; expected more than 0."),
    ({"training": {"learning_rate": math.nan}}, "is nan; expected a finite number."),
    ({"training": {"beta2": 1}}, ".training.beta2 is 1; expected less than 1."),
    ({"training": {"attack": [0, -1.0]}}, ".training.attack[1] is -1.0; expected at least 0."),
    ({"training": {"attack": []}}, ".attack is []; expected more entries, at least 1."),
    ({"training": {"attack": [0.2, 0.2]}}, ".training.attack[1] is 0.2, as is attack[0]; expected"),
    (
        {"training": {"attack": 0.1}, "models": ["relu", "absolute"]},
        ".training.attack is 0.1; expected 0 for the model absolute of experiments.pairs: attacks "
        "follow the rows of WᵀW, which say nothing of a model whose output weights are its own.",
    ),
    ({"training": {"initial_density": 1.5}}, ".initial_density is 1.5; expected at most 1."),
    ({"training": {"initial_density": -0.1}}, ".initial_density is -0.1; expected at least 0."),
    ({"training": {"density_fall": 0}}, ".density_fall is 0; expected more than 0."),
    (
        {"training": {"warm_up": 20_000}},
        ".training.warm_up is 20000; expected at most 10000, the steps.",
    ),
    (
        {"training": {"optimizer": "adam", "weight_decay": [0, -1]}},
        ".training.weight_decay is -1 with adam; expected 0 or more, or adamw, with which a "
        "negative one draws vectors of features to unit length.",
    ),
    (
        {"training": {"examples": 5000}},
        ".training.examples is 5000 with batches of 1024; expected at most 1024, or multiples of "
        "64 for both: a data set is read in blocks of 64 samples.",
    ),
    (
        {"training": {"examples": 10_000_000_000}},
        ".training.examples is 10000000000; expected at most 1,000,000,000.",
    ),
    (
        {"training": {"examples": 5, "attack": 0.1}},
        ".training.attack is 0.1 with examples; expected one or the other.",
    ),
    (
        {"training": {"examples": 5, "initial_density": 1}},
        ".training.initial_density is 1 with examples; expected one or the other: a data set has "
        "one density.",
    ),
    (
        {"training": {"initial_batch": 2000}},
        ".training.initial_batch is 2000; expected at most 1024, the batch that it grows to",
    ),
    (
        {"training": {"initial_batch": 64, "batch": 100}},
        ".training.initial_batch is 64 with batches of 100; expected a multiple of 64",
    ),
    (
        {"training": {"initial_batch": 64, "examples": 500}},
        ".training.initial_batch is 64 with examples; expected one or the other",
    ),
    ({"value_range": [2, 0]}, ".value_range is [2.0, 0.0]; expected the lowest value first"),
    ({"value_range": "wide"}, ".value_range"),
    (
        {"normalised": True},
        ".normalised is true, and 66 % of samples have no active feature where "
        "feature_probability is 0.1: they have no length to be divided by. Expected at most 1 %: "
        "take denser features, or more.",
    ),
    (
        {"frequency_exponent": [0.5, 3], "feature_probability": [0.4]},
        ".frequency_exponent makes densities from 1.35862 to 0.0212285 with 3 where "
        "feature_probability, their mean, is 0.4; expected 1e-06 to 1. Take another mean, or a "
        "smaller exponent.",
    ),
    (
        {"frequency_law": ["power", "linear"], "feature_probability": [0.8]},
        ".frequency_law makes densities from 1.69105 to 0.320393 with power where "
        "feature_probability, their mean, is 0.8; expected 1e-06 to 1. Take another mean, or "
        "another law.",
    ),
    (
        {"frequency_law": ["linear"], "frequency_exponent": [1], "feature_probability": [0.1]},
        ".frequency_law is ['linear'] with frequency_exponent; expected one or the other: both "
        "say how densities fall.",
    ),
    ({"frequency_law": ["zipf"]}, ".frequency_law[0] is 'zipf'; expected"),
    (
        {"frequency_exponent": [1], "feature_probability": [[1, 0.1, 0.1, 0.1]]},
        ".feature_probability[0] is a list; expected a number, the mean of all features, as "
        "frequency_exponent says how they differ.",
    ),
    (
        {"training": {"initial_density": [0, 0.2, 1]}, "feature_probability": [0.3, 0.1]},
        ".training.initial_density is 0.2; expected 0 for none, or at least 0.3, where samples of "
        "experiments.pairs end (feature_probability): they get sparser.",
    ),
    # Far too large or small: a message at once, where a build would take for ever
    ({"n_features": 10**9}, ".n_features is 1000000000; expected at most 10,000."),
    ({"n_hidden": 10**9}, ".n_hidden is 1000000000; expected at most 10,000."),
    ({"runs": 10**9}, ".runs is 1000000000; expected at most 100,000."),
    ({"runs_per_job": 10**9}, ".runs_per_job is 1000000000; expected at most 100,000."),
    ({"evaluation_samples": 10**12}, "expected at most 10,000,000."),
    ({"seed": 10**30}, "expected at most 1,000,000,000,000,000."),
    ({"seed": -(10**30)}, "expected at least -1,000,000,000,000,000."),
    ({"training": {"steps": 10**30}}, "expected at most 1,000,000,000."),
    ({"training": {"batch": 10**9}}, ".training.batch is 1000000000; expected at most 10,000,000."),
    ({"training": {"learning_rate": 1e300}}, "is 1e+300; expected at most 1,000,000,000."),
    ({"training": {"attack": [0, 1e300]}}, ".attack[1] is 1e+300; expected at most 1,000,000,000."),
    ({"training": {"snapshots": [0] * 10_001}}, "expected fewer entries, at most 10,000."),
    ({"training": {"snapshots": RANGE | {"points": 10**5}}}, "100000; expected at most 10,000."),
    ({"feature_probability": {"first": 1, "last": 0.1, "points": 10**5}}, "at most 1,000."),
    ({"feature_probability": [1e-300]}, "is 1e-300; expected at least 1e-06."),
    ({"feature_probability": [1e-6], "relative_density": [0.1]}, "1e-07; expected 1e-06 to 1."),
    ({"relative_importance": RANGE | {"points": 10**5}}, "is 100000; expected at most 1,000."),
    (
        {"relative_importance": WIDE, "relative_density": WIDE, "feature_probability": WIDE},
        " makes 2,000,000,000 cells of 4 features; expected at most 10,000 cells, and at most "
        "5,000,000 features in all of them together.",
    ),
    ({"n_features": 10_000, "feature_probability": WIDE}, " makes 2,000 cells of 10,000 features"),
    # Words
    ({"description": 3}, ".description is 3; expected text in quotes."),
    (
        {"models": ["rleu"]},
        ".models[0] is 'rleu'; expected 'linear', 'relu', 'gelu', 'tanh', 'relu_hidden', "
        "'relu_hidden_biased' or 'absolute'; did you mean relu?",
    ),
    ({"explains": ["X1"]}, ".explains[0] is 'X1'; expected the id of a claim, such as C44."),
    ({"training": {"optimizer": ["adm"]}}, "expected 'adam' or 'adamw'; did you mean adam?"),
    ({"training": {"schedule": True}}, "'linear' or 'cosine'. YAML reads yes"),
    ({"training": {"schedule": {}}}, ".training.schedule is {}; expected one value, or a list."),
    ({"training": 3}, ".training is 3; expected keys with values."),
    # Lists
    ({"models": "relu"}, ".models is 'relu'; expected a list."),
    ({"models": []}, ".models is []; expected more entries, at least 1."),
    ({"models": ["relu", "relu"]}, ".models[1] is 'relu', as is models[0]; expected each value on"),
    ({"feature_probability": 0.1}, " is 0.1; expected a list, or {first: …, last: …, points: …}."),
    ({"feature_probability": [1.5]}, "[0] is 1.5; expected at most 1. This is 1 − S, not 1/(1 − S"),
    ({"feature_probability": [0]}, "at least 1e-06. This is the density 1 − S, not the sparsity S"),
    ({"feature_probability": [0.1, [0.1] * 4]}, "[1] is [0.1, 0.1, 0.1, 0.1], as is feature_prob"),
    ({"feature_probability": [[0.1] * 3]}, "[0] is [0.1, 0.1, 0.1]; expected 4 numbers (n_featur"),
    ({"feature_probability": [[0.1, 0.1, 0.1, 2]]}, "[0][3] is 2; expected at most 1."),
    # Importance
    ({"importance": -1}, ".importance is -1; expected at least 0."),
    ({"importance": [1]}, ".importance is [1.0]; expected 4 numbers (n_features)."),
    ({"importance": 0}, "[0.0, 0.0, 0.0, 0.0]; expected at most 1e+09, and a positive one: else"),
    ({"importance": {"decay": 1e5}}, "makes I_i [1.0, 100000.0, 10000000000.0, 1000000000000000.0"),
    # Sets
    ({"correlated": [[0]]}, ".correlated[0] is [0]; expected more entries, at least 2."),
    ({"correlated": [[0, -1]]}, ".correlated[0][1] is -1; expected at least 0."),
    ({"correlated": [[0, 4]]}, ".correlated[0][1] is 4; expected a feature from 0 to 3."),
    ({"correlated": [[0, 1]], "anticorrelated": [[2, 1]]}, ".anticorrelated[0][1] is 1; expected"),
    (
        {"anticorrelated": [[0, 1]], "feature_probability": [[0.1, 0.2, 0.3, 0.3]]},
        ".feature_probability[0] gives the members of anticorrelated[0] the densities [0.1, 0.2]; "
        "expected one density for the whole set",
    ),
    (
        {"anticorrelated": [[0, 1, 2]], "feature_probability": [0.1, 1e-6]},
        ".feature_probability[1] gives each of the 3 members of anticorrelated[0] the density "
        "3.33333e-07; expected at least 1e-06: they share that of the set.",
    ),
    # Ranges and what the last feature has for itself
    ({"feature_probability": RANGE | {"points": 1, "first": 1.0, "last": 0.1}}, ".points is 1; ex"),
    ({"feature_probability": RANGE}, "feature_probability.last is 6; expected at most 1. This is"),
    ({"feature_probability": [0.6], "relative_density": [1, 2.0]}, "last feature 1.2; expected 1e"),
    (
        {"feature_probability": [0.1], "relative_density": [1, 1.00001, 1.00002]},
        ".relative_density has 1.0 and 1.00001, which both make the density of the last feature "
        "0.1, as that has four digits; expected values farther apart.",
    ),
    ({"relative_importance": [1.0, 0.5, 1.0]}, "[2] is 1.0, as is relative_importance[0]; expect"),
    (
        {"feature_probability": [0.1], "relative_density": [0.5], "correlated": [[0, 3]]},
        "gives the members of correlated[0] the densities [0.1, 0.05]",
    ),
    # A power law: what each feature has, and not the mean
    (POWER_LAW | {"feature_probability": [1e-6]}, ".frequency_exponent makes densities from 1.92"),
    (POWER_LAW | {"relative_density": [30, 100.0]}, "the last feature 1.44; expected 1e-06 to 1."),
    (
        POWER_LAW | {"feature_probability": [1e-5], "relative_density": [0.2]},
        ".relative_density makes the density of the last feature 9.6e-07; expected 1e-06 to 1.",
    ),
    (
        POWER_LAW | {"correlated": [[0, 1]]},
        ".frequency_exponent gives the members of correlated[0] the densities [0.0576, 0.0288];",
    ),
    # Weights to start from
    ({"start": 3}, ".start is 3; expected text in quotes."),
    (
        {"start": "results/weights/pair.safetensors"},
        ".start is of the experiment pair, which is not built here; did you mean pairs?",
    ),
    (
        {"start": "results/weights/pairs.safetensors"},
        ".start has experiments start from each other, pairs from pairs; expected one that starts ",
    ),
    # Snapshots
    ({"training": {"snapshots": 7}}, ".training.snapshots is 7; expected a list, or {first: …,"),
    ({"training": {"snapshots": [-1]}}, ".training.snapshots[0] is -1; expected at least 0."),
    ({"training": {"snapshots": RANGE | {"first": 0}}}, ".snapshots.first is 0; expected at least"),
    (
        {"training": {"steps": 5, "snapshots": RANGE}},
        ".training.snapshots has step 6; expected at most 5, the steps of experiments.pairs.",
    ),
    ({"training": {"steps": [9, 99], "snapshots": [10]}}, "has step 10; expected at most 9, the "),
]


@pytest.mark.parametrize(("keys", "text"), LINES, ids=[text for _, text in LINES])
def test_message_says_what_was_found_and_what_is_expected(keys, text):
    whole = message(small(**keys))
    assert whole.startswith(PLACE)
    assert text in whole
    assert "\n" not in whole
    for phrase in ("Input should", "pydantic", "validation error", "Extra inputs", "<"):
        assert phrase not in whole


def test_general_snapshot_past_an_experiments_last_step_names_both():
    mapping = small(training={"steps": 5}) | {"training": {"snapshots": [6]}}
    assert message(mapping) == (
        "config.yaml: training.snapshots has step 6; "
        "expected at most 5, the steps of experiments.pairs."
    )


def test_general_recipe_that_contradicts_itself_names_an_experiment():
    mapping = small() | {"training": {"optimizer": "adam", "weight_decay": -1}}
    assert message(mapping) == (
        "config.yaml: training.weight_decay is -1 with adam; expected 0 or more, or adamw, with "
        "which a negative one draws vectors of features to unit length (experiments.pairs)."
    )


@pytest.mark.parametrize("name", ["a b", "../x", "x/y", "1st", "", "a" * 65, "x\n", "é"])
def test_experiment_name_unfit_for_files_is_refused(name):
    mapping = {"seed": 0, "experiments": {name: SMALL["experiments"]["pairs"]}}
    assert "expected a name that is safe in file names" in message(mapping)


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ({"experiments": {}}, "experiments is {}; expected more entries, at least 1."),
        ({"experiments": None}, "experiments is empty."),
        ({"experiments": [1]}, "experiments is [1]; expected keys with values."),
        ({"experiments": {"x": 3}}, "experiments.x is 3; expected keys with values."),
        ({"engine": "gpu"}, "engine is 'gpu'; expected 'auto', 'fused', 'cuda' or 'torch'."),
        ({"zzz": 1}, "zzz is not a key here; expected one of engine, seed, runs,"),
        ({5: 1}, "5 is not a key here; expected one of engine, seed, runs,"),
        ({"only": ["pair"]}, "only[0] is 'pair', which is not in experiments; did you mean pairs?"),
        ({"only": ["pairs"] * 1001}, "expected fewer entries, at most 1,000."),
    ],
)
def test_general_mistakes_are_explained(keys, text):
    assert text in message(SMALL | keys)
