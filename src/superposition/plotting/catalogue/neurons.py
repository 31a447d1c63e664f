"""Figures of Superposition in a Privileged Basis."""

from superposition.plotting.catalogue.record import Figure

_SECTION = "Superposition in a Privileged Basis"

FIGURES: dict[str, Figure] = {
    "privileged": Figure(
        title="A ReLU in the hidden layer makes its dimensions special",
        caption="W of the best run, blue −1, white 0, red +1. With a linear hidden layer any "
        "rotation of it is as good, and the columns point anywhere (above); with a ReLU they keep "
        "to single dimensions, now neurons, or to simple codes of a few. If the hidden layer may "
        "have biases as well, it makes its units linear and no basis is special. The kurtosis of "
        "the weights, 3 if they were drawn from a normal distribution, says how few of them are "
        "large. At the foot, how the same matrix becomes a stack plot, which shows at a glance how "
        "many features a neuron has.",
        experiments=("privileged",),
        module="superposition.plotting.privileged",
        section=_SECTION,
        claims=("C55", "C58"),
    ),
    "neurons": Figure(
        title="Neurons of ten features, from dense to sparse",
        caption="Five neurons for ten features, the run with the lowest loss of many at each "
        "density. A column is a neuron, a rectangle a weight, with the number of its feature (1 is "
        "the most important). Dense features have a neuron each (grey), and half of them none. "
        "The sparser they are, the fewer neurons are monosemantic: first three features share two "
        "neurons, 4 exciting both and 5 and 6 one each, at the other's expense; at the end every "
        "feature excites two neurons, each feature another pair. Negative weights are drawn pale, "
        "and cut off at the foot with their sum: a feature that they keep from exciting a neuron "
        "is inhibited by that neuron. Red, what the paper's captions say.",
        experiments=("neurons",),
        module="superposition.plotting.neurons",
        section=_SECTION,
        claims=("C56", "C56b", "C57"),
    ),
    "neuron_runs": Figure(
        title="What the best of many runs depends on",
        caption="Left, the lowest loss to be expected of as many runs as the axis says, over the "
        "lowest of all runs: the sparser the features, the more local minima there are, and the "
        "more runs it takes to find the best of them. Right, monosemantic neurons and features "
        "represented in the runs with the lowest loss (large marks) and in all runs (their mean; "
        "bars, 10 % to 90 %), with what the paper's captions say as red lines. Below, whether it "
        "matters from which second weight on a neuron counts as polysemantic.",
        experiments=("neurons",),
        module="superposition.plotting.neuron_runs",
        section=_SECTION,
        claims=("C56", "C57"),
    ),
}
