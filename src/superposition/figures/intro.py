"""The paper's first figure: five features in two dimensions, from dense to sparse."""

from superposition.figures import Spec
from superposition.figures.parts.panels import PANEL_COLUMNS, panel_rows, plot_panels

SPEC = Spec(
    title="Five features in two dimensions",
    caption="Columns of W of the ReLU output model as arrows in its two hidden dimensions, "
    "coloured by importance, for features that are more and more often zero. The run with the "
    "lowest loss is shown, and the number of runs with the same result is given. It is turned so "
    "that the most important feature points up: hidden space has no axes of its own. The dashed "
    "circle has radius 1; biases are not shown.",
    section="Introduction",
    experiments=("intro",),
    claims=("C1", "C2", "C3"),
)

plot = plot_panels
rows = panel_rows
COLUMNS = PANEL_COLUMNS
