"""Attack the samples of a tile; `superposition.sampling.attacks` says how.

Attacked samples are not empty, so every sample is computed, whichever way it was drawn.
"""

import numpy as np

from superposition.kernels.contracts.memory import WIDTH
from superposition.kernels.contracts.philox import ATTACKS, BLOCK
from superposition.kernels.lanes import load, splat, spread, square_root, store
from superposition.kernels.philox import draw_words
from superposition.kernels.sampling import draw_by_jumping, draw_every_unit
from superposition.kernels.shuffles import lane_sum, transpose
from superposition.kernels.subroutines import subroutine
from superposition.kernels.workers import barrier, lane_barrier, lane_share, share, worker


@subroutine
def lay_directions(p, shape, attack):
    """Set the table of attacks to the rows of WᵀW, each brought to the length of an attack.

    A row of no length stays zero: nothing that the network writes for its feature can be moved.
    """
    n, m, wide = shape.n, shape.m, attack.n_padded
    own = worker() * WIDTH
    for i in lane_share(n):
        for k in range(m):
            attack.by_hidden[k * wide + i] = p[i * shape.m_padded + k]
    barrier()
    for i in share(0, n, 1):
        squares = spread(np.float32(0.0))
        for j in range(0, wide, WIDTH):
            total = spread(np.float32(0.0))
            for k in range(m):
                weight = splat(p, i * shape.m_padded + k)
                total += weight * load(attack.by_hidden, k * wide + j)
            squares += total * total
            store(attack.table, i * wide + j, total)
        # The square root of a vector, all of whose lanes are alike.
        store(attack.norm, own, square_root(spread(lane_sum(squares))))
        lane_barrier()
        scale = np.float32(0.0)
        if attack.norm[own] > 0:
            scale = attack.length / attack.norm[own]
        lane_barrier()
        for j in range(0, wide, WIDTH):
            place = i * wide + j
            store(attack.table, place, load(attack.table, place) * spread(scale))


@subroutine
def append_every_sample(distribution, key, step, block, samples, scratch, tile, attack, columns):
    """Draw a block of samples, empty ones included, and which feature of each is attacked.

    Arguments are those of `tiles.append_block`. Returns the tile's new number of columns.
    """
    n = distribution.n
    if distribution.jumping:
        first = columns * n
        for at in share(first, first + BLOCK * n, WIDTH):
            store(tile.x, at, spread(np.float32(0.0)))
        barrier()
        count, _ = draw_by_jumping(distribution, key, step, block, samples, scratch)
        for e in lane_share(count):
            column = columns + scratch.sample[e]
            place = (column // WIDTH * n + scratch.feature[e]) * WIDTH + column % WIDTH
            tile.x[place] = scratch.value[e]
    else:
        draw_every_unit(distribution, key, step, block, scratch, tile.x, columns * n)
    words = worker() * BLOCK
    draw_words(key, ATTACKS, step, 0, block, scratch.word, words)
    barrier()
    for s in lane_share(BLOCK):
        attack.feature[columns + s] = np.int32(
            (np.uint64(scratch.word[words + s]) * np.uint64(n)) >> np.uint64(32)
        )
    barrier()
    return columns + samples


@subroutine
def add_attacks(n, tile, attack, columns, chunks):
    """Set what the network sees to x with each sample's attack; columns left over stay empty."""
    wide, zero = attack.n_padded, spread(np.float32(0.0))
    own = worker() * WIDTH * wide
    for chunk in share(0, chunks, 1):
        for lane in range(WIDTH):
            column = chunk * WIDTH + lane
            source = np.int64(attack.feature[column]) * wide
            for j in range(0, wide, WIDTH):
                row = load(attack.table, source + j) if column < columns else zero
                store(attack.by_sample, own + lane * wide + j, row)
        lane_barrier()
        for j in range(0, wide, WIDTH):
            place = own + j * WIDTH
            transpose(attack.by_sample, own + j, wide, attack.by_feature, place, WIDTH)
        for i in range(n):
            place = (chunk * n + i) * WIDTH
            moved = load(tile.x, place) + load(attack.by_feature, own + i * WIDTH)
            store(tile.seen, place, moved)
        lane_barrier()
