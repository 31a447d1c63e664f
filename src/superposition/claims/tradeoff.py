"""Claims of The Strategic Picture of Superposition about a penalty on hidden activations."""

from superposition.claims import tradeoff_statistics as of
from superposition.claims.controls import UNTRAINED
from superposition.claims.records import Basis, Cells, Check, Claim, Reading, Task

PENALTIES = (0.0, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064)
"""λ of each experiment."""


def _task(penalty: float) -> Task:
    """Return the problem of models trained with a penalty."""
    name = f"penalised_{round(1e4 * penalty)}"
    return Task(name, n_features=20, n_hidden=5, importance_decay=0.7)


_ALL = tuple(Cells("relu", experiment=_task(p).experiment, task=_task(p)) for p in PENALTIES)

CLAIMS = (
    Claim(
        id="C65",
        section="The Strategic Picture of Superposition",
        anchor="#strategic-approach",
        statement="A penalty on hidden activations removes superposition, at the price of a higher "
        "loss.",
        basis=Basis(
            Reading.LOWEST_LOSS, "The claim is about the solution; the paper tells of no runs."
        ),
        task=_task(0.0),
        cells=_ALL,
        checks=(
            Check(
                "features learned without a penalty, at each density",
                of.learned_without_penalty,
                low=6,
                source="paper",
                reason="more than the five dimensions: superposition",
                together=True,
            ),
            Check(
                "features learned at the smallest penalty without superposition",
                of.learned_without_superposition,
                1,
                5,
                "paper",
                reason="some, but no more than there are dimensions",
                together=True,
            ),
            Check(
                "loss there / loss without a penalty",
                of.price,
                low=1.05,
                reason="more than runs differ by",
                together=True,
            ),
        ),
        control=UNTRAINED,
    ),
)
