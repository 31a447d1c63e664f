"""Drawing by jumping with a sample to each lane; `kernels.sampling` says what is drawn."""

import numpy as np
from numba import cuda

from superposition.kernels.contracts.memory import WIDTH
from superposition.kernels.contracts.philox import UNITS
from superposition.kernels.lanes import bits_of, load
from superposition.kernels.philox import draw_words
from superposition.kernels.sampling import normalise_active
from superposition.training.cuda.intrinsics import lane, which_lanes, worker
from superposition.training.cuda.workers import barrier, lane_barrier


def draw_by_jumping(distribution, key, step, block, samples, scratch):
    """Draw the active features of the first `samples` samples of a block.

    The lists are in the order of `kernels.sampling.draw_by_jumping`: by round, then by sample. One
    worker draws them; all get the number of active features, and of samples that have any.
    """
    if worker() == 0:
        _draw(distribution, key, step, block, samples, scratch)
    barrier()
    count, active = np.int64(scratch.counts[0]), np.int64(scratch.counts[1])
    barrier()
    return count, active


def _draw(distribution, key, step, block, samples, scratch):
    draw_words(key, UNITS, step, 0, block, scratch.word, 0)
    living = np.int64(0)
    for chunk in range((samples + WIDTH - 1) // WIDTH):
        s = chunk * WIDTH + lane()
        reached = (
            load(scratch.word, chunk * WIDTH) >= np.uint32(distribution.empty_words) and s < samples
        )
        found = which_lanes(reached)
        if reached:
            scratch.alive[living + _before(found)] = s
            scratch.position[s] = 0
        living += cuda.popc(found)
    lane_barrier()
    count, active = np.int64(0), living
    slot = np.int64(0)
    while living > 0:
        if slot > 0:
            draw_words(key, UNITS, step, slot, block, scratch.word, 0)
            lane_barrier()
        slot += 1
        kept = np.int64(0)
        for first in range(0, living, WIDTH):
            s, start, target = np.int64(0), np.int64(0), np.float64(0.0)
            if first + lane() < living:
                s = np.int64(scratch.alive[first + lane()])
                start = np.int64(scratch.position[s])
                target = (
                    (np.float64(scratch.word[s]) + 1.0) * 2.0**-32 * distribution.survival[start]
                )
            goes_on = target > distribution.survival[distribution.n] and first + lane() < living
            found = which_lanes(goes_on)
            # All lanes have read from the list before any writes to it.
            lane_barrier()
            if goes_on:
                range_of = (bits_of(target) >> distribution.guide_shift) - distribution.guide_first
                k = max(start, np.int64(distribution.guide[range_of]))
                while distribution.survival[k + 1] >= target:
                    k += 1
                height = (distribution.survival[k] - target) * distribution.inverse_gap[k]
                place = count + _before(found)
                scratch.sample[place] = s
                scratch.feature[place] = k
                scratch.value[place] = (
                    np.float32(min(height, 1.0)) * distribution.span + distribution.low
                )
                scratch.position[s] = k + 1
                scratch.alive[kept + _before(found)] = s
            count += cuda.popc(found)
            kept += cuda.popc(found)
            lane_barrier()
        living = kept
    if distribution.normalised:
        normalise_active(scratch, count)
    if lane() == 0:
        scratch.counts[0] = count
        scratch.counts[1] = active


def _before(found):
    """How many of the lanes before this one are set."""
    return np.int64(cuda.popc(found & ((np.int64(1) << lane()) - 1)))
