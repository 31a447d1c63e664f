"""The matrix products of a training step, over a tile of samples.

Sums over features and hidden dimensions run in ascending order. Sums over samples run lane by lane
over the chunks of a tile, then over the lanes (halves first), then over tiles; in wide models they
run sample after sample, then over tiles. `contracts.training` says what lies where.

Four or six sums run side by side, so that a vector that is loaded is used as often and no addition
waits for the one before it. That is what makes them fast; the order of each sum stays the same.
"""

import numpy as np
from numba import njit

from superposition.kernels.contracts.memory import WIDTH
from superposition.kernels.lanes import load, splat, spread, store
from superposition.kernels.shuffles import add_lane_sum, add_lane_sums
from superposition.kernels.workers import share


@njit
def gather(weights, offset, shape, rows, out, chunks):
    """Set chunks `[m̄, 16]` of out to Σ_i weights[i, k] · rows[i]: W x, or the gradient of h.

    Blocks of six hidden dimensions come first, as many as leave blocks of four and at most one.
    """
    sixes = shape.m // 6
    if (shape.m - 6 * sixes) % 4 > 1:
        sixes = max(sixes - 1, 0)
    fours = (shape.m - 6 * sixes) // 4
    for chunk in share(0, chunks, 1):
        for block in range(sixes):
            _gather_six(weights, offset, shape, rows, out, chunk, 6 * block)
        for block in range(fours):
            _gather_four(weights, offset, shape, rows, out, chunk, 6 * sixes + 4 * block)
    for k in range(6 * sixes + 4 * fours, shape.m):
        _gather_one(weights, offset + k, shape, rows, out, k, chunks)


@njit
def _gather_six(weights, offset, shape, rows, out, chunk, k):
    """Do the work of `gather` for a chunk and six hidden dimensions, from k on."""
    sum0 = sum1 = sum2 = sum3 = sum4 = sum5 = spread(np.float32(0.0))
    for i in range(shape.n):
        row = load(rows, (chunk * shape.n + i) * WIDTH)
        weight = offset + i * shape.m_padded + k
        sum0 += splat(weights, weight) * row
        sum1 += splat(weights, weight + 1) * row
        sum2 += splat(weights, weight + 2) * row
        sum3 += splat(weights, weight + 3) * row
        sum4 += splat(weights, weight + 4) * row
        sum5 += splat(weights, weight + 5) * row
    place = (chunk * shape.m_padded + k) * WIDTH
    store(out, place, sum0)
    store(out, place + WIDTH, sum1)
    store(out, place + 2 * WIDTH, sum2)
    store(out, place + 3 * WIDTH, sum3)
    store(out, place + 4 * WIDTH, sum4)
    store(out, place + 5 * WIDTH, sum5)


@njit
def _gather_four(weights, offset, shape, rows, out, chunk, k):
    """Do the work of `gather` for a chunk and four hidden dimensions, from k on."""
    sum0 = sum1 = sum2 = sum3 = spread(np.float32(0.0))
    for i in range(shape.n):
        row = load(rows, (chunk * shape.n + i) * WIDTH)
        weight = offset + i * shape.m_padded + k
        sum0 += splat(weights, weight) * row
        sum1 += splat(weights, weight + 1) * row
        sum2 += splat(weights, weight + 2) * row
        sum3 += splat(weights, weight + 3) * row
    place = (chunk * shape.m_padded + k) * WIDTH
    store(out, place, sum0)
    store(out, place + WIDTH, sum1)
    store(out, place + 2 * WIDTH, sum2)
    store(out, place + 3 * WIDTH, sum3)


@njit
def _gather_one(weights, offset, shape, rows, out, k, chunks):
    """Do the work of `gather` for one hidden dimension, four chunks at once."""
    n, stride = shape.n, shape.m_padded
    zero = spread(np.float32(0.0))
    blocked = chunks // 4 * 4
    for chunk in share(0, blocked, 4):
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
    for chunk in share(blocked, chunks, 1):
        sum0 = zero
        for i in range(n):
            sum0 += splat(weights, offset + i * stride) * load(rows, (chunk * n + i) * WIDTH)
        store(out, (chunk * stride + k) * WIDTH, sum0)


@njit
def add_outer(gradient, offset, shape, rows, columns, chunks):
    """Add Σ_samples rows[i] · columns[k] to gradient[i, k], for all features i and hidden k."""
    n, m, stride = shape.n, shape.m, shape.m_padded
    zero = spread(np.float32(0.0))
    blocked = m // 4 * 4
    for i in share(0, n, 1):
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
        _add_outer_one(gradient, offset + k, shape, rows, columns, k, chunks)


@njit
def _add_outer_one(gradient, offset, shape, rows, columns, k, chunks):
    """Do the work of `add_outer` for one hidden dimension, four features at once."""
    n, stride = shape.n, shape.m_padded
    zero = spread(np.float32(0.0))
    blocked = n // 4 * 4
    for i in share(0, blocked, 4):
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
    for i in share(blocked, n, 1):
        sum0 = zero
        for chunk in range(chunks):
            row = load(rows, (chunk * n + i) * WIDTH)
            sum0 += row * load(columns, (chunk * stride + k) * WIDTH)
        add_lane_sum(gradient, offset + i * stride, sum0)


@njit
def add_outer_wide(gradient, offset, shape, rows, by_sample, chunks):
    """Do the work of `add_outer` with vectors along the hidden dimensions, sample after sample."""
    stride = shape.m_padded
    pairs = stride // (2 * WIDTH) * (2 * WIDTH)
    blocked = shape.n // 2 * 2
    for i in share(0, blocked, 2):
        for k in range(0, pairs, 2 * WIDTH):
            _add_outer_block(
                gradient, offset + i * stride + k, shape, rows, i, by_sample, k, chunks
            )
    for i in share(0, shape.n, 1):
        for k in range(pairs if i < blocked else 0, stride, WIDTH):
            place = offset + i * stride + k
            total = load(gradient, place)
            for chunk in range(chunks):
                for lane in range(WIDTH):
                    hidden = load(by_sample, (chunk * WIDTH + lane) * stride + k)
                    total += splat(rows, (chunk * shape.n + i) * WIDTH + lane) * hidden
            store(gradient, place, total)


@njit
def _add_outer_block(gradient, place, shape, rows, i, by_sample, k, chunks):
    """Add to the gradient of two features and 32 hidden dimensions."""
    stride = shape.m_padded
    left0, right0 = load(gradient, place), load(gradient, place + WIDTH)
    left1, right1 = load(gradient, place + stride), load(gradient, place + stride + WIDTH)
    hidden = k
    for chunk in range(chunks):
        row = (chunk * shape.n + i) * WIDTH
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
def add_rows(gradient, offset, rows, count, stride, chunks):
    """Add Σ_samples rows[i] to the gradient of biases; a chunk has `stride` rows."""
    for i in share(0, count, 1):
        total = spread(np.float32(0.0))
        for chunk in range(chunks):
            total += load(rows, (chunk * stride + i) * WIDTH)
        add_lane_sum(gradient, offset + i, total)
