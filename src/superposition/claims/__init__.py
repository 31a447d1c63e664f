"""The paper's claims, judged on trained networks.

`claim` says what a claim is and `bounds` what it expects, `networks` finds those it is about and
refuses what is no evidence, `controls` makes those on which it must fail. `judging` judges by the
numbers of `measuring`, and by those of other runs (`resampling`); `verdict` is what comes of it,
and `seeds` compares builds with several seeds. `rendering` puts verdicts into words, `tables` and
`files` write them. The claims themselves are data, in `sections`: a module for each section of the
paper, with the numbers that its claims are made of and with explanations of departures that have
been seen; what several of them share is in `statistics` and `diagrams`.
"""

from superposition.claims.claim import Claim, Outcome
from superposition.claims.files import read_json, to_json, write_all
from superposition.claims.judging import judge
from superposition.claims.rendering import summary
from superposition.claims.sections import CLAIMS, about
from superposition.claims.seeds import confirmed, outcomes, read_record, standing
from superposition.claims.tables import (
    claims_table,
    closing,
    numbers_table,
    table,
    to_markdown,
)
from superposition.claims.verdict import CheckResult, Verdict

__all__ = [
    "CLAIMS",
    "CheckResult",
    "Claim",
    "Outcome",
    "Verdict",
    "about",
    "claims_table",
    "closing",
    "confirmed",
    "judge",
    "numbers_table",
    "outcomes",
    "read_json",
    "read_record",
    "standing",
    "summary",
    "table",
    "to_json",
    "to_markdown",
    "write_all",
]
