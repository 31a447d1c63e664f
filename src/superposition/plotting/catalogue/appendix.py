"""Figures of the paper's appendix."""

from superposition.plotting.catalogue.record import Figure

FIGURES = {
    "compression": Figure(
        title="Two numbers packed into one by a staircase",
        caption="Nonlinear compression: x is rounded to one of Z values, and y fills the room "
        "between two of them. Ramps made of ReLUs stand in for the jumps. Left, what x and y are "
        "packed into; where x is on a ramp, both are lost. Right, the error of x and y after "
        "unpacking, against the width of the ramps: of a step, so that t climbs with slope 1/ε "
        "(solid), or of the whole range, for packing and unpacking alike (dashed); the paper's "
        "words allow either. Its example, ε = 0.1 and Z = 3 (red), beats the best linear packing "
        "in both.",
        experiments=(),
        module="superposition.plotting.compression",
        section="Nonlinear Compression",
        claims=("C66",),
    ),
    "sensing": Figure(
        title="The lower bound of compressed sensing and what trained models reach",
        caption="To recover n features of which n (1 − S) are active takes at least "
        "m = C n (1 − S) log(1/(1 − S)) dimensions. Left, features per dimension of models of "
        "equally important features, and the most that the bound allows. The paper gives no "
        "constant; with C = 1 models follow the bound once they are sparse. Dashed: if more "
        "features share a dimension, not all vectors so sparse can be recovered exactly, however "
        "well the model decodes by the smallest sum of absolute values. Trained models, which read "
        "each feature by its own direction alone, stay far below. Right, the constant with which "
        "the bound would go through each model.",
        experiments=("geometry", "geometry_wide", "geometry_narrow", "sensing"),
        module="superposition.plotting.sensing",
        section="Compressed Sensing",
    ),
}
