"""Hidden biases and the penalty on activations, for the models and recipes that have them.

`contracts.training` says what lies where. `backprop` calls each function at most once a tile, so
that models without these options run the code they would run if there were none.
"""

import numpy as np

from superposition.kernels.activations import activate, output_error, slope
from superposition.kernels.contracts.memory import WIDTH
from superposition.kernels.lanes import if_positive, load, splat, spread, store
from superposition.kernels.subroutines import subroutine
from superposition.kernels.workers import barrier, lane_share, share


@subroutine
def add_hidden_bias(p, shape, h, chunks):
    """Add c to the hidden pre-activations of a tile."""
    for chunk in share(0, chunks, 1):
        for k in range(shape.m):
            place = (chunk * shape.m_padded + k) * WIDTH
            store(h, place, load(h, place) + splat(p, shape.hidden_bias + k))


@subroutine
def _penalty_slope(h, penalty):
    """The gradient of penalty · |h|, which is 0 at h = 0, lane by lane."""
    rate, zero = spread(penalty), spread(np.float32(0.0))
    return if_positive(h, rate) - if_positive(zero - h, rate)


@subroutine
def add_penalty(shape, penalty, tile, chunks):
    """Add the gradient of penalty · Σ_k |h_k| to that of h."""
    for place in share(0, chunks * shape.m_padded * WIDTH, WIDTH):
        h = load(tile.h, place)
        store(tile.gh, place, load(tile.gh, place) + _penalty_slope(h, penalty))


@subroutine
def add_empty_biased(p, shape, penalty, tile, count):
    """Add the gradient of `count` empty samples, for which h = f(c) and t = 0.

    What `backprop.add_empty` is for models without hidden biases.
    """
    gradient, stride, many = tile.gradient, shape.m_padded, spread(np.float32(count))
    # Memory of the first samples; the tile is done with.
    h, g = tile.h, tile.g
    for k in share(0, shape.m, WIDTH):
        store(h, k, activate(shape.hidden, load(p, shape.hidden_bias + k)))
    barrier()
    for i in lane_share(shape.n):
        v = p[shape.bias + i]
        for k in range(shape.m):
            v += p[shape.decoder + i * stride + k] * h[k]
        g[i] = v
    barrier()
    zero = spread(np.float32(0.0))
    for i in share(0, shape.n, WIDTH):
        store(g, i, output_error(shape, load(tile.error_scale, i), load(g, i), zero))
    barrier()
    for i in lane_share(shape.n):
        gradient[shape.bias + i] += np.float32(count) * g[i]
    for k in share(0, shape.m, WIDTH):
        hidden = load(h, k)
        total = _penalty_slope(hidden, penalty)
        for i in range(shape.n):
            error, at = splat(g, i), shape.decoder + i * stride + k
            total += error * load(p, at)
            store(gradient, at, load(gradient, at) + many * (error * hidden))
        at = shape.hidden_bias + k
        store(gradient, at, load(gradient, at) + many * slope(shape.hidden, hidden, total))
    barrier()
