"""Draw samples of x, in compiled code; `features` says how, `drawing` and `tiles` ask for it."""

from typing import Any

import numpy as np
from numba import njit

from superposition.drawing import Drawing
from superposition.kernels.lanes import (
    bits_of,
    halve,
    if_at_most,
    load,
    lowest_bit,
    spread,
    store,
    to_float,
    which_reach,
)
from superposition.kernels.philox import draw_words
from superposition.kernels.workers import part, worker
from superposition.memory import WIDTH
from superposition.philox import BLOCK, MAGNITUDES, UNITS


@njit
def draw_every_unit(
    draws: Any, key: Any, step: Any, block: Any, room: Any, x: Any, start: Any
) -> None:
    """Draw a block of 64 samples into four chunks `[4, n, 16]` of `x`, from `start` on.

    Args:
        draws: Tables of the distribution.
        key: Philox key of the run.
        step: Training step.
        block: Block of samples.
        room: Working memory.
        x: Values.
        start: Where the first chunk begins.
    """
    drawn = np.int64(-1)
    words = worker() * BLOCK
    for i in part(0, draws.n, 1):
        if draws.slot[i] != drawn:
            drawn = np.int64(draws.slot[i])
            draw_words(key, UNITS, step, drawn, block, room.word, words)
        source = room.word
        if draws.own_magnitude[i] != 0:
            draw_words(key, MAGNITUDES, step, i, block, room.magnitude, words)
            source = room.magnitude
        first = spread(draws.first[i])
        last = spread(draws.last[i])
        scale = spread(draws.scale[i])
        for chunk in range(BLOCK // WIDTH):
            place = load(room.word, words + chunk * WIDTH) - first
            # A set of its own magnitudes begins at word 0, so `first` only shifts the others.
            height = halve(load(source, words + chunk * WIDTH) - first)
            value = to_float(height) * scale * spread(draws.span) + spread(draws.low)
            store(x, start + (chunk * draws.n + i) * WIDTH, if_at_most(place, last, value))


@njit
def draw_by_jumping(draws: Any, key: Any, step: Any, block: Any, samples: Any, room: Any) -> Any:
    """Draw the active features of the first `samples` samples of a block.

    Round r moves every sample that is still alive to its (r + 1)-th active feature: the first
    feature k, from the sample's position on, at which survival falls below u · survival[position].

    Returns:
        The number of active features, and the number of samples that have any: the first of the
        former.
    """
    draw_words(key, UNITS, step, 0, block, room.word, 0)
    living = np.int64(0)
    for chunk in range((samples + WIDTH - 1) // WIDTH):
        words = load(room.word, chunk * WIDTH)
        found = which_reach(words, spread(np.uint32(draws.empty_words)))
        while found != 0:
            s = chunk * WIDTH + lowest_bit(found)
            found &= found - 1
            # Lanes past the last sample come last, so they are cut off here.
            if s < samples:
                room.alive[living] = s
                room.position[s] = 0
                living += 1
    count, active = 0, living
    slot = 0
    while living > 0:
        if slot > 0:
            draw_words(key, UNITS, step, slot, block, room.word, 0)
        slot += 1
        kept = np.int64(0)
        for a in range(living):
            s = room.alive[a]
            start = np.int64(room.position[s])
            target = (np.float64(room.word[s]) + 1.0) * 2.0**-32 * draws.survival[start]
            if target <= draws.survival[draws.n]:
                continue
            range_of = (bits_of(target) >> draws.guide_shift) - draws.guide_first
            k = max(start, draws.guide[range_of])
            while draws.survival[k + 1] >= target:
                k += 1
            height = (draws.survival[k] - target) * draws.inverse_gap[k]
            room.sample[count] = s
            room.feature[count] = k
            room.value[count] = np.float32(min(height, 1.0)) * draws.span + draws.low
            count += 1
            room.position[s] = k + 1
            room.alive[kept] = s
            kept += 1
        living = kept
    return count, active


def draw(work: Drawing) -> int:
    """Draw samples of a step into x.

    If x has a row for every sample, empty ones stay; else only the others are written, one after
    the other, as long as there is room. Returns the number of samples that are not empty.
    """
    draws, room, x = work.draws, work.room, work.x
    n, found = draws.n, 0
    everything = work.rows == work.samples
    for block in range((work.samples + BLOCK - 1) // BLOCK):
        begin = block * BLOCK
        here = min(BLOCK, work.samples - begin)
        if draws.jumping:
            count, active = draw_by_jumping(draws, work.key, work.step, block, here, room)
            for j in range(active):
                # The first round lists every sample that is not empty once.
                room.position[room.sample[j]] = found + j
            for j in range(count):
                s = np.int64(room.sample[j])
                row = begin + s if everything else np.int64(room.position[s])
                if row < work.rows:
                    x[row * n + room.feature[j]] = room.value[j]
            found += active
            continue
        draw_every_unit(draws, work.key, work.step, block, room, room.drawn, 0)
        for sample in range(here):
            place = begin + sample if everything else found
            nonzero = 0
            for i in range(n):
                value = room.drawn[(sample // WIDTH * n + i) * WIDTH + sample % WIDTH]
                nonzero += int(value != np.float32(0.0))
                if place < work.rows:
                    x[place * n + i] = value
            found += int(nonzero > 0)
    return found
