"""Figures of The Geometry of Superposition: features that differ or come in sets."""

from superposition.plotting.catalogue.record import Figure

_PERTURBED = "Perturbing a Single Feature"
_ORGANIZATION = "Correlated and Anticorrelated Features"
_COLLAPSING = "Collapsing of Correlated Features"
_RUNS = (
    " Above, five runs at one density, evenly spread over the order of their losses; below, each "
    "dot is a pair in one run, at each density the runs from the lowest loss on the left to the "
    "highest. Numbers count the runs in which all pairs are as in the paper, within 18°; "
    "they are bold if it is one of these that has the lowest loss."
)

FIGURES = {
    "perturbed": Figure(
        title="One feature denser or sparser than the other four",
        caption="All local solutions of five features in two dimensions, one of which is denser "
        "or sparser than the others, turned and mirrored into one orientation and laid over each "
        "other. Left, pentagons, with the varied feature pointing up: the "
        "denser it is (yellow), the farther its neighbours keep away; the sparser (blue), the "
        "closer they come. Middle, two digons, in which the varied feature is at zero: the best "
        "solution once it is sparse enough. Lines are the runs with the lowest loss of all at "
        "their density, thicker for sparser; small dots the other runs within 5 % of the lowest "
        "loss of their kind. Right, the angle between the varied "
        "feature and its neighbours.",
        experiments=("perturbed",),
        module="superposition.plotting.perturbed",
        section=_PERTURBED,
        claims=("C36", "C37", "C38", "C40"),
    ),
    "crossover": Figure(
        title="The losses of pentagon and digons cross",
        caption="Loss of every run, by the kind of solution it found, against the density of the "
        "varied feature relative to that of the others. Lines join the lowest losses of a kind. "
        "Both kinds are local minima on both sides of where they cross, which makes the change "
        "of the best solution one of first order. Right, the difference of the two lowest losses; "
        "the parabola fitted to it gives the crossing and its 95 % interval (grey). The paper "
        "finds the change at about 2.5 times sparser (red).",
        experiments=("perturbed",),
        module="superposition.plotting.crossover",
        section=_PERTURBED,
        claims=("C38", "C39"),
    ),
    "correlated_pairs": Figure(
        title="Two pairs of correlated features",
        caption="Features that are active together are put at right angles." + _RUNS,
        experiments=("correlated_pairs",),
        module="superposition.plotting.partners",
        section=_ORGANIZATION,
        claims=("C41",),
    ),
    "anticorrelated_pairs": Figure(
        title="Two pairs of anticorrelated features",
        caption="Features that are never active together are put opposite each other, at no loss "
        "at all; but in many runs they end up at right angles, in a poor local minimum." + _RUNS,
        experiments=("anticorrelated_pairs",),
        module="superposition.plotting.partners",
        section=_ORGANIZATION,
        claims=("C42",),
    ),
    "correlated_hexagon": Figure(
        title="Three pairs of correlated features",
        caption="Sparse enough, three pairs form a hexagon with partners side by side; in many "
        "runs a pair collapses into one direction instead, or a feature is lost, at a higher "
        "loss. When features are dense, collapsed pairs are the best solution." + _RUNS,
        experiments=("correlated_hexagon",),
        module="superposition.plotting.partners",
        section=_ORGANIZATION,
        claims=("C43", "C44"),
    ),
    "local_bases": Figure(
        title="Two sets of ten correlated features in ten dimensions",
        caption="WᵀW of the run with the lowest loss: within each set (outlined), an almost "
        "orthogonal basis; all interference is between the sets. Right, all W_i · W_j of all "
        "runs.",
        experiments=("local_bases",),
        module="superposition.plotting.local_bases",
        section=_ORGANIZATION,
        claims=("C45",),
    ),
    "pca_collapse": Figure(
        title="From a solution like PCA's to a hexagon",
        caption="Three pairs of correlated features in two dimensions, from dense to sparse. "
        "Above, the lowest-loss runs: of a collapsed pair only the sum (a + b)/√2 is "
        "represented, as in principal component analysis (a thin arrow lies inside the thick one "
        "of its partner). Below, how many pairs have collapsed; red, what the paper's captions "
        "say. At density 1 all features are always active, correlation means nothing, and every "
        "plane is as good as every other.",
        experiments=("correlated_hexagon",),
        module="superposition.plotting.pca_collapse",
        section=_COLLAPSING,
        claims=("C46", "C47"),
    ),
}
