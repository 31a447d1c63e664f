"""The optimiser, of networks and of dictionaries."""

import numpy as np

from superposition.kernels.contracts.memory import WIDTH
from superposition.kernels.lanes import load, spread, square_root, store
from superposition.kernels.shuffles import lane_sum
from superposition.kernels.subroutines import subroutine
from superposition.kernels.workers import share


@subroutine
def adam(p, mean, square, gradient, size, recipe, step):
    """Update the parameters by Adam or AdamW (Kingma and Ba 2015; Loshchilov and Hutter 2019)."""
    for at in share(0, size, WIDTH):
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


@subroutine
def decay_weights(p, shape, recipe, step):
    """Shrink the vectors of W, and of W_out, or draw them to unit length (Liu et al. 2025)."""
    one, rate = spread(np.float32(1.0)), spread(recipe.decay[step])
    factor = one - rate
    for row in share(0, shape.bias, shape.m_padded):
        if recipe.to_unit:
            squares = spread(np.float32(0.0))
            for at in range(row, row + shape.m_padded, WIDTH):
                squares += load(p, at) * load(p, at)
            length = square_root(spread(lane_sum(squares))) + spread(recipe.epsilon)
            factor = one - rate * (one - one / length)
        for at in range(row, row + shape.m_padded, WIDTH):
            store(p, at, load(p, at) * factor)
