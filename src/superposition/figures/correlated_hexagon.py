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
    caption="Features of one colour are always active together; in the paper's hexagon they stand "
    "side by side. A pair at 0° has collapsed into one direction, as the paper's own pairs do "
    "where features are dense." + RUNS,
    section="Correlated and Anticorrelated Features",
    place=3,
    experiments=("correlated_hexagon",),
    claims=("C43", "C44"),
)

plot = plot_partners
rows = partner_rows
COLUMNS = PARTNER_COLUMNS
