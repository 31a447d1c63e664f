"""The claim of a footnote to Demonstrating Superposition, about losses at different sparsities."""

from superposition.claims import statistics as of
from superposition.claims.controls import RELU
from superposition.claims.records import Basis, Cells, Check, Claim, Reading, Task

_TASK = Task("demonstration", n_features=20, n_hidden=5, importance_decay=0.7)

CLAIMS = (
    Claim(
        id="C67",
        section="Demonstrating Superposition",
        anchor="#demonstrating",
        statement="Losses at different sparsities cannot be compared: the linear model, which "
        "learns the same at all of them, has the lower a loss the sparser the features.",
        basis=Basis(
            Reading.TYPICAL,
            "The paper's footnote holds for any model, not for the best one only.",
        ),
        task=_TASK,
        cells=(Cells("linear"),),
        checks=(
            Check("features with ‖W_i‖ > 0.9", of.count_represented, 5, 5, source="paper"),
            Check(
                "loss at the sparsest density / at the densest",
                of.sparsest_over_densest,
                0.0038,
                0.0042,
                source="derived",
                reason="for ignored features as s/3 − s²/4, 0.0040 from s = 1 to 0.001; within "
                "5 %, for the noise of the sample",
                together=True,
            ),
            Check(
                "part of the loss of representing nothing that is left, largest / smallest",
                of.spread_of_shares,
                high=1.05,
                source="derived",
                reason="the same part at every density; within 5 %",
                together=True,
            ),
        ),
        control=RELU,
    ),
)
