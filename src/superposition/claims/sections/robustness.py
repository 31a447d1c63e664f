"""Superposition and Adversarial Robustness: networks under attack, from dense to sparse."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from superposition.claims.bounds import at_least, at_most, between, position, told
from superposition.claims.claim import Basis, Cells, Explanation, Task, claim, overall
from superposition.claims.controls import FALLING, LINEAR_OPTIMUM, UNTRAINED, WITHOUT_RELU
from superposition.claims.networks import Library
from superposition.claims.statistics import by_cell, by_density, dimensions_per_feature
from superposition.measure.elementary import power
from superposition.measure.geometry.dimensions import features_per_dimension, on_plateau
from superposition.measure.metrics import is_learned, is_superposed
from superposition.measure.network import Network, TrainedCell, dense_first
from superposition.measure.robustness import (
    SIZE,
    Kind,
    attack_length,
    line,
    one_step,
    share_of_empty,
    under_attack,
    vulnerability,
    vulnerability_of_active,
)

SPARSE = 0.01
"""1 − S at which features are very sparse: outputs are at zero 99 % of the time there."""
_CLOSE = 0.9
"""r of quantities that closely track each other: four fifths of the variance."""


def vulnerabilities(networks: Sequence[Network], by: Kind = "analytic") -> np.ndarray:
    """The vulnerability of each network, `[levels]`."""
    return np.array([vulnerability(network, by) for network in networks])


def crowding(networks: Sequence[Network]) -> np.ndarray:
    """Features per dimension, 1 / D*, `[levels]`."""
    return features_per_dimension(np.stack([network.W for network in networks]))


def tracked_down_to(networks: Sequence[Network]) -> float:
    """The sparsest level down to which vulnerability closely tracks features per dimension.

    Not a number if it never does.
    """
    x, y = crowding(networks), vulnerabilities(networks)
    close = [k for k in range(3, len(x) + 1) if line(x[:k], y[:k])[2] >= _CLOSE]
    return networks[close[-1] - 1].density if close else float("nan")


def _harm_of_steps(networks: Sequence[Network], kind: str) -> list[float]:
    """The harm of a gradient attack over that of the paper's, at each level that is very sparse."""
    shares = []
    for network in networks:
        if network.density <= SPARSE:
            found = under_attack(network)
            steps = found if kind == "gradient" else one_step(network)
            harm = getattr(steps, kind) - found.clean
            shares.append(harm / found.harm if found.harm > 0 else float("nan"))
    return shares


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


def plain_dip(networks: Sequence[Network]) -> np.ndarray:
    """The mean dip of single runs less two standard errors, of all runs of all cells.

    Not a number for a single run.
    """
    cells = by_cell(list)(networks)
    dips = np.array([dip(run) for run in zip(*cells, strict=True)])
    if len(dips) < 2:
        return np.full(2, np.nan)
    return np.asarray(dips.mean(axis=0) - 2 * dips.std(axis=0, ddof=1) / np.sqrt(len(dips)))


def sharing(networks: Sequence[Network]) -> np.ndarray:
    """Learned features that share their direction with others, for each dimension, `[levels]`."""
    return np.array([is_superposed(n.W).sum() / len(n.W) for n in networks])


def removed_at(group: Sequence[Network]) -> float:
    """The shortest attack from which on no feature shares its direction, at one density.

    Infinite if some always do.
    """
    left = np.flatnonzero(sharing(group) > 0)
    first = int(left[-1]) + 1 if left.size else 0
    return float(group[first].swept["attack"]) if first < len(group) else np.inf


def _curve(cells: Sequence[TrainedCell]) -> np.ndarray:
    """The median vulnerability over the runs of each cell."""
    return np.array([np.median(vulnerabilities(cell.networks)) for cell in cells])


def _crowded(cell: TrainedCell) -> float:
    return float(np.median(features_per_dimension(cell.W)))


def _of_the_rise(library: Library) -> Mapping[str, Any]:
    cells, fewer = (dense_first(library.cells(name)) for name in ("attacked", "attacked_fewer"))
    curve, of_fewer = _curve(cells), _curve(fewer)
    paired = on_plateau(1 / np.array([_crowded(cell) for cell in cells]))
    top = int(curve.argmax())
    return {
        "paired": float(np.median(curve[paired])) / curve[0],
        "largest": curve[top] / curve[0],
        "at": cells[top].density,
        "crowding": _crowded(cells[top]),
        "many": cells[0].W.shape[-1] // cells[0].W.shape[-2],
        "few": fewer[0].W.shape[-1] // fewer[0].W.shape[-2],
        "fewer": of_fewer.max() / of_fewer[0],
    }


def _of_the_fall(library: Library) -> Mapping[str, Any]:
    cells = dense_first(library.cells("attacked"))
    curve, crowded = _curve(cells), np.array([_crowded(cell) for cell in cells])
    top = int(curve.argmax())
    return {
        "r": line(crowded[: top + 1], curve[: top + 1])[2],
        "at": cells[top].density,
        "top": curve[top],
        "low": curve[-1],
        "end": cells[-1].density,
        "crowding": crowded[top],
        "then": crowded[-1],
        "bias": float(np.median(cells[-1].b)),
        "empty": share_of_empty(cells[top].cell.features),
        "empty_end": share_of_empty(cells[-1].cell.features),
        "active": _on_active(cells[top]),
        "active_end": _on_active(cells[-1]),
    }


def _on_active(cell: TrainedCell) -> float:
    """The median vulnerability over runs, on inputs in which something is active."""
    return float(np.median([vulnerability_of_active(network) for network in cell.networks]))


def _of_short_attacks(library: Library) -> Mapping[str, Any]:
    cells = dense_first(c for c in library.cells("attacked") if c.density <= 5 * SPARSE)
    told = [cells[k] for k in (0, len(cells) // 3, 2 * len(cells) // 3)]
    here = min(cells, key=lambda cell: abs(cell.density - SPARSE))
    seen = [one_step(network) for network in here.networks]
    return {
        "density": here.density,
        "silent": 100 * np.mean([one.silent for one in seen]),
        "level": 100 * np.mean([one.level for one in seen]),
        "empty": share_of_empty(here.cell.features),
        "size": SIZE,
        "length": attack_length(here.cell.features),
        "bias": float(np.median(here.b)),
        "turns": ", ".join(f"{_turns_at(cell.best):.2g} at {cell.density:.2g}" for cell in told),
        "whole": ", ".join(
            f"{_part_of(cell.best, 1.0):.2f} at {cell.density:.2g}" for cell in told
        ),
    }


def _part_of(network: Network, size: float) -> float:
    """The harm of gradient ascent from the input over that of the paper's attack."""
    found = under_attack(network, size)
    return (found.gradient - found.clean) / found.harm


def _turns_at(network: Network) -> float:
    """The shortest attack, to a tenth, with which gradient ascent does less harm than the paper's.

    In mean input lengths; infinite if none as long as an input does.
    """
    sizes = (SIZE * power(1.1, np.arange(26))).tolist()
    return next((size for size in sizes if _part_of(network, size) < 1), np.inf)


def _of_what_is_left(library: Library) -> Mapping[str, Any]:
    cells = sorted(library.cells("hardened"), key=lambda cell: cell.swept["attack"])
    told = []
    for density in sorted({cell.density for cell in cells}, reverse=True):
        here = [cell for cell in cells if cell.density == density]
        shared = [np.median(is_superposed(cell.W).sum(axis=-1)) for cell in here]
        left = int(np.flatnonzero(shared)[-1]) if np.any(shared) else 0
        words = [
            f"{shared[k]:g} of {np.median(is_learned(here[k].W).sum(axis=-1)):g} against attacks "
            f"of {here[k].swept['attack']:g}"
            for k in range(left, min(left + 2, len(here)))
        ]
        told.append(f"at 1 − S = {density:g} {', '.join(words)}")
    return {"told": "; ".join(told)}


_RISE = Explanation(
    None,
    "Where superposition forms, vulnerability rises as the paper says, to {paired:.1f} times with "
    "features in antipodal pairs, and then further to {largest:.1f} times at 1 − S = {at:.2g}, "
    "where ‖W‖² / m, features per dimension by their squared lengths, is {crowding:.1f}. How far "
    "it rises depends on the number of features per dimension, {many} here, which the paper does "
    "not give: with {few} it is {fewer:.1f} times at most. The paper says only that it rises more "
    "than three times as superposition forms; the upper bound is ours.",
    _of_the_rise,
)
_FALL = Explanation(
    None,
    "Vulnerability closely tracks ‖W‖² / m, features per dimension by their squared lengths, down "
    "to 1 − S = {at:.2g} (r = {r:.3f}); then it falls from {top:.1f} to {low:.1f}, while ‖W‖² / m "
    "stays near {crowding:.1f} ({then:.1f} at {end:g}). Inputs with no active feature, "
    "{empty:.0%} there and {empty_end:.0%} at the end, reduce it: attacks on them harm a network "
    "without superposition, but hardly one whose biases ({bias:.2f}) hold its outputs at zero. On "
    "the other inputs, vulnerability rises further, from {active:.1f} to {active_end:.1f}, so it "
    "does not track ‖W‖² / m there either.",
    _of_the_fall,
)
_SHORT_ATTACKS = Explanation(
    None,
    "Attacks of {size:g} mean inputs along the gradient do not fail: they add to errors that "
    "exist already, and these have a slope. Outputs that a negative bias holds at zero do show no "
    "slope, {silent:.0f} % of all at 1 − S = {density:.2g}, where {level:.0f} % of the inputs "
    "show none ({empty:.0%} have no active feature); but so short an attack ({length:.2g} there, "
    "with biases near {bias:.2f}) cannot activate them. Gradient ascent from the input does less "
    "harm than the paper's attack if attacks are longer, in mean inputs, than {turns}; with "
    "attacks as long as the mean input, it does this part of the harm of the paper's attack: "
    "{whole}.",
    _of_short_attacks,
)
_LEFT = Explanation(
    None,
    "How long attacks must be depends on the density: of the learned features, so many share "
    "their direction with others at the longest attack that leaves any, and at the next one: "
    "{told}.",
    _of_what_is_left,
)

_claim = partial(
    claim,
    section="Superposition and Adversarial Robustness",
    anchor="#adversarial",
    basis=Basis(
        "typical run",
        "The paper shows one curve over sparsity and does not say how runs were chosen.",
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
            between(
                3.0,
                6.0,
                "more than three times, as the paper says; not more than twice that, because it "
                "gives a size",
            ),
            explanations=(_RISE,),
        ),
        changed="The bounds: there was no upper one, and when it was added it was called the "
        "paper's.",
        control=LINEAR_OPTIMUM,
    ),
    _claim(
        "C51",
        "Vulnerability closely tracks the number of features per dimension.",
        overall(
            "correlation of (L' − L) / (L'_0 − L_0) with 1 / D*",
            lambda networks: line(crowding(networks), vulnerabilities(networks))[2],
            at_least(_CLOSE, "four fifths of its variance"),
            explanations=(_FALL,),
        ),
        overall(
            "1 − S down to which this holds",
            tracked_down_to,
            told("the paper does not say down to which density"),
        ),
        changed="The levels: half of them were where vulnerability rises, so the correlation "
        "depended on those. Now they are equally far apart everywhere, by ratio.",
    ),
    _claim(
        "C52",
        "Where features are very sparse, gradient attacks are difficult and work less well than "
        "the paper's own: the ReLU masks the gradient.",
        *(
            overall(
                f"harm of {words} / harm of the paper's attack, 1 − S ≤ {SPARSE:g}",
                partial(_harm_of_steps, kind=kind),
                at_most(1.0, source="paper"),
                explanations=explanations,
            )
            for kind, words, explanations in (
                ("gradient", "projected gradient ascent", (_SHORT_ATTACKS,)),
                ("slope", "one step along the gradient", ()),
                ("sign", "one step along the signs of the gradient", ()),
            )
        ),
        changed="The attacks: those of one step were added, because the paper does not say how "
        "its own followed the gradient. What the step by sign does had been seen by then. The "
        "statement said that they fail, where the paper calls them difficult.",
        control=WITHOUT_RELU,
    ),
    _claim(
        "C53",
        "Adversarial training reduces superposition; eliminating it takes attacks of 80 % of the "
        "mean input.",
        overall(
            "learned features that share their direction, per dimension, without attacks",
            by_density(lambda group: sharing(group)[0]),
            at_least(1.5, "there must be superposition to remove"),
        ),
        overall(
            "largest rise of their number per dimension to a longer attack",
            by_density(lambda group: np.diff(sharing(group)).max(initial=-np.inf)),
            at_most(0.1, "two features in twenty dimensions, for what training leaves unfinished"),
        ),
        overall(
            "shortest attack from which on none does, in mean inputs, at each density",
            by_density(removed_at),
            position(0.8),
            explanations=(_LEFT,),
        ),
        changed="The statistic: it was ‖W‖² / m, which also falls where features only get "
        "shorter. Now the features that share their direction are counted. Attacks longer than "
        "the mean input were added because with attacks as long as it some features still share.",
        basis=Basis("typical run", "The paper mentions no choice among runs."),
        task=Task("hardened", n_features=100, n_hidden=20, importance_decay=1.0),
        cells=(Cells("relu", swept="attack"),),
    ),
    _claim(
        "C54",
        "Where features are in antipodal pairs, vulnerability dips (Gorton and Lewis "
        "2025, not the paper).",
        overall(
            "largest fall of (L' − L) / (L'_0 − L_0) where D* is 1/2, as a part of it, under "
            "the paper's attack and gradient ascent: mean of the runs less two standard errors",
            plain_dip,
            at_least(
                0.0,
                "there is a fall beyond the differences between runs; the authors give no number",
            ),
        ),
        basis=Basis(
            "all runs", "It takes several runs to tell a dip from differences between runs."
        ),
        changed="The bound: it was a fall by 5 %, which was ours.",
        control=FALLING,
        origin="others",
    ),
)
