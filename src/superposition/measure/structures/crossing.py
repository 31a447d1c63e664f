"""Where pentagon and digons lose the same: five features in the plane, the last one set apart.

Both are at their best, and losses are the expected ones, so that nothing hangs on training or on a
sample (paper: The Geometry of Superposition, "Perturbing a single feature", #geometry-perturb).
"""

import numpy as np

from superposition.config.settings import FeatureSettings
from superposition.measure.caching import cached
from superposition.measure.structures.build import construct

_SPARSEST = 0.05
_HALVINGS = 8
_SAME = 1e-6
"""Losses of one solution differ by less; where it is no minimum, a pentagon becomes digons."""


@cached(64)
def exact_crossing(density: float, by_importance: bool = False) -> float:
    """The relative density of the last feature at which the best pentagon and digons lose the same.

    Args:
        density: 1 − S of the other four.
        by_importance: Whether the last one is as dense as they are, and the relative importance at
            which both lose the same is asked for.

    Returns:
        A number between 0.05 and 1: below it digons lose less, above it the pentagon.
    """

    def advantage_of_pentagon(relative: float) -> float:
        p, importance = (density, relative) if by_importance else (density * relative, 1.0)
        features = FeatureSettings(n_features=5, feature_probability=(*[density] * 4, p))
        pentagon, digons = (
            construct(shape, features, 2, np.array([1.0, 1.0, 1.0, 1.0, importance])).loss
            for shape in ("pentagon", "digon")
        )
        return digons / pentagon - 1.0

    low, high = _SPARSEST, 1.0
    below, above = advantage_of_pentagon(low), advantage_of_pentagon(high)
    for _ in range(_HALVINGS):
        middle = float(np.sqrt(low * high))
        if (there := advantage_of_pentagon(middle)) > _SAME:
            high, above = middle, there
        else:
            low, below = middle, there
    return low - below * (high - low) / (above - below)
