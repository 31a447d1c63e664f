"""How many dimensions features get: D* over density, and the sticky lines of D_i.

Paper: The Geometry of Superposition, "Uniform Superposition" (#geometry-uniform) and "Feature
Dimensionality" (#geometry-dimensionality).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from jaxtyping import Bool, Float

from superposition.measure.geometry.graphs import components
from superposition.measure.geometry.shapes import POLYTOPES
from superposition.measure.metrics import (
    dimensions_per_feature,
    feature_dimensionality,
    is_learned,
)

NAMED: dict[str, Fraction] = {
    name: POLYTOPES[name].fractions[0]
    for name in ("tetrahedron", "triangle", "digon", "pentagon", "square antiprism")
}
"""Lines that the paper names. D_i = 1 is not one: there the feature basis is not privileged."""

NOT_EXPECTED: dict[str, Fraction] = {
    "triangular bipyramid": Fraction(3, 5),
    "pentagonal bipyramid": Fraction(3, 7),
}
"""Where bipyramids would be, if they were not a polygon and a digon in dimensions of their own."""

HALF_WIDTH = 0.005
"""Distance from a line at which a feature is still on it."""
FEWEST = 10
"""Features that make a line."""
DENSE = 0.95
"""Levels with D* of this or more are left out: the basis is arbitrary there, and D_i with it."""
PLATEAU_WIDTH = 0.03
"""Distance from a plateau at which D* is still on it."""


@dataclass(frozen=True)
class Members:
    """The features of networks that are in components of a polytope's size and dimensions.

    Attributes:
        name: The polytope.
        fraction: The dimensionality that its vertices have.
        D: D_i of the features.
    """

    name: str
    fraction: Fraction
    D: Float[np.ndarray, " features"]

    @property
    def mean(self) -> float:
        """Their mean D_i; not a number if there are none."""
        return float(self.D.mean()) if self.D.size else float("nan")

    @property
    def are_nearest(self) -> bool:
        """Whether their mean D_i is nearer to their fraction than to any other that is named."""
        return self.fraction == min(NAMED.values(), key=lambda other: abs(self.mean - other))

    @property
    def are_together(self) -> bool:
        """Whether their standard deviation is at most half of the way to the next fraction."""
        others = (abs(self.fraction - other) for other in NAMED.values() if other != self.fraction)
        return bool(self.D.size) and float(self.D.std()) <= min(others) / 2

    def share_on_line(self, D: Float[np.ndarray, " others"]) -> float:
        """How sharp their line is among all features with these D_i.

        Of those within three times its half width of their median, the share within its half width:
        a third if D_i are evenly spread there, and 1 if there are none beside the line. Not a
        number if there are none at all.
        """
        distance = np.abs(D - np.median(self.D)) if self.D.size else np.array([])
        near = distance <= 3 * HALF_WIDTH
        return float((distance[near] <= HALF_WIDTH).mean()) if near.any() else float("nan")

    @property
    def make_a_line(self) -> bool:
        """Whether there are enough of them, together where the polytope's are to be."""
        return self.D.size >= FEWEST and self.are_nearest and self.are_together


def features_per_dimension(
    W: Float[np.ndarray, "*batch n_hidden n_features"],
) -> Float[np.ndarray, "*batch"]:
    """1 / D* = ‖W‖_F² / m, represented features per hidden dimension; 0 if W is zero."""
    return np.asarray(1.0 / dimensions_per_feature(W))


def members(
    networks: Iterable[Float[np.ndarray, "m n"]],
    learned_alone: bool = False,
    fractions: Mapping[str, Fraction] = NAMED,
) -> tuple[Members, ...]:
    """The features in components like each of some polytopes, of networks that are not dense.

    The fraction of a polytope is that of its features if nothing else shares their dimensions. With
    hundreds of features that are hardly learned, each dimension gives a little to them, and the
    features lie together a little lower. So a line is told by the features, not by its place.

    Args:
        networks: W of each.
        learned_alone: Whether features that are hardly learned are left out of D_i.
        fractions: Those of the polytopes, by name.
    """
    found: dict[str, list[float]] = {name: [] for name in fractions}
    names = {POLYTOPES[name].build().shape[::-1]: name for name in fractions}
    for W in networks:
        if dimensions_per_feature(W) >= DENSE:
            continue
        D = feature_dimensionality(np.where(is_learned(W), W, 0.0) if learned_alone else W)
        for group in components(W):
            if name := names.get((len(group.members), group.dimensions)):
                found[name] += D[list(group.members)].tolist()
    return tuple(Members(name, fractions[name], np.array(D)) for name, D in found.items())


def share_on_lines(
    D: Float[np.ndarray, "levels n_features"],
    D_star: Float[np.ndarray, " levels"],
    smallest: float,
) -> float:
    """The share of features with D_i of at least `smallest` that is on one of the named lines.

    Levels that are dense are left out; not a number if no feature is left.
    """
    values = D[D_star < DENSE]
    values = values[values >= smallest]
    places = np.array([float(fraction) for fraction in NAMED.values()])
    if values.size == 0:
        return float("nan")
    return float((np.abs(values[:, None] - places) <= HALF_WIDTH).any(axis=1).mean())


def on_plateau(
    D_star: Float[np.ndarray, " levels"], at: float = 0.5
) -> Bool[np.ndarray, " levels"]:
    """Whether each level has a D* close to a plateau."""
    return np.abs(D_star - at) < PLATEAU_WIDTH


def largest_rise(D_star: Float[np.ndarray, " levels"]) -> float:
    """The largest step of D* from a level to the next, sparser one.

    Below 0 if D* falls at every step; minus infinity for a single level.
    """
    return float(np.diff(D_star).max(initial=-np.inf))
