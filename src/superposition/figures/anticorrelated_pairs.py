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
    caption="Features that are never active together are put opposite each other, at no loss "
    "at all; but in many runs they end up at right angles, in a poor local minimum." + RUNS,
    section="Correlated and Anticorrelated Features",
    place=2,
    experiments=("anticorrelated_pairs",),
    claims=("C42",),
)

plot = plot_partners
rows = partner_rows
COLUMNS = PARTNER_COLUMNS
