"""Verdicts for people, in a terminal and in Markdown, and for machines, as JSON and tables."""

import json
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import TypeAdapter

from superposition.base import sealed
from superposition.base.canonical import canonical_json
from superposition.base.errors import UserError
from superposition.base.files import together, write_text
from superposition.base.tables import Table, write_table
from superposition.claims.claim import Origin, Outcome, Reading
from superposition.claims.judging import NOT_COMPUTED, CheckResult, Verdict

PAPER = "https://transformer-circuits.pub/2022/toy_model/index.html"
MARKS = {
    Outcome.REPLICATES: "✓",
    Outcome.IN_PART: "½",
    Outcome.DEVIATES: "✗",
    Outcome.UNSTABLE: "~",
    Outcome.DERIVATION: "=",
    Outcome.VOID: "void",
    Outcome.NOT_TESTED: "–",
}
"""Outcomes in a character or a word."""
_BECAME = {
    Outcome.REPLICATES: "of {all} empirical claims replicate{s}",
    Outcome.IN_PART: "in part",
    Outcome.DEVIATES: "deviate{s}",
    Outcome.UNSTABLE: "unstable",
    Outcome.VOID: "void (control fits too)",
    Outcome.NOT_TESTED: "not tested",
}
_IT_IS = {
    Outcome.IN_PART: "replicates in part",
    Outcome.DERIVATION: "holds",
    Outcome.VOID: "is void",
    Outcome.NOT_TESTED: "is not tested",
}
"""What is said of a claim with an outcome that is no verb."""
_OTHERS: Mapping[Origin, str] = {
    "derivation": "of derivations, {held} of {all}",
    "others": "of claims of others, {held} of {all}",
    "ours": "of observations of ours, {held} of {all}",
}
HOLDS = (Outcome.REPLICATES, Outcome.DERIVATION)
"""Outcomes of claims that are as they are said to be."""
_JUDGED_ON: Mapping[Reading, str] = {
    "lowest loss": "the lowest-loss run",
    "typical run": "the typical run (median)",
    "all runs": "all runs together",
}
_LISTED = {
    Outcome.DEVIATES: "Deviating",
    Outcome.UNSTABLE: "Unstable",
    Outcome.IN_PART: "In part",
    Outcome.VOID: "Void",
}
_FEW = "under ½"
"""Marks a claim that holds as it is read, and in fewer than half of its single runs."""
_SENTENCE = re.compile(r"(?<=[.?!]) (?=[A-Z])")
"""Where one sentence ends and the next begins."""
_COLUMN = 49
"""Of the two that a build ends with."""
_GAP = "  "
_OF_CLAIMS = (
    *("claim", "section", "origin", "statement", "outcome", "reason", "judged_on", "runs_within"),
    *("runs", "same", "by_seed", "control", "control_fits", "control_runs_within"),
)
"""Columns of claims.csv."""
_OF_NUMBERS = (
    *("claim", "quantity", "cell", "low", "high", "source", "paper_position", "measured", "within"),
    *("other_reading", "other_within", "control", "control_within"),
    *("interval_low", "interval_high", "runs_within", "runs"),
)
"""Columns of claims.numbers.csv."""
_NOTE = (
    "A claim replicates if all its quantities are as expected on what it is judged on and those of "
    "its control, which it must not fit, are not; in part if most of them are, and of its control "
    "fewer. Of a boundary, it does if the regimes are as in the paper and its position within 25 % "
    "of the paper's, and in part within a factor of two. It is unstable if builds with other seeds "
    "do not agree, and a derivation if it is true by construction and checks our code. The values "
    "of the other reading follow in brackets where either is not as expected. Over several cells, "
    "a quantity is given as a range over them or, from dense to sparse, one by one; an interval is "
    "that of 95 % of builds with other runs. Expectations come from the paper's text (paper) or "
    "figures (fig) or, where it gives no number, from us (ours); claims.json gives the reason. "
    f"Runs are those in which all of a claim holds, *{_FEW}* if it replicates but in fewer than "
    "half of them; *same* is the part of builds with other runs, drawn from these, in which the "
    "verdict is the same. An experiment is one of ours, told where the "
    "departure it is about is there, with numbers that the build computed."
)


def summary(verdicts: Iterable[Verdict]) -> str:
    """`N of M empirical claims replicate`, and what became of the others; then those apart."""
    verdicts = list(verdicts)
    outcomes = [verdict.outcome for verdict in verdicts if verdict.origin == "paper"]
    told = []
    for outcome, words in _BECAME.items():
        number = outcomes.count(outcome)
        if number or outcome is Outcome.REPLICATES:
            words = words.format(all=len(outcomes), s="s" if number == 1 else "")
            told.append(f"{number} {words}")
    more = ", ".join(apart(verdicts))
    return f"{', '.join(told)}; {more} hold" if more else ", ".join(told)


def apart(verdicts: Iterable[Verdict]) -> dict[str, list[Verdict]]:
    """What is counted apart from the paper's empirical claims, by a sentence on how many hold.

    Those are its derivations, claims of others, and observations of ours.
    """
    by_origin: dict[Origin, list[Verdict]] = {}
    for verdict in verdicts:
        by_origin.setdefault(verdict.origin, []).append(verdict)
    found = {}
    for origin, words in _OTHERS.items():
        if its := by_origin.get(origin):
            held = sum(one.outcome in HOLDS for one in its)
            told = words.format(held=held, all=len(its))
            found[told] = its
    return found


def controls_note(verdicts: Iterable[Verdict]) -> str:
    """A sentence: how the controls fared."""
    judged = [verdict for verdict in verdicts if verdict.checks]
    if not judged:
        return "No control was run."
    if fitting := [verdict.id for verdict in judged if verdict.control_fits]:
        return f"The control fits too in {', '.join(fitting)}: no evidence there."
    held = sum(verdict.control_held for verdict in judged)
    of = sum(verdict.runs for verdict in judged)
    return f"Controls: none fits its claim; on single runs, {held} of {of} do."


def bases(verdicts: Iterable[Verdict]) -> list[str]:
    """A sentence for each thing that claims are judged on, with the reason."""
    judged: dict[tuple[Reading, str], list[str]] = {}
    for verdict in verdicts:
        judged.setdefault((verdict.judged_on, verdict.judged_because), []).append(verdict.id)
    return [
        f"{', '.join(ids)}: judged on {_JUDGED_ON[reading]}. {because}"
        for (reading, because), ids in judged.items()
    ]


def label(verdict: Verdict, other: bool = False) -> str:
    """What a claim's values are of; with `other`, those given beside them."""
    if verdict.judged_on == "all runs":
        return "all runs"
    if verdict.runs < 2:
        return "the one run" if verdict.runs else "computed"
    lowest_loss = (verdict.judged_on == "lowest loss") != other
    return "lowest-loss run" if lowest_loss else f"median of {verdict.runs} runs"


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


def remarks(verdict: Verdict) -> list[str]:
    """Why a claim does not replicate, what experiments showed, and what of it was changed."""
    told = [f"{verdict.outcome}: {verdict.reason}"] if verdict.reason else []
    explanations = dict.fromkeys(text for check in verdict.checks for text in check.explanations)
    told += [f"Experiment: {text}" for text in explanations]
    return told + (
        [f"Changed after a result was known: {verdict.changed}"] if verdict.changed else []
    )


def holds_seldom(verdict: Verdict) -> bool:
    """Whether a claim holds as it is read, and in fewer than half of its single runs."""
    return verdict.outcome in HOLDS and 2 * verdict.runs_held < verdict.runs


def finding(verdict: Verdict) -> str:
    """What was found where a claim does not hold, in a sentence.

    That is what an experiment showed or, without one, what was measured; and of one that hangs on
    the seed, what becomes of it with each.
    """
    off = [check for check in verdict.checks if not all(check.within)]
    told = (text for check in off for text in check.explanations)
    shown = [text for text in told if not text.startswith(NOT_COMPUTED)]
    if verdict.outcome is Outcome.VOID or not verdict.checks:
        found = _capital(verdict.reason)
    elif shown:
        found = _SENTENCE.split(shown[0])[0].removesuffix(".")
    else:
        check = (off or verdict.checks)[0]
        found = f"{_capital(check.quantity)}: {show(verdict, check)}, expected {bounds(check)}"
    unstable = verdict.outcome is Outcome.UNSTABLE and verdict.by_seed
    return f"{found}; it {by_seed(verdict)}." if unstable else f"{found}."


def by_seed(verdict: Verdict) -> str:
    """What becomes of a claim with each seed: `replicates with seeds 0 and 1, deviates with …`."""
    seeds: dict[Outcome, list[str]] = {}
    for seed, outcome in verdict.by_seed.items():
        seeds.setdefault(outcome, []).append(str(seed))
    return ", ".join(
        f"{_IT_IS.get(outcome, outcome)} with seed{'s' * (len(those) > 1)} "
        + " and ".join(filter(None, [", ".join(those[:-1]), those[-1]]))
        for outcome, those in seeds.items()
    )


def _capital(text: str) -> str:
    """Text that begins with a capital, as far as a formula allows."""
    return text[:1].upper() + text[1:]


def stability(verdict: Verdict) -> list[str]:
    """How far a verdict hangs on the runs that there happen to be, and on the seed, in words."""
    told = [f"{verdict.runs_held} of {verdict.runs}"] if verdict.runs else []
    told += [_FEW] if holds_seldom(verdict) else []
    if verdict.share is not None:
        told.append(f"same {verdict.share:.0%}")
    if verdict.by_seed and verdict.outcome is not Outcome.UNSTABLE:
        seeds = len(verdict.by_seed)
        tested = sum(one is not Outcome.NOT_TESTED for one in verdict.by_seed.values())
        told.append(f"{seeds} seeds" if tested == seeds else f"{tested} of {seeds} seeds")
    return told


def _line(cells: Iterable[str], widths: Iterable[int]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return _GAP.join(padded).rstrip()


def beside(verdict: Verdict, check: CheckResult) -> str:
    """The values by the other reading if any is out of bounds by either; else nothing."""
    if verdict.judged_on == "all runs" or all((*check.within, *check.other_within)):
        return ""
    return f"({label(verdict, other=True)}: {show(verdict, check, other=True)})"


def show(verdict: Verdict, check: CheckResult, other: bool = False) -> str:
    """The values: one by one where each has its own bounds, else as a range and what it is over."""
    values = check.other if other else check.measured
    if len(set(zip(check.low, check.high, strict=True))) > 1:
        return ", ".join(number(value) for value in values)
    numbers = [value for value in values if value is not None]
    texts = [number(value) for value in (min(numbers), max(numbers))] if numbers else []
    if len(numbers) < len(values):
        texts.append(number(None))
    told = list(dict.fromkeys(texts))
    return f"{' to '.join(told)} over {_those(verdict, check)}" if len(told) > 1 else told[0]


def _those(verdict: Verdict, check: CheckResult) -> str:
    """What the values of a check are of: densities, cells, or else only how many they are."""
    cells, number = verdict.cells, len(check.measured)
    if number != len(cells):
        return f"{number} values"
    of_one_model = len({cell.partition(" at ")[0] for cell in cells}) == 1
    return f"{number} {'densities' if of_one_model and ',' not in ''.join(cells) else 'cells'}"


def spread(check: CheckResult) -> str:
    """The interval of a single value over builds with other runs, if it is one and they differ."""
    if len(check.interval) != 1 or check.interval[0][0] == check.interval[0][1]:
        return ""
    low, high = map(number, check.interval[0])
    return f"[{low}, {high}]" if low != high else ""


def bounds(check: CheckResult) -> str:
    """The interval or the intervals in which the values were expected."""
    intervals = [interval(*pair) for pair in zip(check.low, check.high, strict=True)]
    return ", ".join(intervals if len(set(intervals)) > 1 else intervals[:1])


def interval(low: float | None, high: float | None) -> str:
    """One interval, with a true minus sign."""
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
    """A number short enough for a table, with a true minus sign; `undefined` for null."""
    if value is None:
        return "undefined"
    if value.is_integer():
        text = f"{value:.0f}"
    else:
        # Not by the logarithm, which at powers of ten may end on either side.
        digits = max(0, 2 - int(f"{value:.16e}"[-3:])) if abs(value) >= 1e-4 else 0
        text = f"{value:.{min(digits, 4)}f}" if digits else f"{value:.1e}"
    return text.replace("-", "−")


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


def write_all(
    verdicts: Sequence[Verdict], folder: Path | str, judged: Iterable[Path | str] = ()
) -> None:
    """Write claims.json, .csv, .numbers.csv and .md into the folder of results.

    Args:
        verdicts: What became of the claims.
        folder: The folder of results.
        judged: The files in it that were judged, whose digests claims.json is to carry.
    """
    folder = Path(folder)
    with together():
        write_text(folder / "claims.json", to_json(verdicts, sealed.sources(judged, folder)))
        write_table(claims_table(verdicts), folder / "claims.csv")
        write_table(numbers_table(verdicts), folder / "claims.numbers.csv")
        write_text(folder / "claims.md", to_markdown(verdicts))


def to_json(verdicts: Sequence[Verdict], judged: sealed.Sources = MappingProxyType({})) -> str:
    """All verdicts with all their numbers, and a seal that tells what was judged."""
    plain = [verdict.model_dump(mode="json") for verdict in verdicts]
    content = {"seal": sealed.seal(_sealed(plain), judged), "verdicts": plain}
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _sealed(verdicts: list[Any]) -> bytes:
    return canonical_json(verdicts).encode()


def read_json(path: Path | str) -> list[Verdict]:
    """The verdicts of a claims.json that stands in its folder of results, or by itself.

    Raises:
        UserError: If the file cannot be read or is something else, if it was altered, or if other
            weights than those beside it were judged.
    """
    path = Path(path)
    try:
        content = json.loads(path.read_bytes())
        sealed.check(path, _sealed(content["verdicts"]), content["seal"], path.parent)
        return TypeAdapter(list[Verdict]).validate_python(content["verdicts"])
    except OSError as error:
        raise UserError(f"Cannot read {path}: {error.strerror}. Run make to build it.") from error
    except (LookupError, TypeError, ValueError) as error:
        raise UserError(
            f"{path} does not hold the verdicts of this version. Delete it and run make to build "
            "it again."
        ) from error


def claims_table(verdicts: Iterable[Verdict]) -> Table:
    """A row for each claim: what it says, and what became of it."""
    return _table(_OF_CLAIMS, map(_claim_row, verdicts))


def _claim_row(verdict: Verdict) -> tuple[object, ...]:
    seeds = "; ".join(f"{outcome} with {seed}" for seed, outcome in verdict.by_seed.items())
    return (
        *(verdict.id, verdict.section, verdict.origin, verdict.statement, verdict.outcome),
        *(verdict.reason, verdict.judged_on, verdict.runs_held, verdict.runs, verdict.share),
        *(seeds, verdict.control, verdict.control_fits, verdict.control_held),
    )


def numbers_table(verdicts: Iterable[Verdict]) -> Table:
    """A row for each number that a claim was judged by, with its bounds; no text but names."""
    rows = (
        (verdict.id, check.quantity, *row, verdict.runs)
        for verdict in verdicts
        for check in verdict.checks
        for row in _number_rows(check, verdict.cells)
    )
    return _table(_OF_NUMBERS, rows)


def _number_rows(check: CheckResult, cells: Sequence[str]) -> Iterable[tuple[object, ...]]:
    """One check's values, each with its cell, or `all` for a number about all of them."""
    places = cells if len(cells) == len(check.measured) else ["all"] * len(check.measured)
    for k, cell in enumerate(places):
        interval = check.interval[k] if check.interval else (None, None)
        yield (
            *(cell, check.low[k], check.high[k], check.source, check.position),
            *(check.measured[k], check.within[k], check.other[k], check.other_within[k]),
            *(check.control[k], check.control_within[k], *interval, check.runs_within[k]),
        )


def _table(names: Sequence[str], rows: Iterable[tuple[object, ...]]) -> Table:
    listed = list(rows)
    return {name: [row[k] for row in listed] for k, name in enumerate(names)}


def to_markdown(verdicts: Sequence[Verdict]) -> str:
    """The table for people, with a summary above and the remarks below."""
    sections = dict.fromkeys((verdict.section, verdict.anchor) for verdict in verdicts)
    notes = [f"**{verdict.id}** {remark}" for verdict in verdicts for remark in remarks(verdict)]
    notes += [*bases(verdicts), controls_note(verdicts)]
    lines = [
        *(f"**{summary(verdicts)}**", ""),
        "| | claim | section | measured | expected | runs | verdict |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        *(_markdown_row(verdict) for verdict in verdicts),
        *("", *(f"- {note}" for note in notes), "", _NOTE, ""),
        *(f"[{section}]: {PAPER}{anchor}" for section, anchor in sections),
    ]
    return "\n".join([*lines, ""])


def _markdown_row(verdict: Verdict) -> str:
    measured = [f"*{label(verdict)}*"] if verdict.checks else []
    for check in verdict.checks:
        shown = f"{check.quantity}: {show(verdict, check)}"
        parts = (shown, spread(check), beside(verdict, check))
        measured.append(" ".join(filter(None, parts)))
    expected = [f"{bounds(check)} ({check.source})" for check in verdict.checks]
    emphasis = "" if verdict.outcome in HOLDS else "**"
    cells = [verdict.id, verdict.statement, f"[{verdict.section}]", "<br>".join(measured)]
    cells += ["<br>".join(["", *expected] if expected else []), "<br>".join(stability(verdict))]
    cells.append(f"{emphasis}{verdict.outcome}{emphasis}")
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
