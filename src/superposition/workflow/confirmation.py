"""Builds with other seeds: everything that is judged, trained and judged again.

Each is a build in a folder of its own, from the same settings but for the seed. They are judged by
the build here, from their weights, so that all verdicts are those of one code.
"""

import os
import subprocess
import sys
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

import yaml

from superposition.base.canonical import digest
from superposition.base.errors import UserError
from superposition.base.files import read_bytes, write_text
from superposition.base.shipped import shipped
from superposition.base.stopping import tidily
from superposition.config.load import load
from superposition.config.messages import ConfigError
from superposition.config.schema import Config
from superposition.workflow.builds import PROJECT, build_in
from superposition.workflow.configuration import resolve
from superposition.workflow.plan import Plan

RECORD = Path(os.path.relpath(shipped("workflow/confirmation.json", PROJECT)))
"""What became of the claims in the confirmation that the repository shows."""
_FOLDER = Path("results/confirmation")
_OTHERS = 2
"""Builds with other seeds; the seeds are those that follow the configuration's."""


@tidily()
def confirm(options: Namespace) -> int:
    """Build all weights with other seeds, then judge anew what is in results/."""
    config = resolve(options)
    for seed in range(config.seed + 1, config.seed + 1 + _OTHERS):
        folder = _FOLDER / f"seed-{seed}"
        settings = config.model_copy(update={"seed": seed})
        content = settings.model_dump(mode="json", exclude_unset=True)
        write_text(folder / "config.yaml", yaml.safe_dump(content, sort_keys=False))
        plan = Plan(load(folder / "config.yaml"))
        print(f"Training with seed {seed}, in {folder}:", flush=True)
        build_in(folder, [*plan.weights(), *plan.dictionaries()], options.cores)
    command = [sys.executable, "-m", "snakemake", "--cores", options.cores]
    if options.config:
        command += ["--configfile", *map(str, options.config)]
    return subprocess.run(command, check=False).returncode


def record_digest(file: Path = RECORD) -> str:
    """A digest of what is kept of confirmations."""
    return digest(read_bytes(file).decode() if file.is_file() else "")[:16]


def files() -> list[str]:
    """The weights and dictionaries of all confirmations that there are."""
    found = sorted(_FOLDER.glob("seed-*/results/*/*.safetensors"))
    return [str(file) for file in found if file.parts[-2] in ("weights", "dictionaries")]


def confirmations(config: Config) -> Iterator[tuple[Path, Plan]]:
    """Folder and plan of each finished confirmation of a configuration, each of another seed.

    One of other settings, or of the seed here, confirms nothing: it is left out, and a line says
    so.
    """
    for folder in sorted(_FOLDER.glob("seed-*")):
        try:
            its = load(folder / "config.yaml")
        except ConfigError as error:
            raise UserError(f"{error} Delete {folder}, or run make confirm.") from None
        plan = Plan(its)
        files = [*plan.weights(), *plan.dictionaries()]
        if folder.name != f"seed-{its.seed}":
            told = f"has the seed {its.seed}"
        elif its.seed == config.seed:
            told = "has the seed of this configuration"
        elif its.model_copy(update={"seed": config.seed}).cells() != config.cells():
            told = "has other settings"
        elif not all((folder / file).is_file() for file in files):
            told = "is not finished"
        else:
            yield folder, plan
            continue
        print(f"{folder} {told} and is left out: run make confirm.", file=sys.stderr)
