"""Follow-up, autoencoders: what three kinds of them find in the hidden layers of networks."""

from functools import partial

import numpy as np

from superposition.claims.bounds import at_least, at_most
from superposition.claims.claim import Basis, Cells, Check, Task, claim
from superposition.claims.controls import DEALT, TURNED_KINDS, UNLEARNED
from superposition.claims.sections.strategy import SETS, largest, of_all_kinds, part_found
from superposition.measure.dictionaries.measures import Match, active_features, at_sparsity
from superposition.measure.dictionaries.record import LEVELS, Kind
from superposition.measure.metrics import is_represented
from superposition.measure.network import Network


def _by_kind(network: Network) -> list[list[Match]]:
    """What each kind of dictionary has found."""
    rows = of_all_kinds(network)
    return [[row for row in rows if row.kind == kind] for kind in LEVELS]


def at_own_sparsity(network: Network, kind: Kind, name: str) -> float:
    """A number of the largest of a kind, were as many latents active as features."""
    rows = of_all_kinds(network)
    return at_sparsity(rows, kind, active_features(network.features))[name]


def _part_at_own_sparsity(network: Network, kind: Kind, name: str = "found") -> float:
    number = at_own_sparsity(network, kind, name)
    return number / is_represented(network.W).sum() if number else 0.0


def found_at_own_sparsity(network: Network) -> float:
    """The part of features found where as many latents are active, by the worst kind."""
    return float(np.min([_part_at_own_sparsity(network, kind) for kind in LEVELS]))


def _part_split(network: Network, *kinds: Kind) -> float:
    return float(np.max([_part_at_own_sparsity(network, kind, "split") for kind in kinds]))


def _of_what_l1_leaves(network: Network) -> float:
    relu, jumprelu = (
        at_own_sparsity(network, kind, "unexplained") for kind in ("relu", "jumprelu")
    )
    return relu / jumprelu


def _least_of_any_k(network: Network) -> float:
    rows = largest([row for row in of_all_kinds(network) if row.kind == "topk"])
    return float(np.min([part_found([row]) for row in rows], initial=1.0 if rows else np.nan))


_claim = partial(
    claim,
    section="Follow-up: Autoencoders",
    anchor="#strategic-approach",
    basis=Basis(
        "typical run",
        "Features should be found in any network, not only in the best. Bounds were set after "
        "trials on one network at each density.",
    ),
    control=UNLEARNED,
    origin="ours",
    task=Task("autoencoders", 100, 20, 1.0),
    cells=(Cells("relu", (0.03, 0.01), needs_dictionaries=True),),
)

CLAIMS = (
    _claim(
        "F21",
        "Where as many latents are active as features, autoencoders of all three kinds, ReLU, TopK "
        "and JumpReLU, find the directions of independent features.",
        Check(
            "part of the features found there by the largest, of the kind that finds least",
            found_at_own_sparsity,
            at_least(0.9, "nearly all: nine of ten"),
        ),
    ),
    _claim(
        "F22",
        "ReLU autoencoders, which pay for the size of active latents, leave more unexplained than "
        "JumpReLU ones with as many active latents, which pay for their number.",
        Check(
            "what the largest ReLU autoencoder leaves unexplained / the largest JumpReLU one",
            _of_what_l1_leaves,
            at_least(1.25, "clearly more: by a quarter"),
        ),
        control=TURNED_KINDS,
    ),
    _claim(
        "F23",
        "No kind tells the members of correlated sets of five apart: each finds the sets, and none "
        "of them most of the features.",
        Check(
            "part of the features found by the dictionary that finds most, of the best kind",
            lambda network: np.max([part_found(rows) for rows in _by_kind(network)]),
            at_most(0.5, "most are not found"),
        ),
        Check(
            "part of the sets found by the dictionary that finds most, of the worst kind",
            lambda network: (
                min(max((row.sums for row in rows), default=0) for rows in _by_kind(network))
                / len(network.features.correlated)
            ),
            at_least(0.9, "nearly all: nine of ten"),
        ),
        task=Task("autoencoders_sets", 100, 20, 1.0, correlated=SETS),
        control=DEALT,
    ),
    _claim(
        "F24",
        "ReLU autoencoders, which pay for the size of latents, split features over several "
        "latents. TopK and JumpReLU ones, whose number is limited or paid for, split hardly any.",
        Check(
            "part of the features split by the largest ReLU autoencoder, with as many active",
            lambda network: _part_split(network, "relu"),
            at_least(0.1, "more than a few: one of ten"),
        ),
        Check(
            "the same by the largest TopK or JumpReLU autoencoder, whichever splits more",
            lambda network: _part_split(network, "topk", "jumprelu"),
            at_most(0.1, "a few at most: one of ten"),
        ),
        control=TURNED_KINDS,
    ),
    _claim(
        "F25",
        "What TopK autoencoders find depends little on k, the number of active latents: from no "
        "more than the number of active features to more than twice as many, they find nearly all "
        "features.",
        Check(
            "part of the features found by the largest with the k at which it finds least",
            _least_of_any_k,
            at_least(0.9, "nearly all: nine of ten"),
        ),
    ),
)
