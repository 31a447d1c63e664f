"""The paper's demonstration of superposition: WᵀW and the features' lengths, density by density."""

from superposition.figures import Spec
from superposition.figures.parts.columns import LENGTH_COLUMNS, length_rows, plot_columns
from superposition.measure.metrics import REPRESENTED

SPEC = Spec(
    title="A linear and a ReLU output model, from dense to sparse features",
    caption="Each column is the lowest-loss run at one feature density 1 − S. Above, WᵀW with the "
    "bias b beside it; below, the length of every feature's direction, most important first, "
    "coloured by how much the feature shares it with others. Red ticks are lengths read off the "
    f"paper's figure, where they seem to be clipped at 1. Features with ‖W_i‖ > {REPRESENTED:g} "
    "count as represented: their number is given for the run shown and, below it, from the least "
    "to the most in all runs. The linear model is shown at the highest density; the text beside "
    "it says how far it differs at others.",
    section="Demonstrating Superposition",
    place=2,
    experiments=("demonstration",),
    claims=("C4", "C5", "C6", "C7", "C8", "C9", "C10", "C67"),
)

plot = plot_columns
rows = length_rows
COLUMNS = LENGTH_COLUMNS
