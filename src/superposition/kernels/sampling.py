"""Draw samples of x; `superposition.sampling.distribution` says how."""

import numpy as np

from superposition.kernels.contracts.memory import WIDTH
from superposition.kernels.contracts.philox import BLOCK, MAGNITUDES, UNITS
from superposition.kernels.contracts.sampling import Sampling
from superposition.kernels.lanes import (
    bits_of,
    halve,
    if_at_most,
    load,
    lowest_bit,
    spread,
    square_root,
    store,
    to_float,
    which_reach,
)
from superposition.kernels.philox import draw_words
from superposition.kernels.subroutines import subroutine
from superposition.kernels.workers import (
    barrier,
    lane_barrier,
    lane_owns,
    share,
    worker,
)

_NOTHING = np.float32(1e-30)
"""Added to squared lengths: too little to change any, and an empty sample does not become 0/0."""


@subroutine
def draw_every_unit(distribution, key, step, block, scratch, x, start):
    """Draw a block of 64 samples into four chunks `[4, n, 16]` of `x`, from `start` on."""
    drawn = np.int64(-1)
    words = worker() * BLOCK
    for i in share(0, distribution.n, 1):
        if distribution.slot[i] != drawn:
            drawn = np.int64(distribution.slot[i])
            draw_words(key, UNITS, step, drawn, block, scratch.word, words)
        source = scratch.word
        if distribution.own_magnitude[i] != 0:
            draw_words(key, MAGNITUDES, step, i, block, scratch.magnitude, words)
            source = scratch.magnitude
        first = spread(distribution.first[i])
        last = spread(distribution.last[i])
        scale = spread(distribution.scale[i])
        for chunk in range(BLOCK // WIDTH):
            place = load(scratch.word, words + chunk * WIDTH) - first
            # A set of its own magnitudes begins at word 0, so `first` only shifts the others.
            height = halve(load(source, words + chunk * WIDTH) - first)
            value = to_float(height) * scale * spread(distribution.span) + spread(distribution.low)
            store(x, start + (chunk * distribution.n + i) * WIDTH, if_at_most(place, last, value))
    if distribution.normalised:
        barrier()
        _normalise(distribution.n, x, start)


@subroutine
def _normalise(n, x, start):
    """Divide the samples of a block, `[4, n, 16]` of `x` from `start` on, by their lengths."""
    for chunk in share(0, BLOCK // WIDTH, 1):
        first, squares = start + chunk * n * WIDTH, spread(_NOTHING)
        for at in range(first, first + n * WIDTH, WIDTH):
            value = load(x, at)
            squares += value * value
        factor = spread(np.float32(1.0)) / square_root(squares)
        for at in range(first, first + n * WIDTH, WIDTH):
            store(x, at, load(x, at) * factor)


@subroutine
def normalise_active(scratch, count):
    """Divide so many active features, drawn by jumping, by the lengths of their samples."""
    for at in range(0, BLOCK, WIDTH):
        store(scratch.length, at, spread(_NOTHING))
    lane_barrier()
    for j in range(count):
        if lane_owns(scratch.sample[j]):
            value = scratch.value[j]
            scratch.length[scratch.sample[j]] += value * value
    lane_barrier()
    for at in range(0, BLOCK, WIDTH):
        factor = spread(np.float32(1.0)) / square_root(load(scratch.length, at))
        store(scratch.length, at, factor)
    lane_barrier()
    for j in range(count):
        if lane_owns(scratch.sample[j]):
            scratch.value[j] *= scratch.length[scratch.sample[j]]
    lane_barrier()


@subroutine
def draw_by_jumping(distribution, key, step, block, samples, scratch):
    """Draw the active features of the first `samples` samples of a block.

    Round r moves every sample that is still alive to its (r + 1)-th active feature: the first
    feature k, from the sample's position on, at which survival falls below u · survival[position].
    Returns the numbers of active features and of samples that have any: the first of the former.
    """
    draw_words(key, UNITS, step, 0, block, scratch.word, 0)
    living = np.int64(0)
    for chunk in range((samples + WIDTH - 1) // WIDTH):
        words = load(scratch.word, chunk * WIDTH)
        found = which_reach(words, spread(np.uint32(distribution.empty_words)))
        while found != 0:
            s = chunk * WIDTH + lowest_bit(found)
            found &= found - 1
            # Lanes past the last sample come last, so they are cut off here.
            if s < samples:
                scratch.alive[living] = s
                scratch.position[s] = 0
                living += 1
    count, active = 0, living
    slot = 0
    while living > 0:
        if slot > 0:
            draw_words(key, UNITS, step, slot, block, scratch.word, 0)
        slot += 1
        kept = np.int64(0)
        for a in range(living):
            s = scratch.alive[a]
            start = np.int64(scratch.position[s])
            target = (np.float64(scratch.word[s]) + 1.0) * 2.0**-32 * distribution.survival[start]
            if target <= distribution.survival[distribution.n]:
                continue
            range_of = (bits_of(target) >> distribution.guide_shift) - distribution.guide_first
            k = max(start, distribution.guide[range_of])
            while distribution.survival[k + 1] >= target:
                k += 1
            height = (distribution.survival[k] - target) * distribution.inverse_gap[k]
            scratch.sample[count] = s
            scratch.feature[count] = k
            scratch.value[count] = (
                np.float32(min(height, 1.0)) * distribution.span + distribution.low
            )
            count += 1
            scratch.position[s] = k + 1
            scratch.alive[kept] = s
            kept += 1
        living = kept
    if distribution.normalised:
        normalise_active(scratch, count)
    return count, active


def draw(work: Sampling) -> int:
    """Draw samples of a step into x.

    If x has a row for every sample, empty ones stay; else only the others are written, one after
    the other, as long as there is room. Returns the number of samples that are not empty.
    """
    distribution, scratch, x = work.distribution, work.scratch, work.x
    n, found = distribution.n, 0
    everything = work.rows == work.samples
    for block in range((work.samples + BLOCK - 1) // BLOCK):
        begin = block * BLOCK
        here = min(BLOCK, work.samples - begin)
        if distribution.jumping:
            count, active = draw_by_jumping(distribution, work.key, work.step, block, here, scratch)
            for j in range(active):
                # The first round lists every sample that is not empty once.
                scratch.position[scratch.sample[j]] = found + j
            for j in range(count):
                s = np.int64(scratch.sample[j])
                row = begin + s if everything else np.int64(scratch.position[s])
                if row < work.rows:
                    x[row * n + scratch.feature[j]] = scratch.value[j]
            found += active
            continue
        draw_every_unit(distribution, work.key, work.step, block, scratch, scratch.drawn, 0)
        for sample in range(here):
            place = begin + sample if everything else found
            nonzero = 0
            for i in range(n):
                value = scratch.drawn[(sample // WIDTH * n + i) * WIDTH + sample % WIDTH]
                nonzero += int(value != np.float32(0.0))
                if place < work.rows:
                    x[place * n + i] = value
            found += int(nonzero > 0)
    return found
