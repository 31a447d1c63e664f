"""Follow-up, capacity: how the dimensions there are get divided among features.

Scherlis et al. (2022), Polysemanticity and Capacity in Neural Networks: the capacity of a
feature, C_i = (W_i · W_i)² / Σ_j (W_i · W_j)², is what the paper calls its dimensionality D_i.
Their model is another one: hidden activations are squared and summed, so that interference has a
closed form, in which the kurtosis of features stands for their sparsity. What they say of it is
held here against models with ReLU outputs, in which negative interference costs nothing.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from superposition.claims.bounds import at_least, at_most, between
from superposition.claims.claim import Basis, Cells, Check, Explanation, Task, claim, overall
from superposition.claims.controls import LINEAR, SCATTERED, SHUFFLED
from superposition.claims.networks import Library
from superposition.measure.elementary import log
from superposition.measure.geometry.capacity import (
    NONE,
    WHOLE,
    blocks_from_semi_orthogonal,
    from_semi_orthogonal,
    is_sharing,
)
from superposition.measure.geometry.graphs import NODE, components
from superposition.measure.metrics import feature_dimensionality, norms
from superposition.measure.network import Network

_FIRST, _LAST = 5, 20
"""Features at either end of importance: a sixteenth and a quarter of them."""
_SHORTEST = 0.1
"""Features that are shorter are not there at all."""
_NEAR = 0.05
"""Distance of C_i from 1/2 at which it counts as half of a dimension."""
_SHARING = (0.3, 0.1)
"""Densities between those at which none share and those at which all do: by the paper's theory of
two features in a dimension, the first 13 and 6 are alone, and the last 53 and 46 left out."""


def capacity(network: Network) -> np.ndarray:
    """C_i of each feature, from the most important to the least."""
    return feature_dimensionality(network.W)


def by_rank(network: Network) -> float:
    """The rank correlation of capacity with importance among features that share."""
    C = capacity(network)[is_sharing(network.W)]
    if C.size < 3:
        return float("nan")
    places = np.argsort(np.argsort(-C)) - (C.size - 1) / 2
    wanted = np.arange(C.size) - (C.size - 1) / 2
    return float((places * wanted).sum() / (wanted**2).sum())


def slope(network: Network) -> float:
    """How log C_i rises with log I_i among features that share: 1 if in proportion."""
    among = is_sharing(network.W)
    if among.sum() < 3:
        return float("nan")
    C, importance = log(capacity(network)[among]), log(network.importance[among])
    apart = importance - importance.mean()
    return float((apart * C).sum() / (apart**2).sum())


def _sharing_more(networks: Sequence[Network]) -> list[float]:
    """How many more features share than at the density before."""
    return [float(step) for step in np.diff([is_sharing(network.W).sum() for network in networks])]


def _halves(library: Library) -> dict[str, Any]:
    """Of features that share, the part with half of a dimension, at both densities."""
    found = {}
    for name, density in zip(("dense", "sparse"), _SHARING, strict=True):
        network = library.cell("many_features", density).best
        C = capacity(network)[is_sharing(network.W)]
        found[name] = float((np.abs(C - 0.5) < _NEAR).mean()) if C.size else float("nan")
    return found


def _hardly_learned(library: Library) -> dict[str, Any]:
    """The features that are in no block, and how far all are from semi-orthogonal."""
    W = library.cell("geometry_narrow", 0.67).best.W
    lengths = norms(W)
    short = lengths[(lengths > _SHORTEST) & (lengths <= NODE)]
    return {
        **{"short": short.size, "shortest": short.min(initial=NODE)},
        **{"longest": short.max(initial=_SHORTEST), "whole": from_semi_orthogonal(W)},
    }


_claim = partial(
    claim,
    section="Follow-up: Capacity",
    anchor="https://arxiv.org/abs/2210.01892",
    origin="others",
    basis=Basis(
        "lowest loss", "The authors' statements are about the optimal allocation of capacity."
    ),
    task=Task("many_features", n_features=80, n_hidden=20, importance_decay=0.9),
    control=SHUFFLED,
)
_UNIFORM = Task("geometry_narrow", n_features=200, n_hidden=15, importance_decay=1.0)

CLAIMS = (
    _claim(
        "F41",
        "The most important features have a dimension each, the least important none, and some "
        "between them share.",
        Check(
            f"least C_i of the first {_FIRST}",
            lambda n: capacity(n)[:_FIRST].min(),
            at_least(WHOLE, "a dimension of its own"),
        ),
        Check(
            f"largest C_i of the last {_LAST}",
            lambda n: capacity(n)[-_LAST:].max(),
            at_most(NONE, "left out"),
        ),
        Check(
            f"features with {NONE:g} < C_i < {WHOLE:g}",
            lambda n: is_sharing(n.W).sum(),
            at_least(_FIRST, "as many as are looked at above"),
        ),
        cells=(Cells("relu", _SHARING),),
    ),
    _claim(
        "F42",
        "Those that share do so in proportion to their importance.",
        Check(
            "rank correlation of C_i and I_i among them",
            by_rank,
            at_least(0.8, "in proportion it would be 1"),
            explanations=(
                Explanation(
                    None,
                    "Capacity comes in halves, which hardly depend on importance: of the features "
                    "that share, {dense:.0%} and {sparse:.0%}, at 1 − S = 0.3 and at 1 − S = 0.1, "
                    "have a C_i near ½. With ReLU outputs an antipodal pair costs nothing unless "
                    "both are active, so the next best after a whole dimension is half of one.",
                    _halves,
                ),
            ),
        ),
        Check(
            "slope of log C_i over log I_i among them",
            slope,
            between(0.5, 2, "in proportion it would be 1; within a factor of two"),
        ),
        cells=(Cells("relu", _SHARING),),
    ),
    _claim(
        "F43",
        "The sparser features are, the more of them share dimensions.",
        overall(
            "how many more share than at the next higher density",
            _sharing_more,
            at_least(0, "the more"),
        ),
        overall(
            "how many more at the sparsest than at the densest",
            lambda networks: sum(_sharing_more(networks)),
            at_least(40, "two for each dimension: pairs alone give that many"),
        ),
        cells=(Cells("relu", fewest=5),),
        control=LINEAR,
    ),
    _claim(
        "F44",
        "Embeddings fall into blocks, each of which is a multiple of a semi-orthogonal matrix, so "
        "that capacities sum to the number of dimensions.",
        Check(
            "Σ C_i / m",
            lambda n: capacity(n).sum() / len(n.W),
            between(0.95, 1 + 1e-9, "it cannot be more; 5 % for what training leaves unfinished"),
        ),
        Check(
            "dimensions of a block, mean",
            lambda n: np.mean([b.dimensions for b in components(n.W)] or [len(n.W)]),
            at_most(3, "the paper's polytopes have one to three"),
        ),
        Check(
            "‖G² − λG‖ / ‖λG‖ of a block, mean over dimensions",
            lambda n: blocks_from_semi_orthogonal(n.W),
            at_most(0.1, "a tenth; random directions have about a half"),
            explanations=(
                Explanation(
                    ("relu", 0.67),
                    "Blocks leave out features that are hardly learned, {short} of lengths from "
                    "{shortest:.2f} to {longest:.2f}, which take a little of every dimension. "
                    "The embedding as a whole is {whole:.2f} from a multiple of a semi-orthogonal "
                    "matrix.",
                    _hardly_learned,
                ),
            ),
        ),
        cells=(Cells("relu", (0.3, 0.1, 0.03)), Cells("relu", task=_UNIFORM, fewest=3)),
        control=SCATTERED,
    ),
)
