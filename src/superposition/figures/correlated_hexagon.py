"""Three pairs of correlated features in the plane."""

from superposition.figures import Spec
from superposition.figures.parts.partners import (
    PARTNER_COLUMNS,
    RUNS,
    partner_rows,
    plot_partners,
)

SPEC = Spec(
    title="Three pairs of correlated features",
    caption="Sparse enough, three pairs form a hexagon with partners side by side; in many "
    "runs a pair collapses into one direction instead, or a feature is lost, at a higher "
    "loss. When features are dense, collapsed pairs are the best solution." + RUNS,
    section="Correlated and Anticorrelated Features",
    place=3,
    experiments=("correlated_hexagon",),
    claims=("C43", "C44"),
)

plot = plot_partners
rows = partner_rows
COLUMNS = PARTNER_COLUMNS
