"""What experiments of ours showed about departures from the claims about uniform superposition.

Each is about a curve as a whole; the cell is one that is always in it.
"""

from superposition.claims.records import Finding

_CURVE = ("relu", 1.0)

NO_SIMPLICES = (
    Finding(
        _CURVE,
        "Between D* = 1 and D* = 1/2, at 1/(1 − S) from 1.6 to 2.1, dimensions change one by one "
        "from single features to antipodal pairs. The features near 0.7 there are single ones that "
        "share their dimension with the many that are hardly learned, not triangles or tetrahedra. "
        "The run saved in the paper's own notebook (n = 200, m = 20) has 0 features at 3/4 and 1 "
        "at 2/3.",
    ),
)
CROWDED_PENTAGONS = (
    Finding(
        _CURVE,
        "Pentagons are there, 7 of them at 1/(1 − S) = 4.76, but they overlap with the other "
        "features and have D_i of 0.388. With n = 800, all else equal, 15 features there are at "
        "2/5 and 48 at 1/2, and none is anywhere else; with 4 times the steps, 8 are at 3/8. In "
        "the run saved in the paper's own notebook, 2/5 is a line and 3/8 is not.",
    ),
)
ONE_PENTAGON = (
    Finding(
        _CURVE,
        "With the notebook's own recipe there are 38, 38, 38 and 34 such features: in the sparsest "
        "of the four, two pairs have given way to a pentagon. With a cosine schedule and n = 400, "
        "m = 30, from 1/(1 − S) = 2.86 to 3.45 all 30 dimensions hold pairs and nothing is left "
        "to the others.",
    ),
)
RECIPE = (
    Finding(
        _CURVE,
        "Between the plateaus D* depends on the recipe: the curve of n = 200, m = 20 is trained "
        "as in the notebook, where it agrees with the authors' own run within 0.02 down to "
        "1/(1 − S) = 3.02, and falls from 1 earlier than with a cosine schedule, at 1.88 to 0.59 "
        "instead of 0.72. At 4.76 it depends on n as well: D* is 0.39 with n = 400 and 0.46 with "
        "n = 800, m = 30 and recipe being the same.",
    ),
)
