"""Numbers about the course of training, over all runs together, from which claims are made."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from superposition.claims.records import Network, Path, Repetition
from superposition.geometry import trajectories
from superposition.geometry.trajectories import LINEAR, OCTAHEDRON, Event
from superposition.metrics import feature_dimensionality

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


def runs_with_events(networks: Repetition) -> float:
    """Return how many runs that end in digons have two events or more on the way."""
    return float(sum(len(_events(n)) >= 2 for n in networks if _ends_in_digons(n)))


def largest_gain(networks: Repetition) -> float:
    """Return the median, over these runs, of the largest factor by which the loss falls faster.

    Faster in an event than just before it; not a number if there are no such runs.
    """
    gains = [_gains(n) for n in networks if _ends_in_digons(n) and len(_events(n)) >= 2]
    return float(np.median([max(gain) for gain in gains])) if gains else _UNDEFINED


def later_events_drop_more(networks: Repetition) -> float:
    """Return the share of these runs in which the last event's factor is above the first's."""
    gains = [_gains(n) for n in networks if _ends_in_digons(n) and len(_events(n)) >= 2]
    return float(np.mean([gain[-1] > gain[0] for gain in gains])) if gains else _UNDEFINED


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


def _events(network: Network) -> tuple[Event, ...]:
    path = path_of(network)
    return _events_of(path.steps.tobytes(), np.ascontiguousarray(path.W).tobytes(), path.W.shape)


@lru_cache(maxsize=512)
def _events_of(steps: bytes, W: bytes, shape: tuple[int, int, int]) -> tuple[Event, ...]:
    D = feature_dimensionality(np.frombuffer(W).reshape(shape))
    return trajectories.events(np.frombuffer(steps, dtype=np.int64), D)


def _gains(network: Network) -> list[float]:
    path = path_of(network)
    return [trajectories.speed_up(path.steps, path.loss, event) for event in _events(network)]


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
