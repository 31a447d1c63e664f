"""The command line: one subcommand per stage of the workflow, and a few to look at results.

Snakemake calls the stages with files and settings spelt out. People name a cell of `config.yaml`
instead (`--cell demonstration/relu_p0.01`), and files come from where the workflow keeps them.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TypeAlias

from superposition.errors import UserError

_Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

_ABOUT = """Replicate "Toy Models of Superposition": the stages of the workflow, one command each.

`make` or `snakemake --cores all` runs what is needed, in order. Every stage can also be run alone:

  python -m superposition train --cell demonstration/relu_p0.01
  python -m superposition plot intro
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the process's exit code."""
    commands = parser()
    options, unknown = commands.parse_known_args(arguments)
    if unknown and not hasattr(options, "arguments"):
        commands.error(f"unrecognised arguments: {' '.join(unknown)}")
    options.arguments = unknown
    # Only the module of the command at hand is imported, so that --help is instant.
    module, _, function = options.call.partition(":")
    try:
        if planned := getattr(options, "code", None):
            # Before anything that it is about is imported.
            import_module("superposition.signatures").stage_of(options).load(planned)
        code: int | None = getattr(import_module(f"superposition.{module}"), function)(options)
        sys.stdout.flush()
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
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
    """Return the parser of all subcommands."""
    top = argparse.ArgumentParser(
        "python -m superposition", description=_ABOUT, formatter_class=argparse.RawTextHelpFormatter
    )
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_data(commands)
    _add_train(commands)
    _add_export(commands)
    _add_measure(commands)
    _add_dictionaries(commands)
    _add_plot_and_judge(commands)
    _add_report(commands)
    _add_reading(commands)
    _add_checking(commands)
    _add_archiving(commands)
    return top


def _add(commands: _Commands, name: str, call: str, about: str) -> argparse.ArgumentParser:
    command = commands.add_parser(
        name, help=about, description=about, formatter_class=argparse.HelpFormatter
    )
    command.set_defaults(call=call)
    return command


def _add_code(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--code",
        metavar="DIGEST",
        help="the code that was planned; any other is refused (Snakemake)",
    )


def _add_cell(command: argparse.ArgumentParser, settings: bool = False) -> None:
    group = command.add_argument_group("what")
    group.add_argument("--cell", metavar="E/M_D", help="a cell of the configuration, by name")
    _add_config(group)
    if settings:
        group.add_argument("--settings", metavar="JSON", help="the settings themselves (Snakemake)")


def _add_config(command: "argparse.ArgumentParser | argparse._ArgumentGroup") -> None:
    command.add_argument(
        "--config",
        type=Path,
        nargs="+",
        default=[Path("config.yaml")],
        metavar="FILE",
        help="the configuration, then files laid over it",
    )


def _add_data(commands: _Commands) -> None:
    about = "draw a cell's evaluation sample, or write out any batch that a run was trained on"
    data = _add(commands, "data", "stages:data", about)
    _add_cell(data, settings=True)
    _add_code(data)
    data.add_argument("--output", type=Path, help="where to write (a batch: .csv or .npy)")
    data.add_argument("--table", type=Path, help="where to write the sample's statistics (CSV)")
    batch = data.add_argument_group("one batch of the training data")
    batch.add_argument("--run", type=int, metavar="R", help="the run, from 0")
    batch.add_argument("--batch", type=int, metavar="STEP", help="the step, from 0")


def _add_train(commands: _Commands) -> None:
    train = _add(commands, "train", "stages:train", "train runs of a cell")
    _add_cell(train, settings=True)
    _add_code(train)
    train.add_argument("--runs", metavar="FIRST-LAST", help="the runs, both ends included")
    train.add_argument("--threads", type=int, default=1, help="threads; they change no byte")
    train.add_argument(
        "--engine",
        choices=["auto", "fused", "cuda", "torch", "torch-cuda"],
        help="what trains (else the configuration's)",
    )
    train.add_argument("--output", type=Path, help="where to write the weights")


def _add_export(commands: _Commands) -> None:
    about = "gather the runs of a cell into one weights file, with their evaluation losses"
    export = _add(commands, "export", "stages:export", about)
    _add_cell(export)
    _add_code(export)
    export.add_argument("files", type=Path, nargs="*", help="files of trained runs")
    export.add_argument("--settings", help="what the runs must have been trained with")
    export.add_argument("--sample", type=Path, help="the evaluation sample")
    export.add_argument("--output", type=Path, help="where to write the weights")


def _add_measure(commands: _Commands) -> None:
    measure = _add(commands, "measure", "stages:measure", "measure weights; write tidy CSV tables")
    measure.add_argument("weights", type=Path, nargs="*", metavar="FILE", help="weights files")
    measure.add_argument("--experiment", metavar="E", help="or all those of an experiment, by name")
    _add_config(measure)
    _add_code(measure)
    measure.add_argument("--runs", type=Path, help="where to write the table of runs")
    measure.add_argument("--features", type=Path, help="where to write the table of features")


def _add_dictionaries(commands: _Commands) -> None:
    about = "train sparse autoencoders on a cell's hidden activations, to find its features again"
    command = _add(commands, "dictionaries", "stages:dictionaries", about)
    _add_cell(command, settings=True)
    _add_code(command)
    command.add_argument("weights", type=Path, nargs="?", help="a weights file")
    command.add_argument("--output", type=Path, help="where to write the dictionaries")
    command.add_argument("--table", type=Path, help="where to write what they found (CSV)")


def _add_plot_and_judge(commands: _Commands) -> None:
    plot = _add(commands, "plot", "stages:plot", "draw a figure as SVG, PDF and PNG")
    plot.add_argument("figure", help="the figure's name")
    judge = _add(commands, "judge", "stages:judge", "judge the paper's claims on trained weights")
    for command, folder in ((plot, "results/figures"), (judge, "results")):
        command.add_argument(
            "--weights", type=Path, nargs="*", metavar="FILE", help="weights files"
        )
        _add_code(command)
        command.add_argument("--folder", type=Path, default=Path(folder), help="where to write")
        _add_config(command)
    judge.add_argument(
        "--dictionaries", type=Path, nargs="*", metavar="FILE", help="dictionaries of some of them"
    )


def _add_report(commands: _Commands) -> None:
    report = _add(commands, "report", "stages:report", "write results/report.html, a page to read")
    report.add_argument("--results", type=Path, default=Path("results"), help="finished results")
    report.add_argument("--output", type=Path, help="where to write (else into the results)")
    report.add_argument("--settings", metavar="JSON", help="what was built (Snakemake)")
    _add_code(report)
    _add_config(report)


def _add_reading(commands: _Commands) -> None:
    claims = _add(commands, "claims", "stages:claims", "print the table of claims")
    about = "refresh the tables in README.md, docs/claims.md and the figures in docs/"
    readme = _add(commands, "readme", "published:readme_command", about)
    for command in (claims, readme):
        command.add_argument("file", type=Path, nargs="?", default=Path("results/claims.json"))
    readme.add_argument("--readme", type=Path, default=Path("README.md"))
    _add_config(readme)
    schema = _add(commands, "schema", "stages:schema", "write the JSON schema of config.yaml")
    schema.add_argument("--output", type=Path, default=Path("workflow/schemas/config.schema.json"))
    schema.add_argument("--check", action="store_true", help="only tell whether it is up to date")
    bench = commands.add_parser("bench", help="measure the speed of training", add_help=False)
    bench.set_defaults(call="stages:bench", arguments=[])  # its own module reads its options


def _add_checking(commands: _Commands) -> None:
    about = "compare weights with the committed checksums, and README.md and docs/ with the results"
    verify = _add(commands, "verify", "verify:verify_command", f"{about}; or check an archive")
    about = "write the checksums of the weights in results/, to be committed"
    checksums = _add(commands, "checksums", "verify:checksums_command", about)
    for command in (verify, checksums):
        command.add_argument(
            "--results", type=Path, default=Path("results"), help="finished results"
        )
        _add_config(command)
        command.add_argument("--checksums", type=Path, default=Path("workflow/checksums.json"))
    verify.add_argument("--readme", type=Path, default=Path("README.md"))
    archive = verify.add_argument_group("an archive, instead of the results here")
    archive.add_argument("archive", type=Path, nargs="?", metavar="ARCHIVE", help="an archive")
    archive.add_argument(
        "--retrain",
        nargs="+",
        default=["sample"],
        metavar="WHAT",
        help="what to build again and compare: sample (a minute's worth of cells, chosen at "
        "random), all, none, or cells by name",
    )
    archive.add_argument("--cores", default="all", help="how many cores to build with")


def _add_archiving(commands: _Commands) -> None:
    about = "put sources and results into one file, to be published beside a paper"
    archive = _add(commands, "archive", "archive.writing:archive_command", about)
    archive.add_argument("--output", type=Path, help="where to write (else into results/)")
    archive.add_argument(
        "--uncommitted", action="store_true", help="archive and record changes not committed"
    )
    archive.add_argument(
        "--built", metavar="DIGEST", help="the settings that results are up to date for (Snakemake)"
    )
    _add_config(archive)
    about = "unpack an archive into a new folder in which nothing is left to build"
    restore = _add(commands, "restore", "archive.restoring:restore_command", about)
    restore.add_argument("archive", type=Path, metavar="ARCHIVE", help="an archive")
    restore.add_argument("folder", type=Path, metavar="FOLDER", help="a new or empty folder")
    restore.add_argument(
        "--without-samples",
        action="store_true",
        help="do not draw the evaluation samples; what needs them is built again then",
    )
