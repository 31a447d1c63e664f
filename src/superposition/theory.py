"""Closed forms to hold trained models against."""

from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

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


def linear_loss(
    W: Float[NDArray[Any], "m n"],
    b: Float[NDArray[Any], " n"],
    importance: Float[NDArray[Any], " n"],
    features: FeatureSettings,
) -> float:
    """Return the expected loss of the linear model x' = WᵀW x + b, meaned over features.

    With A = 1 − WᵀW and independent features of mean μ and variance σ²,

        n L = Σ_i I_i [ Σ_j A_ij² σ_j² + (Σ_j A_ij μ_j − b_i)² ].

    For μ = 0 and σ = 1 that is the sum of feature benefit Σ_i I_i (1 − ‖W_i‖²)² and interference
    Σ_{i≠j} I_i (W_i · W_j)² (paper: Mathematical Understanding, #demonstrating-math; after Saxe et
    al. 2014).

    Args:
        W: Weights `[m, n]`.
        b: Bias `[n]`.
        importance: I_i, `[n]`.
        features: Distribution of x.
    """
    W, b = np.asarray(W, dtype=np.float64), np.asarray(b, dtype=np.float64)
    mean, variance = moments(features)
    A = np.eye(W.shape[1]) - W.T @ W
    return float(np.mean(importance * (A**2 @ variance + (A @ mean - b) ** 2)))
