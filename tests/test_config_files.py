"""Configuration files: strict YAML, overlays, the file that a message names, and the schema."""

import copy
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from superposition.config.load import ConfigError, from_mapping, from_sources, load
from superposition.config.schema import json_schema

ROOT = Path(__file__).parents[1]
CONFIG = (ROOT / "config.yaml").read_text(encoding="utf-8")
BASE: dict[str, Any] = yaml.safe_load(CONFIG)


BOMB = "a0: &a0 [1, 1]\n" + "".join(
    f"a{k + 1}: &a{k + 1} [{', '.join([f'*a{k}'] * 10)}]\n" for k in range(9)
)

TOWER = "a0: &a0 1\n" + "".join(
    f"a{k + 1}: &a{k + 1} {'[' * 40}*a{k}{']' * 40}\n" for k in range(30)
)


def file_message(tmp_path: Path, text: str) -> str:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        load(path)
    return str(error.value).removeprefix(str(tmp_path) + "/")


NO_CONFIGURATION = [
    ("seed: 0\nseed: 1\n", "line 2, column 1: the key seed is given twice in one section, "),
    (
        "training: {steps: 1, steps: 2}",
        "column 22: the key steps is given twice in one",
    ),
    ("<<: {a: 1}\n<<: {b: 2}\n", "line 2, column 1: the key '<<' is given twice"),
    ("training:\n\tsteps: 1\n", "YAML does not allow tabs: indent with spaces."),
    ("training:\n  steps: 1\n\tbatch: 2\n", "YAML does not allow tabs: indent with spaces."),
    ("a: b: c\n", "line 1, column 5: this is not valid YAML (mapping values are not allowed"),
    ("a: 1\nb\nc: 2\n", "A colon and a space must follow each key."),
    ("a: [1, 2\nb: 3\n", "A bracket or brace may not be closed."),
    ("a:\n  b: 1\n c: 2\n", "The indentation does not match the lines above."),
    (
        "a: !!python/name:os.system\n",
        "'!!python/name:os.system' is a tag; expected pla",
    ),
    ("a: !!int x\n", "line 1, column 4: '!!int' is a tag; expected plain values. Remove it."),
    ("? [a]\n: 1\n", "a key is a list or a section; expected a name."),
    # What not everybody reads alike
    ("a: 010\n", "010 is 8 to some readers of YAML only: write 8, or '010' in quotes if it is"),
    ("a: 0x1f\n", "0x1f is 31 to some readers"),
    ("a: 1_000\n", "1_000 is 1000 to some readers"),
    ("a: 1:30\n", "1:30 is 90 to some readers of YAML only: write 90, or '1:30' in quotes"),
    ("1:30.5: b\n", "1:30.5 is 90.5 to some readers"),
    ("a: 2020-01-01\n", "2020-01-01 is a date to YAML: write '2020-01-01' in quotes if it is"),
    ("a: 2020-99-99\n", "2020-99-99 is a date to YAML"),
    ("a: =\n", "= is no plain value to YAML: write '=' in quotes"),
    (f"a: {'9' * 5000}\n", "is a number of 5000 digits; expected at most 40"),
    ('"\\e[2J": 1\n"\\e[2J": 1\n', r"the key '\x1b[2J' is given twice"),
    # What would not end
    ("a: " + "[" * 200_000, "column 53: brackets or sections are nested more than 50 deep."),
    ("- " * 20_000 + "a\n", "brackets or sections are nested more than 50 deep."),
    ("a: &a [*a]\n", "an alias repeats, without end, the section in which it stands."),
    (TOWER, "with what aliases repeat, sections are nested more than 50 deep."),
    (BOMB, "with what aliases repeat, there are more than 1,000,000 values here."),
    ("#" * 16_000_001, "the text has 16,000,001 characters; expected at most 16,000,000."),
    # What runs code
    ("__use_yte__: true\na: ?print(1)\n", "__use_yte__ has Snakemake run code that stands in"),
    ("", "the file holds nothing; expected keys with values"),
    ("---\n", "the file holds nothing; expected keys with values"),
    ("a: \x00\n", "control characters are not allowed"),
    ("# only a comment\n", "the file holds nothing; expected keys with values, such as seed"),
    ("- 1\n", "the file holds [1]; expected keys with values"),
]


@pytest.mark.parametrize(
    ("text", "expected"), NO_CONFIGURATION, ids=[told for _, told in NO_CONFIGURATION]
)
def test_file_that_is_not_a_configuration_is_explained(tmp_path, text, expected):
    whole = file_message(tmp_path, text)
    assert whole.startswith("config.yaml")
    assert expected in whole


def test_file_that_cannot_be_read_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=rf"^nope\.yaml: there is no such file in {tmp_path}\."):
        load("nope.yaml")
    with pytest.raises(ConfigError, match="this is a folder or a pipe; expected a file"):
        load(tmp_path)
    (tmp_path / "x.yaml").write_bytes(b"a: \xff\n")
    with pytest.raises(ConfigError, match=r"byte 3 is not UTF-8\. Save the file as UTF-8 text\."):
        load("x.yaml")


def test_anchors_and_merge_keys_are_plain_yaml(tmp_path):
    text = CONFIG.replace("  steps: 10000", "  <<: &ours {steps: 5}", 1)
    (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
    training = load(tmp_path / "config.yaml").training
    assert (training.steps, training.batch) == (5, 1024)


# Overlays


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("config.yaml").write_text(CONFIG, encoding="utf-8")

    def overlay(content: dict[str, Any]) -> tuple[str, str]:
        Path("overlay.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
        return "config.yaml", "overlay.yaml"

    return overlay


def test_overlay_merges_keys_and_replaces_lists(files):
    config = load(*files({"experiments": {"intro": {"feature_probability": [0.5]}}, "runs": 2}))
    assert [name for name in config.cells() if name.startswith("intro/")] == ["intro/relu_p0.5"]
    assert (config.runs, config.experiments["intro"].runs, config.seed) == (2, 64, 0)
    assert config.experiments["demonstration"] == load("config.yaml").experiments["demonstration"]


def test_an_experiment_that_an_overlay_misspells_is_told_at_once(files):
    for name, meant in (("demonstation", "demonstration"), ("intor", "intro")):
        with pytest.raises(ConfigError) as error:
            load(*files({"experiments": {name: {"feature_probability": [0.1]}}}))
        assert str(error.value) == (
            f"overlay.yaml: experiments.{name} lacks models, n_features, n_hidden, importance; "
            f"did you mean {meant}?"
        )
    with pytest.raises(ConfigError, match=r"experiments\.mine\.models is missing\."):
        load(*files({"experiments": {"mine": {"runs": 3}}}))


def test_overlay_merges_as_snakemake_does(files):
    from snakemake.utils import update_config

    overlay = {"experiments": {"intro": {"importance": {"decay": 0.5}, "models": ["relu"]}}}
    merged = copy.deepcopy(BASE)
    update_config(merged, overlay)
    assert load(*files(overlay)) == from_mapping(merged)


def test_message_names_the_file_at_fault(files):
    overlay = {"runs": 0, "experiments": {"intro": {"feature_probability": [1, 2]}}}
    with pytest.raises(ConfigError) as error:
        load(*files(overlay))
    assert [line.partition(" is ")[0] for line in str(error.value).splitlines()] == [
        "overlay.yaml: runs",
        "overlay.yaml: experiments.intro.feature_probability[1]",
    ]
    Path("config.yaml").write_text(CONFIG.replace("seed: 0", "seed: x"), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"(?m)^config\.yaml: seed is 'x'"):
        load(*files(overlay))
    # What is missing everywhere is asked for in the first file.
    Path("config.yaml").write_text(CONFIG.replace("seed: 0", ""), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"^config\.yaml: seed is missing"):
        load(*files({"runs": 4}))


@pytest.mark.parametrize(
    ("overlay", "option", "told"),
    [
        # The source that holds the key, or else brings what does not fit to it
        ({"runs": 2}, {"runs": 0}, "--config: runs is 0"),
        ({"runs": 0}, {"seed": 1}, "overlay.yaml: runs is 0"),
        ({"training": {"epsilon": math.nan}}, {}, "overlay.yaml: training.epsilon is nan"),
        (
            {"experiments": {"intro": {"feature_probability": [[0.1] * 5], "n_features": 4}}},
            {"runs": 3},
            "overlay.yaml: experiments.intro.feature_probability[0] is [0.1, 0.1, 0.1, 0.1, 0.1]; ",
        ),
        (
            {"experiments": {"intro": {"correlated": [[0, 4]]}}},
            {"experiments": {"intro": {"n_features": 4}}},
            "overlay.yaml with --config: experiments.intro.correlated[0][1] is 4; expected a featu",
        ),
        ({}, {"experiments": {"new": {}}}, "--config: experiments.new.models is missing."),
    ],
)
def test_source_that_brings_a_mistake_is_named(overlay, option, told):
    sources = [("config.yaml", BASE), ("overlay.yaml", overlay), ("--config", option)]
    with pytest.raises(ConfigError) as error:
        from_sources(sources)
    assert str(error.value).startswith(told)


# The schema: editors accept and refuse what the build does


SCHEMA = json.loads(json_schema())


def intro(**keys: Any) -> dict[str, Any]:
    """config.yaml with these keys in its first experiment."""
    mapping = copy.deepcopy(BASE)
    mapping["experiments"]["intro"].update(keys)
    return mapping


def test_committed_schema_is_up_to_date():
    expected = (ROOT / "workflow/schemas/config.schema.json").read_text(encoding="utf-8")
    assert json_schema() == expected, "Write it anew: python -m superposition schema"
    first = "# yaml-language-server: $schema=workflow/schemas/config.schema.json"
    assert CONFIG.splitlines()[0] == first


def test_schema_accepts_what_is_accepted():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(BASE, SCHEMA)
    for importance in (0.5, {"decay": 0.7}, {"first": 1, "last": 0.01}, [1, 1, 1, 1, 0]):
        mapping = intro(importance=importance, feature_probability=[1, [0.1, 0.2, 0.3, 0.4, 0.5]])
        jsonschema.validate(mapping, SCHEMA)
        from_mapping(mapping)


@pytest.mark.parametrize(
    "mapping",
    [
        BASE | {"zzz": 1},
        {"seed": 0, "experiments": {"a b": BASE["experiments"]["intro"]}},
        intro(n_feature=4),
        intro(n_hidden=0),
        intro(runs=None),
        intro(models=["rleu"]),
        intro(feature_probability=[1.5]),
        intro(importance={"deacy": 0.7}),
        intro(training={"step": 1}),
        intro(n_features=10**9),
        intro(training={"snapshots": [0] * 10_001}),
    ],
)
def test_schema_refuses_what_is_refused(mapping):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(mapping, SCHEMA)
    with pytest.raises(ConfigError):
        from_mapping(mapping)


def test_every_key_is_described_and_no_section_is_open():
    for section in (SCHEMA, *SCHEMA["$defs"].values()):
        assert section["additionalProperties"] is False
        for key, node in section["properties"].items():
            assert node.get("description"), key


def test_every_number_has_bounds():
    def numbers(node: Any, place: str) -> Iterator[tuple[str, dict[str, Any]]]:
        for key, below in node.items() if isinstance(node, dict) else enumerate(node):
            if isinstance(below, dict | list):
                yield from numbers(below, f"{place}.{key}")
        if isinstance(node, dict) and node.get("type") in ("integer", "number"):
            yield place, node

    found = dict(numbers(SCHEMA, ""))
    assert len(found) > 20
    for place, node in found.items():
        assert {"minimum", "exclusiveMinimum"} & node.keys(), place
        assert {"maximum", "exclusiveMaximum"} & node.keys(), place
