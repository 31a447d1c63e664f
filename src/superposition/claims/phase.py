"""Claims of the section Superposition as a Phase Change: one feature too many."""

from superposition.claims import first_order_statistics as of_jumps
from superposition.claims import phase_statistics as of
from superposition.claims import phase_theory
from superposition.claims.controls import SHUFFLED, UNTRAINED
from superposition.claims.findings import SHORT_PAIRS
from superposition.claims.phase_theory import ANCHOR, SECTION, THREE, TWO
from superposition.claims.records import Basis, Cells, Check, Claim, Reading
from superposition.theory.ranking import by_expected_loss

_CELLS = (Cells("relu", relative=True),)

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


CLAIMS = (
    phase_theory.THREE_SOLUTIONS,
    Claim(
        id="C17",
        section=SECTION,
        anchor=ANCHOR,
        statement="Trained models of two features in one dimension show the same regions, with "
        "superposition starting a little earlier than in theory.",
        basis=_SOLUTION_OF_TWO,
        task=TWO,
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
        section=SECTION,
        anchor=ANCHOR,
        statement="It is a first-order phase change: at the boundary the lowest loss is "
        "continuous, and its derivative jumps.",
        basis=_SOLUTION_OF_TWO,
        task=TWO,
        cells=_CELLS,
        checks=(
            Check(
                "largest jump of the loss / loss",
                of_jumps.loss_gap,
                high=0.01,
                reason="losses near the boundary differ by several percent from row to row",
                together=True,
            ),
            Check(
                "jump of dL/d(1 − S) / theory's, smallest and median over importances",
                of_jumps.slope_jumps,
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
        section=SECTION,
        anchor=ANCHOR,
        statement="About equal importance the trained diagram is blurred: models often miss the "
        "best solution there.",
        basis=_AVERAGED,
        task=TWO,
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
    phase_theory.JUMP_WITHOUT_BIASES,
    Claim(
        id="C20",
        section=SECTION,
        anchor=ANCHOR,
        statement="Of three features in two dimensions, a less important one is left out or, when "
        "sparser, one of an antipodal pair; a more important one has a dimension of its own, while "
        "of the others one is left out or, when sparser, both form the pair.",
        basis=_SOLUTION,
        task=THREE,
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
    phase_theory.MORE_DIMENSIONS,
)
