"""What to train: configurations from keywords and from files."""

from __future__ import annotations  # `help` shows the types by their names

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Never

import numpy as np

from superposition.api.keys import DictionaryKeys, Numbers, Range, TrainingKeys
from superposition.base.arguments import expect, file_or_folder
from superposition.config.load import from_mapping, from_sources, read, shown
from superposition.config.messages import ConfigError
from superposition.config.models import ModelName
from superposition.config.schema import Config
from superposition.config.settings import ValueRange
from superposition.config.values import FrequencyLaw

_ABOUT_YAML = re.compile(" YAML (reads|has) .*")
"""Advice that does not help here: up to the end of its line."""
_REQUIRED: Any = ...
"""In place of a key that has to be given: what lacks is told with all else that is wrong."""


def experiment(
    name: str = "experiment",
    /,
    *,
    models: Sequence[ModelName] = _REQUIRED,
    n_features: int = _REQUIRED,
    n_hidden: int = _REQUIRED,
    importance: float | Numbers | Mapping[str, float] = _REQUIRED,
    feature_probability: Numbers | Range = _REQUIRED,
    runs: int | None = None,
    training: TrainingKeys | None = None,
    relative_density: Numbers | Range | None = None,
    relative_importance: Numbers | Range | None = None,
    frequency_exponent: Numbers | Range | None = None,
    frequency_law: Sequence[FrequencyLaw] | None = None,
    value_range: ValueRange | Numbers | None = None,
    normalised: bool | None = None,
    correlated: Sequence[Numbers] | None = None,
    anticorrelated: Sequence[Numbers] | None = None,
    dictionaries: DictionaryKeys | None = None,
    evaluation_samples: int | None = None,
    seed: int | None = None,
    start: str | None = None,
    description: str | None = None,
    explains: Sequence[str] | None = None,
    follow_up: bool | None = None,
    runs_per_job: int | None = None,
    **unknown: Never,
) -> Config:
    """A configuration of one experiment, checked as `config.yaml` is.

    The keywords are the keys of an experiment in config.yaml. Arrays, tensors and ranges do for
    lists.

    Args:
        name: Its name; cells are called `name/model_density`. Figures of the paper are plotted of
            experiments by the names in config.yaml.
        models: Rows of the model table: linear, relu, gelu, tanh, relu_hidden, relu_hidden_biased,
            absolute.
        n_features: n.
        n_hidden: m.
        importance: I_i: a number for all features, `{"decay": r}` for r^i, `{"first": a,
            "last": b}` in equal ratios, or a list.
        feature_probability: Densities 1 − S, a cell for each: a list, or `{"first": a, "last": b,
            "points": k}` in equal ratios. An entry may be a list with one for each feature.
        runs: Networks of each cell, each from a start and on batches of its own (default 32).
        training: The recipe: optimizer, learning_rate, schedule, weight_decay, beta1, beta2,
            epsilon, batch, steps, initial_scale, initial_bias, activation_penalty, attack,
            initial_density, density_fall, warm_up, decay_biases, examples, initial_batch,
            snapshots. A list of values for any but the last sweeps it.
        relative_density: Factors of the last feature's density, a cell for each.
        relative_importance: Factors of the last feature's importance, a cell for each.
        frequency_exponent: Exponents a of densities that fall as i^−a, with feature_probability
            as their mean: a cell for each.
        frequency_law: Laws by which densities fall, instead of exponents: power (i^−1.2),
            exponential (e^(−10 i / n)), linear (n + 1 − i). A cell for each.
        value_range: Values of an active feature: `unit`, [0, 1], `signed`, [−1, 1], or a pair.
        normalised: Whether each sample is divided by its length.
        correlated: Sets of features that are active together.
        anticorrelated: Sets of features of which one is active when the set is.
        dictionaries: Sparse autoencoders to train on every run: sizes, penalties, most_active,
            prices, bandwidth, learning_rate, batch, steps.
        evaluation_samples: Samples at density 1 on which runs are compared (default 32768).
        seed: Seed of everything random (default 0).
        start: A file of weights that runs start from.
        description: What it is for, in words.
        explains: Claims whose deviations it explains.
        follow_up: Of the workflow; it changes nothing here.
        runs_per_job: Of the workflow; it changes nothing here.
        unknown: There are no others; what is misspelt is told with what was meant.

    Raises:
        ConfigError: With everything that is wrong, a line for each problem.

    Example:
        >>> import superposition as sp
        >>> sweep = sp.experiment(
        ...     models=["relu"], n_features=5, n_hidden=2, importance={"decay": 0.9},
        ...     feature_probability=[1.0, 0.1], runs=16, training={"attack": [0, 0.2]},
        ... )
        >>> for name in sweep.cells():
        ...     print(name)
        experiment/relu_p1+attack0
        experiment/relu_p1+attack0.2
        experiment/relu_p0.1+attack0
        experiment/relu_p0.1+attack0.2
    """
    given = {**locals()}
    keys = {key: value for key, value in given.items() if key not in ("name", "unknown")}
    left_out = (None, _REQUIRED)
    keys = {k: v for k, v in keys.items() if not any(v is one for one in left_out)} | unknown
    try:
        return from_mapping(
            {
                **{"seed": 0, "explanations": True, "follow_ups": True},
                "experiments": {name: plain(keys)},
            },
            "experiment",
        )
    except ConfigError as error:
        told = re.sub(rf"experiments\.{re.escape(name)}\.(?=\w)", "", str(error))
        raise ConfigError(_ABOUT_YAML.sub("", told)) from None


def read_config(
    path: Path | str = "config.yaml",
    *overlays: Path | str | Mapping[str, Any],
    only: str | Sequence[str] = (),
) -> Config:
    """The configuration in a file, or some of its experiments.

    Args:
        path: The file. Where there is no config.yaml, it is the one that came with the package.
        overlays: What to change: files as for Snakemake's --configfile, or mappings, such as
            `{"experiments": {"intro": {"training": {"steps": 1000}}}}`. What stands outside of
            `experiments` is for those that do not say it themselves.
        only: Names of the experiments to keep; all of them if none is given.

    Raises:
        ConfigError: With everything that is wrong, a line for each problem.

    Example:
        >>> import superposition as sp
        >>> shorter = {"experiments": {"intro": {"training": {"steps": 1000}}}}
        >>> intro = sp.read_config("config.yaml", shorter, only="intro")
        >>> {name: cell.training.steps for name, cell in intro.cells().items()}
        {'intro/relu_p1': 1000, 'intro/relu_p0.2': 1000, 'intro/relu_p0.1': 1000}
    """
    sources = [("path", path), *((f"overlays[{k}]", one) for k, one in enumerate(overlays))]
    given = [
        ("overlay", plain(source))
        if isinstance(source, Mapping)
        else (shown(file_or_folder(name, source)), read(source))
        for name, source in sources
    ]
    only = plain(only) or []
    expect("only", only, isinstance(only, str | list), "a name or a list of names")
    if only:
        given.append(("only", {"only": [only] if isinstance(only, str) else only}))
    return from_sources(given)


_SHORT = ("float16", "float32")
"""Types of numbers, numpy's and others', that have fewer bits than Python's."""


def plain(value: Any) -> Any:
    """Arrays, their numbers and other sequences as what YAML could have held.

    A number of fewer bits than Python's is the shortest decimal that it stands for: 0.2 in float32
    is 0.2, and not 0.20000000298023224.
    """
    kind = str(getattr(value, "dtype", "")).rpartition(".")[2]
    if hasattr(value, "tolist"):
        value = value.tolist()
    if kind in _SHORT:
        return _shortest(value, getattr(np, kind))
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list | range):
        return [plain(item) for item in value]
    if isinstance(value, set | frozenset):  # which pydantic would take in any order
        raise ConfigError(f"{value!r} is a set; expected a list: the order of values counts.")
    return value


def _shortest(value: Any, kind: Callable[[float], np.floating[Any]]) -> Any:
    """Numbers of a type, in lists or alone, as their shortest decimals."""
    if isinstance(value, list):
        return [_shortest(item, kind) for item in value]
    return float(str(kind(value)))
