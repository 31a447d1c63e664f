"""Draw samples of x from the tables of a distribution, a block of 64 at a time (see `features`)."""

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from superposition.compilation import EntryPoint
from superposition.features import Draws
from superposition.lanes import (
    WIDTH,
    aligned_zeros,
    bits_of,
    halve,
    if_at_most,
    load,
    lowest_bit,
    pointer,
    spread,
    store,
    to_float,
    which_reach,
)
from superposition.philox import BLOCK, MAGNITUDES, UNITS, draw_words


class Room(NamedTuple):
    """Working memory for drawing a block of samples: arrays, or in the kernel pointers to them."""

    word: NDArray[np.uint32]
    """Words of a unit, [64]."""
    magnitude: NDArray[np.uint32]
    """Words of a magnitude, [64]."""
    drawn: NDArray[np.float32]
    """Values `[4, n, 16]`, when drawing every unit."""
    alive: NDArray[np.int32]
    """Samples that may have further active features, [64]."""
    position: NDArray[np.int32]
    """For each sample, the feature after its last active one, [64]."""
    sample: NDArray[np.int32]
    """When jumping: sample of each active feature, in the order of drawing, [64 · n]."""
    feature: NDArray[np.int32]
    """Each active feature."""
    value: NDArray[np.float32]
    """Its value."""


def new_room(n_features: int) -> Room:
    """Return working memory for blocks of samples of n features."""
    return Room(
        word=aligned_zeros(BLOCK, np.uint32),
        magnitude=aligned_zeros(BLOCK, np.uint32),
        drawn=aligned_zeros(BLOCK * n_features, np.float32),
        alive=aligned_zeros(BLOCK, np.int32),
        position=aligned_zeros(BLOCK, np.int32),
        sample=aligned_zeros(BLOCK * n_features, np.int32),
        feature=aligned_zeros(BLOCK * n_features, np.int32),
        value=aligned_zeros(BLOCK * n_features, np.float32),
    )


@njit
def point_to_draws(draws: Any) -> Any:
    """Return a distribution with pointers in place of arrays."""
    return Draws(
        draws.n,
        draws.jumping,
        draws.sieved,
        pointer(draws.slot),
        pointer(draws.first),
        pointer(draws.last),
        pointer(draws.own_magnitude),
        pointer(draws.scale),
        draws.low,
        draws.span,
        draws.empty_words,
        pointer(draws.survival),
        pointer(draws.inverse_gap),
        pointer(draws.guide),
        draws.guide_shift,
        draws.guide_first,
    )


@njit
def point_to_room(room: Any) -> Any:
    """Return working memory with pointers in place of arrays."""
    return Room(
        pointer(room.word),
        pointer(room.magnitude),
        pointer(room.drawn),
        pointer(room.alive),
        pointer(room.position),
        pointer(room.sample),
        pointer(room.feature),
        pointer(room.value),
    )


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
    for i in range(draws.n):
        if draws.slot[i] != drawn:
            drawn = np.int64(draws.slot[i])
            draw_words(key, UNITS, step, drawn, block, room.word, 0)
        source = room.word
        if draws.own_magnitude[i] != 0:
            draw_words(key, MAGNITUDES, step, i, block, room.magnitude, 0)
            source = room.magnitude
        first = spread(draws.first[i])
        last = spread(draws.last[i])
        scale = spread(draws.scale[i])
        for chunk in range(BLOCK // WIDTH):
            place = load(room.word, chunk * WIDTH) - first
            # A set of its own magnitudes begins at word 0, so `first` only shifts the others.
            height = halve(load(source, chunk * WIDTH) - first)
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


@EntryPoint
def _draw_samples(
    draw_arrays: Any, key: Any, step: Any, first_block: Any, samples: Any, room_arrays: Any, x: Any
) -> Any:
    """Draw samples of a step, from a block on, into x `[samples or fewer, n]`.

    If x has a row for every sample, empty ones stay; else only the others are written, one after
    the other, as long as there is room. Returns the number of samples that are not empty.
    """
    draws, room = point_to_draws(draw_arrays), point_to_room(room_arrays)
    n, found = draws.n, np.int64(0)
    everything = x.shape[0] == samples
    for block in range((samples + BLOCK - 1) // BLOCK):
        begin = block * BLOCK
        here = min(BLOCK, samples - begin)
        if draws.jumping:
            count, active = draw_by_jumping(draws, key, step, first_block + block, here, room)
            for j in range(active):
                # The first round lists every sample that is not empty once.
                room.position[room.sample[j]] = found + j
            for j in range(count):
                s = np.int64(room.sample[j])
                row = begin + s if everything else np.int64(room.position[s])
                if row < x.shape[0]:
                    x[row, room.feature[j]] = room.value[j]
            found += active
            continue
        draw_every_unit(draws, key, step, first_block + block, room, room.drawn, 0)
        for sample in range(here):
            place = begin + sample if everything else found
            nonzero = 0
            for i in range(n):
                value = room.drawn[(sample // WIDTH * n + i) * WIDTH + sample % WIDTH]
                nonzero += int(value != np.float32(0.0))
                if place < x.shape[0]:
                    x[place, i] = value
            found += np.int64(nonzero > 0)
    return found


def draw_samples(draws: Draws, key: np.uint64, step: int, samples: int) -> NDArray[np.float32]:
    """Return x for samples 0 … samples − 1 of a step, `[samples, n]`: what training sees."""
    x = np.zeros((samples, draws.n), dtype=np.float32)
    _draw_samples(draws, key, step, 0, samples, new_room(draws.n), x)
    return x


def draw_active_samples(
    draws: Draws, key: np.uint64, step: int, samples: int
) -> NDArray[np.float32]:
    """Return those of samples 0 … samples − 1 of a step that are not empty, in order, `[k, n]`."""
    room, nothing = new_room(draws.n), np.zeros((0, draws.n), dtype=np.float32)
    # Drawn twice, first to count: cheaper than keeping the empty ones, which may be nearly all.
    count = _draw_samples(draws, key, step, 0, samples, room, nothing)
    x = np.zeros((count, draws.n), dtype=np.float32)
    _draw_samples(draws, key, step, 0, samples, room, x)
    return x
