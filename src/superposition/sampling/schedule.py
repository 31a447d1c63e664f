"""What changes while a run is trained: the density of samples, and how many there are in a step.

Very sparse features are hardly ever active while a network still looks for places for them. With
`initial_density` samples begin denser and fall, in equal ratios, to their own density over the
first steps; evaluation samples are those of the features themselves. Where features differ all
densities have one factor, and none exceeds 1; it is of most features that `initial_density` tells.

With `initial_batch` a step begins with fewer samples, and their number grows in equal ratios over
all of training, in whole blocks.
"""

from collections.abc import Iterator, Mapping
from math import sqrt
from typing import NamedTuple, TypeVar

from superposition.config.derived import density, samples_per_step
from superposition.config.settings import Cell, FeatureSettings, RecipeSettings
from superposition.kernels.contracts.philox import BLOCK

_HALVINGS = 6
STAGES = 2**_HALVINGS
"""Ratios in which densities fall and batches grow: all steps of a stage are alike."""


class Stage(NamedTuple):
    """Steps that are alike."""

    features: FeatureSettings
    """The distribution of their samples."""
    batch: int
    """Samples of each of them."""


def stages(cell: Cell) -> dict[int, Stage]:
    """The stages of a training by their first steps (from 0), in order; one if nothing changes.

    Fewer steps than `STAGES` leave stages out.
    """
    features, batches = _falling(cell), _growing(cell.training)
    firsts = sorted({*features, *batches})
    return {first: Stage(_at(features, first), _at(batches, first)) for first in firsts}


def stage_at(cell: Cell, step: int) -> Stage:
    """The stage of a step (from 0)."""
    return _at(stages(cell), step)


def samples_seen(recipe: RecipeSettings) -> int:
    """How many samples a run sees."""
    batches = _growing(recipe)
    ends = [*list(batches)[1:], recipe.steps]
    return sum((end - first) * batches[first] for first, end in zip(batches, ends, strict=True))


def _falling(cell: Cell) -> dict[int, FeatureSettings]:
    """The features of the samples, by the first step from which on they have these densities."""
    features, training, own = cell.features, cell.training, density(cell)
    steps = int(training.density_fall * training.steps)
    if not training.initial_density or not steps:
        return {0: features}
    found = {}
    for first, level in _in_equal_ratios(training.initial_density, own, steps):
        denser = tuple(min(1.0, level * (p / own)) for p in features.feature_probability)
        found[first] = features.model_copy(update={"feature_probability": denser})
    return {**found, steps: features}


def _growing(recipe: RecipeSettings) -> dict[int, int]:
    """Samples of a step, by the first step from which on there are as many."""
    if not recipe.initial_batch or not recipe.steps:
        return {0: samples_per_step(recipe)}
    return {
        first: max(1, int(size / BLOCK + 0.5)) * BLOCK
        for first, size in _in_equal_ratios(recipe.initial_batch, recipe.batch, recipe.steps)
    }


def _in_equal_ratios(value: float, last: float, steps: int) -> Iterator[tuple[int, float]]:
    """Yield first steps, and values that go from one towards the other in equal ratios."""
    # Square roots are the same on every machine, other powers are not.
    ratio = last / value
    for _ in range(_HALVINGS):
        ratio = sqrt(ratio)
    for stage in range(STAGES):
        yield -(-stage * steps // STAGES), value
        value *= ratio


_Value = TypeVar("_Value")


def _at(by_step: Mapping[int, _Value], step: int) -> _Value:
    """What there is at a step, of things by their first steps."""
    return by_step[max(first for first in by_step if first <= step)]
