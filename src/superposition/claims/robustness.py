"""Claims of Superposition and Adversarial Robustness."""

from superposition.claims import robustness_statistics as of
from superposition.claims.controls import FALLING, LINEAR_OPTIMUM, UNTRAINED, WITHOUT_RELU
from superposition.claims.records import Basis, Cells, Check, Claim, Reading, Task
from superposition.claims.robustness_findings import SHALLOW_DIP, SHORT_ATTACKS, SHORTER

SIZES = (0.0, 0.2, 0.4, 0.6, 0.7, 0.8, 0.9, 1.0)
"""Lengths of attacks in training, in mean input lengths."""

_SECTION = "Superposition and Adversarial Robustness"
_ANCHOR = "#adversarial"
_TASK = Task("attacked", n_features=100, n_hidden=20, importance_decay=1.0)
_LEVELS = (Cells("relu"),)
_TYPICAL = Basis(
    Reading.TYPICAL,
    "The paper shows one curve over sparsity and says nothing of choosing runs.",
)


def _hardened(size: float) -> Task:
    """Return the problem of models trained under attacks of a length."""
    return Task(f"hardened_{round(100 * size)}", n_features=100, n_hidden=20, importance_decay=1.0)


_HARDENED = tuple(
    Cells("relu", experiment=task.experiment, task=task) for task in map(_hardened, SIZES)
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
        id="C53",
        section=_SECTION,
        anchor=_ANCHOR,
        statement="Adversarial training reduces superposition, the more the longer the attacks; to "
        "remove it takes attacks of 80 % of the mean input.",
        basis=Basis(Reading.TYPICAL, "The paper tells of no choice among runs."),
        task=_hardened(0.0),
        cells=_HARDENED,
        checks=(
            Check(
                "largest rise of ‖W‖² / m to a longer attack, at each density",
                of.largest_rise,
                high=0.02,
                reason="a fiftieth of a feature per dimension, for what training leaves unfinished",
                together=True,
            ),
            Check(
                "features per dimension without attacks",
                of.crowding_at_first,
                low=1.5,
                reason="there has to be superposition to be removed",
                together=True,
            ),
            Check(
                "shortest attack with at most 1.03 features per dimension, in mean inputs",
                of.removed_at(SIZES),
                0.7,
                0.9,
                "paper",
                reason="0.8, give or take a step of the grid",
                findings=SHORTER,
                together=True,
            ),
        ),
        control=UNTRAINED,
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
