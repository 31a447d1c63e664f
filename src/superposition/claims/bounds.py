"""The interval that measured values must lie in, and why it is this one."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

Source = Literal["paper", "fig", "nb", "derived", "ours"]
"""Where bounds come from: the paper's text, figures or notebook, a derivation, or ourselves."""

POSITION_TOLERANCE = 0.25
"""Part of the paper's position within which a boundary is where the paper has it."""
POSITION_FACTOR = 2.0
"""Factor within which it is there in part."""

Bound = int | float | tuple[int | float, ...]
"""One bound for all values of a check, or one for each."""


@dataclass(frozen=True)
class Bounds:
    """The interval in which values are expected, bounds included, with reason and source."""

    low: Bound = -np.inf
    high: Bound = np.inf
    reason: str = ""
    source: Source = "ours"
    position: float | None = None
    """Where the paper has the boundary that is measured, if one is."""

    @property
    def decide(self) -> bool:
        """Whether there are any; else what is measured is reported alone."""
        return bool(np.isfinite((*np.atleast_1d(self.low), *np.atleast_1d(self.high))).any())


def exactly(value: Bound, reason: str = "", source: Source = "ours") -> Bounds:
    """One value, or one for each cell, and no other."""
    return Bounds(value, value, reason, source)


def at_least(low: Bound, reason: str = "", source: Source = "ours") -> Bounds:
    """A lower bound."""
    return Bounds(low, np.inf, reason, source)


def at_most(high: Bound, reason: str = "", source: Source = "ours") -> Bounds:
    """An upper bound."""
    return Bounds(-np.inf, high, reason, source)


def between(low: Bound, high: Bound, reason: str = "", source: Source = "ours") -> Bounds:
    """Both bounds."""
    return Bounds(low, high, reason, source)


def told(reason: str) -> Bounds:
    """None: what is measured decides nothing."""
    return Bounds(reason=f"reported, and decides nothing: {reason}")


def position(paper: float, reason: str = "", source: Source = "paper") -> Bounds:
    """Where a boundary lies, against where the paper has it: within a quarter of it.

    Where it is not, but within a factor of two, the claim holds in part. The rule is one for all
    claims about boundaries, and was fixed before any of them was measured by it.
    """
    near = (1 - POSITION_TOLERANCE) * paper, (1 + POSITION_TOLERANCE) * paper
    return Bounds(*near, reason, source, paper)
