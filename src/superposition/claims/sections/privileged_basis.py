"""Superposition in a Privileged Basis: ten features in five neurons."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from superposition.claims.bounds import at_least, at_most, exactly
from superposition.claims.claim import Basis, Cells, Check, Explanation, Task, claim, overall
from superposition.claims.controls import ROTATED, SHUFFLED, UNBIASED
from superposition.measure import neurons
from superposition.measure.metrics import cosines
from superposition.measure.network import Network
from superposition.measure.neurons import layers_of


def _kurtosis_ratios(networks: Sequence[Network]) -> list[float]:
    linear = {n.density: neurons.kurtosis(n.W) for n in networks if n.model == "relu"}
    return [neurons.kurtosis(n.W) / linear[n.density] for n in networks if n.model != "relu"]


def units_on(network: Network) -> float:
    """The part of hidden units that are on, over units and samples with active features.

    On 2000 samples of the network's own features, from equal seeds.
    """
    generator = np.random.default_rng(0)
    shape = (2000, network.W.shape[1])
    x = np.where(generator.random(shape) < network.density, generator.random(shape), 0.0)
    h = x[x.any(axis=1)] @ network.W.T
    return float((h + (0.0 if network.hidden_bias is None else network.hidden_bias) > 0).mean())


def _carried(network: Network) -> np.ndarray:
    return neurons.carried(layers_of(network), signed=False)


_FEWER_FEATURES = Explanation(
    ("relu_hidden", 0.04),
    "At 1 − S = 0.04 the ten pairs are not the best solution. Those found at 0.02, trained on "
    "at 0.04, have a loss 8 % above that of the best run with eight features, trained on in "
    "the same way (both on ten million samples). At 0.03 they are equal; at 0.02 the pairs are "
    "better, by 11 %.",
)

_PRIVILEGED = Task("privileged", n_features=10, n_hidden=5, importance_decay=0.75)
_claim = partial(
    claim,
    section="Superposition in a Privileged Basis",
    anchor="#privileged-basis",
    basis=Basis(
        "lowest loss",
        "The paper trains a thousand models for each setting and shows the one with the lowest "
        "loss.",
    ),
    task=Task("neurons", n_features=10, n_hidden=5, importance_decay=0.75),
    control=ROTATED,
)

CLAIMS = (
    _claim(
        "C55",
        "With a ReLU in the hidden layer, features keep to its dimensions: weights are "
        "few and large, while with a linear hidden layer they point anywhere.",
        overall(
            "kurtosis of W, over that of the linear hidden layer",
            _kurtosis_ratios,
            at_least(1.25, "more by a quarter, which random rotations seldom differ by"),
        ),
        basis=Basis(
            "typical run", "The paper speaks of what a ReLU does to the model, not of its best."
        ),
        task=_PRIVILEGED,
        cells=(Cells("relu_hidden"), Cells("relu")),
    ),
    _claim(
        "C56",
        "The sparser the features, the fewer neurons are monosemantic and the more "
        "features there are in them: 5 and 5 at 1 − S of 0.5 and above, 3 and 6 down to 0.2, 2 and "
        "7 at 0.15, 1 and 7 at 0.12, none and 8 from 0.08 to 0.05, none and 10 below.",
        Check(
            "monosemantic neurons",
            lambda n: neurons.is_monosemantic(layers_of(n), signed=False).sum(),
            exactly((5, 5, 3, 3, 2, 1, 0, 0, 0, 0, 0), source="paper"),
        ),
        Check(
            "features of which more than half comes back",
            lambda n: neurons.is_represented(layers_of(n), signed=False).sum(),
            exactly((5, 5, 6, 6, 7, 7, 8, 8, 10, 10, 10), source="paper"),
            explanations=(_FEWER_FEATURES,),
        ),
        cells=(
            Cells("relu_hidden", (0.75, 0.5, 0.35, 0.2, 0.15, 0.12, 0.08, 0.05, 0.04, 0.02, 0.01)),
        ),
    ),
    _claim(
        "C56b",
        "At 1 − S from 0.2 to 0.5, two neurons hold the next three features as a binary "
        "code: one feature excites both, the other two are antipodal and at right angles to it.",
        Check(
            "largest |cosine| of the fourth feature with the fifth and sixth",
            lambda network: np.abs(cosines(network.W)[3, 4:6]).max(),
            at_most(0.17, "a right angle within 10°"),
        ),
        Check(
            "cosine of the fifth and the sixth",
            lambda network: cosines(network.W)[4, 5],
            at_most(-0.95, "the rule for antipodal pairs elsewhere, within 18°"),
        ),
        cells=(Cells("relu_hidden", (0.35, 0.2)),),
        control=SHUFFLED,
    ),
    _claim(
        "C57",
        "At 1 − S of 0.04 and below, every feature is in two neurons, and no two "
        "features in the same two.",
        Check(
            "features that exactly two neurons carry",
            lambda n: (_carried(n).sum(axis=0) == 2).sum(),
            exactly(10, source="paper"),
            explanations=(_FEWER_FEATURES,),
        ),
        Check(
            "different pairs of neurons",
            lambda n: len({tuple(code) for code in _carried(n).T.tolist() if sum(code) == 2}),
            exactly(10, "five neurons have ten pairs, for ten features", "derived"),
            explanations=(_FEWER_FEATURES,),
        ),
        cells=(Cells("relu_hidden", (0.04, 0.02, 0.01)),),
    ),
    _claim(
        "C58",
        "With biases in the hidden layer, the ReLU model makes them so positive that its "
        "units are always on, and is as good as linear.",
        Check(
            "part of hidden units that are on, over samples with active features",
            units_on,
            at_least(0.99, "all, but for one in a hundred", "paper"),
        ),
        basis=Basis(
            "typical run", "The paper speaks of what such models do, not of the best of them."
        ),
        task=_PRIVILEGED,
        cells=(Cells("relu_hidden_biased"),),
        control=UNBIASED,
    ),
)
