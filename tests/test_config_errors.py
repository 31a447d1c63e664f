"""Mistakes in the configuration: where, what was found, what is expected, the likely cause."""

import copy
import math
from typing import Any

import pytest

from superposition.config import ConfigError, from_mapping
from superposition.errors import UserError

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
PLACE = "config.yaml: experiments.pairs"


def small(**pairs: Any) -> dict[str, Any]:
    """Return a small configuration whose one experiment has these keys as well."""
    mapping = copy.deepcopy(SMALL)
    mapping["experiments"]["pairs"].update(pairs)
    return mapping


def message(mapping: dict[str, Any]) -> str:
    with pytest.raises(ConfigError) as error:
        from_mapping(mapping)
    return str(error.value)


def test_density_above_one_is_explained_as_the_inverse():
    assert message(small(feature_probability=[1, 0.3, 0.1, 1.5])) == (
        f"{PLACE}.feature_probability[3] is 1.5; expected a probability in (0, 1]. "
        "This is 1 − S, not 1/(1 − S)."
    )


def test_density_zero_is_explained_as_a_sparsity():
    assert message(small(feature_probability=[0])) == (
        f"{PLACE}.feature_probability[0] is 0; expected a probability in (0, 1]. "
        "This is the density 1 − S, not the sparsity S."
    )


def test_misspelt_key_gets_a_suggestion_and_is_not_missed_as_well():
    mapping = small(n_feature=20)
    del mapping["experiments"]["pairs"]["n_features"]
    assert message(mapping) == (
        f"{PLACE}.n_feature is not a key of an experiment; did you mean n_features?"
    )


def test_misspelt_model_gets_a_suggestion():
    assert message(small(models=["rleu"])) == (
        f"{PLACE}.models[0] is 'rleu'; expected one of linear, relu, relu_hidden, "
        "relu_hidden_biased, absolute; did you mean relu?"
    )


def test_missing_key_is_named_with_its_meaning():
    mapping = small()
    del mapping["experiments"]["pairs"]["n_hidden"]
    assert message(mapping) == (
        f"{PLACE}.n_hidden is missing; expected a whole number of at least 1. "
        "Number of hidden dimensions, m."
    )


def test_every_problem_gets_a_line_of_one_message():
    mapping = small(n_features=0, models=["rleu"], zzz=1)
    mapping["training"] = {"batch": 0}
    lines = message(mapping).splitlines()
    assert len(lines) == 4
    assert all(line.startswith("config.yaml: ") for line in lines)


def test_the_error_is_for_the_user_and_a_value_error():
    assert issubclass(ConfigError, UserError)
    assert issubclass(ConfigError, ValueError)
    with pytest.raises(ConfigError) as error:
        from_mapping({})
    assert error.value.__suppress_context__


LINES = [
    # Keys
    ({"learning_rate": 0.1}, ".learning_rate is not a key of an experiment; did you mean training"),
    ({"zzz": 1}, ".zzz is not a key of an experiment; expected one of description, models,"),
    ({"training": {"step": 1}}, ".training.step is not a key of training; did you mean steps?"),
    ({"importance": {"decay": 0.7, "x": 1}}, ".importance.x is not a key of {decay: …}; expected"),
    # Numbers
    ({"n_features": 0}, ".n_features is 0; expected a whole number of at least 1."),
    ({"n_hidden": 0}, ".n_hidden is 0; expected a whole number of at least 1."),
    ({"n_hidden": 2.0}, ".n_hidden is 2.0; expected a whole number of at least 1. Write 2."),
    ({"runs": 0}, ".runs is 0; expected a whole number of at least 1."),
    ({"runs": True}, ".runs is true; expected a whole number of at least 1. YAML reads yes, no,"),
    ({"runs": None}, ".runs is empty; expected a whole number of at least 1. Give a value, or"),
    ({"n_hidden": None}, ".n_hidden is empty; expected a whole number of at least 1. Give a value"),
    ({"runs": "1e3"}, ".runs is '1e3'; expected a whole number of at least 1. YAML has it as text"),
    ({"seed": "x"}, ".seed is 'x'; expected a whole number."),
    ({"training": {"learning_rate": "1e-3"}}, "YAML reads 1e-3 as text: write 1.0e-3."),
    ({"training": {"learning_rate": "2.5e4"}}, "YAML reads 2.5e4 as text: write 2.5e+4."),
    ({"training": {"learning_rate": "0.1"}}, "as text: write 0.1 without quotes."),
    ({"training": {"learning_rate": 0}}, ".training.learning_rate is 0; expected a number above 0"),
    ({"training": {"learning_rate": math.nan}}, "is nan; expected a number above 0."),
    ({"training": {"weight_decay": math.inf}}, "is inf; expected a number of at least 0."),
    ({"training": {"beta2": 1}}, ".training.beta2 is 1; expected a number in [0, 1)."),
    ({"training": {"batch": 0}}, ".training.batch is 0; expected a whole number of at least 1."),
    ({"training": {"activation_penalty": -1}}, "is -1; expected a number of at least 0."),
    ({"training": {"attack": -0.1}}, ".training.attack is -0.1; expected a number in [0, 1]."),
    ({"training": {"attack": 1.5}}, "is 1.5; expected a number in [0, 1]. Attacks are as long as"),
    (
        {"training": {"attack": 0.1}, "models": ["relu", "absolute"]},
        ".training.attack is 0.1; expected 0 for the model absolute of experiments.pairs: attacks "
        "follow the rows of WᵀW, which say nothing of a model whose output weights are its own.",
    ),
    ({"training": {"steps": -1}}, ".training.steps is -1; expected a whole number of at least 0."),
    # Words
    ({"training": {"schedule": True}}, "is true; expected one of constant, linear, cosine. YAML"),
    ({"training": {"optimizer": "adamW"}}, "expected one of adam, adamw; did you mean adamw?"),
    ({"value_range": [0, 1]}, ".value_range is [0, 1]; expected one of unit, signed."),
    ({"training": 3}, ".training is 3; expected {optimizer: …, learning_rate: …}."),
    # Lists
    ({"models": "relu"}, ".models is 'relu'; expected a list, each entry one of linear, relu, rel"),
    ({"models": "relu"}, "absolute. Write [relu]."),
    ({"models": []}, ".models has no entries; expected at least 1."),
    ({"models": ["relu", "relu"]}, ".models[1] is 'relu', as is models[0]; expected each model on"),
    ({"feature_probability": 0.1}, " is 0.1; expected a list, each entry a probability in (0, 1]"),
    ({"feature_probability": 0.1}, "list of numbers. Write [0.1]."),
    ({"feature_probability": [0.1, 1, 0.1]}, "[2] is 0.1, as is feature_probability[0]; expected"),
    ({"feature_probability": [0.1, [0.1] * 4]}, "[1] is [0.1, 0.1, 0.1, 0.1], as is feature_prob"),
    ({"feature_probability": [[0.1] * 3]}, "[0] has 3 numbers; expected 4, one for each feature"),
    ({"feature_probability": [[0.1, 0.1, 0.1, 2]]}, "[0][3] is 2; expected a probability in (0, 1"),
    # Importance
    ({"importance": -1}, ".importance is -1; expected a number of at least 0."),
    ({"importance": 0}, ".importance is 0.0; expected a positive number for at least one feature."),
    ({"importance": [0, 0, 0, 0]}, "expected a positive number for at least one feature."),
    ({"importance": [1, 1, 1]}, ".importance has 3 numbers; expected 4, one for each feature"),
    ({"importance": [1]}, ".importance has 1 number; expected 4, one for each feature"),
    ({"importance": {"deacy": 0.7}}, " is {deacy: 0.7}; expected a number of at least 0, {decay:"),
    ({"importance": {"decay": 0.7, "first": 1}}, "Give one of the forms; a second file adds to th"),
    ({"importance": {"first": 1}}, ".importance.last is missing; expected a number above 0."),
    ({"importance": {"decay": 1e200}}, "over 4 features grows beyond the largest number; expected"),
    # Sets
    ({"correlated": [0, 1]}, ".correlated[0] is 0; expected a list of at least 2, each entry a wh"),
    ({"correlated": [0, 1]}, "Sets are lists in a list: [[0, 1], [2, 3]]."),
    ({"correlated": [[0]]}, ".correlated[0] has 1 entry; expected at least 2."),
    ({"correlated": [[0, -1]]}, ".correlated[0][1] is -1; expected a whole number of at least 0."),
    ({"correlated": [[0, 4]]}, ".correlated[0][1] is 4; expected a feature from 0 to 3: n_feature"),
    ({"correlated": [[0, 0]]}, ".correlated[0][1] is 0, which is in correlated[0] already; expect"),
    ({"correlated": [[0, 1]], "anticorrelated": [[2, 1]]}, ".anticorrelated[0][1] is 1, which is"),
    (
        {"anticorrelated": [[0, 1]], "feature_probability": [[0.1, 0.2, 0.3, 0.3]]},
        ".feature_probability[0] gives the members of anticorrelated[0] the densities [0.1, 0.2]; "
        "expected one density for the whole set",
    ),
    # Snapshots
    ({"training": {"snapshots": [-1]}}, "snapshots[0] is -1; expected a whole number of at least"),
    ({"training": {"steps": 5, "snapshots": [5, 6]}}, ".training.snapshots[1] is 6; expected at m"),
    (
        {"training": {"steps": 5, "snapshots": {"first": 1, "last": 6, "points": 3}}},
        ".training.snapshots.last is 6; expected at most 5, the steps of experiments.pairs.",
    ),
    (
        {"training": {"snapshots": {"first": 0, "last": 6, "points": 3}}},
        ".training.snapshots.first is 0; expected a whole number of at least 1.",
    ),
    (
        {"training": {"snapshots": 7}},
        ".training.snapshots is 7; expected a list, each entry a whole number of at least 0.",
    ),
]


@pytest.mark.parametrize(("keys", "text"), LINES, ids=[text for _, text in LINES])
def test_message_says_what_was_found_and_what_is_expected(keys, text):
    whole = message(small(**keys))
    assert whole.startswith(PLACE)
    assert text in whole
    assert "\n" not in whole.replace(f"\n{PLACE}.correlated[1]", "")
    for phrase in ("Input should", "pydantic", "validation error", "Extra inputs", "<"):
        assert phrase not in whole


def test_general_snapshot_past_an_experiments_last_step_names_both():
    mapping = small(training={"steps": 5})
    mapping["training"] = {"snapshots": [6]}
    assert message(mapping) == (
        "config.yaml: training.snapshots[0] is 6; "
        "expected at most 5, the steps of experiments.pairs."
    )


@pytest.mark.parametrize("name", ["a b", "../x", "x/y", "1st", ".x", "", "a" * 65, "x\n", "é"])
def test_experiment_name_unfit_for_files_is_refused(name):
    mapping = copy.deepcopy(SMALL)
    mapping["experiments"] = {name: mapping["experiments"]["pairs"]}
    assert "expected a name that is safe in file names" in message(mapping)


def test_names_that_differ_in_capitals_only_are_refused():
    mapping = small()
    mapping["experiments"]["Pairs"] = mapping["experiments"]["pairs"]
    assert "experiments.Pairs differs from experiments.pairs in capital letters only" in message(
        mapping
    )


@pytest.mark.parametrize(
    ("mapping", "text"),
    [
        ({}, "config.yaml: seed is missing; expected a whole number."),
        (
            {"seed": 0, "experiments": {}},
            "config.yaml: experiments has no entries; expected at least 1.",
        ),
        (
            {"seed": 0, "experiments": None},
            "config.yaml: experiments is empty; expected {name: …}.",
        ),
        ({"seed": 0, "experiments": [1]}, "config.yaml: experiments is [1]; expected {name: …}."),
        (
            {"seed": 0, "experiments": {"x": 3}},
            "config.yaml: experiments.x is 3; expected {models: …,",
        ),
        (
            {**SMALL, "engine": "gpu"},
            "config.yaml: engine is 'gpu'; expected one of auto, fused, cuda, torch, torch-cuda.",
        ),
        (
            {**SMALL, "zzz": 1},
            "config.yaml: zzz is not a key of the configuration; expected one of",
        ),
        ({**SMALL, 5: 1}, "config.yaml: has the key 5; expected keys that are text."),
    ],
)
def test_general_mistakes_are_explained(mapping, text):
    assert text in message(mapping)


def test_message_names_the_source_it_is_given():
    with pytest.raises(ConfigError, match=r"^mine\.json: seed is missing"):
        from_mapping({}, source="mine.json")


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        (
            {"feature_probability": {"first": 1.0, "last": 0.1, "points": 1}},
            "feature_probability.points is 1; expected a whole number of at least 2.",
        ),
        (
            {"feature_probability": {"first": 2.0, "last": 0.1, "points": 3}},
            "feature_probability.first is 2.0; expected a probability in (0, 1].",
        ),
        (
            {"feature_probability": [0.6], "relative_density": [1, 2.0]},
            "relative_density makes the density of the last feature 1.2; expected at most 1.",
        ),
        (
            {"relative_importance": [1.0, 0.5, 1.0]},
            "relative_importance[2] is 1.0, as is relative_importance[0]",
        ),
        (
            {"feature_probability": [0.1], "relative_density": [0.5], "correlated": [[0, 3]]},
            "gives the members of correlated[0] the densities [0.1, 0.05]",
        ),
    ],
)
def test_mistakes_in_ranges_are_explained(keys, text):
    assert text in message(small(**keys))


def test_unknown_name_of_an_experiment_gets_a_suggestion():
    assert message(small() | {"only": ["pair"]}) == (
        "config.yaml: only[0] is 'pair', which is not in experiments; did you mean pairs?"
    )
