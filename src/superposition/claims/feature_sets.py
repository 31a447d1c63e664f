"""Claims of The Geometry of Superposition about correlated and anticorrelated features."""

from functools import partial

from superposition.claims import feature_sets_statistics as of
from superposition.claims import findings
from superposition.claims.controls import CORRELATED, SCATTERED
from superposition.claims.records import Basis, Cells, Check, Claim, Reading, Task
from superposition.claims.statistics import longest, shortest, uneven_angle

_TWO_PAIRS = ((0, 1), (2, 3))
_THREE_PAIRS = ((0, 1), (2, 3), (4, 5))
_TENS = (tuple(range(10)), tuple(range(10, 20)))
_FOUR = Task("correlated_pairs", 4, 2, 1.0, correlated=_TWO_PAIRS)
_FOUR_EXCLUDING = Task("anticorrelated_pairs", 4, 2, 1.0, anticorrelated=_TWO_PAIRS)
_SIX = Task("correlated_hexagon", 6, 2, 1.0, correlated=_THREE_PAIRS)
_SIX_INDEPENDENT = Task("independent_six", 6, 2, 1.0)
_TWENTY = Task("local_bases", 20, 10, 1.0, correlated=_TENS)

_FIVE_MODELS = Basis(
    Reading.ALL_RUNS,
    "The paper's figure shows five models that all agree, so that most runs should.",
)
_BEST_AND_OTHERS = Basis(
    Reading.ALL_RUNS,
    "The paper takes other outcomes for failures of optimisation, so the lowest loss is judged, "
    "and the loss of the others.",
)
_SOLUTION = Basis(
    Reading.LOWEST_LOSS,
    "The paper speaks of the solution to each problem, and elsewhere in this section keeps the "
    "lowest loss of several fits.",
)
_ONE_MODEL = Basis(
    Reading.TYPICAL,
    "The paper's figure shows one model and says nothing of how it was chosen, so it shows what "
    "training typically gives.",
)
_MOST = "four of five, as the paper's figure shows five of five; at each of our densities"
_CAPTIONS = (0.7, 0.5, 0.4, 0.3, 0.25, 0.2, 0.175, 0.15, 0.1, 0.05, 0.03, 0.01)

_organization = partial(
    Claim,
    section="Correlated and Anticorrelated Features",
    anchor="#geometry-organization",
    control=SCATTERED,
)
_collapsing = partial(
    Claim,
    section="Collapsing of Correlated Features",
    anchor="#geometry-collapsing",
    basis=_SOLUTION,
    task=_SIX,
    control=SCATTERED,
)

CLAIMS = (
    _organization(
        id="C41",
        statement="Correlated features are put at right angles: of two correlated pairs in two "
        "dimensions, the members of each are orthogonal.",
        basis=_FIVE_MODELS,
        task=_FOUR,
        cells=(Cells("relu"),),
        checks=(
            Check(
                "share of runs with |cos| < 0.1 within both pairs",
                of.share(of.are_orthogonal),
                0.8,
                reason=_MOST + ". Of angles alone: with features at zero counted as failures it "
                "would be 0.78 at two of the five",
                together=True,
            ),
            Check(
                "largest |cos| within pairs of the lowest-loss run",
                of.of_best(of.largest_cosine_within),
                high=0.1,
                reason="within 6° of 90°",
                together=True,
            ),
        ),
    ),
    _organization(
        id="C42",
        statement="Anticorrelated features are put opposite each other: two pairs of them are two "
        "antipodal pairs.",
        basis=_FIVE_MODELS,
        task=_FOUR_EXCLUDING,
        cells=(Cells("relu"),),
        checks=(
            Check(
                "share of runs with cos < −0.95 within both pairs",
                of.share(of.are_opposite),
                0.8,
                reason=_MOST,
                together=True,
                findings=findings.WRONG_PARTNERS,
            ),
            Check(
                "largest cos within pairs of the lowest-loss run",
                of.of_best(of.largest_cosine_of_excluding),
                high=-0.95,
                reason="within 18° of opposite",
                together=True,
            ),
        ),
    ),
    _organization(
        id="C43",
        statement="Three pairs of correlated features form a hexagon in two dimensions, partners "
        "side by side; runs in which a pair collapsed have a higher loss.",
        basis=_BEST_AND_OTHERS,
        task=_SIX,
        cells=(Cells("relu", (0.05, 0.03, 0.01)),),
        checks=(
            Check(
                "hexagons among the lowest-loss runs",
                of.of_best(of.is_hexagon),
                1,
                1,
                source="paper",
                together=True,
            ),
            Check(
                "largest departure from 60°",
                of.of_best(uneven_angle),
                high=10,
                reason="correlation need not leave the hexagon regular",
                together=True,
            ),
            Check("pairs side by side", of.of_best(of.side_by_side), 3, 3, "paper", together=True),
            Check(
                "lowest loss with a collapsed pair / lowest without",
                of.penalty_of_collapse,
                1.0,
                source="paper",
                together=True,
            ),
        ),
    ),
    _organization(
        id="C44",
        statement="Six independent features do not form a hexagon in two dimensions.",
        basis=_SOLUTION,
        task=_SIX_INDEPENDENT,
        cells=(Cells("relu", (0.05, 0.005)),),
        checks=(
            Check(
                "hexagons",
                of.is_hexagon,
                0,
                0,
                source="paper",
                findings=findings.SPARSE_HEXAGON,
            ),
        ),
        control=CORRELATED,
    ),
    _organization(
        id="C45",
        statement="Two sets of ten correlated features in ten dimensions are each represented as "
        "an almost orthogonal basis; interference is between the sets.",
        basis=_ONE_MODEL,
        task=_TWENTY,
        cells=(Cells("relu"),),
        checks=(
            Check("shortest feature", shortest, 0.9, reason="a feature counts as represented"),
            Check("longest feature", longest, high=1.1, reason="as much above 1 as below"),
            Check(
                "largest |W_i · W_j| within a set",
                of.largest_overlap_within,
                high=0.1,
                reason="a twentieth of the heatmap's range",
            ),
            Check(
                "root mean square W_i · W_j across",
                of.typical_overlap_across,
                0.2,
                reason="plainly more; two orthonormal bases of ten dimensions have 0.32",
            ),
        ),
    ),
    _collapsing(
        id="C46",
        statement="As three correlated pairs become sparser, fewer of them share one direction: "
        "three, two, one and none.",
        cells=(Cells("relu", _CAPTIONS),),
        checks=(
            Check(
                "pairs with cos > 0.95",
                of.collapsed,
                (3, 3, 3, 3, 2, 2, 2, 1, 1, 0, 0, 0),
                (3, 3, 3, 3, 3, 3, 2, 2, 1, 1, 0, 0),
                source="paper",
                reason="the captions' ranges, which meet at about 0.25 to 0.2, 0.15 and 0.05: "
                "either number is fine there",
                findings=findings.TWO_ARE_BETTER,
            ),
        ),
    ),
    _collapsing(
        id="C47",
        statement="The dense solution is what PCA finds: of every pair (a, b) only (a + b)/√2 is "
        "represented.",
        cells=(Cells("relu", (0.7, 0.5, 0.4)),),
        checks=(
            Check(
                "largest ‖W(e_a − e_b)‖ / ‖W(e_a + e_b)‖",
                of.difference_left,
                high=0.1,
                reason="a tenth; 1 for partners at right angles",
            ),
            Check(
                "largest angle to the principal components, degrees",
                of.angle_to_components,
                high=5.0,
                reason="random weights are 5° or more away",
            ),
        ),
    ),
)
