"""The matrix products of a training step, over a tile of samples.

Sums over features and hidden dimensions run in ascending order. Sums over samples run lane by lane
over the chunks of a tile, then over the lanes (halves first), then over tiles. `layout` says where
everything lies.

Four sums run side by side, so that a vector that is loaded is used four times and no addition waits
for the one before it. That is what makes them fast; the order of each sum stays the same.
"""

from typing import Any

import numpy as np
from numba import njit

from superposition.lanes import WIDTH, add_lane_sums, lane_sum, load, splat, spread, store


@njit
def gather(weights: Any, offset: Any, net: Any, rows: Any, out: Any, chunks: Any) -> None:
    """Set chunks `[m, 16]` of out to Σ_i weights[i, k] · rows[i]: W x, or the gradient of h."""
    n, m, stride = net.n, net.m, net.m_padded
    zero = spread(np.float32(0.0))
    blocked = m // 4 * 4
    for chunk in range(chunks):
        at = chunk * n * WIDTH
        for k in range(0, blocked, 4):
            sum0, sum1, sum2, sum3 = zero, zero, zero, zero
            for i in range(n):
                row = load(rows, at + i * WIDTH)
                weight = offset + i * stride + k
                sum0 += splat(weights, weight) * row
                sum1 += splat(weights, weight + 1) * row
                sum2 += splat(weights, weight + 2) * row
                sum3 += splat(weights, weight + 3) * row
            place = (chunk * m + k) * WIDTH
            store(out, place, sum0)
            store(out, place + WIDTH, sum1)
            store(out, place + 2 * WIDTH, sum2)
            store(out, place + 3 * WIDTH, sum3)
    for k in range(blocked, m):
        _gather_one(weights, offset + k, net, rows, out, k, chunks)


@njit
def _gather_one(
    weights: Any, offset: Any, net: Any, rows: Any, out: Any, k: Any, chunks: Any
) -> None:
    """Do the work of `gather` for one hidden dimension, four chunks at once."""
    n, m, stride = net.n, net.m, net.m_padded
    zero = spread(np.float32(0.0))
    blocked = chunks // 4 * 4
    for chunk in range(0, blocked, 4):
        at = chunk * n * WIDTH
        sum0, sum1, sum2, sum3 = zero, zero, zero, zero
        for i in range(n):
            weight = splat(weights, offset + i * stride)
            place = at + i * WIDTH
            sum0 += weight * load(rows, place)
            sum1 += weight * load(rows, place + n * WIDTH)
            sum2 += weight * load(rows, place + 2 * n * WIDTH)
            sum3 += weight * load(rows, place + 3 * n * WIDTH)
        place = (chunk * m + k) * WIDTH
        store(out, place, sum0)
        store(out, place + m * WIDTH, sum1)
        store(out, place + 2 * m * WIDTH, sum2)
        store(out, place + 3 * m * WIDTH, sum3)
    for chunk in range(blocked, chunks):
        sum0 = zero
        for i in range(n):
            sum0 += splat(weights, offset + i * stride) * load(rows, (chunk * n + i) * WIDTH)
        store(out, (chunk * m + k) * WIDTH, sum0)


@njit
def add_outer(gradient: Any, offset: Any, net: Any, rows: Any, columns: Any, chunks: Any) -> None:
    """Add Σ_samples rows[i] · columns[k] to gradient[i, k], for all features i and hidden k."""
    n, m, stride = net.n, net.m, net.m_padded
    zero = spread(np.float32(0.0))
    blocked = m // 4 * 4
    for i in range(n):
        for k in range(0, blocked, 4):
            sum0, sum1, sum2, sum3 = zero, zero, zero, zero
            for chunk in range(chunks):
                row = load(rows, (chunk * n + i) * WIDTH)
                column = (chunk * m + k) * WIDTH
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
    n, m, stride = net.n, net.m, net.m_padded
    zero = spread(np.float32(0.0))
    blocked = n // 4 * 4
    for i in range(0, blocked, 4):
        sum0, sum1, sum2, sum3 = zero, zero, zero, zero
        for chunk in range(chunks):
            column = load(columns, (chunk * m + k) * WIDTH)
            row = (chunk * n + i) * WIDTH
            sum0 += load(rows, row) * column
            sum1 += load(rows, row + WIDTH) * column
            sum2 += load(rows, row + 2 * WIDTH) * column
            sum3 += load(rows, row + 3 * WIDTH) * column
        target = offset + i * stride
        gradient[target] += lane_sum(sum0)
        gradient[target + stride] += lane_sum(sum1)
        gradient[target + 2 * stride] += lane_sum(sum2)
        gradient[target + 3 * stride] += lane_sum(sum3)
    for i in range(blocked, n):
        sum0 = zero
        for chunk in range(chunks):
            row = load(rows, (chunk * n + i) * WIDTH)
            sum0 += row * load(columns, (chunk * m + k) * WIDTH)
        gradient[offset + i * stride] += lane_sum(sum0)


@njit
def add_rows(gradient: Any, net: Any, g: Any, chunks: Any) -> None:
    """Add Σ_samples g[i] to the gradient of b_i."""
    for i in range(net.n):
        total = spread(np.float32(0.0))
        for chunk in range(chunks):
            total += load(g, (chunk * net.n + i) * WIDTH)
        gradient[net.bias + i] += lane_sum(total)
