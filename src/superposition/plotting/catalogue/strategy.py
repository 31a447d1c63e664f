"""Figures of The Strategic Picture of Superposition."""

from superposition.plotting.catalogue.record import Figure

_SECTION = "The Strategic Picture of Superposition"

FIGURES = {
    "tradeoff": Figure(
        title="A penalty on activations removes superposition, at a price",
        caption="Twenty features of importance 0.7^i in five dimensions, trained with λ ‖h‖₁ added "
        "to the loss; the lowest-loss run of each. Left, features that are learned (‖W_i‖ > 0.5), "
        "and how many of them share their direction with others. Middle, the loss without the "
        "penalty, against that of the model trained without one. Right, one against the other. "
        "Below, WᵀW from no penalty to the largest. Antipodal pairs cost no more activation than "
        "two dimensions would, so they stay while dimensions fall empty: superposition goes "
        "because features go, the least important first.",
        experiments=tuple(f"penalised_{penalty}" for penalty in (0, 10, 20, 40, 80, 160, 320, 640)),
        module="superposition.plotting.tradeoff",
        section=_SECTION,
        claims=("C65",),
    ),
    "enumeration": Figure(
        title="Features found again from hidden activations alone",
        caption="Sparse autoencoders are given nothing but h = Wx of trained models (100 features "
        "in 20 dimensions) and asked for directions; each cell is one of them, with as many "
        "latents as stand on the left and the penalty below. A feature is there if ‖W_i‖ > 0.9, "
        "and found if a latent's direction is within 26° of its column (cosine above 0.9). Grey, "
        "latents that are never active. Above, features are independent; below, they come in "
        "twenty sets of five that are active together: there latents point along the sum of a "
        "set's columns, and far fewer along one of them. Last row, for the dictionary "
        "that finds most, the cosine of every feature's closest latent, beside that of as many "
        "random directions.",
        experiments=("enumerated", "enumerated_sets"),
        module="superposition.plotting.enumeration",
        section=_SECTION,
        claims=("E1", "E2", "E3", "E4"),
        shows="dictionaries",
    ),
}
