"""The numbers of a check, on one repetition or on all of them as its claim is read."""

from collections.abc import Iterable, Mapping

import numpy as np

from superposition.claims.claim import Check, Reading, Repetition, Values
from superposition.measure.network import BEST

Measured = Mapping[int, Values]
"""What a check measures on the networks of each repetition, one value per cell."""


def values(check: Check, networks: Repetition) -> Values:
    """The values of a check on one repetition, one per cell or about them all."""
    if check.together:
        return tuple(np.atleast_1d(check.measure(networks)).astype(float).tolist())
    return tuple(float(check.measure(network)) for network in networks)


def read(check: Check, measured: Measured, reading: Reading) -> Values:
    """The values that a check is judged on."""
    return across(check, [measured[BEST]] if reading == "lowest loss" else by_run(measured))


def across(check: Check, repetitions: Iterable[Values]) -> Values:
    """What is judged of some repetitions: of more than one their medians, cell by cell.

    They need not be those of any one run. A median of values of which one is not a number is not a
    number.
    """
    return check.across(tuple(np.median(list(repetitions), axis=0).tolist()))


def by_run(measured: Measured) -> list[Values]:
    """What is measured in each run; where there are no single runs, what there is."""
    return [found for run, found in measured.items() if run != BEST] or [measured[BEST]]


def within(check: Check, measured: Values) -> tuple[bool, ...]:
    """Which values are within the bounds; a value that is not a number is not."""
    array, expected = np.asarray(measured, dtype=np.float64), check.expected
    return tuple(((array >= expected.low) & (array <= expected.high)).tolist())
