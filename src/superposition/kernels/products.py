"""The matrix products of a training step, over a tile of samples.

Sums over features and hidden dimensions run in ascending order. Sums over samples run lane by lane
over the chunks of a tile, then over the lanes (halves first), then over tiles; in wide models they
run sample after sample, then over tiles. `training.layout` says where everything lies.

Four or six sums run side by side, so that a vector that is loaded is used as often and no addition
waits for the one before it. That is what makes them fast; the order of each sum stays the same.
"""

from typing import Any

import numpy as np
from numba import njit

from superposition.kernels.lanes import load, splat, spread, store
from superposition.kernels.shuffles import add_lane_sum, add_lane_sums
from superposition.kernels.workers import part
from superposition.memory import WIDTH


@njit
def gather(weights: Any, offset: Any, net: Any, rows: Any, out: Any, chunks: Any) -> None:
    """Set chunks `[m̄, 16]` of out to Σ_i weights[i, k] · rows[i]: W x, or the gradient of h.

    Blocks of six hidden dimensions come first, as many as leave blocks of four and at most one.
    """
    sixes = net.m // 6
    if (net.m - 6 * sixes) % 4 > 1:
        sixes = max(sixes - 1, 0)
    fours = (net.m - 6 * sixes) // 4
    for chunk in part(0, chunks, 1):
        for block in range(sixes):
            _gather_six(weights, offset, net, rows, out, chunk, 6 * block)
        for block in range(fours):
            _gather_four(weights, offset, net, rows, out, chunk, 6 * sixes + 4 * block)
    for k in range(6 * sixes + 4 * fours, net.m):
        _gather_one(weights, offset + k, net, rows, out, k, chunks)


@njit
def _gather_six(
    weights: Any, offset: Any, net: Any, rows: Any, out: Any, chunk: Any, k: Any
) -> None:
    """Do the work of `gather` for a chunk and six hidden dimensions, from k on."""
    sum0 = sum1 = sum2 = sum3 = sum4 = sum5 = spread(np.float32(0.0))
    for i in range(net.n):
        row = load(rows, (chunk * net.n + i) * WIDTH)
        weight = offset + i * net.m_padded + k
        sum0 += splat(weights, weight) * row
        sum1 += splat(weights, weight + 1) * row
        sum2 += splat(weights, weight + 2) * row
        sum3 += splat(weights, weight + 3) * row
        sum4 += splat(weights, weight + 4) * row
        sum5 += splat(weights, weight + 5) * row
    place = (chunk * net.m_padded + k) * WIDTH
    store(out, place, sum0)
    store(out, place + WIDTH, sum1)
    store(out, place + 2 * WIDTH, sum2)
    store(out, place + 3 * WIDTH, sum3)
    store(out, place + 4 * WIDTH, sum4)
    store(out, place + 5 * WIDTH, sum5)


@njit
def _gather_four(
    weights: Any, offset: Any, net: Any, rows: Any, out: Any, chunk: Any, k: Any
) -> None:
    """Do the work of `gather` for a chunk and four hidden dimensions, from k on."""
    sum0 = sum1 = sum2 = sum3 = spread(np.float32(0.0))
    for i in range(net.n):
        row = load(rows, (chunk * net.n + i) * WIDTH)
        weight = offset + i * net.m_padded + k
        sum0 += splat(weights, weight) * row
        sum1 += splat(weights, weight + 1) * row
        sum2 += splat(weights, weight + 2) * row
        sum3 += splat(weights, weight + 3) * row
    place = (chunk * net.m_padded + k) * WIDTH
    store(out, place, sum0)
    store(out, place + WIDTH, sum1)
    store(out, place + 2 * WIDTH, sum2)
    store(out, place + 3 * WIDTH, sum3)


@njit
def _gather_one(
    weights: Any, offset: Any, net: Any, rows: Any, out: Any, k: Any, chunks: Any
) -> None:
    """Do the work of `gather` for one hidden dimension, four chunks at once."""
    n, stride = net.n, net.m_padded
    zero = spread(np.float32(0.0))
    blocked = chunks // 4 * 4
    for chunk in part(0, blocked, 4):
        at = chunk * n * WIDTH
        sum0, sum1, sum2, sum3 = zero, zero, zero, zero
        for i in range(n):
            weight = splat(weights, offset + i * stride)
            place = at + i * WIDTH
            sum0 += weight * load(rows, place)
            sum1 += weight * load(rows, place + n * WIDTH)
            sum2 += weight * load(rows, place + 2 * n * WIDTH)
            sum3 += weight * load(rows, place + 3 * n * WIDTH)
        place = (chunk * stride + k) * WIDTH
        store(out, place, sum0)
        store(out, place + stride * WIDTH, sum1)
        store(out, place + 2 * stride * WIDTH, sum2)
        store(out, place + 3 * stride * WIDTH, sum3)
    for chunk in part(blocked, chunks, 1):
        sum0 = zero
        for i in range(n):
            sum0 += splat(weights, offset + i * stride) * load(rows, (chunk * n + i) * WIDTH)
        store(out, (chunk * stride + k) * WIDTH, sum0)


@njit
def add_outer(gradient: Any, offset: Any, net: Any, rows: Any, columns: Any, chunks: Any) -> None:
    """Add Σ_samples rows[i] · columns[k] to gradient[i, k], for all features i and hidden k."""
    n, m, stride = net.n, net.m, net.m_padded
    zero = spread(np.float32(0.0))
    blocked = m // 4 * 4
    for i in part(0, n, 1):
        for k in range(0, blocked, 4):
            sum0, sum1, sum2, sum3 = zero, zero, zero, zero
            for chunk in range(chunks):
                row = load(rows, (chunk * n + i) * WIDTH)
                column = (chunk * stride + k) * WIDTH
                sum0 += row * load(columns, column)
                sum1 += row * load(columns, column + WIDTH)
                sum2 += row * load(columns, column + 2 * WIDTH)
                sum3 += row * load(columns, column + 3 * WIDTH)
            add_lane_sums(gradient, offset + i * stride + k, sum0, sum1, sum2, sum3)
    for k in range(blocked, m):
        _add_outer_one(gradient, offset + k, net, rows, columns, k, chunks)


@njit
def _add_outer_one(
    gradient: Any, offset: Any, net: Any, rows: Any, columns: Any, k: Any, chunks: Any
) -> None:
    """Do the work of `add_outer` for one hidden dimension, four features at once."""
    n, stride = net.n, net.m_padded
    zero = spread(np.float32(0.0))
    blocked = n // 4 * 4
    for i in part(0, blocked, 4):
        sum0, sum1, sum2, sum3 = zero, zero, zero, zero
        for chunk in range(chunks):
            column = load(columns, (chunk * stride + k) * WIDTH)
            row = (chunk * n + i) * WIDTH
            sum0 += load(rows, row) * column
            sum1 += load(rows, row + WIDTH) * column
            sum2 += load(rows, row + 2 * WIDTH) * column
            sum3 += load(rows, row + 3 * WIDTH) * column
        target = offset + i * stride
        add_lane_sum(gradient, target, sum0)
        add_lane_sum(gradient, target + stride, sum1)
        add_lane_sum(gradient, target + 2 * stride, sum2)
        add_lane_sum(gradient, target + 3 * stride, sum3)
    for i in part(blocked, n, 1):
        sum0 = zero
        for chunk in range(chunks):
            row = load(rows, (chunk * n + i) * WIDTH)
            sum0 += row * load(columns, (chunk * stride + k) * WIDTH)
        add_lane_sum(gradient, offset + i * stride, sum0)


@njit
def add_outer_wide(
    gradient: Any, offset: Any, net: Any, rows: Any, by_sample: Any, chunks: Any
) -> None:
    """Do the work of `add_outer` with vectors along the hidden dimensions, sample after sample."""
    stride = net.m_padded
    pairs = stride // (2 * WIDTH) * (2 * WIDTH)
    blocked = net.n // 2 * 2
    for i in part(0, blocked, 2):
        for k in range(0, pairs, 2 * WIDTH):
            _add_outer_block(gradient, offset + i * stride + k, net, rows, i, by_sample, k, chunks)
    for i in part(0, net.n, 1):
        for k in range(pairs if i < blocked else 0, stride, WIDTH):
            place = offset + i * stride + k
            total = load(gradient, place)
            for chunk in range(chunks):
                for lane in range(WIDTH):
                    hidden = load(by_sample, (chunk * WIDTH + lane) * stride + k)
                    total += splat(rows, (chunk * net.n + i) * WIDTH + lane) * hidden
            store(gradient, place, total)


@njit
def _add_outer_block(
    gradient: Any, place: Any, net: Any, rows: Any, i: Any, by_sample: Any, k: Any, chunks: Any
) -> None:
    """Add to the gradient of two features and 32 hidden dimensions."""
    stride = net.m_padded
    left0, right0 = load(gradient, place), load(gradient, place + WIDTH)
    left1, right1 = load(gradient, place + stride), load(gradient, place + stride + WIDTH)
    hidden = k
    for chunk in range(chunks):
        row = (chunk * net.n + i) * WIDTH
        for lane in range(row, row + WIDTH):
            left, right = load(by_sample, hidden), load(by_sample, hidden + WIDTH)
            hidden += stride
            g = splat(rows, lane)
            left0 += g * left
            right0 += g * right
            g = splat(rows, lane + WIDTH)
            left1 += g * left
            right1 += g * right
    store(gradient, place, left0)
    store(gradient, place + WIDTH, right0)
    store(gradient, place + stride, left1)
    store(gradient, place + stride + WIDTH, right1)


@njit
def add_rows(gradient: Any, net: Any, g: Any, chunks: Any) -> None:
    """Add Σ_samples g[i] to the gradient of b_i."""
    for i in part(0, net.n, 1):
        total = spread(np.float32(0.0))
        for chunk in range(chunks):
            total += load(g, (chunk * net.n + i) * WIDTH)
        add_lane_sum(gradient, net.bias + i, total)
