"""Claims of the paper's appendix, and one of its footnotes."""

from superposition.claims import appendix_statistics as of
from superposition.claims import statistics
from superposition.claims.controls import OVER_NOTHING, WITHOUT_RELU
from superposition.claims.records import Basis, Cells, Check, Claim, Reading, Task

_COMPRESSION = Task("compression", 2, 1, 1.0)
_DEMONSTRATION = Task("demonstration", n_features=20, n_hidden=5, importance_decay=0.7)

CLAIMS = (
    Claim(
        id="C66",
        section="Nonlinear Compression",
        anchor="#nonlinear-compression",
        statement="Two numbers packed into one by a staircase lose less than packed linearly, even "
        "with three steps and ramps as wide as ε = 0.1.",
        basis=Basis(Reading.LOWEST_LOSS, "The paper's example is mathematics; nothing is trained."),
        task=_COMPRESSION,
        cells=(),
        constructed=of.packing,
        checks=(
            Check(
                "error / that of the best linear packing, ε of a step and ε of the whole range",
                of.error_over_linear,
                high=0.99,
                source="paper",
                reason="the paper leaves open what ramps are ε wide of, so both must do",
                together=True,
            ),
        ),
        control=WITHOUT_RELU,
    ),
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
        task=_DEMONSTRATION,
        cells=(Cells("linear"),),
        checks=(
            Check("features with ‖W_i‖ > 0.9", statistics.count_represented, 5, 5, source="paper"),
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
        control=OVER_NOTHING,
    ),
)
