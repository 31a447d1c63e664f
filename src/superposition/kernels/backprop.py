"""Forward and backward through a tile of samples; `contracts.training` says what lies where."""

import numpy as np
from numba import njit

from superposition.kernels.activations import activate, output_error, slope
from superposition.kernels.contracts.activations import IDENTITY
from superposition.kernels.contracts.memory import WIDTH
from superposition.kernels.hidden_bias import add_hidden_bias, add_penalty
from superposition.kernels.lanes import load, splat, spread, store
from superposition.kernels.matmul import add_outer, add_outer_wide, add_rows, gather
from superposition.kernels.shuffles import lay_by_sample
from superposition.kernels.sparse import add_entries, encode_entries
from superposition.kernels.workers import barrier, share


@njit
def _set_error(shape, tile, i, v, place):
    """Set g at a place to the error signal of output i, from its pre-activations."""
    error = output_error(shape, splat(tile.error_scale, i), v, load(tile.x, place))
    store(tile.g, place, error)


@njit
def _decode(p, shape, tile, h_at, at):
    """Set a chunk of g to the error signal of y = W_out h + b against the targets."""
    n, m, stride = shape.n, shape.m, shape.m_padded
    h = tile.h
    i = 0
    while i + 4 <= n:
        y0, y1 = splat(p, shape.bias + i), splat(p, shape.bias + i + 1)
        y2, y3 = splat(p, shape.bias + i + 2), splat(p, shape.bias + i + 3)
        weight = shape.decoder + i * stride
        for k in range(m):
            row = load(h, h_at + k * WIDTH)
            y0 += splat(p, weight + k) * row
            y1 += splat(p, weight + stride + k) * row
            y2 += splat(p, weight + 2 * stride + k) * row
            y3 += splat(p, weight + 3 * stride + k) * row
        place = at + i * WIDTH
        _set_error(shape, tile, i, y0, place)
        _set_error(shape, tile, i + 1, y1, place + WIDTH)
        _set_error(shape, tile, i + 2, y2, place + 2 * WIDTH)
        _set_error(shape, tile, i + 3, y3, place + 3 * WIDTH)
        i += 4
    while i < n:
        y0 = splat(p, shape.bias + i)
        for k in range(m):
            y0 += splat(p, shape.decoder + i * stride + k) * load(h, h_at + k * WIDTH)
        _set_error(shape, tile, i, y0, at + i * WIDTH)
        i += 1


@njit
def add_empty(p, shape, tile, count):
    """Add the gradient of `count` empty samples, for which h = 0, y = g(b) and t = 0.

    The count is negative where tiles were filled up with more empty samples than there were.
    """
    many, zero = spread(np.float32(count)), spread(np.float32(0.0))
    for i in share(0, shape.n, WIDTH):
        at = shape.bias + i
        error = output_error(shape, load(tile.error_scale, i), load(p, at), zero)
        store(tile.gradient, at, load(tile.gradient, at) + many * error)


@njit
def learn(p, shape, penalty, tile, chunks, entries, jumping):
    """Add the gradient of the samples in a tile, of which so many chunks are in use.

    When jumping, the tile lists so many entries of x that are not zero. The penalty is λ / batch.
    """
    barrier()
    if jumping:
        encode_entries(p, shape, tile, entries, chunks)
    else:
        gather(p, 0, shape, tile.seen, tile.h, chunks)
    barrier()
    if shape.hidden_biased:
        add_hidden_bias(p, shape, tile.h, chunks)
        barrier()
    if shape.hidden != IDENTITY:
        for place in share(0, chunks * shape.m_padded * WIDTH, WIDTH):
            store(tile.h, place, activate(shape.hidden, load(tile.h, place)))
        barrier()
    for chunk in share(0, chunks, 1):
        _decode(p, shape, tile, chunk * shape.m_padded * WIDTH, chunk * shape.n * WIDTH)
    barrier()
    gather(p, shape.decoder, shape, tile.g, tile.gh, chunks)
    barrier()
    if penalty != 0:
        add_penalty(shape, penalty, tile, chunks)
    if shape.hidden != IDENTITY:
        for place in share(0, chunks * shape.m_padded * WIDTH, WIDTH):
            gh = slope(shape.hidden, load(tile.h, place), load(tile.gh, place))
            store(tile.gh, place, gh)
    barrier()
    add_rows(tile.gradient, shape.bias, tile.g, shape.n, shape.n, chunks)
    if shape.hidden_biased:
        add_rows(tile.gradient, shape.hidden_bias, tile.gh, shape.m, shape.m_padded, chunks)
    if shape.wide:
        lay_by_sample(shape, tile.h, tile.by_sample, chunks)
        barrier()
        add_outer_wide(tile.gradient, shape.decoder, shape, tile.g, tile.by_sample, chunks)
    else:
        add_outer(tile.gradient, shape.decoder, shape, tile.g, tile.h, chunks)
    barrier()
    if jumping or shape.wide:
        lay_by_sample(shape, tile.gh, tile.by_sample, chunks)
        barrier()
    if jumping:
        add_entries(shape, tile, entries)
    elif shape.wide:
        add_outer_wide(tile.gradient, 0, shape, tile.seen, tile.by_sample, chunks)
    else:
        add_outer(tile.gradient, 0, shape, tile.seen, tile.gh, chunks)
    barrier()
