"""Dictionaries built by hand, of networks built by hand: what they find of them, exactly."""

from dataclasses import replace

import ideal
import numpy as np

from superposition.dictionaries.record import Dictionaries, Dictionary
from superposition.settings import DictionarySettings

DENSITIES = (0.1, 0.03, 0.01)
SIZES, PENALTIES = (50, 100, 200), (0.03, 0.3, 1.2)
SETS = tuple(tuple(range(first, first + 5)) for first in range(0, 100, 5))
SAMPLES = 1000


def directions(count, seed):
    found = np.random.default_rng(seed).standard_normal((count, 20))
    return found / np.linalg.norm(found, axis=1)[:, None]


W = 1.1 * directions(100, 1).T


def dictionary(penalty, decoder, live, unexplained):
    size = len(decoder)
    decoder = decoder.astype(np.float32)
    biases = np.zeros(size, np.float32), np.zeros(20, np.float32)
    fired = np.where(np.arange(size) < live, 10, 0)
    totals = np.array([unexplained, 1.0, 1.0, SAMPLES])
    return Dictionary(penalty, decoder, decoder, *biases, fired, totals)


def of_features(size):
    """Return latents along features, in turn."""
    return np.resize(W.T / 1.1, (size, 20))


def of_sets(size):
    """Return latents along the sums of sets, in turn."""
    sums = W.reshape(20, 20, 5).sum(axis=2).T
    return np.resize(sums / np.linalg.norm(sums, axis=1)[:, None], (size, 20))


def of_nothing(size):
    return directions(size, size)


def dictionaries(weights, latents, live=120):
    """Return dictionaries that find nothing with the smallest penalty, and latents else."""
    how = DictionarySettings(sizes=SIZES, penalties=PENALTIES, learning_rate=0.01, steps=2000)
    trained = [
        dictionary(penalty, (of_nothing if k == 0 else latents)(size), live, (0.01, 0.1, 0.6)[k])
        for size in SIZES
        for k, penalty in enumerate(PENALTIES)
    ]
    return Dictionaries(weights.cell, 1, weights.W[weights.best], how, trained)


def enumerated(runs=1):
    """Return weights, and dictionaries that find independent features, and sets of others."""
    weights, found = {}, {}
    for density in DENSITIES:
        for name, sets in (("enumerated", ()), ("enumerated_sets", SETS)):
            key = f"{name}/relu_p{density:g}"
            plain = ideal.weights("relu", W, np.zeros(100), density, 1.0, runs, rotate=False)
            features = plain.cell.features.model_copy(update={"correlated": sets})
            cell = plain.cell.model_copy(update={"features": features})
            weights[key] = replace(plain, cell=cell)
            found[key] = dictionaries(weights[key], of_sets if sets else of_features)
    return weights, found
