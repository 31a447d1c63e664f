"""Two pairs of anticorrelated features in the plane."""

from superposition.figures import Spec
from superposition.figures.parts.partners import (
    PARTNER_COLUMNS,
    RUNS,
    partner_rows,
    plot_partners,
)

SPEC = Spec(
    title="Two pairs of anticorrelated features",
    caption="Features of one colour are never active together; in the paper such features are put "
    "opposite each other, where they cost no loss at all." + RUNS,
    section="Correlated and Anticorrelated Features",
    place=2,
    experiments=("anticorrelated_pairs",),
    claims=("C42",),
)

plot = plot_partners
rows = partner_rows
COLUMNS = PARTNER_COLUMNS
