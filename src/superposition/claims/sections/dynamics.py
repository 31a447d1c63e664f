"""Superposition and Learning Dynamics: jumps of D_i, and stages of a geometry, over all runs."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from superposition.claims.bounds import at_least, between
from superposition.claims.claim import Basis, Cells, Task, claim, overall
from superposition.claims.controls import STRAIGHT
from superposition.claims.statistics import Measure, median, share
from superposition.measure.geometry import trajectories
from superposition.measure.metrics import feature_dimensionality
from superposition.measure.network import Network, Trajectory

WINDOWS = (200, 250, 300)
"""Windows of the rule for jumps, steps: that of the figure, a fifth shorter and longer."""


def by_window(number: Callable[[list[tuple[float, ...]]], Any]) -> Measure:
    """A measure: a number, by window, of the drops in runs with two events or more."""
    return lambda networks: [number(_drops(networks, window)) for window in WINDOWS]


def _drops(networks: Sequence[Network], window: int) -> list[tuple[float, ...]]:
    """The drop (`trajectories.drop`) of each event of runs that end in digons and have several."""
    paths = [_trajectory(network) for network in networks]
    W, loss = np.stack([path.W for path in paths]), np.stack([path.loss for path in paths])
    watched = trajectories.watch(paths[0].steps, W, loss, window)
    return [
        one.drops
        for network, one in zip(networks, watched, strict=True)
        if len(one.events) >= 2 and _ends_in_digons(network)
    ]


def _ends_in_digons(network: Network) -> bool:
    return trajectories.ends_in_digons(feature_dimensionality(network.W))


def share_of(kind: str) -> Measure:
    """A measure: the share of runs that took one of the routes."""
    return share(lambda network: trajectories.kind_of_route(_route(network)) == kind)


def _stages(network: Network) -> tuple[str, ...]:
    return trajectories.stages(_trajectory(network).W, network.features.correlated)


def _route(network: Network) -> tuple[str, ...]:
    return trajectories.route(_stages(network))


def _trajectory(network: Network) -> Trajectory:
    assert network.trajectory is not None, "the claim's cells need snapshots"
    return network.trajectory


CLAIMS = (
    claim(
        "C48",
        "On the way to digons, features jump between dimensionalities; the loss drops "
        "with them, a little at the first jump and more at the second.",
        overall(
            "share of runs in which all features end in digons",
            share(_ends_in_digons),
            at_least(0.5, "a model that is to be picked should not be a rare one"),
        ),
        overall(
            "of these, runs with two or more events in which D_i jumps by 0.1 within a window "
            "of 200, 250 and 300 steps",
            by_window(len),
            at_least(
                1,
                "the paper shows one; before a jump D_i changed by less than half of it in as "
                "many steps. Of 64 runs as by default 3 have two with a window of 150 and none "
                "with one of 400",
                "paper",
            ),
        ),
        overall(
            "there, how far the loss falls in the event with most of a drop / in runs without "
            "one at the time",
            by_window(lambda drops: median(max(one) for one in drops)),
            at_least(
                2.0,
                "a drop is at least twice as far; the median over these runs. In 256 other "
                "runs: 2.5, 3.7 and 115. Compared with how the loss fell just before an event, "
                "which another event may have sped up, it is 1.7, 1.7 and 2.7 in those",
            ),
        ),
        overall(
            "share of them in which the last event has more of a drop than the first",
            by_window(
                lambda drops: np.mean([one[-1] > one[0] for one in drops]) if drops else np.nan
            ),
            at_least(0.8, "four of five: the paper sees one such run"),
        ),
        section="Discrete “Energy Level” Jumps",
        anchor="#learning-jumps",
        basis=Basis(
            "all runs",
            "The paper picks one model in which all features end in digons, so that some must do "
            "as it does, and counts are over all runs.",
        ),
        task=Task("energy_levels", 12, 6, 1.0),
        cells=(Cells("relu", needs_snapshots=True),),
        control=STRAIGHT,
    ),
    claim(
        "C49",
        "Two sets of three correlated features are learned in regimes that the loss "
        "shows: a linear solution like PCA's, sets that split, often an antiprism; by different "
        "routes most end as an octahedron of antipodal pairs across the sets.",
        overall(
            "share of runs that begin with one direction for each set",
            share(lambda network: _route(network)[:1] == (trajectories.LINEAR,)),
            at_least(0.8, "the paper's trajectories differ only after it"),
        ),
        overall(
            "plateaus of the loss, median",
            lambda networks: median(
                len(trajectories.plateaus(path.steps, path.loss))
                for path in map(_trajectory, networks)
            ),
            at_least(
                3,
                "the paper shows several regimes; on a plateau the loss falls by less than "
                "10 % while steps grow by half, and by 20 % or more to the next",
                "paper",
            ),
        ),
        overall(
            "share of runs that pass an antiprism",
            share_of(trajectories.THROUGH_ANTIPRISM),
            between(0.05, 0.95, "one of a few routes, neither the only one nor a rare one"),
        ),
        overall(
            "share of runs that do not, but form single antipodal pairs",
            share_of(trajectories.THROUGH_PAIRS),
            between(0.05, 0.95, "the same"),
        ),
        overall(
            "share of runs that end as an octahedron",
            share(lambda network: _stages(network)[-1] == trajectories.OCTAHEDRON),
            at_least(0.8, "a strong attractor: four of five"),
        ),
        section="Learning as Geometric Transformations",
        anchor="#learning-geometric",
        basis=Basis(
            "all runs",
            "The paper tells of several trajectories and one strong attractor, so all runs are "
            "counted.",
        ),
        task=Task("transformations", 6, 3, 1.0, correlated=((0, 1, 2), (3, 4, 5))),
        cells=(Cells("relu", needs_snapshots=True),),
        control=STRAIGHT,
    ),
)
