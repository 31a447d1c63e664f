"""Single neurons: what excites them, which features each of them carries, and the motif of two.

A network is given by W, `[n_hidden, n_features]`, into the hidden layer and W_out, `[n_features,
n_hidden]`, out of it; tied networks leave W_out away, it is Wᵀ then. Features are in [0, 1] (unit)
or in [−1, 1] (signed). A neuron whose weight to a feature of [0, 1] is negative is never excited by
it: it only inhibits the feature's output.

*Asymmetric superposition.* A neuron that computes half of |x_A| and half of |x_B|, of opposite
signs, would harm both alike with weights of ±1. With input weights 2 and −1/2 and output weights
1/2 and 2 both still come back as 1, but all of the harm goes one way: an active A is heard as 4 at
B, and B as 1/4 at A. Another neuron that A excites can then take the 4 away, by a large negative
output weight to B.

Paper: Superposition in a Privileged Basis (#privileged-basis); Computation in Superposition, "The
Asymmetric Superposition Motif" (#computation-asymmetric).

As in `metrics`, nothing here goes through BLAS, so that equal weights give equal bytes.
"""

from functools import cache
from itertools import permutations
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from superposition.measure.caching import cached
from superposition.measure.elementary import normal
from superposition.measure.geometry.singular import decompose
from superposition.measure.metrics import REPRESENTED, norms, product
from superposition.measure.network import Network

SECONDARY = 0.2
"""A neuron is polysemantic if its second largest excitation is at least this part of the largest.

The smallest that the paper itself calls shared is 1/4, in its example of an asymmetric neuron with
input weights 2 and −1/2.
"""
RETURNED = 0.5
"""A feature is represented if, active alone at 1, it comes back as more than this without bias."""
CARRIES = 0.125
"""A neuron carries a represented feature if this part of what comes back is by way of it: half of
what each of four neurons has that share a feature evenly."""
SILENT = 0.05
"""A neuron through which no feature comes back with more than this does nothing, whatever its
weights: without weight decay, unused ones stay where chance has put them."""
TAKES_PART = 0.25
"""A neuron shares a feature with another if it gives back at least a quarter of it."""
UNEVEN = 2.0
"""Input weights are asymmetric if they differ at least by this factor, half of the paper's 4."""
_BASES = 200
"""Random bases with which that of a network is compared."""
SPECIAL = 0.95
"""The share of random bases from which on a basis is special: one in twenty is so by chance."""
CANCELLED = 0.1
"""Interference is undone if no more than this part of it is left."""


class Layers(NamedTuple):
    """Weights into and out of the hidden layer."""

    W: Float[np.ndarray, "n_hidden n_features"]
    """Into it."""
    W_out: Float[np.ndarray, "n_features n_hidden"]
    """Out of it."""


def rescaled(both: Layers) -> Layers:
    """The same network with every neuron's largest |input weight| at 1.

    ReLU(ax) = a ReLU(x) for a > 0, so the factor can move to the output weights.

    Paper: Computation in Superposition (#computation).
    """
    largest = np.abs(both.W).max(axis=1)
    factor = np.where(largest > 0, largest, 1.0)
    return Layers(both.W / factor[:, None], both.W_out * factor)


def layers_of(network: Network) -> Layers:
    """Both layers of a trained network; of untied ones rescaled, as the paper looks at them."""
    if network.W_out is None:
        return Layers(network.W, network.W.T)
    return rescaled(Layers(network.W, network.W_out))


def excitation(
    W: Float[np.ndarray, "n_hidden n_features"], signed: bool
) -> Float[np.ndarray, "n_hidden n_features"]:
    """The excitation of each neuron by each feature: |W| if it has signs, else ReLU(W)."""
    return np.asarray(np.abs(W) if signed else np.maximum(W, 0.0))


def contributions(both: Layers, signed: bool) -> Float[np.ndarray, "n_hidden n_features"]:
    """The part of each feature, active alone at ±1, that comes back by way of each neuron.

    It does not change if neurons are rescaled.
    """
    return np.asarray(excitation(both.W, signed) * both.W_out.T)


def is_represented(both: Layers, signed: bool) -> Bool[np.ndarray, " n_features"]:
    """Whether more than half of each feature comes back; with signs, in the mean of both."""
    returned = contributions(both, signed).sum(axis=0)
    return np.asarray((returned / 2 if signed else returned) > RETURNED)


def carried(both: Layers, signed: bool) -> Bool[np.ndarray, "n_hidden n_features"]:
    """Whether each neuron carries each represented feature."""
    part = np.maximum(contributions(both, signed), 0.0)
    return np.asarray(
        (part >= CARRIES * part.sum(axis=0)) & (part > 0) & is_represented(both, signed)
    )


def is_silent(both: Layers, signed: bool) -> Bool[np.ndarray, " n_hidden"]:
    """Whether each neuron gives back nothing of any feature."""
    return np.asarray(contributions(both, signed).max(axis=1) <= SILENT)


def second_share(
    W: Float[np.ndarray, "n_hidden n_features"], signed: bool
) -> Float[np.ndarray, " n_hidden"]:
    """Each neuron's second largest excitation as a part of its largest; 0 if there is none."""
    ordered = np.sort(excitation(W, signed), axis=1)
    share = np.zeros(len(W))
    if W.shape[1] > 1:
        np.divide(ordered[:, -2], ordered[:, -1], out=share, where=ordered[:, -1] > 0)
    return share


def is_monosemantic(
    both: Layers, signed: bool, threshold: float = SECONDARY
) -> Bool[np.ndarray, " n_hidden"]:
    """Whether each neuron responds to a single feature.

    The threshold is the part of the largest excitation from which on a second one counts.
    """
    return np.asarray((second_share(both.W, signed) < threshold) & ~is_silent(both, signed))


def is_polysemantic(both: Layers, signed: bool) -> Bool[np.ndarray, " n_hidden"]:
    """Whether each neuron responds to several features; those that do nothing do not."""
    return np.asarray(~is_monosemantic(both, signed) & ~is_silent(both, signed))


def primary(
    W: Float[np.ndarray, "n_hidden n_features"], signed: bool
) -> Int[np.ndarray, " n_hidden"]:
    """The feature that excites each neuron most."""
    return np.asarray(np.argmax(excitation(W, signed), axis=1))


def order(both: Layers, signed: bool) -> Int[np.ndarray, " n_hidden"]:
    """The neurons in the order in which they are plotted.

    Monosemantic ones first, then by the feature that excites them most, the most important first,
    and with signs the neuron of its positive values before that of the negative ones; those that do
    nothing last.
    """
    first = primary(both.W, signed)
    weight = both.W[np.arange(len(both.W)), first]
    rank = np.where(is_silent(both, signed), 2, np.where(is_monosemantic(both, signed), 0, 1))
    return np.lexsort((-weight, first, rank))


@cached(4096)
def privilege(W: Float[np.ndarray, "n_hidden n_features"]) -> float:
    """How special the basis is in which W is written: the share of others that fit it worse.

    A basis fits by the mean over represented features of Σ_k Ŵ_ki⁴, for directions Ŵ_i of length 1:
    1 if each keeps to one dimension, 1/2 if to two, 3/(m + 2) on average in a random basis. The
    others are 200 random rotations. One half is to be expected of a basis like any other.
    """
    long = norms(W) > REPRESENTED
    directions = W[:, long] / norms(W)[long]
    rotated = product(_rotations(len(W)), directions).reshape(_BASES, *directions.shape)
    others, own = rotated**2, directions**2
    return float(((others**2).sum(axis=(1, 2)) < (own**2).sum()).mean())


@cache
def _rotations(size: int) -> Float[np.ndarray, "rows size"]:
    """The rows of one rotation after another."""
    drawn = normal(np.random.default_rng(0), (_BASES, size, size))
    return np.concatenate([decompose(one).left for one in drawn])


class Asymmetric(NamedTuple):
    """A neuron that two features of opposite signs share, unevenly."""

    neuron: int
    """Which it is."""
    strong: int
    """Feature A, of the larger input weight."""
    weak: int
    """Feature B, of the smaller one."""
    ratio_in: float
    """|W_1A| / |W_1B|."""
    ratio_out: float
    """W_2B / W_2A."""
    interference: float
    """The output B that an A of 1 makes by way of this neuron."""
    inhibitor: int
    """The neuron that takes most of it away."""
    rest: float
    """The sum over all neurons, in parts of the interference; negative if more is taken away than
    there is."""

    @property
    def is_cancelled(self) -> bool:
        """Whether the interference is undone."""
        return self.rest <= CANCELLED


def asymmetric(both: Layers) -> list[Asymmetric]:
    """All asymmetric neurons of an untied network of signed features."""
    takes_part = contributions(both, signed=True) >= TAKES_PART
    return [
        _measured(both, k, a, b)
        for k, weights in enumerate(both.W)
        for a, b in permutations(np.flatnonzero(takes_part[k]).tolist(), 2)
        if weights[a] * weights[b] < 0 and abs(weights[a]) >= UNEVEN * abs(weights[b])
    ]


def _measured(both: Layers, k: int, a: int, b: int) -> Asymmetric:
    """The numbers of one asymmetric neuron."""
    W, W_out = both
    sign = 1.0 if W[k, a] > 0 else -1.0
    heard = W_out[b] * np.maximum(sign * W[:, a], 0.0)
    others = np.where(np.arange(len(W)) == k, np.inf, heard)
    interference = float(heard[k])
    return Asymmetric(
        neuron=k,
        strong=a,
        weak=b,
        ratio_in=abs(float(W[k, a] / W[k, b])),
        ratio_out=float(W_out[b, k] / W_out[a, k]),
        interference=interference,
        inhibitor=int(np.argmin(others)),
        rest=float(heard.sum()) / interference,
    )
