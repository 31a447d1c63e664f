"""The squared errors of a model on samples: float64, sixteen samples at a time."""

import numpy as np

from superposition.kernels.activations import activate, target
from superposition.kernels.contracts.evaluation import Comparison
from superposition.kernels.contracts.memory import WIDTH
from superposition.kernels.lanes import load, splat, spread, store, to_double
from superposition.kernels.shuffles import lane_sum_of_doubles
from superposition.kernels.subroutines import subroutine


def squared_errors(work: Comparison) -> None:
    """Set errors[i] to Σ_samples (t_i − y_i)².

    Sums over features and hidden dimensions run in ascending order, those over samples lane by lane
    and then over the lanes, halves first.
    """
    n, lanes = work.tiles.n, work.lanes
    for i in range(n):
        store(lanes, i * WIDTH, spread(np.float64(0.0)))
    for tile in range(work.tiles.number):
        _encode(work, tile)
        _add_errors(work, tile)
    for i in range(n):
        work.errors[i] = lane_sum_of_doubles(load(lanes, i * WIDTH))


@subroutine
def _encode(work, tile):
    """Set h to f(W x + c), from the features that are active in the tile."""
    tiles, m, encoder = work.tiles, work.m, work.encoder
    first, last = tiles.first_row[tile], tiles.first_row[tile + 1]
    k = 0
    while k + 2 <= m:
        sum0, sum1 = splat(work.c, k), splat(work.c, k + 1)
        for place in range(first, last):
            i = np.int64(tiles.row[place])
            x = to_double(load(tiles.x, (tile * tiles.n + i) * WIDTH))
            sum0 += splat(encoder, i * m + k) * x
            sum1 += splat(encoder, i * m + k + 1) * x
        store(work.h, k * WIDTH, activate(work.hidden, sum0))
        store(work.h, (k + 1) * WIDTH, activate(work.hidden, sum1))
        k += 2
    if k < m:
        sum0 = splat(work.c, k)
        for place in range(first, last):
            i = np.int64(tiles.row[place])
            x = to_double(load(tiles.x, (tile * tiles.n + i) * WIDTH))
            sum0 += splat(encoder, i * m + k) * x
        store(work.h, k * WIDTH, activate(work.hidden, sum0))


@subroutine
def _add_errors(work, tile):
    """Add the squared errors of a tile to their sums."""
    n, m, decoder = work.tiles.n, work.m, work.decoder
    i = 0
    while i + 2 <= n:
        y0, y1 = splat(work.b, i), splat(work.b, i + 1)
        for k in range(m):
            h = load(work.h, k * WIDTH)
            y0 += splat(decoder, i * m + k) * h
            y1 += splat(decoder, (i + 1) * m + k) * h
        _add_error(work, tile, i, y0)
        _add_error(work, tile, i + 1, y1)
        i += 2
    if i < n:
        y0 = splat(work.b, i)
        for k in range(m):
            y0 += splat(decoder, i * m + k) * load(work.h, k * WIDTH)
        _add_error(work, tile, i, y0)


@subroutine
def _add_error(work, tile, i, v):
    """Add the squared errors of output i, whose pre-activation is v, to their sum."""
    x = to_double(load(work.tiles.x, (tile * work.tiles.n + i) * WIDTH))
    error = target(work.target, x) - activate(work.output, v)
    store(work.lanes, i * WIDTH, load(work.lanes, i * WIDTH) + error * error)
