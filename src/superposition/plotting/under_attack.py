"""What the figures of adversarial robustness share: the runs of a cell under attack."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from superposition.geometry.dimensions import features_per_dimension
from superposition.metrics import LEARNED, ORTHOGONAL, interference, norms
from superposition.robustness import attack, without_superposition
from superposition.weights import Weights


class Runs(NamedTuple):
    """All runs of a cell."""

    density: float
    """1 − S."""
    crowding: Float[np.ndarray, " runs"]
    """Features per dimension."""
    shared: Float[np.ndarray, " runs"]
    """Learned features that share their direction with others, per dimension."""
    analytic: Float[np.ndarray, " runs"]
    """Vulnerability to the paper's attack of a tenth of the mean input, (L' − L) / (L'_0 − L_0)."""
    gradient: Float[np.ndarray, " runs"]
    """To projected gradient ascent from the sample, in the same units."""
    random_start: Float[np.ndarray, " runs"]
    """To the same from a random point."""
    clean: Float[np.ndarray, " runs"]
    """Loss without an attack."""


def under_attack(cell: Weights) -> Runs:
    """Return what attacks do to the runs of a cell."""
    features, importance = cell.cell.features, np.array(cell.cell.model.importance)
    plain = attack(*without_superposition(cell.cell.model.n_hidden, features), features, importance)
    found = [attack(W, b, features, importance) for W, b in zip(cell.W, cell.b, strict=True)]
    shared = (norms(cell.W) > LEARNED) & (interference(cell.W) >= ORTHOGONAL)
    return Runs(
        max(features.feature_probability),
        features_per_dimension(cell.W),
        shared.sum(axis=-1) / cell.W.shape[1],
        np.array([one.harm for one in found]) / plain.harm,
        np.array([one.gradient - one.clean for one in found]) / plain.harm,
        np.array([one.random_start - one.clean for one in found]) / plain.harm,
        np.array([one.clean for one in found]),
    )
