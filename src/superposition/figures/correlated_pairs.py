"""Two pairs of correlated features in the plane."""

from superposition.figures import Spec
from superposition.figures.parts.partners import (
    PARTNER_COLUMNS,
    RUNS,
    partner_rows,
    plot_partners,
)

SPEC = Spec(
    title="Two pairs of correlated features",
    caption="Features of one colour are always active together; in the paper such features are "
    "put at right angles." + RUNS,
    section="Correlated and Anticorrelated Features",
    experiments=("correlated_pairs",),
    claims=("C41",),
)

plot = plot_partners
rows = partner_rows
COLUMNS = PARTNER_COLUMNS
