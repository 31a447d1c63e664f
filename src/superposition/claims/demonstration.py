"""Claims of the section Demonstrating Superposition: twenty features in five dimensions."""

from superposition.claims import statistics as of
from superposition.claims.controls import LINEAR, SCATTERED, SHUFFLED, UNTRAINED
from superposition.claims.findings import BETTER_THAN_PAIRS, CONSTANT_RATE
from superposition.claims.records import (
    Basis,
    Cells,
    Check,
    Claim,
    Reading,
    Task,
    smallest_step,
)
from superposition.metrics import ANTIPODAL, ORTHOGONAL, REPRESENTED

_SECTION = "Demonstrating Superposition"
_ANCHOR = "#demonstrating"
_TASK = Task("demonstration", n_features=20, n_hidden=5, importance_decay=0.7)
_DENSITIES = (1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001)

_ALWAYS = Basis(
    Reading.TYPICAL,
    "The paper says what the model always does: training must typically give it, not only at best.",
)
_ONE_SOLUTION = Basis(
    Reading.LOWEST_LOSS,
    "Without superposition there is one solution up to rotation, and the claim is about its bias; "
    "a median over runs would average out errors of either sign.",
)
_SINGLE_MODELS = Basis(
    Reading.TYPICAL,
    "The paper's figure shows one model per density and says nothing of how it was chosen, so it "
    "shows what training typically gives.",
)

_TOP_FIVE = (
    Check(f"features with ‖W_i‖ > {REPRESENTED:g}", of.count_represented, 5, 5, source="paper"),
    Check("last of them in importance", of.last_represented, 5, 5, "paper"),
    Check(
        "largest Σ_{j≠i} (Ŵ_i · W_j)² of them",
        of.largest_interference,
        high=ORTHOGONAL,
        reason="the rule by which a feature counts as orthogonal in C8",
    ),
    Check(
        "max |WᵀW − (I ⊕ 0)|",
        of.distance_to_identity,
        high=0.1,
        reason="a twentieth of the heatmap's range, hardly visible in it",
    ),
)

CLAIMS = (
    Claim(
        id="C4",
        section=_SECTION,
        anchor=_ANCHOR,
        statement="At any sparsity, the linear model represents the five most important features, "
        "each in a dimension of its own, and no other.",
        basis=_ALWAYS,
        task=_TASK,
        cells=(Cells("linear"),),
        checks=_TOP_FIVE,
        control=SHUFFLED,
    ),
    Claim(
        id="C5",
        section=_SECTION,
        anchor=_ANCHOR,
        statement="Where there is no superposition, the bias is 0 for represented features and the "
        "mean of x, (1 − S)/2, for the others.",
        basis=_ONE_SOLUTION,
        task=_TASK,
        cells=(Cells("linear"), Cells("relu", (1.0,))),
        checks=(
            Check(
                "mean bias of represented features / mean of x",
                of.represented_bias,
                -0.1,
                0.1,
                reason="0 within a tenth of what the others have",
            ),
            Check(
                "mean bias of the others / mean of x",
                of.ignored_bias,
                0.9,
                1.1,
                reason="within a tenth",
                findings=CONSTANT_RATE,
            ),
            Check(
                "farthest bias from either",
                of.farthest_bias,
                high=0.02,
                reason="a hundredth of the heatmap's range, not visible in it",
            ),
        ),
        control=UNTRAINED,
    ),
    Claim(
        id="C6",
        section=_SECTION,
        anchor=_ANCHOR,
        statement="Without sparsity, the ReLU model does the same as the linear model.",
        basis=_ALWAYS,
        task=_TASK,
        cells=(Cells("relu", (1.0,)),),
        checks=_TOP_FIVE,
        control=SHUFFLED,
    ),
    Claim(
        id="C7",
        section=_SECTION,
        anchor=_ANCHOR,
        statement="The sparser the features, the more of them the ReLU model represents, "
        "up to more than twice its dimensions.",
        basis=_SINGLE_MODELS,
        task=_TASK,
        cells=(Cells("relu", _DENSITIES),),
        checks=(
            Check(
                "features with ‖W_i‖ ≥ 0.95",
                of.count_full_length,
                (5, 6, 8, 9, 10, 11, 11),
                (5, 8, 10, 11, 12, 13, 13),
                source="fig",
                reason="the counts in the paper's figure, give or take one feature once there is "
                "superposition, where local minima differ by single features",
            ),
            Check(
                "smallest step to a sparser model",
                of.count_full_length,
                0,
                source="fig",
                across=smallest_step,
            ),
        ),
        control=LINEAR,
    ),
    Claim(
        id="C8",
        section=_SECTION,
        anchor=_ANCHOR,
        statement="Superposition starts with the less important features: fewer and fewer, always "
        "the most important ones, keep a dimension of their own.",
        basis=_SINGLE_MODELS,
        task=_TASK,
        cells=(Cells("relu", _DENSITIES),),
        checks=(
            Check(
                f"represented features with Σ_{{j≠i}} (Ŵ_i · W_j)² < {ORTHOGONAL:g}",
                of.count_orthogonal,
                (5, 2, 0, 0, 0, 0, 0),
                (5, 4, 2, 0, 0, 0, 0),
                source="fig",
                reason="the counts in the paper's figure (5, 3, 1, 0, …), give or take one where "
                "some but not all features are in pairs",
            ),
            Check(
                "of these, less important than one without",
                of.orthogonal_after_shared,
                0,
                0,
                source="paper",
            ),
        ),
        control=LINEAR,
    ),
    Claim(
        id="C9",
        section=_SECTION,
        anchor=_ANCHOR,
        statement="At 1 − S of 0.3, 0.1 and 0.03, features in superposition form antipodal pairs: "
        "2, 4 and 5 of them.",
        basis=_SINGLE_MODELS,
        task=_TASK,
        cells=(Cells("relu", (0.3, 0.1, 0.03)),),
        checks=(
            Check(
                f"antipodal pairs (cos < −{-ANTIPODAL:g})",
                of.count_pairs,
                (2, 4, 5),
                (2, 4, 5),
                source="fig",
                findings=BETTER_THAN_PAIRS,
            ),
            Check(
                "largest distance of W_i · W_j from both 0 and −1",
                of.neither_apart_nor_opposite,
                high=0.1,
                reason="between represented features; a twentieth of the heatmap's range",
            ),
        ),
        control=SCATTERED,
    ),
    Claim(
        id="C10",
        section=_SECTION,
        anchor=_ANCHOR,
        statement="At 1 − S of 0.01 and below, some interference is positive, "
        "and negative biases make up for it.",
        basis=_SINGLE_MODELS,
        task=_TASK,
        cells=(Cells("relu", (0.01, 0.003, 0.001)),),
        checks=(
            Check("largest W_i · W_j", of.largest_overlap, low=0.1, reason="plainly positive"),
            Check(
                "smallest bias",
                of.smallest_bias,
                high=-0.02,
                reason="beyond the noise of training, 0.02 in C5",
            ),
        ),
        control=LINEAR,
    ),
)
