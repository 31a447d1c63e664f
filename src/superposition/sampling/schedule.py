"""The density schedule: training that begins with denser samples than those it is for.

Very sparse features are hardly ever active while a network still looks for places for them. With
`initial_density` they begin denser and fall, in equal ratios, to their own density over the first
steps; evaluation samples are those of the features themselves. Where features differ all densities
have one factor, and none exceeds 1; it is of most features that `initial_density` tells.
"""

from math import sqrt

from superposition.config.settings import Cell, FeatureSettings

_HALVINGS = 6
STAGES = 2**_HALVINGS
"""Ratios in which densities fall: samples of a stage have one distribution."""


def stages(cell: Cell) -> dict[int, FeatureSettings]:
    """The features of each stage of a training, by the stage's first step (from 0), in order.

    Without a schedule there is one stage. A fall of fewer steps than `STAGES` leaves stages out.
    """
    features, training, own = cell.features, cell.training, cell.density
    steps = int(training.density_fall * training.steps)
    if not training.initial_density or not steps:
        return {0: features}
    # Square roots are the same on every machine, other powers are not.
    density, ratio = training.initial_density, own / training.initial_density
    for _ in range(_HALVINGS):
        ratio = sqrt(ratio)
    found = {}
    for stage in range(STAGES):
        denser = tuple(min(1.0, density * (p / own)) for p in features.feature_probability)
        found[-(-stage * steps // STAGES)] = features.model_copy(
            update={"feature_probability": denser}
        )
        density *= ratio
    return {**found, steps: features}


def features_at(cell: Cell, step: int) -> FeatureSettings:
    """The distribution of the samples at a step (from 0)."""
    by_step = stages(cell)
    return by_step[max(first for first in by_step if first <= step)]
