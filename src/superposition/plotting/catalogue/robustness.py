"""Figures of Superposition and Adversarial Robustness."""

from superposition.plotting.catalogue.record import Figure

_SECTION = "Superposition and Adversarial Robustness"

FIGURES = {
    "vulnerability": Figure(
        title="Superposition makes models vulnerable to adversarial examples",
        caption="Inputs are attacked by vectors a tenth as long as the mean input, and what that "
        "adds to the loss is divided by what the same does to a model of as many dimensions "
        "without superposition. Black, the paper's attack along a row of WᵀW, for every input the "
        "row and sign that hurt most. Coloured, projected gradient ascent: attacks as short as "
        "these add to errors that are there already, which have a slope, so that it does more "
        "harm still. "
        "Below, features per dimension; the band is where D* is within 0.03 of ½. Right, one "
        "against the other, from dense (dark) to sparse (yellow): vulnerability grows as (1/D*)², "
        "the gain of an attack where no ReLU is in the way, until features are so sparse that "
        "biases keep ever more outputs from being woken. Dots are runs, lines medians.",
        experiments=("attacked",),
        module="superposition.plotting.vulnerability",
        section=_SECTION,
        claims=("C50", "C51", "C52", "C54"),
    ),
    "hardened": Figure(
        title="Adversarial training reduces superposition",
        caption="Models that were shown every sample under an attack along a row of WᵀW, drawn at "
        "random, against the length of these attacks. Left, features per dimension, counted by "
        "‖W‖² (full; 1 is no superposition), and learned ones (‖W_i‖ > 0.5) that share their "
        "direction with others (dotted). Middle, vulnerability to attacks of a tenth of the mean "
        "input, as in the figure before. Right, what it costs on samples that are not attacked. "
        "Dots are runs, lines medians; the paper needs attacks of 0.8 (red).",
        experiments=tuple(f"hardened_{size}" for size in (0, 20, 40, 60, 70, 80, 90, 100)),
        module="superposition.plotting.hardened",
        section=_SECTION,
        claims=("C53",),
    ),
}
