"""What follows from settings and decides bytes as they do, so that it counts as code of results."""

import statistics
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from superposition.config.settings import Cell, FeatureSettings, RecipeSettings


FALLING = ("frequency_exponent", "frequency_law")
"""Keys that say how densities fall over the features; an experiment has one of them at most."""


def falls(swept: Mapping[str, Any]) -> Any:
    """How a cell's densities fall over the features: an exponent, a law, or None: not at all."""
    return next((swept[key] for key in FALLING if key in swept), None)


def density(cell: "Cell") -> float:
    """1 − S of a cell's features; where they differ, of most of them; their mean if they fall."""
    probabilities = cell.features.feature_probability
    if falls(cell.swept) is not None:
        return float(f"{statistics.fmean(probabilities):.6g}")  # each is rounded to six digits
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
