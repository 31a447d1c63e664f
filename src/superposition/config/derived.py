"""What follows from settings and decides bytes as they do, so that it counts as code of results."""

import statistics
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from superposition.config.settings import Cell, FeatureSettings, RecipeSettings


def density(cell: "Cell") -> float:
    """1 − S of a cell's features; where they differ, of most of them; the mean of a power law."""
    probabilities = cell.features.feature_probability
    if "frequency_exponent" in cell.swept:
        return statistics.fmean(probabilities)
    return statistics.mode(probabilities)


def value_bounds(features: "FeatureSettings") -> tuple[float, float]:
    """The least and the largest value of an active feature, before samples are normalised."""
    if isinstance(features.value_range, str):
        return (-1.0, 1.0) if features.value_range == "signed" else (0.0, 1.0)
    return features.value_range


def samples_per_step(recipe: "RecipeSettings") -> int:
    """Samples of a step that does not grow: the batch, or a whole data set that is smaller."""
    return min(recipe.batch, recipe.examples) if recipe.examples else recipe.batch


def sets_apart(key: str) -> bool:
    """Whether a key that is swept sets the last feature apart from the others."""
    return key.startswith("relative_")
