"""Claims about finding a model's features again from its hidden activations alone.

The paper asks for something like it and does not do it. So these are ours: they put into words what
the first builds of this package showed, and watch that it stays so.
"""

from superposition.claims import enumeration_statistics as of
from superposition.claims.controls import DEALT, TURNED_PENALTIES, UNLEARNED
from superposition.claims.enumeration_findings import HARDER, TOO_BRIEF
from superposition.claims.records import Basis, Cells, Check, Claim, Reading, Task

_SECTION = "The Strategic Picture of Superposition"
_ANCHOR = "#strategic-approach"
_ALONE = Task("enumerated", 100, 20, 1.0)
_SETS = Task(
    "enumerated_sets",
    100,
    20,
    1.0,
    correlated=tuple(tuple(range(first, first + 5)) for first in range(0, 100, 5)),
)
_OURS = Basis(
    Reading.LOWEST_LOSS,
    "The paper wants features enumerated and does not try. These claims are ours, made of what the "
    "first builds showed; dictionaries are trained on the lowest-loss run alone.",
)
_INDEPENDENT = (Cells("relu", (0.03, 0.01), others=True, enumerated=True),)
_IN_SETS = (Cells("relu", (0.03, 0.01), enumerated=True),)

CLAIMS = (
    Claim(
        id="E1",
        section=_SECTION,
        anchor=_ANCHOR,
        statement="Given nothing but hidden activations, sparse autoencoders find the directions "
        "of independent features.",
        basis=_OURS,
        ours=True,
        task=_ALONE,
        cells=_INDEPENDENT,
        checks=(
            Check(
                "part of the features found (cosine > 0.9) by the dictionary that finds most",
                of.most_found,
                low=0.9,
                reason="nearly all: nine of ten",
                findings=TOO_BRIEF,
            ),
        ),
        control=UNLEARNED,
    ),
    Claim(
        id="E2",
        section=_SECTION,
        anchor=_ANCHOR,
        statement="Dictionaries that give activations back best find next to none of the features: "
        "latents have to cost something, and finding the features costs accuracy.",
        basis=_OURS,
        ours=True,
        task=_ALONE,
        cells=_INDEPENDENT,
        checks=(
            Check(
                "part of the features found with the smallest penalty",
                of.found_at_least_penalty,
                high=0.1,
                reason="one of ten is next to none",
            ),
            Check(
                "what is left unexplained by the largest dictionary with the best penalty / with "
                "the smallest",
                of.price_in_error,
                low=2,
                reason="twice is more than dictionaries of a kind differ by",
            ),
        ),
        control=TURNED_PENALTIES,
    ),
    Claim(
        id="E3",
        section=_SECTION,
        anchor=_ANCHOR,
        statement="The larger a dictionary, the more features it finds. With twice as many latents "
        "as features most of those to spare die, so that the live ones roughly tell how many "
        "features there are.",
        basis=_OURS,
        ours=True,
        task=_ALONE,
        cells=_INDEPENDENT,
        checks=(
            Check(
                "smallest step of the part of features found to a larger dictionary",
                of.smallest_gain_of_size,
                low=0,
                reason="more or as many",
            ),
            Check(
                "live latents for each feature in the largest",
                of.live_per_feature,
                0.67,
                1.5,
                reason="right within a factor of 1.5",
                findings=TOO_BRIEF,
            ),
        ),
        control=UNLEARNED,
    ),
    Claim(
        id="E4",
        section=_SECTION,
        anchor=_ANCHOR,
        statement="Of features that come in correlated sets, most are not found in training that "
        "finds the independent ones: latents stand for whole sets, along the sum of their "
        "directions.",
        basis=_OURS,
        ours=True,
        task=_SETS,
        cells=_IN_SETS,
        checks=(
            Check(
                "part of the features found by the dictionary that finds most",
                of.most_found,
                high=0.5,
                reason="most are not found",
                findings=HARDER,
            ),
            Check(
                "part of the sets found by the dictionary that finds most",
                of.most_sums_found,
                low=0.9,
                reason="nearly all: nine of ten",
            ),
        ),
        control=DEALT,
    ),
)
