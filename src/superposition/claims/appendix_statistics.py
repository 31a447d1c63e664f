"""Numbers for claims of the paper's appendix."""

from functools import cache

import numpy as np

from superposition.claims.records import Network, Repetition, Values
from superposition.settings import FeatureSettings
from superposition.theory.compression import LINEAR, error

_VALUES, _EPSILON = 3, 0.1
"""The paper's example: x rounded to one of three values by ramps of this width."""


@cache
def packing() -> Repetition:
    """Return the paper's example as a network; its W holds the number of values, and ε."""
    return (
        Network(
            W=np.array([[_VALUES, _EPSILON]]),
            b=np.zeros(2),
            experiment="compression",
            model="relu",
            density=1.0,
            repetition=0,
            relative=1.0,
            loss=float("nan"),
            features=FeatureSettings(n_features=2, feature_probability=(1.0, 1.0)),
            importance=np.ones(2),
        ),
    )


def error_over_linear(networks: Repetition) -> Values:
    """Return the error of packing over that of the best linear way, in both readings of ε."""
    (network,) = networks
    Z, epsilon = int(network.W[0, 0]), float(network.W[0, 1])
    relu = network.model != "linear"
    return tuple(error(Z, epsilon, by_range, relu) / LINEAR for by_range in (False, True))
