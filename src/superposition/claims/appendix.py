"""Claims of the paper's appendix."""

from superposition.claims import appendix_statistics as of
from superposition.claims.controls import WITHOUT_RELU
from superposition.claims.records import Basis, Check, Claim, Reading, Task

_COMPRESSION = Task("compression", 2, 1, 1.0)

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
)
