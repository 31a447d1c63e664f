"""Correlated and Anticorrelated Features, and Collapsing of Correlated Features."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from superposition.claims.bounds import at_least, at_most, between, exactly
from superposition.claims.claim import Basis, Cells, Check, Explanation, Task, claim, overall
from superposition.claims.controls import CORRELATED, SCATTERED
from superposition.claims.statistics import Measure, by_cell, share
from superposition.measure.geometry import planar, sets
from superposition.measure.metrics import gram, norms, uneven_angle
from superposition.measure.network import Network
from superposition.measure.theory.minima import best_polygon
from superposition.sampling.distribution import moments


def of_best(one: Callable[[Network], Any]) -> Measure:
    """A measure: cell by cell, a number of the run with the lowest loss."""
    # A loss that is not a number is never lowest.
    return by_cell(lambda runs: one(min(runs, key=lambda n: np.nan_to_num(n.loss, nan=np.inf))))


def _largest_cosine_of_excluding(network: Network) -> float:
    return float(sets.within(network.W, network.features.anticorrelated).max())


def _largest_cosine_within(network: Network) -> float:
    return float(np.abs(sets.within(network.W, network.features.correlated)).max())


def collapsed(network: Network) -> float:
    """The number of sets that share one direction."""
    return float(sets.is_collapsed(network.W, network.features.correlated).sum())


def penalty_of_collapse(runs: Sequence[Network]) -> float:
    """The lowest loss of runs with collapsed sets over that of the others.

    Not a number where either kind of run is missing.
    """
    lost = [n.loss for n in runs if collapsed(n)]
    kept = [n.loss for n in runs if not collapsed(n)]
    return min(lost) / min(kept) if lost and kept else float("nan")


def typical_overlap_across(network: Network) -> float:
    """The root of the mean (W_i · W_j)² of features of different sets."""
    one, other = network.features.correlated
    overlaps = gram(network.W)[np.ix_(list(one), list(other))]
    return float(np.sqrt((overlaps**2).mean()))


_PENTAGON, _HEXAGON = best_polygon(5), best_polygon(6)
"""The best ones when features are sparse."""
_WRONG_PARTNERS = Explanation(
    ("relu", 0.2371),
    "All other runs are two digons as well, but of the wrong partners, members of a set at "
    "right angles: a local minimum, while antipodal partners lose nothing at all. At "
    "1 − S = 0.2371, 17 of 32 runs are right with this recipe, with the published notebook's "
    "and with 10,000 steps, 16 with batches of 32 and 15 with a learning rate of 0.1. Smaller "
    "initial weights help a little: 19 at 0.58 times ours, as in the notebook if five models "
    "are trained, 20 at 0.3 and 22 at 0.1 times. So the best of five runs is very likely "
    "right, but five right runs are luck, or chosen.",
)
_SPARSE_HEXAGON = Explanation(
    ("relu", 0.05),
    "Training hardly ever finds it, in 3 to 6 of 32 runs, but when features are sparse the "
    "hexagon is the best solution of six independent ones: on a fresh sample its loss is 4 % "
    "below that of the best other run at 1 − S = 0.05, 15 % at 0.02 and 24 % at 0.005. A "
    "pentagon without the sixth feature is better at 0.07 and above (by 0.4 % there, 4 % at "
    "0.1). So it is in the limit of sparse features, where the best polygons can be "
    "calculated: loss over that of ignoring everything "
    f"−{-_PENTAGON.gain:.2f} for the pentagon, −{-_HEXAGON.gain:.2f} for the hexagon.",
)
_TWO_ARE_BETTER = Explanation(
    ("relu", 0.3),
    "At 1 − S = 0.3 half of the runs end with three collapsed pairs, as the paper's caption "
    "has it, and half with two, which have a loss 3.6 % lower. It is the same after 10,000 "
    "steps and with the published notebook's recipe. Three are better from 0.4 on; at 0.35 "
    "two are, by 1.5 %.",
)

_SOLUTION = Basis(
    "lowest loss",
    "The paper speaks of the solution to each problem, and elsewhere in this section keeps the "
    "lowest loss of several fits.",
)

_TWO_PAIRS = ((0, 1), (2, 3))
_TENS = (tuple(range(10)), tuple(range(10, 20)))
_SIX = Task("correlated_hexagon", 6, 2, 1.0, correlated=((0, 1), (2, 3), (4, 5)))
_MOST = "four of five, as the paper's figure shows five of five; at each of our densities"

_organization = partial(
    claim,
    section="Correlated and Anticorrelated Features",
    anchor="#geometry-organization",
    basis=Basis(
        "all runs", "The paper's figure shows five models that all agree, so that most runs should."
    ),
    cells=(Cells("relu"),),
    control=SCATTERED,
)
_collapsing = partial(
    _organization,
    section="Collapsing of Correlated Features",
    anchor="#geometry-collapsing",
    basis=_SOLUTION,
    task=_SIX,
)

CLAIMS = (
    _organization(
        "C41",
        "Correlated features are put at right angles: of two correlated pairs in two "
        "dimensions, the members of each are orthogonal.",
        overall(
            "share of runs with |cos| < 0.1 within both pairs",
            share(lambda network: _largest_cosine_within(network) < 0.1),
            at_least(
                0.8,
                _MOST + ". Of angles alone: with features at zero counted as failures it would "
                "be 0.78 at two of the five",
            ),
        ),
        overall(
            "largest |cos| within pairs of the lowest-loss run",
            of_best(_largest_cosine_within),
            at_most(0.1, "within 6° of 90°"),
        ),
        task=Task("correlated_pairs", 4, 2, 1.0, correlated=_TWO_PAIRS),
    ),
    _organization(
        "C42",
        "Anticorrelated features are put opposite each other: two pairs of them are two "
        "antipodal pairs.",
        overall(
            "share of runs with cos < −0.95 within both pairs",
            share(lambda network: _largest_cosine_of_excluding(network) < -0.95),
            at_least(0.8, _MOST),
            explanations=(_WRONG_PARTNERS,),
        ),
        overall(
            "largest cos within pairs of the lowest-loss run",
            of_best(_largest_cosine_of_excluding),
            at_most(-0.95, "within 18° of opposite"),
        ),
        task=Task("anticorrelated_pairs", 4, 2, 1.0, anticorrelated=_TWO_PAIRS),
    ),
    _organization(
        "C43",
        "Three pairs of correlated features form a hexagon in two dimensions, partners "
        "side by side; runs in which a pair collapsed have a higher loss.",
        overall(
            "hexagons among the lowest-loss runs",
            of_best(lambda n: planar.classify(n.W) == "hexagon"),
            exactly(1, source="paper"),
        ),
        overall(
            "largest departure from 60°",
            of_best(lambda network: uneven_angle(network.W)),
            at_most(10, "correlation need not leave the hexagon regular"),
        ),
        overall(
            "pairs side by side",
            of_best(lambda n: sets.are_adjacent(n.W, n.features.correlated).sum()),
            exactly(3, source="paper"),
        ),
        overall(
            "lowest loss with a collapsed pair / lowest without",
            by_cell(penalty_of_collapse),
            at_least(1.0, source="paper"),
        ),
        basis=Basis(
            "all runs",
            "The paper takes other outcomes for failures of optimisation, so the lowest loss is "
            "judged, and the loss of the others.",
        ),
        task=_SIX,
        cells=(Cells("relu", (0.05, 0.03, 0.01)),),
    ),
    _organization(
        "C44",
        "Six independent features do not form a hexagon in two dimensions.",
        Check(
            "hexagons",
            lambda n: planar.classify(n.W) == "hexagon",
            exactly(0, source="paper"),
            explanations=(_SPARSE_HEXAGON,),
        ),
        basis=_SOLUTION,
        task=Task("independent_six", 6, 2, 1.0),
        cells=(Cells("relu", (0.05, 0.005)),),
        control=CORRELATED,
    ),
    _organization(
        "C45",
        "Two sets of ten correlated features in ten dimensions are each represented as "
        "an almost orthogonal basis; interference is between the sets.",
        Check(
            "shortest feature",
            lambda n: norms(n.W).min(),
            at_least(0.9, "a feature counts as represented"),
        ),
        Check(
            "longest feature", lambda n: norms(n.W).max(), at_most(1.1, "as much above 1 as below")
        ),
        Check(
            "largest |W_i · W_j| within a set",
            lambda n: sets.largest_overlap_within(n.W, n.features.correlated),
            at_most(0.1, "a twentieth of the heatmap's range"),
        ),
        Check(
            "root mean square W_i · W_j across",
            typical_overlap_across,
            at_least(0.2, "plainly more; two orthonormal bases of ten dimensions have 0.32"),
        ),
        basis=Basis(
            "typical run",
            "The paper's figure shows one model and says nothing of how it was chosen, so it shows "
            "what training typically gives.",
        ),
        task=Task("local_bases", 20, 10, 1.0, correlated=_TENS),
    ),
    _collapsing(
        "C46",
        "As three correlated pairs become sparser, fewer of them share one direction: "
        "three, two, one and none.",
        Check(
            "pairs with cos > 0.95",
            collapsed,
            between(
                (3, 3, 3, 3, 2, 2, 2, 1, 1, 0, 0, 0),
                (3, 3, 3, 3, 3, 3, 2, 2, 1, 1, 0, 0),
                "the captions' ranges, which meet at about 0.25 to 0.2, 0.15 and 0.05: either "
                "number is fine there",
                "paper",
            ),
            explanations=(_TWO_ARE_BETTER,),
        ),
        cells=(Cells("relu", (0.7, 0.5, 0.4, 0.3, 0.25, 0.2, 0.175, 0.15, 0.1, 0.05, 0.03, 0.01)),),
    ),
    _collapsing(
        "C47",
        "The dense solution is what PCA finds: of every pair (a, b) only (a + b)/√2 is "
        "represented.",
        Check(
            "largest ‖W(e_a − e_b)‖ / ‖W(e_a + e_b)‖",
            lambda n: sets.difference_ratio(n.W, n.features.correlated).max(),
            at_most(0.1, "a tenth; 1 for partners at right angles"),
        ),
        Check(
            "largest angle to the principal components, degrees",
            lambda n: sets.pca_angles(n.W, moments(n.features)[1]).max(),
            at_most(5.0, "random weights are 5° or more away"),
        ),
        cells=(Cells("relu", (0.7, 0.5, 0.4)),),
    ),
)
