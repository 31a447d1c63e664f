"""What a dimension is worth in each polytope, and what trained networks are made of.

Of equally important and equally dense features, a polytope of k in d dimensions saves something
over answering all k with their means. For each dimension, and over what a feature alone in it
saves (its variance), that is its *payoff*: 1 for single features. As dimensions are what networks
of many features are short of, the polytopes with the largest payoff make the lowest loss.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Final

import numpy as np
from jaxtyping import Float

from superposition.config.settings import FeatureSettings
from superposition.measure.caching import cached
from superposition.measure.geometry.graphs import components
from superposition.measure.metrics import LEARNED, norms
from superposition.measure.network import TrainedCell
from superposition.measure.structures import PAYING
from superposition.measure.structures.build import construct, size
from superposition.measure.structures.comparison import sampled_loss_of_mean
from superposition.measure.theory.linear import ignored
from superposition.training.evaluate import evaluation_sample_of

OTHER: Final = "other"
"""Features in components that are none of these."""
EDGE: Final = 0.2
"""Features share a component if |cos| exceeds this: what hardly learned features and crowding add
is less, and a simplex of four has 1/3."""

TOLERANCE: Final = 0.05
"""Payoffs this close are not told apart, as a part of the best. By about as much a trained network
saves less than its components would by themselves, for the hundreds of features that are hardly
learned take a little of every dimension, and this theory knows nothing of them."""


@cached(1024)
def payoff(structure: str, density: float) -> float:
    """The loss saved for each dimension, over that of one feature alone in it."""
    d, k = size(structure)
    features = FeatureSettings(n_features=k, feature_probability=(density,) * k)
    loss = construct(structure, features, d, np.ones(k)).loss
    return float(k / d * (1.0 - loss / ignored(density)))


def payoffs(density: float) -> dict[str, float]:
    """The payoff of each of `PAYING`."""
    return {structure: payoff(structure, density) for structure in PAYING}


def paying(density: float) -> set[str]:
    """The structures that pay most: those within `TOLERANCE` of the best."""
    found = payoffs(density)
    return {name for name, value in found.items() if value >= (1 - TOLERANCE) * max(found.values())}


def composition(networks: Iterable[Float[np.ndarray, "m n"]]) -> dict[str, float]:
    """The share of learned features in components of each kind, of W of one network or more.

    Not numbers if no feature is learned.
    """
    counts: Counter[str] = Counter()
    for W in networks:
        length = norms(W)
        unit = np.divide(W, length, out=np.zeros(W.shape), where=length > LEARNED)
        for part in components(unit, EDGE):
            counts[part.name if part.name in PAYING else OTHER] += len(part.members)
    total = counts.total() or np.nan
    return {kind: counts[kind] / total for kind in (*PAYING, OTHER)}


def saved_per_dimension(cell: TrainedCell) -> Float[np.ndarray, " runs"]:
    """What each run saves over answering with the means, for each dimension, as `payoff` has it.

    Both losses are taken on the evaluation sample, whose features are a little denser or sparser
    than they should be.
    """
    n, m = cell.W.shape[:0:-1]
    saved = sampled_loss_of_mean(cell.cell, evaluation_sample_of(cell.cell)) - cell.loss
    return np.asarray(saved * n / (m * ignored(cell.density)))
