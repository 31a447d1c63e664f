"""The optimiser, of networks and of dictionaries."""

from superposition.kernels.contracts.memory import WIDTH
from superposition.kernels.lanes import load, spread, square_root, store
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
