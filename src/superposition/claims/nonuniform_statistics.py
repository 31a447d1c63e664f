"""Numbers about a feature that differs from the others, from which claims are made.

Those that take a network measure one; those that take a repetition look at many together.
"""

from functools import lru_cache

import numpy as np

from superposition.claims.records import Network, Repetition
from superposition.claims.statistics import by_cell, lowest_loss
from superposition.geometry import branches, planar
from superposition.geometry.branches import PENTAGON, WITHOUT, Crossing
from superposition.metrics import feature_dimensionality, norms

_PENTAGON_D = 2 / 5
_UNDEFINED = float("nan")


def uneven_polygon(network: Network) -> float:
    """Return the standard deviation of the angles from those of a regular polygon, in degrees."""
    return planar.unevenness(network.W)


def distance_to_two_fifths(network: Network) -> float:
    """Return the largest |D_i − 2/5|."""
    return float(np.abs(feature_dimensionality(network.W) - _PENTAGON_D).max())


def norm_times_threshold(network: Network) -> float:
    """Return the mean of ‖W_i‖ (1 − |b_i|), 1 if ‖W_i‖ = 1/(1 − |b_i|)."""
    return float((norms(network.W) * (1.0 - np.abs(network.b))).mean())


def squared_norm_times_threshold(network: Network) -> float:
    """Return the mean of ‖W_i‖² (1 − |b_i|), 1 if ‖W_i‖² = 1/(1 − |b_i|)."""
    return float((norms(network.W) ** 2 * (1.0 - np.abs(network.b))).mean())


def narrowest_gap_if_denser(networks: Repetition) -> float:
    """Return the smallest mean gap beside the varied feature of pentagons where it is denser."""
    return min(_gaps([n for n in networks if n.relative > 1]), default=_UNDEFINED)


def widest_gap_if_sparser(networks: Repetition) -> float:
    """Return the largest mean gap beside the varied feature of pentagons where it is sparser."""
    return max(_gaps([n for n in networks if n.relative < 1]), default=_UNDEFINED)


def smallest_widening(networks: Repetition) -> float:
    """Return the smallest change of that gap, in degrees, from a density to the next higher one."""
    gaps = _gaps(networks)
    return float(min(np.diff(gaps), default=_UNDEFINED))


def crossing(networks: Repetition) -> Crossing | None:
    """Return where the lowest losses of pentagons and of digons without the feature are equal."""
    cells = sorted(by_cell(networks), key=lambda runs: runs[0].relative)
    relative = np.array([runs[0].relative for runs in cells])
    lowest = np.array([_lowest_losses(runs) for runs in cells])
    return branches.crossing(relative, lowest[:, 0], lowest[:, 1])


def crossing_at(networks: Repetition) -> float:
    """Return the relative density of the crossing; not a number if there is not just one."""
    there = crossing(networks)
    return there.relative if there else _UNDEFINED


def crossing_from(networks: Repetition) -> float:
    """Return the lower end of its 95 % interval."""
    there = crossing(networks)
    return there.low if there else _UNDEFINED


def crossing_to(networks: Repetition) -> float:
    """Return the upper end of its 95 % interval."""
    there = crossing(networks)
    return there.high if there else _UNDEFINED


def slope_ratio(networks: Repetition) -> float:
    """Return the slope of the pentagons' loss over that of the digons' where they cross."""
    there = crossing(networks)
    return there.slopes[0] / there.slopes[1] if there else _UNDEFINED


def fewest_of_a_kind(networks: Repetition) -> float:
    """Return how many runs at least are on each branch next to the crossing, on either side."""
    there = crossing(networks)
    if there is None:
        return _UNDEFINED
    beside = [
        [_kind(n) for n in networks if np.isclose(n.relative, q)]
        for q in (there.below, there.above)
    ]
    return float(min(kinds.count(kind) for kinds in beside for kind in (PENTAGON, WITHOUT)))


def longest_varied_below(networks: Repetition) -> float:
    """Return the varied feature's largest norm in lowest-loss runs at which digons are the best."""
    best = [lowest_loss(runs) for runs in by_cell(networks)]
    below = [n for n in best if _kind(n) == WITHOUT]
    return max((float(norms(n.W)[-1]) for n in below), default=_UNDEFINED)


def out_of_order(networks: Repetition) -> float:
    """Return how many lowest-loss runs are not digons below one density and pentagons above it."""
    ordered = sorted((lowest_loss(runs) for runs in by_cell(networks)), key=lambda n: n.relative)
    kinds = [_kind(n) for n in ordered]
    wrong = [
        sum(k != WITHOUT for k in kinds[:place]) + sum(k != PENTAGON for k in kinds[place:])
        for place in range(1, len(kinds))
    ]
    return float(min(wrong, default=_UNDEFINED))


def _kind(network: Network) -> str:
    """Return the branch that a network is on; several checks ask for it."""
    return _kind_of(np.ascontiguousarray(network.W, dtype=np.float64).tobytes())


@lru_cache(maxsize=8192)
def _kind_of(W: bytes) -> str:
    """Return the branch of weights in the plane, given as bytes."""
    return branches.kind(np.frombuffer(W).reshape(2, -1))


def _lowest_losses(networks: list[Network]) -> tuple[float, float]:
    """Return the lowest loss of pentagons, and that of digons without the varied feature."""
    loss, kinds = [n.loss for n in networks], [_kind(n) for n in networks]
    return branches.lowest(loss, kinds, PENTAGON), branches.lowest(loss, kinds, WITHOUT)


def _gaps(networks: Repetition | list[Network]) -> list[float]:
    """Return the mean gap beside the last feature of each pentagon, by its relative density."""
    pentagons = [n for n in networks if _kind(n) == PENTAGON]
    pentagons.sort(key=lambda network: network.relative)
    return [float(planar.neighbour_gaps(n.W)[-1].mean()) for n in pentagons]
