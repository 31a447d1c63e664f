"""Figures of the introduction and of Demonstrating Superposition."""

from superposition.plotting.catalogue.record import Figure

FIGURES = {
    "intro": Figure(
        title="Five features in two dimensions",
        caption="Columns of W of the ReLU output model as arrows in its two hidden dimensions, "
        "coloured by importance, for features that are more and more often zero. The run with "
        "the lowest loss is shown, turned so that the most important feature points up: hidden "
        "space has no axes of its own. The dashed circle has radius 1; biases are not shown.",
        experiments=("intro",),
        module="superposition.plotting.intro",
        section="Introduction",
        claims=("C1", "C2", "C3"),
    ),
    "intro_notebook": Figure(
        title="Five features in two dimensions, over the published notebook's densities",
        caption="As the figure before, at more densities between. Superposition comes in steps "
        "rather than gradually: two features alone, then two antipodal pairs over a wide range, "
        "then a pentagon. Which features are neighbours differs from panel to panel: importances "
        "are so close that it hardly matters.",
        experiments=("intro_notebook",),
        module="superposition.plotting.intro",
        section="Introduction",
        claims=("C1", "C2", "C3"),
    ),
    "legend": Figure(
        title="How to read the figures that follow",
        caption="One model, twenty features in five dimensions, without superposition. Left, WᵀW: "
        "row i says what output i makes of every input j; the column beside it is the bias. "
        "Right, the same model in short: the length of every feature's direction, coloured by "
        "how much of it the other features share, summed as in the paper's text.",
        experiments=("demonstration",),
        module="superposition.plotting.legend",
        section="Demonstrating Superposition",
        claims=("C4", "C5"),
    ),
    "demonstration": Figure(
        title="Superposition in a linear and a ReLU output model",
        caption="Each column is the lowest-loss run at one feature density 1 − S. Above, WᵀW "
        "with the bias b beside it; below, the length of every feature's direction, most "
        "important first, coloured by how much the feature shares it with others. Red ticks "
        "are lengths read off the paper's figure, in which they look clipped at 1. Features "
        "with ‖W_i‖ > 0.9 count as represented.",
        experiments=("demonstration",),
        module="superposition.plotting.demonstration",
        section="Demonstrating Superposition",
        claims=("C4", "C5", "C6", "C7", "C8", "C9", "C10", "C67"),
    ),
    "many_features": Figure(
        title="The same with 80 features in 20 dimensions",
        caption="As the figure before, with four times as many features and dimensions and "
        "importances 0.9^i; the ReLU model's heatmaps are larger, so that single features can be "
        "seen. Superposition starts with the less important features and moves up: isolated blue "
        "points are antipodal pairs, blocks with some red among the blue are larger groups with "
        "positive interference, which come with negative biases.",
        experiments=("many_features",),
        module="superposition.plotting.demonstration",
        section="Demonstrating Superposition",
        claims=("C11",),
    ),
    "notebook": Figure(
        title="The published notebook's experiment: 100 features in 20 dimensions",
        caption="Above, every second density, as in the notebook. Its colours are the square root "
        "of those drawn here, which are the paper's Σ_{j≠i} (Ŵ_i · W_j)². Below, all of them "
        "(filled: shown above): D* = m/‖W‖² falls from 1, with a shelf at ½ where nearly all "
        "features are in antipodal pairs, while the features with ‖W_i‖ > 0.9 become many more "
        "than there are dimensions.",
        experiments=("notebook",),
        module="superposition.plotting.notebook",
        section="Demonstrating Superposition",
        claims=("C12",),
    ),
}
