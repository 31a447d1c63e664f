"""What a claim is, as data: a statement, the numbers that decide it, and what they must not fit.

A claim is measured on *repetitions*: one network from each of its cells, all with the same run
number, so that repetition r is the whole experiment done once more from other random numbers. The
lowest-loss network of each cell makes one more repetition, `BEST`, which is what the figures show.
What stands for all of them, the lowest loss or the typical run, is the claim's `Basis`. A claim
about all local solutions is measured on all runs at once instead, cell by cell.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any, Literal

import numpy as np

from superposition.claims.bounds import Bounds
from superposition.config.settings import ValueRange
from superposition.measure.network import Network, TrainedCell

Values = tuple[float, ...]
"""One value per cell of a claim, or one or more about them all."""

Repetition = tuple[Network, ...]

Reading = Literal["lowest loss", "typical run", "all runs"]
"""What stands for all runs of a claim's cells: the run of each with the lowest loss; the medians
over all runs, value by value; or all runs of all cells at once, for claims about how many there are
of what."""


Origin = Literal["paper", "derivation", "others", "ours"]
"""Whose statement a claim is."""

Losses = Callable[[Sequence[TrainedCell]], Sequence[np.ndarray]]
"""Gives the loss of each run of each cell."""


@dataclass(frozen=True)
class Basis:
    """On what a claim is judged.

    Attributes:
        reading: What stands for all runs.
        reason: Why the paper's words ask for this reading, in a sentence.
        ranking: Gives the loss of each run of each cell by which the lowest is told, if not the
            loss on the evaluation sample.
    """

    reading: Reading
    reason: str
    ranking: Losses | None = None


@dataclass(frozen=True)
class Task:
    """The problem a claim is about; networks trained on another are not evidence.

    Attributes:
        experiment: Its name in config.yaml.
        n_features: n.
        n_hidden: m.
        importance_decay: I_i is proportional to this to the power i (1: all the same); None where
            the paper says only that importance varies: then it must fall from one feature to the
            next.
        correlated: Sets of features that are active together.
        anticorrelated: Sets of features of which one is active at a time.
        value_range: Values of an active feature.
        normalised: Whether samples are divided by their lengths.
    """

    experiment: str
    n_features: int
    n_hidden: int
    importance_decay: float | None = None
    correlated: tuple[tuple[int, ...], ...] = ()
    anticorrelated: tuple[tuple[int, ...], ...] = ()
    value_range: ValueRange | tuple[float, float] = "unit"
    normalised: bool = False


@dataclass(frozen=True)
class Cells:
    """The cells that a claim looks at, from dense to sparse.

    Attributes:
        model: Row of the model table.
        densities: Values of 1 − S, all of which must be there; None for every one that is there.
        others: Whether to look at all other densities as well, if there are any.
        fewest: How many densities there must be at least.
        swept: What else their experiment sweeps, such as `attack`; at each density all its values
            are looked at, upwards. Without it, features that are set apart (`relative_importance`,
            `relative_density`) must not be, and nothing else may be swept.
        at: Values of other keys that their experiment sweeps, by key, such as `{"attack": 0.2}`.
        task: The problem they solve, if not the claim's.
        needs_snapshots: Whether there must be snapshots of their training.
        needs_dictionaries: Whether there must be dictionaries of every run.
    """

    model: str
    densities: tuple[float, ...] | None = None
    others: bool = False
    fewest: int = 1
    swept: str | None = None
    at: Mapping[str, float | str] = field(default_factory=dict)
    task: Task | None = None
    needs_snapshots: bool = False
    needs_dictionaries: bool = False


@dataclass(frozen=True)
class Explanation:
    """What an experiment of ours shows about a departure from a claim.

    It is told only where there is one, and only with numbers that this build has computed.

    Attributes:
        cell: Model and density it is about; None for all that a claim looks at together.
        text: What was found, with the names of numbers and their formats in braces. Its first
            sentence has to tell it alone: lists of what deviates have no more.
        numbers: Computes them, by name, given the `Library` of trained cells.
        by_other: Whether the departure is one of the lowest loss where the typical run is judged,
            which must not depart, or the other way round.
    """

    cell: tuple[str, float] | None
    text: str
    numbers: Callable[[Any], Mapping[str, Any]] = lambda _: {}
    by_other: bool = False


@dataclass(frozen=True)
class Check:
    """One measured quantity and the interval it must lie in.

    Attributes:
        quantity: What is measured, in words.
        measure: Measures one network, or with `together` all networks of a repetition at once.
        expected: The bounds, with their source and, if they are ours, a reason.
        across: Makes what is judged of the values of all cells, from dense to sparse; by default
            they are judged one by one. Medians are taken before.
        explanations: What explains departures that have been seen.
        together: Whether `measure` takes a whole repetition and gives one or more values.
    """

    quantity: str
    measure: Callable[[Any], Any]
    expected: Bounds
    across: Callable[[Values], Values] = tuple
    explanations: tuple[Explanation, ...] = ()
    together: bool = False


overall = partial(Check, together=True)
"""A check that measures all networks of a repetition together."""


@dataclass(frozen=True)
class Control:
    """Networks on which a claim must fail, or it says nothing.

    Attributes:
        name: What they are, in words.
        build: Makes the counterpart of a network, given the `Library` it is from; None if there
            is none.
    """

    name: str
    build: Callable[[Network, Any], Network | None]


@dataclass(frozen=True)
class Claim:
    """A statement, nearly always of the paper, that trained weights can contradict.

    Attributes:
        id: Ours, as the paper numbers nothing: C and a number, E if it is our statement, F if it
            is of a follow-up, which goes beyond the paper.
        section: Title of the paper's section.
        anchor: Its anchor in the paper's page; of statements from elsewhere, the address.
        statement: What is claimed, in our words.
        basis: On what it is judged.
        task: The problem it is about; None for mathematics that needs no training.
        cells: The cells it looks at; a repetition holds one network of each, in this order.
        checks: What must hold, all of it.
        control: On what it must not.
        origin: Whose statement it is: the paper's, of what was trained or seen; the paper's, but
            true by construction, so that judging it checks our code (`derivation`); of others; or
            ours.
        changed: What of its statistic, reading, ranking or recipe was changed after a result was
            known, and why; nothing if all were fixed before.
        constructed: For statements of mathematics: makes the networks that the claim is about. If
            there are `cells` as well, trained ones follow in every repetition.
    """

    id: str
    section: str
    anchor: str
    statement: str
    basis: Basis
    checks: tuple[Check, ...]
    control: Control
    task: Task | None = None
    cells: tuple[Cells, ...] = ()
    origin: Origin = "paper"
    changed: str = ""
    constructed: Callable[[], Repetition] | None = None

    @property
    def follow_up(self) -> bool:
        """Whether it goes beyond the paper."""
        return goes_beyond(self.id)

    @property
    def experiments(self) -> set[str]:
        """The experiments whose networks it is about; none for mathematics."""
        tasks = [cells.task or self.task for cells in self.cells]
        return {task.experiment for task in tasks if task is not None}


def goes_beyond(id: str) -> bool:
    """Whether a claim is of a follow-up, by its id."""
    return id.startswith("F")


def claim(id: str, statement: str, *checks: Check, **others: Any) -> Claim:
    """A claim, its checks one after the other and the rest by name."""
    return Claim(id=id, statement=statement, checks=checks, **others)


class Outcome(StrEnum):
    """What became of a claim."""

    REPLICATES = "replicates"
    IN_PART = "in part"
    """Most of what it says holds, and its control does not go as far."""
    DEVIATES = "deviates"
    UNSTABLE = "unstable"
    """Builds with other seeds do not agree on what becomes of it."""
    DERIVATION = "derivation"
    """It holds, as it must: it follows from what was built, and checks the code."""
    VOID = "void"
    """The control fits the claim as well, so that fitting it means nothing."""
    NOT_TESTED = "not tested"
