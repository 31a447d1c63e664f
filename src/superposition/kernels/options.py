"""Hidden biases and the penalty on activations, for the models and recipes that have them.

`training.layout` says where everything lies. `backprop` calls this, each function at most once a
tile, so that models without these options run the code they would run if there were none.
"""

from typing import Any

import numpy as np
from numba import njit

from superposition.kernels.lanes import if_positive, load, splat, spread, store
from superposition.kernels.shuffles import add_lane_sum
from superposition.kernels.workers import part
from superposition.memory import WIDTH


@njit
def add_hidden_bias(p: Any, net: Any, h: Any, chunks: Any) -> None:
    """Add c to the hidden pre-activations of a tile."""
    for chunk in part(0, chunks, 1):
        for k in range(net.m):
            place = (chunk * net.m_padded + k) * WIDTH
            store(h, place, load(h, place) + splat(p, net.hidden_bias + k))


@njit
def add_hidden_bias_gradient(gradient: Any, net: Any, gh: Any, chunks: Any) -> None:
    """Add Σ_samples gh[k] to the gradient of c_k."""
    for k in part(0, net.m, 1):
        total = spread(np.float32(0.0))
        for chunk in range(chunks):
            total += load(gh, (chunk * net.m_padded + k) * WIDTH)
        add_lane_sum(gradient, net.hidden_bias + k, total)


@njit
def add_penalty(net: Any, penalty: Any, tile: Any, chunks: Any) -> None:
    """Add the gradient of penalty · Σ_k |h_k|, which is 0 at h_k = 0, to that of h."""
    rate, zero = spread(penalty), spread(np.float32(0.0))
    for place in part(0, chunks * net.m_padded * WIDTH, WIDTH):
        h = load(tile.h, place)
        sign = if_positive(h, rate) - if_positive(zero - h, rate)
        store(tile.gh, place, load(tile.gh, place) + sign)


@njit
def add_empty_biased(p: Any, net: Any, penalty: Any, tile: Any, count: Any) -> None:
    """Add the gradient of `count` empty samples, for which h = f(c) and t = 0.

    What `backprop.add_empty` is for models without hidden biases.
    """
    zero, gradient, stride = np.float32(0.0), tile.gradient, net.m_padded
    # Memory of the first sample; the tile is done with.
    h, gh = tile.h, tile.gh
    for k in range(net.m):
        c = p[net.hidden_bias + k]
        h[k] = c if c > 0 or not net.relu_hidden else zero
        gh[k] = penalty if h[k] > 0 else (-penalty if h[k] < 0 else zero)
    for i in range(net.n):
        weight = net.decoder + i * stride
        y = p[net.bias + i]
        for k in range(net.m):
            y += p[weight + k] * h[k]
        if y > 0 or not net.relu_output:
            error = tile.error_scale[i] * y
            gradient[net.bias + i] += np.float32(count) * error
            for k in range(net.m):
                gradient[weight + k] += np.float32(count) * (error * h[k])
                gh[k] += error * p[weight + k]
    for k in range(net.m):
        if h[k] > 0 or not net.relu_hidden:
            gradient[net.hidden_bias + k] += np.float32(count) * gh[k]
