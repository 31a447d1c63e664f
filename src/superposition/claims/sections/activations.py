"""Follow-up, other output activations: which of the paper's structures are there without ReLU.

A comment on the paper says that phase diagrams look different then (C22), and asks no further. What
is expected was worked out before a network was looked at, for features that are sparse: GELU, which
is between 0 and −0.17 below zero, lets an antipodal pair cost 6 % of what its features save, and a
pentagon 15 to 20 %, where with ReLU they cost nothing and about 4 %; tanh, which is odd, lets a
pair cost all that its second feature saves. A test computes these numbers.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import product
from typing import Any

import numpy as np

from superposition.claims.bounds import at_least, at_most, exactly
from superposition.claims.claim import Basis, Cells, Check, Explanation, Task, claim, overall
from superposition.claims.controls import NEXT_RELU, RELU, SCATTERED, SHUFFLED
from superposition.claims.networks import Library
from superposition.claims.statistics import (
    POSITIVE_INTERFERENCE,
    REPRESENTED_FEATURES,
    count,
)
from superposition.measure import metrics
from superposition.measure.geometry.shapes import polygon
from superposition.measure.metrics import feature_dimensionality, interference, is_represented
from superposition.measure.network import Network
from superposition.measure.structures.comparison import on_sample

NEAR_HALF = 0.05
"""Distance of D_i from 1/2 at which a feature counts as one of a digon: half of that to 2/5."""


def in_digons(network: Network) -> float:
    """The share of represented features that are in digons; not a number if none is."""
    D = feature_dimensionality(network.W)[is_represented(network.W)]
    return float((np.abs(D - 0.5) <= NEAR_HALF).mean()) if D.size else float("nan")


def out_of_order(network: Network) -> int:
    """The number of represented features that are less important than one that is not."""
    represented = is_represented(network.W)
    return int(represented[np.argmin(represented) :].sum()) if not represented.all() else 0


def _more_in_digons(networks: Sequence[Network]) -> list[float]:
    """By how much more of them are in digons with GELU than with ReLU, density by density."""
    of = {name: [in_digons(n) for n in networks if n.model == name] for name in ("relu", "gelu")}
    return [gelu - relu for relu, gelu in zip(of["relu"], of["gelu"], strict=True)]


def _pentagon(library: Library) -> dict[str, Any]:
    """How much more the best regular pentagon loses than what was found, at sparsity 0.9."""
    cell = library.cell("activations", 0.1, "gelu")
    built = (
        replace(cell.best, W=np.sqrt(squared) * polygon(5), b=np.full(5, bias))
        for squared, bias in product((1.0, 1.1, 1.2), (-0.05, 0.0))
    )
    return {"more": min(on_sample(cell, one) for one in built) / cell.best.loss - 1}


def _before(library: Library) -> dict[str, Any]:
    """The shares in digons where features are a little denser."""
    return {
        model: in_digons(library.cell("activations_many", 0.2, model).best)
        for model in ("relu", "gelu")
    }


def _the_most_important(numbers: tuple[int, ...] | int, reason: str) -> tuple[Check, Check]:
    """The checks that so many features are represented, cell by cell, and no less important one."""
    return (
        Check(REPRESENTED_FEATURES, count(is_represented), exactly(numbers, reason)),
        Check("of these, less important than one that is not", out_of_order, exactly(0)),
    )


_claim = partial(
    claim,
    section="Follow-up: Other Activations",
    anchor="#phase-change",
    origin="ours",
    basis=Basis(
        "lowest loss",
        "As in the paper's claims about ReLU models in two dimensions, the solution is meant, "
        "which gradient descent often misses.",
    ),
    task=Task("activations", n_features=5, n_hidden=2, importance_decay=0.9),
    control=SCATTERED,
)
_many = partial(
    _claim,
    task=Task("activations_many", n_features=40, n_hidden=10, importance_decay=1.0),
)

CLAIMS = (
    _claim(
        "F31",
        "With GELU outputs, as with ReLU's, the two most important of five features get a "
        "dimension each where they are dense, and four form two antipodal pairs at sparsity 0.8.",
        *_the_most_important((2, 4), "as with ReLU: a pair costs little"),
        Check(
            f"antipodal pairs (cos < −{-metrics.ANTIPODAL:g})",
            lambda n: metrics.antipodal_pairs(n.W),
            exactly((0, 2), "as with ReLU"),
        ),
        cells=(Cells("gelu", (1.0, 0.2)),),
    ),
    _claim(
        "F32",
        "With GELU outputs all five form a pentagon, with positive interference, at sparsity 0.9 "
        "and beyond, as with ReLU's.",
        Check(
            REPRESENTED_FEATURES,
            count(is_represented),
            exactly(5, "a pentagon loses less than two pairs and no fifth feature, by 7 to 30 %"),
            explanations=(
                Explanation(
                    ("gelu", 0.1),
                    "The best regular pentagon, with one length and one bias for all, loses "
                    "{more:.0%} more than what was found, two pairs without the fifth feature. "
                    "What is expected was calculated for samples with one active feature; where "
                    "several are active, a pentagon loses more.",
                    _pentagon,
                ),
            ),
        ),
        Check(
            "largest departure from 72°",
            lambda n: metrics.uneven_angle(n.W),
            at_most(10, "as for ReLU: two pairs and a fifth feature depart by 18° or more"),
        ),
        POSITIVE_INTERFERENCE,
        cells=(Cells("gelu", (0.1, 0.05, 0.02)),),
    ),
    _claim(
        "F33",
        "With tanh outputs there is no superposition, however sparse features are: the two most "
        "important ones get a dimension each, as with linear outputs.",
        *_the_most_important(2, "the hidden dimensions there are"),
        Check(
            "their largest interference",
            lambda n: interference(n.W)[is_represented(n.W)].max(initial=0.0),
            at_most(metrics.ORTHOGONAL, "a dimension of its own"),
        ),
        cells=(Cells("tanh", fewest=5),),
        control=RELU,
    ),
    _claim(
        "F34",
        "Whatever the activation, the represented features are the most important ones.",
        Check("features less important than one left out", out_of_order, exactly(0)),
        cells=tuple(Cells(model, fewest=5) for model in ("relu", "gelu", "tanh")),
        control=SHUFFLED,
    ),
    _many(
        "F35",
        "With GELU outputs, too, equally important features sit in antipodal pairs with half of a "
        "dimension each, at 1 − S of 0.35 and 0.2.",
        Check(
            f"share with D_i within {NEAR_HALF:g} of 1/2",
            in_digons,
            at_least(0.75, "three of four: nearly all, but for what training leaves"),
        ),
        cells=(Cells("gelu", (0.35, 0.2)),),
    ),
    _many(
        "F36",
        "Pairs last longer with GELU outputs: where features are sparser, more of them still sit "
        "in pairs than with ReLU's.",
        overall(
            f"share with D_i within {NEAR_HALF:g} of 1/2, GELU − ReLU",
            _more_in_digons,
            at_least(0.1, "leaving pairs for pentagons gains 7 to 13 % with GELU, not 20 %"),
            explanations=(
                Explanation(
                    None,
                    "Pairs last longer, but not so long: at 1 − S = 0.2, {gelu:.0%} of features "
                    "are in them with GELU and {relu:.0%} with ReLU, and where features are "
                    "sparser both have left them.",
                    _before,
                ),
            ),
        ),
        cells=tuple(Cells(model, (0.1, 0.05)) for model in ("relu", "gelu")),
        control=NEXT_RELU,
    ),
    _many(
        "F37",
        "With tanh outputs, equally important features get no more directions than there are "
        "dimensions.",
        Check(
            "D*",
            lambda n: metrics.dimensions_per_feature(n.W),
            at_least(0.7, "nearer, by ratio, to a dimension for each feature than to a pair's 1/2"),
        ),
        cells=(Cells("tanh", fewest=3),),
        control=RELU,
    ),
)
