"""The JSON schema of config.yaml: editors accept and refuse what the build does."""

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from superposition.config import ConfigError, from_mapping, json_schema

ROOT = Path(__file__).parents[1]
CONFIG = (ROOT / "config.yaml").read_text(encoding="utf-8")
SCHEMA = ROOT / "workflow" / "schemas" / "config.schema.json"
BASE: dict[str, Any] = yaml.safe_load(CONFIG)


def intro(**keys: Any) -> dict[str, Any]:
    """Return config.yaml with these keys in its first experiment."""
    mapping = copy.deepcopy(BASE)
    mapping["experiments"]["intro"].update(keys)
    return mapping


def test_committed_schema_is_up_to_date():
    expected = SCHEMA.read_text(encoding="utf-8")
    assert json_schema() == expected, "Write it anew: python -m superposition schema"


def test_config_yaml_points_editors_to_the_schema():
    first = CONFIG.splitlines()[0]
    assert first == "# yaml-language-server: $schema=workflow/schemas/config.schema.json"


def test_schema_accepts_what_is_accepted():
    schema = json.loads(json_schema())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(BASE, schema)
    for importance in (0.5, {"decay": 0.7}, {"first": 1, "last": 0.01}, [1, 1, 1, 1, 0]):
        mapping = intro(importance=importance, feature_probability=[1, [0.1, 0.2, 0.3, 0.4, 0.5]])
        jsonschema.validate(mapping, schema)
        from_mapping(mapping)


@pytest.mark.parametrize(
    "keys",
    [
        {"n_feature": 4},
        {"n_hidden": 0},
        {"runs": None},
        {"models": ["rleu"]},
        {"feature_probability": [1.5]},
        {"importance": {"deacy": 0.7}},
        {"training": {"step": 1}},
    ],
)
def test_schema_refuses_what_is_refused(keys):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(intro(**keys), json.loads(json_schema()))
    with pytest.raises(ConfigError):
        from_mapping(intro(**keys))


def test_schema_refuses_unknown_keys_and_unfit_names():
    schema = json.loads(json_schema())
    for mapping in (
        {**BASE, "zzz": 1},
        {"seed": 0, "experiments": {"a b": BASE["experiments"]["intro"]}},
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(mapping, schema)


def test_every_key_is_described_and_no_section_is_open():
    schema = json.loads(json_schema())
    for section in (schema, *schema["$defs"].values()):
        assert section["additionalProperties"] is False
        for key, node in section["properties"].items():
            assert node.get("description"), key
