"""Introduction: five features in two dimensions."""

from functools import partial

import numpy as np

from superposition.claims.bounds import at_most, exactly
from superposition.claims.claim import Basis, Cells, Check, Task, claim
from superposition.claims.controls import SCATTERED
from superposition.claims.statistics import (
    POSITIVE_INTERFERENCE,
    are_represented,
    are_the_most_important,
    off_diagonal,
)
from superposition.measure import metrics
from superposition.measure.metrics import cosines, is_represented

_OTHERS_ARE_NOT = Check(
    "longest other feature",
    lambda n: metrics.norms(n.W[:, ~is_represented(n.W)]).max(initial=0.0),
    at_most(0.1, "a tenth of a learned feature's length"),
)

_claim = partial(
    claim,
    section="Introduction",
    anchor="",
    basis=Basis(
        "lowest loss",
        "The paper speaks of the solution to each problem. Elsewhere it says that in two "
        "dimensions gradient descent often misses it, and keeps the lowest loss of several fits.",
    ),
    task=Task("intro", n_features=5, n_hidden=2),
    control=SCATTERED,
)

CLAIMS = (
    _claim(
        "C1",
        "Without sparsity, the two most important of five features get a dimension each "
        "and the others are not represented.",
        *are_the_most_important(2),
        _OTHERS_ARE_NOT,
        Check(
            "|cos| of the two",
            lambda n: np.abs(off_diagonal(cosines(n.W[:, is_represented(n.W)]))).max(initial=0),
            at_most(0.05, "within 3° of 90°"),
        ),
        cells=(Cells("relu", (1.0,)),),
    ),
    _claim(
        "C2",
        "At sparsity 0.8, the four most important form two antipodal pairs "
        "and the fifth is not represented.",
        *are_the_most_important(4),
        _OTHERS_ARE_NOT,
        Check(
            f"antipodal pairs (cos < −{-metrics.ANTIPODAL:g})",
            lambda n: metrics.antipodal_pairs(n.W),
            exactly(2, source="paper"),
        ),
        cells=(Cells("relu", (0.2,)),),
    ),
    _claim(
        "C3",
        "At sparsity 0.9, all five form a pentagon, with positive interference "
        "and negative biases.",
        are_represented(5),
        Check(
            "largest departure from 72°",
            lambda n: metrics.uneven_angle(n.W),
            at_most(
                10,
                "importance varies, so the pentagon need not be regular; "
                "two pairs and a fifth feature depart by 18° or more",
            ),
        ),
        POSITIVE_INTERFERENCE,
        Check("largest bias", lambda n: n.b.max(), at_most(0.0, source="paper")),
        cells=(Cells("relu", (0.1,)),),
    ),
)
