"""The paper's first figure over the densities of the published notebook."""

from superposition.figures import Spec
from superposition.figures.parts.panels import PANEL_COLUMNS, panel_rows, plot_panels

SPEC = Spec(
    title="Five features in two dimensions, over the published notebook's densities",
    caption="As the figure before, at the densities of the published notebook. The paper's figure "
    "has three sparsities: two features alone, two antipodal pairs, a pentagon. Those in between "
    "show whether one turns into the next in steps, and over which range each exists. Which "
    "features are neighbours may differ from panel to panel: where importances are close, it "
    "hardly matters.",
    section="Introduction",
    place=2,
    experiments=("intro_notebook",),
    claims=("C1", "C2", "C3"),
)

plot = plot_panels
rows = panel_rows
COLUMNS = PANEL_COLUMNS
