"""Claims of Superposition and Learning Dynamics."""

from superposition.claims import dynamics_statistics as of
from superposition.claims.controls import STRAIGHT
from superposition.claims.records import Basis, Cells, Check, Claim, Reading, Task
from superposition.geometry import trajectories

_JUMPS = ("Discrete “Energy Level” Jumps", "#learning-jumps")
_TRANSFORMATIONS = ("Learning as Geometric Transformations", "#learning-geometric")
_TWELVE = Task("energy_levels", 12, 6, 1.0)
_SIX = Task("transformations", 6, 3, 1.0, correlated=((0, 1, 2), (3, 4, 5)))
_PICKED = Basis(
    Reading.ALL_RUNS,
    "The paper picks one model in which all features end in digons, so that some must do as it "
    "does, and counts are over all runs.",
)
_ROUTES = Basis(
    Reading.ALL_RUNS,
    "The paper tells of several trajectories and one strong attractor, so all runs are counted.",
)

CLAIMS = (
    Claim(
        id="C48",
        section=_JUMPS[0],
        anchor=_JUMPS[1],
        statement="On the way to digons, features jump between dimensionalities; the loss drops "
        "with them, a little at the first jump and more at the second.",
        basis=_PICKED,
        task=_TWELVE,
        cells=(Cells("relu", watched=True),),
        checks=(
            Check(
                "share of runs in which all features end in digons",
                of.share_in_digons,
                0.5,
                reason="a model that is to be picked should not be a rare one",
                together=True,
            ),
            Check(
                "of these, runs with two or more events in which D_i jumps by 0.1 within a window "
                "of 200, 250 and 300 steps",
                of.runs_with_events,
                1,
                source="paper",
                reason="the paper shows one; before a jump D_i changed by less than half of it in "
                "as many steps. Of 64 runs as by default 3 have two with a window of 150 and none "
                "with one of 400",
                together=True,
            ),
            Check(
                "there, how far the loss falls in the event with most of a drop / in runs without "
                "one at the time",
                of.largest_gain,
                2.0,
                reason="a drop is at least twice as far; the median over these runs. In 256 other "
                "runs: 2.5, 3.7 and 115. Compared with how the loss fell just before an event, "
                "which another event may have sped up, it is 1.7, 1.7 and 2.7 in those",
                together=True,
            ),
            Check(
                "share of them in which the last event has more of a drop than the first",
                of.later_events_drop_more,
                0.8,
                reason="four of five: the paper sees one such run",
                together=True,
            ),
        ),
        control=STRAIGHT,
    ),
    Claim(
        id="C49",
        section=_TRANSFORMATIONS[0],
        anchor=_TRANSFORMATIONS[1],
        statement="Two sets of three correlated features are learned in regimes that the loss "
        "shows: a linear solution like PCA's, sets that split, often an antiprism; by different "
        "routes most end as an octahedron of antipodal pairs across the sets.",
        basis=_ROUTES,
        task=_SIX,
        cells=(Cells("relu", watched=True),),
        checks=(
            Check(
                "share of runs that begin with one direction for each set",
                of.share_from_linear,
                0.8,
                reason="the paper's trajectories differ only after it",
                together=True,
            ),
            Check(
                "plateaus of the loss, median",
                of.typical_plateaus,
                3,
                source="paper",
                reason="the paper shows several regimes; on a plateau the loss falls by less than "
                "10 % while steps grow by half, and by 20 % or more to the next",
                together=True,
            ),
            Check(
                "share of runs that pass an antiprism",
                of.share_of(trajectories.THROUGH_ANTIPRISM),
                0.05,
                0.95,
                reason="one of a few routes, neither the only one nor a rare one",
                together=True,
            ),
            Check(
                "share of runs that do not, but form single antipodal pairs",
                of.share_of(trajectories.THROUGH_PAIRS),
                0.05,
                0.95,
                reason="the same",
                together=True,
            ),
            Check(
                "share of runs that end as an octahedron",
                of.share_of_octahedra,
                0.8,
                reason="a strong attractor: four of five",
                together=True,
            ),
        ),
        control=STRAIGHT,
    ),
)
