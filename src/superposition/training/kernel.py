"""The fused training loop: draw a tile of the batch, forward, backward, Adam, all within the cache.

The arithmetic is + − × ÷ and square roots of IEEE 754, in an order that the source fixes (`lanes`,
`backprop`), so the weights are the same bytes on every processor.
"""

from typing import Any

import numpy as np
from numba import njit

from superposition.compilation import EntryPoint
from superposition.drawing import point_to_draws, point_to_room
from superposition.lanes import WIDTH, load, pointer, spread, square_root, store
from superposition.philox import BLOCK
from superposition.training.backprop import add_empty, learn
from superposition.training.layout import TILE, point_to_recipe, point_to_tile
from superposition.training.tiles import append_block, clear_entries, fill_up


@njit
def _adam(p: Any, mean: Any, square: Any, size: Any, gradient: Any, recipe: Any, step: Any) -> None:
    """Update the parameters by Adam or AdamW (Kingma and Ba 2015; Loshchilov and Hutter 2019)."""
    for at in range(0, size, WIDTH):
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


@EntryPoint
def train_steps(
    state: Any,
    net: Any,
    recipe_arrays: Any,
    draw_arrays: Any,
    room_arrays: Any,
    tile_arrays: Any,
    key: Any,
    first: Any,
    last: Any,
) -> None:
    """Train one run for steps `first` … `last` − 1, in place.

    Args:
        state: Parameters and Adam's running means of gradients and their squares, each float32
            `[size]`.
        net: Model and layout.
        recipe_arrays: Optimiser.
        draw_arrays: Distribution of x.
        room_arrays: Working memory for drawing.
        tile_arrays: Working memory for training.
        key: Philox key of the run, uint64.
        first: First step, from 0.
        last: One past the last step.
    """
    p, mean, square = pointer(state[0]), pointer(state[1]), pointer(state[2])
    recipe, draws = point_to_recipe(recipe_arrays), point_to_draws(draw_arrays)
    room, tile = point_to_room(room_arrays), point_to_tile(tile_arrays)
    n = net.n
    blocks = (recipe.batch + BLOCK - 1) // BLOCK
    for step in range(first, last):
        for at in range(0, net.size, WIDTH):
            store(tile.gradient, at, spread(np.float32(0.0)))
        columns, entries, empty = 0, 0, recipe.batch
        for block in range(blocks):
            samples = min(BLOCK, recipe.batch - block * BLOCK)
            columns, entries = append_block(
                draws, key, step, block, samples, room, tile, columns, entries
            )
            if columns > TILE * WIDTH - BLOCK or block == blocks - 1:
                chunks = fill_up(n, tile, columns)
                learn(p, net, tile, chunks, draws.jumping, entries)
                clear_entries(n, tile, entries)
                empty -= chunks * WIDTH
                columns, entries = 0, 0
        if empty != 0:
            add_empty(p, net, tile, empty)
        _adam(p, mean, square, net.size, tile.gradient, recipe, step)
