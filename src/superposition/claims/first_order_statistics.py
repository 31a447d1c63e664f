"""Numbers that tell a phase change of first order: the loss has a kink, and the weights jump."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from superposition.claims.phase_statistics import NEAR, diagram_of, first_superposed
from superposition.claims.records import Network
from superposition.theory import phase, two_features


class _Crossing(NamedTuple):
    """The losses of both phases, continued to where they meet, by column."""

    gap: Float[np.ndarray, " columns"]
    """By how much they fail to meet between the two rows, relative to the loss."""
    jump: Float[np.ndarray, " columns"]
    """dL/ds below, minus dL/ds above, halfway between the two rows."""
    relative: Float[np.ndarray, " columns"]


def _crossing(networks: Sequence[Network]) -> _Crossing:
    """Return how the loss of two features passes the boundary, from three rows on either side.

    The exact expected loss of the trained weights, without the noise of a sample. Through three
    rows on either side goes a parabola, which is what theory says each phase's loss is.
    """
    diagram = diagram_of(networks)
    loss = two_features.loss(
        diagram.W[:, :, 0], diagram.b, diagram.relative[None, :], diagram.density[:, None]
    )
    aside = np.abs(np.log(diagram.relative)) > np.log(NEAR)
    gap, jump = [], []
    for column, first in enumerate(first_superposed(diagram)):
        if not aside[column]:
            continue
        if not 3 <= first <= diagram.density.size - 3:
            gap.append(np.nan)
            jump.append(np.nan)
            continue
        s, L = diagram.density, loss[:, column]
        above, below = slice(first - 3, first), slice(first, first + 3)
        ends = np.array([s[first], s[first - 1]])
        middle = ends.mean()
        dense, sparse = (_parabola(s[side], L[side], ends)[0] for side in (above, below))
        # The pair must be better at the sparser row, and worse at the denser one.
        apart = np.array([sparse[0] - dense[0], dense[1] - sparse[1]])
        gap.append(float(np.maximum(apart, 0.0).max() / L[first]))
        slopes = [_parabola(s[side], L[side], np.array([middle]))[1][0] for side in (above, below)]
        jump.append(float(slopes[1] - slopes[0]))
    return _Crossing(np.array(gap), np.array(jump), diagram.relative[aside])


def _parabola(x: np.ndarray, y: np.ndarray, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the values and slopes of the parabola through three points."""
    first = (y[1] - y[0]) / (x[1] - x[0])
    second = ((y[2] - y[1]) / (x[2] - x[1]) - first) / (x[2] - x[0])
    value = y[0] + first * (at - x[0]) + second * (at - x[0]) * (at - x[1])
    return value, first + second * (2.0 * at - x[0] - x[1])


def loss_gap(networks: Sequence[Network]) -> float:
    """Return by how much the loss jumps at the boundary at most, relative to the loss."""
    return float(_crossing(networks).gap.max())


def slope_jumps(networks: Sequence[Network]) -> np.ndarray:
    """Return the jumps of dL/ds at the boundary relative to theory's: the smallest, the median."""
    crossing = _crossing(networks)
    below, above = phase.slopes_at_boundary(1, crossing.relative)
    ratio = crossing.jump / (below - above)
    return np.array([ratio.min(), np.median(ratio)])


def _products(networks: Sequence[Network]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return densities and W_1 W_2 along each relative importance, as they come."""
    relative = list(dict.fromkeys(network.relative for network in networks))
    columns = [[network for network in networks if network.relative == r] for r in relative]
    return [
        (
            np.array([network.density for network in column]),
            np.array([network.W[0, 0] * network.W[0, 1] for network in column]),
        )
        for column in columns
    ]


def flips(networks: Sequence[Network]) -> np.ndarray:
    """Return the density, by relative importance, at which W_1 W_2 first turns negative."""
    found = []
    for density, product in _products(networks):
        first = int((product < 0).argmax())
        found.append(np.sqrt(density[first - 1] * density[first]) if first else np.nan)
    return np.array(found)


def _steps(networks: Sequence[Network]) -> list[np.ndarray]:
    """Return the sizes of the steps of W_1 W_2 from each density to the next, largest first."""
    return [np.sort(np.abs(np.diff(product)))[::-1] for _, product in _products(networks)]


def smallest_flip(networks: Sequence[Network]) -> float:
    """Return the smallest, over relative importances, of the largest steps of W_1 W_2."""
    return float(min(steps[0] for steps in _steps(networks)))


def largest_other_step(networks: Sequence[Network]) -> float:
    """Return the largest step of W_1 W_2 apart from that largest one."""
    return float(max(steps[1] for steps in _steps(networks)))
