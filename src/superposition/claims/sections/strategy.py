"""The Strategic Picture of Superposition: a penalty against it, and features found again."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from superposition.claims.bounds import at_least, at_most, between
from superposition.claims.claim import Basis, Cells, Check, Task, claim, overall
from superposition.claims.controls import DEALT, TURNED_PENALTIES, UNLEARNED, UNTRAINED
from superposition.claims.statistics import Measure, by_density
from superposition.measure.dictionaries.measures import Match, finds_most, matches
from superposition.measure.metrics import is_learned, is_superposed
from superposition.measure.network import Network

SETS = tuple(tuple(range(first, first + 5)) for first in range(0, 100, 5))
"""The features of a hundred that are active together, five by five."""


def at_first_without(number: Callable[[Network, Network], float]) -> Measure:
    """A measure: a number of the first network without superposition, at each density.

    That is the one with the smallest penalty at which features are learned and none shares its
    direction; not a number if there is none. The number is of it and that without a penalty.
    """

    def of_density(group: Sequence[Network]) -> float:
        without = [n for n in group if is_learned(n.W).any() and not is_superposed(n.W).any()]
        return float(number(without[0], group[0])) if without else float("nan")

    return by_density(of_density)


def most_found(network: Network) -> float:
    """The part of features found by the dictionary that finds most."""
    return part_found(_matches(network))


def found_at_least_penalty(network: Network) -> float:
    """The part of features found by any dictionary with the smallest penalty."""
    return part_found(_of_least_penalty(_matches(network)))


def _price_in_error(network: Network) -> float:
    rows = largest(_matches(network))
    return finds_most(rows).unexplained / _of_least_penalty(rows)[0].unexplained


def _smallest_gain_of_size(network: Network) -> float:
    rows = _matches(network)
    sizes = sorted({row.size for row in rows})
    parts = [part_found(row for row in rows if row.size == size) for size in sizes]
    return float(np.diff(parts).min(initial=np.inf))


def live_per_feature(network: Network) -> float:
    """The live latents of the largest dictionary that finds most, for each feature."""
    best = finds_most(largest(_matches(network)))
    return (best.size - best.dead) / best.represented if best.represented else float("nan")


def _matches(network: Network) -> list[Match]:
    """The matches of a network's ReLU dictionaries with its W, which controls may have changed."""
    return [match for match in of_all_kinds(network) if match.kind == "relu"]


def of_all_kinds(network: Network) -> list[Match]:
    """The matches of a network's dictionaries with its W."""
    assert network.dictionaries is not None, "the claim's cells need dictionaries"
    return matches(replace(network.dictionaries, W=network.W.astype(np.float32)))


def _of_least_penalty(rows: list[Match]) -> list[Match]:
    least = min(row.level for row in rows)
    return [row for row in rows if row.level == least]


def largest(rows: list[Match]) -> list[Match]:
    """Those of the largest size."""
    size = max((row.size for row in rows), default=0)
    return [row for row in rows if row.size == size]


def part_found(rows: Iterable[Match]) -> float:
    """The part of features found by the dictionary that finds most; no number of none."""
    there = [row for row in rows if row.represented]
    best = finds_most(there) if there else None
    return best.found / best.represented if best else float("nan")


_claim = partial(
    claim, section="The Strategic Picture of Superposition", anchor="#strategic-approach"
)
_ours = partial(
    _claim,
    basis=Basis(
        "typical run",
        "The paper wants features enumerated and does not try it. These claims are ours, made "
        "from what the first builds showed. Features should be found in any network, not only in "
        "the best.",
    ),
    changed="They were judged on the one run of each cell that had dictionaries; now all runs "
    "have them.",
    control=UNLEARNED,
    origin="ours",
    task=Task("enumerated", 100, 20, 1.0),
    cells=(Cells("relu", (0.03, 0.01), others=True, needs_dictionaries=True),),
)

CLAIMS = (
    _claim(
        "C65",
        "A penalty on hidden activations removes superposition, at the price of a higher loss.",
        overall(
            "features learned without a penalty, at each density",
            by_density(lambda group: is_learned(group[0].W).sum()),
            at_least(6, "more than the five dimensions: superposition", "paper"),
        ),
        overall(
            "features learned at the smallest penalty without superposition",
            at_first_without(lambda first, _: is_learned(first.W).sum()),
            between(1, 5, "some, but no more than there are dimensions", "paper"),
        ),
        overall(
            "loss there / loss without a penalty",
            at_first_without(lambda first, plain: first.loss / plain.loss),
            at_least(1.05, "more than the differences between runs"),
        ),
        basis=Basis("lowest loss", "The claim is about the solution; the paper mentions no runs."),
        task=Task("penalised", n_features=20, n_hidden=5, importance_decay=0.7),
        cells=(Cells("relu", swept="activation_penalty"),),
        control=UNTRAINED,
    ),
    _ours(
        "E1",
        "Given nothing but hidden activations, sparse autoencoders find the directions "
        "of independent features.",
        Check(
            "part of the features found (cosine > 0.9) by the dictionary that finds most",
            most_found,
            at_least(0.9, "nearly all: nine of ten"),
        ),
    ),
    _ours(
        "E2",
        "The dictionaries that reconstruct activations best find almost none of the features: "
        "latents must have a cost, and finding the features costs accuracy.",
        Check(
            "part of the features found with the smallest penalty",
            found_at_least_penalty,
            at_most(0.1, "one in ten is almost none"),
        ),
        Check(
            "what the largest dictionary leaves unexplained, with the penalty that finds most / "
            "with the smallest",
            _price_in_error,
            at_least(2, "dictionaries of one kind differ by less than a factor of two"),
        ),
        control=TURNED_PENALTIES,
    ),
    _ours(
        "E3",
        "The larger a dictionary, the more features it finds. With twice as many latents as "
        "features, most of the spare latents die, so the number of live ones roughly tells how "
        "many features there are.",
        Check(
            "smallest step in the part of features found, from one dictionary to the next larger "
            "one",
            _smallest_gain_of_size,
            at_least(0, "more or as many"),
        ),
        Check(
            "live latents per feature in the largest dictionary",
            live_per_feature,
            between(0.67, 1.5, "right within a factor of 1.5"),
        ),
    ),
    _ours(
        "E4",
        "Training that finds independent features misses most of those that come in correlated "
        "sets: latents stand for whole sets, along the sum of their directions.",
        Check(
            "part of the features found by the dictionary that finds most",
            most_found,
            at_most(0.5, "most are not found"),
        ),
        Check(
            "part of the sets found by the dictionary that finds most",
            lambda network: (
                max(row.sums for row in _matches(network)) / len(network.features.correlated)
            ),
            at_least(0.9, "nearly all: nine of ten"),
        ),
        task=Task("enumerated_sets", 100, 20, 1.0, correlated=SETS),
        cells=(Cells("relu", (0.03, 0.01), needs_dictionaries=True),),
        control=DEALT,
    ),
)
