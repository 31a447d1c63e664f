"""Forward and backward through a tile of samples; `training.layout` says where everything lies."""

from typing import Any

import numpy as np
from numba import njit

from superposition.kernels.entries import (
    add_by_feature,
    add_entries,
    encode_by_feature,
    encode_entries,
)
from superposition.kernels.lanes import absolute_value, if_positive, load, splat, store
from superposition.kernels.options import (
    add_hidden_bias,
    add_hidden_bias_gradient,
    add_penalty,
)
from superposition.kernels.products import add_outer, add_outer_wide, add_rows, gather
from superposition.kernels.shuffles import lay_by_sample
from superposition.kernels.workers import meet, part, part_of_lane
from superposition.memory import WIDTH


@njit
def _error(net: Any, scale: Any, i: Any, y: Any, x: Any) -> Any:
    """Return the gradient of the loss with respect to the pre-activation of output i."""
    target = absolute_value(x) if net.absolute else x
    if net.relu_output:
        # Where y ≤ 0 the output is cut off and nothing flows back.
        return if_positive(y, splat(scale, i) * (y - target))
    return splat(scale, i) * (y - target)


@njit
def _decode(p: Any, net: Any, tile: Any, h_at: Any, at: Any) -> None:
    """Set a chunk of g to the error signal of y = W_out h + b against the targets."""
    n, m, stride = net.n, net.m, net.m_padded
    scale, x, g, h = tile.error_scale, tile.x, tile.g, tile.h
    i = 0
    while i + 4 <= n:
        y0, y1 = splat(p, net.bias + i), splat(p, net.bias + i + 1)
        y2, y3 = splat(p, net.bias + i + 2), splat(p, net.bias + i + 3)
        weight = net.decoder + i * stride
        for k in range(m):
            row = load(h, h_at + k * WIDTH)
            y0 += splat(p, weight + k) * row
            y1 += splat(p, weight + stride + k) * row
            y2 += splat(p, weight + 2 * stride + k) * row
            y3 += splat(p, weight + 3 * stride + k) * row
        place = at + i * WIDTH
        store(g, place, _error(net, scale, i, y0, load(x, place)))
        store(g, place + WIDTH, _error(net, scale, i + 1, y1, load(x, place + WIDTH)))
        store(g, place + 2 * WIDTH, _error(net, scale, i + 2, y2, load(x, place + 2 * WIDTH)))
        store(g, place + 3 * WIDTH, _error(net, scale, i + 3, y3, load(x, place + 3 * WIDTH)))
        i += 4
    while i < n:
        y0 = splat(p, net.bias + i)
        for k in range(m):
            y0 += splat(p, net.decoder + i * stride + k) * load(h, h_at + k * WIDTH)
        store(g, at + i * WIDTH, _error(net, scale, i, y0, load(x, at + i * WIDTH)))
        i += 1


@njit
def add_empty(p: Any, net: Any, tile: Any, count: Any) -> None:
    """Add the gradient of `count` empty samples, for which y = g(b) and t = 0.

    The count is negative where tiles were filled up with more empty samples than there were.
    """
    for i in part_of_lane(net.n):
        y = p[net.bias + i]
        if y > 0 or not net.relu_output:
            tile.gradient[net.bias + i] += np.float32(count) * (tile.error_scale[i] * y)


@njit
def learn(
    p: Any,
    net: Any,
    penalty: Any,
    tile: Any,
    chunks: Any,
    entries: Any,
    jumping: Any,
    listing: Any,
) -> None:
    """Add the gradient of the samples in a tile.

    Args:
        p: Parameters.
        net: Model and layout of its parameters.
        penalty: λ / batch, of the penalty on hidden activations.
        tile: Samples, and working memory.
        chunks: Chunks in use.
        entries: Non-zero entries of x that the tile lists.
        jumping: Whether they are listed as jumping draws them.
        listing: Whether they are listed feature by feature.
    """
    meet()
    if jumping:
        encode_entries(p, net, tile, entries, chunks)
    elif listing:
        encode_by_feature(p, net, tile, entries, chunks)
    else:
        gather(p, 0, net, tile.seen, tile.h, chunks)
    meet()
    if net.hidden_biased:
        add_hidden_bias(p, net, tile.h, chunks)
        meet()
    if net.relu_hidden:
        for place in part(0, chunks * net.m_padded * WIDTH, WIDTH):
            h = load(tile.h, place)
            store(tile.h, place, if_positive(h, h))
        meet()
    for chunk in part(0, chunks, 1):
        _decode(p, net, tile, chunk * net.m_padded * WIDTH, chunk * net.n * WIDTH)
    meet()
    gather(p, net.decoder, net, tile.g, tile.gh, chunks)
    meet()
    if penalty != 0:
        add_penalty(net, penalty, tile, chunks)
    if net.relu_hidden:
        for place in part(0, chunks * net.m_padded * WIDTH, WIDTH):
            store(tile.gh, place, if_positive(load(tile.h, place), load(tile.gh, place)))
    meet()
    add_rows(tile.gradient, net, tile.g, chunks)
    if net.hidden_biased:
        add_hidden_bias_gradient(tile.gradient, net, tile.gh, chunks)
    if net.wide:
        lay_by_sample(net, tile.h, tile.by_sample, chunks)
        meet()
        add_outer_wide(tile.gradient, net.decoder, net, tile.g, tile.by_sample, chunks)
    else:
        add_outer(tile.gradient, net.decoder, net, tile.g, tile.h, chunks)
    meet()
    if jumping or net.wide:
        lay_by_sample(net, tile.gh, tile.by_sample, chunks)
        meet()
    if jumping:
        add_entries(net, tile, entries)
    elif listing:
        add_by_feature(net, tile, entries)
    elif net.wide:
        add_outer_wide(tile.gradient, 0, net, tile.seen, tile.by_sample, chunks)
    else:
        add_outer(tile.gradient, 0, net, tile.seen, tile.gh, chunks)
    meet()
