"""Claims of the paper's introduction: five features in two dimensions."""

from superposition.claims import statistics as of
from superposition.claims.controls import SCATTERED
from superposition.claims.records import Basis, Cells, Check, Claim, Reading, Task
from superposition.metrics import ANTIPODAL, REPRESENTED

_SECTION = "Introduction"
_ANCHOR = ""
_TASK = Task("intro", n_features=5, n_hidden=2)
_SOLUTION = Basis(
    Reading.LOWEST_LOSS,
    "The paper speaks of the solution to each problem; in two dimensions, it says elsewhere, "
    "gradient descent often misses it, and the lowest loss of several fits is kept.",
)


def _the_most_important(number: int) -> tuple[Check, ...]:
    """Return the checks that these and only these are represented."""
    return (
        Check(
            f"features with ‖W_i‖ > {REPRESENTED:g}",
            of.count_represented,
            number,
            number,
            "paper",
        ),
        Check("last of them in importance", of.last_represented, number, number, "paper"),
        Check(
            "longest other feature",
            of.longest_ignored,
            high=0.1,
            reason="a tenth of a learned feature's length",
        ),
    )


CLAIMS = (
    Claim(
        id="C1",
        section=_SECTION,
        anchor=_ANCHOR,
        statement="Without sparsity, the two most important of five features get a dimension each "
        "and the others are not represented.",
        basis=_SOLUTION,
        task=_TASK,
        cells=(Cells("relu", (1.0,)),),
        checks=(
            *_the_most_important(2),
            Check("|cos| of the two", of.largest_cosine, high=0.05, reason="within 3° of 90°"),
        ),
        control=SCATTERED,
    ),
    Claim(
        id="C2",
        section=_SECTION,
        anchor=_ANCHOR,
        statement="At sparsity 0.8, the four most important form two antipodal pairs "
        "and the fifth is not represented.",
        basis=_SOLUTION,
        task=_TASK,
        cells=(Cells("relu", (0.2,)),),
        checks=(
            *_the_most_important(4),
            Check(f"antipodal pairs (cos < −{-ANTIPODAL:g})", of.count_pairs, 2, 2, "paper"),
        ),
        control=SCATTERED,
    ),
    Claim(
        id="C3",
        section=_SECTION,
        anchor=_ANCHOR,
        statement="At sparsity 0.9, all five form a pentagon, with positive interference "
        "and negative biases.",
        basis=_SOLUTION,
        task=_TASK,
        cells=(Cells("relu", (0.1,)),),
        checks=(
            Check(
                f"features with ‖W_i‖ > {REPRESENTED:g}",
                of.count_represented,
                5,
                5,
                "paper",
            ),
            Check(
                "largest departure from 72°",
                of.uneven_angle,
                high=10,
                reason="importance varies, so the pentagon need not be regular; "
                "two pairs and a fifth feature depart by 18° or more",
            ),
            Check("largest W_i · W_j", of.largest_overlap, low=0.1, reason="plainly positive"),
            Check("largest bias", of.largest_bias, high=0.0, source="paper"),
        ),
        control=SCATTERED,
    ),
)
