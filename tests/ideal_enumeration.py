"""Dictionaries built by hand, of networks built by hand: what they find of them, exactly."""

import ideal
import numpy as np

from superposition.config.settings import DictionarySettings
from superposition.measure.dictionaries.record import Dictionaries, Dictionary

DENSITIES = (0.1, 0.03, 0.01)
SIZES, PENALTIES = (50, 100, 200), (0.03, 0.3, 1.2)
SETS = tuple(tuple(range(first, first + 5)) for first in range(0, 100, 5))
SAMPLES = 1000


def directions(count, seed):
    found = np.random.default_rng(seed).standard_normal((count, 20))
    return found / np.linalg.norm(found, axis=1)[:, None]


W = 1.1 * directions(100, 1).T


def dictionary(level, decoder, fired, *totals, kind="relu"):
    decoder = decoder.astype(np.float32)
    biases = (np.zeros(size, np.float32) for size in decoder.shape)
    counted = np.array(fired), np.array(totals)
    return Dictionary(kind, level, decoder, decoder, *biases, *counted)


def of_features(size):
    """Latents along features, in turn."""
    return np.resize(W.T / 1.1, (size, 20))


def of_sets(size):
    """Latents along the sums of sets, in turn."""
    sums = W.reshape(20, 20, 5).sum(axis=2).T
    return np.resize(sums / np.linalg.norm(sums, axis=1)[:, None], (size, 20))


def of_nothing(size):
    return directions(size, size)


def dictionaries(weights, latents, live=120):
    """Dictionaries that find nothing with the smallest penalty, and latents else."""
    how = DictionarySettings(sizes=SIZES, penalties=PENALTIES, learning_rate=0.01, steps=2000)
    trained = []
    for size in SIZES:
        fired = np.where(np.arange(size) < live, 10, 0)
        for k, penalty in enumerate(PENALTIES):
            decoder = (of_nothing if k == 0 else latents)(size)
            totals = ((0.01, 0.1, 0.6)[k], 1.0, 1.0, SAMPLES)
            trained.append(dictionary(penalty, decoder, fired, *totals))
    return [
        Dictionaries(weights.cell, run, W, how, trained)
        for run, W in zip(weights.runs, weights.W, strict=True)
    ]


LEVELS = {"relu": PENALTIES, "topk": (4, 2, 1), "jumprelu": (0.01, 0.1, 0.3)}


def of_kinds(weights, latents, live=(120, 100, 100), unexplained=(0.3, 0.2, 0.1)):
    """Dictionaries of all kinds, each with more and with fewer active latents than features."""
    how = DictionarySettings(
        sizes=SIZES,
        penalties=LEVELS["relu"],
        most_active=LEVELS["topk"],
        prices=LEVELS["jumprelu"],
        learning_rate=0.01,
        steps=2000,
    )
    trained = []
    for size in SIZES:
        for kind, alive, left in zip(LEVELS, live, unexplained, strict=True):
            for level, often in zip(LEVELS[kind], (50, 20, 5), strict=True):
                fired, decoder = np.where(np.arange(size) < alive, often, 0), latents(size)
                totals = (left, 1.0, 1.0, SAMPLES)
                trained.append(dictionary(float(level), decoder, fired, *totals, kind=kind))
    return [
        Dictionaries(weights.cell, run, W, how, trained)
        for run, W in zip(weights.runs, weights.W, strict=True)
    ]


def enumerated():
    """Weights, and dictionaries that find independent features, and sets of others."""
    weights, found = {}, {}
    for density in DENSITIES:
        for name, sets in (("enumerated", ()), ("enumerated_sets", SETS)):
            key = f"{name}/relu_p{density:g}"
            weights[key] = ideal.weights(
                "relu", W, 0, density, 1.0, 3, False, features={"correlated": sets}
            )
            found[key] = dictionaries(weights[key], of_sets if sets else of_features)
            of_all = key.replace("enumerated", "autoencoders")
            weights[of_all] = weights[key]
            found[of_all] = of_kinds(weights[key], of_sets if sets else of_features)
    return weights, found
