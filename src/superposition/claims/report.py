"""Writing verdicts for machines and for people."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from superposition.claims.records import Outcome
from superposition.claims.terminal import bounds, show, summary
from superposition.claims.verdicts import CheckResult, Verdict
from superposition.errors import UserError
from superposition.files import write_text

PAPER = "https://transformer-circuits.pub/2022/toy_model/index.html"
START, END = "<!-- claims:start -->", "<!-- claims:end -->"
_VERDICTS = TypeAdapter(list[Verdict])

_COLUMNS = (
    *("claim", "section", "outcome", "reason", "quantity", "cell", "low", "high", "source"),
    *("measured", "control", "within", "runs_within", "runs"),
)
_HEAD = (
    "| | claim | measured (lowest loss) | expected | holds in runs | control | verdict |",
    "| --- | --- | --- | --- | --- | --- | --- |",
)
_NOTE = (
    "A claim replicates if all its quantities are as expected on the lowest-loss run of each cell "
    "it is about, and those of its control are not. Over several cells, a quantity is given as a "
    "range or, from dense to sparse, one by one. Expectations come from the paper's text (paper) "
    "or figures (fig) or, where it gives no number, from us (ours); claims.json gives the reason. "
    "The control is what the claim must not fit, with the number of runs in which it does."
)


def write_all(verdicts: Sequence[Verdict], folder: Path | str) -> None:
    """Write claims.json, claims.csv and claims.md into a folder."""
    folder = Path(folder)
    write_text(folder / "claims.json", to_json(verdicts))
    write_text(folder / "claims.csv", to_csv(verdicts))
    write_text(folder / "claims.md", to_markdown(verdicts))


def to_json(verdicts: Sequence[Verdict]) -> str:
    """Return all verdicts with all their numbers."""
    plain = [verdict.model_dump(mode="json") for verdict in verdicts]
    return json.dumps(plain, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def read_json(path: Path | str) -> list[Verdict]:
    """Return the verdicts of a claims.json.

    Raises:
        UserError: If the file cannot be read or is something else.
    """
    try:
        return _VERDICTS.validate_json(Path(path).read_bytes())
    except OSError as error:
        raise UserError(f"Cannot read {path}: {error.strerror}. Run make to build it.") from error
    except ValidationError as error:
        raise UserError(
            f"{path} does not hold the verdicts of this version ({error.error_count()} mistakes). "
            "Delete it and run make to build it again."
        ) from error


def to_csv(verdicts: Iterable[Verdict]) -> str:
    """Return one row per claim, quantity and cell; a claim not tested has one row."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        _COLUMNS,
    )
    for verdict in verdicts:
        head = [verdict.id, verdict.section, str(verdict.outcome), verdict.reason]
        if not verdict.checks:
            writer.writerow([*head, *[""] * (len(_COLUMNS) - len(head))])
        for check in verdict.checks:
            writer.writerows(
                [*head, *row, verdict.runs] for row in _check_rows(check, verdict.cells)
            )
    return text.getvalue()


def _check_rows(check: CheckResult, cells: Sequence[str]) -> Iterable[list[object]]:
    """Yield one check's values, each with its cell, or `all` for a number about all of them."""
    places = cells if len(cells) == len(check.measured) else ["all"]
    columns = zip(
        places,
        check.low,
        check.high,
        check.measured,
        check.control,
        check.within,
        check.runs_within,
        strict=True,
    )
    for cell, low, high, measured, control, within, runs in columns:
        numbers = ["" if v is None else f"{v:.6g}" for v in (low, high, measured, control)]
        yield [check.quantity, cell, *numbers[:2], check.source, *numbers[2:], within, runs]


def to_markdown(verdicts: Sequence[Verdict]) -> str:
    """Return the table for people, one per section of the paper, with a summary above."""
    lines = [f"**{summary(verdicts)}**", ""]
    for (section, anchor), group in groupby(verdicts, key=lambda v: (v.section, v.anchor)):
        lines += [
            f"[{section}]({PAPER}{anchor})",
            "",
            *_HEAD,
            *(_markdown_row(verdict) for verdict in group),
            "",
        ]
    return "\n".join([*lines, _NOTE, ""])


def _markdown_row(verdict: Verdict) -> str:
    measured = "<br>".join(f"{check.quantity}: {show(check)}" for check in verdict.checks)
    expected = "<br>".join(f"{bounds(check)} ({check.source})" for check in verdict.checks)
    runs = f"{verdict.runs_held} of {verdict.runs}" if verdict.runs else ""
    control = f"{verdict.control_held} of {verdict.runs}: {verdict.control}" if runs else ""
    outcome = str(verdict.outcome)
    if verdict.outcome in (Outcome.DEVIATES, Outcome.VOID):
        outcome = f"**{outcome}**"
    if verdict.reason:
        outcome += f": {verdict.reason}"
    cells = [verdict.id, verdict.statement, measured, expected, runs, control, outcome]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def insert_into_readme(markdown: str, path: Path | str = "README.md") -> bool:
    """Put the table between the README's markers; return whether that changed anything.

    Raises:
        UserError: If the file or one of its markers is missing.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UserError(f"Cannot read {path}: {error.strerror}.") from error
    before, start, rest = text.partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise UserError(
            f"{path} has no place for the claims: put the lines {START} and {END} into it."
        )
    updated = f"{before}{START}\n\n{markdown.strip()}\n\n{END}{after}"
    if updated == text:
        return False
    write_text(path, updated)
    return True
