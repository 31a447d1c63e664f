"""Claims of The Geometry of Superposition about D* and the lines of feature dimensionality."""

from fractions import Fraction

import numpy as np

from superposition.claims import geometry_statistics as of
from superposition.claims import polytope_statistics as of_polytopes
from superposition.claims.controls import FALLING, SCATTERED, STRETCHED, UNTRAINED
from superposition.claims.geometry_findings import CROWDED_PENTAGONS, NO_SIMPLICES
from superposition.claims.geometry_tasks import (
    ALL_LEVELS,
    BEST_FOUND,
    NOTEBOOKS_LEVELS,
    PENTAGONAL_BIPYRAMID,
    SMALL,
    TRIANGULAR_BIPYRAMID,
    WIDES_LEVELS,
    ideal_polytopes,
    lines_claim,
    uniform_claim,
)
from superposition.claims.records import Check, Finding
from superposition.geometry.dimensions import DENSE, FEWEST, FLANK, HALF_WIDTH, NAMED, NOT_EXPECTED

_NOTEBOOKS_STEP = 20 ** (1 / 19)
"""Factor of 1/(1 − S) from one level of the notebook's run to the next."""


def _line(name: str, fraction: Fraction, there: bool, findings: tuple[Finding, ...] = ()) -> Check:
    """Return the check that features do, or do not, cluster at a fraction of D_i."""
    return Check(
        f"features at {fraction} ({name}), if twice as many as in either window beside it",
        of.features_on_line(fraction),
        low=FEWEST if there else -np.inf,
        high=np.inf if there else FEWEST - 1,
        source="paper",
        reason=f"within {HALF_WIDTH:g}, over all levels with D* < {DENSE:g}; windows as wide, "
        f"{FLANK:g} away: what spreads evenly makes no line",
        findings=findings,
        together=True,
    )


_FINDINGS = {
    "tetrahedron": NO_SIMPLICES,
    "triangle": NO_SIMPLICES,
    "pentagon": CROWDED_PENTAGONS,
    "square antiprism": CROWDED_PENTAGONS,
}

CLAIMS = (
    uniform_claim(
        id="C23",
        statement="Where features are dense, D* sticks at 1: as many as there are dimensions are "
        "learned, and no more as they become somewhat sparser.",
        cells=(ALL_LEVELS, NOTEBOOKS_LEVELS),
        checks=(
            Check(
                "D* at 1 − S = 1, of n = 400 and n = 200",
                of.at_densest,
                0.98,
                1.02,
                "nb",
                reason="1.003 in the notebook's run",
                together=True,
            ),
            Check(
                "1/(1 − S) up to which D* stays within 0.03 of 1",
                of.stays_at_one,
                low=_NOTEBOOKS_STEP - 0.001,
                source="nb",
                reason="1.17 in the notebook's run, one of its levels",
                together=True,
            ),
        ),
        control=FALLING,
    ),
    uniform_claim(
        id="C24",
        statement="D* sticks at 1/2 as well, where features are in antipodal pairs.",
        cells=(ALL_LEVELS, NOTEBOOKS_LEVELS),
        checks=(
            Check(
                "factor by which 1/(1 − S) grows while D* is within 0.03 of 1/2",
                of.plateau_stretch,
                low=_NOTEBOOKS_STEP**2 - 0.001,
                source="nb",
                reason="three levels of the notebook's grid; its own run has four",
                together=True,
            ),
        ),
        control=FALLING,
    ),
    uniform_claim(
        id="C25",
        statement="The sparser the features, the more of them share the hidden space: D* falls.",
        cells=(ALL_LEVELS, NOTEBOOKS_LEVELS),
        checks=(
            Check(
                "largest rise of D* to a sparser level, of n = 400 and n = 200",
                of.largest_rise,
                high=0.01,
                reason="a hundredth of the range, for what training leaves unfinished",
                together=True,
            ),
            Check(
                "D* at 1/(1 − S) = 20",
                of.at_sparsest,
                0.126,
                0.146,
                "nb",
                reason="0.136 in the notebook's run, give or take 0.01",
                together=True,
            ),
        ),
        control=UNTRAINED,
    ),
    lines_claim(
        id="C26",
        statement="Features are packed as efficiently as can be: their dimensionalities sum to the "
        "number of hidden dimensions.",
        cells=(ALL_LEVELS, WIDES_LEVELS, NOTEBOOKS_LEVELS),
        checks=(
            Check(
                "Σ D_i / m",
                of.total_share,
                0.99,
                1 + 1e-9,
                reason="within a percent (the notebook's run: 0.2 %); more than 1 cannot be",
            ),
        ),
        control=SCATTERED,
    ),
    lines_claim(
        id="C27",
        statement="Features cluster at certain fractions of a dimension: 3/4, 2/3, 1/2, 2/5 and "
        "3/8, where the vertices of polytopes are.",
        cells=(ALL_LEVELS,),
        checks=tuple(
            _line(name, fraction, there=True, findings=_FINDINGS.get(name, ()))
            for name, fraction in NAMED.items()
        ),
        control=STRETCHED,
    ),
    lines_claim(
        id="C28",
        statement="These are the fractions of d/k that the k vertices of polytopes in d dimensions "
        "have: 2/k in polygons, 3/4 in a tetrahedron, 1/2 in an octahedron, 3/8 in a square "
        "antiprism; of bipyramids, those of the polygon and of the digon.",
        basis=BEST_FOUND,
        cells=SMALL,
        checks=(
            Check(
                "largest distance of D_i from d/k in ideal polytopes",
                of_polytopes.off_fraction_ideal,
                high=1e-9,
                source="derived",
                reason="rounding",
                together=True,
            ),
            Check(
                "in the lowest-loss run of each small model",
                of_polytopes.off_fraction_found,
                high=0.02,
                reason="closer than half of the way to the next of these fractions, 0.025 off",
                together=True,
            ),
        ),
        control=SCATTERED,
        constructed=ideal_polytopes,
    ),
    lines_claim(
        id="C29",
        statement="There is no line at 3/5 or 3/7, for bipyramids fall into a polygon and a digon "
        "at right angles, with fractions of their own.",
        basis=BEST_FOUND,
        cells=(ALL_LEVELS, TRIANGULAR_BIPYRAMID, PENTAGONAL_BIPYRAMID),
        checks=(
            *(_line(name, fraction, there=False) for name, fraction in NOT_EXPECTED.items()),
            Check(
                "polygons and digons among the components of the small models' bipyramids",
                of_polytopes.factors_of_bipyramids,
                4,
                4,
                "paper",
                together=True,
            ),
        ),
        control=SCATTERED,
    ),
)
