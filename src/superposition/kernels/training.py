"""The fused training loop: draw a tile of the batch, forward, backward, Adam, all within the cache.

The arithmetic is + − × ÷ and square roots of IEEE 754, in an order that the source fixes (`lanes`,
`backprop`), so the weights are the same bytes on every processor.
"""

from typing import Any

import numpy as np
from numba import njit

from superposition.kernels.attacks import add_attacks, append_every_sample, lay_directions
from superposition.kernels.backprop import add_empty, learn
from superposition.kernels.entries import list_by_feature, pays_to_list
from superposition.kernels.lanes import load, spread, square_root, store
from superposition.kernels.options import add_empty_biased
from superposition.kernels.tiles import append_block, clear_entries, fill_up
from superposition.kernels.workers import leads, meet, part
from superposition.memory import WIDTH
from superposition.philox import BLOCK
from superposition.training.kernel import Training
from superposition.training.layout import TILE


@njit
def _adam(p: Any, mean: Any, square: Any, size: Any, gradient: Any, recipe: Any, step: Any) -> None:
    """Update the parameters by Adam or AdamW (Kingma and Ba 2015; Loshchilov and Hutter 2019)."""
    for at in part(0, size, WIDTH):
        weight = load(p, at)
        g = load(gradient, at) + spread(recipe.coupled_decay) * weight
        first = load(mean, at)
        first += spread(recipe.rate1) * (g - first)
        second = spread(recipe.beta2) * load(square, at) + spread(recipe.rate2) * (g * g)
        scale = square_root(second) / spread(recipe.root[step]) + spread(recipe.epsilon)
        change = spread(recipe.step_size[step]) * (first / scale)
        store(p, at, spread(recipe.shrink[step]) * weight - change)
        store(mean, at, first)
        store(square, at, second)


def train(work: Training) -> None:
    """Train one run for steps[0] … steps[1] − 1, in place."""
    p, net, recipe, draws, tile = work.p, work.net, work.recipe, work.draws, work.tile
    n, attack = net.n, work.attack
    jumping = draws.jumping and not attack.on
    listing = pays_to_list(net, draws) and not attack.on
    blocks = (recipe.batch + BLOCK - 1) // BLOCK
    for step in range(work.steps[0], work.steps[1]):
        for at in part(0, net.size, WIDTH):
            store(tile.gradient, at, spread(np.float32(0.0)))
        columns, entries, empty = 0, 0, recipe.batch
        if attack.on:
            lay_directions(p, net, attack)
        for block in range(blocks):
            samples = min(BLOCK, recipe.batch - block * BLOCK)
            if attack.on:
                columns = append_every_sample(
                    draws, work.key, step, block, samples, work.room, tile, attack, columns
                )
            else:
                columns, entries = append_block(
                    draws, work.key, step, block, samples, work.room, tile, columns, entries
                )
            if columns > TILE * WIDTH - BLOCK or block == blocks - 1:
                chunks = fill_up(n, tile, columns)
                if attack.on:
                    add_attacks(n, tile, attack, columns, chunks)
                if listing:
                    listed = list_by_feature(n, tile, chunks)
                    learn(p, net, recipe.penalty, tile, chunks, listed, False, True)
                else:
                    learn(p, net, recipe.penalty, tile, chunks, entries, jumping, False)
                    clear_entries(n, tile, entries)
                empty -= chunks * WIDTH
                columns, entries = 0, 0
        if empty != 0 and net.hidden_biased:
            if leads():
                add_empty_biased(p, net, recipe.penalty, tile, empty)
        elif empty != 0:
            add_empty(p, net, tile, empty)
        meet()
        _adam(p, work.mean, work.square, net.size, tile.gradient, recipe, step)
        meet()
