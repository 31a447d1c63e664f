"""`make bench`: measure, and write the page, its plot and the README's table; nothing is built."""

import argparse
import sys
from pathlib import Path

from superposition.benchmarks.cases import cases
from superposition.benchmarks.machine import cores
from superposition.benchmarks.measuring import Effort, measure
from superposition.benchmarks.page import brief, markdown
from superposition.benchmarks.picture import draw
from superposition.benchmarks.record import Record
from superposition.claims import insert
from superposition.config import load
from superposition.errors import UserError
from superposition.files import atomic_path, explained, write_text
from superposition.plotting import style


def main(arguments: list[str] | None = None) -> None:
    """Measure and write, or only write what was measured."""
    parser = argparse.ArgumentParser(prog="superposition bench", description=__doc__)
    parser.add_argument("--threads", type=int, default=cores(), help="what all threads means")
    parser.add_argument("--turns", type=int, default=Effort().turns, help="of each contestant")
    parser.add_argument("--seconds", type=float, default=Effort().seconds, help="of a turn, about")
    parser.add_argument("--every", type=int, default=1, help="measure only every so manieth size")
    parser.add_argument("--config", type=Path, default=Path("config.yaml"), help="whose sizes")
    parser.add_argument("--docs", type=Path, default=Path("docs"), help="where to write")
    parser.add_argument("--readme", type=Path, default=Path("README.md"), help="has a table of it")
    parser.add_argument("--redraw", action="store_true", help="only write what was measured before")
    options = parser.parse_args(arguments)
    kept = options.docs / "benchmarks.json"
    if not options.redraw:
        effort = Effort(options.turns, options.seconds)
        everything = cases(load(options.config))
        sizes = everything[:: options.every]
        record = measure(sizes, options.threads, effort, _say)
        left_out = len(everything) - len(sizes)
        record = record.model_copy(update={"left_out": left_out})
        write_text(kept, record.model_dump_json(indent=1) + "\n")
    publish(read(kept), options.docs, options.readme)


def read(file: Path) -> Record:
    """Return what was measured.

    Raises:
        UserError: If the file is not there or not one of these.
    """
    with explained(file, "read"):
        text = file.read_text(encoding="utf-8")
    try:
        return Record.model_validate_json(text)
    except ValueError as error:
        raise UserError(f"{file} is not what this version of make bench writes.") from error


def publish(record: Record, docs: Path, readme: Path) -> None:
    """Write the page, its plot and the README's table."""
    write_text(docs / "benchmarks.md", markdown(record))
    with style.applied(), atomic_path(docs / "benchmarks.svg") as temporary:
        draw(record).savefig(temporary, format="svg", metadata={"Date": None, "Creator": None})
    with explained(readme, "read"):
        text = readme.read_text(encoding="utf-8")
    write_text(readme, insert(text, "benchmarks", brief(record), readme))
    print(f"Wrote {docs}/benchmarks.md, its plot, and the table in {readme}.")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
