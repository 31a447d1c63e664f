"""Judging claims on trained networks.

The rule, the same for every claim: it *replicates* if all its checks hold on what it is judged on,
the lowest-loss run of each of its cells, the medians over all runs, or all runs together, and its
control, built from the same runs and read the same way, fails at least one of them. If most of it
holds, and more than of its control and of a random start, it does so *in part*. Beside it stands in
which part of builds with other runs it would be the same, and what became of it in builds with
other seeds: where these do not agree it is *unstable*. What the other of the first two readings
gives, and on how many single runs the whole claim holds, is told as well and decides nothing.
"""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np

from superposition.claims.bounds import POSITION_FACTOR
from superposition.claims.claim import (
    Check,
    Claim,
    Explanation,
    Outcome,
    Reading,
    Repetition,
    Values,
)
from superposition.claims.controls import UNTRAINED
from superposition.claims.measuring import Measured, by_run, read, values, within
from superposition.claims.networks import Library, MissingError
from superposition.claims.resampling import RESAMPLES, resampled
from superposition.claims.sections import CLAIMS
from superposition.claims.verdict import NOT_COMPUTED, CheckResult, Plain, Verdict
from superposition.config.derived import sets_apart
from superposition.convergence.evidence import Evidence
from superposition.measure.network import BEST, TrainedCell

_INTERVAL = (2.5, 97.5)
"""Percentiles of what builds with other runs measure that are told."""
_MANY = 60
"""More cells than this are not named one by one."""
_MINUS = re.compile(r"(?<![\w.])-(?=[\d.])")


def judge(
    cells: Iterable[TrainedCell],
    claims: Iterable[Claim] = CLAIMS,
    progress: Callable[[int, int], None] | None = None,
    resamples: int = RESAMPLES,
    evidence: Evidence | None = None,
) -> list[Verdict]:
    """A verdict on every claim, over all runs of the cells it is about.

    What the evidence for recipes finds undertrained is not judged. After each claim, `progress` is
    called with the number of those judged and that of all. For each, so many builds with other runs
    are drawn.
    """
    library, claims, verdicts = Library(cells, evidence), tuple(claims), []
    for claim in claims:
        verdicts.append(_judge(claim, library, resamples))
        if progress is not None:
            progress(len(verdicts), len(claims))
    return verdicts


def _judge(claim: Claim, library: Library, resamples: int) -> Verdict:
    shown = ("id", "section", "anchor", "statement", "origin", "changed")
    heading = {name: getattr(claim, name) for name in shown}
    heading |= {"judged_on": claim.basis.reading, "judged_because": claim.basis.reason}
    try:
        runs = library.runs_of(claim)
        trained = runs.repetitions()
        control = library.controls(claim.control, trained)
        start = library.controls(UNTRAINED, {BEST: trained[BEST]}) if claim.cells else control
    except MissingError as missing:
        return Verdict(**heading, outcome=Outcome.NOT_TESTED, reason=str(missing))
    measured, of_control, of_start = (
        [{run: values(check, one) for run, one in found.items()} for check in claim.checks]
        for found in (trained, control, start)
    )
    redrawn = resampled(claim, runs, measured, resamples)
    cells, reading = _places(trained[BEST]), claim.basis.reading
    extent, *of_others = (
        _extent(claim, [read(*one, reading) for one in zip(claim.checks, those, strict=True)])
        for those in (measured, of_control, of_start)
    )
    outcome = _outcome(claim, extent, *of_others)
    again = [_outcome(claim, _extent(claim, one), *of_others) for one in redrawn]
    checks = tuple(
        _check(check, reading, its, of_its_control, [one[k] for one in redrawn], cells, library)
        for k, (check, its, of_its_control) in enumerate(
            zip(claim.checks, measured, of_control, strict=True)
        )
    )
    single = reading != "all runs"
    return Verdict(
        **heading,
        outcome=outcome,
        share=again.count(outcome) / len(again) if again else None,
        reason=_reason(outcome, checks, cells),
        cells=cells,
        checks=checks,
        runs=max(len(trained) - 1, 1) if single else 0,
        runs_held=_runs_held(claim, measured) if single else 0,
        control=claim.control.name,
        control_fits=of_others[0] == _ALL,
        control_held=_runs_held(claim, of_control) if single else 0,
    )


def _places(networks: Repetition) -> tuple[str, ...]:
    """The cells of networks in words; of a whole diagram, how many there are.

    Of what is swept only what sets a feature apart is told, as claims about other sweeps compare
    their values at each density.
    """
    apart = [
        replace(n, swept={k: v for k, v in n.swept.items() if sets_apart(k)}) for n in networks
    ]
    places = tuple(dict.fromkeys(network.place for network in apart))
    return places if len(places) <= _MANY else (f"{networks[0].model}, {len(networks)} points",)


_ALL, _MOST, _LITTLE = 2, 1, 0
"""How much of a claim holds."""


def _extent(claim: Claim, measured: Sequence[Values]) -> int:
    """How much of a claim holds, given what its checks measure.

    Most of it: more than half of its quantities, of each the part of its values that is as
    expected. Of a claim about a boundary: all but its position, which is within a factor of two of
    the paper's.
    """
    both = zip(claim.checks, measured, strict=True)
    checks = [(check, its) for check, its in both if check.expected.decide]
    parts = [np.mean(within(*one)) for one in checks]
    if min(parts) == 1:
        return _ALL
    if any(check.expected.position for check in claim.checks):
        held = (part == 1 or _is_near(*one) for one, part in zip(checks, parts, strict=True))
        return _MOST if all(held) else _LITTLE
    return _MOST if np.mean(parts) > 1 / 2 else _LITTLE


def _is_near(check: Check, measured: Values) -> bool:
    """Whether a boundary is within a factor of two of the paper's; nothing else is."""
    at = check.expected.position
    return at is not None and all(
        at / POSITION_FACTOR <= one <= at * POSITION_FACTOR for one in measured
    )


def _outcome(claim: Claim, extent: int, of_control: int, of_start: int) -> Outcome:
    """What becomes of a claim, by how much of it holds for what was trained and for others.

    It is so in part only if neither the control nor a random start is.
    """
    if extent == _ALL:
        if of_control == _ALL:
            return Outcome.VOID
        return Outcome.DERIVATION if claim.origin == "derivation" else Outcome.REPLICATES
    in_part = extent == _MOST > max(of_control, of_start) and claim.origin != "derivation"
    return Outcome.IN_PART if in_part else Outcome.DEVIATES


def _check(
    check: Check,
    reading: Reading,
    trained: Measured,
    control: Measured,
    redrawn: Sequence[Values],
    cells: tuple[str, ...],
    library: Library,
) -> CheckResult:
    """What one check measures on the trained networks and on the control."""
    found = read(check, trained, reading)
    other = read(check, trained, "typical run" if reading == "lowest loss" else "lowest loss")
    of_control = read(check, control, reading)
    fits, other_fits = within(check, found), within(check, other)
    by_runs = [within(check, check.across(one)) for one in by_run(trained)]
    return CheckResult(
        quantity=check.quantity,
        source=check.expected.source,
        reason=check.expected.reason,
        low=_plain(np.broadcast_to(check.expected.low, len(found))),
        high=_plain(np.broadcast_to(check.expected.high, len(found))),
        position=check.expected.position,
        measured=_plain(found),
        within=fits,
        interval=_intervals(redrawn, len(found)),
        other=_plain(other),
        other_within=other_fits,
        control=_plain(of_control),
        control_within=within(check, of_control),
        runs_within=tuple(map(sum, zip(*by_runs, strict=True))),
        explanations=tuple(
            _told(one, library)
            for one in check.explanations
            if _applies(one, cells, fits, other_fits)
        ),
    )


def _intervals(redrawn: Sequence[Values], count: int) -> tuple[Plain, ...]:
    """For each value the percentiles of those of builds with other runs that have a finite one."""
    same = [one for one in redrawn if len(one) == count]
    return tuple(_interval([v for v in values if v == v]) for values in zip(*same, strict=True))


def _interval(values: Sequence[float]) -> Plain:
    # Of values that there are: infinite ones cannot be averaged.
    ends = np.percentile(values, _INTERVAL, method="inverted_cdf") if values else (np.nan, np.nan)
    return _plain(np.asarray(ends))


def _told(explanation: Explanation, library: Library) -> str:
    """An explanation with its numbers, or what has to be built for them."""
    try:
        text = explanation.text.format(**explanation.numbers(library))
    except MissingError as missing:
        return f"{NOT_COMPUTED} ({missing}): make explanations, with the same ARGS"
    return _MINUS.sub("−", text)


def _runs_held(claim: Claim, measured: Sequence[Measured]) -> int:
    """In how many runs all checks of a claim hold together."""
    fits = (
        [all(within(check, check.across(one))) for one in by_run(found)]
        for check, found in zip(claim.checks, measured, strict=True)
    )
    return sum(map(all, zip(*fits, strict=True)))


def _applies(
    explanation: Explanation,
    cells: tuple[str, ...],
    within: tuple[bool, ...],
    other_within: tuple[bool, ...],
) -> bool:
    """Whether the departure is there that an explanation is about.

    Where a check gives numbers about all cells, any of them may be the departure.
    """
    fits = np.array([within, other_within])
    if explanation.cell is not None:
        name = "{} at 1 − S = {:g}".format(*explanation.cell)
        if name not in cells:
            return False
        if len(within) == len(cells):
            fits = fits[:, [cells.index(name)]]
    judged, other = fits
    if explanation.by_other:
        return not other.all() and bool(judged[~other].all())
    return not judged.all()


def _reason(outcome: Outcome, checks: Iterable[CheckResult], cells: tuple[str, ...]) -> str:
    """What is outside its bounds, and where; of boundaries, how far."""
    if outcome is Outcome.VOID:
        return "the control fits the claim too, so that fitting it means nothing"
    outside = []
    for check in checks:
        where = [k for k, fits in enumerate(check.within) if not fits]
        if where and check.position is not None:
            places = [check.measured[k] for k in where]
            told = ", ".join(
                "nowhere" if at is None else f"{at / check.position:.2f} times the paper's"
                for at in places
            )
            outside.append(f"{check.quantity}: {told}")
        elif where:
            each = len(check.within) == len(cells)
            text = _join(cells[k] for k in where) if each else ""
            outside.append(f"{check.quantity}: outside {text}".rstrip())
    return "; ".join(outside)


def _join(names: Iterable[str]) -> str:
    """`for relu at 1 − S = 0.3, 0.1`: cells in words, naming each model once."""
    densities: dict[str, list[str]] = {}
    for name in names:
        model, _, density = name.partition(" = ")
        densities.setdefault(model, []).append(density)
    parts = [
        f"for {model} = {', '.join(values)}" if any(values) else f"for {model}"
        for model, values in densities.items()
    ]
    return " and ".join(parts)


def _plain(values: Values | np.ndarray) -> Plain:
    """Values as JSON can hold them: 6 significant digits, and null unless finite.

    Rounding also hides what libraries of different builds may do to the last digits.
    """
    plain = np.asarray(values, dtype=np.float64).tolist()
    return tuple(float(f"{v:.6g}") if math.isfinite(v) else None for v in plain)
