"""Claims of The Geometry of Superposition about one feature that differs from the others."""

from superposition.claims import findings
from superposition.claims import nonuniform_statistics as of
from superposition.claims.controls import SCATTERED, UNTRAINED
from superposition.claims.records import Basis, Cells, Check, Claim, Reading, Task
from superposition.claims.statistics import count_represented, largest_bias, shortest
from superposition.metrics import REPRESENTED

_SECTION = "Perturbing a Single Feature"
_ANCHOR = "#geometry-perturb"
_TASK = Task("perturbed", n_features=5, n_hidden=2, importance_decay=1.0)
_LOWEST = Basis(
    Reading.LOWEST_LOSS,
    "The paper fits several times in this section and keeps the lowest loss, because gradient "
    "descent often misses it in two dimensions.",
)
_ALL = Basis(
    Reading.ALL_RUNS,
    "The claim is about all local solutions and which of them has the lowest loss.",
)
_EVEN = (Cells("relu", (0.05,)),)
_VARIED = (Cells("relu", (0.05,), relative=True),)

CLAIMS = (
    Claim(
        id="C36",
        section=_SECTION,
        anchor=_ANCHOR,
        statement="Five features that are all alike form a regular pentagon at 1 − S = 0.05.",
        basis=_LOWEST,
        task=_TASK,
        cells=_EVEN,
        checks=(
            Check(
                f"features with ‖W_i‖ > {REPRESENTED:g}", count_represented, 5, 5, source="paper"
            ),
            Check(
                "sd of the angles from 72° apart",
                of.uneven_polygon,
                high=1.0,
                reason="a degree cannot be seen",
            ),
            Check(
                "largest |D_i − 2/5|",
                of.distance_to_two_fifths,
                high=0.01,
                reason="a fortieth of a pentagon's D_i; the next fractions, 3/8 and 1/2, are "
                "farther away",
            ),
        ),
        control=SCATTERED,
    ),
    Claim(
        id="C37",
        section=_SECTION,
        anchor=_ANCHOR,
        statement="In the pentagon, a denser feature keeps its neighbours at a distance, and a "
        "sparser one lets them come close.",
        basis=_LOWEST,
        task=_TASK,
        cells=_VARIED,
        checks=(
            Check(
                "smallest gap beside the feature where it is denser, degrees",
                of.narrowest_gap_if_denser,
                72.0,
                source="paper",
                together=True,
            ),
            Check(
                "largest gap where it is sparser",
                of.widest_gap_if_sparser,
                high=72.0,
                source="paper",
                together=True,
            ),
            Check(
                "smallest step of the gap from a density to the next higher one",
                of.smallest_widening,
                0.0,
                source="paper",
                together=True,
            ),
        ),
        control=SCATTERED,
    ),
    Claim(
        id="C38",
        section=_SECTION,
        anchor=_ANCHOR,
        statement="If one feature is more than about 2.5 times sparser than the others, the best "
        "solution changes from a pentagon to two digons without it.",
        basis=_ALL,
        task=_TASK,
        cells=_VARIED,
        checks=(
            Check(
                "lowest-loss runs out of the order digons, pentagons",
                of.out_of_order,
                0,
                0,
                source="paper",
                together=True,
            ),
            Check(
                "largest norm of the feature in the digons",
                of.longest_varied_below,
                high=0.1,
                reason="a tenth of a learned feature's length",
                together=True,
            ),
            Check(
                "relative density at which the lowest losses of both are equal",
                of.crossing_at,
                0.3,
                0.5,
                source="paper",
                reason="1/2.5 and what rounds to it, generously: 1/2 to 1/3.3",
                together=True,
                findings=findings.LATER_CROSSING,
            ),
            Check(
                "its 95 % interval from",
                of.crossing_from,
                high=0.5,
                source="paper",
                reason="the interval must reach the paper's value",
                together=True,
            ),
            Check(
                "to",
                of.crossing_to,
                0.3,
                source="paper",
                reason="the interval must reach the paper's value",
                together=True,
            ),
        ),
        control=SCATTERED,
    ),
    Claim(
        id="C39",
        section=_SECTION,
        anchor=_ANCHOR,
        statement="Pentagon and digons are both local minima on either side of that density; their "
        "losses cross at an angle, as in a phase change of first order.",
        basis=_ALL,
        task=_TASK,
        cells=_VARIED,
        checks=(
            Check(
                "runs of either kind next to the crossing, on either side",
                of.fewest_of_a_kind,
                1,
                source="paper",
                together=True,
            ),
            Check(
                "slope of the pentagon's loss / slope of the digons'",
                of.slope_ratio,
                0.0,
                0.8,
                reason="both losses grow with the density; a fifth is a kink that can be seen",
                together=True,
            ),
        ),
        control=SCATTERED,
    ),
    Claim(
        id="C40",
        section=_SECTION,
        anchor=_ANCHOR,
        statement="The pentagon's vertices lie a little outside of the unit circle, with slightly "
        "negative biases: ‖W_i‖ = 1/(1 − b_i), where b_i is the size of the bias.",
        basis=_LOWEST,
        task=_TASK,
        cells=_EVEN,
        checks=(
            Check("shortest feature", shortest, 1.0, source="paper"),
            Check("largest bias", largest_bias, high=0.0, source="paper"),
            Check(
                "mean ‖W_i‖ (1 − |b_i|)",
                of.norm_times_threshold,
                0.95,
                1.05,
                source="paper",
                reason="the paper's formula, within a twentieth",
                findings=findings.SQUARED_NORM,
            ),
            Check(
                "mean ‖W_i‖² (1 − |b_i|)",
                of.squared_norm_times_threshold,
                0.95,
                1.05,
                source="derived",
                reason="what the same formula would be of W_i · W_i, which is what the output "
                "sees, within a twentieth",
            ),
        ),
        control=UNTRAINED,
    ),
)
