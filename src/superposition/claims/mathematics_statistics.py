"""Numbers that hold networks against the equations of Mathematical Understanding.

The package's losses are means over features, the paper's sums: losses are multiplied by n here.
"""

from collections.abc import Callable
from functools import cache

import numpy as np

from superposition.claims.records import Network, Repetition, Values
from superposition.claims.statistics import of_nothing
from superposition.metrics import gram, norms
from superposition.settings import FeatureSettings
from superposition.theory.expansion import expansion, one_active
from superposition.theory.linear import linear_loss, minimise, saxe_loss

N_HIDDEN = 5
IMPORTANCE = np.cumprod([1.0, *[0.7] * 19])
"""The demonstration's task, for which the linear model's loss is minimised."""
NONZERO = 0.01
"""Norm above which a column counts as nonzero; minimisation stops at gradients of 1e-7."""


@cache
def linear_minima() -> Repetition:
    """Return local minima of the linear model's loss from sixteen random starts, as networks."""
    n_features = IMPORTANCE.size
    W, _ = minimise(IMPORTANCE, N_HIDDEN, restarts=16)
    return tuple(
        Network(
            W=one,
            b=np.zeros(n_features),
            experiment="demonstration",
            model="linear",
            density=1.0,
            repetition=start,
            relative=1.0,
            loss=float("nan"),
            features=FeatureSettings(
                n_features=n_features, feature_probability=(1.0,) * n_features
            ),
            importance=IMPORTANCE,
        )
        for start, one in enumerate(W)
    )


def count_nonzero(network: Network) -> float:
    """Return the number of columns of W that are not zero."""
    return float((norms(network.W) > NONZERO).sum())


def over_best_linear(network: Network) -> float:
    """Return benefit plus interference over what they are if the first m features are stored."""
    best = network.importance[network.W.shape[0] :].sum()
    return float(saxe_loss(network.W, network.importance) / best)


def of_linear(networks: Repetition) -> Values:
    """Return the loss of each linear network over that of the closed form."""
    return tuple(
        network.loss / linear_loss(network.W, network.b, network.importance, network.features)
        for network in networks
        if network.model == "linear"
    )


def left_out(order: int) -> Callable[[Repetition], Values]:
    """Return a measure of ReLU networks: which part of the loss the first terms leave out."""

    def measure(networks: Repetition) -> Values:
        return tuple(1.0 - _terms(n, order) / _summed(n) for n in networks if n.model == "relu")

    return measure


def left_out_by_first(networks: Repetition) -> Values:
    """Return what L_0 and L_1 leave out, over n (1 − S) times the loss of representing nothing.

    If a network lost everything whenever two features are active at once, that would be about 1:
    such samples hold n (1 − S) of all active features.
    """
    return tuple(
        (_summed(n) - _terms(n, 1)) / (n.b.size**2 * n.density * of_nothing(n))
        for n in networks
        if n.model == "relu"
    )


def price_of_negative(network: Network) -> float:
    """Return what negative overlaps cost where b_i ≤ 0, of all that L_1 can lose.

    By the network's own model; in a linear one, overlaps of either sign cost their square.
    """
    if network.model == "linear":
        return linear_price_of_negative(network)
    paid = one_active(network.W, network.b, network.importance).interference
    return float(paid[_negative(network)].sum() / (network.importance.sum() / 3.0))


def linear_price_of_negative(network: Network) -> float:
    """Return what the same overlaps would cost without ReLU."""
    price = network.importance[:, None] * gram(network.W) ** 2
    return float(price[_negative(network)].sum() / network.importance.sum())


def _negative(network: Network) -> np.ndarray:
    """Return which overlaps, by output and active feature, are negative at a b_i ≤ 0."""
    chosen: np.ndarray = (gram(network.W) < 0) & (network.b <= 0)[:, None]
    return chosen


def _summed(network: Network) -> float:
    return network.loss * network.b.size


def _terms(network: Network, order: int) -> float:
    """Return the first terms of the loss's expansion by the number of active features, summed."""
    terms = expansion(
        network.W, network.b, network.importance, network.density, 1 if order == 1 else 2
    )
    return float(terms.sum())
