"""The JSON schema of config.yaml: editors accept and refuse what the build does."""

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from superposition.config.load import from_mapping
from superposition.config.messages import ConfigError
from superposition.config.schema import json_schema

ROOT = Path(__file__).parents[1]
CONFIG = (ROOT / "config.yaml").read_text(encoding="utf-8")
BASE: dict[str, Any] = yaml.safe_load(CONFIG)


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
