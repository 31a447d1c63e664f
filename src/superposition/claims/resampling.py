"""Builds as they might have been: the runs of each cell drawn again from those that there are.

Where drawing other runs changes what becomes of a claim, the claim hangs on few of them. Nothing is
trained for it.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from superposition.base.canonical import digest
from superposition.claims.claim import Check, Claim, Values
from superposition.claims.measuring import Measured, across, values
from superposition.claims.networks import Chosen, Drawn, Runs

RESAMPLES = 100
"""Builds with other runs that are drawn for a claim."""


def resampled(
    claim: Claim, runs: Runs, measured: Sequence[Measured], count: int
) -> list[list[Values]]:
    """What each check of a claim measures in builds with other runs; nothing if there are none.

    Args:
        claim: The claim.
        runs: Its networks.
        measured: What its checks measured on the repetitions that there are.
        count: Builds that are drawn.
    """
    if runs.cells and (runs.all_runs or runs.shared > 1):
        generator = np.random.default_rng(int(digest(claim.id)[:16], 16))
        checks = [
            _Resampled(check, runs, known)
            for check, known in zip(claim.checks, measured, strict=True)
        ]
        drawn = [runs.draw(generator) for _ in range(count)]
        return [[check.values(one) for check in checks] for one in drawn]
    return []


class _Resampled:
    """What one check measures on runs that are drawn, each repetition measured once."""

    def __init__(self, check: Check, runs: Runs, measured: Measured) -> None:
        self._check, self._runs = check, runs
        cells = len(runs.cells)
        self._known: dict[Chosen, Values] = {
            (run,) * cells: found for run, found in measured.items() if run >= 0
        }

    def values(self, drawn: Drawn) -> Values:
        if self._runs.all_runs:
            return across(self._check, [values(self._check, self._runs.of_all_runs(drawn))])
        if self._runs.reading == "lowest loss":
            return across(self._check, [self._of(self._runs.lowest(drawn))])
        return across(self._check, [self._of(chosen) for chosen in _repetitions(drawn)])

    def _of(self, chosen: Chosen) -> Values:
        if chosen not in self._known:
            self._known[chosen] = self._measure(chosen)
        return self._known[chosen]

    def _measure(self, chosen: Chosen) -> Values:
        """Measured anew, but for single networks that have been."""
        if self._check.together or len(set(map(len, self._runs.cells))) > 1:
            return values(self._check, self._runs.networks(chosen))
        ideal = len(self._runs.ideal)
        single = [self._known[(run,) * len(chosen)] for run in chosen]
        trained = (found[ideal + place] for place, found in enumerate(single))
        return (*single[0][:ideal], *trained)


def _repetitions(drawn: Drawn) -> Iterator[Chosen]:
    return zip(*(runs.tolist() for runs in drawn), strict=False)
