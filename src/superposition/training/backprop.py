"""Forward and backward through a tile of samples, and the sums over samples that make the gradient.

Sums over features and hidden dimensions run in ascending order. Sums over samples run lane by lane
over the chunks of a tile, then over the lanes (halves first), then over tiles. `layout` says where
everything lies.

Four rows of a product are worked on at once so that every vector that is loaded is used four times,
which is what makes the larger models fast; the order of each sum is the same as one row at a time.
"""

from typing import Any

import numpy as np
from numba import njit

from superposition.lanes import (
    WIDTH,
    absolute_value,
    add_lane_sums,
    if_positive,
    lane_sum,
    load,
    splat,
    spread,
    store,
)


@njit
def _gather(weights: Any, offset: Any, net: Any, rows: Any, at: Any, out: Any, out_at: Any) -> None:
    """Set a chunk `[m, 16]` to Σ_i weights[i, k] · rows[i]: W x, or the gradient of h."""
    n, m, stride = net.n, net.m, net.m_padded
    zero = spread(np.float32(0.0))
    k = 0
    while k + 4 <= m:
        sum0, sum1, sum2, sum3 = zero, zero, zero, zero
        for i in range(n):
            row = load(rows, at + i * WIDTH)
            weight = offset + i * stride + k
            sum0 += splat(weights, weight) * row
            sum1 += splat(weights, weight + 1) * row
            sum2 += splat(weights, weight + 2) * row
            sum3 += splat(weights, weight + 3) * row
        store(out, out_at + k * WIDTH, sum0)
        store(out, out_at + (k + 1) * WIDTH, sum1)
        store(out, out_at + (k + 2) * WIDTH, sum2)
        store(out, out_at + (k + 3) * WIDTH, sum3)
        k += 4
    while k < m:
        sum0 = zero
        for i in range(n):
            sum0 += splat(weights, offset + i * stride + k) * load(rows, at + i * WIDTH)
        store(out, out_at + k * WIDTH, sum0)
        k += 1


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
def _add_outer(gradient: Any, offset: Any, net: Any, rows: Any, columns: Any, chunks: Any) -> None:
    """Add Σ_samples rows[i] · columns[k] to gradient[i, k], for all features i and hidden k."""
    n, m = net.n, net.m
    zero = spread(np.float32(0.0))
    for i in range(n):
        target = offset + i * net.m_padded
        k = 0
        while k + 4 <= m:
            sum0, sum1, sum2, sum3 = zero, zero, zero, zero
            for chunk in range(chunks):
                row = load(rows, (chunk * n + i) * WIDTH)
                column = (chunk * m + k) * WIDTH
                sum0 += row * load(columns, column)
                sum1 += row * load(columns, column + WIDTH)
                sum2 += row * load(columns, column + 2 * WIDTH)
                sum3 += row * load(columns, column + 3 * WIDTH)
            add_lane_sums(gradient, target + k, sum0, sum1, sum2, sum3)
            k += 4
        while k < m:
            sum0 = zero
            for chunk in range(chunks):
                row = load(rows, (chunk * n + i) * WIDTH)
                sum0 += row * load(columns, (chunk * m + k) * WIDTH)
            gradient[target + k] += lane_sum(sum0)
            k += 1


@njit
def _add_rows(gradient: Any, net: Any, g: Any, chunks: Any) -> None:
    """Add Σ_samples g[i] to the gradient of b_i."""
    for i in range(net.n):
        total = spread(np.float32(0.0))
        for chunk in range(chunks):
            total += load(g, (chunk * net.n + i) * WIDTH)
        gradient[net.bias + i] += lane_sum(total)


@njit
def add_empty(p: Any, net: Any, tile: Any, count: Any) -> None:
    """Add the gradient of `count` empty samples, for which y = g(b) and t = 0.

    The count is negative where tiles were filled up with more empty samples than there were.
    """
    for i in range(net.n):
        y = p[net.bias + i]
        if y > 0 or not net.relu_output:
            tile.gradient[net.bias + i] += np.float32(count) * (tile.error_scale[i] * y)


@njit
def _encode_entries(p: Any, net: Any, tile: Any, entries: Any, chunks: Any) -> None:
    """Set h = W x from the non-zero entries of x alone."""
    stride = net.m_padded
    for at in range(0, chunks * WIDTH * stride, WIDTH):
        store(tile.by_sample, at, spread(np.float32(0.0)))
    for e in range(entries):
        value = splat(tile.value, e)
        for k in range(0, stride, WIDTH):
            place = tile.column[e] * stride + k
            weight = load(p, tile.feature[e] * stride + k)
            store(tile.by_sample, place, load(tile.by_sample, place) + weight * value)
    for chunk in range(chunks):
        for k in range(net.m):
            for lane in range(WIDTH):
                h = tile.by_sample[(chunk * WIDTH + lane) * stride + k]
                tile.h[(chunk * net.m + k) * WIDTH + lane] = h


@njit
def _add_entries(net: Any, tile: Any, entries: Any, chunks: Any) -> None:
    """Add Σ_samples x[i] · gh[k] to the gradient of W from the non-zero entries of x alone."""
    stride = net.m_padded
    for chunk in range(chunks):
        for k in range(net.m):
            for lane in range(WIDTH):
                gh = tile.gh[(chunk * net.m + k) * WIDTH + lane]
                tile.by_sample[(chunk * WIDTH + lane) * stride + k] = gh
    for e in range(entries):
        value = splat(tile.value, e)
        for k in range(0, stride, WIDTH):
            place = tile.feature[e] * stride + k
            hidden = load(tile.by_sample, tile.column[e] * stride + k)
            store(tile.gradient, place, load(tile.gradient, place) + hidden * value)


@njit
def learn(p: Any, net: Any, tile: Any, chunks: Any, jumping: Any, entries: Any) -> None:
    """Add the gradient of the samples in a tile."""
    n, m = net.n, net.m
    if jumping:
        _encode_entries(p, net, tile, entries, chunks)
    for chunk in range(chunks):
        at, h_at = chunk * n * WIDTH, chunk * m * WIDTH
        if not jumping:
            _gather(p, 0, net, tile.x, at, tile.h, h_at)
        if net.relu_hidden:
            for k in range(m):
                place = h_at + k * WIDTH
                h = load(tile.h, place)
                store(tile.h, place, if_positive(h, h))
        _decode(p, net, tile, h_at, at)
        _gather(p, net.decoder, net, tile.g, at, tile.gh, h_at)
        if net.relu_hidden:
            for k in range(m):
                place = h_at + k * WIDTH
                store(tile.gh, place, if_positive(load(tile.h, place), load(tile.gh, place)))
    _add_rows(tile.gradient, net, tile.g, chunks)
    _add_outer(tile.gradient, net.decoder, net, tile.g, tile.h, chunks)
    if jumping:
        _add_entries(net, tile, entries, chunks)
    else:
        _add_outer(tile.gradient, 0, net, tile.x, tile.gh, chunks)
