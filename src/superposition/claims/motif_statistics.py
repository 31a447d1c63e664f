"""Numbers about asymmetric neurons in many networks, from which a claim is made."""

import numpy as np

from superposition import motifs, neurons
from superposition.claims.records import Network, Repetition


def networks_with_motif(networks: Repetition) -> float:
    """Return the part of networks with an asymmetric neuron whose interference is undone."""
    return float(np.mean([bool(_found(network)) for network in networks]))


def median_ratio_in(networks: Repetition) -> float:
    """Return the median ratio of the input weights of these neurons."""
    return _median([one.ratio_in for network in networks for one in _found(network)])


def median_reciprocity(networks: Repetition) -> float:
    """Return the median of the ratio of their output weights over that of their input weights."""
    return _median([one.ratio_out / one.ratio_in for n in networks for one in _found(n)])


def _found(network: Network) -> list[motifs.Asymmetric]:
    """Return the asymmetric neurons of a network whose interference is undone."""
    both = neurons.rescaled(neurons.layers(network.W, network.W_out))
    return [one for one in motifs.asymmetric(both) if one.is_cancelled]


def _median(values: list[float]) -> float:
    """Return the median; not a number if there are none."""
    return float(np.median(values)) if values else float("nan")
