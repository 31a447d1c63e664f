"""What happens to features in the course of training: jumps of D_i, and stages of a geometry.

Paper: Superposition and Learning Dynamics (#learning). It gives no rules; these are ours.

*Jumps.* A feature is still at a step if D_i has changed by less than `STILL` within the `WINDOW`
steps before it. It jumps if it is still and then changes by `JUMP` or more within the next window.
The change goes on as long as D_i moves the same way; the jump is what lies between its first and
its last tenth. Jumps of several features that overlap in time are one event.

*Stages* of two sets of three correlated features in three dimensions, by cosines: `LINEAR`, both
sets have collapsed into one direction each, as in principal component analysis; `ANTIPRISM`, each
set is a right-angled triangle, and the one is turned against the other about their common axis, on
opposite sides of the origin; `BASES`, each set is a right-angled triangle, in any other way;
`PAIRS`, some features of different sets are opposite each other, but not all; `OCTAHEDRON`, all
are, three antipodal pairs across the sets at right angles.
"""

from collections.abc import Sequence
from itertools import permutations
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from superposition.measure.metrics import ANTIPODAL, cosines, feature_dimensionality, is_represented
from superposition.measure.remembering import remembered

WINDOW = 250
"""Steps: a sixteenth of the training that is watched."""
STILL, JUMP = 0.05, 0.1
"""Changes of D_i."""
_REST = 0.1
"""Part of the change before a jump, and after it."""
_LEAST = 1e-3
"""A loss that does not fall counts as one whose logarithm falls by this."""
_NEAR = 0.02
"""D_i of one of a digon is this close to 1/2."""

LINEAR, ANTIPRISM, BASES = "linear", "antiprism", "bases"
PAIRS, OCTAHEDRON, BETWEEN = "pairs", "octahedron", ""
_COLLAPSED, _RIGHT, _REGULAR = 0.95, 0.2, 0.2
"""Cosine of members of a collapsed set; largest one of a right angle (12°); largest difference of
cosines that are equal in an antiprism."""
_FLAT, _LONG, _APART = 0.9, 1.5, 0.8
"""Part of the loss that is left at the end of a plateau, factor of steps, part left at the next."""


class Training(NamedTuple):
    """One training, and its events beside other trainings of its kind."""

    D: Float[np.ndarray, "k n"]
    """Dimensionality of every feature at each snapshot."""
    events: tuple["Event", ...]
    """Its events, in the order of time."""
    others: tuple[list[int], ...]
    """Trainings without an event at the time of each."""
    drops: tuple[float, ...]
    """How many times as far the loss falls in each event as in those."""


class Event(NamedTuple):
    """Jumps of one or more features that overlap in time."""

    first: int
    """Step before it begins."""
    last: int
    """Step by which it is over."""
    features: tuple[int, ...]
    """Those that jump."""


@remembered(16)
def watch(
    steps: Int[np.ndarray, " k"],
    W: Float[np.ndarray, "runs k m n"],
    loss: Float[np.ndarray, "runs k"],
    window: int = WINDOW,
) -> tuple[Training, ...]:
    """All trainings of a cell with their events.

    The window is the steps for which a feature is still before it jumps, and in which it jumps.
    """
    D = feature_dimensionality(W)
    every = [events(steps, of_one, window) for of_one in D]
    others = [tuple(quiet(event, every, loss) for event in own) for own in every]
    drops = [
        tuple(drop(steps, loss, run, event, at) for event, at in zip(own, its, strict=True))
        for run, (own, its) in enumerate(zip(every, others, strict=True))
    ]
    return tuple(map(Training, D, every, others, drops))


def events(
    steps: Int[np.ndarray, " k"], D: Float[np.ndarray, "k n"], window: int = WINDOW
) -> tuple[Event, ...]:
    """The events of one training, by the dimensionality of its features, in the order of time."""
    ready = _ready(steps, D, window)
    found = sorted(
        (first, last, feature)
        for feature in range(D.shape[1])
        for first, last in _jumps(steps, D[:, feature], ready[:, feature], window)
    )
    merged: list[Event] = []
    for first, last, feature in found:
        event = Event(first, last, (feature,))
        if merged and first <= merged[-1].last:
            before = merged.pop()
            features = tuple(sorted({*before.features, feature}))
            event = Event(before.first, max(last, before.last), features)
        merged.append(event)
    return tuple(merged)


def _ready(steps: np.ndarray, D: np.ndarray, window: int) -> np.ndarray:
    """Whether, at each step, each feature is still and will jump."""
    found = np.zeros(D.shape, dtype=bool)
    for k in np.flatnonzero(steps >= window):
        first, last = np.searchsorted(steps, (steps[k] - window, steps[k] + window + 1))
        still = np.ptp(D[first : k + 1], axis=0) < STILL
        found[k] = still & (np.abs(D[k:last] - D[k]).max(axis=0) >= JUMP)
    return found


def _jumps(
    steps: np.ndarray, d: np.ndarray, ready: np.ndarray, window: int
) -> list[tuple[int, int]]:
    """First and last step of each jump of one feature."""
    found = []
    end = -1
    for k in np.flatnonzero(ready).tolist():
        if k <= end:
            continue
        after = np.flatnonzero((steps >= steps[k]) & (steps <= steps[k] + window))
        end = int(after[np.abs(d[after] - d[k]).argmax()])
        while end + 1 < len(d) and np.sign(d[end + 1] - d[end]) == np.sign(d[end] - d[k]):
            end += 1
        course = np.abs(d[k : end + 1] - d[k]) / np.abs(d[end] - d[k])
        begun = k + int(np.flatnonzero(course <= _REST).max())
        over = k + int((course >= 1.0 - _REST).argmax())
        found.append((int(steps[begun]), int(steps[over])))
    return found


def ends_in_digons(D: Float[np.ndarray, " n"]) -> bool:
    """Whether every feature is one of a digon, by their dimensionalities at the end."""
    return bool((np.abs(D - 0.5) < _NEAR).all())


def quiet(
    event: Event, events: Sequence[Sequence[Event]], loss: Float[np.ndarray, "runs k"]
) -> list[int]:
    """The numbers of those trainings that have no event at the time of one.

    A training that diverges has no loss to compare with, so it is not among them.
    """
    return [
        number
        for number, own in enumerate(events)
        if np.isfinite(loss[number]).all()
        and not any(one.first < event.last and event.first < one.last for one in own)
    ]


def falls(
    steps: Int[np.ndarray, " k"],
    loss: Float[np.ndarray, "runs k"],
    first: int,
    until: Int[np.ndarray, " t"],
) -> Float[np.ndarray, "runs t"]:
    """The fall of the logarithm of the loss of trainings from one step to others."""
    logarithm = np.log(loss)
    before = np.array([np.interp(first, steps, one) for one in logarithm])
    after = np.array([np.interp(until, steps, one) for one in logarithm])
    return np.asarray(before[:, None] - after)


def drop(
    steps: Int[np.ndarray, " k"],
    loss: Float[np.ndarray, "runs k"],
    number: int,
    event: Event,
    others: Sequence[int],
) -> float:
    """The fall of the loss in an event, over that in other trainings without one at the time.

    Before and after an event it may fall by itself, and a previous event may not be over; so an
    event of one training (`number`) is held against the same steps of others without one (`quiet`),
    not against what was before it. Their median counts; if it does not fall, as a fall by a
    thousandth. Not a number if there are no others.
    """
    if not others:
        return float("nan")
    fall = falls(steps, loss[[number, *others]], event.first, np.array([event.last]))[:, 0]
    return float(fall[0] / max(float(np.median(fall[1:])), _LEAST))


@remembered(1024)
def stages(W: Float[np.ndarray, "k 3 6"], sets: Sequence[Sequence[int]]) -> tuple[str, ...]:
    """The stage of a training at every snapshot."""
    return tuple(stage(one, sets) for one in W)


def stage(W: Float[np.ndarray, "3 6"], sets: Sequence[Sequence[int]]) -> str:
    """The stage that a solution is at; nothing if it is at none."""
    cosine = cosines(W)
    within = np.array([cosine[i, j] for group in sets for i in group for j in group if i < j])
    if (within > _COLLAPSED).all():
        return LINEAR
    across = cosine[np.ix_(*sets)]
    opposite = across < ANTIPODAL
    if not is_represented(W).all():
        return BETWEEN
    right = bool((np.abs(within) < _RIGHT).all())
    number = int(opposite.any(axis=1).sum())
    if number:
        return OCTAHEDRON if right and number == len(across) else PAIRS
    if not right:
        return BETWEEN
    return ANTIPRISM if _is_antiprism(across) else BASES


def _is_antiprism(across: Float[np.ndarray, "3 3"]) -> bool:
    """Whether these are the cosines of two triangles of an antiprism.

    Every vertex of one triangle has the same three cosines to the other's, in cyclic order; on
    opposite sides of the origin they sum to −1.
    """
    for order in permutations(range(3)):
        turned = across[:, order]
        diagonals = np.array([[turned[i, (i + k) % 3] for i in range(3)] for k in range(3)])
        if np.ptp(diagonals, axis=1).max() < _REGULAR and diagonals.mean(axis=1).sum() < -0.5:
            return True
    return False


def route(stages: Sequence[str]) -> tuple[str, ...]:
    """The stages of a training in the order of their first times, each once."""
    return tuple(dict.fromkeys(name for name in stages if name != BETWEEN))


THROUGH_ANTIPRISM, THROUGH_PAIRS, STRAIGHT = "antiprism first", "pairs first", "neither"


def kind_of_route(stages: Sequence[str]) -> str:
    """The way a training came to its end: one of the paper's routes, or neither.

    Through an antiprism, whatever else; else through single pairs of opposite features.
    """
    if ANTIPRISM in stages:
        return THROUGH_ANTIPRISM
    return THROUGH_PAIRS if PAIRS in stages else STRAIGHT


def plateaus(
    steps: Int[np.ndarray, " k"], loss: Float[np.ndarray, " k"]
) -> tuple[tuple[int, int], ...]:
    """The plateaus of the loss, by the snapshots at which each begins and ends.

    On a plateau the loss falls by less than 10 % while the number of steps grows by half or more;
    between two plateaus it falls by 20 % or more.
    """
    found: list[tuple[int, int]] = []
    k = 0
    while k < len(steps):
        level = np.flatnonzero(loss[k:] < _FLAT * loss[k])
        end = k + int(level[0]) - 1 if level.size else len(steps) - 1
        if steps[end] < _LONG * steps[k]:
            k += 1
            continue
        if found and loss[k] > _APART * loss[found[-1][1]]:
            found[-1] = (found[-1][0], end)
        else:
            found.append((k, end))
        k = end + 1
    return tuple(found)
