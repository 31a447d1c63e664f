"""How much of what there was to find a dictionary has found: its directions beside W's columns.

A feature is there to be found if the model represents it (‖W_i‖ > 0.9), and found if a latent that
is ever active has a direction within 26° of its column, cos > 0.9. A latent is dead if it is active
in none of the fresh samples; it is nothing's if it is alive and no represented feature is as close.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from superposition.measure.dictionaries.record import Dictionaries, Dictionary
from superposition.measure.dictionaries.training import random_directions
from superposition.measure.metrics import is_represented, norms, product
from superposition.sampling.philox import key_of

FOUND = 0.9
"""Cosine above which a latent's direction is that of a feature."""


class Match(NamedTuple):
    """A dictionary held against the columns of W."""

    size: int
    """Latents."""
    penalty: float
    """λ."""
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


def matches(found: Dictionaries) -> list[Match]:
    """The match of each dictionary, in their order."""
    directions = _directions(found)
    sums = _sums_of_sets(found)
    return [_match(dictionary, directions, sums) for dictionary in found.trained]


def finds_most(found: Iterable[Match]) -> Match:
    """The dictionary that finds most; of equals, the one that is closest."""
    return max(found, key=lambda match: (match.found, match.cosine))


def cosines(found: Dictionaries, dictionary: Dictionary) -> Float[np.ndarray, " k"]:
    """The largest cosine of a live latent with each represented feature; −1 without any."""
    alive = dictionary.decoder[dictionary.fired > 0].astype(np.float64)
    return np.asarray(product(alive, _directions(found)).max(axis=0, initial=-1.0))


def random_cosines(found: Dictionaries, count: int) -> Float[np.ndarray, " k"]:
    """The largest cosine of random directions with each represented feature."""
    directions = _directions(found)
    return np.asarray(product(_random_directions(count, len(directions)), directions).max(axis=0))


def _directions(found: Dictionaries) -> Float[np.ndarray, "m k"]:
    """The columns of W that there were to find, at length 1."""
    W = np.asarray(found.W, dtype=np.float64)
    columns = W[:, is_represented(W)]
    return np.asarray(columns / norms(columns))


def _match(
    dictionary: Dictionary,
    directions: Float[np.ndarray, "m k"],
    sums: Float[np.ndarray, "m sets"],
) -> Match:
    alive = dictionary.fired > 0
    decoder = dictionary.decoder[alive].astype(np.float64)
    cosines = product(decoder, directions)
    best = cosines.max(axis=0, initial=-1.0)
    squared_error, squared_length, _, samples = dictionary.totals.tolist()
    random = _random_directions(dictionary.size, len(directions))
    return Match(
        size=dictionary.size,
        penalty=dictionary.penalty,
        represented=directions.shape[1],
        found=int((best > FOUND).sum()),
        cosine=float(np.cumsum(best)[-1]) / best.size if best.size else float("nan"),
        dead=int((~alive).sum()),
        nothings=int((cosines.max(axis=1, initial=-1.0) <= FOUND).sum()),
        unexplained=squared_error / squared_length if squared_length else float("nan"),
        active=float(dictionary.fired.sum()) / samples,
        by_chance=int((product(random, directions).max(axis=0) > FOUND).sum()),
        sums=int((product(decoder, sums).max(axis=0, initial=-1.0) > FOUND).sum()),
    )


def _sums_of_sets(found: Dictionaries) -> Float[np.ndarray, "m sets"]:
    """The sum of the columns of each correlated set, at length 1."""
    W = np.asarray(found.W, dtype=np.float64)
    sums = np.zeros((len(W), len(found.cell.features.correlated)))
    for place, members in enumerate(found.cell.features.correlated):
        for i in members:
            sums[:, place] += W[:, i]
    lengths = norms(sums)
    np.divide(sums, lengths, out=sums, where=lengths > 0)
    return sums


def _random_directions(count: int, m: int) -> Float[np.ndarray, "count m"]:
    """Directions that are spread evenly at random, always the same."""
    return random_directions(key_of("random directions"), 0, count, m)
