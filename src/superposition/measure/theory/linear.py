"""The linear model's expected loss, and why it never holds more than m features.

With whitened features the loss has two terms that compete: every feature wants to be represented,
and no two want to overlap (paper: Mathematical Understanding, #demonstrating-math; after Saxe et
al. 2014).
"""

import numpy as np
from jaxtyping import Float

from superposition.config.settings import FeatureSettings
from superposition.measure.elementary import normal
from superposition.measure.metrics import gram, product
from superposition.sampling.distribution import moments


def ignored(density: Float[np.ndarray, "*s"] | float) -> Float[np.ndarray, "*s"]:
    """The loss of a feature of importance 1 that is answered with its mean s/2: its variance."""
    s = np.asarray(density, dtype=np.float64)
    return np.asarray(s / 3.0 - s**2 / 4.0)


def linear_loss(
    W: Float[np.ndarray, "m n"],
    b: Float[np.ndarray, " n"],
    importance: Float[np.ndarray, " n"],
    features: FeatureSettings,
) -> float:
    """The expected loss of the linear model x' = WᵀW x + b, meaned over features.

    With A = 1 − WᵀW and features of mean μ and covariance Σ,

        n L = Σ_i I_i [ (A Σ Aᵀ)_ii + (Σ_j A_ij μ_j − b_i)² ].

    With the best bias, b = A μ, and independent features of one variance σ² that is σ² times
    `saxe_loss`: density scales benefit and interference alike, so that it cannot change which
    weights are best.
    """
    W, b = np.asarray(W, dtype=np.float64), np.asarray(b, dtype=np.float64)
    mean, covariance = moments(features)
    A = np.eye(W.shape[1]) - gram(W)
    squared = (product(A, covariance) * A).sum(axis=1) + ((A * mean).sum(axis=1) - b) ** 2
    return float(np.mean(importance * squared))


def saxe_loss(
    W: Float[np.ndarray, "*batch m n"], importance: Float[np.ndarray, " n"]
) -> Float[np.ndarray, "*batch"]:
    """The loss for features of variance 1, Σ_i I_i (1 − ‖W_i‖²)² + Σ_{i≠j} I_j (W_j · W_i)².

    First feature benefit, what is lost where a feature is not, or not fully, represented; then
    interference, what other features add to its output.
    """
    A = np.eye(W.shape[-1]) - gram(W)
    return np.asarray((importance * A**2).sum(axis=(-2, -1)))


def saxe_gradient(
    W: Float[np.ndarray, "*batch m n"], importance: Float[np.ndarray, " n"]
) -> Float[np.ndarray, "*batch m n"]:
    """The gradient of `saxe_loss`, −2 W (A I + I A) with A = 1 − WᵀW and I = diag(I_i)."""
    weighted = (np.eye(W.shape[-1]) - gram(W)) * (importance[:, None] + importance)
    return -2.0 * product(W, weighted)


def minimise(
    importance: Float[np.ndarray, " n"], n_hidden: int, restarts: int
) -> tuple[Float[np.ndarray, "restarts n_hidden n"], Float[np.ndarray, " restarts"]]:
    """Local minima of `saxe_loss` from random starts, and their losses.

    Gradient descent; every restart has a step size of its own, which grows while the loss falls
    and is halved when it does not. It stops when no gradient exceeds 1e-7 of the importance.

    With distinct importances the best minimum holds the m most important features and nothing else.
    With equal ones every projection to m dimensions is a minimum, W = the simplex included: then
    nothing favours the feature basis, and it makes no sense to count features.
    """
    random = np.random.default_rng(0)
    W = normal(random, (restarts, n_hidden, importance.size)) / np.sqrt(n_hidden)
    loss = saxe_loss(W, importance)
    gradient = saxe_gradient(W, importance)
    step = np.full(restarts, 0.1 / importance.max())
    for _ in range(20_000):
        slope = (gradient**2).sum(axis=(-2, -1))
        if slope.max() < (1e-7 * importance.max()) ** 2:
            break
        trial = W - step[:, None, None] * gradient
        trial_loss = saxe_loss(trial, importance)
        # Armijo's condition, loose by the rounding of the loss: near a minimum that is all it sees.
        lower = trial_loss <= loss - 0.25 * step * slope + 1e-15 * loss
        W = np.where(lower[:, None, None], trial, W)
        loss = np.where(lower, trial_loss, loss)
        gradient = saxe_gradient(W, importance)
        step *= np.where(lower, 1.25, 0.5)
    return W, loss
