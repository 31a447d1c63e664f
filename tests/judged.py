"""Claims judged in tests, on cells built by hand, by the names of the cells."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from superposition import claims
from superposition.claims import Claim, Outcome, Verdict
from superposition.claims.networks import Library
from superposition.measure.dictionaries.record import Dictionaries
from superposition.measure.network import BEST, Network, TrainedCell
from superposition.model.parameters import Parameters
from superposition.model.weights import Weights

Cells = Mapping[str, Weights]
Found = Mapping[str, list[Dictionaries]]
NONE: Found = {}


def trained(cells: Cells, found: Found = NONE) -> list[TrainedCell]:
    return [TrainedCell(name, weights, found.get(name, ())) for name, weights in cells.items()]


def the(claim: str) -> Claim:
    return next(one for one in claims.CLAIMS if one.id == claim)


def verdict(cells: Cells, claim: str | Claim, found: Found = NONE, resamples: int = 2) -> Verdict:
    """The verdict on a claim; runs are drawn again a few times, to see that they can be."""
    one = the(claim) if isinstance(claim, str) else claim
    return claims.judge(trained(cells, found), [one], resamples=resamples)[0]


def deviation(cells: Cells, claim: str | Claim) -> Verdict:
    """The verdict on a claim that deviates, at least in part."""
    found = verdict(cells, claim)
    assert found.outcome in (Outcome.DEVIATES, Outcome.IN_PART)
    return found


def best(cells: Cells, claim: str, found: Found = NONE) -> tuple[Network, ...]:
    """The lowest-loss networks that a claim is about; all of them if it is about all runs."""
    return Library(trained(cells, found)).runs_of(the(claim)).repetitions()[BEST]


def measured(found: Verdict, words: str) -> tuple[float | None, ...]:
    """The values of the first check whose quantity has these words."""
    return next(check.measured for check in found.checks if words in check.quantity)


def explained(found: Verdict) -> str:
    """All that is told in explanation of departures."""
    return " ".join(text for check in found.checks for text in check.explanations)


def changed(cells: Cells, *names: str, **arrays: Any) -> dict[str, Weights]:
    """The cells with arrays of some of them, such as W, replaced or changed by functions.

    What is given for one run is so in all of them.
    """
    found = dict(cells)
    for name in names:
        new = {key: np.copy(array) for key, array in cells[name].final.arrays().items()}
        for key, array in arrays.items():
            made = array(new[key].copy()) if callable(array) else array
            new[key] = np.ascontiguousarray(np.broadcast_to(made, new[key].shape), dtype="f4")
        found[name] = replace(cells[name], final=Parameters(**new))
    return found


def starts(cells: Cells) -> dict[str, Weights]:
    """The cells with random starts in place of what was learned, all of them of one loss."""
    random = np.random.default_rng(0)
    for name, cell in cells.items():
        scale = np.sqrt(2 / sum(cell.W.shape[1:]))
        cells = changed(cells, name, W=scale * random.standard_normal(cell.W.shape), b=0)
        cells[name] = replace(cells[name], loss=np.ones_like(cell.loss))
    return dict(cells)
