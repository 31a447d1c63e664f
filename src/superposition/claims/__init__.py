"""The paper's claims, judged on trained weights.

`records` says what a claim is, `library` finds the weights it is about (`points`) and dictionaries
of them, and refuses what is no evidence (`evidence`), `controls` makes those on which it must fail,
`measuring` takes the numbers, `outcomes` and `verdicts` judge, `terminal` and `report` write. The
claims themselves are data, a module or two per section of the paper, made of the numbers in
`statistics` and in modules `…_statistics`; `findings` and `…_findings` explain departures that have
been seen.
"""

from collections.abc import Iterable, Mapping

from superposition.claims import (
    appendix,
    computation,
    demonstration,
    dynamics,
    enumeration,
    feature_sets,
    geometry,
    geometry_graphs,
    introduction,
    losses,
    many_features,
    mathematics,
    neurons,
    nonuniform,
    phase,
    robustness,
    tradeoff,
    verdicts,
)
from superposition.claims.records import Claim, Outcome
from superposition.claims.report import (
    insert,
    read_json,
    to_brief_markdown,
    to_csv,
    to_json,
    to_markdown,
    write_all,
)
from superposition.claims.terminal import summary, table
from superposition.claims.verdicts import CheckResult, Verdict
from superposition.dictionaries.record import Dictionaries
from superposition.weights import Weights

__all__ = [
    "CLAIMS",
    "CheckResult",
    "Claim",
    "Outcome",
    "Verdict",
    "insert",
    "judge",
    "read_json",
    "summary",
    "table",
    "to_brief_markdown",
    "to_csv",
    "to_json",
    "to_markdown",
    "write_all",
]

CLAIMS: tuple[Claim, ...] = (
    *introduction.CLAIMS,
    *demonstration.CLAIMS,
    *losses.CLAIMS,
    *many_features.CLAIMS,
    *mathematics.CLAIMS,
    *phase.CLAIMS,
    *geometry.CLAIMS,
    *geometry_graphs.CLAIMS,
    *nonuniform.CLAIMS,
    *feature_sets.CLAIMS,
    *dynamics.CLAIMS,
    *robustness.CLAIMS,
    *neurons.CLAIMS,
    *computation.CLAIMS,
    *tradeoff.CLAIMS,
    *enumeration.CLAIMS,
    *appendix.CLAIMS,
)


def judge(
    weights: Mapping[str, Weights],
    claims: Iterable[Claim] = CLAIMS,
    dictionaries: Mapping[str, Dictionaries] | None = None,
) -> list[Verdict]:
    """Return a verdict on every claim, judged over all runs of the cells it is about.

    Args:
        weights: Trained cells, keyed `experiment/model_density`.
        claims: What to judge; by default everything.
        dictionaries: Dictionaries of some of the cells, keyed likewise.
    """
    return verdicts.judge(weights, claims, dictionaries)
