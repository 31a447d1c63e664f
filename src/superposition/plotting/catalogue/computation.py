"""Figures of Computation in Superposition."""

from superposition.plotting.catalogue.record import Figure

_SECTION = "Computation in Superposition"

FIGURES: dict[str, Figure] = {
    "absolute_small": Figure(
        title="Absolute values of three features",
        caption="The best run, as matrices, as a graph and as stack plots, its neurons rescaled so "
        "that the largest |W_1| of each is 1. Each feature has two neurons: one computes ReLU(x), "
        "the other ReLU(−x), and their sum is |x|.",
        experiments=("absolute_small",),
        module="superposition.plotting.absolute_small",
        section=_SECTION,
        claims=("C59",),
    ),
    "absolute": Figure(
        title="Absolute values of a hundred features in forty neurons",
        caption="The run with the lowest loss at each density. A column is a neuron, its input "
        "weights rescaled so that the largest is 1; blue ground: it responds to a single feature, "
        "the second largest weight being less than a fifth of the largest; orange: to several; "
        "white: it does nothing. When features are dense nearly all neurons are monosemantic, two "
        "for each feature that has any; when they are very sparse hardly any is. In the paper's "
        "figure some are monosemantic down to 0.003; ours are down to 0.01, and there only with a "
        "recipe that learns important features first (C60).",
        experiments=("absolute_dense", "absolute", "absolute_sparse", "absolute_sparsest"),
        module="superposition.plotting.absolute",
        section=_SECTION,
        claims=("C60", "C63"),
    ),
    "polysemantic": Figure(
        title="Monosemantic neurons, by the rule that counts them",
        caption="Left, the part of the forty neurons that are monosemantic, if a neuron counts as "
        "polysemantic from a second weight on that is a twentieth to a half of its largest (thick: "
        "a fifth, the rule of the other figures; dots are single runs). Red crosses, the paper, "
        "where it is unmistakable. Right, the second largest weights of all neurons in order: "
        "where a curve is steep at the dashed line, the rule hardly matters.",
        experiments=("absolute_dense", "absolute", "absolute_sparse", "absolute_sparsest"),
        module="superposition.plotting.polysemantic",
        section=_SECTION,
        claims=("C60",),
    ),
    "absolute_zoom": Figure(
        title="Mono- and polysemantic neurons in one network",
        caption="The best network at 1 − S = 0.01, its neurons as in the figure of all densities, "
        "with signs and with the features' numbers (1 is the most important). A monosemantic "
        "neuron (blue ground) has one large input weight, a polysemantic one (orange) a primary "
        "weight and secondary ones. The paper's network has both kinds; how many are monosemantic "
        "depends on training (C61).",
        experiments=("absolute_dense", "absolute", "absolute_sparse", "absolute_sparsest"),
        module="superposition.plotting.absolute_zoom",
        section=_SECTION,
        claims=("C61", "C62"),
    ),
    "motif": Figure(
        title="The asymmetric superposition motif, found and measured",
        caption="Left, the trained network with the lowest loss of those that have the motif "
        "twice (or once, if none has). An asymmetric neuron serves two features of opposite "
        "signs, A with a large input and a small output weight, B the other way round, so that "
        "both come back as 1 but A is heard loudly at B. A second neuron that A excites takes that "
        "away by a large negative output weight to B (columns that go on are cut, with their sum "
        "below). Right, every asymmetric neuron of all networks: above, the ratios of its weights, "
        "reciprocal on the dashed line; below, what an active A would add to B by way of the "
        "neuron, and how much of that the other neurons take away. Blue: nine tenths or more.",
        experiments=("motif",),
        module="superposition.plotting.motif",
        section=_SECTION,
        claims=("C64",),
    ),
}
