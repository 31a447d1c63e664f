"""What samples of x hold beside what the settings promise, and a few of them to look at."""

import math
from collections.abc import Iterator, Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from superposition.base.tables import Table
from superposition.config.derived import FALLING, value_bounds
from superposition.config.settings import Cell, FeatureSettings
from superposition.sampling.distribution import empty_probability
from superposition.sampling.sample import EvaluationSample, evaluation_sample

_SHOWN = 8
"""Samples of each distribution that are shown."""
_Row: TypeAlias = tuple[object, ...]


def describe(cells: Mapping[str, Cell]) -> tuple[Table, Table]:
    """What the evaluation samples of an experiment hold, and the first samples of each.

    Models that share a distribution share its sample, and it is described once.

    Args:
        cells: The cells of an experiment by name, `model_density`.

    Returns:
        statistics: A row for each density, feature and statistic. Columns are `density`, as in
            names of cells; `feature` (missing for the whole sample); `statistic` (the share of
            samples in which a feature is active, the mean of its values there, or the share of
            empty samples); `promised` by the settings, `found`, and the `standard_error` of that.
        samples: A row for each of some samples that are not empty: `density`, number of the
            `sample`, how many features are `active`, and `x` as `feature:value` of these.
    """
    statistics: list[_Row] = []
    samples: list[_Row] = []
    densities: dict[tuple[FeatureSettings, int, int], str] = {}
    for name, cell in cells.items():
        key = (cell.features, cell.seed, cell.evaluation_samples)
        densities.setdefault(key, _density(name, cell))
    for key, density in densities.items():
        sample = evaluation_sample(*key)
        statistics += [(density, *row) for row in _statistics(sample)]
        samples += [(density, k, *_shown(x)) for k, x in enumerate(sample.x[:_SHOWN])]
    return (
        _columns("density feature statistic promised found standard_error", statistics),
        _columns("density sample active x", samples),
    )


def _columns(names: str, rows: list[_Row]) -> Table:
    return dict(zip(names.split(), zip(*rows, strict=True), strict=True))


def _density(name: str, cell: Cell) -> str:
    """What a cell's name says of its distribution: `p0.1`, or `p0.05+relative_density0.5`."""
    others = cell.swept.keys() - {"relative_density", *FALLING}
    parts = name.partition("_p")[2].split("+")
    return "p" + "+".join(part for part in parts if not part.startswith(tuple(others)))


def _shown(x: NDArray[np.float32]) -> tuple[int, str]:
    active = np.flatnonzero(x)
    return len(active), " ".join(f"{i}:{x[i]:.4g}" for i in active)


def _statistics(sample: EvaluationSample) -> Iterator[_Row]:
    features, total = sample.features, sample.samples
    low, high = value_bounds(features)
    mean, variance = 0.5 * (low + high), (high - low) * (high - low) / 12.0
    anticorrelated = {i: len(group) for group in features.anticorrelated for i in group}
    yield _share(None, "empty", empty_probability(features), sample.empty, total)
    for i, probability in enumerate(features.feature_probability):
        values = sample.x[:, i].astype(np.float64)
        active = int(np.count_nonzero(values))
        yield _share(i, "active", probability / anticorrelated.get(i, 1), active, total)
        found = float(values.sum()) / active if active else None
        if features.normalised:  # which has no closed form
            yield i, "mean of active", None, found, None
            continue
        error = math.sqrt(variance / active) if active else None
        yield i, "mean of active", mean, found, error


def _share(feature: int | None, statistic: str, promised: float, count: int, total: int) -> _Row:
    """A row about a share of the samples."""
    error = math.sqrt(promised * (1.0 - promised) / total)
    return feature, statistic, promised, count / total, error
