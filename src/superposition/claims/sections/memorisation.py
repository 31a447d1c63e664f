"""Follow-up, memorisation: few examples are kept themselves, of many the features are.

Henighan et al. (2023), Superposition, Memorization, and Double Descent. They train the ReLU output
model of the paper on data sets of 3 to a million examples of 10,000 features, each example scaled
to unit length; ours are of 1,000 features, with as many active ones in an example.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from superposition.claims.bounds import at_least, at_most, exactly
from superposition.claims.claim import Basis, Cells, Control, Task, claim, overall
from superposition.claims.controls import SCATTERED, UNTRAINED
from superposition.measure.memorisation import (
    dimensions_of_examples,
    dimensions_of_features,
    hidden_vectors,
    training_loss,
)
from superposition.measure.metrics import uneven_angle
from superposition.measure.network import Network, TrainedCell

_FEW = 8
"""Examples at most that are few."""
_MANY = 1000
"""Examples at least that are many: as many as there are features."""
_KEPT = 0.2
"""D of a feature or an example that is one of a polygon: half of a pentagon's 2/5."""


def _size(network: Network) -> int:
    return int(network.swept["examples"])


def uneven(network: Network) -> float:
    """How far examples are from a regular polygon: the largest error of an angle, in its steps."""
    h = hidden_vectors(network)
    return float(uneven_angle(h) * h.shape[1] / 360)


def kept_features(network: Network) -> np.ndarray:
    """Which features have a direction of their own."""
    return dimensions_of_features(network) >= _KEPT


def _uneven_features(network: Network) -> float:
    """The same of features that have a direction of their own; not a number if there are none."""
    W = network.W[:, kept_features(network)]
    return uneven_angle(W) * W.shape[1] / 360 if W.shape[1] else float("nan")


def _ratio(network: Network) -> float:
    """The largest D of an example over that of a feature."""
    return float(dimensions_of_examples(network).max() / dimensions_of_features(network).max())


def _where(
    measure: Callable[[Network], float], chosen: Callable[[int], bool]
) -> Callable[[Sequence[Network]], list[float]]:
    """A measure of the networks of some sizes of data sets."""
    return lambda networks: [float(measure(n)) for n in networks if chosen(_size(n))]


def _at(
    measure: Callable[[Network], float], end: int
) -> Callable[[Sequence[Network]], list[float]]:
    """A measure of the network with the smallest data set (0) or the largest (−1)."""
    return lambda networks: [float(measure(sorted(networks, key=_size)[end]))]


def _bump(networks: Sequence[Network]) -> list[float]:
    """The highest loss of any size over the higher of those of the smallest and the largest."""
    loss = [network.loss for network in sorted(networks, key=_size)]
    return [max(loss) / max(loss[0], loss[-1])]


def _by_training(cells: Sequence[TrainedCell]) -> list[np.ndarray]:
    return [np.array([training_loss(run) for run in cell.networks]) for cell in cells]


def _others(network: Network, _: object) -> Network:
    assert network.data_set is not None, "these claims are about data sets"
    return replace(network, data_set=replace(network.data_set, key=network.data_set.key ^ 1))


OTHER_EXAMPLES = Control("the same networks with examples that they were not trained on", _others)
ON_EXAMPLES = Control(
    "the loss on the examples themselves",
    lambda network, _: replace(network, loss=training_loss(network)),
)

_claim = partial(
    claim,
    section="Follow-up: Memorisation",
    anchor="https://transformer-circuits.pub/2023/toy-double-descent/index.html",
    origin="others",
    basis=Basis(
        "lowest loss",
        "The authors describe solutions of the training problem, and train several networks for "
        "each.",
        _by_training,
    ),
    changed="Which numbers of examples are few and many was fixed together with the first "
    "trainings. Data sets of ten examples per feature were left out because of the time they take.",
    task=Task("memorisation", n_features=1000, n_hidden=2, importance_decay=1.0, normalised=True),
    cells=(Cells("relu", swept="examples"),),
)

CLAIMS = (
    _claim(
        "F11",
        f"Trained on few examples, up to {_FEW}, a network lays the examples out as a regular "
        "polygon, while no feature has as much of a dimension.",
        overall(
            "largest error of an angle between neighbouring examples, in steps of 360°/T",
            _where(uneven, lambda size: size <= _FEW),
            at_most(0.5, "half of a step: beyond it, a polygon cannot be recognised"),
        ),
        overall(
            "largest D of an example over that of a feature",
            _where(_ratio, lambda size: size <= _FEW),
            at_least(1, "examples have more"),
        ),
        control=OTHER_EXAMPLES,
    ),
    _claim(
        "F12",
        f"Trained on many examples, {_MANY} and more, a network lays the features out as a "
        "pentagon, and no example has a direction of its own.",
        overall(
            f"features with D ≥ {_KEPT:g}",
            _where(lambda n: kept_features(n).sum(), lambda size: size >= _MANY),
            exactly(5, "a pentagon", "paper"),
        ),
        overall(
            "largest error of an angle between neighbours among them, in steps of 72°",
            _where(_uneven_features, lambda size: size >= _MANY),
            at_most(0.25, "a quarter of a step"),
        ),
        overall(
            "largest D of an example",
            _where(lambda n: dimensions_of_examples(n).max(), lambda size: size >= _MANY),
            at_most(_KEPT, "less than one of a polygon"),
        ),
        control=SCATTERED,
    ),
    _claim(
        "F13",
        "Between few and many examples, the loss on fresh samples is higher than at either end: "
        "double descent.",
        overall(
            "highest loss over the higher of those with the fewest and the most examples",
            _bump,
            at_least(1.05, "clearly higher: by a twentieth"),
        ),
        control=ON_EXAMPLES,
    ),
    _claim(
        "F14",
        "With more examples, the part of a dimension that an example gets falls from more than "
        "that of any feature to less, and a feature has about as much as one of a pentagon.",
        overall(
            "largest D of an example over that of a feature, fewest examples",
            _at(_ratio, 0),
            at_least(2, "twice as much"),
        ),
        overall(
            "the same, most examples",
            _at(_ratio, -1),
            at_most(0.5, "half as much"),
        ),
        overall(
            "largest D of a feature, most examples",
            _at(lambda n: dimensions_of_features(n).max(), -1),
            at_least(0.3, "a pentagon's 2/5, less a quarter"),
        ),
        control=UNTRAINED,
    ),
)
