"""The matrix products of a training step, over a tile of samples.

Sums over features and hidden dimensions run in ascending order. Sums over samples run lane by lane
over the chunks of a tile, then over the lanes (halves first), then over tiles; in wide models they
run sample after sample, then over tiles. `contracts.training` says what lies where. Products are
added with one rounding for both.
"""

import numpy as np

from superposition.kernels.activations import output_error
from superposition.kernels.blocks import Walk, add_products
from superposition.kernels.contracts.memory import WIDTH
from superposition.kernels.lanes import load, multiply_add, splat, spread, store
from superposition.kernels.shuffles import add_lane_sum, add_lane_sums
from superposition.kernels.subroutines import subroutine
from superposition.kernels.workers import neighbours, share

_CACHED = 4096
"""Numbers of a matrix to work on for all chunks before going on: they stay in the first cache."""


@subroutine
def gather(weights, offset, shape, rows, out, chunks):
    """Set chunks `[m̄, 16]` of out to Σ_i weights[i, k] · rows[i]: W x, or the gradient of h."""
    n, m, stride = shape.n, shape.m, shape.m_padded
    some, together = max(_CACHED // stride, 1), neighbours(n)
    for i in range(0, n, some):
        matrix = Walk(weights, offset + i * stride, 1, stride, 0)
        for chunk in share(0, chunks, together):
            columns = min(together, chunks - chunk)
            sums = Walk(out, chunk * stride * WIDTH, WIDTH, stride * WIDTH, 0)
            vectors = Walk(rows, (chunk * n + i) * WIDTH, n * WIDTH, WIDTH, 0)
            add_products(sums, matrix, vectors, m, columns, min(some, n - i), 1, i == 0)


@subroutine
def decode(p, shape, tile, chunks):
    """Set g to the error signal of y = W_out h + b against the targets."""
    n, m, stride = shape.n, shape.m, shape.m_padded
    some, together = max(_CACHED // stride, 1), neighbours(n)
    for i in range(0, n, some):
        rows = min(some, n - i)
        matrix = Walk(p, shape.decoder + i * stride, stride, 1, 0)
        for chunk in share(0, chunks, together):
            columns = min(together, chunks - chunk)
            sums = Walk(tile.g, (chunk * n + i) * WIDTH, WIDTH, n * WIDTH, 0)
            hidden = Walk(tile.h, chunk * stride * WIDTH, stride * WIDTH, WIDTH, 0)
            add_products(sums, matrix, hidden, rows, columns, m, 1, True)
            for c in range(columns):
                for r in range(rows):
                    place = sums.at + (c * n + r) * WIDTH
                    v = load(tile.g, place) + splat(p, shape.bias + i + r)
                    scale, x = splat(tile.error_scale, i + r), load(tile.x, place)
                    store(tile.g, place, output_error(shape, scale, v, x))


@subroutine
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
                sum0 = multiply_add(row, load(columns, column), sum0)
                sum1 = multiply_add(row, load(columns, column + WIDTH), sum1)
                sum2 = multiply_add(row, load(columns, column + 2 * WIDTH), sum2)
                sum3 = multiply_add(row, load(columns, column + 3 * WIDTH), sum3)
            add_lane_sums(gradient, offset + i * stride + k, sum0, sum1, sum2, sum3)
    for k in range(blocked, m):
        _add_outer_one(gradient, offset + k, shape, rows, columns, k, chunks)


@subroutine
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
            sum0 = multiply_add(load(rows, row), column, sum0)
            sum1 = multiply_add(load(rows, row + WIDTH), column, sum1)
            sum2 = multiply_add(load(rows, row + 2 * WIDTH), column, sum2)
            sum3 = multiply_add(load(rows, row + 3 * WIDTH), column, sum3)
        target = offset + i * stride
        add_lane_sum(gradient, target, sum0)
        add_lane_sum(gradient, target + stride, sum1)
        add_lane_sum(gradient, target + 2 * stride, sum2)
        add_lane_sum(gradient, target + 3 * stride, sum3)
    for i in share(blocked, n, 1):
        sum0 = zero
        for chunk in range(chunks):
            row = load(rows, (chunk * n + i) * WIDTH)
            sum0 = multiply_add(row, load(columns, (chunk * stride + k) * WIDTH), sum0)
        add_lane_sum(gradient, offset + i * stride, sum0)


@subroutine
def add_outer_wide(gradient, offset, shape, rows, by_sample, chunks):
    """Do the work of `add_outer` with vectors along the hidden dimensions, sample after sample."""
    n, stride = shape.n, shape.m_padded
    for i in share(0, n, 6):
        sums = Walk(gradient, offset + i * stride, stride, WIDTH, 0)
        signals = Walk(rows, i * WIDTH, WIDTH, 1, n * WIDTH)
        hidden = Walk(by_sample, 0, WIDTH, stride, WIDTH * stride)
        add_products(sums, signals, hidden, min(6, n - i), stride // WIDTH, WIDTH, chunks, False)


@subroutine
def add_rows(gradient, offset, rows, count, stride, chunks):
    """Add Σ_samples rows[i] to the gradient of biases; a chunk has `stride` rows."""
    for i in share(0, count, 1):
        total = spread(np.float32(0.0))
        for chunk in range(chunks):
            total += load(rows, (chunk * stride + i) * WIDTH)
        add_lane_sum(gradient, offset + i, total)
