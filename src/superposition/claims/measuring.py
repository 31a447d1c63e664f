"""Measuring a claim's quantities on every repetition, and what stands for all of them."""

from collections.abc import Mapping

import numpy as np

from superposition.claims.records import BEST, Check, Claim, Reading, Repetition, Values

Measured = Mapping[int, Values]
"""What a check measures on the networks of each repetition, one value per cell."""


def measure(claim: Claim, repetitions: Mapping[int, Repetition]) -> list[Measured]:
    """Return what each check of a claim measures, in their order."""
    return [
        {repetition: _values(check, networks) for repetition, networks in repetitions.items()}
        for check in claim.checks
    ]


def _values(check: Check, networks: Repetition) -> Values:
    if check.together:
        return tuple(np.atleast_1d(check.measure(networks)).astype(float).tolist())
    return tuple(float(check.measure(network)) for network in networks)


def representative(check: Check, measured: Measured, reading: Reading) -> Values:
    """Return the values that a check is judged on.

    The typical run is made of medians, cell by cell, and need not be any of the runs. A median of
    values of which one is not a number is not a number.
    """
    if reading is Reading.LOWEST_LOSS:
        return check.across(measured[BEST])
    runs = [measured[repetition] for repetition in _runs(measured)]
    return check.across(tuple(float(value) for value in np.median(runs, axis=0)))


def within(check: Check, values: Values) -> tuple[bool, ...]:
    """Return which values are within the bounds; a value that is not a number is not."""
    array = np.asarray(values, dtype=np.float64)
    return tuple(bool(v) for v in (array >= check.low) & (array <= check.high))


def runs_within(check: Check, measured: Measured) -> tuple[int, ...]:
    """Return in how many runs each value is within the bounds; of one repetition, in that one."""
    runs = [within(check, check.across(measured[r])) for r in _runs(measured)]
    return tuple(sum(values) for values in zip(*runs, strict=True))


def runs_held(claim: Claim, measured: list[Measured]) -> int:
    """Return in how many runs all checks of a claim hold together."""
    return sum(
        all(
            all(within(check, check.across(values[repetition])))
            for check, values in zip(claim.checks, measured, strict=True)
        )
        for repetition in _runs(measured[0])
    )


def _runs(measured: Measured) -> list[int]:
    """Return the repetitions that are counted; where there are no single runs, what there is."""
    return [repetition for repetition in measured if repetition != BEST] or [BEST]
