"""The settings behind the figures, in words, and the files that were made with them."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from superposition.measure.structures import COMPARED

_NAMES = {
    "models": "models",
    "n_features": "features n",
    "n_hidden": "hidden dimensions m",
    "importance": "importance I_i",
    "feature_probability": "feature density 1 − S",
    "relative_density": "density of the last feature, relative",
    "relative_importance": "importance of the last feature, relative",
    "frequency_exponent": "exponent of the power law of densities",
    "frequency_law": "law by which densities fall",
    "value_range": "values of active features",
    "normalised": "each sample divided by its length",
    "correlated": "correlated sets",
    "anticorrelated": "anticorrelated sets",
    "runs": "runs of each cell",
    "evaluation_samples": "evaluation samples at density 1",
    "seed": "seed",
    "optimizer": "optimizer",
    "learning_rate": "learning rate",
    "schedule": "schedule",
    "steps": "steps",
    "batch": "batch, new at every step",
    "weight_decay": "weight decay",
    "activation_penalty": "penalty on activations λ",
    "attack": "length of attacks, in mean input lengths",
    "initial_scale": "factor of the initial weights",
    "initial_bias": "standard deviation of the initial output biases",
    "initial_density": "density 1 − S at the first step, from which it falls to that of the "
    "features",
    "density_fall": "part of the steps during which it falls",
    "warm_up": "steps during which the learning rate first rises",
    "decay_biases": "biases decay as well",
    "initial_batch": "samples of the first step, growing to the batch",
    "examples": "samples of the data set, which a run cycles through",
    "beta1": "β_1",
    "beta2": "β_2",
    "epsilon": "ε",
}
_VALUES = {
    "unit": "uniform on [0, 1]",
    "signed": "uniform on [−1, 1]",
    "adam": "Adam",
    "adamw": "AdamW",
    "relu": "ReLU output",
    "gelu": "GELU output",
    "tanh": "tanh output",
    "relu_hidden": "ReLU hidden layer",
    "relu_hidden_biased": "ReLU hidden layer with biases",
    "absolute": "absolute value",
}
_MANY = 40
"""Characters of a list that fit into a line of the short form."""


class Experiment(NamedTuple):
    """One experiment as it was run."""

    name: str
    description: str
    settings: list[tuple[str, str]]
    """Names and values in words; `recipe` has those of its training."""
    recipe: list[tuple[str, str]]
    brief: str
    """The most telling ones, in a line."""
    files: dict[str, str]
    """Paths from the folder of results, by what the files hold."""
    runs: list[str]
    """Its training jobs, as paths of their files without the ending."""
    diverged: int
    """How many runs diverged: they are in no figure and in no claim."""


def described(given: Iterable[Mapping[str, Any]], results: Path) -> dict[str, Experiment]:
    """The experiments by name, from what `workflow.report_inputs` tells of them and the results."""
    found = {}
    for experiment in given:
        name, settings, training = (experiment[key] for key in ("name", "settings", "training"))
        files = {
            "weights": f"weights/{name}.safetensors",
            "a table of runs": f"metrics/{name}.runs.csv",
            "a table of features": f"metrics/{name}.features.csv",
            "what its samples hold": f"data/{name}.csv",
            "some samples": f"data/{name}.sample.csv",
        }
        if "dictionaries" in settings:
            files["dictionaries"] = f"dictionaries/{name}.safetensors"
            files["what dictionaries find"] = f"dictionaries/{name}.csv"
        if name in COMPARED:
            files["its losses compared with constructed solutions"] = "constructed.csv"
        found[name] = Experiment(
            name=name,
            description=experiment["description"],
            settings=list(_in_words(settings)),
            recipe=list(_in_words(training)),
            brief=" · ".join(_brief(settings, training)),
            files=files,
            runs=[file.removesuffix(".safetensors") for file in experiment["runs"]],
            diverged=_diverged(results / files["a table of runs"]),
        )
    return found


def _diverged(table: Path) -> int:
    """How many runs of a table have nothing measured; none if there is no table."""
    with suppress(FileNotFoundError), table.open(encoding="utf-8", newline="") as lines:
        return sum(row["total_dimensionality"] == "" for row in csv.DictReader(lines))
    return 0


def _in_words(settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Names and values, those with a name here first."""
    for key in [*filter(settings.__contains__, _NAMES), *sorted(settings.keys() - _NAMES)]:
        if settings[key] != []:
            yield label(key), words(settings[key])


def _brief(settings: Mapping[str, Any], training: Mapping[str, Any]) -> Iterator[str]:
    yield " and ".join(words([model]) for model in settings["models"])
    yield f"n = {settings['n_features']}, m = {settings['n_hidden']}"
    yield f"I_i = {words(settings['importance'])}"
    densities = settings["feature_probability"]
    short = words(densities)
    if isinstance(densities, list) and len(short) > _MANY:
        # An entry may have one for each feature.
        every = [p for one in densities for p in (one if isinstance(one, list) else [one])]
        many = f"{len(densities)} values " if len(densities) > 1 else ""
        short = f"{many}from {words(max(every))} to {words(min(every))}"
    yield f"1 − S = {short}"
    runs = settings["runs"]
    yield f"{runs} run{'' if runs == 1 else 's'} of {words(training['steps'])} steps"


def label(key: str) -> str:
    """A setting's name in words."""
    return _NAMES.get(key, key.replace("_", " "))


def words(value: Any) -> str:
    """A setting's value in words."""
    if isinstance(value, dict):
        return _law(value)
    if isinstance(value, list):
        return ", ".join(_member(item) for item in value)
    if isinstance(value, float):
        return f"{value:g}".replace("e-0", "e-").replace("-", "−")
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}" if value >= 10_000 else str(value)
    return _VALUES.get(str(value), str(value))


def _law(value: Mapping[str, Any]) -> str:
    if set(value) == {"decay"}:
        return f"{words(value['decay'])}^i"
    if {"first", "last"} <= set(value):
        ends = f"{words(value['first'])} to {words(value['last'])} in equal ratios"
        return f"{value['points']} values from {ends}" if "points" in value else f"from {ends}"
    return "; ".join(f"{label(key)} {words(item)}" for key, item in value.items())


def _member(item: Any) -> str:
    if not isinstance(item, list):
        return words(item)
    numbers = all(isinstance(one, int) for one in item)
    if numbers and len(item) > 3 and item == list(range(item[0], item[-1] + 1)):
        return f"{{{item[0]} … {item[-1]}}}"
    return f"{{{words(item)}}}"
