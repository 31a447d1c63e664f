"""Fill tiles with samples: all of a block, or only those that are not empty, closed up.

Empty samples (x = 0) have h = 0 and act on the bias alone, all in the same way. Where they are
common they are counted instead of computed.
"""

from typing import Any

import numpy as np
from numba import njit

from superposition.kernels.drawing import draw_by_jumping, draw_every_unit
from superposition.kernels.lanes import absolute_value, load, lowest_bit, spread, which_nonzero
from superposition.kernels.workers import meet, part_of_lane
from superposition.memory import WIDTH
from superposition.philox import BLOCK


@njit
def append_block(
    draws: Any,
    key: Any,
    step: Any,
    block: Any,
    samples: Any,
    room: Any,
    tile: Any,
    columns: Any,
    entries: Any,
) -> Any:
    """Draw a block of samples into the tile; return the tile's new numbers of columns and entries.

    Args:
        draws: Distribution of x.
        key: Philox key of the run.
        step: Training step.
        block: Block of samples.
        samples: Samples of the block that belong to the batch, at most 64.
        room: Working memory for the block.
        tile: Where samples go.
        columns: Samples in the tile.
        entries: Non-zero entries listed in the tile, when drawing by jumping.
    """
    if draws.jumping:
        count, active = draw_by_jumping(draws, key, step, block, samples, room)
        _enter(draws.n, room, count, active, tile, columns, entries)
        return columns + active, entries + count
    if draws.sieved or samples < BLOCK:
        draw_every_unit(draws, key, step, block, room, room.drawn, 0)
        meet()
        return _close_up(draws.n, room, samples, tile, columns), 0
    draw_every_unit(draws, key, step, block, room, tile.x, columns * draws.n)
    return columns + BLOCK, 0


@njit
def _close_up(n: Any, room: Any, samples: Any, tile: Any, columns: Any) -> Any:
    """Append the samples that are not empty; return the tile's new number of columns."""
    drawn, kept = room.drawn, room.alive
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
    meet()
    for c in part_of_lane(count):
        source = kept[c] // WIDTH * n * WIDTH + kept[c] % WIDTH
        place = (columns + c) // WIDTH * n * WIDTH + (columns + c) % WIDTH
        for i in range(n):
            tile.x[place + i * WIDTH] = drawn[source + i * WIDTH]
    meet()
    return columns + count


@njit
def _enter(
    n: Any, room: Any, count: Any, active: Any, tile: Any, columns: Any, entries: Any
) -> None:
    """Append what jumping has drawn: as entries, and as values of x."""
    column_of = room.position
    # The first round lists every sample that is not empty once.
    for j in part_of_lane(active):
        column_of[room.sample[j]] = columns + j
    meet()
    for j in part_of_lane(count):
        column = column_of[room.sample[j]]
        feature = room.feature[j]
        tile.column[entries + j] = column
        tile.feature[entries + j] = feature
        tile.value[entries + j] = room.value[j]
        tile.x[(column // WIDTH * n + feature) * WIDTH + column % WIDTH] = room.value[j]
    meet()


@njit
def fill_up(n: Any, tile: Any, columns: Any) -> Any:
    """Empty the columns that the last chunk has left over; return the number of chunks in use."""
    chunks = (columns + WIDTH - 1) // WIDTH
    for spare in part_of_lane(chunks * WIDTH - columns):
        column = columns + spare
        for i in range(n):
            tile.x[(column // WIDTH * n + i) * WIDTH + column % WIDTH] = np.float32(0.0)
    meet()
    return chunks


@njit
def clear_entries(n: Any, tile: Any, entries: Any) -> None:
    """Set x back to zero where entries have written."""
    for e in part_of_lane(entries):
        column = tile.column[e]
        tile.x[(column // WIDTH * n + tile.feature[e]) * WIDTH + column % WIDTH] = np.float32(0.0)
    meet()
