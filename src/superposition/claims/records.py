"""What a claim is, as data: a statement, the numbers that decide it, and what they must not fit.

A claim is measured on *repetitions*: one network from each of its cells, all with the same run
number, so that repetition r is the whole experiment done once more from other random numbers. The
lowest-loss network of each cell makes one more repetition, `BEST`, which is what the figures show.
What stands for all of them, the lowest loss or the typical run, is the claim's `Basis`. A claim
about all local solutions is measured on all runs at once instead, cell by cell.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

import numpy as np
from jaxtyping import Float, Int

from superposition.dictionaries.record import Dictionaries
from superposition.settings import FeatureSettings, ValueRange
from superposition.weights import Weights

BEST = -1
"""The repetition made of the lowest-loss network of every cell."""

Source = Literal["paper", "fig", "nb", "derived", "ours"]
"""Where a bound comes from: the paper's text, figures or notebook, a derivation, or ourselves."""

Values = tuple[float, ...]
"""One value per cell of a claim, or one about them all."""

Bound = int | float | tuple[int | float, ...]
"""One bound for all values of a check, or one for each."""


@dataclass(frozen=True)
class Path:
    """What a network was at snapshots during its training.

    Attributes:
        steps: After which steps, rising [k].
        W: Weights at each [k, n_hidden, n_features].
        loss: Loss on the evaluation sample at each [k]; not numbers if runs were not compared.
    """

    steps: Int[np.ndarray, " k"]
    W: Float[np.ndarray, "k n_hidden n_features"]
    loss: Float[np.ndarray, " k"]


@dataclass(frozen=True)
class Network:
    """One trained network, in float64.

    Attributes:
        W: Weights [n_hidden, n_features]; of untied models the input weights.
        b: Output bias [n_features].
        experiment: Name of its experiment.
        model: Row of the model table.
        density: 1 − S of its features, or of all but the last.
        repetition: Its run's place among the runs of the cell, or `BEST`.
        relative: What sets the last feature apart: its importance or density relative to what it
            would have otherwise; 1 for most.
        loss: On the evaluation sample; not a number for networks that were not trained.
        features: The distribution it was trained on.
        importance: I_i [n_features].
        path: Its training, if there are snapshots of it.
        W_out: Output weights [n_features, n_hidden] of untied models; others have none.
        hidden_bias: Hidden bias [n_hidden] of models that have one.
        dictionaries: Those trained on its hidden activations, if it is the run that has them.
    """

    W: Float[np.ndarray, "n_hidden n_features"]
    b: Float[np.ndarray, " n_features"]
    experiment: str
    model: str
    density: float
    repetition: int
    relative: float
    loss: float
    features: FeatureSettings
    importance: Float[np.ndarray, " n_features"]
    path: Path | None = None
    W_out: Float[np.ndarray, "n_features n_hidden"] | None = None
    hidden_bias: Float[np.ndarray, " n_hidden"] | None = None
    dictionaries: Dictionaries | None = None

    @property
    def place(self) -> str:
        """Its cell, in words."""
        apart = "" if self.relative == 1 else f", last × {self.relative:g}"
        return f"{self.model} at 1 − S = {self.density:g}{apart}"


Repetition = tuple[Network, ...]


class Reading(StrEnum):
    """By what the runs of a cell are represented."""

    LOWEST_LOSS = "lowest loss"
    """The values of the run with the lowest loss."""
    TYPICAL = "typical run"
    """The medians over all runs, value by value."""
    ALL_RUNS = "all runs"
    """All runs of all cells at once: for claims about how many there are of what."""


@dataclass(frozen=True)
class Basis:
    """On what a claim is judged.

    Attributes:
        reading: What stands for all runs.
        reason: Why the paper's words ask for this reading, in a sentence.
        ranking: Returns the lowest-loss run of each point, if not the loss on the evaluation
            sample decides which it is.
    """

    reading: Reading
    reason: str
    ranking: Callable[[Sequence[Weights]], list[int]] | None = None


@dataclass(frozen=True)
class Task:
    """The problem a claim is about; weights trained on another are not evidence.

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
    """

    experiment: str
    n_features: int
    n_hidden: int
    importance_decay: float | None = None
    correlated: tuple[tuple[int, ...], ...] = ()
    anticorrelated: tuple[tuple[int, ...], ...] = ()
    value_range: ValueRange = "unit"


@dataclass(frozen=True)
class Cells:
    """The cells that a claim looks at.

    Attributes:
        model: Row of the model table.
        densities: Values of 1 − S, all of which must be there; None for every one that is there.
        others: Whether to look at all other densities as well, if there are any.
        relative: Whether to look as well at the cells, or the points of cells, that set the last
            feature apart, and not only at those that do not. They follow each other from dense to
            sparse, and at each density by the last feature's relative importance or density,
            upwards.
        experiment: Where they are, if not in the task's experiment.
        task: The problem they solve, if not the claim's.
        watched: Whether there must be snapshots of their training.
        enumerated: Whether there must be dictionaries. Of each cell the lowest-loss run alone has
            them, so that a claim about such cells is judged on that one repetition.
    """

    model: str
    densities: tuple[float, ...] | None = None
    relative: bool = False
    experiment: str | None = None
    task: Task | None = None
    others: bool = False
    watched: bool = False
    enumerated: bool = False


@dataclass(frozen=True)
class Finding:
    """What an experiment showed about a departure from a claim; told only where there is one.

    Attributes:
        cell: Model and density it is about; None for all that a claim looks at together.
        text: What was found.
        outside: The reading by which the quantity must be outside its bounds there.
        inside: The reading by which it must be inside, if that matters.
    """

    cell: tuple[str, float] | None
    text: str
    outside: Reading = Reading.LOWEST_LOSS
    inside: Reading | None = None


@dataclass(frozen=True)
class Check:
    """One measured quantity and the interval it must lie in.

    Attributes:
        quantity: What is measured, in words.
        measure: Measures one network, or with `together` all networks of a repetition at once.
        low: Lower bound, one number or one per value.
        high: Upper bound.
        source: Where the bounds come from.
        reason: Why these bounds, if they are ours.
        across: Makes what is judged of the values of all cells, from dense to sparse; by default
            they are judged one by one. Medians are taken before.
        findings: What explains departures that have been seen.
        together: Whether `measure` takes a whole repetition and returns one or more values.
    """

    quantity: str
    measure: Callable[[Any], Any]
    low: Bound = -np.inf
    high: Bound = np.inf
    source: Source = "ours"
    reason: str = ""
    across: Callable[[Values], Values] = tuple
    findings: tuple[Finding, ...] = ()
    together: bool = False


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
    """A statement, nearly always of the paper, that trained weights can contradict.

    Attributes:
        id: Ours; the paper numbers nothing.
        section: Title of the paper's section.
        anchor: Its anchor in the paper's page.
        statement: What is claimed, in our words.
        basis: On what it is judged.
        task: The problem it is about.
        cells: The cells it looks at; a repetition holds one network of each, in this order.
        checks: What must hold, all of it.
        control: On what it must not.
        ours: Whether it is an observation of this package, not a statement of the paper's.
        constructed: For statements of mathematics: makes the networks that the claim is about. If
            there are `cells` as well, trained ones follow in every repetition.
    """

    id: str
    section: str
    anchor: str
    statement: str
    basis: Basis
    task: Task
    cells: tuple[Cells, ...]
    checks: tuple[Check, ...]
    control: Control
    ours: bool = False
    constructed: Callable[[], Repetition] | None = None


class Outcome(StrEnum):
    """What became of a claim."""

    REPLICATES = "replicates"
    DEVIATES = "deviates"
    VOID = "void"
    """The control fits the claim as well, so that fitting it means nothing."""
    NOT_TESTED = "not tested"


def smallest_step(values: Values) -> Values:
    """Return the smallest step from a value to the next, sparser one."""
    return (float(min(np.diff(values), default=np.inf)),)
