"""Claims of Superposition and Adversarial Robustness."""

from superposition.claims import robustness_statistics as of
from superposition.claims.controls import FALLING, LINEAR_OPTIMUM, UNTRAINED, WITHOUT_RELU
from superposition.claims.records import Basis, Cells, Check, Claim, Reading, Task
from superposition.claims.robustness_findings import SHALLOW_DIP, SHORT_ATTACKS

_SECTION = "Superposition and Adversarial Robustness"
_ANCHOR = "#adversarial"
_TASK = Task("attacked", n_features=100, n_hidden=20, importance_decay=1.0)
_LEVELS = (Cells("relu"),)
_TYPICAL = Basis(
    Reading.TYPICAL,
    "The paper shows one curve over sparsity and says nothing of choosing runs.",
)

CLAIMS = (
    Claim(
        id="C50",
        section=_SECTION,
        anchor=_ANCHOR,
        statement="As superposition forms, models become more than three times as vulnerable to "
        "adversarial examples.",
        basis=_TYPICAL,
        task=_TASK,
        cells=_LEVELS,
        checks=(
            Check(
                "largest (L' − L) / (L'_0 − L_0) over that at 1 − S = 1",
                of.rise,
                low=3.0,
                source="paper",
                together=True,
            ),
        ),
        control=LINEAR_OPTIMUM,
    ),
    Claim(
        id="C51",
        section=_SECTION,
        anchor=_ANCHOR,
        statement="Vulnerability closely follows the number of features per dimension.",
        basis=_TYPICAL,
        task=_TASK,
        cells=_LEVELS,
        checks=(
            Check(
                "correlation of (L' − L) / (L'_0 − L_0) with 1 / D*",
                of.correlation,
                low=0.9,
                reason="four fifths of its variance",
                together=True,
            ),
        ),
        control=UNTRAINED,
    ),
    Claim(
        id="C52",
        section=_SECTION,
        anchor=_ANCHOR,
        statement="Where features are very sparse, gradient attacks fail though the model is "
        "vulnerable: the ReLU masks the gradient.",
        basis=_TYPICAL,
        task=_TASK,
        cells=_LEVELS,
        checks=(
            Check(
                "harm of projected gradient ascent / harm of the paper's attack, 1 − S ≤ 0.01",
                of.gradient_share,
                high=1.0,
                source="paper",
                findings=SHORT_ATTACKS,
                together=True,
            ),
        ),
        control=WITHOUT_RELU,
    ),
    Claim(
        id="C54",
        section=_SECTION,
        anchor=_ANCHOR,
        statement="Where features are in antipodal pairs, vulnerability dips (Gorton and Lewis "
        "2025, not the paper).",
        basis=_TYPICAL,
        task=_TASK,
        cells=_LEVELS,
        checks=(
            Check(
                "largest fall of (L' − L) / (L'_0 − L_0) where D* is 1/2, as a part of it, under "
                "the paper's attack and gradient ascent",
                of.dip,
                low=0.05,
                reason="less would hardly be seen in a figure; they give no number",
                findings=SHALLOW_DIP,
                together=True,
            ),
        ),
        control=FALLING,
    ),
)
