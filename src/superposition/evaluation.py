"""Compare the runs of a cell on its evaluation sample, and export them together.

The loss is computed in float64 in an order that the source fixes, so that it, too, is the same
bytes everywhere. It is the plain loss on clean samples for every recipe: what training adds to it,
the penalty on activations and the attacks, is left out, so that recipes compare.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from superposition.compilation import EntryPoint
from superposition.memory import WIDTH, aligned_zeros
from superposition.model import MODELS
from superposition.parameters import join
from superposition.samples import EvaluationSample, SampleError, load_sample
from superposition.settings import Cell
from superposition.snapshots import Snapshots
from superposition.weights import Weights, WeightsError, gather, load, save


class Tiles(NamedTuple):
    """Samples as the kernel reads them, in tiles of sixteen; empty ones fill up the last."""

    n: int
    """Features."""
    number: int
    """How many tiles there are."""
    x: NDArray[np.float32]
    """Features `[tiles, n, 16]`."""
    row: NDArray[np.int32]
    """Features that are active in a tile, tile after tile."""
    first_row: NDArray[np.int64]
    """Where those of a tile begin, [tiles + 1]."""


class Comparison(NamedTuple):
    """A model and samples, to be compared with what it makes of them."""

    tiles: Tiles
    """The samples."""
    m: int
    """Hidden dimensions."""
    encoder: NDArray[np.float64]
    """W by feature, `[n, m]`."""
    decoder: NDArray[np.float64]
    """W_out, `[n, m]`."""
    b: NDArray[np.float64]
    """Biases, [n]."""
    c: NDArray[np.float64]
    """Hidden biases, [m]; zero where a model has none."""
    relu_hidden: bool
    """f is ReLU."""
    relu_output: bool
    """g is ReLU."""
    absolute: bool
    """The target is |x|."""
    h: NDArray[np.float64]
    """Working memory: hidden activations of a tile, `[m, 16]`."""
    lanes: NDArray[np.float64]
    """Working memory: sums of errors, lane by lane, `[n, 16]`."""
    errors: NDArray[np.float64]
    """Where to write Σ_samples (t_i − y_i)², [n]."""


def _sum_errors() -> Callable[[Comparison], None]:
    from superposition.kernels.evaluation import squared_errors

    return squared_errors


_squared_errors = EntryPoint(Comparison, _sum_errors)


def lay_in_tiles(sample: EvaluationSample) -> Tiles:
    """Return the samples that are not empty, for the kernel."""
    stored, n = sample.x.shape
    number = -(-stored // WIDTH)
    filled = np.zeros((number * WIDTH, n), dtype=np.float32)
    filled[:stored] = sample.x
    x = np.ascontiguousarray(filled.reshape(number, WIDTH, n).transpose(0, 2, 1))
    tile, row = np.nonzero(x.any(axis=2))
    first_row = np.searchsorted(tile, np.arange(number + 1))
    return Tiles(n, number, x, row.astype(np.int32), first_row.astype(np.int64))


def losses(
    weights: Weights, sample: EvaluationSample, tiles: Tiles | None = None
) -> NDArray[np.float64]:
    """Return each run's loss `[runs]`: I_i (t_i − y_i)² meaned over samples and features i.

    Args:
        weights: Runs of a cell.
        sample: What to compare them on.
        tiles: The sample's tiles, if they are at hand.
    """
    tiles = tiles or lay_in_tiles(sample)
    model = MODELS[weights.cell.model.model]
    importance = np.array(weights.cell.model.importance)
    # Tiles were filled up with empty samples, which are then counted too often here.
    empty = sample.samples - tiles.number * WIDTH
    n, m = tiles.n, weights.cell.model.n_hidden
    found = np.zeros(len(weights.runs))
    for run in range(len(weights.runs)):
        encoder = np.ascontiguousarray(weights.W[run].T, dtype=np.float64)
        b = weights.b[run].astype(np.float64)
        hidden_bias = weights.hidden_bias
        c = np.zeros(m) if hidden_bias is None else hidden_bias[run].astype(np.float64)
        work = Comparison(
            tiles=tiles,
            m=m,
            encoder=encoder,
            decoder=encoder if weights.W_out is None else weights.W_out[run].astype(np.float64),
            b=b,
            c=c,
            relu_hidden=model.relu_hidden,
            relu_output=model.relu_output,
            absolute=model.absolute,
            h=aligned_zeros(m * WIDTH, np.float64),
            lanes=aligned_zeros(n * WIDTH, np.float64),
            errors=np.zeros(n),
        )
        _squared_errors(work)
        y = b if hidden_bias is None else _pre_activations_of_nothing(work)
        y = np.maximum(y, 0.0) if model.relu_output else y
        terms = importance * (work.errors + empty * (y * y))
        # One after the other: numpy's own sum may group its terms differently elsewhere.
        found[run] = float(np.cumsum(terms)[-1]) / (sample.samples * n)
    return found


def _pre_activations_of_nothing(work: Comparison) -> NDArray[np.float64]:
    """Return W_out f(c) + b, [n]: what the outputs of an empty sample are made of."""
    h = np.maximum(work.c, 0.0) if work.relu_hidden else work.c
    y = work.b
    for k in range(work.m):
        y = y + work.decoder[:, k] * h[k]
    return y


def export(
    run_files: Sequence[Path | str],
    sample_file: Path | str,
    output: Path | str,
    settings: str | None = None,
) -> Weights:
    """Put the runs of a cell together, compare them on its evaluation sample, write the weights.

    Args:
        run_files: Trained runs.
        sample_file: Evaluation sample.
        output: Weights file to write.
        settings: What the runs must have been trained with (`Cell.trained_with`); the settings of
            the first file unless told.

    Raises:
        WeightsError: If a file was trained with other settings.
        SampleError: If the sample is of another distribution.
    """
    parts = [load(file) for file in run_files]
    cell = parts[0].cell
    wanted = settings or cell.trained_with()
    for file, part in zip(run_files, parts, strict=True):
        if part.cell.trained_with() != wanted:
            raise WeightsError(
                f"{file}: trained with other settings than those of this cell in the "
                "configuration (by hand, perhaps). Delete it and run make: only this file is "
                "trained again."
            )
    sample = load_sample(sample_file)
    if sample.features != cell.features or sample.seed != cell.seed:
        raise SampleError(
            f"{sample_file}: drawn from another distribution than {run_files[0]} was trained on. "
            "Run make: it draws what is out of date."
        )
    runs = sum(len(part.runs) for part in parts)
    changes = {"runs": runs, "evaluation_samples": sample.samples}
    finished = compare(cell.model_copy(update=changes), parts, sample)
    save(output, finished)
    return finished


def compare(cell: Cell, parts: Sequence[Weights], sample: EvaluationSample) -> Weights:
    """Put runs of a cell one behind the other, with their losses on its evaluation sample.

    Args:
        cell: Settings of them all.
        parts: Some runs each.
        sample: What to compare them on.
    """
    points = zip(*(part.points() for part in parts), strict=True)
    tiles = lay_in_tiles(sample)
    return gather(cell, [_compare(point, sample, tiles) for point in points])


def _compare(parts: Sequence[Weights], sample: EvaluationSample, tiles: Tiles) -> Weights:
    """Put runs of one point one behind the other, with their losses."""
    runs = tuple(run for part in parts for run in part.runs)
    snapshots = Snapshots.joined([part.snapshots for part in parts])
    weights = Weights(parts[0].cell, runs, join([part.final for part in parts]), None, snapshots)
    earlier = [losses(replace(weights, final=p), sample, tiles) for p in snapshots.values()]
    return replace(
        weights,
        loss=losses(weights, sample, tiles),
        snapshot_loss=np.stack(earlier) if earlier else None,
    )
