"""YAML of which nothing is run, guessed or silently dropped.

YAML has more than settings need. Refused are tags, which make objects; what makes a short file
endless (aliases of aliases, thousands of brackets); what is dropped (the first of two equal keys);
and what readers of YAML take for different things, such as 010 (8, 10) and 1:30 (90, a text).
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

from superposition.config.messages import ConfigError, key_path

_DEPTH, _VALUES, _CHARACTERS = 50, 1_000_000, 16_000_000
"""Levels of nesting, values with those that aliases repeat, and characters: at most as many."""

_TAG = "tag:yaml.org,2002:"
_PLAIN = {
    "str": ".*",
    "merge": ".*",
    "int": "[-+]?(0|[1-9][0-9]{0,40})",
    "float": r"[-+]?(0|[1-9][0-9]*)?(\.[0-9]*)?(e[-+]?[0-9]+)?|[-+]?\.inf|\.nan",
    "bool": "true|false|yes|no|on|off",
    "null": "null|~|",
}
"""How each kind of value is written so that all take it for the same, in any case of letters."""

_HINTS = {
    "cannot start any token": "YAML does not allow tabs: indent with spaces.",
    "violates indentation": "YAML does not allow tabs: indent with spaces.",
    "mapping values": "A colon and a space may be missing, or the indentation be wrong.",
    "could not find expected ':'": "A colon and a space must follow each key.",
    "did not find expected ','": "A bracket or brace may not be closed.",
    "did not find expected key": "The indentation does not match the lines above.",
}


def parse(text: str, name: str) -> Any:
    """The content of a YAML document; a `ConfigError` that says where in `name` it is none."""
    if len(text) > _CHARACTERS:
        raise ConfigError(
            f"{name}: the text has {len(text):,} characters; expected at most {_CHARACTERS:,}."
        )
    try:
        _check_events(text)
        loader = yaml.CSafeLoader(text)
        node = loader.get_single_node()
        if node is None:
            return None
        _measure(node, {})
        return loader.construct_document(node)
    except yaml.YAMLError as error:
        raise ConfigError(_told(name, error)) from None
    except UnicodeError:
        raise ConfigError(f"{name}: this is not UTF-8 text.") from None


class _RefusedError(yaml.MarkedYAMLError):
    """YAML that is valid, and not read; `problem` is a sentence."""

    def __init__(self, there: Any, sentence: str) -> None:
        super().__init__(problem=sentence, problem_mark=there.start_mark)


def _told(name: str, error: yaml.YAMLError) -> str:
    """File, line, column, problem and likely cause."""
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    mark = getattr(error, "problem_mark", None)
    where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    if isinstance(error, _RefusedError):
        return f"{name}{where}: {problem}"
    hints = (hint for text, hint in _HINTS.items() if text in problem)
    hint = next(hints, "Look for a missing quote, bracket or space here or on the line above.")
    return f"{name}{where}: this is not valid YAML ({problem}). {hint}"


def _check_events(text: str) -> None:
    """Refuse deep nesting, which the loader does not survive, and tags."""
    depth = 0
    for event in yaml.parse(text, yaml.CSafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEPTH:
            raise _RefusedError(event, f"brackets or sections are nested more than {_DEPTH} deep.")
        if tag := getattr(event, "tag", None):
            shown = tag.replace(_TAG, "!!")
            raise _RefusedError(event, f"{shown!r} is a tag; expected plain values. Remove it.")


class _Size(NamedTuple):
    """How large the value of a node is, with all that aliases repeat."""

    values: int
    depth: int


def _measure(node: yaml.Node, sizes: dict[yaml.Node, _Size | None]) -> _Size:
    """The size of a node, checked on the way.

    `sizes` has those of the nodes that are done, and none for those in which this one is.
    """
    if node not in sizes:
        sizes[node] = None
        _check(node)
        below = [_measure(one, sizes) for one in _below(node)]
        depth = 1 + max((one.depth for one in below), default=-1)
        size = sizes[node] = _Size(1 + sum(one.values for one in below), depth)
        if size.values > _VALUES:
            raise _RefusedError(
                node, f"with what aliases repeat, there are more than {_VALUES:,} values here."
            )
        if size.depth > _DEPTH:
            raise _RefusedError(
                node, f"with what aliases repeat, sections are nested more than {_DEPTH} deep."
            )
    found = sizes[node]
    if found is None:
        raise _RefusedError(node, "an alias repeats, without end, the section in which it stands.")
    return found


def _below(node: yaml.Node) -> Iterator[yaml.Node]:
    """The entries of a list, or the keys and values of a section."""
    for item in () if isinstance(node, yaml.ScalarNode) else node.value:
        yield from item if isinstance(item, tuple) else (item,)


def _check(node: yaml.Node) -> None:
    """Refuse a key that is given twice, and a value that not everybody takes for the same."""
    if isinstance(node, yaml.MappingNode):
        first: dict[str, int] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise _RefusedError(key, "a key is a list or a section; expected a name.")
            if key.value in first:
                raise _RefusedError(
                    key,
                    f"the key {key_path((key.value,))} is given twice in one section, first on "
                    f"line {first[key.value]}. Remove one of the two.",
                )
            first[key.value] = key.start_mark.line + 1
    elif isinstance(node, yaml.ScalarNode):
        kind, text = node.tag.removeprefix(_TAG), node.value
        if not re.fullmatch(_PLAIN.get(kind, "(?!)"), text, re.IGNORECASE | re.DOTALL):
            raise _RefusedError(node, f"{_misread(kind, text, node)} in quotes if it is text.")


def _misread(kind: str, text: str, node: yaml.ScalarNode) -> str:
    """The beginning of a sentence on a value that is not read, and what to write instead."""
    if len(text) > 40:
        return f"{text[:39]}… is a number of {len(text)} digits; expected at most 40, or it"
    if kind in ("int", "float"):
        value = yaml.CSafeLoader("").construct_object(node)
        return f"{text} is {value} to some readers of YAML only: write {value}, or '{text}'"
    what = "a date" if kind == "timestamp" else "no plain value"
    return f"{text} is {what} to YAML: write '{text}'"
