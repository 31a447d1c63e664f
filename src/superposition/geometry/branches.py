"""Local solutions for five features in the plane, one of which is denser or sparser than the rest.

Each kind of solution is a branch: as the last feature's density changes, its loss changes smoothly,
and the lowest loss of all jumps from one branch to another where two of them cross (paper: The
Geometry of Superposition, "Perturbing a single feature", #geometry-perturb).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from superposition.geometry.planar import AT_ZERO, DIGONS, SHARED, classify
from superposition.metrics import norms

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
_T_95 = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179)
"""Student's t for a two-sided 95 % interval, by degrees of freedom from 1; about 2.1 beyond."""


class Crossing(NamedTuple):
    """Where two branches cross."""

    relative: float
    """Relative density at which both have the same loss."""
    low: float
    """Lower end of the 95 % interval."""
    high: float
    """Upper end."""
    below: float
    """Largest relative density trained below the crossing."""
    above: float
    """Smallest one above."""
    slopes: tuple[float, float]
    """Slopes of the two branches' losses there, per unit of relative density."""
    curve: Float[np.ndarray, "2 grid"]
    """The fitted difference of the losses: relative densities, and values."""


def kind(W: Float[np.ndarray, "2 n"], varied: int = -1) -> str:
    """Return which branch a solution is on.

    Args:
        W: Weights.
        varied: The feature that differs.
    """
    shape = classify(W)
    if shape == f"{DIGONS}, one at zero":
        return WITHOUT if norms(W)[varied] < AT_ZERO else WITHOUT_ANOTHER
    return shape if shape in (PENTAGON, ARM_SHARED) else OTHER


def lowest(losses: Sequence[float], kinds: Sequence[str], wanted: str) -> float:
    """Return the lowest loss of the solutions of one kind; not a number if there are none."""
    there = [loss for loss, found in zip(losses, kinds, strict=True) if found == wanted]
    return min(there, default=np.nan)


def crossing(
    relative: Float[np.ndarray, " points"],
    first: Float[np.ndarray, " points"],
    second: Float[np.ndarray, " points"],
) -> Crossing | None:
    """Return where two branches cross, or None if they do not do so exactly once.

    At each density the two losses are of the same evaluation sample, but densities have samples of
    their own, so that the difference of the losses scatters around a smooth curve. That curve is
    taken to be a parabola in the relative density, fitted to the points within a factor `NEAR` of
    where the difference changes sign; the crossing is its root. The interval is 95 % of Student's t
    for the parabola's value there, from the scatter around it, divided by its slope.

    Args:
        relative: Relative densities, ascending.
        first: Lowest loss on one branch; not a number where it was not found.
        second: Lowest loss on the other.
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
    """Return the root of the parabola fitted to the difference of two losses, with its interval."""
    basis = _orthonormal(np.stack([(q - below) ** k for k in range(3)]))
    grid = np.linspace(float(q.min()), float(q.max()), 4001)
    at = _values(basis, grid - below)
    coefficients = (losses[:, None] * basis.functions).sum(axis=-1)
    curves = (coefficients[:, :, None] * at).sum(axis=1)
    fitted = curves[0] - curves[1]
    roots = 1 + np.flatnonzero(np.sign(fitted[2:]) != np.sign(fitted[1:-1]))
    if not roots.size:
        return None
    root = int(roots[np.abs(grid[roots] - (below + above) / 2).argmin()])
    slopes = (curves[:, root + 1] - curves[:, root - 1]) / (grid[root + 1] - grid[root - 1])
    residual = losses - (coefficients[:, :, None] * basis.functions).sum(axis=1)
    freedom = q.size - len(basis.functions)
    scatter = np.sqrt(((residual[0] - residual[1]) ** 2).sum() / freedom)
    error = scatter * np.sqrt((at[:, root] ** 2).sum()) / abs(slopes[0] - slopes[1])
    width = error * (_T_95[freedom - 1] if freedom <= len(_T_95) else 2.1)
    place = float(grid[root])
    curve = np.stack([grid, fitted])[:, ::40]
    ends = float(place - width), float(place + width)
    return Crossing(place, *ends, below, above, (float(slopes[0]), float(slopes[1])), curve)


class _Basis(NamedTuple):
    """Polynomials that are orthonormal on some points."""

    functions: np.ndarray
    """Their values there, [degree, points]."""
    recipe: np.ndarray
    """Their coefficients of 1, x, x² …, [degree, power]."""


def _orthonormal(powers: np.ndarray) -> _Basis:
    """Return 1, x, x² … made orthonormal one after the other (Gram and Schmidt), without LAPACK."""
    functions, recipe = powers.astype(np.float64), np.eye(len(powers))
    for k in range(len(powers)):
        for j in range(k):
            overlap = (functions[j] * functions[k]).sum()
            functions[k] -= overlap * functions[j]
            recipe[k] -= overlap * recipe[j]
        length = np.sqrt((functions[k] ** 2).sum())
        functions[k] /= length
        recipe[k] /= length
    return _Basis(functions, recipe)


def _values(basis: _Basis, x: np.ndarray) -> np.ndarray:
    """Return the polynomials' values at other points, [degree, points]."""
    powers = np.stack([x**k for k in range(len(basis.recipe))])
    return np.asarray((basis.recipe[:, :, None] * powers).sum(axis=1))
