"""Attack the samples of a tile; `attacks` says how, `training.attacked` where everything lies.

Attacked samples are not empty, so every sample is computed, whichever way it was drawn.
"""

from typing import Any

import numpy as np
from numba import njit

from superposition.kernels.drawing import draw_by_jumping, draw_every_unit
from superposition.kernels.lanes import load, splat, spread, square_root, store
from superposition.kernels.philox import draw_words
from superposition.kernels.shuffles import lane_sum, transpose
from superposition.kernels.workers import meet, meet_lanes, part, part_of_lane, worker
from superposition.memory import WIDTH
from superposition.philox import ATTACKS, BLOCK


@njit
def lay_directions(p: Any, net: Any, attack: Any) -> None:
    """Set the table of attacks to the rows of WᵀW, each brought to the length of an attack.

    A row of no length stays zero: nothing that the network writes for its feature can be moved.
    """
    n, m, wide = net.n, net.m, attack.n_padded
    own = worker() * WIDTH
    for i in part_of_lane(n):
        for k in range(m):
            attack.by_hidden[k * wide + i] = p[i * net.m_padded + k]
    meet()
    for i in part(0, n, 1):
        squares = spread(np.float32(0.0))
        for j in range(0, wide, WIDTH):
            total = spread(np.float32(0.0))
            for k in range(m):
                weight = splat(p, i * net.m_padded + k)
                total += weight * load(attack.by_hidden, k * wide + j)
            squares += total * total
            store(attack.table, i * wide + j, total)
        # The square root of a vector, all of whose lanes are alike.
        store(attack.norm, own, square_root(spread(lane_sum(squares))))
        meet_lanes()
        scale = np.float32(0.0)
        if attack.norm[own] > 0:
            scale = attack.length / attack.norm[own]
        meet_lanes()
        for j in range(0, wide, WIDTH):
            place = i * wide + j
            store(attack.table, place, load(attack.table, place) * spread(scale))


@njit
def append_every_sample(
    draws: Any,
    key: Any,
    step: Any,
    block: Any,
    samples: Any,
    room: Any,
    tile: Any,
    attack: Any,
    columns: Any,
) -> Any:
    """Draw a block of samples, empty ones included, and which feature of each is attacked.

    Arguments are those of `tiles.append_block`. Returns the tile's new number of columns.
    """
    n = draws.n
    if draws.jumping:
        first = columns * n
        for at in part(first, first + BLOCK * n, WIDTH):
            store(tile.x, at, spread(np.float32(0.0)))
        meet()
        count, _ = draw_by_jumping(draws, key, step, block, samples, room)
        for e in part_of_lane(count):
            column = columns + room.sample[e]
            place = (column // WIDTH * n + room.feature[e]) * WIDTH + column % WIDTH
            tile.x[place] = room.value[e]
    else:
        draw_every_unit(draws, key, step, block, room, tile.x, columns * n)
    words = worker() * BLOCK
    draw_words(key, ATTACKS, step, 0, block, room.word, words)
    meet()
    for s in part_of_lane(BLOCK):
        attack.feature[columns + s] = np.int32(
            (np.uint64(room.word[words + s]) * np.uint64(n)) >> np.uint64(32)
        )
    meet()
    return columns + samples


@njit
def add_attacks(n: Any, tile: Any, attack: Any, columns: Any, chunks: Any) -> None:
    """Set what the network sees to x with each sample's attack; columns left over stay empty."""
    wide, zero = attack.n_padded, spread(np.float32(0.0))
    own = worker() * WIDTH * wide
    for chunk in part(0, chunks, 1):
        for lane in range(WIDTH):
            column = chunk * WIDTH + lane
            source = np.int64(attack.feature[column]) * wide
            for j in range(0, wide, WIDTH):
                row = load(attack.table, source + j) if column < columns else zero
                store(attack.by_sample, own + lane * wide + j, row)
        meet_lanes()
        for j in range(0, wide, WIDTH):
            place = own + j * WIDTH
            transpose(attack.by_sample, own + j, wide, attack.by_feature, place, WIDTH)
        for i in range(n):
            place = (chunk * n + i) * WIDTH
            moved = load(tile.x, place) + load(attack.by_feature, own + i * WIDTH)
            store(tile.seen, place, moved)
        meet_lanes()
