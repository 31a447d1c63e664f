"""The fused training loop: draw a tile of the batch, forward, backward, Adam, all within the cache.

The arithmetic is that of IEEE 754: + − × ÷, square roots, and a · b + c rounded once where the
source says so. The source fixes its order (`lanes`, `backprop`), so the weights are the same bytes
on every processor.
"""

import numpy as np

from superposition.kernels.adam import adam, decay_weights
from superposition.kernels.attacks import add_attacks, append_every_sample, lay_directions
from superposition.kernels.backprop import add_empty, learn
from superposition.kernels.contracts.memory import WIDTH
from superposition.kernels.contracts.philox import BLOCK
from superposition.kernels.contracts.training import TILE, Training
from superposition.kernels.hidden_bias import add_empty_biased
from superposition.kernels.lanes import spread, store
from superposition.kernels.tiles import append_block, clear_entries, fill_up
from superposition.kernels.workers import barrier, share


def train(work: Training) -> None:
    """Train one run for steps[0] … steps[1] − 1, in place."""
    p, shape, recipe, tile, attack = work.p, work.shape, work.recipe, work.tile, work.attack
    distribution, scratch, key, n = work.distribution, work.scratch, work.key, work.shape.n
    jumping = distribution.jumping and not attack.on
    blocks = (recipe.batch + BLOCK - 1) // BLOCK
    # Samples of another distribution may have been left where jumping takes x to be zero.
    for at in share(0, TILE * WIDTH * n, WIDTH):
        store(tile.x, at, spread(np.float32(0.0)))
    barrier()
    for step in range(work.steps[0], work.steps[1]):
        for at in share(0, shape.size, WIDTH):
            store(tile.gradient, at, spread(np.float32(0.0)))
        columns, entries, empty = 0, 0, recipe.batch
        if attack.on:
            lay_directions(p, shape, attack)
        for block in range(blocks):
            samples = min(BLOCK, recipe.batch - block * BLOCK)
            drawn_at, drawn = step, block
            if recipe.blocks != 0:
                # The samples of the first step, as many as there are, again and again.
                drawn_at, drawn = 0, (step * blocks + block) % recipe.blocks
            if attack.on:
                columns = append_every_sample(
                    distribution, key, step, block, samples, scratch, tile, attack, columns
                )
            else:
                columns, entries = append_block(
                    distribution, key, drawn_at, drawn, samples, scratch, tile, columns, entries
                )
            if columns > TILE * WIDTH - BLOCK or block == blocks - 1:
                chunks = fill_up(n, tile, columns)
                if attack.on:
                    add_attacks(n, tile, attack, columns, chunks)
                learn(p, shape, recipe.penalty, tile, chunks, entries, jumping)
                clear_entries(n, tile, entries)
                empty -= chunks * WIDTH
                columns, entries = 0, 0
        if empty != 0 and shape.hidden_biased:
            add_empty_biased(p, shape, recipe.penalty, tile, empty)
        elif empty != 0:
            add_empty(p, shape, tile, empty)
        barrier()
        if recipe.of_weights:
            decay_weights(p, shape, recipe, step)
            barrier()
        adam(p, work.mean, work.square, tile.gradient, shape.size, recipe, step)
        barrier()
