"""Claims of the section Mathematical Understanding: benefit, interference, and their expansion."""

from superposition.claims import mathematics_statistics as of
from superposition.claims import statistics
from superposition.claims.controls import PROJECTION, SCATTERED, WITHOUT_RELU
from superposition.claims.records import Basis, Cells, Check, Claim, Reading, Task

_SECTION = "Mathematical Understanding"
_ANCHOR = "#demonstrating-math"
_TASK = Task("demonstration", n_features=20, n_hidden=5, importance_decay=0.7)
_MINIMA = Basis(
    Reading.TYPICAL,
    "The paper says what no minimum does, so that all that were found must do as it says.",
)
_ANY_WEIGHTS = Basis(
    Reading.TYPICAL,
    "The paper's equations hold for all weights, whether their loss is the lowest or not.",
)

CLAIMS = (
    Claim(
        id="C13",
        section=_SECTION,
        anchor=_ANCHOR,
        statement="Feature benefit and interference together are never lowest with more features "
        "than dimensions: minima of the linear model's loss hold the five most important of twenty "
        "features, orthogonal to each other.",
        basis=_MINIMA,
        task=_TASK,
        cells=(),
        checks=(
            Check(
                f"columns of W with ‖W_i‖ > {of.NONZERO:g}",
                of.count_nonzero,
                high=of.N_HIDDEN,
                source="paper",
                reason="of sixteen minima, each from a random start; importances differ, as with "
                "equal ones any projection is a minimum",
            ),
            Check(
                "features with a dimension of their own",
                statistics.count_orthogonal,
                of.N_HIDDEN,
                of.N_HIDDEN,
                source="derived",
            ),
            Check(
                "loss / Σ I_i of all but the first five",
                of.over_best_linear,
                1 - 1e-6,
                1 + 1e-6,
                source="derived",
                reason="the lowest loss there is",
            ),
        ),
        control=PROJECTION,
        constructed=of.linear_minima,
    ),
    Claim(
        id="C14",
        section=_SECTION,
        anchor=_ANCHOR,
        statement="Sparse ReLU models lose what the terms of their loss with no and one active "
        "feature say, but for O((n (1 − S))²); linear models what benefit and interference say.",
        basis=_ANY_WEIGHTS,
        task=_TASK,
        cells=(Cells("linear"), Cells("relu", (0.01, 0.003, 0.001))),
        checks=(
            Check(
                "linear: loss on the evaluation sample / closed form",
                of.of_linear,
                0.99,
                1.01,
                source="derived",
                reason="exact but for the sample, which has about 650,000 active features",
                together=True,
            ),
            Check(
                "ReLU: left out by L_0 and L_1 / n (1 − S) times the loss of representing nothing",
                of.left_out_by_first,
                -0.02,
                1.0,
                source="derived",
                reason="1 if samples with two active features were lost altogether; "
                "below 0 by the noise of the sample only",
                together=True,
            ),
            Check(
                "ReLU: part of the loss left out by L_0, L_1 and L_2",
                of.left_out(2),
                (-0.06, -0.024, -0.0204),
                (0.06, 0.024, 0.0204),
                source="derived",
                reason="(n (1 − S))², the order of what is left out, and 2 % for the noise of the "
                "sample",
                together=True,
            ),
        ),
        control=SCATTERED,
    ),
    Claim(
        id="C15",
        section=_SECTION,
        anchor=_ANCHOR,
        statement="While one feature is active, negative interference is free: a negative "
        "W_i · W_j adds nothing to L_1 where the bias is not positive.",
        basis=_ANY_WEIGHTS,
        task=_TASK,
        cells=(Cells("relu", (0.01, 0.003, 0.001)),),  # C14's: with one active feature, if any
        checks=(
            Check(
                "what negative W_i · W_j cost / all that L_1 can lose",
                of.price_of_negative,
                high=0.0,
                source="derived",
            ),
            Check(
                "what they would cost without ReLU",
                of.linear_price_of_negative,
                low=0.1,
                reason="much of what could be lost; with no negative overlaps there would be "
                "nothing to be free",
            ),
        ),
        control=WITHOUT_RELU,
    ),
)
