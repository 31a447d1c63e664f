"""The paper's claims, judged on trained networks.

`claim` says what a claim is and `bounds` what it expects, `networks` finds those it is about and
refuses what is no evidence, `controls` makes those on which it must fail, `judging` measures and
judges, `seeds` compares builds with several seeds, `rendering` writes. The claims themselves are
data, in `sections`: a module for each section of the paper, with the numbers that its claims are
made of and with explanations of departures that have been seen; what several of them share is in
`statistics`.
"""

from superposition.claims.claim import Claim, Outcome
from superposition.claims.judging import CheckResult, Verdict, judge
from superposition.claims.rendering import (
    claims_table,
    closing,
    numbers_table,
    read_json,
    summary,
    table,
    to_json,
    to_markdown,
    write_all,
)
from superposition.claims.sections import CLAIMS
from superposition.claims.seeds import confirmed, outcomes, read_record, standing

__all__ = [
    "CLAIMS",
    "CheckResult",
    "Claim",
    "Outcome",
    "Verdict",
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
