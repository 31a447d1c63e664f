"""Claims of the section Superposition in a Privileged Basis: ten features in five neurons."""

from superposition.claims import neurons_statistics as of
from superposition.claims.controls import ROTATED, SHUFFLED, UNBIASED
from superposition.claims.neurons_findings import (
    ALIGNED_IF_FEW,
    FEWER_FEATURES,
    NOT_ALWAYS_ON,
)
from superposition.claims.records import Basis, Cells, Check, Claim, Reading, Task

_SECTION = "Superposition in a Privileged Basis"
_ANCHOR = "#privileged-basis"
_SMALL = {"n_features": 10, "n_hidden": 5, "importance_decay": 0.75}
_PRIVILEGED = Task("privileged", **_SMALL)
_NEURONS = Task("neurons", **_SMALL)
_BEST = Basis(
    Reading.LOWEST_LOSS,
    "The paper trains a thousand models for each setting and shows the one with the lowest loss.",
)

CLAIMS = (
    Claim(
        id="C55",
        section=_SECTION,
        anchor=_ANCHOR,
        statement="With a ReLU in the hidden layer, features keep to its dimensions: weights are "
        "few and large, while with a linear hidden layer they point anywhere.",
        basis=Basis(
            Reading.TYPICAL, "The paper speaks of what a ReLU does to the model, not of its best."
        ),
        task=_PRIVILEGED,
        cells=(Cells("relu_hidden"), Cells("relu")),
        checks=(
            Check(
                "kurtosis of W, over that of the linear hidden layer",
                of.kurtosis_ratios,
                low=1.25,
                reason="more by a quarter, which random rotations seldom differ by",
                together=True,
                findings=ALIGNED_IF_FEW,
            ),
        ),
        control=ROTATED,
    ),
    Claim(
        id="C56",
        section=_SECTION,
        anchor=_ANCHOR,
        statement="The sparser the features, the fewer neurons are monosemantic and the more "
        "features there are in them: 5 and 5 at 1 − S of 0.5 and above, 3 and 6 down to 0.2, 2 and "
        "7 at 0.15, 1 and 7 at 0.12, none and 8 from 0.08 to 0.05, none and 10 below.",
        basis=_BEST,
        task=_NEURONS,
        cells=(
            Cells(
                "relu_hidden",
                (0.75, 0.5, 0.35, 0.2, 0.15, 0.12, 0.08, 0.05, 0.04, 0.02, 0.01),
            ),
        ),
        checks=(
            Check(
                "monosemantic neurons",
                of.count_monosemantic,
                (5, 5, 3, 3, 2, 1, 0, 0, 0, 0, 0),
                (5, 5, 3, 3, 2, 1, 0, 0, 0, 0, 0),
                source="paper",
            ),
            Check(
                "features of which more than half comes back",
                of.count_in_neurons,
                (5, 5, 6, 6, 7, 7, 8, 8, 10, 10, 10),
                (5, 5, 6, 6, 7, 7, 8, 8, 10, 10, 10),
                source="paper",
                findings=FEWER_FEATURES,
            ),
        ),
        control=ROTATED,
    ),
    Claim(
        id="C56b",
        section=_SECTION,
        anchor=_ANCHOR,
        statement="At 1 − S from 0.2 to 0.5, two neurons hold the next three features as a binary "
        "code: one feature excites both, the other two are antipodal and at right angles to it.",
        basis=_BEST,
        task=_NEURONS,
        cells=(Cells("relu_hidden", (0.35, 0.2)),),
        checks=(
            Check(
                "largest |cosine| of the fourth feature with the fifth and sixth",
                of.common_against_both,
                high=0.17,
                reason="a right angle within 10°",
            ),
            Check(
                "cosine of the fifth and the sixth",
                of.fifth_and_sixth,
                high=-0.95,
                reason="the rule for antipodal pairs elsewhere, within 18°",
            ),
        ),
        control=SHUFFLED,
    ),
    Claim(
        id="C57",
        section=_SECTION,
        anchor=_ANCHOR,
        statement="At 1 − S of 0.04 and below, every feature is in two neurons, and no two "
        "features in the same two.",
        basis=_BEST,
        task=_NEURONS,
        cells=(Cells("relu_hidden", (0.04, 0.02, 0.01)),),
        checks=(
            Check(
                "features that exactly two neurons carry",
                of.count_in_two,
                10,
                10,
                source="paper",
                findings=FEWER_FEATURES,
            ),
            Check(
                "different pairs of neurons",
                of.count_codes,
                10,
                10,
                source="derived",
                reason="five neurons have ten pairs, for ten features",
                findings=FEWER_FEATURES,
            ),
        ),
        control=ROTATED,
    ),
    Claim(
        id="C58",
        section=_SECTION,
        anchor=_ANCHOR,
        statement="With biases in the hidden layer, the ReLU model makes them so positive that its "
        "units are always on, and is as good as linear.",
        basis=Basis(
            Reading.TYPICAL, "The paper speaks of what such models do, not of the best of them."
        ),
        task=_PRIVILEGED,
        cells=(Cells("relu_hidden_biased"),),
        checks=(
            Check(
                "part of hidden units that are on, over samples with active features",
                of.units_on,
                low=0.99,
                source="paper",
                reason="all, but for one in a hundred",
                findings=NOT_ALWAYS_ON,
            ),
        ),
        control=UNBIASED,
    ),
)
