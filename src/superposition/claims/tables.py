"""Verdicts as tables: for a terminal, in Markdown, and as columns for machines."""

import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import zip_longest

from superposition.base.tables import Table
from superposition.claims.claim import Outcome
from superposition.claims.rendering import (
    FEW,
    HOLDS,
    bases,
    beside,
    bounds,
    controls_note,
    label,
    link,
    remarks,
    show,
    spread,
    stability,
    summary,
)
from superposition.claims.verdict import CheckResult, Verdict

_LISTED = {
    Outcome.DEVIATES: "Deviating",
    Outcome.UNSTABLE: "Unstable",
    Outcome.IN_PART: "In part",
    Outcome.VOID: "Void",
}
_COLUMN = 49
"""Of the two that a build ends with."""
_GAP = "  "
_NOTE = (
    "A claim replicates if all its quantities are as expected in what it is judged on, and those "
    "of its control are not, which must not fit the claim. It replicates in part if most are as "
    "expected, and fewer of its control's. A claim about a boundary replicates if the regimes are "
    "as in the paper and the position is within 25 % of the paper's, and in part within a factor "
    "of two. A claim is unstable if builds with other seeds do not agree; a derivation is true by "
    "construction and checks our code. The values of the other reading follow in brackets where "
    "either is not as expected. Over several cells, a quantity is given as a range or, from dense "
    "to sparse, one by one; an interval is that of 95 % of builds with other runs. Expectations "
    "come from the paper's text (paper) or figures (fig) or, where it gives no number, from us "
    "(ours); claims.json gives the reason. Runs counts those in which all of a claim holds, with "
    f"*{FEW}* if it replicates and yet holds in fewer than half of them; *same* is the part of "
    "builds with other runs, drawn from these, in which the verdict is the same. An experiment is "
    "one of ours; it is reported where the deviation that it explains is present, with numbers "
    "that the build computed."
)


def table(verdicts: Sequence[Verdict], width: int = 120) -> str:
    """The verdicts as a table for a terminal of 100 characters or more; a summary ends it."""
    room = width - 33  # all but the statement, what was measured and what was expected
    statement, expected = room * 36 // 100, room * 22 // 100
    widths = [4, statement, room - statement - expected, expected, 9, 10]
    head = ["", "the paper's claim", "measured", "expected", "runs", "verdict"]
    rule = "─" * width
    blocks = [_line(head, widths), rule]
    for verdict in verdicts:
        blocks += [*_rows(verdict, widths), ""]
    notes = [line for basis in bases(verdicts) for line in textwrap.wrap(basis, width)]
    return "\n".join([*blocks[:-1], rule, *notes, summary(verdicts), controls_note(verdicts), ""])


def _rows(verdict: Verdict, widths: Sequence[int]) -> list[str]:
    """One claim as lines: the statement beside its checks, reason and explanations below."""
    pairs = [(f"{label(verdict)}:", "")] if verdict.checks else []
    for check in verdict.checks:
        shown = f"{check.quantity}: {show(verdict, check)} {spread(check)}"
        measured = textwrap.wrap(shown, widths[2])
        measured += textwrap.wrap(beside(verdict, check), widths[2])
        pairs += zip_longest(measured, textwrap.wrap(bounds(check), widths[3]), fillvalue="")
    statement = textwrap.wrap(verdict.statement, widths[1])
    middle = zip(*pairs, strict=True) if pairs else ((), ())
    columns = [[verdict.id], statement, *middle, stability(verdict), [str(verdict.outcome)]]
    lines = [_line(row, widths) for row in zip_longest(*columns, fillvalue="")]
    for remark in remarks(verdict):
        wrapped = textwrap.wrap(remark, sum(widths[1:]) + 4 * len(_GAP))
        lines += [_line(["", line], widths[:2]) for line in wrapped]
    return lines


def _line(cells: Iterable[str], widths: Iterable[int]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return _GAP.join(padded).rstrip()


def closing(verdicts: Sequence[Verdict]) -> str:
    """What a build says at its end: verdicts by section, and what deviates, in two columns."""
    present = {verdict.outcome for verdict in verdicts} | {Outcome.REPLICATES, Outcome.DEVIATES}
    outcomes = [outcome for outcome in Outcome if outcome in present]
    sections = []
    for section in dict.fromkeys(verdict.section for verdict in verdicts):
        had = [verdict.outcome for verdict in verdicts if verdict.section == section]
        counts = "/".join(str(had.count(outcome)) for outcome in outcomes)
        room = _COLUMN - len(counts)
        sections.append(f"{_shortened(section, room - len(_GAP)):<{room}}{counts}")
    lines = [f"Claims by section ({' / '.join(outcomes)}):", *_in_columns(sections)]
    lines.append(f"{summary(verdicts)}.")
    for outcome, words in _LISTED.items():
        those = [
            f"{one.id:<5}{_shortened(one.statement, _COLUMN - 5)}"
            for one in verdicts
            if one.outcome is outcome
        ]
        lines += ["", f"{words}:", *_in_columns(those)] if those else []
    return "\n".join([*lines, "", "All numbers: python -m superposition claims."])


def _shortened(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 1].rstrip() + "…"


def _in_columns(cells: Sequence[str]) -> list[str]:
    """Lines of two cells each, to be read down the left column first."""
    half = (len(cells) + 1) // 2
    pairs = zip_longest(cells[:half], cells[half:], fillvalue="")
    return [_line(pair, (_COLUMN, _COLUMN)) for pair in pairs]


_OF_CLAIMS: Mapping[str, Callable[[Verdict], object]] = {
    "claim": lambda verdict: verdict.id,
    "section": lambda verdict: verdict.section,
    "origin": lambda verdict: verdict.origin,
    "statement": lambda verdict: verdict.statement,
    "outcome": lambda verdict: verdict.outcome,
    "reason": lambda verdict: verdict.reason,
    "judged_on": lambda verdict: verdict.judged_on,
    "runs_within": lambda verdict: verdict.runs_held,
    "runs": lambda verdict: verdict.runs,
    "same": lambda verdict: verdict.share,
    "by_seed": lambda verdict: "; ".join(
        f"{outcome} with {seed}" for seed, outcome in verdict.by_seed.items()
    ),
    "control": lambda verdict: verdict.control,
    "control_fits": lambda verdict: verdict.control_fits,
    "control_runs_within": lambda verdict: verdict.control_held,
}
"""Columns of claims.csv."""
_OF_NUMBERS: Mapping[str, Callable[[Verdict, CheckResult, int], object]] = {
    "claim": lambda verdict, check, k: verdict.id,
    "quantity": lambda verdict, check, k: check.quantity,
    "cell": lambda verdict, check, k: (
        verdict.cells[k] if len(verdict.cells) == len(check.measured) else "all"
    ),
    "low": lambda verdict, check, k: check.low[k],
    "high": lambda verdict, check, k: check.high[k],
    "source": lambda verdict, check, k: check.source,
    "paper_position": lambda verdict, check, k: check.position,
    "measured": lambda verdict, check, k: check.measured[k],
    "within": lambda verdict, check, k: check.within[k],
    "other_reading": lambda verdict, check, k: check.other[k],
    "other_within": lambda verdict, check, k: check.other_within[k],
    "control": lambda verdict, check, k: check.control[k],
    "control_within": lambda verdict, check, k: check.control_within[k],
    "interval_low": lambda verdict, check, k: check.interval[k][0] if check.interval else None,
    "interval_high": lambda verdict, check, k: check.interval[k][1] if check.interval else None,
    "runs_within": lambda verdict, check, k: check.runs_within[k],
    "runs": lambda verdict, check, k: verdict.runs,
}
"""Columns of claims.numbers.csv, of the value k of a check."""


def claims_table(verdicts: Iterable[Verdict]) -> Table:
    """A row for each claim: what it says, and what became of it."""
    listed = list(verdicts)
    return {name: [of(verdict) for verdict in listed] for name, of in _OF_CLAIMS.items()}


def numbers_table(verdicts: Iterable[Verdict]) -> Table:
    """A row for each number that a claim was judged by, with its bounds; no text but names."""
    numbers = [
        (verdict, check, k)
        for verdict in verdicts
        for check in verdict.checks
        for k in range(len(check.measured))
    ]
    return {name: [of(*number) for number in numbers] for name, of in _OF_NUMBERS.items()}


def to_markdown(verdicts: Sequence[Verdict]) -> str:
    """The table for people, with a summary above and the remarks below."""
    notes = [f"**{verdict.id}** {remark}" for verdict in verdicts for remark in remarks(verdict)]
    notes += [*bases(verdicts), controls_note(verdicts)]
    lines = [
        *(f"**{summary(verdicts)}**", ""),
        "| | claim | section | measured | expected | runs | verdict |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        *(_markdown_row(verdict) for verdict in verdicts),
        *("", *(f"- {note}" for note in notes), "", _NOTE),
    ]
    return "\n".join([*lines, ""])


def _markdown_row(verdict: Verdict) -> str:
    measured = [f"*{label(verdict)}*"] if verdict.checks else []
    for check in verdict.checks:
        shown = f"{check.quantity}: {show(verdict, check)}"
        parts = (shown, spread(check), beside(verdict, check))
        measured.append(" ".join(filter(None, parts)))
    expected = [
        f"{bounds(check)} ({_source(verdict, check)})" if check.decides else bounds(check)
        for check in verdict.checks
    ]
    emphasis = "" if verdict.outcome in HOLDS else "**"
    section = f"[{verdict.section}]({link(verdict.anchor)})"
    cells = [verdict.id, verdict.statement, section, "<br>".join(measured)]
    cells += ["<br>".join(["", *expected] if expected else []), "<br>".join(stability(verdict))]
    cells.append(f"{emphasis}{verdict.outcome}{emphasis}")
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _source(verdict: Verdict, check: CheckResult) -> str:
    """Where bounds come from; of follow-ups with the reason, which has their authors' numbers."""
    reason = verdict.follow_up and check.reason
    return f"{check.source}: {check.reason}" if reason else check.source
