"""Figures of Superposition and Learning Dynamics."""

from superposition.plotting.catalogue.record import Figure

_JUMPS = "Discrete “Energy Level” Jumps"
_TRANSFORMATIONS = "Learning as Geometric Transformations"

FIGURES = {
    "energy_levels": Figure(
        title="Features jump between levels of dimensionality",
        caption="Twelve equally important features in six dimensions, of which most runs make "
        "digons. Above, the dimensionality D_i of every feature during one training; features that "
        "jump are coloured. A jump is a change of D_i by 0.1 or more within 250 steps, after 250 "
        "steps in which it changed by less than 0.05; jumps that overlap make one event (shaded). "
        "Below, the loss; dashed, how far it falls in the same steps in the runs without an event "
        "at the time (the median), and how many times as far it falls here. The first event drowns "
        "in the general fall of the loss, the last stands out. Right, the events of every run, the "
        "darker the farther the loss falls in them, compared so; red, the run on the left: of "
        "those with most events the one in which most features jump.",
        experiments=("energy_levels",),
        module="superposition.plotting.energy_levels",
        section=_JUMPS,
        claims=("C48",),
    ),
    "transformations": Figure(
        title="Learning as a sequence of geometric transformations",
        caption="Two sets of three correlated features in three dimensions, from initial weights "
        "close to the origin. Above, the hidden space of one training at the steps marked below, "
        "always seen from the same side; triangles join the members of a set, dotted lines "
        "opposite features. First each set has one direction, as in principal component analysis; "
        "then the sets open into right-angled triangles that form an antiprism, which turns until "
        "all features are opposite one of the other set: an octahedron. Below, the loss: every "
        "regime is a level of it, the last two nearly the same; runs on the highest level first "
        "put both sets into one direction. Right, by which route the runs "
        "came there, and how many had not at the end; with initial weights as large as elsewhere "
        "there is no regime like PCA at the beginning, and in some runs a feature stays short.",
        experiments=("transformations", "transformations_large"),
        module="superposition.plotting.transformations",
        section=_TRANSFORMATIONS,
        claims=("C49",),
    ),
}
