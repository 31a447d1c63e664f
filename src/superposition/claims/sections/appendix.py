"""Nonlinear Compression, in the paper's appendix: two numbers in one."""

from collections.abc import Sequence

import numpy as np

from superposition.claims.bounds import at_most
from superposition.claims.claim import Basis, Task, claim, overall
from superposition.claims.controls import WITHOUT_RELU
from superposition.claims.statistics import constructed
from superposition.measure.network import Network
from superposition.measure.theory.compression import LINEAR, error


def error_over_linear(networks: Sequence[Network]) -> tuple[float, ...]:
    """The error of packing over that of the best linear way, in both readings of ε.

    W holds the number of values, and ε.
    """
    (network,) = networks
    Z, epsilon = int(network.W[0, 0]), float(network.W[0, 1])
    relu = network.model != "linear"
    return tuple(error(Z, epsilon, by_range, relu) / LINEAR for by_range in (False, True))


CLAIMS = (
    claim(
        "C66",
        "Two numbers packed into one by a staircase lose less than packed linearly, even "
        "with three steps and ramps as wide as ε = 0.1.",
        overall(
            "error / that of the best linear packing, ε of a step and ε of the whole range",
            error_over_linear,
            at_most(
                0.99,
                "the paper leaves open what the width ε of a ramp is a part of, so both must hold",
                "paper",
            ),
        ),
        section="Nonlinear Compression",
        anchor="#nonlinear-compression",
        basis=Basis("lowest loss", "The paper's example is mathematics; nothing is trained."),
        task=Task("compression", 2, 1, 1.0),
        # The paper's example: x rounded to one of three values by ramps of width 0.1.
        constructed=lambda: (constructed(np.array([[3, 0.1]]), experiment="compression"),),
        control=WITHOUT_RELU,
    ),
)
