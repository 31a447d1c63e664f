"""Asymmetric superposition: a neuron shared unevenly by two features, and what undoes its harm.

A neuron that computes half of |x_A| and half of |x_B|, of opposite signs, would harm both alike
with weights of ±1. With input weights 2 and −1/2 and output weights 1/2 and 2 both still come back
as 1, but all of the harm goes one way: an active A is heard as 4 at B, and B as 1/4 at A. Another
neuron that A excites can then take the 4 away, by a large negative output weight to B.

Paper: Computation in Superposition, "The Asymmetric Superposition Motif" (#computation-asymmetric).
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from superposition.neurons import Layers, contributions

CARRIES = 0.25
"""A neuron takes part in a feature if it gives back at least a quarter of it."""
UNEVEN = 2.0
"""Input weights are asymmetric if they differ at least by this factor, half of the paper's 4."""
CANCELLED = 0.1
"""Interference is undone if no more than this part of it is left."""


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
    returned: tuple[float, float]
    """How much of A and of B comes back through the neuron."""
    interference: float
    """What an A of 1 makes of B by way of this neuron."""
    inhibitor: int
    """The neuron that takes most of it away."""
    inhibition: float
    """What an A of 1 makes of B by way of that neuron; negative."""
    rest: float
    """What is left in sum over all neurons, in parts of the interference; negative if more is taken
    away than there is."""

    @property
    def is_cancelled(self) -> bool:
        """Whether the interference is undone."""
        return self.rest <= CANCELLED


def asymmetric(both: Layers) -> list[Asymmetric]:
    """Return all asymmetric neurons of an untied network of signed features."""
    returned = contributions(both, signed=True)
    return [
        _measured(both, k, a, b) for k in range(len(both.W)) for a, b in _pairs(both, returned, k)
    ]


def _pairs(both: Layers, returned: np.ndarray, k: int) -> Iterator[tuple[int, int]]:
    """Yield pairs of features that share neuron k with opposite signs, the stronger one first."""
    partners = np.flatnonzero(returned[k] >= CARRIES)
    for a in partners:
        for b in partners:
            strong, weak = both.W[k, a], both.W[k, b]
            if strong * weak < 0 and abs(strong) >= UNEVEN * abs(weak):
                yield int(a), int(b)


def _measured(both: Layers, k: int, a: int, b: int) -> Asymmetric:
    """Return the numbers of one asymmetric neuron."""
    W, W_out = both
    sign = 1.0 if W[k, a] > 0 else -1.0
    heard = W_out[b] * np.maximum(sign * W[:, a], 0.0)
    others = np.where(np.arange(len(W)) == k, np.inf, heard)
    inhibitor = int(np.argmin(others))
    interference = float(heard[k])
    return Asymmetric(
        neuron=k,
        strong=a,
        weak=b,
        ratio_in=abs(float(W[k, a] / W[k, b])),
        ratio_out=float(W_out[b, k] / W_out[a, k]),
        returned=(
            abs(float(W[k, a])) * float(W_out[a, k]),
            abs(float(W[k, b])) * float(W_out[b, k]),
        ),
        interference=interference,
        inhibitor=inhibitor,
        inhibition=float(others[inhibitor]),
        rest=float(heard.sum()) / interference,
    )
