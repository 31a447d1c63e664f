"""Claims of Superposition and Adversarial Robustness about adversarial training."""

from superposition.claims import robustness_statistics as of
from superposition.claims.controls import UNTRAINED
from superposition.claims.records import Basis, Cells, Check, Claim, Reading, Task
from superposition.claims.robustness_findings import SHORTER

SIZES = (0.0, 0.2, 0.4, 0.6, 0.7, 0.8, 0.9, 1.0)
"""Lengths of attacks in training, in mean input lengths."""


def _task(size: float) -> Task:
    """Return the problem of models trained under attacks of a length."""
    return Task(f"hardened_{round(100 * size)}", n_features=100, n_hidden=20, importance_decay=1.0)


_ALL = tuple(Cells("relu", experiment=_task(a).experiment, task=_task(a)) for a in SIZES)

CLAIMS = (
    Claim(
        id="C53",
        section="Superposition and Adversarial Robustness",
        anchor="#adversarial",
        statement="Adversarial training reduces superposition, the more the longer the attacks; to "
        "remove it takes attacks of 80 % of the mean input.",
        basis=Basis(Reading.TYPICAL, "The paper tells of no choice among runs."),
        task=_task(0.0),
        cells=_ALL,
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
)
