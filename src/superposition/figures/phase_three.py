"""The phase diagram of three features in two dimensions."""

from superposition.figures import Spec
from superposition.figures.parts.phase_diagrams import (
    PHASE_COLUMNS,
    phase_rows,
    plot_diagrams,
)

SPEC = Spec(
    title="Three features in two dimensions, by importance and density",
    caption="What becomes of the third feature, by its importance relative to the other two and "
    "by the density of all. In the paper a less important one is left out (grey) or, when "
    "sparser, in an antipodal pair (red); a more important one always has a dimension of its own "
    "(blue), and the other two have only the other dimension. Left, which of four simple "
    "solutions has the lowest loss, each named by a direction orthogonal to W. Middle, the "
    "trained models of each point, averaged as in the paper: colours are mixed where runs end in "
    "different pairs, any of which is a local minimum. Right, the best of them. Lines are the "
    "boundary by the exact loss (solid) and by the simple solutions (dashed). Theory leaves out a "
    "fifth solution, as the paper does: all three features sharing both dimensions. Labels mark "
    "points that are red although the feature is much more important: there, no run has found the "
    "solution that gives it a dimension.",
    section="Superposition as a Phase Change",
    place=2,
    experiments=("phase_three",),
    claims=("C20", "C21"),
)

plot = plot_diagrams
rows = phase_rows
COLUMNS = PHASE_COLUMNS
