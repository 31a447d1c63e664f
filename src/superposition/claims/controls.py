"""Networks on which claims must fail.

Each control keeps as much of the trained network as it can and destroys the one thing that the
claim is about. Controls are drawn from generators seeded by what they replace, so they are the same
in every build.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from superposition.claims.library import Library
from superposition.claims.records import Control, Network
from superposition.metrics import norms
from superposition.settings import canonical_json, digest


def _generator(name: str, network: Network) -> np.random.Generator:
    """Return the generator of one control of one network."""
    where = [name, network.experiment, network.model, network.density, network.repetition]
    if network.relative != 1:
        where.append(network.relative)
    return np.random.default_rng(int(digest(canonical_json(where))[:16], 16))


def _shuffled(network: Network, _: Library) -> Network:
    """Return the network with its features, columns and biases together, in another order."""
    order = _generator("shuffled", network).permutation(network.W.shape[1])
    return replace(network, W=network.W[:, order], b=network.b[order])


def _scattered(network: Network, _: Library) -> Network:
    """Return the network with every feature as long as it was, in a random direction."""
    directions = _generator("scattered", network).standard_normal(network.W.shape)
    return replace(network, W=directions / norms(directions) * norms(network.W))


def _untrained(network: Network, _: Library) -> Network:
    """Return a fresh start: normal weights of variance 2 / (n + m), biases 0."""
    n_hidden, n_features = network.W.shape
    start = _generator("untrained", network).standard_normal(network.W.shape)
    scale = np.sqrt(2 / (n_features + n_hidden))
    return replace(network, W=start * scale, b=np.zeros(n_features))


def _counterpart(model: str) -> Callable[[Network, Library], Network | None]:
    def build(network: Network, library: Library) -> Network | None:
        return library.counterpart(network, model)

    return build


SHUFFLED = Control("the same features in another order of importance", _shuffled)
SCATTERED = Control("the same lengths in random directions", _scattered)
UNTRAINED = Control("the random start", _untrained)
LINEAR = Control("the linear model at the same densities", _counterpart("linear"))
