"""What must not move any more when training goes on: numbers of a network that claims are about."""

from collections.abc import Callable, Mapping

from superposition.measure import metrics, neurons
from superposition.measure.network import Network

QUANTITIES: Mapping[str, Callable[[Network], float]] = {
    "D*": lambda network: float(metrics.dimensions_per_feature(network.W)),
    "represented": lambda network: float(metrics.is_represented(network.W).sum()),
    "learned": lambda network: float(metrics.is_learned(network.W).sum()),
    "computed": lambda network: float(
        neurons.is_represented(neurons.layers_of(network), _signed(network)).sum()
    ),
    "monosemantic": lambda network: float(
        neurons.is_monosemantic(neurons.layers_of(network), _signed(network)).sum()
    ),
}
"""By the names that families and pages call them: dimensions per feature; features with a norm
above `metrics.REPRESENTED` and above `metrics.LEARNED`; features that come back from neurons, and
neurons that carry one feature alone."""


def _signed(network: Network) -> bool:
    return network.features.value_range == "signed"
