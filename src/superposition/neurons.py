"""Single neurons: what excites them, which features each of them carries, how they are drawn.

A network is given by W, `[n_hidden, n_features]`, into the hidden layer and W_out, `[n_features,
n_hidden]`, out of it; tied networks leave W_out away, it is Wᵀ then. Features are in [0, 1] (unit)
or in [−1, 1] (signed). A neuron whose weight to a feature of [0, 1] is negative is never excited by
it: it only inhibits the feature's output.

As in `metrics`, nothing here goes through BLAS, so that equal weights give equal bytes.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

SECONDARY = 0.2
"""A neuron is polysemantic if its second largest excitation is at least this part of the largest.

The smallest that the paper itself calls shared is 1/4, in its example of an asymmetric neuron with
input weights 2 and −1/2.
"""
REPRESENTED = 0.5
"""A feature is represented if, active alone at 1, it comes back as more than this without bias."""
CARRIES = 0.125
"""A neuron carries a represented feature if this part of what comes back is by way of it: half of
what each of four neurons has that share a feature evenly."""
SILENT = 0.05
"""A neuron through which no feature comes back with more than this does nothing, whatever its
weights: without weight decay, unused ones stay where chance has put them."""


class Layers(NamedTuple):
    """Weights into and out of the hidden layer."""

    W: Float[np.ndarray, "n_hidden n_features"]
    """Into it."""
    W_out: Float[np.ndarray, "n_features n_hidden"]
    """Out of it."""


def layers(
    W: Float[np.ndarray, "n_hidden n_features"],
    W_out: Float[np.ndarray, "n_features n_hidden"] | None = None,
) -> Layers:
    """Return both layers in float64; of tied networks the second is the transpose of the first."""
    W = np.asarray(W, dtype=np.float64)
    return Layers(W, W.T if W_out is None else np.asarray(W_out, dtype=np.float64))


def rescaled(both: Layers) -> Layers:
    """Return the same network with every neuron's largest |input weight| at 1.

    ReLU(ax) = a ReLU(x) for a > 0, so the factor can move to the output weights.

    Paper: Computation in Superposition (#computation).
    """
    largest = np.abs(both.W).max(axis=1)
    factor = np.where(largest > 0, largest, 1.0)
    return Layers(both.W / factor[:, None], both.W_out * factor)


def excitation(
    W: Float[np.ndarray, "n_hidden n_features"], signed: bool
) -> Float[np.ndarray, "n_hidden n_features"]:
    """Return how far each feature can excite each neuron: |W| if it has signs, else ReLU(W)."""
    return np.abs(W) if signed else np.maximum(W, 0.0)


def contributions(both: Layers, signed: bool) -> Float[np.ndarray, "n_hidden n_features"]:
    """Return how much of each feature, active alone at ±1, comes back by way of each neuron.

    It does not change if neurons are rescaled.
    """
    return excitation(both.W, signed) * both.W_out.T


def gain(both: Layers, signed: bool) -> Float[np.ndarray, " n_features"]:
    """Return what comes back of each feature at 1, biases aside; with signs, the mean of both."""
    total: np.ndarray = contributions(both, signed).sum(axis=0)
    return total / 2 if signed else total


def is_represented(both: Layers, signed: bool) -> Bool[np.ndarray, " n_features"]:
    """Return of which features more than half comes back."""
    return gain(both, signed) > REPRESENTED


def carried(both: Layers, signed: bool) -> Bool[np.ndarray, "n_hidden n_features"]:
    """Return which neurons carry which represented features."""
    part = np.maximum(contributions(both, signed), 0.0)
    return (part >= CARRIES * part.sum(axis=0)) & (part > 0) & is_represented(both, signed)


def is_silent(both: Layers, signed: bool) -> Bool[np.ndarray, " n_hidden"]:
    """Return which neurons give back nothing of any feature."""
    return contributions(both, signed).max(axis=1) <= SILENT


def second_share(
    W: Float[np.ndarray, "n_hidden n_features"], signed: bool
) -> Float[np.ndarray, " n_hidden"]:
    """Return each neuron's second largest excitation as a part of its largest; 0 if it has none."""
    ordered = np.sort(excitation(W, signed), axis=1)
    share = np.zeros(len(W))
    np.divide(ordered[:, -2], ordered[:, -1], out=share, where=ordered[:, -1] > 0)
    return share


def is_monosemantic(
    both: Layers, signed: bool, threshold: float = SECONDARY
) -> Bool[np.ndarray, " n_hidden"]:
    """Return which neurons respond to a single feature.

    Args:
        both: The network.
        signed: Whether features have signs.
        threshold: Part of the largest excitation from which on a second one counts.
    """
    return (second_share(both.W, signed) < threshold) & ~is_silent(both, signed)


def is_polysemantic(
    both: Layers, signed: bool, threshold: float = SECONDARY
) -> Bool[np.ndarray, " n_hidden"]:
    """Return which neurons respond to several features; those that do nothing are neither."""
    return (second_share(both.W, signed) >= threshold) & ~is_silent(both, signed)


def primary(
    W: Float[np.ndarray, "n_hidden n_features"], signed: bool
) -> Int[np.ndarray, " n_hidden"]:
    """Return the feature that excites each neuron most."""
    return np.argmax(excitation(W, signed), axis=1)


def order(both: Layers, signed: bool) -> Int[np.ndarray, " n_hidden"]:
    """Return the neurons in the order in which they are drawn.

    Monosemantic ones first, then by the feature that excites them most, the most important first,
    and with signs the neuron of its positive values before that of the negative ones; those that do
    nothing last.
    """
    first = primary(both.W, signed)
    weight = both.W[np.arange(len(both.W)), first]
    rank = np.where(is_silent(both, signed), 2, np.where(is_monosemantic(both, signed), 0, 1))
    return np.lexsort((-weight, first, rank))


def kurtosis(W: Float[np.ndarray, "n_hidden n_features"]) -> float:
    """Return the kurtosis of the weights about 0: 3 if they are normal, more if few are large.

    It is the mean of w⁴ over the square of the mean of w².
    """
    squared = np.asarray(W, dtype=np.float64) ** 2
    total = float(squared.sum())
    return float((squared**2).sum()) * squared.size / total**2 if total else float("nan")
