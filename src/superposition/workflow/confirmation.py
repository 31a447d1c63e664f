"""Builds with other seeds: everything that is judged, trained and judged again.

Each is a build in a folder of its own, from the same settings but for the seed. They are judged by
the build here, from their weights, so that all verdicts are those of one code.
"""

import json
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
from superposition.workflow.code_version import STAGES, training_stage
from superposition.workflow.configuration import resolve
from superposition.workflow.plan import Plan

RECORD = Path(os.path.relpath(shipped("workflow/confirmation.json", PROJECT)))
"""What became of the claims in the confirmation that the repository shows."""
FOLDER = Path("results/confirmation")
_CODE = "code.json"
"""What trained a build, beside its configuration."""
_OTHERS = 2
"""Builds with other seeds; the seeds are those that follow the configuration's."""


@tidily()
def confirm(options: Namespace) -> int:
    """Build all weights with other seeds, then judge anew what is in results/."""
    config = resolve(options)
    for name, experiment in config.chosen().items():
        if experiment.start and not config.starts_from(name):
            raise UserError(
                f"experiments.{name}.start is {experiment.start}, which no seed makes: leave the "
                "experiment out with `only`, or start from results/weights/EXPERIMENT.safetensors."
            )
    for seed in range(config.seed + 1, config.seed + 1 + _OTHERS):
        folder = FOLDER / f"seed-{seed}"
        settings = config.model_copy(update={"seed": seed})
        content = settings.model_dump(mode="json", exclude_unset=True)
        write_text(folder / "config.yaml", yaml.safe_dump(content, sort_keys=False))
        plan = Plan(load(folder / "config.yaml"))
        print(f"Training with seed {seed}, in {folder}:", flush=True)
        build_in(folder, [*plan.weights(), *plan.dictionaries()], options.cores)
        write_text(folder / _CODE, made_by(plan))
    command = [sys.executable, "-m", "snakemake", "--cores", options.cores]
    if options.config:
        command += ["--configfile", *map(str, options.config)]
    return subprocess.run(command, check=False).returncode


def made_by(plan: Plan) -> str:
    """Code and libraries that train networks and dictionaries here."""
    stages = training_stage(plan.engine), STAGES["dictionaries"]
    return json.dumps([stage.signature() for stage in stages])


def record_digest(file: Path = RECORD) -> str:
    """A digest of what is kept of confirmations."""
    return digest(read_bytes(file).decode() if file.is_file() else "")[:16]


def files() -> list[str]:
    """What is read of all confirmations that there are."""
    kinds = "config.yaml", _CODE, "results/weights/*", "results/dictionaries/*.safetensors"
    return sorted(str(file) for kind in kinds for file in FOLDER.glob(f"seed-*/{kind}"))


def confirmations(config: Config) -> Iterator[tuple[Path, Plan]]:
    """Folder and plan of each finished confirmation of a configuration, each of another seed.

    One of other settings or code, or of the seed here, confirms nothing: it is left out, and a line
    says so.
    """
    for folder in sorted(FOLDER.glob("seed-*")):
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
        elif _trained(its.model_copy(update={"seed": config.seed})) != _trained(config):
            told = "has other settings"
        elif not all((folder / file).is_file() for file in files):
            told = "is not finished"
        elif not (code := folder / _CODE).is_file() or read_bytes(code).decode() != made_by(plan):
            told = "was trained by other code"
        else:
            yield folder, plan
            continue
        print(f"{folder} {told} and is left out: run make confirm.", file=sys.stderr)


def _trained(config: Config) -> list[object]:
    """What a configuration has trained: cells, and dictionaries on them."""
    return [config.cells(), [one.dictionaries for one in config.chosen().values()]]
