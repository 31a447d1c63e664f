"""What a claim is, as data: a statement, the numbers that decide it, and what they must not fit.

A claim is judged on *repetitions*: one network from each of its cells, all with the same run
number, so that repetition r is the whole experiment done once more from other random numbers. The
lowest-loss network of each cell makes one more repetition, `BEST`, which is what the figures show.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

import numpy as np
from jaxtyping import Float

BEST = -1
"""The repetition made of the lowest-loss network of every cell."""

Source = Literal["paper", "fig", "nb", "derived", "ours"]
"""Where a bound comes from: the paper's text, figures or notebook, a derivation, or ourselves."""

Bound = int | float | tuple[int | float, ...]
"""One bound for all values of a check, or one for each."""


@dataclass(frozen=True)
class Network:
    """One trained network, in float64.

    Attributes:
        W: Weights [n_hidden, n_features]; of untied models the input weights.
        b: Output bias [n_features].
        experiment: Name of its experiment.
        model: Row of the model table.
        density: 1 − S of all its features.
        repetition: Its run's place among the runs of the cell, or `BEST`.
    """

    W: Float[np.ndarray, "n_hidden n_features"]
    b: Float[np.ndarray, " n_features"]
    experiment: str
    model: str
    density: float
    repetition: int


Repetition = tuple[Network, ...]
Statistic = Callable[[Repetition], tuple[float, ...]]


@dataclass(frozen=True)
class Task:
    """The problem a claim is about; weights trained on another are not evidence.

    Attributes:
        experiment: Its name in config.yaml.
        n_features: n.
        n_hidden: m.
        importance_decay: I_i is proportional to this to the power i; None where the paper says only
            that importance varies: then it must fall from one feature to the next.
    """

    experiment: str
    n_features: int
    n_hidden: int
    importance_decay: float | None = None


@dataclass(frozen=True)
class Cells:
    """The cells that a claim looks at.

    Attributes:
        model: Row of the model table.
        densities: Values of 1 − S, all of which must be there; None for every one that is there.
    """

    model: str
    densities: tuple[float, ...] | None = None


@dataclass(frozen=True)
class Check:
    """One measured quantity and the interval it must lie in.

    Attributes:
        quantity: What is measured, in words.
        statistic: Gives one value per network of a repetition, or one value in all.
        low: Lower bound, one number or one per value.
        high: Upper bound.
        source: Where the bounds come from.
        reason: Why these bounds, if they are ours.
    """

    quantity: str
    statistic: Statistic
    low: Bound = -np.inf
    high: Bound = np.inf
    source: Source = "ours"
    reason: str = ""


@dataclass(frozen=True)
class Control:
    """Networks on which a claim must fail, or it says nothing.

    Attributes:
        name: What they are, in words.
        build: Given a network and the `Library` it is from, returns its counterpart, or None if
            there is none.
    """

    name: str
    build: Callable[[Network, Any], Network | None]


@dataclass(frozen=True)
class Claim:
    """A statement of the paper that trained weights can contradict.

    Attributes:
        id: Ours; the paper numbers nothing.
        section: Title of the paper's section.
        anchor: Its anchor in the paper's page.
        statement: What is claimed, in our words.
        task: The problem it is about.
        cells: The cells it looks at; a repetition holds one network of each, in this order.
        checks: What must hold, all of it.
        control: On what it must not.
    """

    id: str
    section: str
    anchor: str
    statement: str
    task: Task
    cells: tuple[Cells, ...]
    checks: tuple[Check, ...]
    control: Control


class Outcome(StrEnum):
    """What became of a claim."""

    REPLICATES = "replicates"
    DEVIATES = "deviates"
    VOID = "void"
    """The control fits the claim as well, so that fitting it means nothing."""
    NOT_TESTED = "not tested"


def each(measure: Callable[[Network], float]) -> Statistic:
    """Return the statistic that measures every network of a repetition by itself."""

    def statistic(repetition: Repetition) -> tuple[float, ...]:
        return tuple(float(measure(network)) for network in repetition)

    return statistic


def smallest_step(measure: Callable[[Network], float]) -> Statistic:
    """Return the statistic of the smallest step from a network to the next, sparser one."""

    def statistic(repetition: Repetition) -> tuple[float, ...]:
        values = [float(measure(network)) for network in repetition]
        return (min(np.diff(values), default=np.inf),)

    return statistic
