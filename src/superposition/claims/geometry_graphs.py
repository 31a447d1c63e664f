"""Claims of The Geometry of Superposition about feature graphs, invariance and polytopes."""

from superposition.claims import geometry_statistics as of
from superposition.claims import polytope_statistics as of_polytopes
from superposition.claims.controls import AS_MANY, PENTAGONS, SCATTERED
from superposition.claims.geometry_findings import NO_SIMPLICES, ONE_PENTAGON, RECIPE
from superposition.claims.geometry_tasks import (
    ALL_LEVELS,
    BEST_FOUND,
    NARROWS_LEVELS,
    NOTEBOOKS,
    NOTEBOOKS_LEVELS,
    PAPERS,
    SMALL,
    TETRAHEDRON,
    TRIANGLE,
    WIDES_LEVELS,
    lines_claim,
    uniform_claim,
)
from superposition.claims.records import Basis, Cells, Check, Claim, Reading, Task

_PRESSURE = Task("pressure", n_features=200, n_hidden=20, importance_decay=1.0)
_LONG = Task("pressure_long", n_features=200, n_hidden=20, importance_decay=1.0)
_CROWDED = Task("pressure_crowded", n_features=400, n_hidden=20, importance_decay=1.0)
_SHAPES = ("digon", "triangle", "tetrahedron", "pentagon", "square antiprism")
_POLYTOPES = "Polytopes and Low-Rank Matrices"

CLAIMS = (
    lines_claim(
        id="C30",
        statement="Features that are not orthogonal form small groups, each a polytope in "
        "dimensions of its own: digons, triangles, tetrahedra, pentagons and square antiprisms, "
        "in 1, 2, 3, 2 and 3 dimensions.",
        cells=(ALL_LEVELS, *SMALL),
        checks=(
            *(
                Check(
                    f"{name}s with n = 400, m = 30" if name != "tetrahedron" else "tetrahedra",
                    of_polytopes.components_named(name),
                    low=1,
                    source="paper",
                    reason="they are in the paper's feature graphs",
                    findings=NO_SIMPLICES if name in ("triangle", "tetrahedron") else (),
                    together=True,
                )
                for name in _SHAPES
            ),
            Check(
                "of components of 2, 3, 4, 5 and 8 features, part that spans other dimensions",
                of_polytopes.components_spanning_others,
                high=0.1,
                reason="one in ten, where groups are about to join or part",
                together=True,
            ),
            Check(
                "small models that fall into the components of their polytope",
                of_polytopes.small_components,
                7,
                7,
                "paper",
                together=True,
            ),
        ),
        control=SCATTERED,
    ),
    lines_claim(
        id="C31",
        statement="Where D* sticks at 1/2, all features that are learned are in antipodal pairs, "
        "which take all dimensions but one; what is left is shared by all others.",
        task=NOTEBOOKS,
        cells=(ALL_LEVELS,),
        checks=(
            Check(
                f"features with D_i within {of.ON_HALF:g} of 1/2, at 1/(1 − S) of 2.2 to 3.5",
                of.features_on_half,
                38,
                38,
                "nb",
                reason="19 pairs at each of these levels in the notebook's run",
                findings=ONE_PENTAGON,
                together=True,
            ),
            Check(
                "Σ D_i of the others",
                of.left_to_others,
                0.9,
                1.1,
                "nb",
                reason="1.0 in the notebook's run",
                together=True,
            ),
        ),
        control=SCATTERED,
    ),
    uniform_claim(
        id="C32",
        statement="Twice the dimensions hold twice the features, and how many features there are "
        "to choose from does not matter: D* depends on sparsity alone.",
        cells=(ALL_LEVELS, WIDES_LEVELS, NARROWS_LEVELS),
        checks=(
            Check(
                "largest difference of D* from n = 400, m = 30: of m = 60, and of n = 200, m = 20",
                of.largest_difference,
                high=0.03,
                reason="the width by which D* counts as on a plateau",
                findings=RECIPE,
                together=True,
            ),
        ),
        control=AS_MANY,
    ),
    lines_claim(
        id="C33",
        statement="Longer training and more competing features sharpen the clusters.",
        basis=Basis(
            Reading.ALL_RUNS,
            "The paper speaks of what training gives, and clusters differ much from run to run.",
        ),
        task=_PRESSURE,
        cells=(
            ALL_LEVELS,
            Cells("relu", experiment=_LONG.experiment, task=_LONG),
            Cells("relu", experiment=_CROWDED.experiment, task=_CROWDED),
        ),
        checks=(
            Check(
                "width of clusters of D_i after 4 times the steps, and with n = 400, over that of "
                "n = 200",
                of.narrowing,
                high=0.7,
                reason="in a hundred draws of random directions the larger of the two never is",
                together=True,
            ),
        ),
        control=SCATTERED,
    ),
    lines_claim(
        id="C34",
        statement=f"Beyond 1/(1 − S) = {of.SPARSE:g}, dimensionalities spread evenly: few features "
        "are at any of the fractions.",
        cells=(ALL_LEVELS, NOTEBOOKS_LEVELS),
        checks=(
            Check(
                "lines there at the named fractions",
                of.named_lines_when_sparse,
                0,
                0,
                "nb",
                together=True,
            ),
            Check(
                f"part of features with D_i ≥ {of.LEARNED:g} that is at one of them",
                of.share_on_lines_when_sparse,
                high=0.1,
                reason="0.02 in the notebook's run; even spread from 0.1 to 0.5 gives 0.06",
                together=True,
            ),
            Check(
                "part of Σ D_i that these features have, at least",
                of.share_of_learned_when_sparse,
                low=0.9,
                reason="that there are such features; of a random start, hardly any",
                together=True,
            ),
        ),
        control=PENTAGONS,
    ),
    Claim(
        id="C35",
        section=_POLYTOPES,
        anchor="#geometry",
        statement="The best symmetric matrix of rank n − 1 sends (1, …, 1) to zero: a regular "
        "simplex, a triangle in two dimensions and a tetrahedron in three.",
        basis=BEST_FOUND,
        task=PAPERS,
        cells=(TRIANGLE, TETRAHEDRON),
        checks=(
            Check(
                "largest distance of the null vector from (1, …, 1)",
                of_polytopes.off_simplex,
                high=0.05,
                reason="half of what is written as an integer",
            ),
            Check(
                "difference of WᵀW from the simplex's, lengths set equal",
                of_polytopes.off_polytope,
                high=0.05,
                reason="a fortieth of the range of the matrices' pictures",
            ),
        ),
        control=SCATTERED,
    ),
)
