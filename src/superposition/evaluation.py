"""Compare the runs of a cell on its evaluation sample, and export them together.

The loss is computed in float64 in an order that the source fixes, so that it, too, is the same
bytes everywhere.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from superposition.compilation import EntryPoint
from superposition.model import MODELS
from superposition.samples import EvaluationSample, SampleError, load_sample
from superposition.weights import Weights, WeightsError, gather, join, load, save


class Comparison(NamedTuple):
    """A model and samples, to be compared with what it makes of them."""

    n: int
    """Features."""
    m: int
    """Hidden dimensions."""
    W: NDArray[np.float64]
    """Weights by feature, `[n, m]`."""
    decoder: NDArray[np.float64]
    """W_out by hidden dimension, `[m, n]`."""
    b: NDArray[np.float64]
    """Biases, [n]."""
    relu_hidden: bool
    """f is ReLU."""
    relu_output: bool
    """g is ReLU."""
    absolute: bool
    """The target is |x|."""
    samples: int
    """Number of samples."""
    x: NDArray[np.float64]
    """Samples, `[samples, n]`."""
    h: NDArray[np.float64]
    """Working memory, [m]."""
    y: NDArray[np.float64]
    """Working memory, [n]."""
    errors: NDArray[np.float64]
    """Where to write Σ_samples (t_i − y_i)², [n]."""


def _sum_errors() -> Callable[[Comparison], None]:
    from superposition.kernels.evaluation import squared_errors

    return squared_errors


_squared_errors = EntryPoint(Comparison, _sum_errors)


def losses(weights: Weights, sample: EvaluationSample) -> NDArray[np.float64]:
    """Return each run's loss `[runs]`: I_i (t_i − y_i)² meaned over samples and features i."""
    model = MODELS[weights.cell.model.model]
    importance = np.array(weights.cell.model.importance)
    x = sample.x.astype(np.float64)
    found = np.zeros(len(weights.runs))
    for run in range(len(weights.runs)):
        W = np.ascontiguousarray(weights.W[run].T, dtype=np.float64)
        decoder = W.T if weights.W_out is None else weights.W_out[run].T
        n, m = W.shape
        work = Comparison(
            n=n,
            m=m,
            W=W,
            decoder=np.ascontiguousarray(decoder, dtype=np.float64),
            b=weights.b[run].astype(np.float64),
            relu_hidden=model.relu_hidden,
            relu_output=model.relu_output,
            absolute=model.absolute,
            samples=len(x),
            x=x,
            h=np.zeros(m),
            y=np.zeros(n),
            errors=np.zeros(n),
        )
        empty = work._replace(samples=1, x=np.zeros((1, n)), errors=np.zeros(n))
        _squared_errors(work)
        _squared_errors(empty)
        terms = importance * (work.errors + sample.empty * empty.errors)
        # One after the other: numpy's own sum may group its terms differently elsewhere.
        found[run] = float(np.cumsum(terms)[-1]) / (sample.samples * n)
    return found


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
    points = zip(*(part.points() for part in parts), strict=True)
    finished = gather(
        cell.model_copy(update=changes), [_compare(point, sample) for point in points]
    )
    save(output, finished)
    return finished


def _compare(parts: Sequence[Weights], sample: EvaluationSample) -> Weights:
    """Put runs of one point one behind the other, with their losses."""
    runs = tuple(run for part in parts for run in part.runs)
    snapshots = {s: join([part.snapshots[s] for part in parts]) for s in parts[0].snapshots}
    weights = Weights(parts[0].cell, runs, join([part.final for part in parts]), None, snapshots)
    return replace(weights, loss=losses(weights, sample))
