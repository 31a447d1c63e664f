"""Verdicts in words: what tables of claims, the page and the README say of them."""

import re
from collections.abc import Iterable, Mapping
from typing import Literal

from superposition.claims.claim import Origin, Outcome, Reading
from superposition.claims.verdict import NOT_COMPUTED, CheckResult, Verdict

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
_OTHERS: Mapping[Origin | Literal["follow-up"], str] = {
    "derivation": "of derivations, {held} of {all}",
    "others": "of claims of others, {held} of {all}",
    "ours": "of observations of ours, {held} of {all}",
    "follow-up": "of claims of follow-ups, {held} of {all}",
}
HOLDS = (Outcome.REPLICATES, Outcome.DERIVATION)
"""Outcomes of claims that are as they are said to be."""
_JUDGED_ON: Mapping[Reading, str] = {
    "lowest loss": "the lowest-loss run",
    "typical run": "the typical run (median)",
    "all runs": "all runs together",
}
FEW = "under ½"
"""Marks a claim that holds as it is read, and in fewer than half of its single runs."""
_SENTENCE = re.compile(r"(?<=[.?!]) (?=[A-Z])")
"""Where one sentence ends and the next begins."""


def summary(verdicts: Iterable[Verdict]) -> str:
    """`N of M empirical claims replicate`, and what became of the others; then those apart."""
    verdicts = list(verdicts)
    outcomes = [verdict.outcome for verdict in verdicts if verdict.origin == "paper"]
    more = ", ".join(apart(verdicts))
    if more and not outcomes:
        return f"{_capital(more)} hold"
    told = []
    for outcome, words in _BECAME.items():
        number = outcomes.count(outcome)
        if number or outcome is Outcome.REPLICATES:
            words = words.format(all=len(outcomes), s="s" if number == 1 else "")
            told.append(f"{number} {words}")
    return f"{', '.join(told)}; {more} hold" if more else ", ".join(told)


def apart(verdicts: Iterable[Verdict]) -> dict[str, list[Verdict]]:
    """What is counted apart from the paper's empirical claims, by a sentence on how many hold.

    Those are its derivations, claims of others, observations of ours, and all of follow-ups; but
    for what is not tested.
    """
    by_origin: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        if verdict.outcome is Outcome.NOT_TESTED:
            continue
        origin = "follow-up" if verdict.follow_up else verdict.origin
        by_origin.setdefault(origin, []).append(verdict)
    found = {}
    for origin, words in _OTHERS.items():
        if its := by_origin.get(origin):
            held = sum(one.outcome in HOLDS for one in its)
            told = words.format(held=held, all=len(its))
            found[told] = its
    return found


def link(anchor: str) -> str:
    """The address of an anchor in the paper's page, or of what stands elsewhere."""
    return anchor if anchor.startswith("https://") else f"{PAPER}{anchor}"


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
    told += [FEW] if holds_seldom(verdict) else []
    if verdict.share is not None:
        told.append(f"same {verdict.share:.0%}")
    if verdict.by_seed and verdict.outcome is not Outcome.UNSTABLE:
        seeds = len(verdict.by_seed)
        tested = sum(one is not Outcome.NOT_TESTED for one in verdict.by_seed.values())
        told.append(f"{seeds} seeds" if tested == seeds else f"{tested} of {seeds} seeds")
    return told


def beside(verdict: Verdict, check: CheckResult) -> str:
    """The values by the other reading if any is out of bounds by either; else nothing."""
    if verdict.judged_on == "all runs" or all((*check.within, *check.other_within)):
        return ""
    return f"({label(verdict, other=True)}: {show(verdict, check, other=True)})"


def show(verdict: Verdict, check: CheckResult, other: bool = False) -> str:
    """The values: one by one where each has its own bounds or none has any; else as a range."""
    values = check.other if other else check.measured
    if len(set(zip(check.low, check.high, strict=True))) > 1 or not check.decides:
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
