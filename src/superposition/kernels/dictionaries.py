"""Sparse autoencoders in compiled code: a pass over samples, and a step of Adam.

Vectors run along latents to encode and along hidden dimensions to decode: only latents that are
active are decoded, and there are few of them. Sums run over hidden dimensions, active latents and
samples in ascending order (where some of the active are kept, from the largest to the smallest),
those within a vector over its lanes, halves first.

The kinds of autoencoders are one: a latent is active above its threshold θ_k, at most so many are
kept, and what is paid for is how large latents are or how many. What is not used costs nothing.
"""

import numpy as np

from superposition.kernels.adam import adam
from superposition.kernels.contracts.dictionaries import Autoencoder, Encoding
from superposition.kernels.contracts.memory import WIDTH
from superposition.kernels.lanes import load, splat, spread, square_root, store
from superposition.kernels.shuffles import lane_sum
from superposition.kernels.subroutines import subroutine


def encode(work: Encoding) -> None:
    """Set h to W x, for all samples."""
    n, width = work.n, work.m_padded
    for sample in range(work.samples):
        for j in range(0, width, WIDTH):
            store(work.h, sample * width + j, spread(np.float32(0.0)))
        for i in range(n):
            x = work.x[sample * n + i]
            if x != np.float32(0.0):
                _add(work.h, sample * width, work.W, i * width, x, width)


def pass_through(work: Autoencoder) -> None:
    """Put samples through a dictionary: learn from them, or add up what it does."""
    size = 2 * (work.latents * work.m_padded + work.latents_padded) + work.m_padded
    for at in range(0, size, WIDTH):
        store(work.gradient, at, spread(np.float32(0.0)))
    for k in range(work.latents):
        for j in range(work.m):
            work.turned[j * work.latents_padded + k] = work.p[k * work.m_padded + j]
    for sample in range(work.samples):
        active = _activate(work, sample)
        _compare(work, sample, active)
        if work.learning:
            _add_gradient(work, sample, active)
            if work.bandwidth > np.float32(0.0):
                _add_gradient_of_thresholds(work)
        else:
            _add_up(work, sample, active)
    if work.learning:
        adam(work.p, work.mean, work.square, work.gradient, size, work.recipe, work.step[0])
        _normalise(work)
        _keep_thresholds(work)


@subroutine
def _add(target, at, source, begin, factor, width):
    """Add a multiple of one vector to another."""
    for j in range(0, width, WIDTH):
        store(target, at + j, load(target, at + j) + spread(factor) * load(source, begin + j))


@subroutine
def _activate(work, sample):
    """Set f to E h + c, list the latents that are active, and return how many there are."""
    m, wide, bias = work.m, work.latents_padded, 2 * work.latents * work.m_padded
    for k in range(0, wide, WIDTH):
        total = load(work.p, bias + k)
        for j in range(m):
            h = splat(work.h, sample * work.m_padded + j)
            total += h * load(work.turned, j * wide + k)
        store(work.f, k, total)
    active, threshold = np.int64(0), _thresholds(work)
    for k in range(work.latents):
        if work.f[k] > work.p[threshold + k]:
            work.active[active] = k
            active += 1
    return _largest(work, active) if work.most < work.latents else active


@subroutine
def _thresholds(work):
    """Where θ begins among the parameters."""
    return 2 * work.latents * work.m_padded + work.latents_padded + work.m_padded


@subroutine
def _largest(work, active):
    """List only the largest of the active latents, in this order; of equals the first."""
    kept = np.int64(0)
    for a in range(active):
        k = work.active[a]
        place = kept
        if kept < work.most:
            kept += 1
        else:
            place -= 1
            if not work.f[work.active[place]] < work.f[k]:
                continue
        while place > 0 and work.f[work.active[place - 1]] < work.f[k]:
            work.active[place] = work.active[place - 1]
            place -= 1
        work.active[place] = k
    return kept


@subroutine
def _compare(work, sample, active):
    """Set the error to ĥ − h."""
    width, matrix = work.m_padded, work.latents * work.m_padded
    bias = 2 * matrix + work.latents_padded
    for j in range(0, width, WIDTH):
        store(work.error, j, load(work.p, bias + j) - load(work.h, sample * width + j))
    for a in range(active):
        k = work.active[a]
        _add(work.error, 0, work.p, matrix + k * width, work.f[k], width)


@subroutine
def _add_gradient(work, sample, active):
    """Add a sample's gradient of the mean of ‖h − ĥ‖² + λ Σ f."""
    width, matrix = work.m_padded, work.latents * work.m_padded
    scale = np.float32(2.0) / np.float32(work.samples)
    price = work.penalty / np.float32(work.samples)
    for a in range(active):
        k = work.active[a]
        g = scale * _along_error(work, k) + price
        _add(work.gradient, matrix + k * width, work.error, 0, scale * work.f[k], width)
        _add(work.gradient, k * width, work.h, sample * width, g, width)
        work.gradient[2 * matrix + k] += g
    _add(work.gradient, 2 * matrix + work.latents_padded, work.error, 0, scale, width)


@subroutine
def _along_error(work, k):
    """The product of the direction of a latent and the error."""
    width, matrix = work.m_padded, work.latents * work.m_padded
    slope = spread(np.float32(0.0))
    for j in range(0, width, WIDTH):
        slope += load(work.p, matrix + k * width + j) * load(work.error, j)
    return lane_sum(slope)


@subroutine
def _add_gradient_of_thresholds(work):
    """Add to that of θ what stands for a sample's gradient of ‖h − ĥ‖² + μ · active latents.

    Both jump where f reaches θ, so that there is none: a jump counts as a slope over a window, the
    bandwidth, around θ (Rajamanoharan et al. 2024: straight through, with a rectangle as kernel).
    """
    scale = np.float32(2.0) / np.float32(work.samples)
    price = work.price / np.float32(work.samples)
    threshold, half = _thresholds(work), np.float32(0.5) * work.bandwidth
    for k in range(work.latents):
        theta = work.p[threshold + k]
        beyond = work.f[k] - theta
        if -half < beyond and beyond < half:
            jump = theta * (scale * _along_error(work, k)) + price
            work.gradient[threshold + k] -= jump / work.bandwidth


@subroutine
def _add_up(work, sample, active):
    """Count which latents are active, and add up errors, lengths and activations."""
    for j in range(work.m):
        error, h = np.float64(work.error[j]), np.float64(work.h[sample * work.m_padded + j])
        work.totals[0] += error * error
        work.totals[1] += h * h
    for a in range(active):
        k = work.active[a]
        work.fired[k] += 1
        work.totals[2] += np.float64(work.f[k])


@subroutine
def _normalise(work):
    """Bring every row of D back to length 1."""
    width, matrix = work.m_padded, work.latents * work.m_padded
    for k in range(work.latents):
        squares = spread(np.float32(0.0))
        for j in range(0, width, WIDTH):
            row = load(work.p, matrix + k * width + j)
            squares += row * row
        length = square_root(spread(lane_sum(squares)))
        for j in range(0, width, WIDTH):
            at = matrix + k * width + j
            store(work.p, at, load(work.p, at) / length)


@subroutine
def _keep_thresholds(work):
    """Bring thresholds that have become negative back to 0."""
    threshold = _thresholds(work)
    for k in range(work.latents):
        if work.p[threshold + k] < np.float32(0.0):
            work.p[threshold + k] = np.float32(0.0)
