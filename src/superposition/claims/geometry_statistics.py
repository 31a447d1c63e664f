"""Numbers measured on networks of equally important features, one by one or as a curve of D*.

A curve is the networks of one experiment, from dense to sparse. Functions of a repetition return a
number for each experiment that is in it, in its order, unless they say otherwise.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache

import numpy as np
from jaxtyping import Float

from superposition.claims.records import Network, Repetition, Values
from superposition.claims.statistics import by_cell
from superposition.geometry import dimensions
from superposition.metrics import dimensions_per_feature, feature_dimensionality

SPARSE = 5.0
"""1/(1 − S) beyond which the paper's notebook shows no clusters."""
LEARNED = 0.1
"""Features with a smaller D_i share what little the others leave, and are not counted."""
PAIRED = (2.1, 3.6)
"""1/(1 − S) between which D* is on its plateau at 1/2 in the notebook's run, at four levels."""
ON_HALF = 0.01
"""Distance from 1/2 at which a feature counts as one of a digon."""

Levels = Float[np.ndarray, " levels"]


def total_share(network: Network) -> float:
    """Return Σ D_i / m, the part of the hidden space that features have: 1 if none is wasted."""
    return float(_D(network).sum()) / int(network.W.shape[0])


def at_densest(networks: Repetition) -> Values:
    """Return D* where features are densest."""
    return tuple(float(stars[0]) for _, stars in _curves(networks))


def at_sparsest(networks: Repetition) -> Values:
    """Return D* where features are sparsest."""
    return tuple(float(stars[-1]) for _, stars in _curves(networks))


def stays_at_one(networks: Repetition) -> Values:
    """Return the 1/(1 − S) up to which D* is at 1 from the densest level on; 0 if it never is."""
    ends = []
    for places, stars in _curves(networks):
        held = int(np.append(dimensions.on_plateau(stars, 1.0), False).argmin())
        ends.append(float(places[held - 1]) if held else 0.0)
    return tuple(ends)


def plateau_stretch(networks: Repetition) -> Values:
    """Return by which factor 1/(1 − S) grows, at most, between levels that are all at D* = 1/2.

    1 for a single level, 0 for none.
    """
    stretches = []
    for places, stars in _curves(networks):
        longest, start = 0.0, None
        for place, held in zip(places, dimensions.on_plateau(stars), strict=True):
            start = (place if start is None else start) if held else None
            longest = max(longest, float(place / start) if start is not None else 0.0)
        stretches.append(longest)
    return tuple(stretches)


def largest_rise(networks: Repetition) -> Values:
    """Return the largest step of D* from a level to the next, sparser one."""
    return tuple(dimensions.largest_rise(stars) for _, stars in _curves(networks))


def largest_difference(networks: Repetition) -> Values:
    """Return how far D* of each other experiment is from the first's, at most.

    The first curve is interpolated, in log 1/(1 − S), to the other's levels as far as it goes.
    """
    (places, stars), *others = _curves(networks)
    differences = []
    for other_places, other_stars in others:
        shared = (other_places >= places[0] * 0.999) & (other_places <= places[-1] * 1.001)
        first = np.interp(np.log(other_places[shared]), np.log(places), stars)
        differences.append(float(np.abs(other_stars[shared] - first).max(initial=0.0)))
    return tuple(differences)


def features_on_line(fraction: Fraction) -> Callable[[Repetition], float]:
    """Return a measure: the features on a line of D_i, or 0 if its flanks are nearly as full."""

    def measure(networks: Repetition) -> float:
        (line,) = dimensions.lines(*_dimensionalities(networks), {"": fraction})
        return float(line.count if line.stands_out else 0)

    return measure


def named_lines_when_sparse(networks: Repetition) -> float:
    """Return how many of the paper's lines there are beyond 1/(1 − S) = 5."""
    sparse = _sparse(networks)
    return float(sum(line.is_there for line in dimensions.lines(*_dimensionalities(sparse))))


def share_on_lines_when_sparse(networks: Repetition) -> float:
    """Return which part of learned features is at the paper's fractions beyond 1/(1 − S) = 5."""
    return dimensions.share_on_lines(*_dimensionalities(_sparse(networks)), smallest=LEARNED)


def share_of_learned_when_sparse(networks: Repetition) -> float:
    """Return which part of all D_i learned features have beyond 1/(1 − S) = 5, at least."""
    D = _dimensionalities(_sparse(networks))[0]
    return float((np.where(D >= LEARNED, D, 0.0).sum(axis=1) / D.sum(axis=1)).min())


def features_on_half(networks: Repetition) -> Values:
    """Return the features with D_i of 1/2, of each network on the notebook's plateau."""
    return tuple(float(_on_half(network).sum()) for network in _paired(networks))


def left_to_others(networks: Repetition) -> Values:
    """Return Σ D_i of all features that do not have 1/2, of each of these networks."""
    return tuple(float(_D(n)[~_on_half(n)].sum()) for n in _paired(networks))


def cluster_width(network: Network) -> float:
    """Return how far learned features are from the middle of their cluster, root mean square.

    A cluster ends where there is no other D_i within the width of a line. Not a number if so few
    features are learned that they would not make a line.
    """
    D = np.sort(_D(network))
    D = D[D >= LEARNED]
    if D.size < dimensions.FEWEST:
        return float("nan")
    clusters = np.split(D, np.flatnonzero(np.diff(D) > 2 * dimensions.HALF_WIDTH) + 1)
    apart = np.concatenate([cluster - cluster.mean() for cluster in clusters])
    return float(np.sqrt((apart**2).mean()))


def narrowing(networks: Repetition) -> Values:
    """Return how wide clusters are in each other cell's networks, over the first cell's.

    Of each the geometric mean over its runs: single networks differ by factors.
    """
    widths = [np.array([cluster_width(network) for network in runs]) for runs in by_cell(networks)]
    first, *others = (float(np.exp(np.log(of_one).mean())) for of_one in widths)
    return tuple(width / first for width in others)


def _curves(networks: Repetition) -> list[tuple[Levels, Levels]]:
    """Return 1/(1 − S) and D* of each experiment."""
    curves: dict[str, list[tuple[float, float]]] = {}
    for network in networks:
        level = (1 / network.density, float(dimensions_per_feature(network.W)))
        curves.setdefault(network.experiment, []).append(level)
    return [(array[:, 0], array[:, 1]) for array in map(np.array, curves.values())]


def _dimensionalities(
    networks: Sequence[Network],
) -> tuple[Float[np.ndarray, "levels n"], Levels]:
    """Return D_i and D* of the networks of the first one's experiment."""
    of_first = [n for n in networks if n.experiment == networks[0].experiment]
    stars = np.array([float(dimensions_per_feature(n.W)) for n in of_first])
    return np.stack([_D(n) for n in of_first]), stars


def _sparse(networks: Repetition) -> list[Network]:
    return [network for network in networks if 1 / network.density > SPARSE]


def _paired(networks: Repetition) -> list[Network]:
    return [network for network in networks if PAIRED[0] < 1 / network.density < PAIRED[1]]


def _on_half(network: Network) -> np.ndarray:
    near: np.ndarray = np.abs(_D(network) - 0.5) <= ON_HALF
    return near


def _D(network: Network) -> Float[np.ndarray, " n"]:
    """Return D_i of every feature."""
    return _dimensionality(network.W.tobytes(), network.W.shape)


@lru_cache(maxsize=256)
def _dimensionality(W: bytes, shape: tuple[int, int]) -> Float[np.ndarray, " n"]:
    """Return D_i of a network; kept, for many checks ask for those of the same networks."""
    return feature_dimensionality(np.frombuffer(W, dtype=np.float64).reshape(shape))
