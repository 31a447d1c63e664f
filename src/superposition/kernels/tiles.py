"""Fill tiles with samples: all of a block, or only those that are not empty, closed up.

Empty samples (x = 0) have h = 0 and act on the bias alone, all in the same way. Where they are
common they are counted instead of computed.
"""

import numpy as np

from superposition.kernels.contracts.memory import WIDTH
from superposition.kernels.contracts.philox import BLOCK
from superposition.kernels.lanes import absolute_value, load, lowest_bit, spread, which_nonzero
from superposition.kernels.sampling import draw_by_jumping, draw_every_unit
from superposition.kernels.subroutines import subroutine
from superposition.kernels.workers import barrier, lane_share


@subroutine
def append_block(distribution, key, step, block, samples, scratch, tile, columns, entries):
    """Draw a block of samples into the tile; return the tile's new numbers of columns and entries.

    Only the first `samples` of the block, at most 64, belong to the batch; the tile has `columns`
    samples so far, and when drawing by jumping lists so many `entries` of x that are not zero.
    """
    if distribution.jumping:
        count, active = draw_by_jumping(distribution, key, step, block, samples, scratch)
        _enter(distribution.n, scratch, count, active, tile, columns, entries)
        return columns + active, entries + count
    if distribution.sieved or samples < BLOCK:
        draw_every_unit(distribution, key, step, block, scratch, scratch.drawn, 0)
        barrier()
        return _close_up(distribution.n, scratch, samples, tile, columns), 0
    draw_every_unit(distribution, key, step, block, scratch, tile.x, columns * distribution.n)
    return columns + BLOCK, 0


@subroutine
def _close_up(n, scratch, samples, tile, columns):
    """Append the samples that are not empty; return the tile's new number of columns."""
    drawn, kept = scratch.drawn, scratch.alive
    count = np.int64(0)
    for chunk in range(BLOCK // WIDTH):
        total = spread(np.float32(0.0))
        for i in range(n):
            total += absolute_value(load(drawn, (chunk * n + i) * WIDTH))
        found = which_nonzero(total)
        while found != 0:
            sample = chunk * WIDTH + lowest_bit(found)
            found &= found - 1
            if sample < samples:
                kept[count] = sample
                count += 1
    barrier()
    for c in lane_share(count):
        source = kept[c] // WIDTH * n * WIDTH + kept[c] % WIDTH
        place = (columns + c) // WIDTH * n * WIDTH + (columns + c) % WIDTH
        for i in range(n):
            tile.x[place + i * WIDTH] = drawn[source + i * WIDTH]
    barrier()
    return columns + count


@subroutine
def _enter(n, scratch, count, active, tile, columns, entries):
    """Append what jumping has drawn: as entries, and as values of x."""
    column_of = scratch.position
    # The first round lists every sample that is not empty once.
    for j in lane_share(active):
        column_of[scratch.sample[j]] = columns + j
    barrier()
    for j in lane_share(count):
        column = column_of[scratch.sample[j]]
        feature = scratch.feature[j]
        tile.column[entries + j] = column
        tile.feature[entries + j] = feature
        tile.value[entries + j] = scratch.value[j]
        tile.x[(column // WIDTH * n + feature) * WIDTH + column % WIDTH] = scratch.value[j]
    barrier()


@subroutine
def fill_up(n, tile, columns):
    """Empty the columns that the last chunk has left over; return the number of chunks in use."""
    chunks = (columns + WIDTH - 1) // WIDTH
    for spare in lane_share(chunks * WIDTH - columns):
        column = columns + spare
        for i in range(n):
            tile.x[(column // WIDTH * n + i) * WIDTH + column % WIDTH] = np.float32(0.0)
    barrier()
    return chunks


@subroutine
def clear_entries(n, tile, entries):
    """Set x back to zero where entries have written."""
    for e in lane_share(entries):
        column = tile.column[e]
        tile.x[(column // WIDTH * n + tile.feature[e]) * WIDTH + column % WIDTH] = np.float32(0.0)
    barrier()
