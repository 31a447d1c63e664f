"""Drawing by jumping with a sample to each lane; `kernels.drawing` says what is drawn."""

from typing import Any

import numpy as np
from numba import cuda

from superposition.cuda.threads import lane, which_lanes, worker
from superposition.cuda.workers import meet, meet_lanes
from superposition.kernels.lanes import bits_of, load
from superposition.kernels.philox import draw_words
from superposition.memory import WIDTH
from superposition.philox import UNITS


def draw_by_jumping(draws: Any, key: Any, step: Any, block: Any, samples: Any, room: Any) -> Any:
    """Draw the active features of the first `samples` samples of a block.

    The lists are in the order of `kernels.drawing.draw_by_jumping`: by round, then by sample. One
    worker draws them; all get the number of active features, and of samples that have any.
    """
    if worker() == 0:
        _draw(draws, key, step, block, samples, room)
    meet()
    count, active = np.int64(room.counts[0]), np.int64(room.counts[1])
    meet()
    return count, active


def _draw(draws: Any, key: Any, step: Any, block: Any, samples: Any, room: Any) -> None:
    draw_words(key, UNITS, step, 0, block, room.word, 0)
    living = np.int64(0)
    for chunk in range((samples + WIDTH - 1) // WIDTH):
        s = chunk * WIDTH + lane()
        reached = load(room.word, chunk * WIDTH) >= np.uint32(draws.empty_words) and s < samples
        found = which_lanes(reached)
        if reached:
            room.alive[living + _before(found)] = s
            room.position[s] = 0
        living += cuda.popc(found)
    meet_lanes()
    count, active = np.int64(0), living
    slot = np.int64(0)
    while living > 0:
        if slot > 0:
            draw_words(key, UNITS, step, slot, block, room.word, 0)
            meet_lanes()
        slot += 1
        kept = np.int64(0)
        for first in range(0, living, WIDTH):
            s, start, target = np.int64(0), np.int64(0), np.float64(0.0)
            if first + lane() < living:
                s = np.int64(room.alive[first + lane()])
                start = np.int64(room.position[s])
                target = (np.float64(room.word[s]) + 1.0) * 2.0**-32 * draws.survival[start]
            goes_on = target > draws.survival[draws.n] and first + lane() < living
            found = which_lanes(goes_on)
            # All lanes have read from the list before any writes to it.
            meet_lanes()
            if goes_on:
                range_of = (bits_of(target) >> draws.guide_shift) - draws.guide_first
                k = max(start, np.int64(draws.guide[range_of]))
                while draws.survival[k + 1] >= target:
                    k += 1
                height = (draws.survival[k] - target) * draws.inverse_gap[k]
                place = count + _before(found)
                room.sample[place] = s
                room.feature[place] = k
                room.value[place] = np.float32(min(height, 1.0)) * draws.span + draws.low
                room.position[s] = k + 1
                room.alive[kept + _before(found)] = s
            count += cuda.popc(found)
            kept += cuda.popc(found)
            meet_lanes()
        living = kept
    if lane() == 0:
        room.counts[0] = count
        room.counts[1] = active


def _before(found: Any) -> Any:
    """Return how many of the lanes before this one are set."""
    return np.int64(cuda.popc(found & ((np.int64(1) << lane()) - 1)))
