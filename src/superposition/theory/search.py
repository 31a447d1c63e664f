"""Minimising functions of one variable, at many places at once."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

_COARSE = 201
_FINE = 21
_ZOOMS = 8


def lowest_point(
    loss: Callable[[np.ndarray], np.ndarray], low: float, high: float, shape: tuple[int, ...] = ()
) -> Float[np.ndarray, "*batch"]:
    """Return where in [low, high] a function is lowest, for every place of a batch.

    The best point of a grid, then of ever finer grids around the best so far. It needs no gradient,
    does not mind kinks, and finds the global minimum if no valley is narrower than 1/200 of the
    interval. Where several points are equally low it returns one of them.

    Args:
        loss: Function of points `[points, *batch]`; returns a value for each.
        low: Start of the interval.
        high: End of the interval.
        shape: Shape of the batch.
    """
    ones = (1,) * len(shape)
    grid = np.linspace(low, high, _COARSE).reshape(-1, *ones)
    best = _best_of(loss, np.broadcast_to(grid, (_COARSE, *shape)))
    width = (high - low) / (_COARSE - 1)
    offsets = np.linspace(-1.0, 1.0, _FINE).reshape(-1, *ones)
    for _ in range(_ZOOMS):
        best = _best_of(loss, np.clip(best + width * offsets, low, high))
        width *= 2.0 / (_FINE - 1)
    return best


def _best_of(loss: Callable[[np.ndarray], np.ndarray], points: np.ndarray) -> np.ndarray:
    """Return the lowest of the points along the first axis."""
    place = loss(points).argmin(axis=0)
    return np.asarray(np.take_along_axis(points, np.asarray(place)[None], axis=0)[0])
