"""The command line: what people look at results with, and a subcommand for each stage."""

import argparse
import os
import sys
import textwrap
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, TypeAlias

from superposition.base.environment import ignore_others, missing_extra
from superposition.base.errors import UserError
from superposition.base.shipped import PRESETS, shipped
from superposition.base.version import VERSION

_Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

_ABOUT = """Replicate "Toy Models of Superposition".

`make` or `snakemake --cores all` builds everything, in order. Examples:

  superposition train demonstration/relu_p0.01
  superposition plot intro
"""
_OTHERS = {
    "stages, which the workflow runs; you can run them alone": (
        *("data", "export", "measure", "dictionaries", "constructed", "judge", "report"),
        *("explorer", "trial", "compare"),
    ),
    "for those who change the package": ("convergence", "readme", "schema", "checksums"),
}
"""Commands that --help lists below those that people use most."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the process's exit code."""
    options = parser().parse_args(arguments)
    ignore_others()
    # Only the module of the command at hand is imported, so that --help is instant.
    module, _, function = options.call.partition(":")
    try:
        code: int | None = getattr(import_module(f"superposition.{module}"), function)(options)
        sys.stdout.flush()
    except (UserError, ModuleNotFoundError) as error:
        told: UserError | None
        if isinstance(error, UserError):
            told = error
        elif (told := missing_extra(error, f"superposition {options.command}")) is None:
            raise
        print(f"error: {told}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted; nothing half-written is left behind.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader (head, less) has seen enough; the interpreter must not complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code or 0


def parser() -> argparse.ArgumentParser:
    """The parser of all subcommands."""
    top = argparse.ArgumentParser(
        "superposition", description=_ABOUT, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    top.add_argument("--version", action="version", version=f"superposition {VERSION}")
    commands = top.add_subparsers(
        title="commands", metavar="COMMAND", dest="command", required=True
    )
    _add_stages(commands)
    _add_convergence(commands)
    _add_reading(commands)
    _add_archives(commands)
    top.epilog = "\n".join(_listed(commands, *group) for group in _OTHERS.items())
    return top


def _count(text: str) -> int:
    """A number of things, of which there must be some."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"is {text}; expected at least 1")
    return int(text)


_THREADS: dict[str, Any] = {
    "type": _count,
    "default": 1,
    "help": "threads; they do not change results",
}


def _listed(commands: _Commands, title: str, names: Sequence[str]) -> str:
    """What --help says of some commands: as argparse does of those that it lists."""
    lines = [f"{title}:"]
    for name in names:
        about = textwrap.wrap(commands.choices[name].description or "", 55)
        lines += [f"    {name:18}  {about[0]}", *(" " * 24 + line for line in about[1:])]
    return "\n".join(lines) + "\n"


def _add(commands: _Commands, name: str, call: str, about: str) -> argparse.ArgumentParser:
    # Without any `help`, argparse does not list it.
    is_listed = not any(name in group for group in _OTHERS.values())
    listed: dict[str, Any] = {"help": about} if is_listed else {}
    command = commands.add_parser(
        name, description=about, formatter_class=argparse.HelpFormatter, **listed
    )
    command.set_defaults(call=call)
    return command


def _add_stages(commands: _Commands) -> None:
    for name, about in {
        "data": "write statistics of an experiment's samples, with what its settings promise",
        "export": "collect the runs of an experiment, with their losses on evaluation samples",
        "measure": "measure an experiment's trained networks; write tidy CSV tables",
        "dictionaries": "train sparse autoencoders on an experiment's hidden activations",
    }.items():
        command = _add_stage(commands, name, about)
        command.add_argument(
            "experiment",
            metavar="EXPERIMENT",
            help="the name of an experiment in the configuration",
        )
    train = _add_stage(commands, "train", "train the runs of a cell")
    train.add_argument("cell", metavar="CELL", help="EXPERIMENT/MODEL_pDENSITY")
    train.add_argument("--runs", metavar="FIRST-LAST", help="the runs, both ends included")
    train.add_argument("--threads", **_THREADS)
    train.add_argument(
        "--engine",
        choices=["auto", "fused", "cuda", "torch"],
        help="the engine that trains (default: the configuration's)",
    )
    plot = _add_stage(commands, "plot", "plot a figure as SVG, PDF and PNG")
    plot.add_argument("figure", metavar="FIGURE", help="its name, such as intro")
    about = "write the losses of constructed solutions and of trained networks"
    _add_stage(commands, "constructed", about)
    judge = _add_stage(commands, "judge", "judge the paper's claims on the trained networks")
    _add_evidence(judge)
    about = "the outcomes of claims with other seeds"
    _add_kept(judge, "--confirmed", "workflow/confirmation.json", about)
    _add_stage(commands, "report", "write the report, results/report.html")
    _add_stage(commands, "explorer", "write the explorer, results/explorer.html")
    about = "train everything that is judged with two other seeds, and judge again"
    confirm = _add(commands, "confirm", "workflow.confirmation:confirm", about)
    confirm.add_argument("--cores", default="all", help="number of cores for training")
    _add_config(confirm)
    about = "write the batch that a run saw at a step of its training"
    batch = _add(commands, "batch", "workflow.commands:batch", about)
    batch.add_argument("cell", metavar="CELL", help="EXPERIMENT/MODEL_pDENSITY")
    batch.add_argument("--run", type=int, default=0, metavar="R", help="the run, from 0")
    batch.add_argument("--step", type=int, default=0, metavar="S", help="the step, from 0")
    batch.add_argument("--output", type=Path, help="where to write (.csv or .npy)")
    _add_config(batch)


def _add_convergence(commands: _Commands) -> None:
    module = "workflow.convergence"
    trial = _add_stage(commands, "trial", "train a recipe of a family of experiments", module)
    compare = _add_stage(commands, "compare", "compare the recipes of a family by loss", module)
    for command in (trial, compare):
        command.add_argument("family", metavar="FAMILY", help="a family of workflow/recipes.yaml")
    trial.add_argument("recipe", metavar="RECIPE", help="the name of a recipe, as in its file name")
    trial.add_argument("--threads", **_THREADS)
    about = "write the losses that recipes reached into workflow/ and docs/"
    evidence = _add(commands, "convergence", f"{module}:convergence", about)
    evidence.add_argument("families", nargs="*", metavar="FAMILY", help="only these")
    evidence.add_argument(
        "--check", action="store_true", help="only check whether all recipes have evidence"
    )
    _add_evidence(evidence)
    evidence.add_argument("--page", type=Path, default=Path("docs/convergence.md"))
    _add_config(evidence)


def _add_evidence(command: argparse.ArgumentParser) -> None:
    _add_kept(command, "--evidence", "workflow/convergence.json", "the evidence for recipes")


def _add_kept(command: argparse.ArgumentParser, option: str, file: str, about: str) -> None:
    """A file that the repository keeps."""
    command.add_argument(
        option, type=Path, default=shipped(file), metavar="FILE", help=f"{about} (default: {file})"
    )


def _add_stage(
    commands: _Commands, name: str, about: str, module: str = "workflow.commands"
) -> argparse.ArgumentParser:
    command = _add(commands, name, f"{module}:{name}", about)
    _add_config(command)
    planned = command.add_argument_group("what Snakemake planned with; the command refuses others")
    planned.add_argument("--code", metavar="DIGEST", help="version of the code")
    planned.add_argument("--settings", metavar="DIGEST", help="settings of the results")
    return command


def _add_config(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--config",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="the configuration, then files that override it (default: config.yaml)",
    )


def _add_reading(commands: _Commands) -> None:
    about = "print a configuration that you can change; in a new folder: superposition config > "
    about += "config.yaml"
    config = _add(commands, "config", "workflow.configuration:print_config", about)
    config.add_argument("preset", nargs="?", choices=PRESETS, default="paper")
    claims = _add(commands, "claims", "workflow.commands:claims", "print the table of claims")
    about = "update the tables in README.md, and claims and figures in docs/"
    readme = _add(commands, "readme", "workflow.commands:readme", about)
    for command in (claims, readme):
        command.add_argument("file", type=Path, nargs="?", default=Path("results/claims.json"))
    readme.add_argument("--readme", type=Path, default=Path("README.md"))
    _add_config(readme)
    about = "write the JSON schema of config.yaml"
    schema = _add(commands, "schema", "workflow.commands:schema", about)
    schema.add_argument("--output", type=Path, default=Path("workflow/schemas/config.schema.json"))
    schema.add_argument("--check", action="store_true", help="only check whether it is up to date")


def _add_archives(commands: _Commands) -> None:
    about = "compare weights with the committed checksums, and README.md and docs/ with the "
    about += "results; or check an archive"
    verify = _add(commands, "verify", "archive.verify:verify_command", about)
    about = "write the checksums of the weights in results/, to be committed"
    checksums = _add(commands, "checksums", "archive.verify:checksums_command", about)
    for command in (verify, checksums):
        command.add_argument(
            "--results", type=Path, default=Path("results"), help="finished results"
        )
        _add_config(command)
        _add_kept(command, "--checksums", "workflow/checksums.json", "the checksums")
    verify.add_argument("--readme", type=Path, default=Path("README.md"))
    checking = verify.add_argument_group("an archive, instead of the results here")
    checking.add_argument("archive", type=Path, nargs="?", metavar="ARCHIVE", help="an archive")
    checking.add_argument(
        "--retrain",
        nargs="+",
        default=["sample"],
        metavar="WHAT",
        help="what to build again and compare: sample (random cells that take about a minute), "
        "all, none, or names of cells",
    )
    checking.add_argument("--cores", default="all", help="number of cores for building")
    about = "put sources and results into one file, to publish with a paper"
    archive = _add(commands, "archive", "archive.write:archive_command", about)
    archive.add_argument("--output", type=Path, help="where to write (default: into results/)")
    archive.add_argument(
        "--uncommitted", action="store_true", help="archive and record uncommitted changes"
    )
    archive.add_argument(
        "--built",
        metavar="DIGEST",
        help="the settings for which results are up to date (from Snakemake)",
    )
    _add_config(archive)
    about = "unpack an archive into a new folder in which nothing is left to build"
    restore = _add(commands, "restore", "archive.restore:restore_command", about)
    restore.add_argument("archive", type=Path, metavar="ARCHIVE", help="an archive")
    restore.add_argument("folder", type=Path, metavar="FOLDER", help="a new or empty folder")
