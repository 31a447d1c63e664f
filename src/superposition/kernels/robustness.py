"""The attacks of `measure.robustness`: float64, sixteen samples at a time.

Sums over features and hidden dimensions run in ascending order.
"""

import numpy as np

from superposition.kernels.activations import activate, output_slope
from superposition.kernels.contracts.memory import WIDTH
from superposition.kernels.contracts.robustness import Attack
from superposition.kernels.lanes import (
    if_positive,
    larger,
    load,
    splat,
    spread,
    square_root,
    store,
)
from superposition.kernels.subroutines import subroutine


def attack(work: Attack) -> None:
    """Write the losses of all samples, clean and under each kind of attack."""
    n, samples = work.inputs.n, work.inputs.number * WIDTH
    for tile in range(work.inputs.number):
        for i in range(n):
            store(work.delta, i * WIDTH, spread(np.float64(0.0)))
        _forward(work, tile)
        clean = _loss(work, tile)
        store(work.losses, tile * WIDTH, clean)
        worst = clean
        for i in range(n):
            worst = larger(worst, _pushed(work, tile, i))
        store(work.losses, samples + tile * WIDTH, worst)
        store(work.losses, 2 * samples + tile * WIDTH, _ascend(work, tile))
        for i in range(n):
            start = load(work.inputs.start, (tile * n + i) * WIDTH)
            store(work.delta, i * WIDTH, spread(work.length) * start)
        store(work.losses, 3 * samples + tile * WIDTH, larger(clean, _ascend(work, tile)))


@subroutine
def _forward(work, tile):
    """Set z to WᵀW (x + δ) + b."""
    n = work.inputs.n
    for i in range(n):
        x = load(work.inputs.x, (tile * n + i) * WIDTH)
        store(work.slope, i * WIDTH, x + load(work.delta, i * WIDTH))
    _encode(work)
    for i in range(n):
        store(work.z, i * WIDTH, splat(work.b, i) + _decoded(work, i))


@subroutine
def _encode(work):
    """Set h to W times what `slope` holds."""
    n, m = work.inputs.n, work.m
    k = 0
    while k + 4 <= m:
        sum0 = sum1 = sum2 = sum3 = spread(np.float64(0.0))
        for i in range(n):
            x = load(work.slope, i * WIDTH)
            sum0 += splat(work.W, i * m + k) * x
            sum1 += splat(work.W, i * m + k + 1) * x
            sum2 += splat(work.W, i * m + k + 2) * x
            sum3 += splat(work.W, i * m + k + 3) * x
        store(work.h, k * WIDTH, sum0)
        store(work.h, (k + 1) * WIDTH, sum1)
        store(work.h, (k + 2) * WIDTH, sum2)
        store(work.h, (k + 3) * WIDTH, sum3)
        k += 4
    while k < m:
        sum0 = spread(np.float64(0.0))
        for i in range(n):
            sum0 += splat(work.W, i * m + k) * load(work.slope, i * WIDTH)
        store(work.h, k * WIDTH, sum0)
        k += 1


@subroutine
def _decoded(work, i):
    """W_i · h."""
    total = spread(np.float64(0.0))
    for k in range(work.m):
        total += splat(work.W, i * work.m + k) * load(work.h, k * WIDTH)
    return total


@subroutine
def _loss(work, tile):
    """Σ_i I_i (x_i − y_i)² of the outputs that z leads to."""
    n = work.inputs.n
    total = spread(np.float64(0.0))
    for i in range(n):
        error = _error(work, tile, i, load(work.z, i * WIDTH))
        total += splat(work.importance, i) * (error * error)
    return total


@subroutine
def _pushed(work, tile, feature):
    """The larger loss under the attacks on a feature, with either sign."""
    n = work.inputs.n
    up = down = spread(np.float64(0.0))
    for i in range(n):
        z, push = load(work.z, i * WIDTH), splat(work.effects, feature * n + i)
        above, below = _error(work, tile, i, z + push), _error(work, tile, i, z - push)
        up += splat(work.importance, i) * (above * above)
        down += splat(work.importance, i) * (below * below)
    return larger(up, down)


@subroutine
def _error(work, tile, i, z):
    """The error x_i − y_i of an output whose pre-activation is z."""
    return load(work.inputs.x, (tile * work.inputs.n + i) * WIDTH) - activate(work.output, z)


@subroutine
def _ascend(work, tile):
    """The largest loss on the way of projected gradient ascent from δ."""
    n = work.inputs.n
    worst = spread(np.float64(0.0))
    for _ in range(work.steps):
        _forward(work, tile)
        worst = larger(worst, _loss(work, tile))
        _set_slope(work, tile)
        by = spread(work.stride) / square_root(_squares(work.slope, n))
        for i in range(n):
            s = load(work.slope, i * WIDTH)
            # Where the slope has no length, nothing moves.
            step = if_positive(s * s, by * s)
            store(work.delta, i * WIDTH, load(work.delta, i * WIDTH) + step)
        # Back into the ball: lengths within it stay as they are.
        length = square_root(_squares(work.delta, n))
        shrink = spread(work.length) / larger(length, spread(work.length))
        for i in range(n):
            store(work.delta, i * WIDTH, shrink * load(work.delta, i * WIDTH))
    _forward(work, tile)
    return larger(worst, _loss(work, tile))


@subroutine
def _set_slope(work, tile):
    """Set slope to half of the loss's gradient, WᵀW I (y − x) where outputs are active."""
    n = work.inputs.n
    for i in range(n):
        z = load(work.z, i * WIDTH)
        y = activate(work.output, z)
        error = splat(work.importance, i) * (y - load(work.inputs.x, (tile * n + i) * WIDTH))
        store(work.slope, i * WIDTH, output_slope(work.output, z, y, error))
    _encode(work)
    for i in range(n):
        store(work.slope, i * WIDTH, _decoded(work, i))


@subroutine
def _squares(vector, n):
    """Σ_i v_i²."""
    total = spread(np.float64(0.0))
    for i in range(n):
        v = load(vector, i * WIDTH)
        total += v * v
    return total
