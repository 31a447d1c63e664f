"""Matrix products with an x of which only the non-zero entries are listed, as jumping draws them.

Entries are in the order of drawing: sample after sample, in rounds.
"""

import numpy as np

from superposition.kernels.contracts.memory import WIDTH
from superposition.kernels.lanes import load, multiply_add, splat, spread, store
from superposition.kernels.shuffles import lay_in_chunks
from superposition.kernels.subroutines import subroutine
from superposition.kernels.workers import barrier, owns, share


@subroutine
def encode_entries(p, shape, tile, entries, chunks):
    """Set h = W x from entries in any order that leaves each sample's ascending."""
    stride = shape.m_padded
    _clear(shape, tile, chunks)
    for e in range(entries):
        if not owns(tile.column[e]):
            continue
        value = splat(tile.value, e)
        for k in range(0, stride, WIDTH):
            place = tile.column[e] * stride + k
            weight = load(p, tile.feature[e] * stride + k)
            total = multiply_add(weight, value, load(tile.by_sample, place))
            store(tile.by_sample, place, total)
    barrier()
    lay_in_chunks(shape, tile.by_sample, tile.h, chunks)


@subroutine
def add_entries(shape, tile, entries):
    """Add Σ_samples x[i] · gh[k] to the gradient of W; gh has to lie sample by sample."""
    stride = shape.m_padded
    for e in range(entries):
        if not owns(tile.feature[e]):
            continue
        value = splat(tile.value, e)
        for k in range(0, stride, WIDTH):
            place = tile.feature[e] * stride + k
            hidden = load(tile.by_sample, tile.column[e] * stride + k)
            total = multiply_add(hidden, value, load(tile.gradient, place))
            store(tile.gradient, place, total)


@subroutine
def _clear(shape, tile, chunks):
    """Set all hidden vectors to zero."""
    for at in share(0, chunks * WIDTH * shape.m_padded, WIDTH):
        store(tile.by_sample, at, spread(np.float32(0.0)))
    barrier()
