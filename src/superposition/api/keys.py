"""The keys of config.yaml as editors and type checkers know them; `config/` has their rules.

A test holds them to the schema.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, TypedDict

from numpy.typing import NDArray

from superposition.config.settings import Optimizer, Schedule

Numbers: TypeAlias = Sequence[Any] | NDArray[Any]
"""Numbers in a list, a range, an array or a tensor."""
Range: TypeAlias = Mapping[str, float]
"""Numbers in equal ratios, `{"first": 1.0, "last": 0.01, "points": 40}`."""


class TrainingKeys(TypedDict, total=False):
    """The optimiser's recipe; a list of values for any key but snapshots sweeps it."""

    optimizer: Optimizer | Sequence[Optimizer]
    learning_rate: float | Numbers
    schedule: Schedule | Sequence[Schedule]
    weight_decay: float | Numbers
    beta1: float | Numbers
    beta2: float | Numbers
    epsilon: float | Numbers
    batch: int | Numbers
    steps: int | Numbers
    activation_penalty: float | Numbers
    attack: float | Numbers
    initial_scale: float | Numbers
    initial_bias: float | Numbers
    initial_density: float | Numbers
    density_fall: float | Numbers
    warm_up: int | Numbers
    decay_biases: bool | Sequence[bool]
    examples: int | Numbers
    initial_batch: int | Numbers
    snapshots: Numbers | Range


class DictionaryKeys(TypedDict, total=False):
    """Sparse autoencoders: of each size one with each penalty, most_active and price."""

    sizes: Numbers
    penalties: Numbers
    most_active: Numbers
    prices: Numbers
    bandwidth: float
    learning_rate: float
    batch: int
    steps: int
