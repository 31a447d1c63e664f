"""Numbers measured on whole phase diagrams: a network at every density and relative importance.

The *extra* feature is the last. It counts as being in superposition if it is more than half as long
as one that is learned and shares more than half a dimension: halfway in both directions of the
figure's colours.
"""

import json
from collections.abc import Sequence
from importlib.resources import files
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from superposition.claims.records import Network
from superposition.metrics import ANTIPODAL, ORTHOGONAL, cosines, interference, norms
from superposition.theory import phase

_HALF = 0.5
_RIGHT = 0.1
"""Directions count as orthogonal if their cosine is below this (within 6°)."""
NEAR, _FAR = 1.25, 5.0
"""Importances within the one factor are about equal; beyond the other, far from it."""
_MARGIN = 1.2
"""Points within this factor of a boundary of the simple theory are left out: with all weights and
biases free the boundary is up to 13 % higher, and lies anywhere between two rows."""


class Diagram(NamedTuple):
    """A repetition as arrays: rows from dense to sparse, columns by relative importance."""

    density: Float[np.ndarray, " rows"]
    relative: Float[np.ndarray, " columns"]
    W: Float[np.ndarray, "rows columns m n"]
    b: Float[np.ndarray, "rows columns n"]


def diagram_of(networks: Sequence[Network]) -> Diagram:
    """Return the networks of a repetition as a diagram."""
    relative = np.unique([network.relative for network in networks])
    shape = (-1, relative.size)
    W = np.stack([network.W for network in networks])
    b = np.stack([network.b for network in networks])
    density = np.array([network.density for network in networks]).reshape(shape)[:, 0]
    return Diagram(
        density, relative, W.reshape(*shape, *W.shape[1:]), b.reshape(*shape, b.shape[1])
    )


def is_superposed(W: Float[np.ndarray, "*grid m n"]) -> Bool[np.ndarray, "*grid"]:
    """Return where the extra feature is in superposition."""
    return np.asarray((norms(W)[..., -1] > _HALF) & (interference(W)[..., -1] > _HALF))


def first_superposed(diagram: Diagram) -> np.ndarray:
    """Return the number of the densest row in superposition, by column; all rows if none is."""
    superposed = is_superposed(diagram.W)
    return np.where(superposed.any(axis=0), superposed.argmax(axis=0), diagram.density.size)


def _boundary(diagram: Diagram) -> np.ndarray:
    """Return the density of the boundary by column, halfway between two rows; else not a number."""
    first = first_superposed(diagram)
    there = (first > 0) & (first < diagram.density.size)
    row = np.where(there, first, 1)
    return np.where(there, np.sqrt(diagram.density[row] * diagram.density[row - 1]), np.nan)


def _paper(panel: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the relative importances and the boundary read off a panel of the paper's figure."""
    resource = files("superposition") / "reference" / "paper_phase_n2m1.json"
    read = json.loads(resource.read_text(encoding="utf-8"))
    return np.array(read["relative_importance"]), np.array(read[panel])


def _boundary_at(networks: Sequence[Network], wanted: np.ndarray) -> np.ndarray:
    """Return the boundary at other relative importances, in between on logarithmic axes."""
    diagram = diagram_of(networks)
    edge = np.interp(np.log(wanted), np.log(diagram.relative), np.log(_boundary(diagram)))
    return np.asarray(np.exp(edge))


def boundary_to_papers_theory(networks: Sequence[Network]) -> np.ndarray:
    """Return the boundary relative to the one read off the paper's theory panel."""
    wanted, paper = _paper("theory")
    return np.asarray(_boundary_at(networks, wanted) / paper)


def boundary_to_papers_experiment(networks: Sequence[Network]) -> np.ndarray:
    """Return the boundary relative to the one read off the paper's experiment."""
    wanted, paper = _paper("experiment")
    return np.asarray(_boundary_at(networks, wanted) / paper)


def boundary_to_simple_theory(networks: Sequence[Network]) -> float:
    """Return the boundary relative to theory's, in the mean over the paper's importances."""
    wanted, _ = _paper("experiment")
    ratio = _boundary_at(networks, wanted) / phase.boundary(1, wanted)
    return float(np.exp(np.log(ratio).mean()))


def meeting_density(networks: Sequence[Network]) -> float:
    """Return the density of the boundary at equal importance, where all regions meet."""
    return float(_boundary_at(networks, np.ones(1))[0])


def count_solutions(networks: Sequence[Network]) -> float:
    """Return how many different W there are."""
    return float(len({network.W.tobytes() for network in networks}))


def missed_near_and_far(networks: Sequence[Network]) -> np.ndarray:
    """Return in which share of points the pair is missed, at about equal importance and far away.

    Of all points well below the boundary of the simple theory, where the pair is best.
    """
    diagram = diagram_of(networks)
    edge = phase.boundary(1, diagram.relative) / _MARGIN
    below = diagram.density[:, None] < edge[None, :]
    unequal = np.abs(np.log(diagram.relative))
    missed = below & ~is_superposed(diagram.W)
    return np.array(
        [
            missed[:, columns].sum() / below[:, columns].sum()
            for columns in (unequal < np.log(NEAR), unequal > np.log(_FAR))
        ]
    )


def missed_near(networks: Sequence[Network]) -> float:
    """Return the share of points at about equal importance in which the pair is missed."""
    return float(missed_near_and_far(networks)[0])


def missed_nearer(networks: Sequence[Network]) -> float:
    """Return how much larger that share is than far from equal importance."""
    near, far = missed_near_and_far(networks)
    return float(near - far)


def extra_of(W: Float[np.ndarray, "*grid m n"]) -> np.ndarray:
    """Return what becomes of the extra feature: ignored, alone, in pair, or something between."""
    length, shared = norms(W)[..., -1], interference(W)[..., -1]
    rules = [length < _HALF, shared < ORTHOGONAL, shared > _HALF]
    return np.select(rules, ["ignored", "alone", "in pair"], "between")


def others_of(W: Float[np.ndarray, "*grid m n"]) -> np.ndarray:
    """Return what becomes of the other features among themselves."""
    W = W[..., :-1]
    absent = (norms(W) < _HALF).sum(axis=-1)
    angles = np.triu(cosines(W), 1)
    right = (np.abs(angles) < _RIGHT).all(axis=(-2, -1))
    opposite = (angles < ANTIPODAL).sum(axis=(-2, -1))
    rules = [absent == 1, absent > 1, right, opposite == 1]
    return np.select(rules, ["one ignored", "between", "alone", "in pair"], "between")


_FATES: dict[phase.Name, tuple[str, str]] = {
    "ignore_extra": ("ignored", "alone"),
    "ignore_other": ("alone", "one ignored"),
    "extra_in_pair": ("in pair", "alone"),
    "others_in_pair": ("alone", "in pair"),
}
"""What becomes of the extra feature, and of the others, in each of theory's solutions."""


def extra_as_in_theory(networks: Sequence[Network]) -> np.ndarray:
    """Return in which share of each region's points the extra feature is as in theory."""
    return _as_in_theory(networks, 0)


def others_as_in_theory(networks: Sequence[Network]) -> np.ndarray:
    """Return in which share of each region's points the other features are as in theory."""
    return _as_in_theory(networks, 1)


def _as_in_theory(networks: Sequence[Network], which: int) -> np.ndarray:
    """Return shares by region, in the order of `phase.solutions`, away from their boundaries."""
    n_hidden = networks[0].W.shape[0]
    names = [solution.name for solution in phase.solutions(n_hidden)]
    r = np.array([network.relative for network in networks])
    s = np.array([network.density for network in networks])
    best = phase.best(n_hidden, r, s)
    apart = np.abs(np.log(s / phase.boundary(n_hidden, r))) > np.log(_MARGIN)
    apart &= np.abs(np.log(r)) > np.log(_MARGIN)
    fate = (extra_of, others_of)[which](np.stack([network.W for network in networks]))
    regions = [apart & (best == place) for place in range(len(names))]
    return np.array(
        [
            np.mean(fate[region] == _FATES[name][which]) if region.any() else np.nan
            for name, region in zip(names, regions, strict=True)
        ]
    )


def as_in_two_dimensions(networks: Sequence[Network]) -> np.ndarray:
    """Return in which share of points each larger m has the same solution as m = 2."""
    by_size: dict[int, list[np.ndarray]] = {}
    for network in networks:
        by_size.setdefault(network.W.shape[0], []).append(network.W)
    fates = {m: [f(np.stack(W)) for f in (extra_of, others_of)] for m, W in by_size.items()}
    extra, others = fates.pop(2)
    return np.array([np.mean((e == extra) & (o == others)) for e, o in fates.values()])
