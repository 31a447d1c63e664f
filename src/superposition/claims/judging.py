"""Judging claims on trained networks.

The rule, the same for every claim: it *replicates* if all its checks hold on what it is judged on,
the lowest-loss run of each of its cells, the medians over all runs, or all runs together, and its
control, built from the same runs and read the same way, fails at least one of them. What the other
of the first two readings gives, and on how many single runs the whole claim holds, is reported
beside the verdict and decides nothing.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from superposition.claims.bounds import Source
from superposition.claims.claim import (
    Check,
    Claim,
    Explanation,
    Outcome,
    Reading,
    Repetition,
    Values,
)
from superposition.claims.networks import Library, MissingError
from superposition.claims.sections import CLAIMS
from superposition.config.settings import Frozen
from superposition.measure.network import BEST, TrainedCell

_MANY = 60
"""More cells than this are not named one by one."""

_Values = tuple[float | None, ...]
_Measured = dict[int, Values]
"""What a check measures on the networks of each repetition, one value per cell."""


class CheckResult(Frozen):
    """One quantity as measured, a value for each of the claim's cells, or one about them all.

    Values that are not numbers are null. After each kind of values stands whether they are within
    the bounds, of which `source` says where they come from and `reason` why they are these.
    """

    quantity: str
    source: Source
    reason: str
    low: _Values
    """Lower bounds; null for none."""
    high: _Values
    """Upper bounds; null for none."""
    measured: _Values
    """On what the claim is judged on."""
    within: tuple[bool, ...]
    other: _Values
    """By the other reading: medians over all runs if judged on the lowest loss, or vice versa; the
    same if judged on all runs together."""
    other_within: tuple[bool, ...]
    control: _Values
    """On the control's counterparts of what the claim is judged on."""
    control_within: tuple[bool, ...]
    runs_within: tuple[int, ...]
    """How many runs are."""
    explanations: tuple[str, ...] = ()
    """What experiments showed about the departures that there are."""


class Verdict(Frozen):
    """What became of one claim; `id` to `statement`, and `ours`, are the claim's."""

    id: str
    section: str
    anchor: str
    statement: str
    judged_on: Reading
    """What stands for all runs: the lowest loss, the typical run (medians), or all together."""
    judged_because: str
    """Why."""
    outcome: Outcome
    """replicates, deviates, void or not tested."""
    ours: bool = False
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
    cells: Iterable[TrainedCell],
    claims: Iterable[Claim] = CLAIMS,
    progress: Callable[[int, int], None] | None = None,
) -> list[Verdict]:
    """A verdict on every claim, over all runs of the cells it is about.

    After each, `progress` is called with the number of claims judged and that of all.
    """
    library, claims, verdicts = Library(cells), tuple(claims), []
    for claim in claims:
        verdicts.append(_judge(claim, library))
        if progress is not None:
            progress(len(verdicts), len(claims))
    return verdicts


def _judge(claim: Claim, library: Library) -> Verdict:
    heading = {
        name: getattr(claim, name) for name in ("id", "section", "anchor", "statement", "ours")
    }
    heading |= {"judged_on": claim.basis.reading, "judged_because": claim.basis.reason}
    try:
        trained = library.repetitions(claim)
        control = library.controls(claim.control, trained)
    except MissingError as missing:
        return Verdict(**heading, outcome=Outcome.NOT_TESTED, reason=str(missing))
    cells = _places(trained[BEST])
    measured, of_control = (
        [{run: _values(check, one) for run, one in found.items()} for check in claim.checks]
        for found in (trained, control)
    )
    checks = tuple(
        _check(check, claim.basis.reading, cells, *values)
        for check, *values in zip(claim.checks, measured, of_control, strict=True)
    )
    control_fits = all(all(check.control_within) for check in checks)
    became, reason = _outcome(checks, cells, control_fits)
    single = claim.basis.reading != "all runs"
    return Verdict(
        **heading,
        outcome=became,
        reason=reason,
        cells=cells,
        checks=checks,
        runs=max(len(trained) - 1, 1) if single else 0,
        runs_held=_runs_held(claim, measured) if single else 0,
        control=claim.control.name,
        control_fits=control_fits,
        control_held=_runs_held(claim, of_control) if single else 0,
    )


def _places(networks: Repetition) -> tuple[str, ...]:
    """The cells of networks in words; of a whole diagram, how many there are.

    Of what is swept only what sets a feature apart is told, as claims about other sweeps compare
    their values at each density.
    """
    apart = [
        replace(n, swept={k: v for k, v in n.swept.items() if k.startswith("relative_")})
        for n in networks
    ]
    places = tuple(dict.fromkeys(network.place for network in apart))
    return places if len(places) <= _MANY else (f"{networks[0].model}, {len(networks)} points",)


def _values(check: Check, networks: Repetition) -> Values:
    if check.together:
        return tuple(np.atleast_1d(check.measure(networks)).astype(float).tolist())
    return tuple(float(check.measure(network)) for network in networks)


def _check(
    check: Check, reading: Reading, cells: tuple[str, ...], trained: _Measured, control: _Measured
) -> CheckResult:
    """What one check measures on the trained networks and on the control."""
    values = _representative(check, trained, reading)
    other = _representative(
        check, trained, "typical run" if reading == "lowest loss" else "lowest loss"
    )
    of_control = _representative(check, control, reading)
    within, other_within = _within(check, values), _within(check, other)
    return CheckResult(
        quantity=check.quantity,
        source=check.expected.source,
        reason=check.expected.reason,
        low=_plain(np.broadcast_to(check.expected.low, len(values))),
        high=_plain(np.broadcast_to(check.expected.high, len(values))),
        measured=_plain(values),
        within=within,
        other=_plain(other),
        other_within=other_within,
        control=_plain(of_control),
        control_within=_within(check, of_control),
        runs_within=tuple(sum(fits) for fits in zip(*_by_run(check, trained), strict=True)),
        explanations=tuple(
            one.text for one in check.explanations if _applies(one, cells, within, other_within)
        ),
    )


def _representative(check: Check, measured: _Measured, reading: Reading) -> Values:
    """The values that a check is judged on.

    The typical run is made of medians, cell by cell, and need not be any of the runs. A median of
    values of which one is not a number is not a number.
    """
    if reading == "lowest loss":
        return check.across(measured[BEST])
    return check.across(tuple(np.median(_runs(measured), axis=0).tolist()))


def _within(check: Check, values: Values) -> tuple[bool, ...]:
    """Which values are within the bounds; a value that is not a number is not."""
    array, expected = np.asarray(values, dtype=np.float64), check.expected
    return tuple(((array >= expected.low) & (array <= expected.high)).tolist())


def _by_run(check: Check, measured: _Measured) -> list[tuple[bool, ...]]:
    """Which values are within the bounds in each run."""
    return [_within(check, check.across(values)) for values in _runs(measured)]


def _runs_held(claim: Claim, measured: list[_Measured]) -> int:
    """In how many runs all checks of a claim hold together."""
    fits = map(_by_run, claim.checks, measured)
    return sum(all(map(all, of_run)) for of_run in zip(*fits, strict=True))


def _runs(measured: _Measured) -> list[Values]:
    """What is measured in each run; where there are no single runs, what there is."""
    return [values for run, values in measured.items() if run != BEST] or [measured[BEST]]


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


def _outcome(
    checks: Iterable[CheckResult], cells: tuple[str, ...], control_fits: bool
) -> tuple[Outcome, str]:
    """The outcome of a claim and its reason."""
    outside = []
    for check in checks:
        where = [k for k, fits in enumerate(check.within) if not fits]
        if where:
            each = len(check.within) == len(cells)
            text = _join(cells[k] for k in where) if each else ""
            outside.append(f"{check.quantity}: outside {text}".rstrip())
    if outside:
        return Outcome.DEVIATES, "; ".join(outside)
    if control_fits:
        return Outcome.VOID, "the control fits the claim too, so that fitting it means nothing"
    return Outcome.REPLICATES, ""


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


def _plain(values: Values | np.ndarray) -> _Values:
    """Values as JSON can hold them: 6 significant digits, and null unless finite.

    Rounding also hides what libraries of different builds may do to the last digits.
    """
    plain = np.asarray(values, dtype=np.float64).tolist()
    return tuple(float(f"{v:.6g}") if math.isfinite(v) else None for v in plain)
