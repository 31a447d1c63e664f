"""Forward and backward through a tile of samples; `contracts.training` says what lies where."""

import numpy as np

from superposition.kernels.activations import activate, output_error, slope
from superposition.kernels.contracts.activations import IDENTITY
from superposition.kernels.contracts.memory import WIDTH
from superposition.kernels.hidden_bias import add_hidden_bias, add_penalty
from superposition.kernels.lanes import load, spread, store
from superposition.kernels.matmul import add_outer, add_outer_wide, add_rows, decode, gather
from superposition.kernels.shuffles import lay_by_sample
from superposition.kernels.sparse import add_entries, encode_entries
from superposition.kernels.subroutines import subroutine
from superposition.kernels.workers import barrier, share


@subroutine
def add_empty(p, shape, tile, count):
    """Add the gradient of `count` empty samples, for which h = 0, y = g(b) and t = 0.

    The count is negative where tiles were filled up with more empty samples than there were.
    """
    many, zero = spread(np.float32(count)), spread(np.float32(0.0))
    for i in share(0, shape.n, WIDTH):
        at = shape.bias + i
        error = output_error(shape, load(tile.error_scale, i), load(p, at), zero)
        store(tile.gradient, at, load(tile.gradient, at) + many * error)


@subroutine
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
    decode(p, shape, tile, chunks)
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
