"""The table of claims as plain text."""

import math
import textwrap
from collections.abc import Iterable, Sequence
from itertools import zip_longest

from superposition.claims.records import Outcome, Reading
from superposition.claims.verdicts import CheckResult, Verdict

MARKS = {
    Outcome.REPLICATES: "✓",
    Outcome.DEVIATES: "✗",
    Outcome.VOID: "void",
    Outcome.NOT_TESTED: "–",
}
"""Outcomes in a character or a word."""
_ID, _RUNS, _OUTCOME = 4, 9, 10
_GAP = "  "


def summary(verdicts: Iterable[Verdict]) -> str:
    """Return `N of M claims replicate`, and what became of the others; then of our observations."""
    verdicts = list(verdicts)
    told = _counts([verdict.outcome for verdict in verdicts if not verdict.ours])
    ours = [verdict.outcome for verdict in verdicts if verdict.ours]
    if ours:
        told += f"; {ours.count(Outcome.REPLICATES)} of {len(ours)} observations of ours hold"
    return told


def _counts(outcomes: Sequence[Outcome]) -> str:
    number = {outcome: outcomes.count(outcome) for outcome in Outcome}
    words = {
        Outcome.REPLICATES: f"of {len(outcomes)} claims replicate",
        Outcome.DEVIATES: "deviate",
        Outcome.VOID: "void (control fits too)",
        Outcome.NOT_TESTED: "not tested",
    }
    for outcome in (Outcome.REPLICATES, Outcome.DEVIATES):
        if number[outcome] == 1:
            words[outcome] += "s"
    told = [outcome for outcome in words if number[outcome] or outcome is Outcome.REPLICATES]
    return ", ".join(f"{number[outcome]} {words[outcome]}" for outcome in told)


def controls_note(verdicts: Iterable[Verdict]) -> str:
    """Return how the controls fared, in a sentence."""
    judged = [verdict for verdict in verdicts if verdict.checks]
    if not judged:
        return "No control was run."
    fitting = [verdict.id for verdict in judged if verdict.control_fits]
    if fitting:
        return f"The control fits too in {', '.join(fitting)}: no evidence there."
    held = sum(verdict.control_held for verdict in judged)
    of = sum(verdict.runs for verdict in judged)
    return f"Controls: none fits its claim; on single runs, {held} of {of} do."


def bases(verdicts: Iterable[Verdict]) -> list[str]:
    """Return a sentence for each thing that claims are judged on, with the reason."""
    judged: dict[tuple[Reading, str], list[str]] = {}
    for verdict in verdicts:
        judged.setdefault((verdict.judged_on, verdict.judged_because), []).append(verdict.id)
    words = {
        Reading.LOWEST_LOSS: "the lowest-loss run",
        Reading.TYPICAL: "the typical run (median)",
        Reading.ALL_RUNS: "all runs together",
    }
    return [
        f"{', '.join(ids)}: judged on {words[reading]}. {because}"
        for (reading, because), ids in judged.items()
    ]


def label(verdict: Verdict, other: bool = False) -> str:
    """Return what a claim's values are of; with `other`, those given beside them."""
    if verdict.judged_on is Reading.ALL_RUNS:
        return "all runs"
    if verdict.runs < 2:
        return "the one run" if verdict.runs else "computed"
    lowest_loss = (verdict.judged_on is Reading.LOWEST_LOSS) != other
    return "lowest-loss run" if lowest_loss else f"median of {verdict.runs} runs"


def table(verdicts: Sequence[Verdict], width: int = 120) -> str:
    """Return the verdicts as a table for a terminal, with a summary line at the end.

    Args:
        verdicts: What to show.
        width: Characters a line; 100 or more.
    """
    room = width - _ID - _RUNS - _OUTCOME - 5 * len(_GAP)
    widths = [_ID, room * 36 // 100, room - room * 36 // 100 - room * 22 // 100]
    widths += [room * 22 // 100, _RUNS, _OUTCOME]
    head = ["", "the paper's claim", "measured", "expected", "runs", "verdict"]
    rule = "─" * width
    blocks = [_line(head, widths), rule]
    for verdict in verdicts:
        blocks += [*_rows(verdict, widths), ""]
    notes = [line for basis in bases(verdicts) for line in textwrap.wrap(basis, width)]
    return "\n".join([*blocks[:-1], rule, *notes, summary(verdicts), controls_note(verdicts), ""])


def _rows(verdict: Verdict, widths: Sequence[int]) -> list[str]:
    """Return one claim as lines: the statement beside its checks, reason and findings below."""
    measured, expected = ([f"{label(verdict)}:"], [""]) if verdict.checks else ([], [])
    for check in verdict.checks:
        left = textwrap.wrap(f"{check.quantity}: {show(check)}", widths[2])
        left += textwrap.wrap(beside(verdict, check), widths[2])
        right = textwrap.wrap(bounds(check), widths[3])
        for one, other in zip_longest(left, right, fillvalue=""):
            measured.append(one)
            expected.append(other)
    statement = textwrap.wrap(verdict.statement, widths[1])
    runs = [f"{verdict.runs_held} of {verdict.runs}"] if verdict.runs else []
    columns = [[verdict.id], statement, measured, expected, runs, [str(verdict.outcome)]]
    lines = [_line(row, widths) for row in zip_longest(*columns, fillvalue="")]
    for remark in remarks(verdict):
        lines += textwrap.wrap(
            remark,
            sum(widths) + 5 * len(_GAP),
            initial_indent=" " * (_ID + len(_GAP)),
            subsequent_indent=" " * (_ID + len(_GAP)),
        )
    return lines


def remarks(verdict: Verdict) -> list[str]:
    """Return why a claim does not replicate, and what experiments showed about departures."""
    reason = [f"{verdict.outcome}: {verdict.reason}"] if verdict.reason else []
    findings = dict.fromkeys(text for check in verdict.checks for text in check.findings)
    return reason + [f"Experiment: {text}" for text in findings]


def _line(cells: Iterable[str], widths: Iterable[int]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return _GAP.join(padded).rstrip()


def beside(verdict: Verdict, check: CheckResult) -> str:
    """Return the values by the other reading if any is out of bounds by either; else nothing."""
    if verdict.judged_on is Reading.ALL_RUNS or all((*check.within, *check.other_within)):
        return ""
    return f"({label(verdict, other=True)}: {show(check, other=True)})"


def show(check: CheckResult, other: bool = False) -> str:
    """Return the values: one by one where each has its own bounds, else as a range."""
    values = check.other if other else check.measured
    if len(set(zip(check.low, check.high, strict=True))) > 1:
        return ", ".join(number(value) for value in values)
    numbers = [value for value in values if value is not None]
    texts = [number(value) for value in (min(numbers), max(numbers))] if numbers else []
    if len(numbers) < len(values):
        texts.append(number(None))
    return " to ".join(dict.fromkeys(texts))


def bounds(check: CheckResult) -> str:
    """Return the interval or the intervals in which the values were expected."""
    intervals = [interval(*pair) for pair in zip(check.low, check.high, strict=True)]
    return ", ".join(intervals if len(set(intervals)) > 1 else intervals[:1])


def interval(low: float | None, high: float | None) -> str:
    """Return one interval, with a true minus sign."""
    if low is None and high is None:
        return "any"
    least, most = (f"{v:g}".replace("-", "−") if v is not None else "" for v in (low, high))
    if low is None or high is None:
        return f"≥ {least}" if high is None else f"≤ {most}"
    if low == high:
        return least
    whole = low.is_integer() and high.is_integer()
    return f"{least}{'–' if whole else ' to '}{most}"


def number(value: float | None) -> str:
    """Return a number short enough for a table, with a true minus sign; `undefined` for null."""
    if value is None:
        return "undefined"
    if value.is_integer():
        text = f"{value:.0f}"
    else:
        digits = max(0, 2 - math.floor(math.log10(abs(value)))) if abs(value) >= 1e-4 else 0
        text = f"{value:.{min(digits, 4)}f}" if digits else f"{value:.1e}"
    return text.replace("-", "−")
