"""Runs of an experiment in which one feature's density varies, as both of its figures need them."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from superposition.geometry import branches
from superposition.weights import Weights


class Point(NamedTuple):
    """All runs at one relative density."""

    relative: float
    """Density of the last feature over that of the others."""
    W: Float[np.ndarray, "runs 2 n"]
    """Weights of the runs that did not diverge."""
    loss: Float[np.ndarray, " runs"]
    """Their losses."""
    kinds: tuple[str, ...]
    """Their branches."""

    def of(self, kind: str) -> Float[np.ndarray, " some"]:
        """Return which runs are of a kind, in the order of their losses."""
        there = [run for run in np.argsort(self.loss, kind="stable") if self.kinds[run] == kind]
        return np.array(there, dtype=int)

    def lowest(self, kind: str) -> float:
        """Return the lowest loss of a kind; not a number if there is none."""
        return branches.lowest(self.loss.tolist(), self.kinds, kind)


def points(weights: Mapping[str, Weights]) -> list[Point]:
    """Return all relative densities, upwards."""
    found = []
    for cell in weights.values():
        *_, other, last = cell.cell.features.feature_probability
        loss = np.zeros(len(cell.runs)) if cell.loss is None else cell.loss
        fine = np.isfinite(loss)
        W = cell.W[fine].astype(np.float64)
        kinds = tuple(branches.kind(one) for one in W)
        found.append(Point(last / other, W, loss[fine], kinds))
    return sorted(found, key=lambda point: point.relative)


def crossing(found: list[Point]) -> branches.Crossing | None:
    """Return where pentagons and digons without the varied feature have the same lowest loss."""
    relative = np.array([point.relative for point in found])
    first, second = (
        np.array([point.lowest(kind) for point in found])
        for kind in (branches.PENTAGON, branches.WITHOUT)
    )
    return branches.crossing(relative, first, second)
