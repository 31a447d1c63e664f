"""The demonstration again, with four times as many features and dimensions."""

from superposition.figures import Spec
from superposition.figures.parts.columns import LENGTH_COLUMNS, length_rows, plot_columns

SPEC = Spec(
    title="The same with 80 features in 20 dimensions",
    caption="As the figure before, with four times as many features and dimensions and "
    "importances 0.9^i; the ReLU model's heatmaps are larger, so that single features can be "
    "seen. Superposition starts with the less important features and moves up: isolated blue "
    "points are antipodal pairs, blocks with some red among the blue are larger groups with "
    "positive interference, which come with negative biases.",
    section="Demonstrating Superposition",
    place=3,
    experiments=("many_features",),
    claims=("C11",),
)

plot = plot_columns
rows = length_rows
COLUMNS = LENGTH_COLUMNS
