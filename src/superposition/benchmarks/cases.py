"""What is measured: one step of training, at the sizes of a configuration's experiments."""

from collections.abc import Iterable
from typing import NamedTuple

from superposition.config import Config
from superposition.settings import (
    Cell,
    FeatureSettings,
    ModelName,
    ModelSettings,
    TrainingSettings,
    ValueRange,
)

BATCH = 1024
"""Samples a step, everywhere: those of the published notebook. Costs grow as batches do."""

_DENSITIES = 3
"""Of each size, at most so many densities: the densest, the sparsest and the one between them."""


class Case(NamedTuple):
    """A model and how dense its features are; they are independent, and equally important."""

    n: int
    """Features."""
    m: int
    """Hidden dimensions."""
    model: ModelName
    """Row of the model table."""
    density: float
    """1 − S."""
    values: ValueRange = "unit"
    """Values of active features."""
    experiments: tuple[str, ...] = ()
    """Experiments that have this size, at any density."""

    def cell(self, steps: int, batch: int = BATCH) -> Cell:
        """Return what trains this, with the notebook's recipe."""
        return Cell(
            features=FeatureSettings(
                n_features=self.n,
                feature_probability=(self.density,) * self.n,
                value_range=self.values,
            ),
            model=ModelSettings(model=self.model, n_hidden=self.m, importance=(1.0,) * self.n),
            training=TrainingSettings(steps=steps, batch=batch),
            seed=0,
            runs=1,
            evaluation_samples=1,
        )


def cases(config: Config) -> list[Case]:
    """Return the sizes of all experiments, smallest first, each at up to three densities.

    A size is n, m, the model and the range of values. The density between is the one that is
    nearest to the geometric mean of the extremes, of those that the experiments have.
    """
    found: dict[tuple[int, int, ModelName, ValueRange], dict[float, None]] = {}
    owners: dict[tuple[int, int, ModelName, ValueRange], dict[str, None]] = {}
    for name, cell in config.cells().items():
        features, model = cell.features, cell.model
        size = (features.n_features, model.n_hidden, model.model, features.value_range)
        found.setdefault(size, {})[features.feature_probability[0]] = None
        owners.setdefault(size, {})[name.partition("/")[0]] = None
    return [
        Case(n, m, model, density, values, tuple(owners[n, m, model, values]))
        for n, m, model, values in sorted(found, key=lambda size: (size[0] * size[1], size))
        for density in spread(found[n, m, model, values])
    ]


def spread(densities: Iterable[float]) -> list[float]:
    """Return the largest, the middle and the smallest of some densities, as far as they differ."""
    descending = sorted(set(densities), reverse=True)
    if len(descending) <= _DENSITIES:
        return descending
    target = (descending[0] * descending[-1]) ** 0.5
    middle = min(descending[1:-1], key=lambda p: max(p / target, target / p))
    return [descending[0], middle, descending[-1]]
