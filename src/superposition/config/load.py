"""Configurations from files and what is laid over them, and which of these is at fault."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import reduce
from pathlib import Path
from typing import Any, TypeAlias

from pydantic import ValidationError

from superposition.base.shipped import shipped
from superposition.config.messages import (
    TOLD,
    ConfigError,
    Location,
    Problem,
    explain,
    found,
    key_path,
)
from superposition.config.schema import Config
from superposition.config.strict_yaml import parse

Source: TypeAlias = tuple[str, Mapping[Any, Any]]
"""What messages call a file or an option, and the settings in it."""


def load(path: Path | str, *overlays: Path | str) -> Config:
    """The configuration in a file, overlaid with others as Snakemake's --configfile does."""
    return from_sources([(shown(file), read(file)) for file in (path, *overlays)])


def from_mapping(mapping: Mapping[Any, Any], source: str = "config.yaml") -> Config:
    """The configuration in a mapping, which messages call `source`."""
    return from_sources([(source, mapping)])


def from_sources(sources: Sequence[Source]) -> Config:
    """The configuration in several sources, each laid over those before it.

    Raises:
        ConfigError: With what is wrong, a line for each problem, which begins with the source at
            fault; of a section with unknown keys, these alone.
    """
    config, problems = _checked(sources)
    if config is not None:
        return config
    blamed: dict[Problem, str] = {}
    for count, (name, _) in enumerate(sources, 1):
        # Whose settings are the first with which there is this problem.
        for problem in _checked(sources[:count])[1]:
            blamed.setdefault(problem, name)
    lines = [
        f"{_at_fault(blamed[place, text], place, sources)}: {key_path(place)} {text}"
        for place, text in problems[:TOLD]
    ]
    if len(problems) > TOLD:
        lines.append(f"… and {len(problems) - TOLD:,} more.")
    raise ConfigError("\n".join(lines))


def _checked(sources: Sequence[Source]) -> tuple[Config | None, list[Problem]]:
    try:
        return Config.model_validate(merged(sources)), []
    except ValidationError as error:
        return None, list(explain(error.errors(include_url=False)))


def _at_fault(name: str, place: Location, sources: Sequence[Source]) -> str:
    """The source that brings a problem; before it the one that has the key, if that is another."""
    depths = {its: len(_follow(place, content)) for its, content in sources}
    holder = max(reversed(depths), key=depths.__getitem__)
    return name if depths[name] == depths[holder] else f"{holder} with {name}"


def _follow(location: Location, content: Any) -> list[Any]:
    """The values along a location, as far as it can be followed."""
    values = []
    with suppress(KeyError, IndexError, TypeError):
        for key in location:
            content = content[key]
            values.append(content)
    return values


def merged(sources: Sequence[Source]) -> dict[Any, Any]:
    """The settings of all sources together."""
    contents: list[Mapping[Any, Any]] = [content for _, content in sources]
    return reduce(merge, contents, {})


def merge(base: Mapping[Any, Any], overlay: Mapping[Any, Any]) -> dict[Any, Any]:
    """`base` overlaid as by Snakemake's --configfile: mappings merge, lists are replaced."""
    both = {**base, **overlay}
    for key in base.keys() & overlay.keys():
        if isinstance(base[key], Mapping) and isinstance(overlay[key], Mapping):
            both[key] = merge(base[key], overlay[key])
    return both


def shown(path: Path | str) -> str:
    """A path as a person would write it: relative to the current folder if it is inside."""
    path = Path(path)
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def read(path: Path | str) -> dict[Any, Any]:
    """The mapping in a YAML file, or a `ConfigError` that says why there is none.

    Where there is no config.yaml, nor a preset, they are those that came with the package.
    """
    name, path = shown(path), shipped(path)
    try:
        if Path(path).exists() and not Path(path).is_file():
            raise ConfigError(f"{name}: this is a folder or a pipe; expected a file.")
        text = Path(path).read_text(encoding="utf-8")
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
    content = parse(text, name)
    if isinstance(content, dict) and "__use_yte__" in content:
        raise ConfigError(
            f"{name}: __use_yte__ has Snakemake run code that stands in the file, and nothing in a "
            "configuration is run. Remove it, and write plain values."
        )
    if not isinstance(content, dict):
        raise ConfigError(
            f"{name}: the file holds {'nothing' if content is None else found(content)}; "
            "expected keys with values, such as seed: 0."
        )
    return content
