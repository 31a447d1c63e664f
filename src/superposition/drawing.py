"""Draw samples of x from the tables of a distribution, a block of 64 at a time (see `features`)."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from superposition.compilation import EntryPoint
from superposition.features import Draws
from superposition.memory import aligned_zeros
from superposition.philox import BLOCK


class Room(NamedTuple):
    """Working memory for drawing a block of samples."""

    word: NDArray[np.uint32]
    """Words of a unit, [64] for each worker."""
    magnitude: NDArray[np.uint32]
    """Words of a magnitude, [64] for each worker."""
    drawn: NDArray[np.float32]
    """Values `[4, n, 16]`, when drawing every unit."""
    alive: NDArray[np.int32]
    """Samples that may have further active features, [64]."""
    position: NDArray[np.int32]
    """For each sample, the feature after its last active one, [64]."""
    sample: NDArray[np.int32]
    """When jumping: sample of each active feature, in the order of drawing, [64 · n]."""
    feature: NDArray[np.int32]
    """Each active feature."""
    value: NDArray[np.float32]
    """Its value."""
    counts: NDArray[np.int64]
    """How many active features, and how many samples that have any, for other workers to know."""


def new_room(n_features: int, workers: int = 1) -> Room:
    """Return working memory for blocks of samples of n features.

    Args:
        n_features: n.
        workers: How many draw together (`kernels.workers`).
    """
    return Room(
        word=aligned_zeros(BLOCK * workers, np.uint32),
        magnitude=aligned_zeros(BLOCK * workers, np.uint32),
        drawn=aligned_zeros(BLOCK * n_features, np.float32),
        alive=aligned_zeros(BLOCK, np.int32),
        position=aligned_zeros(BLOCK, np.int32),
        sample=aligned_zeros(BLOCK * n_features, np.int32),
        feature=aligned_zeros(BLOCK * n_features, np.int32),
        value=aligned_zeros(BLOCK * n_features, np.float32),
        counts=aligned_zeros(2, np.int64),
    )


class Drawing(NamedTuple):
    """Samples to be drawn."""

    draws: Draws
    """Distribution of x."""
    key: np.uint64
    """Philox key of the run."""
    step: int
    """Training step."""
    samples: int
    """How many samples, from the first on."""
    room: Room
    """Working memory."""
    rows: int
    """Rows of x: as many as samples, or if fewer, only samples that are not empty are written."""
    x: NDArray[np.float32]
    """Where to write, `[rows, n]`; zero."""


def _draw_into() -> Callable[[Drawing], int]:
    from superposition.kernels.drawing import draw

    return draw


_draw = EntryPoint(Drawing, _draw_into)


def draw_samples(draws: Draws, key: np.uint64, step: int, samples: int) -> NDArray[np.float32]:
    """Return x for samples 0 … samples − 1 of a step, `[samples, n]`: what training sees."""
    x = np.zeros((samples, draws.n), dtype=np.float32)
    _draw(Drawing(draws, key, step, samples, new_room(draws.n), samples, x))
    return x


def draw_active_samples(
    draws: Draws, key: np.uint64, step: int, samples: int
) -> NDArray[np.float32]:
    """Return those of samples 0 … samples − 1 of a step that are not empty, in order, `[k, n]`."""
    work = Drawing(
        draws, key, step, samples, new_room(draws.n), 0, np.zeros((0, draws.n), np.float32)
    )
    # Drawn twice, first to count: cheaper than keeping the empty ones, which may be nearly all.
    count = _draw(work)
    x = np.zeros((count, draws.n), dtype=np.float32)
    _draw(work._replace(rows=count, x=x))
    return x
