"""Writing verdicts for machines and for people."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from superposition.claims.records import Outcome
from superposition.claims.terminal import (
    bases,
    beside,
    bounds,
    controls_note,
    label,
    remarks,
    show,
    summary,
)
from superposition.claims.verdicts import CheckResult, Verdict
from superposition.errors import UserError
from superposition.files import write_text

PAPER = "https://transformer-circuits.pub/2022/toy_model/index.html"
_VERDICTS = TypeAdapter(list[Verdict])

_COLUMNS = (
    *("claim", "section", "outcome", "reason", "judged_on", "quantity", "cell", "low", "high"),
    *("source", "measured", "within", "other_reading", "other_within", "control"),
    *("control_within", "runs_within", "runs"),
)
_HEAD = (
    "| | claim | section | measured | expected | runs | verdict |",
    "| --- | --- | --- | --- | --- | --- | --- |",
)
_NOTE = (
    "A claim replicates if all its quantities are as expected on what it is judged on and those of "
    "its control, which it must not fit, are not. The values of the other reading follow in "
    "brackets where either is not as expected. Over several cells, a quantity is given as a range "
    "or, from dense to sparse, one by one. Expectations come from the paper's text (paper) or "
    "figures (fig) or, where it gives no number, from us (ours); claims.json gives the reason. "
    "Runs are those in which all of a claim holds. An experiment is one of ours, done once beside "
    "the build, and told where the departure it is about is there."
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
    writer.writerow(_COLUMNS)
    for verdict in verdicts:
        head = [verdict.id, verdict.section, str(verdict.outcome), verdict.reason]
        head.append(str(verdict.judged_on))
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
    for k, cell in enumerate(places):
        columns = (check.low, check.high, check.measured, check.other, check.control)
        values = (column[k] for column in columns)
        low, high, measured, other, control = ("" if v is None else f"{v:.6g}" for v in values)
        yield [
            *(check.quantity, cell, low, high, check.source),
            *(measured, check.within[k], other, check.other_within[k]),
            *(control, check.control_within[k], check.runs_within[k]),
        ]


def to_markdown(verdicts: Sequence[Verdict]) -> str:
    """Return the table for people, with a summary above and the remarks below."""
    sections = dict.fromkeys((verdict.section, verdict.anchor) for verdict in verdicts)
    notes = [f"**{verdict.id}** {remark}" for verdict in verdicts for remark in remarks(verdict)]
    notes += [*bases(verdicts), controls_note(verdicts)]
    lines = [
        *(f"**{summary(verdicts)}**", "", *_HEAD),
        *(_markdown_row(verdict) for verdict in verdicts),
        *("", *(f"- {note}" for note in notes), "", _NOTE, ""),
        *(f"[{section}]: {PAPER}{anchor}" for section, anchor in sections),
    ]
    return "\n".join([*lines, ""])


def _markdown_row(verdict: Verdict) -> str:
    measured = [f"*{label(verdict)}*"] if verdict.checks else []
    for check in verdict.checks:
        measured.append(f"{check.quantity}: {show(check)} {beside(verdict, check)}".rstrip())
    expected = [f"{bounds(check)} ({check.source})" for check in verdict.checks]
    runs = f"{verdict.runs_held} of {verdict.runs}" if verdict.runs else ""
    cells = [verdict.id, verdict.statement, f"[{verdict.section}]", "<br>".join(measured)]
    cells += ["<br>".join(["", *expected] if expected else []), runs, _outcome(verdict)]
    return _row(cells)


def _outcome(verdict: Verdict) -> str:
    outcome = str(verdict.outcome)
    return f"**{outcome}**" if verdict.outcome in (Outcome.DEVIATES, Outcome.VOID) else outcome


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def to_brief_markdown(verdicts: Sequence[Verdict]) -> str:
    """Return the table of what was measured and what became of it, one line per claim."""
    lines = [f"**{summary(verdicts)}**", "", "| | claim | measured | verdict |", "| --- " * 4 + "|"]
    for verdict in verdicts:
        measured = "<br>".join(f"{check.quantity}: {show(check)}" for check in verdict.checks)
        cells = [verdict.id, verdict.statement, measured, _outcome(verdict)]
        lines.append(_row(cells))
    why = "What was expected, and why what deviates does: [docs/claims.md](docs/claims.md)."
    return "\n".join([*lines, "", why, ""])


def insert(text: str, name: str, content: str, path: Path | str) -> str:
    """Return a text with `content` between `<!-- NAME:start -->` and `<!-- NAME:end -->`.

    Args:
        text: What a file holds.
        name: Name in the markers.
        content: What goes between them, instead of what is there.
        path: The file, for messages.

    Raises:
        UserError: If one of the markers is missing.
    """
    start, end = f"<!-- {name}:start -->", f"<!-- {name}:end -->"
    before, found, rest = text.partition(start)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise UserError(
            f"{path} has no place for the {name}: put the lines {start} and {end} into it."
        )
    return f"{before}{start}\n\n{content.strip()}\n\n{end}{after}"
