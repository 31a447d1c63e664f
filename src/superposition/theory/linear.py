"""The linear model's expected loss, and why it never holds more than m features.

With whitened features the loss has two terms that compete: every feature wants to be represented,
and no two want to overlap (paper: Mathematical Understanding, #demonstrating-math; after Saxe et
al. 2014).
"""

from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from superposition.metrics import gram
from superposition.settings import FeatureSettings


def moments(features: FeatureSettings) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the mean and the variance of each feature, both `[n]`, for features without sets.

    Raises:
        ValueError: If features are in sets: then they are not independent.
    """
    if features.correlated or features.anticorrelated:
        raise ValueError("the moments of single features do not describe correlated sets")
    p = np.array(features.feature_probability)
    mean = np.zeros_like(p) if features.value_range == "signed" else p / 2.0
    return mean, p / 3.0 - mean**2


def ignored(density: Float[np.ndarray, "*s"] | float) -> Float[np.ndarray, "*s"]:
    """Return what a feature of importance 1 costs that is answered with its mean s/2: its variance.

    Args:
        density: s = 1 − S.
    """
    s = np.asarray(density, dtype=np.float64)
    return np.asarray(s / 3.0 - s**2 / 4.0)


def linear_loss(
    W: Float[NDArray[Any], "m n"],
    b: Float[NDArray[Any], " n"],
    importance: Float[NDArray[Any], " n"],
    features: FeatureSettings,
) -> float:
    """Return the expected loss of the linear model x' = WᵀW x + b, meaned over features.

    With A = 1 − WᵀW and independent features of mean μ and variance σ²,

        n L = Σ_i I_i [ Σ_j A_ij² σ_j² + (Σ_j A_ij μ_j − b_i)² ].

    With the best bias, b = A μ, and one σ² for all features that is σ² times `saxe_loss`: density
    scales benefit and interference alike, so that it cannot change which weights are best.

    Args:
        W: Weights `[m, n]`.
        b: Bias `[n]`.
        importance: I_i, `[n]`.
        features: Distribution of x.
    """
    W, b = np.asarray(W, dtype=np.float64), np.asarray(b, dtype=np.float64)
    mean, variance = moments(features)
    A = np.eye(W.shape[1]) - gram(W)
    squared = (A**2 * variance).sum(axis=1) + ((A * mean).sum(axis=1) - b) ** 2
    return float(np.mean(importance * squared))


class SaxeTerms(NamedTuple):
    """The two terms of the linear model's loss, for each feature; their sum is the loss."""

    benefit: Float[np.ndarray, "*batch n"]
    """I_i (1 − ‖W_i‖²)²: what is lost where a feature is not, or not fully, represented."""
    interference: Float[np.ndarray, "*batch n"]
    """Σ_{j≠i} I_i (W_i · W_j)²: what the other features add to output i."""


def saxe_terms(
    W: Float[np.ndarray, "*batch m n"], importance: Float[np.ndarray, " n"]
) -> SaxeTerms:
    """Return feature benefit and interference of every feature, for features of variance 1.

    Args:
        W: Weights `[..., m, n]`.
        importance: I_i, `[n]`.
    """
    overlaps = gram(W)
    norms = np.diagonal(overlaps, axis1=-2, axis2=-1)
    others = (overlaps**2).sum(axis=-1) - norms**2
    return SaxeTerms(importance * (1.0 - norms) ** 2, importance * others)


def saxe_loss(
    W: Float[np.ndarray, "*batch m n"], importance: Float[np.ndarray, " n"]
) -> Float[np.ndarray, "*batch"]:
    """Return Σ_i I_i (1 − ‖W_i‖²)² + Σ_{i≠j} I_j (W_j · W_i)², summed over features."""
    terms = saxe_terms(W, importance)
    loss: np.ndarray = np.asarray((terms.benefit + terms.interference).sum(axis=-1))
    return loss


def saxe_gradient(
    W: Float[np.ndarray, "*batch m n"], importance: Float[np.ndarray, " n"]
) -> Float[np.ndarray, "*batch m n"]:
    """Return the gradient of `saxe_loss`, −2 W (A I + I A) with A = 1 − WᵀW and I = diag(I_i)."""
    weighted = (np.eye(W.shape[-1]) - gram(W)) * (importance[:, None] + importance)
    gradient = np.zeros_like(W)
    for i in range(W.shape[-1]):  # not by BLAS, whose sums differ from machine to machine
        gradient -= 2.0 * W[..., :, i, None] * weighted[..., None, i, :]
    return gradient


def minimise(
    importance: Float[np.ndarray, " n"],
    n_hidden: int,
    restarts: int = 64,
    seed: int = 0,
    steps: int = 20_000,
) -> tuple[Float[np.ndarray, "restarts n_hidden n"], Float[np.ndarray, " restarts"]]:
    """Return local minima of `saxe_loss` from random starts, and their losses.

    Gradient descent; every restart has a step size of its own, which grows while the loss falls
    and is halved when it does not. It stops when no gradient exceeds 1e-7 of the importance.

    With distinct importances the best minimum holds the m most important features and nothing else.
    With equal ones every projection to m dimensions is a minimum, W = the simplex included: then
    nothing favours the feature basis, and it makes no sense to count features.

    Args:
        importance: I_i, `[n]`.
        n_hidden: m.
        restarts: Number of random starts.
        seed: Of the starts.
        steps: Largest number of steps.
    """
    random = np.random.default_rng(seed)
    W = random.standard_normal((restarts, n_hidden, importance.size)) / np.sqrt(n_hidden)
    loss = saxe_loss(W, importance)
    gradient = saxe_gradient(W, importance)
    step = np.full(restarts, 0.1 / importance.max())
    for _ in range(steps):
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
