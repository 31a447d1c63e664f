"""The phase diagram of two features in one dimension."""

from superposition.figures import Spec
from superposition.figures.parts.phase_diagrams import (
    PHASE_COLUMNS,
    phase_rows,
    plot_diagrams,
)

SPEC = Spec(
    title="Two features in one dimension, by importance and density",
    caption="What becomes of the second feature, by its importance relative to the first and by "
    "the density of both: grey if it is left out, blue if it has the dimension to itself, red if "
    "both share it, as an antipodal pair or, where they are dense and about as important, in one "
    "direction; the lighter, the shorter. Left, which of three simple solutions has the lowest "
    "loss. Middle, the trained models of each point, averaged as in the paper: colours are mixed "
    "where runs end in different solutions. Right, the best of them by the exact loss, where a "
    "phase change is a sharp boundary. Lines are the boundary by that loss (solid) and by the "
    "simple solutions (dashed); circles are the paper's.",
    section="Superposition as a Phase Change",
    experiments=("phase_two",),
    claims=("C16", "C17", "C18", "C19"),
)

plot = plot_diagrams
rows = phase_rows
COLUMNS = PHASE_COLUMNS
