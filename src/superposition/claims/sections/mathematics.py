"""Mathematical Understanding: benefit, interference, and the expansion of the loss.

The package's losses are means over features, the paper's sums: losses are multiplied by n here.
"""

from collections.abc import Callable
from functools import cache, partial
from typing import Literal

import numpy as np

from superposition.claims.bounds import at_least, at_most, between, exactly
from superposition.claims.claim import Basis, Cells, Check, Repetition, claim, overall
from superposition.claims.controls import MISMATCHED, PROJECTION, WITHOUT_RELU
from superposition.claims.sections.demonstration import TASK
from superposition.claims.statistics import Measure, constructed, count, of_nothing
from superposition.measure.metrics import gram, is_orthogonal, norms
from superposition.measure.network import Network
from superposition.measure.theory.expansion import expansion, one_active
from superposition.measure.theory.linear import linear_loss, minimise, saxe_loss

_NONZERO = 0.01
"""Norm above which a column counts as nonzero; minimisation stops at gradients of 1e-7."""


@cache
def linear_minima() -> Repetition:
    """Local minima of the linear model's loss from sixteen random starts, as networks."""
    importance = np.cumprod([1.0, *[0.7] * (TASK.n_features - 1)])
    W, _ = minimise(importance, TASK.n_hidden, restarts=16)
    return tuple(
        constructed(one, importance=importance, model="linear", experiment=TASK.experiment, run=run)
        for run, one in enumerate(W)
    )


def of_model(model: str, number: Callable[[Network], float]) -> Measure:
    """A measure: a number of each network of one of the models."""
    return lambda networks: [number(network) for network in networks if network.model == model]


def price_of_negative(network: Network) -> float:
    """What negative overlaps cost where b_i ≤ 0, of all that L_1 can lose.

    By the network's own model; in a linear one, overlaps of either sign cost their square.
    """
    if network.model == "linear":
        return linear_price_of_negative(network)
    paid = one_active(network.W, network.b, network.importance).interference
    return float(paid[_negative(network)].sum() / (network.importance.sum() / 3.0))


def linear_price_of_negative(network: Network) -> float:
    """What the same overlaps would cost without ReLU."""
    price = network.importance[:, None] * gram(network.W) ** 2
    return float(price[_negative(network)].sum() / network.importance.sum())


def _negative(network: Network) -> np.ndarray:
    """Which overlaps, by output and active feature, are negative at a b_i ≤ 0."""
    return np.asarray((gram(network.W) < 0) & (network.b <= 0)[:, None])


def _summed(network: Network) -> float:
    return network.loss * network.b.size


def _terms(n: Network, order: Literal[1, 2]) -> float:
    """The first terms of the loss's expansion by the number of active features, summed."""
    return float(expansion(n.W, n.b, n.importance, n.density, order).sum())


_SPARSE = (0.01, 0.003, 0.001)
"""Densities at which one feature is active, if any is."""

_claim = partial(
    claim,
    section="Mathematical Understanding",
    anchor="#demonstrating-math",
    basis=Basis(
        "typical run",
        "The paper's equations hold for all weights, whether their loss is the lowest or not.",
    ),
    task=TASK,
)

CLAIMS = (
    _claim(
        "C13",
        "Feature benefit and interference together are never lowest with more features "
        "than dimensions: minima of the linear model's loss hold the five most important of twenty "
        "features, orthogonal to each other.",
        Check(
            f"columns of W with ‖W_i‖ > {_NONZERO:g}",
            lambda n: (norms(n.W) > _NONZERO).sum(),
            at_most(
                TASK.n_hidden,
                "of sixteen minima, each from a random start; importances differ, because with "
                "equal ones any projection is a minimum",
                "paper",
            ),
        ),
        Check(
            "features with a dimension of their own",
            count(is_orthogonal),
            exactly(TASK.n_hidden, source="derived"),
        ),
        Check(
            "loss / Σ I_i of all but the first five",
            lambda n: saxe_loss(n.W, n.importance) / n.importance[len(n.W) :].sum(),
            between(1 - 1e-6, 1 + 1e-6, "the lowest loss there is", "derived"),
        ),
        basis=Basis(
            "typical run",
            "The paper says what no minimum does, so all minima that were found must agree with "
            "it.",
        ),
        constructed=linear_minima,
        control=PROJECTION,
        origin="derivation",
    ),
    _claim(
        "C14",
        "If features are sparse, nearly all of a ReLU model's loss comes from samples with one "
        "active feature or none: the rest is of the order of (n (1 − S))². A linear model's loss "
        "consists of feature benefit and interference.",
        overall(
            "linear: loss on the evaluation sample / closed form",
            of_model("linear", lambda n: n.loss / linear_loss(n.W, n.b, n.importance, n.features)),
            between(
                0.99,
                1.01,
                "exact except for the sample, which has about 650,000 active features",
                "derived",
            ),
        ),
        overall(
            "ReLU: loss beyond L_0 and L_1 / n (1 − S) times the loss of representing nothing",
            # If a network lost everything whenever two features are active at once, that would be
            # about 1: such samples hold n (1 − S) of all active features.
            of_model(
                "relu",
                lambda n: (_summed(n) - _terms(n, 1)) / (n.b.size**2 * n.density * of_nothing(n)),
            ),
            between(
                -0.02,
                1.0,
                "1 if samples with two active features were lost altogether; below 0 only by the "
                "noise of the sample",
                "derived",
            ),
        ),
        overall(
            "ReLU: part of the loss that is not in L_0, L_1 and L_2",
            of_model("relu", lambda n: 1.0 - _terms(n, 2) / _summed(n)),
            between(
                (-0.06, -0.024, -0.0204),
                (0.06, 0.024, 0.0204),
                "(n (1 − S))², the order of what is left out, and 2 % for the noise of the sample",
                "derived",
            ),
        ),
        cells=(Cells("linear"), Cells("relu", _SPARSE)),
        control=MISMATCHED,
        origin="derivation",
        changed="It was counted as an empirical claim; but it holds for any weights, as the paper "
        "says. Its control now has the losses of other weights.",
    ),
    _claim(
        "C15",
        "While one feature is active, negative interference is free: a negative "
        "W_i · W_j adds nothing to L_1 where the bias is not positive.",
        Check(
            "what negative W_i · W_j cost / all that L_1 can lose",
            price_of_negative,
            at_most(0.0, source="derived"),
        ),
        Check(
            "what they would cost without ReLU",
            linear_price_of_negative,
            at_least(
                0.1,
                "much of what could be lost; without negative overlaps, nothing could be free",
            ),
        ),
        cells=(Cells("relu", _SPARSE),),
        control=WITHOUT_RELU,
        origin="derivation",
    ),
)
