"""The demonstration again, with four times as many features and dimensions."""

from superposition.figures import Spec
from superposition.figures.parts.columns import LENGTH_COLUMNS, length_rows, plot_columns

SPEC = Spec(
    title="The same with eighty features in twenty dimensions",
    caption="As the figure before, with more features and dimensions, and importances that fall "
    "more slowly; the ReLU model's heatmaps are larger, so that single features can be seen. In "
    "the paper superposition starts with the less important features and moves up. Isolated blue "
    "points are antipodal pairs; blocks with some red among the blue are larger groups with "
    "positive interference, which negative biases counteract.",
    section="Demonstrating Superposition",
    place=3,
    experiments=("many_features",),
    claims=("C11",),
)

plot = plot_columns
rows = length_rows
COLUMNS = LENGTH_COLUMNS
