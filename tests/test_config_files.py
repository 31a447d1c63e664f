"""Configuration files: strict YAML, overlays, the file that a message names, and the schema."""

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from superposition.config.load import ConfigError, from_mapping, load
from superposition.config.schema import json_schema

ROOT = Path(__file__).parents[1]
CONFIG = (ROOT / "config.yaml").read_text(encoding="utf-8")
BASE: dict[str, Any] = yaml.safe_load(CONFIG)


def file_message(tmp_path: Path, text: str) -> str:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        load(path)
    return str(error.value).removeprefix(str(tmp_path) + "/")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("seed: 0\nseed: 1\n", "line 2, column 1: this is not valid YAML (the key seed is given"),
        ("training: {steps: 1, steps: 2}", "column 22: this is not valid YAML (the key steps"),
        ("training:\n\tsteps: 1\n", "YAML does not allow tabs: indent with spaces."),
        ("training:\n  steps: 1\n\tbatch: 2\n", "YAML does not allow tabs: indent with spaces."),
        ("a: b: c\n", "line 1, column 5: this is not valid YAML (mapping values are not allowed"),
        ("a: 1\nb\nc: 2\n", "A colon and a space must follow each key."),
        ("a: [1, 2\nb: 3\n", "A bracket or brace may not be closed."),
        ("a:\n  b: 1\n c: 2\n", "The indentation does not match the lines above."),
        ("a: !!python/name:os.system\n", "could not determine a constructor for the tag"),
        ("a: \x00\n", "control characters are not allowed"),
        ("# only a comment\n", "the file holds nothing; expected keys with values, such as seed"),
        ("- 1\n", "the file holds [1]; expected keys with values"),
    ],
)
def test_file_that_is_not_a_configuration_is_explained(tmp_path, text, expected):
    whole = file_message(tmp_path, text)
    assert whole.startswith("config.yaml")
    assert expected in whole


def test_file_that_cannot_be_read_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=rf"^nope\.yaml: there is no such file in {tmp_path}\."):
        load("nope.yaml")
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
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


def test_key_given_twice_is_found_in_files_that_are_merged_already(files):
    names = files({"runs": 1})
    Path("overlay.yaml").write_text("runs: 1\nruns: 2\n", encoding="utf-8")
    with pytest.raises(
        ConfigError, match=r"^overlay\.yaml, line 2, column 1: .*the key runs is given"
    ):
        from_mapping({**BASE, "runs": 2}, files=names)


def test_setting_from_the_command_line_is_not_blamed_on_a_file(files):
    names = files({"runs": 0, "training": {"epsilon": float("nan")}})
    with pytest.raises(ConfigError) as error:
        from_mapping({"evaluation_samples": "x", "seed": None}, files=names)
    assert [line.partition(" is ")[0] for line in str(error.value).splitlines()] == [
        "--config: seed",
        "overlay.yaml: runs",
        "--config: evaluation_samples",
        "overlay.yaml: training.epsilon",
    ]


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
