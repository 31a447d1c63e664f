"""The settings behind the figures, in words, and the files that were made with them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_NAMES = {
    "models": "models",
    "n_features": "features n",
    "n_hidden": "hidden dimensions m",
    "importance": "importance I_i",
    "feature_probability": "feature density 1 − S",
    "relative_density": "density of the last feature, relative",
    "relative_importance": "importance of the last feature, relative",
    "value_range": "values of active features",
    "correlated": "correlated sets",
    "anticorrelated": "anticorrelated sets",
    "runs": "runs of each cell",
    "evaluation_samples": "evaluation samples at density 1",
    "seed": "seed",
    "optimizer": "optimizer",
    "learning_rate": "learning rate",
    "schedule": "schedule",
    "steps": "steps",
    "batch": "batch, fresh at every step",
    "weight_decay": "weight decay",
    "activation_penalty": "penalty on activations λ",
    "attack": "attack, in mean lengths of an input",
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
    "relu_hidden": "ReLU hidden layer",
    "relu_hidden_biased": "ReLU hidden layer with biases",
    "absolute": "absolute value",
}
_MANY = 40
"""Characters of a list that fit into a line of the short form."""


@dataclass(frozen=True)
class Cell:
    """A cell's files.

    Attributes:
        model: Row of the model table.
        density: As in file names.
        files: What they hold, and their paths from the folder of results.
        times: For each stage, where Snakemake keeps the times of its jobs, from `benchmarks/`.
    """

    model: str
    density: str
    files: Mapping[str, str]
    times: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Experiment:
    """One experiment as it was run.

    Attributes:
        name: As in config.yaml.
        description: What it is for.
        settings: Name and value of every setting that it has.
        recipe: The same of its training.
        brief: The most telling ones, in a line.
        tables: What the tables of metrics hold, and their paths from the folder of results.
        cells: Its files.
    """

    name: str
    description: str
    settings: tuple[tuple[str, str], ...]
    recipe: tuple[tuple[str, str], ...]
    brief: str
    tables: Mapping[str, str]
    cells: tuple[Cell, ...]


def described(given: Iterable[Mapping[str, Any]]) -> dict[str, Experiment]:
    """Return the experiments by name, from those of `Plan.report_settings`."""
    return {experiment["name"]: _experiment(**experiment) for experiment in given}


def _experiment(
    name: str,
    description: str,
    densities: Sequence[str],
    jobs: Sequence[str],
    settings: Mapping[str, Any],
    training: Mapping[str, Any],
) -> Experiment:
    return Experiment(
        name=name,
        description=description,
        settings=tuple(_in_words(settings)),
        recipe=tuple(_in_words(training)),
        brief=" · ".join(_brief(settings, training)),
        tables={
            "a row for each run": f"metrics/{name}.runs.csv",
            "a row for each feature of each run": f"metrics/{name}.features.csv",
        },
        cells=tuple(
            _cell(name, model, density, jobs)
            for model in settings["models"]
            for density in densities
        ),
    )


def _in_words(settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield names and values, those with a name here first."""
    places = {key: place for place, key in enumerate(_NAMES)}
    for key in sorted(settings, key=lambda key: (places.get(key, len(places)), key)):
        if settings[key] != []:
            yield label(key), words(settings[key])


def _brief(settings: Mapping[str, Any], training: Mapping[str, Any]) -> Iterator[str]:
    yield " and ".join(words([model]) for model in settings["models"])
    yield f"n = {settings['n_features']}, m = {settings['n_hidden']}"
    yield f"I_i = {words(settings['importance'])}"
    densities = settings["feature_probability"]
    short = words(densities)
    if isinstance(densities, list) and len(short) > _MANY:
        short = f"{len(densities)} values from {words(max(densities))} to {words(min(densities))}"
    yield f"1 − S = {short}"
    runs = settings["runs"]
    yield f"{runs} run{'' if runs == 1 else 's'} of {training['steps']:,} steps"


def _cell(experiment: str, model: str, density: str, jobs: Sequence[str]) -> Cell:
    place = f"{experiment}/{model}_{density}"
    files = {
        "weights": f"weights/{place}.safetensors",
        "sample": f"data/{experiment}/{density}.safetensors",
        "its statistics": f"data/{experiment}/{density}.csv",
    }
    times = {
        "train": tuple(f"train/{place}/{job}.tsv" for job in jobs),
        "export": (f"export/{place}.tsv",),
        "measure": (f"measure/{experiment}.tsv",),
        "data": (f"data/{experiment}/{density}.tsv",),
    }
    return Cell(model, density, files, times)


def label(key: str) -> str:
    """Return a setting's name in words."""
    return _NAMES.get(key, key.replace("_", " "))


def words(value: Any) -> str:
    """Return a setting's value in words."""
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
    return ", ".join(f"{label(key)} {words(item)}" for key, item in value.items())


def _member(item: Any) -> str:
    if not isinstance(item, list):
        return words(item)
    if len(item) > 3 and item == list(range(item[0], item[-1] + 1)):
        return f"{{{item[0]} … {item[-1]}}}"
    return f"{{{words(item)}}}"
