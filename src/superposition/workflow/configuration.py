"""The configuration that a command works with: named by its options, or that of its build.

A build's jobs get what it has merged in an environment variable: as an option in their commands it
would be part of what Snakemake compares, and in the files it may have been edited meanwhile.
"""

import json
import os
import zlib
from argparse import Namespace
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from superposition.config.load import from_mapping, load
from superposition.config.schema import Config

_VARIABLE = "SUPERPOSITION_CONFIG"


def hand_on(mapping: Mapping[str, Any], files: Sequence[Path | str]) -> Config:
    """The configuration that Snakemake has merged from files, in order; jobs are told it."""
    config = from_mapping(mapping, files=files)
    experiments = {name: mapping["experiments"][name] for name in config.experiments}
    text = json.dumps({**mapping, "experiments": experiments})
    # Compressed, for a variable of more than 128 KiB cannot be handed on.
    os.environ[_VARIABLE] = b64encode(zlib.compress(text.encode())).decode()
    return config


def resolve(options: Namespace) -> Config:
    """The configuration that `--config` names, else that of the build, else config.yaml."""
    told = os.environ.get(_VARIABLE)
    if told and not options.config:
        return from_mapping(json.loads(zlib.decompress(b64decode(told))))
    return load(*(options.config or ["config.yaml"]))


def laid_over(files: Sequence[Path | str]) -> list[str]:
    """The files of a configuration in the order in which they are laid over each other.

    Snakemake lists the one that the Snakefile names last, though it lies below all others.
    """
    names = [os.path.relpath(file) for file in files]
    return list(dict.fromkeys([*names[-1:], *names[:-1]]))
