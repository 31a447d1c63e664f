"""How much of what there was to find a dictionary has found: its directions beside W's columns.

A feature is there to be found if the model represents it (‖W_i‖ > 0.9), and found if a latent that
is ever active has a direction within 26° of its column, cos > 0.9. A latent is dead if it is active
in none of the fresh samples; it is nothing's if it is alive and no represented feature is as close.

What goes wrong has names. A feature is split if several latents that are ever active point along
it. It is absorbed if it is not found, but its correlated set is: a latent points along the sum of
the set's columns and stands for all of them. What is neither found nor absorbed is lost.
"""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from superposition.config.settings import FeatureSettings
from superposition.measure.dictionaries.record import Dictionaries, Dictionary, Kind
from superposition.measure.dictionaries.training import random_directions
from superposition.measure.metrics import is_represented, norms, product
from superposition.sampling.philox import key_of

FOUND = 0.9
"""Cosine above which a latent's direction is that of a feature."""


class Match(NamedTuple):
    """A dictionary held against the columns of W."""

    size: int
    """Latents."""
    kind: Kind
    level: float
    """What keeps its latents few: λ of relu, k of topk, μ of jumprelu."""
    represented: int
    """Features that there were to find."""
    found: int
    """Of these, found."""
    cosine: float
    """Mean over them of the largest cosine of any live latent."""
    dead: int
    """Latents that are never active."""
    nothings: int
    """Live latents that stand for no represented feature."""
    unexplained: float
    """Σ ‖h − ĥ‖² / Σ ‖h‖²."""
    active: float
    """Latents active in a sample, mean."""
    by_chance: int
    """Features that as many random directions would have found."""
    sums: int
    """Correlated sets along the sum of whose columns a live latent points."""
    split: int
    """Of the features found, those along which several live latents point."""
    absorbed: int
    """Of the features not found, those whose set is found."""

    @property
    def lost(self) -> int:
        """Features neither found nor absorbed."""
        return self.represented - self.found - self.absorbed


def matches(found: Dictionaries) -> list[Match]:
    """The match of each dictionary, in their order."""
    there = _there(found)
    return [_match(dictionary, there) for dictionary in found.trained]


def active_features(features: FeatureSettings) -> float:
    """How many features are active in a sample, mean; of an anticorrelated set one at a time."""
    shares = {i: len(group) for group in features.anticorrelated for i in group}
    return math.fsum(p / shares.get(i, 1) for i, p in enumerate(features.feature_probability))


def at_sparsity(table: Sequence[Match], kind: Kind, active: float) -> dict[str, float]:
    """What the largest dictionaries of a kind would do if so many latents were active in a sample.

    It is interpolated between those with more and with fewer, and missing where there are none.
    """
    size = max((match.size for match in table), default=0)
    of_kind = [match for match in table if (match.kind, match.size) == (kind, size)]
    if not of_kind:
        return dict.fromkeys(_INTERPOLATED, float("nan"))
    rows = sorted(of_kind, key=lambda match: match.active)
    has = [match.active for match in rows]
    return {
        name: float(np.interp(active, has, [getattr(match, name) for match in rows], *_BEYOND))
        for name in _INTERPOLATED
    }


def finds_most(found: Iterable[Match]) -> Match:
    """The dictionary that finds most; of equals, the one that is closest."""
    return max(found, key=lambda match: (match.found, match.cosine))


def cosines(found: Dictionaries, dictionary: Dictionary) -> Float[np.ndarray, " k"]:
    """The largest cosine of a live latent with each represented feature; −1 without any."""
    alive = dictionary.decoder[dictionary.fired > 0].astype(np.float64)
    return np.asarray(product(alive, _there(found).directions).max(axis=0, initial=-1.0))


def random_cosines(found: Dictionaries, count: int) -> Float[np.ndarray, " k"]:
    """The largest cosine of random directions with each represented feature."""
    directions = _there(found).directions
    return np.asarray(product(_random_directions(count, len(directions)), directions).max(axis=0))


_INTERPOLATED = ("found", "split", "absorbed", "lost", "dead", "unexplained")
_BEYOND = (np.nan, np.nan)
"""On either side of what can be interpolated."""


class _There(NamedTuple):
    """What there is to find."""

    directions: Float[np.ndarray, "m k"]
    """The columns of W that are represented, at length 1."""
    sums: Float[np.ndarray, "m sets"]
    """The sum of the columns of each correlated set, at length 1."""
    members: Bool[np.ndarray, "sets k"]
    """Which of the represented features are in each set."""


def _there(found: Dictionaries) -> _There:
    W, sets = np.asarray(found.W, dtype=np.float64), found.cell.features.correlated
    represented = is_represented(W)
    columns, sums = W[:, represented], np.zeros((len(W), len(sets)))
    members = np.zeros((len(sets), W.shape[1]), dtype=bool)
    for place, of_set in enumerate(sets):
        members[place, list(of_set)] = True
        for i in of_set:
            sums[:, place] += W[:, i]
    lengths = norms(sums)
    np.divide(sums, lengths, out=sums, where=lengths > 0)
    return _There(columns / norms(columns), sums, members[:, represented])


def _match(dictionary: Dictionary, there: _There) -> Match:
    directions, alive = there.directions, dictionary.fired > 0
    decoder = dictionary.decoder[alive].astype(np.float64)
    cosines = product(decoder, directions)
    best, along = cosines.max(axis=0, initial=-1.0), (cosines > FOUND).sum(axis=0)
    sums = product(decoder, there.sums).max(axis=0, initial=-1.0) > FOUND
    squared_error, squared_length, _, samples = dictionary.totals.tolist()
    random = _random_directions(dictionary.size, len(directions))
    return Match(
        size=dictionary.size,
        kind=dictionary.kind,
        level=dictionary.level,
        represented=directions.shape[1],
        found=int((along > 0).sum()),
        cosine=float(np.cumsum(best)[-1]) / best.size if best.size else float("nan"),
        dead=int((~alive).sum()),
        nothings=int((cosines.max(axis=1, initial=-1.0) <= FOUND).sum()),
        unexplained=squared_error / squared_length if squared_length else float("nan"),
        active=float(dictionary.fired.sum()) / samples,
        by_chance=int((product(random, directions).max(axis=0) > FOUND).sum()),
        sums=int(sums.sum()),
        split=int((along > 1).sum()),
        absorbed=int((there.members[sums].any(axis=0) & (along == 0)).sum()),
    )


def _random_directions(count: int, m: int) -> Float[np.ndarray, "count m"]:
    """Directions that are spread evenly at random, always the same."""
    return random_directions(key_of("random directions"), 0, count, m)
