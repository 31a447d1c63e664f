"""Numbers about the course of training, over all runs together, from which claims are made."""

from collections.abc import Callable, Iterable
from functools import lru_cache

import numpy as np

from superposition.claims.records import Network, Path, Repetition, Values
from superposition.geometry import trajectories
from superposition.geometry.trajectories import LINEAR, OCTAHEDRON, Event
from superposition.metrics import feature_dimensionality

WINDOWS = (200, 250, 300)
"""Windows of the rule for jumps, steps: that of the figure, a fifth shorter and longer."""
_UNDEFINED = float("nan")


def path_of(network: Network) -> Path:
    """Return a network's training.

    Raises:
        ValueError: If no snapshots of it were kept.
    """
    if network.path is None:
        raise ValueError(f"no snapshots of {network.experiment}")
    return network.path


def share_in_digons(networks: Repetition) -> float:
    """Return the share of runs in which every feature ends as one of a digon."""
    return float(np.mean([_ends_in_digons(network) for network in networks]))


def runs_with_events(networks: Repetition) -> Values:
    """Return how many runs that end in digons have two events or more on the way, by window."""
    return tuple(float(len(_gains(networks, window))) for window in WINDOWS)


def largest_gain(networks: Repetition) -> Values:
    """Return the median, over these runs, of the largest factor of an event, by window.

    That is how many times as far the loss falls in the event as, in the same steps, in runs without
    one (`trajectories.drop`). Not a number if there are no such runs.
    """
    return tuple(_median(max(one) for one in _gains(networks, window)) for window in WINDOWS)


def later_events_drop_more(networks: Repetition) -> Values:
    """Return the share of these runs in which the last event's factor is above the first's."""
    return tuple(
        float(np.mean([one[-1] > one[0] for one in gains])) if gains else _UNDEFINED
        for gains in (_gains(networks, window) for window in WINDOWS)
    )


def share_of_octahedra(networks: Repetition) -> float:
    """Return the share of runs that end as an octahedron, pairs across the sets."""
    return float(np.mean([_stages(network)[-1] == OCTAHEDRON for network in networks]))


def share_from_linear(networks: Repetition) -> float:
    """Return the share of runs whose first stage is a direction for each set."""
    return float(np.mean([_route(network)[:1] == (LINEAR,) for network in networks]))


def share_of(kind: str) -> Callable[[Repetition], float]:
    """Return a measure: the share of runs that took one of the routes."""

    def measure(networks: Repetition) -> float:
        taken = [trajectories.kind_of_route(_route(network)) == kind for network in networks]
        return float(np.mean(taken))

    return measure


def typical_plateaus(networks: Repetition) -> float:
    """Return the median number of plateaus of the loss."""
    paths = [path_of(network) for network in networks]
    return float(np.median([len(trajectories.plateaus(p.steps, p.loss)) for p in paths]))


def _ends_in_digons(network: Network) -> bool:
    return trajectories.ends_in_digons(feature_dimensionality(network.W))


def _events(network: Network, window: int) -> tuple[Event, ...]:
    path = path_of(network)
    W = np.ascontiguousarray(path.W)
    return _events_of(path.steps.tobytes(), W.tobytes(), W.shape, window)


@lru_cache(maxsize=2048)
def _events_of(
    steps: bytes, W: bytes, shape: tuple[int, int, int], window: int
) -> tuple[Event, ...]:
    D = feature_dimensionality(np.frombuffer(W).reshape(shape))
    return trajectories.events(np.frombuffer(steps, dtype=np.int64), D, window)


def _gains(networks: Repetition, window: int) -> list[list[float]]:
    """Return the factor of each event of those runs that end in digons and have two or more."""
    every = [_events(network, window) for network in networks]
    paths = [path_of(network) for network in networks]
    steps, loss = paths[0].steps, np.stack([path.loss for path in paths])
    assert all(np.array_equal(path.steps, steps) for path in paths)
    return [
        [
            trajectories.drop(steps, loss, number, event, trajectories.quiet(event, every, loss))
            for event in own
        ]
        for number, (network, own) in enumerate(zip(networks, every, strict=True))
        if len(own) >= 2 and _ends_in_digons(network)
    ]


def _median(values: Iterable[float]) -> float:
    found = list(values)
    return float(np.median(found)) if found else _UNDEFINED


def _stages(network: Network) -> tuple[str, ...]:
    """Return the stage at every snapshot; several checks ask for it."""
    W = np.ascontiguousarray(path_of(network).W)
    return _stages_of(W.tobytes(), len(W), network.features.correlated)


@lru_cache(maxsize=1024)
def _stages_of(W: bytes, snapshots: int, sets: tuple[tuple[int, ...], ...]) -> tuple[str, ...]:
    path = np.frombuffer(W).reshape(snapshots, 3, -1)
    return tuple(trajectories.stage(one, sets) for one in path)


def _route(network: Network) -> tuple[str, ...]:
    return trajectories.route(_stages(network))
