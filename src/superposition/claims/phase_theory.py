"""What theory says of one feature too many: claims that need no training."""

import numpy as np

from superposition.claims import first_order_statistics as of_jumps
from superposition.claims import phase_statistics as of
from superposition.claims.controls import UNTRAINED
from superposition.claims.records import (
    BEST,
    Basis,
    Check,
    Claim,
    Network,
    Reading,
    Repetition,
    Task,
)
from superposition.settings import FeatureSettings
from superposition.theory import bias_free, phase

SECTION = "Superposition as a Phase Change"
ANCHOR = "#phase-change"
TWO = Task("phase_two", n_features=2, n_hidden=1, importance_decay=1.0)
THREE = Task("phase_three", n_features=3, n_hidden=2, importance_decay=1.0)

_MATHEMATICS = Basis(
    Reading.LOWEST_LOSS,
    "Mathematics: nothing is trained, and there is one of everything.",
)


def _network(
    W: np.ndarray, b: np.ndarray, density: float, relative: float, loss: float = np.nan
) -> Network:
    """Return a network made by hand."""
    n = W.shape[1]
    return Network(
        W=W, b=b, experiment="mathematics", model="relu", density=density, repetition=BEST,
        relative=relative, loss=loss,
        features=FeatureSettings(n_features=n, feature_probability=(density,) * n),
        importance=np.append(np.ones(n - 1), relative),
    )  # fmt: skip


def _best_simple(n_hidden: int, r: np.ndarray, s: np.ndarray) -> Repetition:
    """Return the solution with the lowest of theory's losses at every density and importance."""
    solutions = phase.solutions(n_hidden)
    best = phase.best(n_hidden, r[None, :], s[:, None])
    return tuple(
        _network(solutions[k].W, solutions[k].bias(density), density, relative)
        for density, row in zip(s.tolist(), best, strict=True)
        for relative, k in zip(r.tolist(), row, strict=True)
    )


def _theory_of_two() -> Repetition:
    """Return theory's diagram of n = 2, rows 2 % apart."""
    return _best_simple(1, np.geomspace(0.1, 10, 41), np.geomspace(1.0, 0.1, 117))


def _theory_of_many() -> Repetition:
    """Return theory's diagrams for two and more dimensions."""
    r, s = np.geomspace(0.1, 10, 20), np.geomspace(1.0, 0.01, 20)
    return tuple(network for m in (2, 3, 5, 10) for network in _best_simple(m, r, s))


_FLIPS = (1.0, 0.5, 0.3, 0.1)
"""Relative importances at which the bias-free minimum is followed."""
_STEPS = 60
"""Densities above and below each flip; the two nearest to it are 0.1 % apart."""


def _bias_free_minima() -> Repetition:
    """Return the best weights without bias from density 1 through the flip to half of it."""
    networks = []
    for r, flip in zip(_FLIPS, bias_free.flip_density(np.array(_FLIPS)), strict=True):
        densities = np.concatenate(
            [
                np.geomspace(1.0, flip * 1.0005, _STEPS),
                np.geomspace(flip * 0.9995, flip / 2, _STEPS),
            ]
        )
        found = bias_free.optimum(np.array(r), densities)
        networks += [
            _network(np.array([[w_1, w_2]]), np.zeros(2), s, r, loss)
            for w_1, w_2, loss, s in zip(*found, densities, strict=True)
        ]
    return tuple(networks)


THREE_SOLUTIONS = Claim(
    id="C16",
    section=SECTION,
    anchor=ANCHOR,
    statement="In theory, two features in one dimension have three best solutions: leave one "
    "or the other out, or superpose both. All three meet at equal importance.",
    basis=_MATHEMATICS,
    task=TWO,
    cells=(),
    constructed=_theory_of_two,
    checks=(
        Check("solutions", of.count_solutions, 3, 3, source="paper", together=True),
        Check(
            "boundary of superposition / that in the paper's theory panel",
            of.boundary_to_papers_theory,
            0.97,
            1.03,
            source="fig",
            reason="read off the figure to 1–2 %, and rows 2 % apart",
            together=True,
        ),
        Check(
            "1 − S where all three meet",
            of.meeting_density,
            4 / 7 * 0.98,
            4 / 7 * 1.02,
            source="derived",
            reason="4/7, rows 2 % apart",
            together=True,
        ),
    ),
    control=UNTRAINED,
)

JUMP_WITHOUT_BIASES = Claim(
    id="C19b",
    section=SECTION,
    anchor="#comment-mcgrath",
    statement="Without biases, the best solution moves continuously from one feature towards "
    "both and then jumps to an antipodal pair.",
    basis=_MATHEMATICS,
    task=TWO,
    cells=(),
    constructed=_bias_free_minima,
    checks=(
        Check(
            "1 − S at the jump, r = 1, 0.5, 0.3, 0.1",
            of_jumps.flips,
            (0.577, 0.553, 0.469, 0.208),
            (0.587, 0.563, 0.479, 0.212),
            source="derived",
            reason="the closed form's values, to 1 %",
            together=True,
        ),
        Check(
            "smallest jump of W_1 W_2 there",
            of_jumps.smallest_flip,
            low=0.5,
            reason="half of the way between no superposition and a pair",
            together=True,
        ),
        Check(
            "largest step of W_1 W_2 elsewhere",
            of_jumps.largest_other_step,
            high=0.05,
            reason="a tenth of that, at 60 densities on either side",
            together=True,
        ),
    ),
    control=UNTRAINED,
)

MORE_DIMENSIONS = Claim(
    id="C21",
    section=SECTION,
    anchor=ANCHOR,
    statement="In theory, the number of dimensions has no effect on the diagram from two on.",
    basis=_MATHEMATICS,
    task=THREE,
    cells=(),
    constructed=_theory_of_many,
    checks=(
        Check(
            "share of points with the same solution as m = 2, for m = 3, 5, 10",
            of.as_in_two_dimensions,
            1,
            1,
            source="derived",
            together=True,
        ),
    ),
    control=UNTRAINED,
)
