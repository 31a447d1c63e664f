"""Judging claims on trained weights.

The rule, the same for every claim: it *replicates* if all its checks hold on the lowest-loss run of
each of its cells and its control, built from the same runs, fails at least one of them. On how many
of all runs it holds is reported beside the verdict and decides nothing, because the paper shows
single models and mostly does not say how they were chosen.
"""

import math
from collections.abc import Iterable, Mapping

import numpy as np

from superposition.claims.library import Library, MissingError
from superposition.claims.records import BEST, Bound, Check, Claim, Outcome, Repetition, Source
from superposition.settings import Frozen
from superposition.weights import Weights

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
    """On the lowest-loss runs; null for not a number."""
    control: _Values
    """On the control's counterparts of the lowest-loss runs."""
    within: tuple[bool, ...]
    """Whether the measured values are within the bounds."""
    runs_within: tuple[int, ...]
    """How many runs are."""


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
    outcome: Outcome
    """replicates, deviates, void or not tested."""
    reason: str = ""
    """Why it is not tested, or what is outside its bounds."""
    cells: tuple[str, ...] = ()
    """The cells it was judged on, as `model at 1 − S = density`."""
    checks: tuple[CheckResult, ...] = ()
    """The numbers that decide it."""
    runs: int = 0
    """Runs of each cell."""
    runs_held: int = 0
    """Runs in which all checks hold together, over all cells."""
    control: str = ""
    """What the control is."""
    control_fits: bool = False
    """Whether the control of the lowest-loss runs fits the claim as well, which makes it void."""
    control_held: int = 0
    """Runs whose control fits; by chance a few may."""


def judge(weights: Mapping[str, Weights], claims: Iterable[Claim]) -> list[Verdict]:
    """Return a verdict on every claim.

    Args:
        weights: Trained cells, keyed `experiment/model_density`.
        claims: What to judge.
    """
    library = Library(weights)
    return [_judge(claim, library) for claim in claims]


def _judge(claim: Claim, library: Library) -> Verdict:
    heading = {name: getattr(claim, name) for name in ("id", "section", "anchor", "statement")}
    try:
        trained = library.repetitions(claim)
        control = _control(claim, library, trained)
    except MissingError as missing:
        return Verdict(**heading, outcome=Outcome.NOT_TESTED, reason=str(missing))
    cells = tuple(f"{n.model} at 1 − S = {n.density:g}" for n in trained[BEST])
    checks = tuple(_check(check, trained, control[BEST]) for check in claim.checks)
    held = {repetition: _holds(claim, networks) for repetition, networks in trained.items()}
    control_held = {repetition: _holds(claim, networks) for repetition, networks in control.items()}
    outcome, reason = _outcome(checks, cells, control_held[BEST])
    return Verdict(
        **heading,
        outcome=outcome,
        reason=reason,
        cells=cells,
        checks=checks,
        runs=len(trained) - 1,
        runs_held=sum(held[r] for r in trained if r != BEST),
        control=claim.control.name,
        control_fits=control_held[BEST],
        control_held=sum(control_held[r] for r in control if r != BEST),
    )


def _control(
    claim: Claim, library: Library, trained: Mapping[int, Repetition]
) -> dict[int, Repetition]:
    """Return the control's counterpart of every repetition.

    Raises:
        MissingError: If the control has no counterpart of the lowest-loss networks.
    """
    control = {}
    for repetition, networks in trained.items():
        built = [claim.control.build(network, library) for network in networks]
        if all(network is not None for network in built):
            control[repetition] = tuple(network for network in built if network is not None)
        elif repetition == BEST:
            raise MissingError(f"its control, {claim.control.name}, is not there")
    return control


def _check(check: Check, trained: Mapping[int, Repetition], control: Repetition) -> CheckResult:
    """Return what one check measures on the trained networks and on the control."""
    measured = check.statistic(trained[BEST])
    within = _within(check, measured)
    runs = [_within(check, check.statistic(n)) for r, n in trained.items() if r != BEST]
    return CheckResult(
        quantity=check.quantity,
        source=check.source,
        reason=check.reason,
        low=_plain(_spread(check.low, len(measured))),
        high=_plain(_spread(check.high, len(measured))),
        measured=_plain(measured),
        control=_plain(check.statistic(control)),
        within=within,
        runs_within=tuple(sum(run[k] for run in runs) for k in range(len(measured))),
    )


def _outcome(
    checks: Iterable[CheckResult], cells: tuple[str, ...], control_holds: bool
) -> tuple[Outcome, str]:
    """Return the verdict and its reason, from the checks on the lowest-loss runs."""
    outside = []
    for check in checks:
        where = [k for k, fits in enumerate(check.within) if not fits]
        if where:
            places = cells if len(check.within) == len(cells) else ("",)
            where_text = _join(places[k] for k in where)
            outside.append(f"{check.quantity}: outside {where_text}".rstrip())
    if outside:
        return Outcome.DEVIATES, "; ".join(outside)
    if control_holds:
        return Outcome.VOID, "the control fits the claim too, so that fitting it means nothing"
    return Outcome.REPLICATES, ""


def _holds(claim: Claim, networks: Repetition) -> bool:
    """Return whether all checks of a claim hold on one repetition."""
    return all(all(_within(check, check.statistic(networks))) for check in claim.checks)


def _within(check: Check, values: tuple[float, ...]) -> tuple[bool, ...]:
    """Return which values are within the bounds; a value that is not a number is not."""
    array = np.asarray(values, dtype=np.float64)
    return tuple(bool(v) for v in (array >= check.low) & (array <= check.high))


def _spread(bound: Bound, values: int) -> tuple[float, ...]:
    """Return one bound for each value."""
    return tuple(float(one) for one in np.broadcast_to(bound, values))


def _plain(values: Iterable[float]) -> _Values:
    """Return values as JSON can hold them: 6 significant digits, and null unless finite.

    Rounding also hides what libraries of different builds may do to the last digits.
    """
    return tuple(float(f"{v:.6g}") if math.isfinite(v) else None for v in values)


def _join(names: Iterable[str]) -> str:
    """Return `for relu at 1 − S = 0.3, 0.1`, naming each model once; nothing for no name."""
    densities: dict[str, list[str]] = {}
    for name in filter(None, names):
        model, density = name.split(" = ")
        densities.setdefault(model, []).append(density)
    parts = [f"for {model} = {', '.join(values)}" for model, values in densities.items()]
    return " and ".join(parts)
