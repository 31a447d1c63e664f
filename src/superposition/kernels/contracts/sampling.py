"""Samples of x: the tables of a distribution, and where samples are to be written."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Distribution(NamedTuple):
    """A distribution of x, as compiled code reads it."""

    n: int
    jumping: bool
    """Whether samples are drawn by jumping."""
    sieved: bool
    """Whether empty samples are common enough to be set aside."""
    slot: NDArray[np.uint32]
    """Unit of each feature, [n]."""
    first: NDArray[np.uint32]
    """First word of the unit that activates a feature, [n]."""
    last: NDArray[np.uint32]
    """Last such word, counted from `first`, [n]."""
    own_magnitude: NDArray[np.uint8]
    """1 if the magnitude needs a word of its own (members of correlated sets), [n]."""
    scale: NDArray[np.float32]
    """What turns half a word into a number in [0, 1], [n]."""
    low: np.float32
    """Smallest value of an active feature."""
    span: np.float32
    """Largest value minus the smallest."""
    normalised: bool
    """Whether samples are divided by their lengths."""
    empty_words: int
    """When jumping: a sample whose first word is below this is empty."""
    survival: NDArray[np.float64]
    """Probability that features 0 … i − 1 are all inactive, [n + 1]."""
    inverse_gap: NDArray[np.float64]
    """1 / (survival[i] − survival[i + 1]), [n]."""
    guide: NDArray[np.int64]
    """For each range of a jump's target, the first feature it can reach."""
    guide_shift: int
    """Bits of a target that its range does not depend on: ranges are finer for smaller targets."""
    guide_first: int
    """Remaining bits of the first range's targets."""


class Scratch(NamedTuple):
    """Memory for drawing a block of samples."""

    word: NDArray[np.uint32]
    """Words of a unit, [64] for each worker."""
    magnitude: NDArray[np.uint32]
    """Words of a magnitude, [64] for each worker."""
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
    length: NDArray[np.float32]
    """When jumping: lengths of the samples of a block, [64]."""
    counts: NDArray[np.int64]
    """How many active features, and how many samples that have any, for other workers to know."""


class Sampling(NamedTuple):
    """Samples to be drawn."""

    distribution: Distribution
    key: np.uint64
    step: int
    samples: int
    """How many samples, from the first on."""
    scratch: Scratch
    """Memory for a block."""
    rows: int
    """Rows of x: as many as samples, or if fewer, only samples that are not empty are written."""
    x: NDArray[np.float32]
    """Where to write, `[rows, n]`; zero."""
