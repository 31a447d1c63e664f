"""Adversarial training in the fused kernel: its memory, and how long the attacks are."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from superposition.attacks import mean_input_norm
from superposition.memory import WIDTH, aligned_zeros
from superposition.settings import Cell
from superposition.training.layout import TILE, Network, padded


class Attack(NamedTuple):
    """What attacks a run, and working memory; next to none where nothing does."""

    on: bool
    """Whether samples are attacked."""
    length: np.float32
    """Length of an attack."""
    n_padded: int
    """Features in memory, n̄: a multiple of 16."""
    by_hidden: NDArray[np.float32]
    """W by hidden dimension `[m, n̄]`."""
    table: NDArray[np.float32]
    """The attack on each feature `[n, n̄]`."""
    norm: NDArray[np.float32]
    """Length of a row of WᵀW, [16] times the same, for each worker."""
    feature: NDArray[np.int32]
    """Feature that is attacked in each sample of a tile."""
    by_sample: NDArray[np.float32]
    """Attacks on the samples of a chunk `[16, n̄]`, for each worker."""
    by_feature: NDArray[np.float32]
    """The same `[n̄, 16]`."""


def attack_length(cell: Cell) -> float:
    """Return the length of an attack on a sample; 0 if there is none."""
    strength = cell.training.attack
    return strength * mean_input_norm(cell.features) if strength else 0.0


def new_attack(net: Network, length: float, workers: int = 1) -> Attack:
    """Return the tables of attacks of a length, for as many workers (`kernels.workers`)."""
    on = length > 0.0
    wide = padded(net.n) if on else 0
    chunk = workers * WIDTH * wide
    floats = (net.m * wide, net.n * wide, workers * WIDTH, chunk, chunk)
    by_hidden, table, norm, by_sample, by_feature = (aligned_zeros(k, np.float32) for k in floats)
    return Attack(
        on=on,
        length=np.float32(length),
        n_padded=wide,
        by_hidden=by_hidden,
        table=table,
        norm=norm,
        feature=aligned_zeros(TILE * WIDTH, np.int32),
        by_sample=by_sample,
        by_feature=by_feature,
    )
