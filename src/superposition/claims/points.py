"""The points of trained cells, and their runs as the networks that claims are about."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from superposition.claims.records import BEST, Network, Path
from superposition.dictionaries.record import Dictionaries
from superposition.snapshots import Snapshots
from superposition.weights import Weights


@dataclass(frozen=True)
class Point:
    """Weights of one point of a cell, what sets its last feature apart, and its dictionaries."""

    experiment: str
    weights: Weights
    density: float
    relative: float
    is_apart: bool
    dictionaries: Dictionaries | None = None


def points(
    experiment: str, weights: Weights, dictionaries: Dictionaries | None = None
) -> Iterator[Point]:
    """Yield the points of a cell; none if its features' densities differ in other ways."""
    *others, last = weights.cell.features.feature_probability
    if len(set(others)) > 1:
        return
    density = others[0] if others else last
    rows = weights.cell.relative_importance
    relatives = rows or (last / density,)
    for relative, point in zip(relatives, weights.points(), strict=True):
        is_apart = bool(rows) or last != density
        yield Point(experiment, point, density, relative, is_apart, dictionaries)


def by_sample(points: Sequence[Weights]) -> list[int]:
    """Return the run of each point with the lowest loss on the evaluation sample."""
    return [point.best for point in points]


def of_repetition(point: Point, repetition: int) -> Network:
    """Return the run of a point that belongs to a repetition; the lowest-loss one for `BEST`."""
    run = point.weights.best if repetition == BEST else repetition
    return network(point, run, repetition)


def network(point: Point, run: int, repetition: int | None = None) -> Network:
    """Return one run of a point, as that of a repetition, by default of its own number."""
    weights = point.weights
    return Network(
        W=weights.W[run].astype(np.float64),
        b=weights.b[run].astype(np.float64),
        experiment=point.experiment,
        model=weights.cell.model.model,
        density=point.density,
        repetition=run if repetition is None else repetition,
        relative=point.relative,
        loss=math.nan if weights.loss is None else float(weights.loss[run]),
        features=weights.cell.features,
        importance=np.asarray(weights.cell.model.importance),
        W_out=None if weights.W_out is None else weights.W_out[run].astype(np.float64),
        hidden_bias=(
            None if weights.hidden_bias is None else weights.hidden_bias[run].astype(np.float64)
        ),
        path=_path(weights, run),
        dictionaries=point.dictionaries if run == weights.best else None,
    )


def _path(weights: Weights, run: int) -> Path | None:
    """Return the snapshots of one run, if there are any."""
    steps = sorted(weights.snapshots)
    if not steps:
        return None
    of_run = Snapshots.over(weights.snapshots).of(run, run + 1)
    unknown = np.full(len(steps), np.nan)
    return Path(
        steps=np.array(steps),
        W=np.stack([of_run[step].W[0] for step in steps]).astype(np.float64),
        loss=unknown if weights.snapshot_loss is None else weights.snapshot_loss[:, run],
    )
