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

from superposition.measure.caching import cached
from superposition.measure.elementary import exp, log
from superposition.measure.metrics import ANTIPODAL, cosines, feature_dimensionality, is_represented

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
    """One training with its events."""

    D: Float[np.ndarray, "k n"]
    """Dimensionality of every feature at each snapshot."""
    events: tuple["Event", ...]
    """Its events, in the order of time."""
    drops: tuple["Drop", ...]
    """What the loss does in each."""


class Event(NamedTuple):
    """Jumps of one or more features that overlap in time."""

    first: int
    """Step before it begins."""
    last: int
    """Step by which it is over."""
    features: tuple[int, ...]
    """Those that jump."""


class Drop(NamedTuple):
    """How the loss falls in an event, beside how it falls before and after it."""

    pace: float
    """How many times as fast as there."""
    size: float
    """The part of the loss that goes beyond what would have gone at the pace there."""


@cached(4096)
def watch(
    steps: Int[np.ndarray, " k"],
    W: Float[np.ndarray, "k m n"],
    loss: Float[np.ndarray, " k"],
    windows: tuple[int, ...] = (WINDOW,),
) -> tuple[Training, ...]:
    """A training with the events that each window finds.

    The window is the steps for which a feature is still before it jumps, and in which it jumps.
    """
    D = feature_dimensionality(W)
    found = [events(steps, D, window) for window in windows]
    return tuple(Training(D, own, tuple(drop(steps, loss, one) for one in own)) for own in found)


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


def drop(steps: Int[np.ndarray, " k"], loss: Float[np.ndarray, " k"], event: Event) -> Drop:
    """What the loss does in an event, by its logarithm.

    Beside an event are as many steps before it and as many after, as far as there are any. A loss
    that does not fall there counts as one that falls by a thousandth in as many steps. Not numbers
    for a training that diverged.
    """
    fall, beside = _falls(steps, log(loss), event)
    return Drop(float(fall / max(beside, _LEAST)), float(1 - exp(beside - fall)))


def paces(
    steps: Int[np.ndarray, " k"], logarithms: Float[np.ndarray, "runs k"], event: Event
) -> Float[np.ndarray, " runs"]:
    """The paces of the losses of several runs in an event, by their logarithms, as in `drop`."""
    fall, beside = _falls(steps, logarithms, event)
    return np.asarray(fall / np.maximum(beside, _LEAST))


def _falls(
    steps: Int[np.ndarray, " k"], logarithm: Float[np.ndarray, "*runs k"], event: Event
) -> tuple[Float[np.ndarray, "*runs"], Float[np.ndarray, "*runs"]]:
    """How much a logarithm falls in an event, and in as many steps beside it."""
    length = event.last - event.first
    start, end = max(event.first - length, steps[0]), min(event.last + length, steps[-1])
    at = np.array([start, event.first, event.last, end])
    k = np.clip(np.searchsorted(steps, at, side="right") - 1, 0, len(steps) - 2)
    slope = (logarithm[..., k + 1] - logarithm[..., k]) / (steps[k + 1] - steps[k])
    before, first, last, after = np.moveaxis(logarithm[..., k] + slope * (at - steps[k]), -1, 0)
    beside = (before - first + last - after) * length / (event.first - start + end - event.last)
    return np.asarray(first - last), np.asarray(beside)


@cached(1024)
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
