"""Configurations from files: strict YAML, overlays, and which file a setting came from."""

import json
from collections.abc import Hashable, Iterable, Mapping
from contextlib import suppress
from functools import reduce
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from superposition.config.messages import ConfigError, Location, explain, found, key_path
from superposition.config.schema import Config


def load(path: Path | str, *overlays: Path | str) -> Config:
    """The configuration in a file, overlaid with others as Snakemake's --configfile does."""
    return from_mapping({}, shown(path), (path, *overlays))


def from_mapping(
    mapping: Mapping[Any, Any],
    source: str = "config.yaml",
    files: Iterable[Path | str] = (),
) -> Config:
    """The configuration in a mapping, such as the one that Snakemake has merged.

    Args:
        mapping: The merged content; what it lacks is taken from the files.
        source: What messages call it.
        files: The files it was merged from, in order; messages then name the one at fault, and what
            merging hides (a key given twice) is refused.

    Raises:
        ConfigError: With everything that is wrong, a line for each problem; of a section with
            unknown keys, these alone.
    """
    contents = {shown(file): read(file) for file in files}
    # Over the files, whose order is that of the experiments: Snakemake begins with the last file.
    whole = merge(reduce(merge, contents.values(), {}), mapping)
    try:
        return Config.model_validate(whole)
    except ValidationError as error:
        problems = explain(error.errors(include_url=False))
    lines = [
        f"{_origin(place, whole, contents) or source}: {key_path(place)} {text}"
        for place, text in problems
    ]
    raise ConfigError("\n".join(lines)) from None


class _Loader(yaml.CSafeLoader):
    """Safe YAML that refuses a key given twice, where others silently keep the last one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        first: dict[str, int] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.value == "<<":
                continue
            if key.value in first:
                raise yaml.MarkedYAMLError(
                    problem=f"the key {key.value} is given twice in one section, "
                    f"first on line {first[key.value]}",
                    problem_mark=key.start_mark,
                )
            first[key.value] = key.start_mark.line + 1
        return super().construct_mapping(node, deep)


def shown(path: Path | str) -> str:
    """A path as a person would write it: relative to the current folder if it is inside."""
    path = Path(path)
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def read(path: Path | str) -> dict[Any, Any]:
    """The mapping in a YAML file, or a `ConfigError` that says why there is none."""
    name = shown(path)
    try:
        content = yaml.load(Path(path).read_text(encoding="utf-8"), _Loader)
    except FileNotFoundError:
        where = "" if Path(path).is_absolute() else f" in {Path.cwd()}"
        raise ConfigError(
            f"{name}: there is no such file{where}. Give the path of a configuration, "
            "or run from the folder that holds config.yaml."
        ) from None
    except OSError as error:
        raise ConfigError(f"{name}: cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"{name}: byte {error.start} is not UTF-8. Save the file as UTF-8 text."
        ) from None
    except yaml.YAMLError as error:
        raise ConfigError(_yaml_message(name, error)) from None
    if not isinstance(content, dict):
        raise ConfigError(
            f"{name}: the file holds {'nothing' if content is None else found(content)}; "
            "expected keys with values, such as seed: 0."
        )
    return content


_YAML_HINTS = {
    "cannot start any token": "YAML does not allow tabs: indent with spaces.",
    "violates indentation": "YAML does not allow tabs: indent with spaces.",
    "mapping values": "A colon and a space may be missing, or the indentation be wrong.",
    "could not find expected ':'": "A colon and a space must follow each key.",
    "did not find expected ','": "A bracket or brace may not be closed.",
    "did not find expected key": "The indentation does not match the lines above.",
    "given twice": "Remove one of the two.",
}


def _yaml_message(name: str, error: yaml.YAMLError) -> str:
    """File, line, column, problem and likely cause of a YAML error."""
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    mark = getattr(error, "problem_mark", None)
    where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    hints = (hint for text, hint in _YAML_HINTS.items() if text in problem)
    hint = next(hints, "Look for a missing quote, bracket or space here or on the line above.")
    return f"{name}{where}: this is not valid YAML ({problem}). {hint}"


def merge(base: Mapping[Any, Any], overlay: Mapping[Any, Any]) -> dict[Any, Any]:
    """`base` overlaid as by Snakemake's --configfile: mappings merge, lists are replaced."""
    merged = {**base, **overlay}
    for key in base.keys() & overlay.keys():
        if isinstance(base[key], Mapping) and isinstance(overlay[key], Mapping):
            merged[key] = merge(base[key], overlay[key])
    return merged


def _origin(
    location: Location, whole: Mapping[Any, Any], files: Mapping[str, Mapping[Any, Any]]
) -> str | None:
    """What sets a key: of the files that hold most of its path the last, or --config."""
    of_files = _follow(location, reduce(merge, files.values(), {}))
    # As text, because nan does not equal nan.
    there, here = (
        json.dumps(values[-1:], default=str) for values in (of_files, _follow(location, whole))
    )
    if files and there != here:
        return "--config"  # Snakemake's option, the one source of settings beside the files
    depths = {file: len(_follow(location, content)) for file, content in files.items()}
    name = max(reversed(depths), key=depths.__getitem__, default=None)
    return name if name and depths[name] else None


def _follow(location: Location, content: Any) -> list[Any]:
    """The values along a location, as far as it can be followed."""
    values = []
    with suppress(KeyError, IndexError, TypeError):
        for key in location:
            content = content[key]
            values.append(content)
    return values
