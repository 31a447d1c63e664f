"""Claims of the section Superposition as a Phase Change: one feature too many."""

import numpy as np

from superposition.claims import phase_statistics as of
from superposition.claims.controls import SHUFFLED, UNTRAINED
from superposition.claims.findings import SHORT_PAIRS
from superposition.claims.records import (
    BEST,
    Basis,
    Cells,
    Check,
    Claim,
    Network,
    Reading,
    Repetition,
    Task,
)
from superposition.settings import FeatureSettings
from superposition.theory import bias_free, phase
from superposition.theory.ranking import by_expected_loss

_SECTION = "Superposition as a Phase Change"
_ANCHOR = "#phase-change"
_TWO = Task("phase_two", n_features=2, n_hidden=1, importance_decay=1.0)
_THREE = Task("phase_three", n_features=3, n_hidden=2, importance_decay=1.0)
_CELLS = (Cells("relu", relative=True),)

_MATHEMATICS = Basis(
    Reading.LOWEST_LOSS,
    "Mathematics: nothing is trained, and there is one of everything.",
)
_SOLUTION = Basis(
    Reading.LOWEST_LOSS,
    "The paper compares with theory, which is about the best solution. It averages nine of ten "
    "models; those that miss the solution change a colour, but not where it changes.",
)
_SOLUTION_OF_TWO = Basis(
    Reading.LOWEST_LOSS,
    "The paper compares with theory, which is about the best solution: of the runs of each point, "
    "the one with the lowest expected loss, which is known exactly for two features. On a sample, "
    "chance would decide where two solutions are nearly as good.",
    ranking=by_expected_loss,
)
_AVERAGED = Basis(
    Reading.TYPICAL,
    "The paper's diagram averages nine of ten models, so its blur is that of typical ones.",
    ranking=by_expected_loss,
)
_NEARLY_ALL = (
    "points within 20 % of a boundary are left out; the rest is for a point here and there where "
    "two solutions are nearly as good"
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


CLAIMS = (
    Claim(
        id="C16",
        section=_SECTION,
        anchor=_ANCHOR,
        statement="In theory, two features in one dimension have three best solutions: leave one "
        "or the other out, or superpose both. All three meet at equal importance.",
        basis=_MATHEMATICS,
        task=_TWO,
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
    ),
    Claim(
        id="C17",
        section=_SECTION,
        anchor=_ANCHOR,
        statement="Trained models of two features in one dimension show the same regions, with "
        "superposition starting a little earlier than in theory.",
        basis=_SOLUTION_OF_TWO,
        task=_TWO,
        cells=_CELLS,
        checks=(
            Check(
                "boundary of superposition / that in the paper's experiment",
                of.boundary_to_papers_experiment,
                0.9,
                1.1,
                source="fig",
                reason="rows are 10 % apart by default, so a boundary is known to half of that; "
                "the rest is the paper's own grid and 1–2 % of reading off",
                together=True,
            ),
            Check(
                "boundary of superposition / theory's, mean over importances",
                of.boundary_to_simple_theory,
                1.05,
                1.15,
                source="fig",
                reason="1.10 in the paper's figure; give or take half of the difference",
                together=True,
            ),
        ),
        control=UNTRAINED,
    ),
    Claim(
        id="C18",
        section=_SECTION,
        anchor=_ANCHOR,
        statement="It is a first-order phase change: at the boundary the lowest loss is "
        "continuous, and its derivative jumps.",
        basis=_SOLUTION_OF_TWO,
        task=_TWO,
        cells=_CELLS,
        checks=(
            Check(
                "largest jump of the loss / loss",
                of.loss_gap,
                high=0.01,
                reason="losses near the boundary differ by several percent from row to row",
                together=True,
            ),
            Check(
                "jump of dL/d(1 − S) / theory's, smallest and median over importances",
                of.slope_jumps,
                0.5,
                1.5,
                source="derived",
                reason="without a jump it is 0; theory's simple solutions give 1, and weights and "
                "biases between them soften it",
                together=True,
            ),
        ),
        control=SHUFFLED,
    ),
    Claim(
        id="C19",
        section=_SECTION,
        anchor=_ANCHOR,
        statement="About equal importance the trained diagram is blurred: models often miss the "
        "best solution there.",
        basis=_AVERAGED,
        task=_TWO,
        cells=_CELLS,
        checks=(
            Check(
                "share of points where superposition is best but not found, r within 1.25× of 1",
                of.missed_near,
                0.2,
                0.8,
                source="fig",
                reason="purple: neither nearly all nor nearly none",
                together=True,
            ),
            Check(
                "how much larger than where r differs by more than 5×",
                of.missed_nearer,
                0.1,
                reason="a tenth of the colour scale, which the eye sees",
                together=True,
            ),
        ),
        control=UNTRAINED,
    ),
    Claim(
        id="C19b",
        section=_SECTION,
        anchor="#comment-mcgrath",
        statement="Without biases, the best solution moves continuously from one feature towards "
        "both and then jumps to an antipodal pair.",
        basis=_MATHEMATICS,
        task=_TWO,
        cells=(),
        constructed=_bias_free_minima,
        checks=(
            Check(
                "1 − S at the jump, r = 1, 0.5, 0.3, 0.1",
                of.flips,
                (0.577, 0.553, 0.469, 0.208),
                (0.587, 0.563, 0.479, 0.212),
                source="derived",
                reason="the closed form's values, to 1 %",
                together=True,
            ),
            Check(
                "smallest jump of W_1 W_2 there",
                of.smallest_flip,
                low=0.5,
                reason="half of the way between no superposition and a pair",
                together=True,
            ),
            Check(
                "largest step of W_1 W_2 elsewhere",
                of.largest_other_step,
                high=0.05,
                reason="a tenth of that, at 60 densities on either side",
                together=True,
            ),
        ),
        control=UNTRAINED,
    ),
    Claim(
        id="C20",
        section=_SECTION,
        anchor=_ANCHOR,
        statement="Of three features in two dimensions, a less important one is left out or, when "
        "sparser, one of an antipodal pair; a more important one has a dimension of its own, while "
        "of the others one is left out or, when sparser, both form the pair.",
        basis=_SOLUTION,
        task=_THREE,
        cells=_CELLS,
        checks=(
            Check(
                "share of points where the extra feature is as in theory, in the regions: extra "
                "left out, another left out, extra in pair, others in pair",
                of.extra_as_in_theory,
                low=0.95,
                source="derived",
                reason=_NEARLY_ALL,
                together=True,
            ),
            Check(
                "share of points where the others are, in the same regions",
                of.others_as_in_theory,
                low=0.95,
                source="derived",
                reason=_NEARLY_ALL,
                findings=SHORT_PAIRS,
                together=True,
            ),
        ),
        control=SHUFFLED,
    ),
    Claim(
        id="C21",
        section=_SECTION,
        anchor=_ANCHOR,
        statement="In theory, the number of dimensions has no effect on the diagram from two on.",
        basis=_MATHEMATICS,
        task=_THREE,
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
    ),
)
