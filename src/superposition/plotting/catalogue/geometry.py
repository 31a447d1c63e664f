"""Figures of The Geometry of Superposition: uniform superposition."""

from superposition.plotting.catalogue.record import Figure

_SMALL = (
    "triangle",
    "square",
    "tetrahedron",
    "triangular_bipyramid",
    "octahedron",
    "pentagonal_bipyramid",
    "square_antiprism",
)

FIGURES: dict[str, Figure] = {
    "dimensions": Figure(
        title="Hidden dimensions per feature as features become sparser",
        caption="D* = m/‖W‖², roughly the number of hidden dimensions for each learned feature, of "
        "one model at each level. All features are equally important. The bands are D* within "
        "0.03 of 1 and of ½, dark where the model with n = 400 and m = 30 stays there. Curves of "
        "twice the dimensions, or half the features, lie on each other where only sparsity "
        "matters. Red crosses are the run saved in the paper's own notebook.",
        experiments=("geometry", "geometry_wide", "geometry_notebook"),
        module="superposition.plotting.dimensions",
        section="Uniform Superposition",
        claims=("C23", "C24", "C25", "C32"),
    ),
    "dimensionality": Figure(
        title="Features share dimensions in fixed fractions",
        caption="Above, the dimensionality D_i of every one of 400 features at each level, moved "
        "sideways a little so that they do not hide each other, with D* as the red line. A line "
        "at a fraction is solid if at least 10 features are within 0.005 of it and twice as many "
        "as in the windows beside it, and dotted if not. Below, features as nodes that are "
        "joined where they are not orthogonal, the thicker the larger |W_i · W_j|, in the colour "
        "of the polytope that each group is; features that are not learned are left out.",
        experiments=("geometry",),
        module="superposition.plotting.dimensionality",
        section="Feature Dimensionality",
        claims=("C26", "C27", "C29", "C30", "C33", "C34"),
    ),
    "dimensionality_notebook": Figure(
        title="The published notebook's run, the authors' own beside ours",
        caption="200 features of equal importance in 20 dimensions, trained as in the published "
        "notebook. At each level, D_i of all features of our run on the left, in black, and of the "
        "run saved in the notebook on the right, in red; D* as lines, and as numbers below. Dotted "
        "lines are the fractions that the paper names.",
        experiments=("geometry_notebook",),
        module="superposition.plotting.dimensionality_notebook",
        section="Feature Dimensionality",
        claims=("C23", "C24", "C25", "C26", "C31", "C34"),
    ),
    "polytopes": Figure(
        title="Polytopes that small models find",
        caption="One row for each small model, its lowest-loss run. From left to right: the "
        "columns of W as vertices, in space with the edges of their hull, hidden ones dotted; the "
        "features as a graph, joined where they are not orthogonal; WᵀW, blue −1, white 0, red +1; "
        "and a basis of the vectors that WᵀW sends to zero, with the dimensionalities found beside "
        "the ideal fractions. Colours are the components of the graph: a bipyramid is a polygon "
        "and a digon at right angles, an octahedron three digons, a square two.",
        experiments=_SMALL,
        module="superposition.plotting.polytopes",
        section="Feature Dimensionality",
        claims=("C28", "C29", "C30", "C35"),
    ),
}
