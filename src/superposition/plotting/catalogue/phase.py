"""Figures of Superposition as a Phase Change."""

from superposition.plotting.catalogue.record import Figure

_SECTION = "Superposition as a Phase Change"

FIGURES: dict[str, Figure] = {
    "phase_two": Figure(
        title="Two features in one dimension: superposition as a phase change",
        caption="What becomes of the second feature, by its importance relative to the first and "
        "by the density of both: grey if it is left out, blue if it has the dimension to "
        "itself, red if both share it as an antipodal pair; the lighter, the shorter. "
        "Left, which of three simple solutions has the lowest loss. Middle, the trained "
        "models of each point, averaged as in the paper; about equal importance many of "
        "them miss the pair. Right, the best of them by the exact loss, with a sharp "
        "boundary: a phase change. It follows the boundary by that loss (line), as does the "
        "paper's (circles), both a little above the simple one (dashed).",
        experiments=("phase_two",),
        module="superposition.plotting.phase",
        section=_SECTION,
        claims=("C16", "C17", "C18", "C19"),
    ),
    "phase_three": Figure(
        title="Three features in two dimensions: superposition as a phase change",
        caption="What becomes of the third feature, by its importance relative to the other two "
        "and by the density of all. Less important, it is left out (grey) or, when "
        "sparser, one of an antipodal pair (red). More important, it always has a "
        "dimension of its own (blue), and the other two make do with the other one. Left, "
        "which of four simple solutions has the lowest loss, each named by a direction "
        "orthogonal to W. Middle, the trained models of each point, averaged as in the "
        "paper: any pair is a local minimum, and they find different ones. Right, the best "
        "of them. It follows the boundary by the exact loss (line), above the simple one "
        "(dashed). Just above, about equal importance, is a fifth solution that theory leaves "
        "out, as in the paper: all three features sharing both dimensions.",
        experiments=("phase_three",),
        module="superposition.plotting.phase",
        section=_SECTION,
        claims=("C20", "C21"),
    ),
    "phase_surfaces": Figure(
        title="The loss of two features in one dimension, as a surface",
        caption="The exact loss without biases over both weights, light where it is low, at "
        "densities before, at and after the phase change. When dense, the lowest minimum "
        "has both features in one direction, confused; when sparse, in opposite ones, an "
        "antipodal pair. (W and −W are the same model.) Both minima are there at once, "
        "far from each other, and where they are equally low the best weights jump from "
        "one to the other (below). Until then they move continuously, towards the more "
        "important feature.",
        experiments=(),
        module="superposition.plotting.phase_surfaces",
        section=_SECTION,
        claims=("C19b",),
    ),
}
