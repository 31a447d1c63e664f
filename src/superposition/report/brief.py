"""What the page says first: what holds, what does not, and what of it to distrust."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from superposition.claims import CLAIMS
from superposition.claims.claim import Outcome
from superposition.claims.rendering import HOLDS, holds_seldom
from superposition.claims.verdict import NOT_COMPUTED, Verdict
from superposition.report.experiments import Experiment

_BECAME = {
    Outcome.DEVIATES: ("deviates", "deviate"),
    Outcome.IN_PART: ("holds in part", "hold in part"),
    Outcome.UNSTABLE: ("changes with the seed", "change with the seed"),
    Outcome.VOID: ("is void", "are void"),
    Outcome.NOT_TESTED: ("is not tested", "are not tested"),
}


class Sentence(NamedTuple):
    """A sentence, and the word that stands before it."""

    about: str
    text: str


def brief(verdicts: Sequence[Verdict], experiments: Iterable[Experiment]) -> list[Sentence]:
    """Three sentences on the paper's empirical claims."""
    own = [verdict for verdict in verdicts if verdict.origin == "paper"]
    return [
        Sentence("What holds", _holds(own)),
        Sentence("What does not", _does_not(own)),
        Sentence("What to distrust", _to_distrust(verdicts, experiments)),
    ]


def _holds(verdicts: Sequence[Verdict]) -> str:
    held = [verdict for verdict in verdicts if verdict.outcome in HOLDS]
    sections = dict.fromkeys(verdict.section for verdict in verdicts)
    broken = {verdict.section for verdict in verdicts if verdict.outcome not in HOLDS}
    whole = len(sections) - len(broken)
    paper_has = sum(claim.origin == "paper" for claim in CLAIMS)
    count = _count(verdicts, "empirical claim")
    of = f"the paper's {count}"
    if len(verdicts) < paper_has:
        of = f"{count} that this build tests (the paper has {paper_has})"
    return f"{len(held)} of {of}; in {whole} of {len(sections)} sections, every one."


def _does_not(verdicts: Sequence[Verdict]) -> str:
    """How many become what, where most of them are, and how many are explained."""
    those = [verdict for verdict in verdicts if verdict.outcome not in HOLDS]
    if not those:
        return "Nothing."
    number = Counter(verdict.outcome for verdict in those)
    parts = [
        f"{number[outcome]} {words[number[outcome] != 1]}"
        for outcome, words in _BECAME.items()
        if number[outcome]
    ]
    (section, most), *_ = Counter(verdict.section for verdict in those).most_common()
    explained = sum(
        any(
            not text.startswith(NOT_COMPUTED)
            for check in verdict.checks
            for text in check.explanations
        )
        for verdict in those
    )
    return (
        f"{_listed(parts)}, {most} of them about {section}; for {explained}, experiments of ours "
        "show why."
    )


def _to_distrust(verdicts: Sequence[Verdict], experiments: Iterable[Experiment]) -> str:
    return f"{_listed(list(_doubts(verdicts, experiments)))}."


def _doubts(verdicts: Sequence[Verdict], experiments: Iterable[Experiment]) -> Iterator[str]:
    checks = [check for verdict in verdicts for check in verdict.checks if check.decides]
    ours = sum(check.source == "ours" for check in checks)
    yield f"{ours} of {_count(checks, 'threshold')} are ours, because the paper gives no number"
    on_one = [
        one for one in verdicts if one.checks and one.judged_on == "lowest loss" and one.runs > 1
    ]
    yield (
        f"{_count(on_one, 'claim')} rest{'s' * (len(on_one) == 1)} on the one run of a model "
        "with the lowest loss"
    )
    seldom = sum(map(holds_seldom, verdicts))
    yield f"{seldom} of those that hold would not hold in most single runs"
    if lost := sum(experiment.diverged for experiment in experiments):
        yield f"{lost} run{'s' * (lost > 1)} diverged and {'are' if lost > 1 else 'is'} left out"


def _listed(parts: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _count(things: Sequence[object], noun: str) -> str:
    return f"{len(things)} {noun}{'s' * (len(things) != 1)}"
