"""Local solutions for five features in the plane, one of which is denser or sparser than the rest.

Each kind of solution is a branch: as the last feature's density changes, its loss changes smoothly,
and the lowest loss of all jumps from one branch to another where two of them cross (paper: The
Geometry of Superposition, "Perturbing a single feature", #geometry-perturb).
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from superposition.measure.caching import cached
from superposition.measure.geometry.planar import AT_ZERO, DIGONS, SHARED, classify
from superposition.measure.geometry.singular import decompose
from superposition.measure.metrics import norms, product
from superposition.measure.network import Network

PENTAGON = "pentagon"
"""All five features, the varied one farther from its neighbours or closer to them."""
WITHOUT = "two digons, the varied feature at zero"
"""The other four features in two digons."""
WITHOUT_ANOTHER = "two digons, another feature at zero"
"""The varied feature and three others in two digons."""
ARM_SHARED = SHARED
"""Two digons, and a fifth feature on one of their four arms."""
OTHER = "other"

NEAR = 2.0
"""The crossing is found from points whose relative densities are within this factor of it."""


class Crossing(NamedTuple):
    """Where two branches cross."""

    relative: float
    """Relative density at which both have the same loss."""
    below: float
    """Largest relative density trained below the crossing."""
    above: float
    """Smallest one above."""
    slopes: tuple[float, float]
    """Slopes of the two branches' losses there, per unit of relative density."""
    curve: Float[np.ndarray, "2 grid"]
    """The fitted difference of the losses: relative densities, and values."""


class Runs(NamedTuple):
    """The runs at one relative density that did not diverge."""

    relative: float
    """Density of the last feature over that of the others."""
    W: Float[np.ndarray, "runs 2 n"]
    """Weights."""
    loss: Float[np.ndarray, " runs"]
    """Losses."""
    kinds: tuple[str, ...]
    """Branches."""

    def of(self, branch: str) -> Int[np.ndarray, " some"]:
        """The runs on a branch, by their places, in the order of their losses."""
        order = np.argsort(self.loss, kind="stable")
        return np.asarray(order[np.array(self.kinds)[order] == branch])

    def lowest(self, branch: str) -> float:
        """The lowest loss on a branch; not a number if there is none."""
        return float(self.loss[self.of(branch)].min()) if branch in self.kinds else float("nan")


def by_relative_density(networks: Iterable[Network]) -> list[Runs]:
    """All runs by the relative density of the last feature, from sparse to dense."""
    found: dict[float, list[Network]] = {}
    for network in networks:
        if np.isfinite(network.loss):
            found.setdefault(network.relative, []).append(network)
    return [
        Runs(
            relative,
            np.stack([network.W for network in found[relative]]),
            np.array([network.loss for network in found[relative]]),
            tuple(kind(network.W) for network in found[relative]),
        )
        for relative in sorted(found)
    ]


@cached(8192)
def kind(W: Float[np.ndarray, "2 n"]) -> str:
    """The branch that a solution is on, of features of which the last one differs."""
    shape = classify(W)
    if shape == f"{DIGONS}, one at zero":
        return WITHOUT if norms(W)[-1] < AT_ZERO else WITHOUT_ANOTHER
    return shape if shape in (PENTAGON, ARM_SHARED) else OTHER


def crossing_of(densities: Sequence[Runs]) -> Crossing | None:
    """The crossing of the lowest losses of pentagons and of digons without the varied feature."""
    relative = np.array([runs.relative for runs in densities])
    first, second = (
        np.array([runs.lowest(branch) for runs in densities]) for branch in (PENTAGON, WITHOUT)
    )
    return crossing(relative, first, second)


def crossing(
    relative: Float[np.ndarray, " points"],
    first: Float[np.ndarray, " points"],
    second: Float[np.ndarray, " points"],
) -> Crossing | None:
    """The crossing of two branches, or None if they do not cross exactly once.

    At each density the two losses are of the same evaluation sample, but densities have samples of
    their own, so that the difference of the losses scatters around a smooth curve. That curve is
    taken to be a parabola in the relative density, fitted to the points within a factor `NEAR` of
    where the difference changes sign; the crossing is its root.

    Relative densities ascend; losses are the lowest on either branch, not numbers where it was not
    found.
    """
    both = np.isfinite(first) & np.isfinite(second)
    q, losses = relative[both], np.stack([first, second])[:, both]
    difference = losses[0] - losses[1]
    changes = np.flatnonzero(np.sign(difference[1:]) != np.sign(difference[:-1]))
    if changes.size != 1:
        return None
    below, above = q[changes[0]], q[changes[0] + 1]
    middle = np.sqrt(below * above)
    near = (q >= middle / NEAR) & (q <= middle * NEAR)
    if near.sum() < 4:
        return None
    return _root(q[near], losses[:, near], float(below), float(above))


def _root(q: np.ndarray, losses: np.ndarray, below: float, above: float) -> Crossing | None:
    """The root of the parabola fitted to the difference of two losses."""
    grid = np.linspace(float(q.min()), float(q.max()), 4001)
    fit = decompose(np.vander(q - below, 3))  # left: three parabolas, orthonormal on the points
    at = product(np.vander(grid - below, 3), fit.right / fit.values)  # the same on the grid
    coefficients = product(losses, fit.left)
    curves = product(coefficients, at.T)
    fitted = curves[0] - curves[1]
    roots = 1 + np.flatnonzero(np.sign(fitted[2:]) != np.sign(fitted[1:-1]))
    if not roots.size:
        return None
    root = int(roots[np.abs(grid[roots] - (below + above) / 2).argmin()])
    slopes = (curves[:, root + 1] - curves[:, root - 1]) / (grid[root + 1] - grid[root - 1])
    place = float(grid[root])
    curve = np.stack([grid, fitted])[:, ::40]
    return Crossing(place, below, above, (float(slopes[0]), float(slopes[1])), curve)
