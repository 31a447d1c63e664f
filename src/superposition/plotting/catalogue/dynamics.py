"""Figures of Superposition and Learning Dynamics."""

from superposition.plotting.catalogue.record import Figure

_JUMPS = "Discrete “Energy Level” Jumps"
_TRANSFORMATIONS = "Learning as Geometric Transformations"

FIGURES = {
    "energy_levels": Figure(
        title="Features jump between levels of dimensionality",
        caption="Twelve equally important features in six dimensions at 1 − S = 0.3, which end in "
        "six digons. Above, the dimensionality D_i of every feature during one training; features "
        "that jump are coloured. A jump is a change of D_i by 0.1 or more within 250 steps, after "
        "250 steps in which it changed by less than 0.05; jumps that overlap make one event "
        "(shaded). Below, the loss, and how much faster it falls in an event than just before: "
        "not at all at the first, which drowns in the general fall of the loss, and clearly at "
        "later ones. Right, the events of every run, the darker the faster the loss falls in "
        "them; red, the run on the left: of those with most events the one in which the loss "
        "drops most suddenly.",
        experiments=("energy_levels",),
        module="superposition.plotting.energy_levels",
        section=_JUMPS,
        claims=("C48",),
    ),
}
