"""Judging claims on trained weights.

The rule, the same for every claim: it *replicates* if all its checks hold on what it is judged on,
the lowest-loss run of each of its cells, the medians over all runs, or all runs together, and its
control, built from the same runs and read the same way, fails at least one of them. What the other
of the first two readings gives, and on how many single runs the whole claim holds, is reported
beside the verdict and decides nothing.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from superposition.claims.evidence import MissingError
from superposition.claims.library import Library
from superposition.claims.measuring import (
    Measured,
    measure,
    representative,
    runs_held,
    runs_within,
    within,
)
from superposition.claims.outcomes import applies, outcome
from superposition.claims.records import (
    BEST,
    Bound,
    Check,
    Claim,
    Outcome,
    Reading,
    Repetition,
    Source,
)
from superposition.dictionaries.record import Dictionaries
from superposition.settings import Frozen
from superposition.weights import Weights

_MANY = 60
"""More cells than this are not named one by one."""

_Values = tuple[float | None, ...]


class CheckResult(Frozen):
    """One quantity as measured, a value for each of the claim's cells, or one about them all."""

    quantity: str
    """What was measured."""
    source: Source
    """Where the bounds come from."""
    reason: str
    """Why these bounds."""
    low: _Values
    """Lower bounds; null for none."""
    high: _Values
    """Upper bounds; null for none."""
    measured: _Values
    """On what the claim is judged on; null for not a number."""
    within: tuple[bool, ...]
    """Whether the measured values are within the bounds."""
    other: _Values
    """By the other reading: medians over all runs if judged on the lowest loss, or vice versa; the
    same if judged on all runs together."""
    other_within: tuple[bool, ...]
    """Whether these are within the bounds."""
    control: _Values
    """On the control's counterparts of what the claim is judged on."""
    control_within: tuple[bool, ...]
    """Whether these are within the bounds."""
    runs_within: tuple[int, ...]
    """How many runs are."""
    findings: tuple[str, ...] = ()
    """What experiments showed about the departures that there are."""


class Verdict(Frozen):
    """What became of one claim."""

    id: str
    """C1, C2, … as in the table."""
    section: str
    """Title of the paper's section."""
    anchor: str
    """Its anchor in the paper's page."""
    statement: str
    """The claim in our words."""
    judged_on: Reading
    """What stands for all runs: the lowest loss, the typical run (medians), or all together."""
    judged_because: str
    """Why."""
    outcome: Outcome
    """replicates, deviates, void or not tested."""
    ours: bool = False
    """Whether it is an observation of this package, not a claim of the paper."""
    reason: str = ""
    """Why it is not tested, or what is outside its bounds."""
    cells: tuple[str, ...] = ()
    """The cells it was judged on, as `model at 1 − S = density`."""
    checks: tuple[CheckResult, ...] = ()
    """The numbers that decide it."""
    runs: int = 0
    """Runs of each cell; 0 if they are not judged one by one."""
    runs_held: int = 0
    """Runs in which all checks hold together, over all cells."""
    control: str = ""
    """What the control is."""
    control_fits: bool = False
    """Whether the control, read the same way, fits the claim as well, which makes it void."""
    control_held: int = 0
    """Runs whose control fits; by chance a few may."""


def judge(
    weights: Mapping[str, Weights],
    claims: Iterable[Claim],
    dictionaries: Mapping[str, Dictionaries] | None = None,
) -> list[Verdict]:
    """Return a verdict on every claim.

    Args:
        weights: Trained cells, keyed `experiment/model_density`.
        claims: What to judge.
        dictionaries: Dictionaries of some of the cells, keyed likewise.
    """
    library = Library(weights, dictionaries)
    return [_judge(claim, library) for claim in claims]


def _judge(claim: Claim, library: Library) -> Verdict:
    heading = {
        name: getattr(claim, name) for name in ("id", "section", "anchor", "statement", "ours")
    }
    heading |= {"judged_on": claim.basis.reading, "judged_because": claim.basis.reason}
    try:
        trained = library.repetitions(claim)
        control = library.controls(claim)
    except MissingError as missing:
        return Verdict(**heading, outcome=Outcome.NOT_TESTED, reason=str(missing))
    cells = _places(trained[BEST])
    measured, of_control = measure(claim, trained), measure(claim, control)
    checks = tuple(
        _check(check, claim.basis.reading, cells, *values)
        for check, *values in zip(claim.checks, measured, of_control, strict=True)
    )
    control_fits = all(all(check.control_within) for check in checks)
    fits = [(check.quantity, check.within) for check in checks]
    became, reason = outcome(fits, cells, control_fits)
    return Verdict(
        **heading,
        outcome=became,
        reason=reason,
        cells=cells,
        checks=checks,
        control=claim.control.name,
        control_fits=control_fits,
        **_counts(claim, trained, measured, of_control),
    )


def _counts(
    claim: Claim,
    trained: Mapping[int, Repetition],
    measured: list[Measured],
    control: list[Measured],
) -> dict[str, Any]:
    """Return how many single runs there are and hold; none of a claim about all of them."""
    if claim.basis.reading is Reading.ALL_RUNS:
        return {}
    return {
        "runs": max(len(trained) - 1, 1),
        "runs_held": runs_held(claim, measured),
        "control_held": runs_held(claim, control),
    }


def _places(networks: Repetition) -> tuple[str, ...]:
    """Return the cells of networks in words; of a whole diagram, how many there are."""
    places = tuple(dict.fromkeys(network.place for network in networks))
    if len(places) <= _MANY:
        return places
    return (f"{networks[0].model}, {len(networks)} points",)


def _check(
    check: Check, reading: Reading, cells: tuple[str, ...], trained: Measured, control: Measured
) -> CheckResult:
    """Return what one check measures on the trained networks and on the control."""
    other = Reading.TYPICAL if reading is Reading.LOWEST_LOSS else Reading.LOWEST_LOSS
    values = {by: representative(check, trained, by) for by in Reading}
    fits = {by: within(check, values[by]) for by in Reading}
    of_control = representative(check, control, reading)
    return CheckResult(
        quantity=check.quantity,
        source=check.source,
        reason=check.reason,
        low=_plain(_spread(check.low, len(of_control))),
        high=_plain(_spread(check.high, len(of_control))),
        measured=_plain(values[reading]),
        within=fits[reading],
        other=_plain(values[other]),
        other_within=fits[other],
        control=_plain(of_control),
        control_within=within(check, of_control),
        runs_within=runs_within(check, trained),
        findings=tuple(f.text for f in check.findings if applies(f, cells, fits)),
    )


def _spread(bound: Bound, values: int) -> tuple[float, ...]:
    """Return one bound for each value."""
    return tuple(float(one) for one in np.broadcast_to(bound, values))


def _plain(values: Iterable[float]) -> _Values:
    """Return values as JSON can hold them: 6 significant digits, and null unless finite.

    Rounding also hides what libraries of different builds may do to the last digits.
    """
    return tuple(float(f"{v:.6g}") if math.isfinite(v) else None for v in values)
