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
        claims=("C4", "C5", "C6", "C7", "C8", "C9", "C10"),
    ),
}
