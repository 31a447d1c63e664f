"""The configuration that a command works with: named by its options, or that of its build.

Snakemake's own merging is not used: it reads `--config` as text, and drops what is given twice.
A build's jobs are told of a file with what the build has read: as an option in their commands it
would be part of what Snakemake compares, and the files it is from may have been edited meanwhile.
"""

import json
import os
from argparse import Namespace
from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from superposition.base.canonical import digest
from superposition.base.files import read_bytes, write_text
from superposition.base.shipped import PRESETS, shipped
from superposition.config.load import Source, from_mapping, from_sources, load, merged, read
from superposition.config.messages import ConfigError
from superposition.config.schema import Config
from superposition.config.strict_yaml import parse
from superposition.workflow.builds import PROJECT

_VARIABLE = "SUPERPOSITION_CONFIG"


def laid_over(workflow: Any) -> list[str]:
    """The files of Snakemake's configuration in the order in which they are laid over each other.

    Snakemake lists the one that the Snakefile names last, though it lies below all others.
    """
    given = workflow.config_settings
    own = [] if given.replace_workflow_config else workflow.configfiles[-1:]
    names = (os.path.relpath(file) for file in [*own, *given.configfiles])
    return [name for name, _ in groupby(names)]


def hand_on(workflow: Any, of_module: Mapping[str, Any] | None = None) -> Config:
    """The configuration that Snakemake was given, in files and by --config; jobs are told it.

    A workflow that uses this one as a module has read its own, which is laid over ours.
    """
    if of_module is not None:
        ours = read(shipped("config.yaml", PROJECT))
        sources: list[Source] = [("config.yaml", ours), ("the module's config", of_module)]
        options: list[Source] = []
    else:
        sources = [(name, read(name)) for name in laid_over(workflow)]
        options = _options(workflow.config_settings.config_args)
    config = from_sources([*sources, *options])
    text = json.dumps(merged([*sources, *options]))
    file = Path(f".snakemake/superposition.config-{digest(text)[:16]}.json").absolute()
    if not file.is_file() or read_bytes(file).decode() != text:
        write_text(file, text)
    os.environ[_VARIABLE] = str(file)
    return config


def _options(pairs: Iterable[str]) -> list[Source]:
    """The settings of Snakemake's --config, KEY=VALUE, each value as it would stand in a file."""
    settings = (pair.partition("=") for pair in pairs)
    return [("--config", {key: parse(value, f"--config {key}")}) for key, _, value in settings]


def resolve(options: Namespace) -> Config:
    """The configuration that `--config` names, else that of the build, else config.yaml."""
    told = os.environ.get(_VARIABLE)
    if told and not options.config:
        return from_mapping(json.loads(read_bytes(Path(told))))
    files = options.config or ["config.yaml"]
    try:
        return load(*files)
    except ConfigError as error:
        if len(files) > 1 or f"{files[0]}: seed is missing." not in str(error):
            raise
        told = f"To lay it over the configuration that is there: --config config.yaml {files[0]}"
        raise ConfigError(f"{error}\n{told}") from None


def print_config(options: Namespace) -> None:
    """Print the paper's configuration, or one to lay over it."""
    print(shipped(PRESETS[options.preset], PROJECT).read_text(encoding="utf-8"), end="")
