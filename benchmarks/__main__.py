"""Measure how fast training is, and write docs/benchmarks.md, its plot and the raw numbers."""

import argparse
import os
import time
from functools import partial
from pathlib import Path

from benchmarks.before import Checkout
from benchmarks.contestants import CASES, contestants
from benchmarks.measure import QUIET, Record, machine, measured, times_faster_at_n_5
from benchmarks.page import markdown, plot
from superposition.base.files import atomic_path, write_text
from superposition.base.machine import cores
from superposition.figures import style

_TURNS = 5


def main(arguments: list[str] | None = None) -> None:
    """Measure and write, or only write what was measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--seconds", type=float, default=0.4, help="of a turn, about")
    parser.add_argument("--docs", type=Path, default=Path("docs"), help="where to write")
    parser.add_argument(
        "--rewrite", action="store_true", help="only write what was measured before"
    )
    parser.add_argument(
        "--before", type=Path, help="a checkout whose kernel is timed beside this one's"
    )
    options = parser.parse_args(arguments)
    file = options.docs / "benchmarks.json"
    if not options.rewrite:
        record = measure(cores(), options.seconds, options.before)
        write_text(file, record.model_dump_json(indent=1) + "\n")
    record = Record.model_validate_json(file.read_text(encoding="utf-8"))
    write_text(options.docs / "benchmarks.md", markdown(record))
    with style.applied(), atomic_path(options.docs / "benchmarks.svg") as temporary:
        plot(record).savefig(temporary, format="svg", metadata={"Date": None, "Creator": None})
    print(f"Wrote {options.docs}/benchmarks.md and its plot.")


def measure(threads: int, seconds: float, before: Path | None = None) -> Record:
    """Measure all contestants at all sizes, and print how far it is."""
    began, date, load = time.perf_counter(), time.strftime("%Y-%m-%d"), os.getloadavg()[0]
    if load > QUIET:
        print(f"The machine is busy (load {load:.2f}): the loop will look too slow.", flush=True)
    rows = []
    contest = contestants(threads)
    checkout = Checkout(before.resolve()) if before else None
    if checkout:
        contest["fused_before"] = partial(checkout.prepare, models=2 * threads, threads=threads)
    for case in CASES:
        works = {name: prepare(case) for name, prepare in contest.items()}
        row = measured(case, works, _TURNS, seconds)
        rows.append(row)
        times = "  ".join(f"{name} {row.median(name):.4g}" for name in works)
        done = f"{time.perf_counter() - began:4.0f} s"
        print(f"{done}  n={case.n} m={case.m} 1−S={case.density:g}:  {times}", flush=True)
    if checkout:
        checkout.close()
    return Record(
        date=date,
        machine=machine(),
        load=round(load, 2),
        threads=threads,
        seconds=round(time.perf_counter() - began),
        times_faster_at_n_5=times_faster_at_n_5(rows),
        rows=tuple(rows),
    )


if __name__ == "__main__":
    main()
