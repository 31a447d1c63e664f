"""Every key of config.yaml, wherever it stands: which jobs an edit of it reruns, and no others.

The keys are those of the configuration's schema: a new one fails here until it says what it
reaches. The leaves are those of config.yaml itself. Which jobs run is derived by `blueprint`;
which should is written down here, by the stages that a key is about.
"""

import copy
import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from blueprint import JUDGE, PAGE, Job, jobs_of, plan_of, rerun

from superposition.config.models import MODELS
from superposition.config.schema import json_schema
from superposition.explorer import EXPERIMENTS as EXPLORED
from superposition.figures import FIGURES
from superposition.measure.structures import COMPARED as STRUCTURES

FILE = Path(__file__).parents[1] / "config.yaml"
# What YAML's anchors share is copied, so that each place can be edited alone.
CONFIG = json.loads(json.dumps(yaml.safe_load(FILE.read_text(encoding="utf-8"))))
# All experiments are built, so that edits of each can be seen.
CONFIG |= {"explanations": True, "follow_ups": True}
EXPERIMENTS = CONFIG["experiments"]
ASKED_FOR = {"explanations": "explains", "follow_ups": "follow_up"}
"""What asks for experiments that are left out otherwise, and the key that they have."""
LEFT_OUT = [
    (name, asks)
    for name, experiment in sorted(EXPERIMENTS.items())
    for asks, key in ASKED_FOR.items()
    if key in experiment
]

# The stages whose jobs run for an experiment, and what comes of them, by their folder in results/.
LAST = ("claims", "report")
NOTHING: tuple[str, ...] = ()
TOLD = ("report",)
FOUND = ("dictionaries", "figures", *LAST)
GATHERED = ("weights", "dictionaries", "metrics", "constructed", "figures", "explorer", *LAST)
COMPARED = ("data", *GATHERED)
TRAINED = ("runs", *GATHERED)
EVERYTHING = ("data", *TRAINED)

JOBS = jobs_of(plan_of(CONFIG))
SCHEMA = json.loads(json_schema())
Edit = Callable[[Any, dict[str, Any]], Any]


def scaled(factor: float) -> Edit:
    return lambda old, _: old * factor


def other(*values: Any) -> Edit:
    return lambda old, _: next(value for value in values if value != old)


def more(new: Any) -> Edit:
    return lambda old, _: [*(old or []), new]


def plus(step: float) -> Edit:
    return lambda old, _: old + step


def another_density(old: Any, experiment: dict[str, Any]) -> Any:
    new = 0.000123 if "frequency_exponent" in experiment else 0.123
    new = 0.00623 if "frequency_law" in experiment else new
    each = [new] * experiment["n_features"]
    return [*old, each if any(isinstance(entry, list) for entry in old) else new]


def another_model(old: list[str], _: dict[str, Any]) -> list[str]:
    missing = [model for model in ("relu", "linear") if model not in old]
    return [*old, missing[0]] if missing else old[:-1]


def other_importance(old: Any, _: dict[str, Any]) -> Any:
    return [*old[:-1], old[-1] / 2 or 1.0] if isinstance(old, list) else old / 2


def fewer_sets(old: list[list[int]] | None, _: dict[str, Any]) -> list[list[int]]:
    return old[:-1] if old else [[0, 1]]


def one_more(edit: Edit) -> Edit:
    """Return the edit of a key that may be swept: then by one value more."""
    swept = lambda old: isinstance(old, list) and old  # noqa: E731
    return lambda old, of: [*old, edit(old[-1], of)] if swept(old) else edit(old, of)


RECIPE: dict[str, tuple[Edit, tuple[str, ...]]] = {
    "optimizer": (other("adam", "adamw"), TRAINED),
    "learning_rate": (scaled(0.5), TRAINED),
    "schedule": (other("linear", "cosine"), TRAINED),
    "weight_decay": (plus(0.001), TRAINED),
    "beta1": (scaled(0.5), TRAINED),
    "beta2": (scaled(0.5), TRAINED),
    "epsilon": (scaled(2), TRAINED),
    "batch": (scaled(2), TRAINED),
    "steps": (plus(1), TRAINED),
    "activation_penalty": (plus(0.25), TRAINED),
    "attack": (lambda old, _: old * 0.875 or 0.0625, TRAINED),
    "initial_scale": (scaled(2), TRAINED),
    "initial_bias": (lambda old, _: (old or 0) + 0.25, TRAINED),
    "initial_density": (other(1.0, 0.0), TRAINED),
    "density_fall": (scaled(0.5), TRAINED),
    "warm_up": (lambda old, _: (old or 0) + 1, TRAINED),
    "decay_biases": (lambda old, _: old is False, TRAINED),
    "initial_batch": (lambda old, of: (old or 0) + 1, TRAINED),
    "examples": (lambda old, _: (old or 0) + 64, TRAINED),
    "snapshots": (more(7), TRAINED),
    "snapshots.first": (plus(2), TRAINED),
    "snapshots.last": (plus(-9), TRAINED),
    "snapshots.points": (plus(1), TRAINED),
}
RANGES = {
    **dict.fromkeys(("feature_probability", "frequency_exponent"), COMPARED),
    # Whose cells are trained in one job.
    "relative_density": EVERYTHING,
    "relative_importance": TRAINED,
}
GENERAL: dict[str, tuple[Edit, tuple[str, ...]]] = {
    "seed": (plus(1), EVERYTHING),
    "runs": (plus(1), GATHERED),
    "runs_per_job": (plus(-1), GATHERED),
    "evaluation_samples": (plus(1), COMPARED),
}
KEYS: dict[str, tuple[Edit, tuple[str, ...]]] = {
    "engine": (other("torch"), TRAINED),
    **GENERAL,
    "only": (lambda old, _: list(EXPERIMENTS), NOTHING),
    "explanations": (other(False, True), LAST),
    "follow_ups": (other(False, True), LAST),
    **{f"training.{key}": found for key, found in RECIPE.items()},
    "experiments.*.description": (lambda old, _: f"{old or ''} Reworded.", TOLD),
    "experiments.*.explains": (more("C1"), TOLD),
    "experiments.*.follow_up": (other(False), NOTHING),
    "experiments.*.models": (another_model, GATHERED),
    "experiments.*.n_features": (plus(1), EVERYTHING),
    "experiments.*.n_hidden": (plus(1), TRAINED),
    "experiments.*.importance": (other_importance, TRAINED),
    "experiments.*.importance.decay": (scaled(0.5), TRAINED),
    "experiments.*.importance.first": (scaled(0.5), TRAINED),
    "experiments.*.importance.last": (scaled(0.5), TRAINED),
    "experiments.*.feature_probability": (another_density, COMPARED),
    "experiments.*.relative_density": (more(0.37), EVERYTHING),
    "experiments.*.relative_importance": (more(0.37), TRAINED),
    **{
        f"experiments.*.{key}.{end}": (plus(1) if end == "points" else scaled(0.875), reached)
        for key, reached in RANGES.items()
        for end in ("first", "last", "points")
    },
    "experiments.*.start": (other("mine.safetensors"), TRAINED),
    "experiments.*.frequency_exponent": (lambda old, _: [0.5], COMPARED),
    "experiments.*.frequency_law": (lambda old, _: ["linear"], COMPARED),
    "experiments.*.value_range": (other("signed", "unit"), EVERYTHING),
    "experiments.*.normalised": (lambda old, _: not old, EVERYTHING),
    "experiments.*.correlated": (fewer_sets, EVERYTHING),
    "experiments.*.anticorrelated": (fewer_sets, EVERYTHING),
    **{
        f"experiments.*.training.{key}": (
            edit if key.startswith("snapshots") else one_more(edit),
            found,
        )
        for key, (edit, found) in RECIPE.items()
    },
    **{f"experiments.*.{key}": found for key, found in GENERAL.items()},
    "experiments.*.dictionaries.sizes": (more(11), FOUND),
    "experiments.*.dictionaries.penalties": (more(0.7), FOUND),
    "experiments.*.dictionaries.most_active": (more(3), FOUND),
    "experiments.*.dictionaries.prices": (more(0.7), FOUND),
    "experiments.*.dictionaries.bandwidth": (other(0.2), FOUND),
    "experiments.*.dictionaries.learning_rate": (scaled(0.5), FOUND),
    "experiments.*.dictionaries.batch": (scaled(2), FOUND),
    "experiments.*.dictionaries.steps": (plus(1), FOUND),
}
# Where config.yaml has a key nowhere, it is given to an experiment that may have it.
WITH_SNAPSHOTS = {"training": {"snapshots": {"first": 5, "last": 500, "points": 9}}}
RANGE = {"first": 0.9, "last": 0.3, "points": 3}
SPARSE = {"feature_probability": [0.2]}
GIVEN: dict[str, tuple[str, dict[str, Any]]] = {
    "importance.first": ("intro", {"importance": {"first": 1.0, "last": 0.5}}),
    "importance.last": ("intro", {"importance": {"first": 1.0, "last": 0.5}}),
    **{f"relative_density.{key}": ("perturbed", {"relative_density": RANGE}) for key in RANGE},
    **{
        f"frequency_exponent.{key}": ("intro", SPARSE | {"frequency_exponent": RANGE})
        for key in RANGE
    },
    "frequency_exponent": ("intro", SPARSE | {"frequency_exponent": [0.2]}),
    "normalised": ("intro", {"feature_probability": [1.0], "normalised": False}),
    "relative_importance": ("phase_two", {"relative_importance": [0.5, 2.0]}),
    **{f"training.snapshots.{key}": ("intro", WITH_SNAPSHOTS) for key in RANGE},
    **{f"dictionaries.{key}": ("enumerated", {}) for key in ("most_active", "prices", "bandwidth")},
}


def keys_of(node: dict[str, Any], key: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield the keys under which a part of the schema of config.yaml holds values."""
    for kind in node.get("oneOf", [node]):
        if "$ref" in kind:
            kind = SCHEMA["$defs"][kind["$ref"].rpartition("/")[2]]
        inner = [*kind.get("properties", {}).items()]
        inner += [("*", one) for one in kind.get("patternProperties", {}).values()]
        for name, one in inner:
            yield from keys_of(one, (*key, name))
        if not inner:
            yield ".".join(key)


def test_every_key_of_the_configuration_says_what_an_edit_of_it_reaches():
    keys = set(keys_of(SCHEMA))
    assert keys - KEYS.keys() == set(), "a new key: say in KEYS how to edit it and what reruns"
    assert KEYS.keys() - keys == set(), "no such key any more"


def test_every_leaf_of_config_yaml_is_edited():
    edited = {place for key in KEYS for place in places(key)}
    assert set(leaves(CONFIG)) - edited == set()


def leaves(value: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the places of values; a list is one."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*place, key))
    else:
        yield place


def places(key: str) -> list[tuple[str, ...]]:
    """Return where config.yaml has a key; or else where it is given one."""
    parts = tuple(key.split("."))
    if parts[0] != "experiments":
        return [parts]
    own = parts[2:]
    found = [
        ("experiments", name, *own)
        for name, experiment in EXPERIMENTS.items()
        if has_leaf(experiment, own)
    ]
    return found or [("experiments", GIVEN.get(".".join(own), ("intro",))[0], *own)]


def has_leaf(section: Any, place: tuple[str, ...]) -> bool:
    return place in leaves(section)


def around(name: str) -> dict[str, Any]:
    """Return config.yaml with an experiment, those it shares a figure with, and one more."""
    figures = [figure.experiments for figure in FIGURES.values() if name in figure.experiments]
    shared = {name}.union(*figures)
    one_more = next(other for other in EXPERIMENTS if other not in shared)
    return with_experiments({*shared, one_more})


def with_experiments(wanted: set[str]) -> dict[str, Any]:
    chosen = {name: value for name, value in EXPERIMENTS.items() if name in wanted}
    return copy.deepcopy({**CONFIG, "experiments": chosen})


def edited(mapping: dict[str, Any], place: tuple[str, ...], edit: Edit) -> dict[str, Any]:
    new = copy.deepcopy(mapping)
    experiment = new["experiments"][place[1]] if place[0] == "experiments" else {}
    own = place[2:] if experiment else place
    section, general = experiment or new, CONFIG if set_in(CONFIG, own) else {}
    for key in own[:-1]:
        section, general = section.setdefault(key, {}), general.get(key, {})
    section[own[-1]] = edit(section.get(own[-1], general.get(own[-1])), experiment)
    if own[-1] == "n_features":
        lengthen(experiment)
    return new


def lengthen(experiment: dict[str, Any]) -> None:
    """Give the lists with a number for each feature one for the new feature."""
    if isinstance(experiment["importance"], list):
        experiment["importance"].append(1.0)
    if isinstance(experiment["feature_probability"], list):
        for entry in experiment["feature_probability"]:
            if isinstance(entry, list):
                entry.append(entry[-1])


def expected(old: dict[str, Job], new: dict[str, Job], reached: tuple[str, ...], names: set[str]):
    """Return the jobs that should run: those not there before, and those that the key reaches."""
    found = set(new.keys() - old.keys())
    for name, job in new.items():
        stage, what = about(job)
        shown = {what} if what else names
        if stage == "figures":
            shown = set(FIGURES[what].experiments)
        elif stage == "constructed":
            shown = set(STRUCTURES)
        elif stage == "explorer":
            shown = set(EXPLORED)
        if shown & names and stage in reached:
            found.add(name)
    return found


def reach(key: str, place: tuple[str, ...], mapping: dict[str, Any]) -> tuple[str, ...]:
    """Return the stages that an edit reaches: of a key that is swept, it makes one cell more."""
    value: Any = mapping
    for part in place:
        value = value.get(part) if isinstance(value, dict) else None
    is_swept = ".training." in key and isinstance(value, list) and place[-1] != "snapshots"
    return GATHERED if is_swept else KEYS[key][1]


def about(job: Job) -> tuple[str, str]:
    """Return the stage of a job, and its experiment or its figure if it has one."""
    parts = min(job.outputs).removeprefix("results/").split("/")
    return parts[0].partition(".")[0], "/".join(parts[1:2]).partition(".")[0]


def affected(key: str, place: tuple[str, ...], mapping: dict[str, Any]) -> set[str]:
    """Return the experiments that an edit should reach: for a general key, those without own."""
    if place[0] == "experiments":
        return {place[1]}
    own = place[:2]  # snapshots are given as a whole
    return {
        name for name, experiment in mapping["experiments"].items() if not set_in(experiment, own)
    }


def set_in(section: Any, place: tuple[str, ...]) -> bool:
    for key in place:
        if not isinstance(section, dict) or key not in section:
            return False
        section = section[key]
    return True


def mapping_for(key: str, place: tuple[str, ...]) -> dict[str, Any]:
    if place[0] == "experiments":
        mapping = around(place[1])
        given = GIVEN.get(".".join(place[2:]))
        if given and not has_leaf(EXPERIMENTS[place[1]], place[2:]):
            merge(mapping["experiments"][place[1]], given[1])
        return mapping
    mapping = with_experiments({*filter(partial(may_have, key), EXPERIMENTS)})
    if key.startswith("training.snapshots."):
        merge(mapping, WITH_SNAPSHOTS)
    return mapping


def may_have(key: str, name: str) -> bool:
    """Whether an experiment goes with other values of a key of the general training."""
    experiment = EXPERIMENTS[name]
    own, _, general = experiment.get("training", {}).keys(), *key.partition("training.")[1:]
    refused = {
        "optimizer": {"decay_biases"},  # and with it a decay below zero
        "attack": {"examples"},
        "initial_density": {"examples"},
        "initial_batch": {"examples"},
        "examples": {"attack", "initial_density"},
    }
    tied = all(MODELS[model].tied for model in experiment["models"])
    return not refused.get(general, set()) & own and (general != "attack" or tied)


def merge(section: dict[str, Any], new: dict[str, Any]) -> None:
    for key, value in new.items():
        inner = section.get(key)
        if isinstance(value, dict) and isinstance(inner, dict) and key == "training":
            merge(inner, value)
        else:
            section[key] = copy.deepcopy(value)


@pytest.mark.parametrize("key", KEYS)
def test_an_edit_reruns_what_hangs_on_the_key_and_nothing_else(key):
    for place in places(key):
        mapping = mapping_for(key, place)
        new = edited(mapping, place, KEYS[key][0])
        before = JOBS if mapping == CONFIG else jobs_of(plan_of(mapping))
        after = jobs_of(plan_of(new))
        names = affected(key, place, mapping)
        found = rerun(before, after)
        if key.endswith("runs_per_job"):  # of few runs there is one job, however many it may take
            names &= {name for name in names if runs_of(before, name) != runs_of(after, name)}
        assert found == expected(before, after, reach(key, place, mapping), names), ".".join(place)
        if KEYS[key][1]:
            assert found or not names, f"{'.'.join(place)} reruns nothing"


def runs_of(jobs: dict[str, Job], experiment: str) -> set[str]:
    return {
        file for job in jobs.values() if about(job) == ("runs", experiment) for file in job.outputs
    }


def test_building_a_part_judges_and_tells_anew_and_computes_nothing():
    mapping = with_experiments({"intro", "demonstration", "phase_two"})
    before = jobs_of(plan_of(mapping))
    after = jobs_of(plan_of({**mapping, "only": ["intro", "phase_two"]}))
    assert rerun(before, after) == {JUDGE, PAGE}
    assert before.keys() > after.keys()


@pytest.mark.parametrize("asks", ASKED_FOR)
def test_experiments_that_are_not_asked_for_are_no_part_of_a_build(asks):
    without = {**CONFIG, asks: False}
    before = jobs_of(plan_of(without))
    of_it = {name for name, by in LEFT_OUT if by == asks}
    of_others = {name: value for name, value in EXPERIMENTS.items() if name not in of_it}
    assert before == jobs_of(plan_of({**without, "experiments": of_others}))
    assert before.keys() < JOBS.keys()
    found = rerun(before, JOBS)
    assert {about(JOBS[name])[1] for name in found} >= of_it
    assert found == (JOBS.keys() - before.keys()) | {JUDGE, PAGE}
    assert rerun(JOBS, before) == {JUDGE, PAGE}


@pytest.mark.parametrize(("name", "asks"), LEFT_OUT)
def test_an_edit_of_an_experiment_that_is_not_asked_for_reruns_nothing(name, asks):
    without = {**around(name), asks: False}
    before = jobs_of(plan_of(without))
    new = edited(without, ("experiments", name, "seed"), plus(1))
    assert rerun(before, jobs_of(plan_of(new))) == set()
    # Asked for by name, it is built all the same.
    after = jobs_of(plan_of({**new, "only": [name]}))
    assert name in {what for _, what in map(about, after.values())}


def test_another_name_of_the_engine_in_use_reruns_nothing():
    for engine in ("auto", "fused"):
        before = jobs_of(plan_of(with_experiments({"intro"})))
        after = jobs_of(plan_of({**with_experiments({"intro"}), "engine": engine}))
        assert rerun(before, after) == set()


def test_an_experiment_of_another_name_or_place_touches_no_other():
    mapping = with_experiments({"intro", "demonstration", "phase_two"})
    before = jobs_of(plan_of(mapping))
    turned = {**mapping, "experiments": dict(reversed(mapping["experiments"].items()))}
    assert rerun(before, jobs_of(plan_of(turned))) == {PAGE}
    renamed = {
        ("new" if name == "intro" else name): value
        for name, value in mapping["experiments"].items()
    }
    after = jobs_of(plan_of({**mapping, "experiments": renamed}))
    found = rerun(before, after)
    named = (about(after[name]) for name in found)
    assert {what for stage, what in named if stage not in ("figures", "explorer", *LAST)} == {"new"}
