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
        "features and have D_i of 0.388. In six runs there, 0 to 35 features are at 2/5. With "
        "n = 800, all else equal, one of four runs has 15 features at 2/5 and 48 at 1/2, and none "
        "anywhere else; the others have 5 at 2/5. In the run saved in the paper's own notebook, "
        "2/5 is a line and 3/8 is not.",
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
        "On the plateaus and beyond the last, D* is the same within 0.02. Between them it is not: "
        "with n = 400, m = 30 it leaves 1 later than with m = 60 or n = 200, m = 20, where n/m is "
        "smaller: at 1/(1 − S) = 1.49 it is 0.98, 0.90 and 0.93, at 2.04 0.62, 0.53 and 0.54. "
        "There it depends on the recipe as well: with n = 200, m = 20 at 1.88, 0.59 with the "
        "notebook's, which agrees with the authors' own run. At 4.76 single runs differ: "
        "six have 0.39 to 0.41, and with n = 800, m = 30 four have 0.41 to 0.46.",
    ),
)
