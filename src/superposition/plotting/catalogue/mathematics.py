"""Figures of Mathematical Understanding."""

from superposition.plotting.catalogue.record import Figure

FIGURES: dict[str, Figure] = {
    "competition": Figure(
        title="Feature benefit against interference",
        caption="Every feature wants to be represented, and pays for it by overlaps with others. "
        "Left: a linear model pays for the square of every overlap; a ReLU, while one feature is "
        "active, for positive ones only, and with a negative bias not for small ones either. Ticks "
        "are the overlaps of represented features in a trained sparse model: they keep to what is "
        "free. Middle: adding a sixth feature opposite to the fifth, a linear model loses more "
        "by interference than it gains, at any length; with a ReLU interference is free and "
        "the feature lost comes down to nothing. Right: so the ReLU model's loss falls with "
        "density, although its weights without ReLU would be worse than none. Below, the terms of "
        "L_1 for every output, most important first, with the price that a linear model would pay "
        "for the same weights in pale colours. As features get sparser fewer of them are lost "
        "(blue) and interference stays small (red), because nearly all of it is negative or hidden "
        "by the bias. Ignored outputs at 1 − S = 0.1 pay for their bias, the mean of x. Below each "
        "column: the part of the model's loss that samples with one active feature make up.",
        experiments=("demonstration",),
        module="superposition.plotting.competition",
        section="Mathematical Understanding",
        claims=("C13", "C14", "C15"),
    ),
}
