"""Claims of the section Computation in Superposition: absolute values."""

from dataclasses import replace

from superposition.claims import motif_statistics as motif
from superposition.claims import neurons_statistics as of
from superposition.claims.computation_findings import (
    DEAD_OUTPUTS,
    NONE_LEFT,
    NOT_MANY,
    TWICE_THE_SAME,
)
from superposition.claims.controls import MISREAD, ROTATED, UNTRAINED
from superposition.claims.records import Basis, Cells, Check, Claim, Reading, Task
from superposition.motifs import CANCELLED, UNEVEN

_SECTION = "Computation in Superposition"
_ANCHOR = "#computation"
_SMALL = Task(
    "absolute_small", n_features=3, n_hidden=6, importance_decay=1.0, value_range="signed"
)
_TASK = Task("absolute", n_features=100, n_hidden=40, importance_decay=0.8, value_range="signed")
_DENSE, _SPARSE, _SPARSEST = (
    replace(_TASK, experiment=f"absolute_{kind}") for kind in ("dense", "sparse", "sparsest")
)
_MOTIF = Task("motif", n_features=6, n_hidden=9, importance_decay=0.8, value_range="signed")

_SHOWN = Basis(
    Reading.TYPICAL,
    "The paper's figure shows one model per density and says nothing of how it was chosen.",
)
_ALL = (
    Cells("absolute", (1.0, 0.3), experiment="absolute_dense", task=_DENSE),
    Cells("absolute", (0.1, 0.03)),
    Cells("absolute", (0.01,), experiment="absolute_sparse", task=_SPARSE),
    Cells("absolute", (0.003, 0.001), experiment="absolute_sparsest", task=_SPARSEST),
)
_RULE = (
    "neurons of which the second largest |W_1| is less than a fifth of the largest; the paper "
    "judged by eye"
)

CLAIMS = (
    Claim(
        id="C59",
        section=_SECTION,
        anchor=_ANCHOR,
        statement="Six neurons compute the absolute values of three features: for each feature one "
        "computes ReLU(x) and one ReLU(−x).",
        basis=Basis(Reading.LOWEST_LOSS, "The paper's figure shows a solution of the problem."),
        task=_SMALL,
        cells=(Cells("absolute", (1.0,)),),
        checks=(
            Check(
                "signs of features with a neuron of their own",
                of.signs_of_their_own,
                6,
                6,
                source="fig",
            ),
            Check(
                "largest distance from 1 of a neuron's W_1 W_2",
                of.farthest_product,
                high=0.05,
                reason="5 %, not visible in the figure",
            ),
            Check(
                "loss, in parts of that of answering with the mean",
                of.loss_in_parts,
                high=0.01,
                reason="a hundredth is as good as nothing",
            ),
        ),
        control=UNTRAINED,
    ),
    Claim(
        id="C60",
        section=_SECTION,
        anchor=_ANCHOR,
        statement="All forty neurons are monosemantic at 1 − S of 1 and 0.3, some of them from 0.1 "
        "to 0.003, and none at 0.001; when features are dense each of twenty has two neurons.",
        basis=_SHOWN,
        task=_TASK,
        cells=_ALL,
        checks=(
            Check(
                "monosemantic neurons",
                of.count_monosemantic,
                (40, 40, 1, 1, 1, 1, 0),
                (40, 40, 39, 39, 39, 39, 0),
                source="fig",
                reason=_RULE,
                findings=(*NOT_MANY, *NONE_LEFT),
            ),
            Check(
                "features of which more than half comes back",
                of.count_in_neurons,
                (20, 20, 0, 0, 0, 0, 0),
                (20, 20, 100, 100, 100, 100, 100),
                source="derived",
                reason="of dense features half as many as there are neurons, two for each",
                findings=TWICE_THE_SAME,
            ),
        ),
        control=ROTATED,
    ),
    Claim(
        id="C61",
        section=_SECTION,
        anchor=_ANCHOR,
        statement="At 1 − S = 0.01 one network has both monosemantic and polysemantic neurons, and "
        "the monosemantic ones are for the more important features.",
        basis=_SHOWN,
        task=_SPARSE,
        cells=(Cells("absolute", (0.01,)),),
        checks=(
            Check(
                "monosemantic neurons",
                of.count_monosemantic,
                low=1,
                source="paper",
                findings=NOT_MANY,
            ),
            Check("polysemantic neurons", of.count_polysemantic, low=1, source="paper"),
            Check(
                "how often a monosemantic neuron's first feature is more important than a "
                "polysemantic one's",
                of.more_important,
                low=0.75,
                reason="in three of four pairs of neurons, 1/2 being chance",
                findings=NOT_MANY,
            ),
        ),
        control=UNTRAINED,
    ),
    Claim(
        id="C62",
        section=_SECTION,
        anchor=_ANCHOR,
        statement="At 1 − S = 0.01 a polysemantic neuron has one large input weight and several "
        "smaller ones.",
        basis=_SHOWN,
        task=_SPARSE,
        cells=(Cells("absolute", (0.01,)),),
        checks=(
            Check(
                "second largest |W_1| of a typical polysemantic neuron, over the largest",
                of.typical_second,
                high=0.7,
                reason="clearly smaller, by three tenths",
                findings=NOT_MANY,
            ),
            Check(
                "further |W_1| of at least a tenth of the largest",
                of.typical_secondary,
                low=2,
                reason="several are two or more",
            ),
        ),
        control=UNTRAINED,
    ),
    Claim(
        id="C63",
        section=_SECTION,
        anchor=_ANCHOR,
        statement="Models compute more features than half their neurons, and the sparsest more "
        "than they have neurons.",
        basis=_SHOWN,
        task=_TASK,
        cells=_ALL[1:],
        checks=(
            Check(
                "features with less than half of the loss of answering with their mean",
                of.count_learned,
                (21, 21, 21, 21, 41),
                source="paper",
                reason="half of what can be gained",
                findings=DEAD_OUTPUTS,
            ),
        ),
        control=UNTRAINED,
    ),
    Claim(
        id="C64",
        section=_SECTION,
        anchor="#computation-asymmetric",
        statement="Where neurons are too few, one serves two features of opposite signs with "
        "unequal weights, in a ratio of about 4 and reciprocal at input and output, and another "
        "takes away the interference that this makes.",
        basis=Basis(
            Reading.ALL_RUNS, "The paper shows one example; whether it is typical is for all runs."
        ),
        task=_MOTIF,
        cells=(Cells("absolute", (0.1,)),),
        checks=(
            Check(
                "part of networks with an asymmetric neuron whose interference is undone",
                motif.networks_with_motif,
                low=0.1,
                reason=f"input weights that differ at least by {UNEVEN:g}, no more than "
                f"{CANCELLED:.0%} of the interference left; in one network of ten it is no freak",
                together=True,
            ),
            Check(
                "median ratio of its input weights",
                motif.median_ratio_in,
                2.67,
                6,
                source="paper",
                reason="4 times 1.5 or less",
                together=True,
            ),
            Check(
                "median of the ratio of output weights over that of input weights",
                motif.median_reciprocity,
                0.67,
                1.5,
                source="paper",
                reason="1, as in the paper's example, times 1.5 or less",
                together=True,
            ),
        ),
        control=MISREAD,
    ),
)
