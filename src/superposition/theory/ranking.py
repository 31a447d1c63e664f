"""Which run has the lowest loss, where theory has the loss exactly.

Near the boundary of superposition both phases lose nearly the same, by less than the noise of an
evaluation sample of a few thousand active features: ranked on a sample, the best run there is
chosen by chance.
"""

from collections.abc import Sequence

import numpy as np

from superposition.theory import two_features
from superposition.weights import Weights, lowest


def by_expected_loss(points: Sequence[Weights]) -> list[int]:
    """Return the index of the run with the lowest expected loss at each point.

    Args:
        points: ReLU output models of two equally dense features in one dimension, each at one
            relative importance.
    """
    counts = [len(point.runs) for point in points]
    importance = np.array([point.cell.model.importance for point in points])
    density = np.array([point.cell.features.feature_probability[0] for point in points])
    loss = two_features.loss(
        np.concatenate([point.W[:, 0] for point in points]).astype(np.float64),
        np.concatenate([point.b for point in points]).astype(np.float64),
        np.repeat(importance[:, 1] / importance[:, 0], counts),
        np.repeat(density, counts),
    )
    return [lowest(of_point) for of_point in np.split(loss, np.cumsum(counts)[:-1])]
