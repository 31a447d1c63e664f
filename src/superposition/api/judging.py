"""Claims of the paper, judged on networks that were trained here."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from superposition.base.arguments import ArgumentError, expect
from superposition.claims import CLAIMS, Outcome, Verdict, table
from superposition.claims import judge as judge_all
from superposition.measure.network import TrainedCell


class Verdicts(tuple[Verdict, ...]):
    """Verdicts on claims, which show themselves as a table."""

    __slots__ = ()

    def __repr__(self) -> str:
        """What was measured and expected, and what became of each claim."""
        return table(self) if self else "no verdict: these claims need other experiments"


def judge(trained: Mapping[str, TrainedCell], claims: Sequence[str] = ()) -> Verdicts:
    """Verdicts on claims, by the cells of experiments that have the names of config.yaml.

    Args:
        trained: Trained cells, from `train` or `read_weights`.
        claims: Ids of the claims, from docs/claims.md, such as `["C3"]`; by default all for which
            there is what they need.

    Raises:
        ArgumentError: If there is no such claim.

    Example:
        >>> import superposition as sp
        >>> sweep = sp.experiment("intro", models=["relu"], n_features=5, n_hidden=2, runs=4,
        ...                       importance={"decay": 0.9}, feature_probability=[1.0],
        ...                       training={"learning_rate": 0.01, "steps": 2000})
        >>> [verdict] = sp.judge(sp.train(sweep, progress=False), ["C1"])
        >>> verdict.outcome.value, verdict.checks[0].quantity, verdict.checks[0].measured
        ('replicates', 'features with ‖W_i‖ > 0.9', (2.0,))
    """
    whole = isinstance(trained, Mapping)
    whole = whole and all(isinstance(cell, TrainedCell) for cell in trained.values())
    expect("trained", trained, whole, "trained cells by name, as of `train`")
    several = isinstance(claims, Iterable) and not isinstance(claims, str)
    expect("claims", claims, several, "a list of ids, such as ['C3']")
    of_ids = {claim.id: claim for claim in CLAIMS}
    for one in claims:
        if one not in of_ids:
            near = get_close_matches(f"{one}", of_ids, 1)
            hint = f"did you mean {near[0]}?" if near else "docs/claims.md lists them."
            raise ArgumentError(f"There is no claim {one!r}; {hint}")
    found = judge_all(trained.values(), [of_ids[one] for one in claims] or CLAIMS)
    tested = [verdict for verdict in found if verdict.outcome != Outcome.NOT_TESTED]
    return Verdicts(found if claims else tested)
