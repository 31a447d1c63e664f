"""Evaluation samples, and any batch that any run has seen.

Training draws endless fresh batches; runs are compared on a fixed sample of the same distribution.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from superposition.drawing import draw_active_samples, draw_samples
from superposition.features import empty_probability, tabulate
from superposition.philox import key_of
from superposition.samples import EvaluationSample
from superposition.settings import Cell, FeatureSettings, canonical_json
from superposition.tables import Table


def generate(features: FeatureSettings, seed: int, samples: int) -> EvaluationSample:
    """Draw the evaluation sample of a distribution; all models at one density share it."""
    identity = canonical_json({"features": features, "seed": seed, "use": "evaluation"})
    x = draw_active_samples(tabulate(features), key_of(identity), 0, samples)
    return EvaluationSample(features, seed, samples, x)


def batch(cell: Cell, run: int, step: int) -> NDArray[np.float32]:
    """Return the batch that a run sees at a step (from 0), `[batch, n]`; before any attack."""
    key = key_of(cell.run_identity(run))
    return draw_samples(tabulate(cell.features), key, step, cell.training.batch)


class _Statistic(NamedTuple):
    """What the settings promise of a sample, and what was drawn."""

    feature: int | None
    statistic: str
    promised: float
    found: float | None
    standard_error: float | None


def statistics(sample: EvaluationSample) -> Table:
    """Return what the settings promise beside what was drawn, a row per feature and statistic.

    Columns are `feature` (missing for the whole sample), `statistic` (the share of samples in which
    a feature is active, the mean of its values there, or the share of empty samples), `promised`,
    `found` and the `standard_error` of the latter.
    """
    features, total = sample.features, sample.samples
    signed = features.value_range == "signed"
    mean, variance = (0.0, 1.0 / 3.0) if signed else (0.5, 1.0 / 12.0)
    anticorrelated = {i: len(group) for group in features.anticorrelated for i in group}
    rows = [_share(None, "empty", empty_probability(features), sample.empty, total)]
    for i, probability in enumerate(features.feature_probability):
        values = sample.x[:, i].astype(np.float64)
        active = int(np.count_nonzero(values))
        rows.append(_share(i, "active", probability / anticorrelated.get(i, 1), active, total))
        found = float(values.sum()) / active if active else None
        error = (variance / active) ** 0.5 if active else None
        rows.append(_Statistic(i, "mean of active", mean, found, error))
    return dict(zip(_Statistic._fields, zip(*rows, strict=True), strict=True))


def _share(
    feature: int | None, statistic: str, promised: float, count: int, total: int
) -> _Statistic:
    """Return a row about a share of the samples."""
    error = (promised * (1.0 - promised) / total) ** 0.5
    return _Statistic(feature, statistic, promised, count / total, error)
