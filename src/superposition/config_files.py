"""Reading configuration files: strict YAML, overlays, and which file a setting came from."""

import json
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import yaml

from superposition.config_errors import ConfigError, Location, found

_YAML_HINTS = {
    "'\\t'": "YAML does not allow tabs: indent with spaces.",
    "could not find expected ':'": "A colon and a space must follow each key.",
    "mapping values are not allowed": "A key may stand on the wrong level of indentation, "
    "or a text with a colon may need quotes.",
    "expected ',' or": "A bracket or brace may not be closed.",
    "expected <block end>": "The indentation does not match the lines above.",
    "expected a single document": "Write one document: remove the line '---'.",
    "undefined alias": "An asterisk begins a YAML alias: put the text in quotes.",
    "unhashable key": "A key must be a plain word.",
    "could not determine a constructor": "Tags that begin with '!' are not used here.",
}


class _StrictLoader(yaml.SafeLoader):
    """Safe YAML that refuses a key given twice, where YAML readers silently keep the last one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        first: dict[str, int] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.value == "<<":
                continue
            line = key.start_mark.line + 1
            if key.value in first:
                raise yaml.MarkedYAMLError(
                    problem=f"the key {key.value} is given twice in one section, "
                    f"first on line {first[key.value]}. Remove one of the two",
                    problem_mark=key.start_mark,
                )
            first[key.value] = line
        return super().construct_mapping(node, deep)


def shown(path: Path | str) -> str:
    """Return a path as a person would write it: relative to the current folder if it is inside."""
    path = Path(path)
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def read(path: Path | str) -> dict[Any, Any]:
    """Return the mapping in a YAML file.

    Raises:
        ConfigError: If there is no such file, it is not valid YAML, or not a mapping.
    """
    name = shown(path)
    try:
        content = yaml.load(Path(path).read_text(encoding="utf-8"), _StrictLoader)
    except FileNotFoundError:
        where = "" if Path(path).is_absolute() else f" in {Path.cwd()}"
        raise ConfigError(
            f"{name}: there is no such file{where}. Give the path of a configuration, "
            "or run from the folder that holds config.yaml."
        ) from None
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"{name}: byte {error.start} is not UTF-8. Save the file as UTF-8 text."
        ) from None
    except OSError as error:
        raise ConfigError(f"{name}: cannot be read: {error.strerror}.") from None
    except yaml.YAMLError as error:
        raise ConfigError(_yaml_message(name, error)) from None
    if content is None:
        raise ConfigError(
            f"{name}: the file is empty; expected keys such as experiments. "
            "Restore config.yaml from the repository, or remove the file from the command."
        )
    if not isinstance(content, dict):
        kind = "a list" if isinstance(content, list) else f"nothing but {found(content)}"
        raise ConfigError(
            f"{name}: the file holds {kind}; expected keys with values, such as seed: 0."
        )
    return content


def _yaml_message(name: str, error: yaml.YAMLError) -> str:
    """Return file, line, column, problem and likely cause of a YAML error."""
    if not isinstance(error, yaml.MarkedYAMLError):
        place = getattr(error, "position", 0)
        return f"{name}: character {place + 1} is none that YAML allows. Is this a text file?"
    mark = error.problem_mark or error.context_mark
    where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    problem = (error.problem or error.context or "it cannot be read").rstrip(".")
    if "given twice" in problem:
        return f"{name}{where}: {problem}."
    details = f"{error.context} {problem}"
    hints = (hint for text, hint in _YAML_HINTS.items() if text in details)
    hint = next(hints, "Look for a missing quote, bracket or space here or on the line above.")
    return f"{name}{where}: this is not valid YAML ({problem}). {hint}"


def merge(base: Mapping[Any, Any], overlay: Mapping[Any, Any]) -> dict[Any, Any]:
    """Return `base` overlaid as by Snakemake's --configfile: mappings merge, lists are replaced."""
    merged = dict(base)
    for key, value in overlay.items():
        if isinstance(value, Mapping):
            below = merged.get(key)
            merged[key] = merge(below if isinstance(below, Mapping) else {}, value)
        else:
            merged[key] = value
    return merged


def origin(
    location: Location, mapping: Mapping[Any, Any], files: Mapping[str, Mapping[Any, Any]]
) -> str | None:
    """Return what sets a key: of the files that hold most of its path the last, or --config."""
    merged: Mapping[Any, Any] = {}
    for content in files.values():
        merged = merge(merged, content)
    # As text, because nan does not equal nan.
    there, here = (
        json.dumps(_follow(location, one)[-1:], default=str) for one in (merged, mapping)
    )
    if files and there != here:
        return "--config"  # Snakemake's option, the one source of settings beside the files
    depths = {file: len(_follow(location, content)) for file, content in files.items()}
    name = max(reversed(depths), key=depths.__getitem__, default=None)
    return name if name and depths[name] else None


def _follow(location: Location, content: Mapping[Any, Any]) -> list[Any]:
    """Return the values along a location, as far as it can be followed."""
    values: list[Any] = []
    below: Any = content
    for key in location:
        try:
            below = below[key]
        except (KeyError, IndexError, TypeError):
            break
        values.append(below)
    return values
