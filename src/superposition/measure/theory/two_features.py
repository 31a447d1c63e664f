"""The exact loss of two features in one dimension, with biases, and its minimum.

The ReLU output model is y_i = ReLU(w_i (w_1 x_1 + w_2 x_2) + b_i); x_1 has importance 1 and x_2
importance r; both are active with probability s = 1 − S and then uniform on [0, 1]. It is what
`expansion` gives with order 2, for many models at once; `bias_free` is the case b = 0.

The few solutions of `phase` are near its minima. This tells how near, and so how far the boundary
of superposition that training finds may lie from theirs.

Losses are the paper's, sums over features.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from superposition.measure.network import TrainedCell
from superposition.measure.theory import phase
from superposition.measure.theory.expansion import squared_error, squared_error_of_two
from superposition.measure.theory.linear import ignored

_SWEEPS = 40
_FIRST_STEP = 0.2
_HIGHEST, _HALVINGS = 1.3, 9
_PAIR = (1.0, -0.8, 0.0, 0.0)
_STARTS = (
    (1.0, 0.05, 0.0, 0.5),
    (0.05, 1.0, 0.5, 0.0),
    _PAIR,
    (0.8, -1.0, 0.0, 0.0),
    (0.8, 0.6, 0.1, 0.3),
)
"""(w_1, w_2, b_1/s, b_2/s): one feature or the other, antipodal pairs, both in one direction."""
_DIRECTIONS = np.concatenate(
    [np.eye(4), -np.eye(4)]
    + [
        sign * (np.eye(4)[[i]] + other * np.eye(4)[[j]])
        for i in range(4)
        for j in range(i)
        for sign in (-1, 1)
        for other in (-1, 1)
    ]
)


class Optimum(NamedTuple):
    """A minimum of the loss: weights and biases `[..., 2]`, and the loss there."""

    w: Float[np.ndarray, "*grid 2"]
    b: Float[np.ndarray, "*grid 2"]
    loss: Float[np.ndarray, "*grid"]


def loss(
    w: Float[np.ndarray, "*#grid 2"],
    b: Float[np.ndarray, "*#grid 2"],
    importance: Float[np.ndarray, "*#grid"],
    density: Float[np.ndarray, "*#grid"],
) -> Float[np.ndarray, "*grid"]:
    """The expected loss for an importance r and a density s; all arguments broadcast."""
    first = _output(w[..., 0], w[..., 1], b[..., 0], density)
    second = _output(w[..., 1], w[..., 0], b[..., 1], density)
    return np.asarray(first + importance * second)


def _output(w: np.ndarray, other: np.ndarray, b: np.ndarray, s: np.ndarray) -> np.ndarray:
    """The mean squared error of the output of the feature with weight w."""
    # With an axis more, as numpy makes numbers of arrays that have none.
    own, overlap, b, s = (a[None] for a in np.broadcast_arrays(w**2, w * other, b, s))
    zero, one = np.zeros(own.shape), np.ones(own.shape)
    none = np.maximum(b, 0.0) ** 2
    single = squared_error(one, zero, own, b) + squared_error(zero, zero, overlap, b)
    both = squared_error_of_two((one, zero), (own, overlap), b)
    total = (1.0 - s) ** 2 * none + s * (1.0 - s) * single + s**2 * both
    return np.asarray(total[0])


def optimum(
    importance: Float[np.ndarray, "*#grid"], density: Float[np.ndarray, "*#grid"]
) -> Optimum:
    """The lowest minimum found at every place of a grid of (r, s).

    By descent from the solutions of `phase` and from one between them, each with a small step in
    every direction for as long as one helps, and then half as large a step. The loss is piecewise
    smooth and has few minima; which of the starts' minima is lowest is what matters.
    """
    r, s = np.broadcast_arrays(importance, density)
    found = [_descend(np.array(start), r, s) for start in _STARTS]
    best = np.stack([one.loss for one in found]).argmin(axis=0)
    w, b, losses = zip(*found, strict=True)
    return Optimum(
        np.choose(best[..., None], w), np.choose(best[..., None], b), np.choose(best, losses)
    )


def boundary(
    importance: Float[np.ndarray, "*grid"], n_hidden: int = 1
) -> Float[np.ndarray, "*grid"]:
    """The density below which an antipodal pair is the best there is, for n = m + 1.

    There the pair's minimum is lower than leaving the less important feature out, and that feature
    is more than half as long as one that is learned. The boundary lies some 10 % above that of
    `phase`, as a pair gains from weights and biases between those of the simple solutions. Swapping
    the features changes nothing but the scale of the loss, so it is the same for r and 1/r.

    With more dimensions, all features but two have one each, and the two that share the last are
    the least important: the extra feature and another up to r = 1, beyond it two others. (Close to
    r = 1, just above the boundary, all three of m = 2 sharing both dimensions is better by up to
    5 %. That is left out here, as the paper leaves it out of its theory.)
    """
    r = np.minimum(importance, 1.0 / importance if n_hidden == 1 else 1.0)
    low = phase.boundary(1, r)
    high = np.minimum(_HIGHEST * low, 1.0)
    for _ in range(_HALVINGS):
        middle = np.sqrt(low * high)
        pair = _descend(np.array(_PAIR), r, middle)
        better = pair.loss < r * ignored(middle)
        better &= np.abs(pair.w[..., 1]) > 0.5
        low, high = np.where(better, middle, low), np.where(better, high, middle)
    return np.asarray(np.sqrt(low * high))


def expected_losses(cells: Sequence[TrainedCell]) -> list[np.ndarray]:
    """The expected loss of each run of each cell.

    Near the boundary both phases lose nearly the same, by less than the noise of an evaluation
    sample of a few thousand active features: ranked on a sample, the best run there is chosen by
    chance. The cells are of ReLU output models of two equally dense features in one dimension.
    """
    counts = [len(cell) for cell in cells]
    importance = np.array([cell.cell.model.importance for cell in cells])
    losses = loss(
        np.concatenate([cell.W[:, 0] for cell in cells]),
        np.concatenate([cell.b for cell in cells]),
        np.repeat(importance[:, 1] / importance[:, 0], counts),
        np.repeat([cell.density for cell in cells], counts),
    )
    return np.split(losses, np.cumsum(counts)[:-1])


def _descend(start: np.ndarray, r: np.ndarray, s: np.ndarray) -> Optimum:
    """The minimum that descent from (w_1, w_2, b_1/s, b_2/s) reaches."""
    scale = np.stack([np.ones(s.shape), np.ones(s.shape), s, s], axis=-1)
    place = np.broadcast_to(start, (*s.shape, 4)) * scale
    step = np.full(s.shape, _FIRST_STEP)
    value = _loss_at(place, r, s)
    for _ in range(_SWEEPS):
        trials = place + step[..., None] * scale * _DIRECTIONS.reshape(-1, *[1] * s.ndim, 4)
        values = _loss_at(trials, r, s)
        best = values.argmin(axis=0)
        lower = np.take_along_axis(values, best[None], axis=0)[0]
        move = np.take_along_axis(trials, best[None, ..., None], axis=0)[0]
        better = lower < value
        place = np.where(better[..., None], move, place)
        value = np.where(better, lower, value)
        step = np.where(better, step, step / 2.0)
    return Optimum(place[..., :2], place[..., 2:], value)


def _loss_at(place: np.ndarray, r: np.ndarray, s: np.ndarray) -> np.ndarray:
    return loss(place[..., :2], place[..., 2:], r, s)
