"""Matrix products with an x of which only the non-zero entries are listed.

What jumping draws is listed sample after sample, in rounds. Where x is drawn whole but few features
are active, the entries of wide models are listed feature by feature: wide models sum over samples
one after the other, as sums over entries do, so a list changes no bit, only how long it takes.
"""

import numpy as np
from numba import njit

from superposition.kernels.contracts.memory import WIDTH
from superposition.kernels.lanes import load, lowest_bit, splat, spread, store, which_nonzero
from superposition.kernels.shuffles import lay_in_chunks
from superposition.kernels.workers import barrier, owns, share

_PAIR = 2 * WIDTH


@njit
def prefer_sparse(shape, distribution):
    """Whether entries should be listed feature by feature."""
    return distribution.scarce and shape.wide and shape.m_padded % _PAIR == 0


@njit
def list_by_feature(n, tile, chunks):
    """List the non-zero entries of x, feature by feature; return their number."""
    entries = np.int64(0)
    for i in range(n):
        # Four chunks at once: the end of the inner loop is mispredicted nearly every time.
        for first in range(0, chunks, 4):
            found = np.int64(0)
            for chunk in range(min(first + 4, chunks) - 1, first - 1, -1):
                found = found << WIDTH | which_nonzero(load(tile.x, (chunk * n + i) * WIDTH))
            while found != 0:
                column = first * WIDTH + lowest_bit(found)
                found &= found - 1
                tile.column[entries] = column
                tile.feature[entries] = i
                tile.value[entries] = tile.x[(column // WIDTH * n + i) * WIDTH + column % WIDTH]
                entries += 1
    barrier()
    return entries


@njit
def _end_of_feature(tile, first, entries):
    """Where the entries of the feature of entry `first` end."""
    end = first + 1
    while end < entries and tile.feature[end] == tile.feature[first]:
        end += 1
    return end


@njit
def encode_by_feature(p, shape, tile, entries, chunks):
    """Set h = W x from entries listed feature by feature, 32 hidden dimensions at a time."""
    stride, by_sample = shape.m_padded, tile.by_sample
    _clear(shape, tile, chunks)
    first = np.int64(0)
    while first < entries:
        end = _end_of_feature(tile, first, entries)
        for k in share(0, stride, _PAIR):
            weights = tile.feature[first] * stride + k
            left, right = load(p, weights), load(p, weights + WIDTH)
            for e in range(first, end):
                value = splat(tile.value, e)
                place = tile.column[e] * stride + k
                store(by_sample, place, load(by_sample, place) + left * value)
                place += WIDTH
                store(by_sample, place, load(by_sample, place) + right * value)
        first = end
    barrier()
    lay_in_chunks(shape, by_sample, tile.h, chunks)


@njit
def add_by_feature(shape, tile, entries):
    """Do the work of `add_entries` for entries listed feature by feature."""
    stride, by_sample = shape.m_padded, tile.by_sample
    first = np.int64(0)
    while first < entries:
        end = _end_of_feature(tile, first, entries)
        for k in share(0, stride, _PAIR):
            target = tile.feature[first] * stride + k
            left, right = load(tile.gradient, target), load(tile.gradient, target + WIDTH)
            for e in range(first, end):
                value = splat(tile.value, e)
                place = tile.column[e] * stride + k
                left += load(by_sample, place) * value
                right += load(by_sample, place + WIDTH) * value
            store(tile.gradient, target, left)
            store(tile.gradient, target + WIDTH, right)
        first = end


@njit
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
            store(tile.by_sample, place, load(tile.by_sample, place) + weight * value)
    barrier()
    lay_in_chunks(shape, tile.by_sample, tile.h, chunks)


@njit
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
            store(tile.gradient, place, load(tile.gradient, place) + hidden * value)


@njit
def _clear(shape, tile, chunks):
    """Set all hidden vectors to zero."""
    for at in share(0, chunks * WIDTH * shape.m_padded, WIDTH):
        store(tile.by_sample, at, spread(np.float32(0.0)))
    barrier()
