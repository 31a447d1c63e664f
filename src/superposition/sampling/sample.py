"""Samples of x: any batch that any run has seen, and those on which runs are compared.

Training draws endless fresh batches, or cycles through a data set, which are a run's first samples;
runs are compared on a fixed sample of the same distribution.
All are drawn from the tables of `distribution`, in blocks of 64.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from superposition.base.canonical import canonical_json
from superposition.config.settings import Cell, FeatureSettings
from superposition.kernels.compilation import EntryPoint
from superposition.kernels.contracts.evaluation import Tiles
from superposition.kernels.contracts.memory import WIDTH, aligned_zeros
from superposition.kernels.contracts.philox import BLOCK
from superposition.kernels.contracts.sampling import Distribution, Sampling, Scratch
from superposition.sampling.distribution import tabulate
from superposition.sampling.philox import key_of, run_key
from superposition.sampling.schedule import stage_at


def new_scratch(n_features: int, workers: int = 1) -> Scratch:
    """Memory for blocks of samples of n features, drawn by so many workers together."""
    return Scratch(
        word=aligned_zeros(BLOCK * workers, np.uint32),
        magnitude=aligned_zeros(BLOCK * workers, np.uint32),
        drawn=aligned_zeros(BLOCK * n_features, np.float32),
        alive=aligned_zeros(BLOCK, np.int32),
        position=aligned_zeros(BLOCK, np.int32),
        sample=aligned_zeros(BLOCK * n_features, np.int32),
        feature=aligned_zeros(BLOCK * n_features, np.int32),
        value=aligned_zeros(BLOCK * n_features, np.float32),
        length=aligned_zeros(BLOCK, np.float32),
        counts=aligned_zeros(2, np.int64),
    )


_draw = EntryPoint(Sampling, "sampling.draw")


def draw_samples(
    distribution: Distribution, key: np.uint64, step: int, samples: int
) -> NDArray[np.float32]:
    """Samples x of a step, from the first on, `[samples, n]`: what training sees."""
    x = np.zeros((samples, distribution.n), dtype=np.float32)
    _draw(Sampling(distribution, key, step, samples, new_scratch(distribution.n), samples, x))
    return x


def draw_active_samples(
    distribution: Distribution, key: np.uint64, step: int, samples: int
) -> NDArray[np.float32]:
    """Those of `draw_samples` that are not empty, in order, `[k, n]`."""
    x = np.zeros((0, distribution.n), dtype=np.float32)
    work = Sampling(distribution, key, step, samples, new_scratch(distribution.n), 0, x)
    # Drawn twice, first to count: cheaper than keeping the empty ones, which may be nearly all.
    x = np.zeros((_draw(work), distribution.n), dtype=np.float32)
    _draw(work._replace(rows=len(x), x=x))
    return x


def batch(cell: Cell, run: int, step: int) -> NDArray[np.float32]:
    """The batch that a run sees at a step (from 0), `[batch, n]`; before any attack."""
    features, samples = stage_at(cell, step)
    if examples := cell.training.examples:
        numbers = np.arange(step * samples, (step + 1) * samples) % examples
        return data_set(cell, run).x[numbers]
    return draw_samples(tabulate(features), run_key(cell, run), step, samples)


@dataclass(frozen=True)
class DataSet:
    """All samples that a run ever sees, where they are finite; drawn when they are asked for."""

    features: FeatureSettings
    """The distribution they are from."""
    key: int
    """The run's key."""
    examples: int
    """Number of samples T."""

    @property
    def x(self) -> NDArray[np.float32]:
        """The samples, `[T, n]`."""
        return _first_samples(self.features, self.key, self.examples)


def data_set(cell: Cell, run: int) -> DataSet:
    """The data set of a run: what its first batch would be if it were as large."""
    return DataSet(cell.features, int(run_key(cell, run)), cell.training.examples)


@lru_cache(maxsize=1)
def _first_samples(features: FeatureSettings, key: int, samples: int) -> NDArray[np.float32]:
    x = draw_samples(tabulate(features), np.uint64(key), 0, samples)
    x.flags.writeable = False
    return x


@dataclass(frozen=True)
class EvaluationSample:
    """A fixed sample of x, on which runs are compared; empty samples are counted, not stored."""

    features: FeatureSettings
    """The distribution it was drawn from."""
    samples: int
    """Number of samples, the empty ones (x = 0) included."""
    x: NDArray[np.float32]
    """The samples that are not empty, `[k, n]`, in the order in which they were drawn."""

    @property
    def empty(self) -> int:
        """Number of samples without any active feature."""
        return self.samples - len(self.x)

    @cached_property
    def tiles(self) -> Tiles:
        """The samples that are not empty, as the kernel reads them."""
        stored, n = self.x.shape
        number = -(-stored // WIDTH)
        filled = np.zeros((number * WIDTH, n), dtype=np.float32)
        filled[:stored] = self.x
        x = in_tiles(filled)
        tile, row = np.nonzero(x.any(axis=2))
        first_row = np.searchsorted(tile, np.arange(number + 1))
        return Tiles(n, number, x, row.astype(np.int32), first_row.astype(np.int64))


def in_tiles(x: NDArray[Any]) -> NDArray[Any]:
    """Samples `[k, n]` as kernels read them side by side, `[tiles, n, WIDTH]`."""
    return np.ascontiguousarray(x.reshape(-1, WIDTH, x.shape[1]).transpose(0, 2, 1))


# Cells of one density follow each other, so the last one is what is asked for again.
@lru_cache(maxsize=1)
def evaluation_sample(features: FeatureSettings, seed: int, samples: int) -> EvaluationSample:
    """The evaluation sample of a distribution, by the seed of the experiment."""
    identity = canonical_json({"features": features, "seed": seed, "use": "evaluation"})
    x = draw_active_samples(tabulate(features), key_of(identity), 0, samples)
    return EvaluationSample(features, samples, x)
