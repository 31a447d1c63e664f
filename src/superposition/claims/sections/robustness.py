"""Superposition and Adversarial Robustness: networks under attack, from dense to sparse."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from superposition.claims.bounds import at_least, at_most, between
from superposition.claims.claim import Basis, Cells, Explanation, Task, claim, overall
from superposition.claims.controls import FALLING, LINEAR_OPTIMUM, UNTRAINED, WITHOUT_RELU
from superposition.claims.statistics import by_density, dimensions_per_feature
from superposition.measure.geometry.dimensions import PLATEAU_WIDTH, on_plateau
from superposition.measure.network import Network
from superposition.measure.robustness import Kind, line, under_attack, vulnerability


def vulnerabilities(networks: Sequence[Network], by: Kind = "analytic") -> np.ndarray:
    """The vulnerability of each network, `[levels]`."""
    return np.array([vulnerability(network, by) for network in networks])


def _gradient_share(networks: Sequence[Network]) -> list[float]:
    sparse = [under_attack(n) for n in networks if n.density <= 0.01]
    return [
        (found.gradient - found.clean) / found.harm if found.harm > 0 else float("nan")
        for found in sparse
    ]


def dip(networks: Sequence[Network]) -> list[float]:
    """The part by which vulnerability falls from some level to a sparser one, at D* = 1/2.

    The largest fall that ends while D* is within 0.03 of 1/2; below 0 if there it only rises, and
    not a number if it is never there. Under the paper's attack, and under gradient ascent.
    """
    paired = np.flatnonzero(on_plateau(dimensions_per_feature(networks)))
    curves = vulnerabilities(networks), vulnerabilities(networks, "gradient")
    return [
        float(max((1 - curve[k] / curve[:k].max() for k in paired if k > 0), default=np.nan))
        for curve in curves
    ]


def crowding(networks: Sequence[Network]) -> np.ndarray:
    """Features per dimension, 1 / D*, `[levels]`."""
    return 1 / dimensions_per_feature(networks)


def removed_at(group: Sequence[Network]) -> float:
    """The shortest attack from which on there is no superposition, of networks of one density.

    That is, features per dimension within 0.03 of 1 or fewer; infinite if there always is some.
    """
    left = np.flatnonzero(crowding(group) > 1 + PLATEAU_WIDTH)
    first = int(left[-1]) + 1 if left.size else 0
    return float(group[first].swept["attack"]) if first < len(group) else np.inf


_SHORT_ATTACKS = Explanation(
    None,
    "Outputs that a negative bias holds at zero do show no slope, but attacks of a tenth of the "
    "mean input are too short to wake them: at 1 − S = 0.01 they are 0.04 long, and biases are "
    "near −0.3. What they do is to add to errors that are there already, which have a slope. With "
    "attacks as long as the mean input, gradient ascent from the input does 0.46 of the paper's "
    "harm at 1 − S = 0.05, 0.35 at 0.02 and 0.42 at 0.01, and from a random point 0.81, 0.80 and "
    "0.68. Without superposition it does none at all at any length, as every loss is at a minimum.",
)
_SHALLOW_DIP = Explanation(
    None,
    "The dip is there, but shallow. On 32,768 samples vulnerability falls from 4.15 at "
    "1/(1 − S) = 2.6 to 4.04 at 3.3, by 2.7 %, in every run, before it rises to 20; under "
    "gradient ascent it falls from 5.06 to 4.69, by 7.3 %. The pairs are the same all the "
    "while. What gets rarer as features get sparser are samples in which both members of a "
    "pair are active: there the model errs already, and an attack that adds to an error of e "
    "costs 2 e more for each unit of its length.",
)
_SHORTER = Explanation(
    ("relu", 0.3),
    "How long attacks must be depends on the density, and on what is counted. ‖W‖² counts "
    "features by parts, and all of them get shorter: at 1 − S = 0.3 it is down to one feature "
    "per dimension against attacks of 0.4, at 0.05 of 0.7. But of the 39 features that are "
    "left there at 0.4 (‖W_i‖ > 0.5) all but one still share a direction with others; the last "
    "of them are gone at 0.7, and at 0.05 there are 32 of 35 even at 0.9.",
)

_claim = partial(
    claim,
    section="Superposition and Adversarial Robustness",
    anchor="#adversarial",
    basis=Basis(
        "typical run", "The paper shows one curve over sparsity and says nothing of choosing runs."
    ),
    task=Task("attacked", n_features=100, n_hidden=20, importance_decay=1.0),
    cells=(Cells("relu"),),
    control=UNTRAINED,
)

CLAIMS = (
    _claim(
        "C50",
        "As superposition forms, models become more than three times as vulnerable to "
        "adversarial examples.",
        overall(
            "largest (L' − L) / (L'_0 − L_0) over that at 1 − S = 1",
            lambda networks: vulnerabilities(networks).max() / vulnerability(networks[0]),
            at_least(3.0, source="paper"),
        ),
        control=LINEAR_OPTIMUM,
    ),
    _claim(
        "C51",
        "Vulnerability closely follows the number of features per dimension.",
        overall(
            "correlation of (L' − L) / (L'_0 − L_0) with 1 / D*",
            lambda networks: line(crowding(networks), vulnerabilities(networks))[2],
            at_least(0.9, "four fifths of its variance"),
        ),
    ),
    _claim(
        "C52",
        "Where features are very sparse, gradient attacks fail though the model is "
        "vulnerable: the ReLU masks the gradient.",
        overall(
            "harm of projected gradient ascent / harm of the paper's attack, 1 − S ≤ 0.01",
            _gradient_share,
            at_most(1.0, source="paper"),
            explanations=(_SHORT_ATTACKS,),
        ),
        control=WITHOUT_RELU,
    ),
    _claim(
        "C53",
        "Adversarial training reduces superposition, the more the longer the attacks; to "
        "remove it takes attacks of 80 % of the mean input.",
        overall(
            "largest rise of ‖W‖² / m to a longer attack, at each density",
            by_density(lambda group: np.diff(crowding(group)).max(initial=-np.inf)),
            at_most(
                0.02, "a fiftieth of a feature per dimension, for what training leaves unfinished"
            ),
        ),
        overall(
            "features per dimension without attacks",
            by_density(lambda group: crowding(group)[0]),
            at_least(1.5, "there has to be superposition to be removed"),
        ),
        overall(
            "shortest attack with at most 1.03 features per dimension, in mean inputs",
            by_density(removed_at),
            between(0.7, 0.9, "0.8, give or take a step of the grid", "paper"),
            explanations=(_SHORTER,),
        ),
        basis=Basis("typical run", "The paper tells of no choice among runs."),
        task=Task("hardened", n_features=100, n_hidden=20, importance_decay=1.0),
        cells=(Cells("relu", swept="attack"),),
    ),
    _claim(
        "C54",
        "Where features are in antipodal pairs, vulnerability dips (Gorton and Lewis "
        "2025, not the paper).",
        overall(
            "largest fall of (L' − L) / (L'_0 − L_0) where D* is 1/2, as a part of it, under "
            "the paper's attack and gradient ascent",
            dip,
            at_least(0.05, "less would hardly be seen in a figure; they give no number"),
            explanations=(_SHALLOW_DIP,),
        ),
        control=FALLING,
        origin="others",
    ),
)
