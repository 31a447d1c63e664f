"""The library: train what `config.yaml` could describe, from a notebook or a script.

The records are the workflow's. What to train is a `Config`, one trained cell is a `TrainedCell`,
and the weights and losses are the same bytes as those of `make` for the same settings.
"""

from superposition.api.judging import judge
from superposition.api.settings import experiment, read_config
from superposition.api.structures import constructed
from superposition.api.trained import Trained, read_weights
from superposition.api.training import dictionaries, train

__all__ = [
    "Trained",
    "constructed",
    "dictionaries",
    "experiment",
    "judge",
    "read_config",
    "read_weights",
    "train",
]
