"""The paper's claims, judged on trained weights.

`records` says what a claim is, `library` finds the weights it is about, `controls` makes those on
which it must fail, `measuring` takes the numbers, `verdicts` judges, `terminal` and `report` write.
The claims themselves are data, one module per section of the paper, made of the numbers in
`statistics`; `findings` explains departures that have been seen.
"""

from collections.abc import Iterable, Mapping

from superposition.claims import demonstration, introduction, phase, verdicts
from superposition.claims.records import Claim, Outcome
from superposition.claims.report import (
    read_json,
    readme_with_table,
    to_csv,
    to_json,
    to_markdown,
    write_all,
)
from superposition.claims.terminal import summary, table
from superposition.claims.verdicts import CheckResult, Verdict
from superposition.weights import Weights

__all__ = [
    "CLAIMS",
    "CheckResult",
    "Claim",
    "Outcome",
    "Verdict",
    "judge",
    "read_json",
    "readme_with_table",
    "summary",
    "table",
    "to_csv",
    "to_json",
    "to_markdown",
    "write_all",
]

CLAIMS: tuple[Claim, ...] = (*introduction.CLAIMS, *demonstration.CLAIMS, *phase.CLAIMS)


def judge(weights: Mapping[str, Weights], claims: Iterable[Claim] = CLAIMS) -> list[Verdict]:
    """Return a verdict on every claim, judged over all runs of the cells it is about.

    Args:
        weights: Trained cells, keyed `experiment/model_density`.
        claims: What to judge; by default everything.
    """
    return verdicts.judge(weights, claims)
