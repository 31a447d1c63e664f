"""Explaining what is wrong with a configuration: where, found, expected, likely cause.

The allowed values are read off the JSON schema of the configuration, so that a message, the editor
and the check cannot disagree.
"""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from superposition.errors import UserError

Location = tuple[str | int, ...]
Problem = tuple[Location, str]
Schema = Mapping[str, Any]

_SECTIONS = {
    "Config": "the configuration",
    "Experiment": "an experiment",
    "Training": "training",
    "Dictionaries": "dictionaries",
}
_EXPONENT = re.compile(r"([+-]?)(\d+)(?:\.(\d*))?[eE]([+-]?)(\d+)")
_BAD_VALUE = {"int_type", "float_type", "string_type", "literal_error", "finite_number"} | {
    "greater_than",
    "greater_than_equal",
    "less_than",
    "less_than_equal",
    "tuple_type",
    "dict_type",
    "model_type",
    "union_tag_not_found",
}


class ConfigError(UserError, ValueError):
    """All that is wrong with a configuration, one line for each problem."""


def explain(errors: Sequence[Mapping[str, Any]], schema: Schema) -> list[Problem]:
    """Return the location and sentence of each problem that pydantic found."""
    unknown = [error for error in errors if error["type"] == "extra_forbidden"]
    meant = {(*_place(error)[:-1], _near(error["loc"], schema)) for error in unknown}
    problems: list[Problem] = []
    for error in errors:
        place = _place(error)
        if error["type"] == "problems":
            problems += [((*place, *below), text) for below, text in error["ctx"]["problems"]]
        elif error["type"] == "missing" and place in meant:
            continue  # the misspelt key beside it is reported and names this one
        elif error["type"] == "too_short" and len(error["input"]) >= error["ctx"]["min_length"]:
            continue  # some entries are refused, and each of them is reported
        else:
            problems.append(_sentence(error, place, schema))
    return problems


def key_path(location: Location) -> str:
    """Return a location as in experiments.intro.feature_probability[3]."""
    text = ""
    for key in location:
        if isinstance(key, int):
            text += f"[{key}]"
        else:
            text += f".{key}" if re.fullmatch(r"[\w-]+", key) else f".{key!r}"
    return text.removeprefix(".")


def found(value: object) -> str:
    """Return a value as it would stand in the file, shortened if it is long."""
    if isinstance(value, Mapping):
        text = "{" + ", ".join(f"{key}: {found(item)}" for key, item in value.items()) + "}"
    elif isinstance(value, list | tuple):
        text = "[" + ", ".join(found(item) for item in value) + "]"
    elif isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, int | float | str):
        text = repr(value)
    else:
        text = "empty" if value is None else str(value)
    return text if len(text) <= 60 else text[:59] + "…"


def _place(error: Mapping[str, Any]) -> Location:
    """Return where an error is, without the names of the alternatives that pydantic tried."""
    return tuple(key for key in error["loc"] if not str(key).startswith("<"))


def _sentence(error: Mapping[str, Any], place: Location, schema: Schema) -> Problem:
    value, kind = error["input"], error["type"]
    if kind == "extra_forbidden":
        return place, _unknown_key(error["loc"], schema)
    if place and place[-1] == "[key]":
        return place[:-2], (
            f"has an entry named {found(value)}; expected a name that is safe in file names: "
            "a letter, then at most 63 letters, digits, - or _."
        )
    node = _node(schema, tuple(error["loc"]))
    if kind == "missing":
        return place, f"is missing; expected {_phrase(node, schema)}. {node.get('description', '')}"
    if kind == "invalid_key":
        return place[:-1], f"has the key {found(place[-1])}; expected keys that are text."
    if kind == "too_short":
        count = {0: "no entries", 1: "1 entry"}.get(len(value), f"{len(value)} entries")
        return place, f"has {count}; expected at least {error['ctx']['min_length']}."
    if value is None:
        required = place[-1] in _node(schema, error["loc"][:-1]).get("required", ())
        cure = "Give a value." if required else "Give a value, or remove it."
        return place, f"is empty; expected {_phrase(node, schema)}. {cure}"
    what = f"is {found(value)}"
    if kind not in _BAD_VALUE:
        return place, f"{what}, which is not valid here; expected {_phrase(node, schema)}."
    end = "." + _hint(place, value, node)
    choices = _resolve(node, schema).get("enum", [])
    near = difflib.get_close_matches(str(value).lower(), choices, 1)
    if near:
        end = f"; did you mean {near[0]}?"
    return place, f"{what}; expected {_phrase(node, schema)}{end}"


def _unknown_key(location: Location, schema: Schema) -> str:
    node = _node(schema, location[:-1])
    section = _SECTIONS.get(node.get("title", ""), _phrase(node, schema))
    near = _near(location, schema)
    if near:
        return f"is not a key of {section}; did you mean {near}?"
    keys = ", ".join(node.get("properties", ()))
    return f"is not a key of {section}; expected one of {keys}."


def _near(location: Location, schema: Schema) -> str:
    """Return the key that an unknown one was probably meant to be, or nothing."""
    properties = _node(schema, location[:-1]).get("properties", {})
    key = str(location[-1]).lower()
    near = difflib.get_close_matches(key, properties, 1)
    if near:
        return str(near[0])
    for section, node in properties.items():
        below = _resolve(node, schema).get("properties", {})
        near = difflib.get_close_matches(key, below, 1)
        if near:
            return f"{section}.{near[0]}"
    return ""


def _resolve(node: Schema, schema: Schema) -> Schema:
    """Return a node of the schema with its reference followed."""
    if "$ref" in node:
        target = schema["$defs"][node["$ref"].rpartition("/")[2]]
        return {**target, **{key: item for key, item in node.items() if key != "$ref"}}
    return node


def _node(schema: Schema, location: Location) -> Schema:
    """Return the schema of the value at a location; `<name>` picks an alternative by its kind."""
    node: Schema = schema
    for key in location:
        if isinstance(key, int):
            node = node.get("items", {})
        elif key.startswith("<"):
            node = next(n for n in _alternatives(node, schema) if f"<{_kind(n)}>" == key)
        else:
            named = node.get("properties", {}).get(key)
            patterns = list(node.get("patternProperties", {}).values())
            node = named or (patterns[0] if patterns else {})
        node = _resolve(node, schema)
    return node


def _alternatives(node: Schema, schema: Schema) -> Iterator[Schema]:
    return (_resolve(one, schema) for one in node["oneOf"])


def _kind(node: Schema) -> str:
    return str(node["title"] if node["type"] == "object" else node["type"])


def _phrase(node: Schema, schema: Schema) -> str:
    """Return what the schema allows, in words."""
    node = _resolve(node, schema)
    if "oneOf" in node:
        *most, last = (
            "a list of numbers" if one.get("type") == "array" else _phrase(one, schema)
            for one in _alternatives(node, schema)
        )
        return f"{', '.join(most)} or {last}"
    if "enum" in node:
        return "one of " + ", ".join(node["enum"])
    if node.get("type") == "array":
        least = f" of at least {node['minItems']}" if node.get("minItems", 0) > 1 else ""
        return f"a list{least}, each entry {_phrase(node['items'], schema)}"
    if node.get("type") == "object":
        keys = node.get("required") or list(node.get("properties", ["name"]))[:2]
        return "{" + ", ".join(f"{key}: …" for key in keys) + "}"
    nouns = {"integer": "whole number", "number": "number", "string": "text in quotes"}
    kind = str(node.get("type"))
    noun = node.get("title", nouns.get(kind, "value"))
    return noun if kind == "string" else f"a {noun}{_bounds(node)}"


def _bounds(node: Schema) -> str:
    least, above = node.get("minimum"), node.get("exclusiveMinimum")
    most, below = node.get("maximum"), node.get("exclusiveMaximum")
    if (least, above) != (None, None) and (most, below) != (None, None):
        left = f"({above:g}" if least is None else f"[{least:g}"
        right = f"{below:g})" if most is None else f"{most:g}]"
        return f" in {left}, {right}"
    if least is not None:
        return f" of at least {least:g}"
    return "" if above is None else f" above {above:g}"


def _hint(place: Location, value: object, node: Schema) -> str:
    """Return the likely cause of a bad value, with a space before it, or nothing."""
    field = next(key for key in reversed(place) if isinstance(key, str))
    if isinstance(value, bool):
        return " YAML reads yes, no, on and off as true and false."
    if isinstance(value, str) and _numeric(node):
        return _number_in_text(value, whole=node.get("type") == "integer")
    if isinstance(value, Mapping):
        merged = "oneOf" in node and len(value) > 1
        return " Give one of the forms; a second file adds to the keys here." if merged else ""
    if node.get("type") == "array":
        if field in ("correlated", "anticorrelated"):
            return " Sets are lists in a list: [[0, 1], [2, 3]]."
        return f" Write [{value}]." if place[-1] == field else ""
    if field == "feature_probability" and isinstance(value, int | float):
        if value > 1:
            return " This is 1 − S, not 1/(1 − S)."
        return " This is the density 1 − S, not the sparsity S." if value == 0 else ""
    if field == "attack" and isinstance(value, int | float) and value > 1:
        return " Attacks are as long as this share of a mean input, at most as the input itself."
    if node.get("type") == "integer" and isinstance(value, float) and value.is_integer():
        return f" Write {int(value)}."
    return ""


def _numeric(node: Schema) -> bool:
    kinds = [node.get("type"), *(one.get("type") for one in node.get("oneOf", ()))]
    return "number" in kinds or "integer" in kinds


def _number_in_text(text: str, whole: bool) -> str:
    """Say how to write a number that YAML has read as text."""
    try:
        value = float(text)
    except ValueError:
        return ""
    if not whole and (parts := _EXPONENT.fullmatch(text)):
        sign, digits, decimals, direction, power = parts.groups()
        clear = f"{sign}{digits}.{decimals or 0}e{direction or '+'}{power}"
        return f" YAML reads {text} as text: write {clear}."
    if whole and value.is_integer():
        return f" YAML has it as text: write {int(value)}."
    return "" if whole else f" YAML has it as text: write {text} without quotes."
